-- Every index of the user tables with all that tells it from another, that of a partitioned table as a whole. Indexes of single
-- partitions and of extensions' tables are left out.
SELECT i.indexrelid::int8,
       n.nspname::text,
       t.relname::text,
       c.relname::text,
       m.amname::text,
       pg_get_indexdef(i.indexrelid),
       ARRAY(SELECT pg_get_indexdef(i.indexrelid, place, false) FROM generate_series(1, i.indnkeyatts) AS place ORDER BY place),
       ARRAY(SELECT u.attnum = 0 FROM unnest(i.indkey) WITH ORDINALITY AS u (attnum, place)
             WHERE u.place <= i.indnkeyatts ORDER BY u.place),
       ARRAY(SELECT u.class::int8 FROM unnest(i.indclass) WITH ORDINALITY AS u (class, place) ORDER BY u.place),
       ARRAY(SELECT u.collation_oid::int8 FROM unnest(i.indcollation) WITH ORDINALITY AS u (collation_oid, place) ORDER BY u.place),
       ARRAY(SELECT u.option::int4 FROM unnest(i.indoption) WITH ORDINALITY AS u (option, place) ORDER BY u.place),
       ARRAY(SELECT pg_get_indexdef(i.indexrelid, place, false)
             FROM generate_series(i.indnkeyatts + 1, i.indnatts) AS place ORDER BY place),
       pg_get_expr(i.indpred, i.indrelid),
       array_remove(ARRAY[
           CASE WHEN i.indisunique THEN 'unique' END,
           CASE WHEN i.indisprimary THEN 'primary' END,
           CASE WHEN NOT i.indimmediate THEN 'deferrable' END,
           -- A column of PostgreSQL 15 and later.
           CASE WHEN coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::bool, false) THEN 'nulls not distinct' END,
           CASE WHEN i.indisreplident THEN 'replica identity' END,
           CASE WHEN i.indisclustered THEN 'clustered' END,
           CASE WHEN i.indisvalid AND i.indisready THEN 'valid' END,
           CASE WHEN c.relkind = 'I' THEN 'partitioned' END,
           CASE WHEN EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype <> 'f') THEN 'constraint' END,
           CASE WHEN EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype = 'f') THEN 'referenced' END,
           CASE WHEN EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid AND d.deptype = 'e')
                THEN 'extension' END
       ], NULL),
       CASE WHEN c.relkind = 'I'
            THEN coalesce((SELECT sum(pg_relation_size(p.relid)) FROM pg_partition_tree(i.indexrelid) AS p WHERE p.isleaf), 0)
            ELSE pg_relation_size(i.indexrelid)
       END::int8,
       CASE WHEN t.relkind = 'p'
            THEN coalesce((SELECT sum(pg_relation_size(p.relid)) FROM pg_partition_tree(i.indrelid) AS p WHERE p.isleaf), 0)
            ELSE pg_relation_size(i.indrelid)
       END::int8
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_am m ON m.oid = c.relam
JOIN pg_class t ON t.oid = i.indrelid AND t.relkind IN ('r', 'p') AND NOT t.relispartition AND t.relpersistence <> 't'
JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_toast%'
WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = t.oid AND d.deptype = 'e')
ORDER BY n.nspname, t.relname, c.relname
