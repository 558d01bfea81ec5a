-- How often this session has looked into each index since it last reported: the index as a whole, its own name, scans.
SELECT coalesce(pg_partition_root(i.indexrelid)::oid, i.indexrelid)::int8, c.relname::text, pg_stat_get_xact_numscans(i.indexrelid)::int8
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_toast%'
ORDER BY i.indexrelid
