-- What the server keeps about the user tables for its planner, beside their definition: pages now, rows changed since the last
-- ANALYZE as far as this server counted them, whether ANALYZE left anything, and the key of partitioned ones.
SELECT n.nspname::text,
       c.relname::text,
       CASE WHEN c.relkind <> 'p' THEN (pg_relation_size(c.oid) / current_setting('block_size')::int8)::float8 END,
       pg_stat_get_mod_since_analyze(c.oid)::float8,
       EXISTS (SELECT FROM pg_stats s WHERE s.schemaname = n.nspname AND s.tablename = c.relname),
       pg_get_partkeydef(c.oid)
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_toast%'
WHERE c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition AND c.relpersistence <> 't'
ORDER BY n.nspname, c.relname
