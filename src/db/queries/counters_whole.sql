/* perflab: counters */
SELECT pg_stat_get_db_temp_bytes({database}) AS temp_bytes,
       (pg_stat_get_db_active_time({database}) * 1000)::int8 AS active_us,
       (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::int8 AS wal_bytes,
       wal_fpi AS wal_full_pages
FROM pg_stat_get_wal()
