-- Keys, foreign keys and indexes of the user tables, with the table a foreign key references. Keys and
-- indexes of partitioned tables stay as they are: each partition has its own, under a name of its own.
SELECT k.contype::text,
       n.nspname::text,
       c.relname::text,
       k.conname::text,
       pg_get_constraintdef(k.oid),
       c.relkind = 'p',
       coalesce(rn.nspname::text, ''),
       coalesce(r.relname::text, ''),
       CASE WHEN k.contype IN ('p', 'u') THEN pg_get_indexdef(k.conindid) ELSE '' END,
       CASE WHEN k.condeferred THEN ' DEFERRABLE INITIALLY DEFERRED' WHEN k.condeferrable THEN ' DEFERRABLE' ELSE '' END
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class r ON r.oid = k.confrelid
LEFT JOIN pg_namespace rn ON rn.oid = r.relnamespace
WHERE k.conparentid = 0 AND (k.contype = 'f' OR (k.contype IN ('p', 'u', 'x') AND c.relkind = 'r'))
UNION ALL
SELECT 'i', n.nspname::text, c.relname::text, x.relname::text, pg_get_indexdef(i.indexrelid), false, '', '', '', ''
FROM pg_index i
JOIN pg_class x ON x.oid = i.indexrelid
JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r'
  AND NOT c.relispartition
  AND i.indisvalid
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY 2, 3, 4
