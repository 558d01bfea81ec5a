-- Types of the user tables' columns and what is inside them, each with the type under a domain, of an array's elements, or of a
-- range's bounds. Servers before version 14 know no multiranges, hence the detour by JSON.
WITH RECURSIVE inside AS (
    SELECT t.oid,
           t.typbasetype AS base,
           CASE WHEN t.typcategory = 'A' AND t.typname NOT IN ('int2vector', 'oidvector') THEN t.typelem ELSE coalesce(r.rngsubtype, 0) END AS element,
           CASE WHEN t.typcategory = 'A' AND t.typname NOT IN ('int2vector', 'oidvector') THEN 'array' WHEN r.rngtypid = t.oid THEN 'range' ELSE 'multirange' END AS container
    FROM pg_type t
    LEFT JOIN pg_range r ON t.oid IN (r.rngtypid, (to_jsonb(r) ->> 'rngmultitypid')::oid)
), used AS (
    SELECT a.atttypid AS oid
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    WHERE a.attnum > 0 AND NOT a.attisdropped
    UNION
    SELECT next.oid
    FROM used
    JOIN inside i ON i.oid = used.oid
    CROSS JOIN LATERAL (VALUES (i.base), (i.element)) AS next (oid)
    WHERE next.oid <> 0
)
SELECT t.oid::int8,
       format_type(t.oid, NULL),
       t.typname::text,
       i.base::int8,
       i.element::int8,
       i.container,
       t.typtypmod,
       ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder),
       ARRAY(SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c' ORDER BY k.conname)
FROM used
JOIN pg_type t ON t.oid = used.oid
JOIN inside i ON i.oid = t.oid
