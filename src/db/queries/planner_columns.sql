-- Columns of the user tables and materialized views in their order, with what ANALYZE left about them; of a partitioned table, what it left over all partitions.
SELECT n.nspname::text,
       c.relname::text,
       a.attname::text,
       format_type(a.atttypid, a.atttypmod),
       s.n_distinct::float8,
       s.correlation::float8,
       s.avg_width::float8,
       s.null_frac::float8,
       CASE WHEN y.typdelim = ',' THEN (s.most_common_vals::text::text[])[1:10] END,
       s.most_common_freqs[1:10]::float8[],
       -- The database's own collation is named there, not in pg_collation; from version 15 on ICU may stand in for it.
       coalesce(
           CASE WHEN l.collname <> 'default' THEN l.collcollate
                WHEN coalesce(to_jsonb(d) ->> 'datlocprovider', 'c') = 'c' THEN d.datcollate
           END IN ('C', 'POSIX'),
           false
       )
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_toast%'
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type y ON y.oid = a.atttypid
JOIN pg_database d ON d.datname = current_database()
LEFT JOIN pg_collation l ON l.oid = a.attcollation
LEFT JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname AND s.inherited = (c.relkind = 'p')
WHERE c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition AND c.relpersistence <> 't'
ORDER BY n.nspname, c.relname, a.attnum
