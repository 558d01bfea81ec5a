-- The statements whose plans stand beside this file, see capture.sh. Each block: `-- NN-name`, then optionally `-- options:` (of EXPLAIN),
-- `-- set:` (settings) and `-- first:` (a statement inside the transaction), then the statement.

-- 01-seq-scan
SELECT * FROM song_history WHERE song_id = 27482;
-- 02-index-scan
SELECT * FROM songs s WHERE id = 5 AND artist <> 'nobody';
-- 03-index-only-scan-backward
SELECT id FROM songs WHERE id < 100 ORDER BY id DESC;
-- 04-bitmap-and
SELECT * FROM tagged WHERE a = 7 AND b = 11;
-- 05-bitmap-or
SELECT count(*) FROM tagged WHERE a = 7 OR b = 11;
-- 06-bitmap-lossy
-- set: SET work_mem = '64kB'; SET enable_seqscan = off; SET enable_indexscan = off;
SELECT count(note) FROM tagged WHERE a < 60 AND note <> '';
-- 07-nested-loop
SELECT s.song_name, l.song_url FROM links l JOIN songs s ON s.id = l.song_id WHERE l.id < 20;
-- 08-nested-loop-left-join-filter
SELECT * FROM platforms p LEFT JOIN (SELECT * FROM users WHERE id < 10) u ON u.platform_id < p.id AND u.username <> p.platform_name WHERE u.id IS NULL OR u.id > 3;
-- 09-hash-join-batches
-- set: SET work_mem = '1MB'; SET enable_mergejoin = off;
SELECT count(*) FROM song_history h JOIN songs s ON s.id = h.song_id AND s.year < h.user_id;
-- 10-hash-right-anti
-- set: SET enable_mergejoin = off;
SELECT s.id FROM songs s LEFT JOIN links l ON l.song_id = s.id WHERE l.id IS NULL;
-- 11-hash-full
SELECT * FROM users u FULL JOIN playlists p ON p.id = u.id WHERE u.id IS NULL OR p.id < 5;
-- 12-merge-join
-- set: SET enable_hashjoin = off; SET enable_nestloop = off;
SELECT count(*) FROM links l JOIN playlist_songs p ON p.song_id = l.song_id;
-- 13-merge-left-join
-- set: SET enable_hashjoin = off; SET enable_nestloop = off;
SELECT u.id, p.id FROM users u LEFT JOIN users_playlist_position p ON p.user_id = u.id AND p.playlist_id > u.platform_id;
-- 14-sort-disk
-- set: SET work_mem = '1MB';
SELECT * FROM links ORDER BY song_url DESC, platform_id NULLS FIRST;
-- 15-sort-top-n
SELECT * FROM songs ORDER BY year, song_name COLLATE "C" DESC LIMIT 10;
-- 16-sort-quick
SELECT * FROM users WHERE platform_id = 1 ORDER BY username;
-- 17-incremental-sort
SELECT * FROM tagged ORDER BY c, note, id LIMIT 1500;
-- 18-incremental-sort-disk
-- set: SET work_mem = '64kB'; SET enable_seqscan = off; SET enable_sort = off;
SELECT * FROM tagged ORDER BY c, note;
-- 19-group
-- set: SET enable_hashagg = off;
SELECT platform_id FROM users GROUP BY platform_id;
-- 20-hash-aggregate-having
SELECT year, count(*) FROM songs GROUP BY year HAVING count(*) > 1196;
-- 21-hash-aggregate-spills
-- set: SET work_mem = '64kB'; SET enable_sort = off;
SELECT song_id, count(*) FROM links GROUP BY song_id;
-- 22-group-aggregate
SELECT artist, count(DISTINCT year) FROM songs GROUP BY artist;
-- 23-mixed-aggregate
SELECT platform_id, id % 3, count(*) FROM users GROUP BY CUBE (platform_id, id % 3);
-- 24-grouping-sets-sorted
-- set: SET enable_hashagg = off;
SELECT platform_id, username, count(*) FROM users GROUP BY GROUPING SETS ((platform_id), (username), ());
-- 25-window-over-all
SELECT next_id FROM (SELECT id, LEAD(id) OVER (PARTITION BY playlist_id ORDER BY id) AS next_id FROM playlist_songs) q WHERE id = 77;
-- 26-window-run-condition
SELECT * FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM users) q WHERE n <= 3 AND id % 2 = 0;
-- 27-cte-scan
WITH recent AS MATERIALIZED (SELECT * FROM song_history WHERE user_id = 300) SELECT song_id, count(*) FROM recent r WHERE song_id < 4000 GROUP BY song_id;
-- 28-recursive-union
WITH RECURSIVE chain(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM chain WHERE n < 10) SELECT sum(n) FROM chain;
-- 29-subplan-per-row
SELECT u.id, (SELECT max(p.id) FROM users_playlist_position p WHERE p.user_id = u.id) FROM users u WHERE u.id < 20;
-- 30-initplan
SELECT * FROM songs WHERE id = (SELECT max(song_id) FROM links WHERE id < 40) OR id = (SELECT 5);
-- 31-hashed-subplan
SELECT count(*) FROM users WHERE id NOT IN (SELECT user_id FROM users_playlist_position WHERE playlist_id < 800);
-- 32-limit-offset
SELECT * FROM songs ORDER BY id LIMIT 20 OFFSET 5000;
-- 33-append-union-all
SELECT id FROM users WHERE id < 5 UNION ALL SELECT id FROM playlists WHERE id < 3;
-- 34-merge-append
-- set: SET enable_sort = off;
(SELECT id FROM users ORDER BY id) UNION ALL (SELECT id FROM playlists ORDER BY id) ORDER BY 1 LIMIT 12;
-- 35-unique
SELECT DISTINCT ON (platform_id) platform_id, username FROM users ORDER BY platform_id, id DESC;
-- 36-setop-hashed
SELECT id FROM users EXCEPT ALL SELECT user_id FROM users_playlist_position;
-- 37-setop-sorted
-- set: SET enable_hashagg = off;
SELECT id FROM users INTERSECT SELECT id FROM playlists;
-- 38-gather
-- set: SET max_parallel_workers_per_gather = 2; SET max_parallel_workers = 1; SET parallel_leader_participation = off; SET min_parallel_table_scan_size = 0; SET parallel_setup_cost = 0;
SELECT count(*) FROM song_history WHERE song_id < 100;
-- 39-gather-merge-verbose
-- options: ANALYZE, VERBOSE, TIMING OFF, SUMMARY OFF, BUFFERS
-- set: SET max_parallel_workers_per_gather = 2; SET max_parallel_workers = 1; SET parallel_leader_participation = off; SET min_parallel_table_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0;
SELECT id, year FROM songs WHERE year > 1990 ORDER BY year, id;
-- 40-parallel-hash-join
-- set: SET max_parallel_workers_per_gather = 2; SET max_parallel_workers = 1; SET parallel_leader_participation = off; SET min_parallel_table_scan_size = 0; SET parallel_setup_cost = 0; SET enable_mergejoin = off;
SELECT count(*) FROM playlist_songs p JOIN songs s ON s.id = p.song_id;
-- 41-memoize
-- set: SET enable_hashjoin = off; SET enable_mergejoin = off;
SELECT count(*) FROM users_playlist_position p JOIN users u ON u.id = p.user_id;
-- 42-materialize
-- set: SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_memoize = off;
SELECT count(*) FROM users u JOIN playlists p ON p.name < u.username WHERE p.id < 20;
-- 43-insert-values
INSERT INTO links VALUES (900001, 1, 1, 'a'), (900002, 2, 2, 'b');
-- 44-update-trigger
UPDATE songs SET year = year + 1 WHERE id IN (1, 2, 3);
-- 45-delete-cascade
DELETE FROM songs WHERE id = 27482;
-- 46-insert-on-conflict-update
INSERT INTO platforms AS p VALUES (1, 'Spotify', 'x'), (3, 'Tidal', 'y') ON CONFLICT (id) DO UPDATE SET platform_url = excluded.platform_url WHERE p.platform_url <> excluded.platform_url;
-- 47-insert-on-conflict-nothing
INSERT INTO platforms VALUES (1, 'Spotify', 'x') ON CONFLICT DO NOTHING;
-- 48-function-scan
SELECT * FROM generate_series(1, 10) AS g(n) WHERE n > 7;
-- 49-values-scan
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v(n, t) WHERE n > 1;
-- 50-result
SELECT 1;
-- 51-one-time-filter
SELECT * FROM users WHERE false;
-- 52-never-executed
SELECT * FROM users u JOIN playlists p ON p.id = u.id WHERE u.username = 'nobody at all' AND p.name <> '';
-- 53-lock-rows
SELECT * FROM users WHERE id = 3 FOR UPDATE;
-- 54-tid-scan
SELECT id FROM users WHERE ctid = '(0,1)' OR ctid = '(0,2)';
-- 55-tid-range-scan
SELECT id FROM users WHERE ctid > '(2,1)';
-- 56-sample-scan
SELECT count(*) FROM songs TABLESAMPLE system (1) REPEATABLE (7);
-- 57-project-set
SELECT generate_series(1, 3), id FROM platforms;
-- 58-odd-names
SELECT "select" FROM "Odd Name" AS "Table" WHERE "Id" = 7 AND "select" <> E'it''s \\ 7';
-- 59-verbose
-- options: ANALYZE, VERBOSE, TIMING OFF, SUMMARY OFF
SELECT s.song_name, u.username, g.n FROM song_history h JOIN songs s ON s.id = h.song_id JOIN users u ON u.id = h.user_id, generate_series(1, 2) AS g(n) WHERE h.id = 1000;
-- 60-verbose-modify
-- options: ANALYZE, VERBOSE, TIMING OFF, SUMMARY OFF
DELETE FROM playlist_songs WHERE id = 67 RETURNING song_id;
-- 61-buffers
-- options: ANALYZE, BUFFERS, TIMING OFF, SUMMARY OFF
SELECT count(*) FROM links l JOIN songs s ON s.id = l.song_id WHERE l.id < 2000;
-- 62-buffers-temp
-- options: ANALYZE, BUFFERS, TIMING OFF, SUMMARY OFF
-- set: SET work_mem = '1MB';
SELECT * FROM links ORDER BY song_url;
-- 63-wal-settings
-- options: ANALYZE, WAL, SETTINGS, TIMING OFF, SUMMARY OFF
-- set: SET random_page_cost = 1.1; SET work_mem = '8MB';
UPDATE users SET username = 'x' WHERE id < 3;
-- 64-no-costs
-- options: ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF
SELECT count(*) FROM users;
-- 65-estimates-only
-- options: COSTS ON
SELECT u.id FROM users u JOIN playlists p USING (id) WHERE p.name > 'List 2' ORDER BY u.username;
-- 66-partition-append
SELECT count(*) FROM events WHERE happened >= '2024-06-01';
-- 67-partition-pruned-at-run-time
-- set: SET plan_cache_mode = force_generic_plan;
-- first: DEALLOCATE ALL; PREPARE p (date) AS SELECT count(*) FROM events WHERE happened = $1 AND kind = 3;
EXECUTE p ('2024-03-05');
-- 68-partition-update
UPDATE events SET kind = kind + 1 WHERE id < 20;
-- 69-merge
MERGE INTO platforms p USING (VALUES (1, 'One'), (9, 'Nine')) AS v(id, name) ON p.id = v.id WHEN MATCHED THEN UPDATE SET platform_url = 'z' WHEN NOT MATCHED THEN INSERT VALUES (v.id, v.name, NULL);
-- 70-modifying-cte
WITH gone AS (DELETE FROM links WHERE id < 4 RETURNING id) SELECT count(*) FROM gone;
-- 71-semi-join
SELECT count(*) FROM users u WHERE EXISTS (SELECT FROM users_playlist_position p WHERE p.user_id = u.id AND p.playlist_id > 2500);
-- 72-local-buffers
-- options: ANALYZE, BUFFERS, TIMING OFF, SUMMARY OFF
-- first: CREATE TEMP TABLE scratch AS SELECT i FROM generate_series(1, 5000) i;
SELECT count(*) FROM scratch;
-- 73-order-by-distance
SELECT id FROM tagged WHERE c = 3 ORDER BY c, id DESC LIMIT 2;
-- 74-subquery-scan
SELECT * FROM (SELECT id, platform_id FROM users ORDER BY username LIMIT 50) q WHERE q.platform_id = 2;
-- 75-table-function
SELECT * FROM xmltable('/r/v' PASSING '<r><v>1</v><v>2</v></r>' COLUMNS n int PATH '.') AS x WHERE n > 1;
