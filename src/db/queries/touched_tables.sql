-- What this session has done to every table since it last reported, a partitioned table as a whole: blocks of the table, its TOAST
-- and all indexes, and rows.
WITH tables AS (
    SELECT c.oid, coalesce(pg_partition_root(c.oid)::oid, c.oid) AS root, c.reltoastrelid
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm')
      AND c.relpersistence <> 't'
      AND n.nspname NOT IN ('pg_catalog', 'information_schema')
), stored AS (
    SELECT root, oid, true AS own FROM tables
    UNION ALL
    SELECT root, reltoastrelid, false FROM tables WHERE reltoastrelid <> 0
), blocks AS (
    SELECT root,
           sum(
               pg_stat_get_xact_blocks_fetched(stored.oid)
               + coalesce((SELECT sum(pg_stat_get_xact_blocks_fetched(i.indexrelid)) FROM pg_index i WHERE i.indrelid = stored.oid), 0)
           ) AS blocks,
           sum(CASE WHEN own THEN
               pg_stat_get_xact_tuples_returned(stored.oid)
               -- An index-only scan fetches no row, and a bitmap scan counts them at the table.
               + greatest(
                   pg_stat_get_xact_tuples_fetched(stored.oid),
                   coalesce((SELECT sum(pg_stat_get_xact_tuples_returned(i.indexrelid)) FROM pg_index i WHERE i.indrelid = stored.oid), 0)
               )
           END) AS rows_read,
           sum(CASE WHEN own THEN pg_stat_get_xact_tuples_inserted(stored.oid) END) AS inserted,
           sum(CASE WHEN own THEN pg_stat_get_xact_tuples_updated(stored.oid) END) AS updated,
           sum(CASE WHEN own THEN pg_stat_get_xact_tuples_hot_updated(stored.oid) END) AS updated_hot,
           sum(CASE WHEN own THEN pg_stat_get_xact_tuples_deleted(stored.oid) END) AS deleted
    FROM stored
    GROUP BY root
)
SELECT n.nspname::text, c.relname::text, blocks::int8, rows_read::int8, inserted::int8, updated::int8, updated_hot::int8, deleted::int8
FROM blocks
JOIN pg_class c ON c.oid = blocks.root
JOIN pg_namespace n ON n.oid = c.relnamespace
ORDER BY 1, 2
