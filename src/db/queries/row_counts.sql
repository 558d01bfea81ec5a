-- Row counts as ANALYZE, VACUUM or CREATE INDEX left them, of tables and of the leaves of partitioned ones. No row is counted here.
-- A leaf that has pages but no count was never analyzed: -1 from PostgreSQL 14 on, 0 beside no pages before.
SELECT n.nspname::text,
       r.relname::text,
       r.relkind = 'p',
       coalesce(sum(greatest(l.reltuples, 0)), 0)::float8,
       count(l.oid)::int8,
       count(l.oid) FILTER (WHERE (l.reltuples = -1 OR (l.reltuples = 0 AND l.relpages = 0)) AND pg_relation_size(l.oid) > 0)::int8,
       coalesce(sum(l.relpages), 0)::int8,
       coalesce(sum(pg_relation_size(l.oid)) / current_setting('block_size')::int8, 0)::int8
FROM pg_class r
JOIN pg_namespace n ON n.oid = r.relnamespace AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_toast%'
LEFT JOIN pg_class l ON l.relkind IN ('r', 'f') AND coalesce(pg_partition_root(l.oid), l.oid) = r.oid
WHERE r.relkind IN ('r', 'p') AND NOT r.relispartition
GROUP BY r.oid, n.nspname, r.relname, r.relkind
ORDER BY n.nspname, r.relname
