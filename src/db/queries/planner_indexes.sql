-- Valid B-trees of the user tables that cover all rows: their keys in order (empty where a key is an expression) and what they carry along.
SELECT n.nspname::text,
       t.relname::text,
       c.relname::text,
       ARRAY(SELECT coalesce(a.attname::text, '')
             FROM unnest(i.indkey) WITH ORDINALITY AS u (attnum, place)
             LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.attnum AND u.attnum <> 0
             WHERE u.place <= i.indnkeyatts
             ORDER BY u.place),
       ARRAY(SELECT a.attname::text
             FROM unnest(i.indkey) WITH ORDINALITY AS u (attnum, place)
             JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.attnum
             WHERE u.place > i.indnkeyatts
             ORDER BY u.place)
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_am m ON m.oid = c.relam AND m.amname = 'btree'
JOIN pg_class t ON t.oid = i.indrelid AND t.relkind IN ('r', 'p') AND NOT t.relispartition
JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_toast%'
WHERE i.indisvalid AND i.indpred IS NULL
ORDER BY n.nspname, t.relname, c.relname
