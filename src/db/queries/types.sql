-- Types of the user tables' columns and what is inside them, each with the type under a domain, of an array's elements, or of a
-- range's bounds. Servers before version 14 know no multiranges, hence the detour by JSON.
-- Labels and checks are gathered once and joined: a subquery for each of the rows that the planner expects of a recursion makes it
-- compile the statement (jit_above_cost), which takes longer than all the rest.
WITH RECURSIVE ranges AS MATERIALIZED (
    SELECT r.rngtypid, r.rngsubtype, (to_jsonb(r) ->> 'rngmultitypid')::oid AS rngmultitypid FROM pg_range r
), inside AS (
    SELECT t.oid,
           t.typbasetype AS base,
           CASE WHEN t.typcategory = 'A' AND t.typname NOT IN ('int2vector', 'oidvector') THEN t.typelem ELSE coalesce(r.rngsubtype, 0) END AS element,
           CASE WHEN t.typcategory = 'A' AND t.typname NOT IN ('int2vector', 'oidvector') THEN 'array' WHEN r.rngtypid = t.oid THEN 'range' ELSE 'multirange' END AS container
    FROM pg_type t
    LEFT JOIN ranges r ON t.oid IN (r.rngtypid, r.rngmultitypid)
), used AS (
    SELECT a.atttypid AS oid
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    WHERE a.attnum > 0 AND NOT a.attisdropped
    UNION
    SELECT next.oid
    FROM used
    JOIN inside i ON i.oid = used.oid
    CROSS JOIN LATERAL (VALUES (i.base), (i.element)) AS next (oid)
    WHERE next.oid <> 0
), labels AS (
    SELECT e.enumtypid AS oid, array_agg(e.enumlabel::text ORDER BY e.enumsortorder) AS list FROM pg_enum e GROUP BY e.enumtypid
), checks AS (
    SELECT k.contypid AS oid, array_agg(pg_get_constraintdef(k.oid) ORDER BY k.conname) AS list
    FROM pg_constraint k
    WHERE k.contype = 'c' AND k.contypid <> 0
    GROUP BY k.contypid
)
SELECT t.oid::int8,
       format_type(t.oid, NULL),
       t.typname::text,
       i.base::int8,
       i.element::int8,
       i.container,
       t.typtypmod,
       coalesce(labels.list, '{}'),
       coalesce(checks.list, '{}')
FROM used
JOIN pg_type t ON t.oid = used.oid
JOIN inside i ON i.oid = t.oid
LEFT JOIN labels ON labels.oid = t.oid
LEFT JOIN checks ON checks.oid = t.oid
