-- Tables and materialized views with their indexes and TOAST.
SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::int8
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_t%'
