-- Statements captured with every option and timing, as JSON alone, into resources/: memory, subqueries, I/O, writes, parallel
-- plans. The tables are those of schema.sql and resources-schema.sql.

-- incremental-sort
SELECT user_id, song_id, id FROM (SELECT * FROM song_history ORDER BY id) h ORDER BY id, song_id LIMIT 5;
-- incremental-sort-large-groups
-- first: CREATE INDEX ON links (platform_id); ANALYZE links;
-- set: SET enable_sort = off; SET enable_seqscan = off; SET work_mem = '8MB';
SELECT platform_id, song_url FROM links ORDER BY platform_id, song_url;
-- incremental-sort-small-groups
-- first: CREATE INDEX ON links (song_id); ANALYZE links;
-- set: SET enable_sort = off; SET enable_seqscan = off; SET work_mem = '8MB';
SELECT song_id, song_url FROM links ORDER BY song_id, song_url LIMIT 2000;
-- distinct-by-sort
-- set: SET work_mem = '64MB';
SELECT count(DISTINCT user_id) FROM song_history;
-- group-by-sort
-- set: SET enable_hashagg = off; SET work_mem = '64MB';
SELECT user_id, count(*) FROM song_history GROUP BY user_id;
-- group-by-sort-many-groups
-- set: SET enable_hashagg = off; SET work_mem = '64MB';
SELECT id, count(*) FROM (SELECT id + 0 AS id FROM links) l GROUP BY id;
-- union-of-distinct-rows
-- set: SET work_mem = '32MB';
SELECT id, username FROM users UNION SELECT id, name FROM playlists UNION SELECT id, song_name FROM songs;
-- union-by-sort
-- set: SET work_mem = '32MB'; SET enable_hashagg = off;
SELECT id, name FROM playlists UNION SELECT id, song_name FROM songs;
-- union-of-same-rows
SELECT user_id FROM song_history WHERE id < 20000 UNION SELECT user_id FROM song_history WHERE id < 10000;
-- sort-near-limit
-- set: SET work_mem = '11MB';
SELECT id, song_url FROM links ORDER BY song_url;
-- hash-near-limit
-- set: SET work_mem = '2400kB';
SELECT count(*) FROM song_history h JOIN songs s ON s.id = h.song_id;
-- top-of-each
SELECT * FROM (SELECT user_id, song_id, created_at, row_number() OVER (PARTITION BY user_id ORDER BY created_at DESC) AS place FROM song_history) h WHERE place <= 3;
-- numbered-page
SELECT * FROM (SELECT id, song_name, row_number() OVER (ORDER BY id) AS place FROM songs) s WHERE place <= 20;
-- initplan-scan
SELECT count(*) FROM songs WHERE id < 2000 AND year > (SELECT avg(song_id) / 30 FROM song_history WHERE user_id = 300);
-- slow-function
SELECT id, slow_price(id) FROM songs WHERE id <= 100;
-- slow-function-scan
SELECT * FROM slow_prices(100);
-- quick-function-scan
SELECT sum(n) FROM generate_series(1, 100000) n;
-- slow-filter
SELECT id FROM songs WHERE id <= 100 AND slow_price(id) > 0;
-- recursive-scan
WITH RECURSIVE below AS (SELECT id, parent_id FROM folders WHERE id = 5 UNION ALL SELECT f.id, f.parent_id FROM folders f JOIN below b ON f.parent_id = b.id) SELECT count(*) FROM below;
-- recursive-indexed
-- first: CREATE INDEX ON folders (parent_id); ANALYZE folders;
WITH RECURSIVE below AS (SELECT id, parent_id FROM folders WHERE id = 9000 UNION ALL SELECT f.id, f.parent_id FROM folders f JOIN below b ON f.parent_id = b.id) SELECT count(*) FROM below;
-- dead-entries
-- first: INSERT INTO jobs SELECT i, repeat('x', 200) FROM generate_series(1, 100000) i; DELETE FROM jobs WHERE id < 99990;
SELECT id, payload FROM jobs ORDER BY id LIMIT 1;
-- first-readers-write
-- once: CREATE TABLE fresh AS SELECT i AS id, repeat('x', 100) AS note FROM generate_series(1, 100000) i; CHECKPOINT;
-- last: DROP TABLE fresh;
SELECT count(*) FROM fresh WHERE note <> '';
-- temporary-io
-- set: SET track_io_timing = on; SET work_mem = '1MB';
SELECT id, user_id, song_id, created_at FROM song_history ORDER BY song_id, created_at;
-- insert-checked
INSERT INTO orders SELECT 100000 + i, 1 + i % 911, i FROM generate_series(1, 20000) i;
-- insert-few
INSERT INTO orders SELECT 200000 + i, 1 + i % 911, i FROM generate_series(1, 3) i;
-- trigger-each-row
INSERT INTO logged SELECT i, 'n' FROM generate_series(1, 30000) i;
-- trigger-counts
INSERT INTO counted SELECT i, 'n' FROM generate_series(1, 50) i;
-- delete-parents
DELETE FROM orders;
-- insert-documents
INSERT INTO documents (owner_id, state, body)
    SELECT i % 500, 'new', (SELECT string_agg('word' || (i + 70000) * j % 30011, ' ') FROM generate_series(1, 40) j)::tsvector FROM generate_series(1, 300) i;
