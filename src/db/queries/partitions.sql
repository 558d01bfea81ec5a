-- Partitions of the user tables at all levels: the table they are part of, the key that divides it (empty where it is an
-- expression), and what they hold.
SELECT i.inhparent::int8,
       c.oid::int8,
       c.relkind = 'p',
       ARRAY(SELECT coalesce(a.attname::text, '')
             FROM unnest(k.partattrs::int2[]) WITH ORDINALITY AS part (attnum, place)
             LEFT JOIN pg_attribute a ON a.attrelid = k.partrelid AND a.attnum = part.attnum AND part.attnum <> 0
             ORDER BY part.place),
       pg_get_partkeydef(k.partrelid),
       pg_get_expr(c.relpartbound, c.oid)
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_inherits i ON i.inhrelid = c.oid
JOIN pg_partitioned_table k ON k.partrelid = i.inhparent
WHERE c.relispartition AND c.relkind IN ('r', 'p', 'f')
ORDER BY n.nspname, c.relname
