-- What every row of a table must keep: its CHECK constraints, and that some partition takes it.
SELECT false,
       k.conname::text,
       pg_get_constraintdef(k.oid),
       pg_get_expr(k.conbin, k.conrelid),
       ARRAY(SELECT a.attname::text FROM unnest(k.conkey) AS u (attnum) JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum ORDER BY a.attnum)
FROM pg_constraint k
WHERE k.conrelid = $table::regclass AND k.contype = 'c'
UNION ALL
SELECT true,
       '',
       'PARTITION BY ' || pg_get_partkeydef(p.partrelid),
       coalesce((SELECT string_agg('(' || coalesce(pg_get_partition_constraintdef(t.relid), 'true') || ')', ' OR ' ORDER BY t.relid)
                 FROM pg_partition_tree(p.partrelid) t WHERE t.isleaf AND t.relid <> p.partrelid), 'false'),
       ARRAY(SELECT a.attname::text FROM unnest(p.partattrs::int2[]) AS u (attnum) JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = u.attnum ORDER BY a.attnum)
FROM pg_partitioned_table p
WHERE p.partrelid = $table::regclass
ORDER BY 1, 2
