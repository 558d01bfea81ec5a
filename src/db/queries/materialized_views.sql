-- Materialized views, those that others are made from first; views in between count.
WITH RECURSIVE made_from AS (
    SELECT DISTINCT w.ev_class AS view, d.refobjid AS source
    FROM pg_rewrite w
    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
    WHERE d.refobjid <> w.ev_class
), depth AS (
    SELECT c.oid, 0 AS depth FROM pg_class c WHERE c.relkind = 'm'
    UNION
    SELECT m.view, d.depth + 1 FROM depth d JOIN made_from m ON m.source = d.oid
)
SELECT n.nspname::text, c.relname::text
FROM depth d
JOIN pg_class c ON c.oid = d.oid AND c.relkind = 'm'
JOIN pg_namespace n ON n.oid = c.relnamespace
GROUP BY n.nspname, c.relname
ORDER BY max(d.depth), n.nspname, c.relname
