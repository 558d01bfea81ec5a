-- Indexes of the user tables and materialized views.
SELECT i.indrelid::int8,
       c.relname::text,
       m.amname::text,
       pg_get_indexdef(i.indexrelid),
       ARRAY(SELECT coalesce(a.attname::text, '')
             FROM unnest(i.indkey) WITH ORDINALITY AS u (attnum, place)
             LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.attnum AND u.attnum <> 0
             WHERE u.place <= i.indnkeyatts
             ORDER BY u.place),
       i.indisunique,
       -- A column of PostgreSQL 15 and later.
       coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::bool, false),
       i.indisprimary,
       EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')),
       pg_get_expr(i.indpred, i.indrelid),
       i.indisvalid,
       pg_relation_size(i.indexrelid)::int8
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_am m ON m.oid = c.relam
JOIN pg_class t ON t.oid = i.indrelid AND t.relkind IN ('r', 'p', 'm') AND NOT t.relispartition
JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_toast%'
ORDER BY i.indrelid, c.relname
