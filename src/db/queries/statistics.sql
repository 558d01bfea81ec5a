-- What ANALYZE left about the columns of user tables: of partitioned ones over all partitions where it was run on the table itself, and of
-- every partition. The view hides columns that the role may not read.
SELECT rn.nspname::text,
       r.relname::text,
       s.attname::text,
       s.inherited,
       greatest(l.reltuples, 0)::float8,
       s.null_frac::float8,
       s.avg_width,
       s.n_distinct::float8,
       CASE WHEN t.typdelim = ',' THEN s.most_common_vals::text::text[] END,
       s.most_common_freqs::float8[],
       CASE WHEN t.typdelim = ',' THEN s.histogram_bounds::text::text[] END,
       s.correlation::float8
FROM pg_stats s
JOIN pg_namespace ln ON ln.nspname = s.schemaname
JOIN pg_class l ON l.relnamespace = ln.oid AND l.relname = s.tablename
JOIN pg_attribute a ON a.attrelid = l.oid AND a.attname = s.attname
JOIN pg_type t ON t.oid = a.atttypid
JOIN pg_class r ON r.oid = coalesce(pg_partition_root(l.oid), l.oid)
JOIN pg_namespace rn ON rn.oid = r.relnamespace AND rn.nspname NOT IN ('pg_catalog', 'information_schema')
WHERE (l.oid = r.oid AND l.relkind = 'p' AND s.inherited) OR (l.relkind = 'r' AND NOT s.inherited)
ORDER BY rn.nspname, r.relname, a.attnum, l.relname