-- insert-lean
INSERT INTO logged SELECT i, repeat('n', 100) FROM generate_series(1, 200) i;
-- after-checkpoint
-- once: CHECKPOINT;
UPDATE documents SET state = 'seen' WHERE owner_id < 4;
-- update-one-document
-- set: SET enable_seqscan = off;
UPDATE documents SET body = (SELECT string_agg('term' || j, ' ') FROM generate_series(1, 4000) j)::tsvector WHERE id = (SELECT id FROM documents LIMIT 1);
-- conflicts-ignored
INSERT INTO orders SELECT i, 1, 1 FROM generate_series(1, 10020) i ON CONFLICT (id) DO NOTHING;
-- conflicts-updated
INSERT INTO orders SELECT i, 1 + i % 911, i FROM generate_series(1, 5000) i ON CONFLICT (id) DO UPDATE SET total = excluded.total;
-- no-conflicts
INSERT INTO orders SELECT 300000 + i, 1, 1 FROM generate_series(1, 5000) i ON CONFLICT (id) DO NOTHING;
-- skewed-workers
-- first: ALTER TABLE songs SET (parallel_workers = 0); ALTER TABLE playlists SET (parallel_workers = 0); ALTER TABLE users SET (parallel_workers = 0);
-- set: SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
SELECT count(*) FROM (SELECT id FROM songs UNION ALL SELECT id FROM playlists UNION ALL SELECT id FROM users) a WHERE id % 1000 <> 1;
-- even-workers
-- set: SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET min_parallel_table_scan_size = 0;
SELECT count(*) FROM readings WHERE value <> 'y';
-- parallel-for-little
-- set: SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
SELECT count(*) FROM users WHERE created_at > '2024-03-01';
-- parallel-off
SELECT count(*) FROM song_history WHERE song_id % 7 = 3;
-- parallel-write
-- set: SET max_parallel_workers_per_gather = 2;
UPDATE song_history SET song_id = song_id WHERE song_id % 1000 = 3 AND user_id % 10 = 2;
-- parallel-locks
-- set: SET max_parallel_workers_per_gather = 2;
SELECT id FROM song_history WHERE song_id % 1000 = 3 AND user_id % 10 = 2 FOR UPDATE;
-- parallel-function
-- set: SET max_parallel_workers_per_gather = 2;
SELECT count(*) FROM songs WHERE unsafe_year(year) = 2000;
-- scans-forbidden
-- set: SET enable_seqscan = off; SET enable_hashjoin = off; SET random_page_cost = 1.1;
SELECT count(*) FROM users WHERE username LIKE 'user1%';
-- foreign-filter
SELECT id FROM songs_elsewhere WHERE is_hit(song_name);
-- foreign-pushed
SELECT id FROM songs_elsewhere WHERE id = 77;
-- planning-many-joins
SELECT u1.username FROM users u1 JOIN users u2 USING (id) JOIN users u3 USING (id) JOIN users u4 USING (id) JOIN users u5 USING (id) JOIN users u6 USING (id) JOIN users u7 USING (id) JOIN users u8 USING (id) JOIN users u9 USING (id) WHERE id = 77;
-- jit-overestimated
-- set: SET jit = on;
SELECT count(*) FROM slow_prices(1) a, slow_prices(1) b, users u WHERE u.id > a + b;
-- storage-on-disk
-- server: 18
-- set: SET work_mem = '1MB';
WITH recent AS MATERIALIZED (SELECT id, user_id, song_id FROM song_history WHERE id > 600000) SELECT count(*) FROM recent a JOIN recent b ON b.id = a.id + 1 WHERE a.user_id < 3;
-- disabled-node
-- server: 18
-- set: SET enable_seqscan = off;
SELECT count(*) FROM users WHERE username LIKE 'user1%';
