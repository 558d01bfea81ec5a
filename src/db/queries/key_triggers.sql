-- The foreign key behind each trigger of the list. A partition's trigger stands for the constraint of the partitioned table.
WITH RECURSIVE up AS (
    SELECT t.tgname::text AS name, t.tgrelid AS relation, (t.tgtype & 8) <> 0 AS on_delete, t.tgconstraint AS constraint_oid
    FROM pg_trigger t
    WHERE t.tgisinternal AND t.tgname = ANY ($1::text[])
    UNION ALL
    SELECT up.name, up.relation, up.on_delete, k.conparentid
    FROM up
    JOIN pg_constraint k ON k.oid = up.constraint_oid
    WHERE k.conparentid <> 0
)
SELECT up.name, up.on_delete, k.conname::text, n.nspname::text, c.relname::text, fired_n.nspname::text, fired_c.relname::text
FROM up
JOIN pg_constraint k ON k.oid = up.constraint_oid AND k.conparentid = 0 AND k.contype = 'f'
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class fired_c ON fired_c.oid = up.relation
JOIN pg_namespace fired_n ON fired_n.oid = fired_c.relnamespace
