-- Columns of the user tables in their order, with what ANALYZE left about them; of a partitioned table, what it left over all partitions.
SELECT n.nspname::text,
       c.relname::text,
       a.attname::text,
       format_type(a.atttypid, a.atttypmod),
       s.n_distinct::float8,
       s.correlation::float8,
       s.avg_width::float8
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_toast%'
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname AND s.inherited = (c.relkind = 'p')
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
ORDER BY n.nspname, c.relname, a.attnum
