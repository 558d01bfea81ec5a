-- Statements captured with every option and timing, as JSON alone, into timed/. Same blocks as statements.sql.

-- delete-song
DELETE FROM songs WHERE id = 27482;
-- delete-user
DELETE FROM users WHERE id = 300;
-- next-song
WITH numbered AS (SELECT id, playlist_id, song_id, LEAD(id) OVER (PARTITION BY playlist_id ORDER BY id) AS next_id FROM playlist_songs)
SELECT n.next_id FROM numbered n JOIN users_playlist_position p ON p.playlist_song_position = n.id WHERE p.user_id = 300 AND p.playlist_id = 1210;
-- first-song
SELECT song_id FROM playlist_songs WHERE playlist_id = 77 ORDER BY song_id LIMIT 1;
-- history-last-five
SELECT song_id, created_at FROM song_history WHERE user_id = 300 ORDER BY created_at DESC LIMIT 5;
-- library-offset
SELECT id, song_name FROM songs ORDER BY id LIMIT 20 OFFSET 75000;
-- search-infix
SELECT id, song_name FROM songs WHERE song_name ILIKE '%ong 7777%' OR artist ILIKE '%ong 7777%' LIMIT 10;
-- search-prefix
SELECT id, song_name FROM songs WHERE song_name LIKE 'Song 7777%' LIMIT 10;
-- lower-name
SELECT id FROM songs WHERE lower(song_name) = 'song 7777';
-- sort-disk
-- set: SET work_mem = '1MB';
SELECT id, song_url FROM links ORDER BY song_url;
-- hash-batches
-- set: SET work_mem = '1MB'; SET enable_mergejoin = off;
SELECT count(*) FROM song_history h JOIN songs s ON s.id = h.song_id WHERE s.artist <> '';
-- hashagg-spills
-- set: SET work_mem = '64kB'; SET enable_sort = off;
SELECT song_id, count(*) FROM song_history GROUP BY song_id;
-- subplan-per-row
SELECT u.id, (SELECT count(*) FROM links l WHERE l.song_id = u.id) FROM users u WHERE u.id < 200;
-- nested-loop-many
-- set: SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_memoize = off;
SELECT sum(s.year) FROM playlist_songs p JOIN songs s ON s.id = p.song_id;
-- join-discards
-- set: SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_memoize = off; SET enable_material = off;
SELECT count(*) FROM users u JOIN links l ON l.platform_id = u.platform_id AND l.song_id = u.id WHERE u.id < 30;
-- join-filter
-- set: SET enable_hashjoin = off; SET enable_mergejoin = off;
SELECT count(*) FROM users u JOIN playlists p ON p.name = u.username || 'x';
-- cte-little-used
WITH recent AS MATERIALIZED (SELECT * FROM song_history WHERE id > 300000) SELECT song_id FROM recent WHERE user_id = 300 AND song_id < 400;
-- whole-aggregate
SELECT song_id, count(*) FROM song_history GROUP BY song_id ORDER BY 2 DESC LIMIT 10;
-- workers-missing
-- set: SET max_parallel_workers_per_gather = 2; SET max_parallel_workers = 1; SET parallel_setup_cost = 0; SET min_parallel_table_scan_size = 0;
SELECT count(*) FROM song_history WHERE song_id < 100;
-- parallel
-- set: SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET min_parallel_table_scan_size = 0;
SELECT count(*) FROM song_history h JOIN songs s ON s.id = h.song_id WHERE s.year > 2000;
-- jit
-- set: SET jit = on; SET jit_above_cost = 0; SET jit_inline_above_cost = 0; SET jit_optimize_above_cost = 0;
SELECT count(*), sum(id + song_id) FROM links WHERE id % 3 = 1;
-- heap-fetches
-- first: INSERT INTO playlists SELECT 100000 + i, 'x' FROM generate_series(1, 20000) i;
SELECT count(*) FROM playlists WHERE id > 100000;
-- index-filter
-- set: SET enable_seqscan = off; SET enable_bitmapscan = off;
SELECT id FROM tagged WHERE a = 7 AND b = 11 AND c = 1;
-- estimate-nested-loop
SELECT count(*) FROM tagged t JOIN links l ON l.id = t.id WHERE t.a = t.b % 100 OR t.c + 0 = t.a % 50;
-- initplan
SELECT count(*) FROM song_history WHERE song_id = (SELECT max(song_id) FROM links WHERE platform_id = 1);
-- recursive
WITH RECURSIVE chain(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM chain WHERE n < 20000) SELECT sum(n) FROM chain;
-- modifying-cte
WITH gone AS (DELETE FROM links WHERE id < 2000 RETURNING id), twice AS (UPDATE users SET username = username || '!' RETURNING id) SELECT count(*) FROM gone;
-- cte-twice
WITH counted AS MATERIALIZED (SELECT song_id, count(*) AS n FROM song_history GROUP BY song_id) SELECT a.song_id FROM counted a JOIN counted b ON b.n = a.n + 3 WHERE a.song_id < 50;
-- point-lookup
SELECT song_name FROM songs WHERE id = 5;
