-- What each index is made of, keys before included columns: text as SQL needs it, the column (empty for an expression), the operator
-- class unless it is the type's own, the collation unless it is the column's (of an expression: its own), and the direction.
SELECT i.indrelid::int8,
       c.relname::text,
       u.place <= i.indnkeyatts,
       pg_get_indexdef(i.indexrelid, u.place::int, false),
       coalesce(a.attname::text, ''),
       CASE WHEN o.opcdefault THEN '' ELSE coalesce(o.opcname::text, '') END,
       -- An expression's own collation stands nowhere; the definition names another one only.
       CASE WHEN l.oid IS NULL OR l.oid = a.attcollation THEN ''
            WHEN a.attname IS NULL AND pg_get_indexdef(i.indexrelid) NOT LIKE '% COLLATE %' THEN ''
            ELSE quote_ident(l.collname) END,
       coalesce(i.indoption[u.place - 1] & 1 = 1, false),
       coalesce(i.indoption[u.place - 1] & 2 = 2, false)
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_class t ON t.oid = i.indrelid AND t.relkind IN ('r', 'p', 'm') AND NOT t.relispartition
JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_toast%'
CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS u (attnum, place)
LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.attnum AND u.attnum <> 0
LEFT JOIN pg_opclass o ON o.oid = i.indclass[u.place - 1] AND u.place <= i.indnkeyatts
LEFT JOIN pg_collation l ON l.oid = i.indcollation[u.place - 1] AND u.place <= i.indnkeyatts
ORDER BY i.indrelid, c.relname, u.place
