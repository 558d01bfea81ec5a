-- Every table a user made, its TOAST table and their indexes: the table's OID, the relation's own, whether it is an index, whether
-- it is TOAST's. A table comes before its indexes.
WITH tables AS (
    SELECT c.oid, c.reltoastrelid
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm')
      AND c.relpersistence <> 't'
      AND n.nspname NOT IN ('pg_catalog', 'information_schema')
), stored AS (
    SELECT oid, false AS is_toast FROM tables
    UNION ALL
    SELECT reltoastrelid, true FROM tables WHERE reltoastrelid <> 0
)
SELECT found.of_table::int8, found.relation::int8, found.is_index, found.is_toast
FROM (
    SELECT oid AS of_table, oid AS relation, false AS is_index, is_toast FROM stored
    UNION ALL
    SELECT i.indrelid, i.indexrelid, true, stored.is_toast FROM pg_index AS i JOIN stored ON stored.oid = i.indrelid
) AS found
ORDER BY found.of_table, found.is_index, found.relation
