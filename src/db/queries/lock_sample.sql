-- Relations that a session has locked, and every lock that somebody waits for, with those it waits for.
SELECT pid,
       locktype,
       coalesce(relation::int8, 0),
       mode,
       granted,
       CASE WHEN granted THEN '{}'::int4[] ELSE pg_blocking_pids(pid) END
FROM pg_locks
WHERE NOT granted
   OR (pid = {pid} AND locktype = 'relation' AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
