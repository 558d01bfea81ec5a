-- Constraints of the user tables; key columns in the order of the constraint.
SELECT k.conrelid::int8,
       k.conname::text,
       k.contype::text,
       pg_get_constraintdef(k.oid),
       ARRAY(SELECT a.attname::text
             FROM unnest(k.conkey) WITH ORDINALITY AS u (attnum, place)
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum
             ORDER BY u.place),
       k.confrelid::int8,
       ARRAY(SELECT a.attname::text
             FROM unnest(k.confkey) WITH ORDINALITY AS u (attnum, place)
             JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.attnum
             ORDER BY u.place),
       k.confmatchtype = 'f',
       k.confdeltype::text,
       k.confupdtype::text,
       -- ON DELETE SET NULL (columns), of PostgreSQL 15 and later.
       ARRAY(SELECT a.attname::text
             FROM jsonb_array_elements_text(coalesce(nullif(to_jsonb(k) -> 'confdelsetcols', 'null'), '[]')) WITH ORDINALITY AS u (attnum, place)
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum::int
             ORDER BY u.place),
       k.condeferrable
FROM pg_constraint k
WHERE k.conrelid <> 0 AND k.conparentid = 0
ORDER BY k.conrelid, k.conname
