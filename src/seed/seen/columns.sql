-- Columns of one table: name, type without modifier, whether it is no array, whether its values have an order
-- (a default B-tree operator class for the type under domains and arrays, or for one it is binary-coercible to).
WITH RECURSIVE kind (attnum, type, plain) AS (
    SELECT a.attnum, a.atttypid, true
    FROM pg_attribute a
    WHERE a.attrelid = $table::regclass AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT k.attnum, CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.typelem END, k.plain AND t.typtype = 'd'
    FROM kind k
    JOIN pg_type t ON t.oid = k.type
    WHERE t.typtype = 'd' OR (t.typcategory = 'A' AND t.typelem <> 0)
)
SELECT a.attname::text,
       format_type(a.atttypid, -1),
       k.plain,
       t.typtype IN ('e', 'r', 'm') OR EXISTS (
           SELECT
           FROM pg_opclass o
           JOIN pg_am m ON m.oid = o.opcmethod
           WHERE m.amname = 'btree' AND o.opcdefault
             AND (o.opcintype = t.oid OR EXISTS (
                     SELECT
                     FROM pg_cast c
                     WHERE c.castsource = t.oid AND c.casttarget = o.opcintype AND c.castmethod = 'b' AND c.castcontext = 'i'))
       )
FROM kind k
JOIN pg_type t ON t.oid = k.type
JOIN pg_attribute a ON a.attrelid = $table::regclass AND a.attnum = k.attnum
WHERE t.typtype <> 'd' AND NOT (t.typcategory = 'A' AND t.typelem <> 0)
ORDER BY a.attnum
