-- Partitions at every level, with the table that all of them are part of.
SELECT pn.nspname::text, p.relname::text, rn.nspname::text, r.relname::text
FROM pg_class p
JOIN pg_namespace pn ON pn.oid = p.relnamespace
JOIN pg_class r ON r.oid = pg_partition_root(p.oid)
JOIN pg_namespace rn ON rn.oid = r.relnamespace
WHERE p.relispartition AND p.relkind IN ('r', 'p', 'f')
ORDER BY 1, 2
