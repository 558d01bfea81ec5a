-- Statements beside those of tests/plans: what their captured plans lack. `-- planned` stands by those whose executions differ.

-- hash-left
-- set: SET enable_mergejoin = off; SET enable_nestloop = off;
SELECT * FROM users u LEFT JOIN playlists p ON p.id = u.id AND p.name <> u.username WHERE u.platform_id = 1;
-- hash-right
-- set: SET enable_mergejoin = off; SET enable_nestloop = off;
SELECT p.id, u.username FROM users u RIGHT JOIN playlists p ON p.id = u.id;
-- hash-semi
-- set: SET enable_mergejoin = off; SET enable_nestloop = off; SET enable_hashagg = off;
SELECT * FROM playlists p WHERE EXISTS (SELECT FROM playlist_songs s WHERE s.playlist_id = p.id AND s.song_id > p.id);
-- hash-anti
-- set: SET enable_mergejoin = off; SET enable_nestloop = off;
SELECT * FROM playlists p WHERE NOT EXISTS (SELECT FROM users u WHERE u.id = p.id);
-- hash-originally
-- set: SET work_mem = '64kB'; SET enable_mergejoin = off; SET enable_nestloop = off;
SELECT count(*) FROM songs s JOIN (SELECT DISTINCT song_id + 0 AS song_id FROM song_history OFFSET 0) h ON h.song_id = s.id;
-- merge-right
-- set: SET enable_hashjoin = off; SET enable_nestloop = off;
SELECT * FROM users u RIGHT JOIN playlists p ON p.id = u.id AND p.id > 4;
-- merge-full
-- set: SET enable_hashjoin = off; SET enable_nestloop = off;
SELECT * FROM users u FULL JOIN playlists p ON p.id = u.id;
-- merge-semi
-- set: SET enable_hashjoin = off; SET enable_nestloop = off; SET enable_hashagg = off;
SELECT * FROM playlists p WHERE p.id IN (SELECT playlist_id FROM playlist_songs);
-- merge-anti
-- set: SET enable_hashjoin = off; SET enable_nestloop = off;
SELECT * FROM playlists p WHERE NOT EXISTS (SELECT FROM users u WHERE u.id = p.id);
-- loop-semi
-- set: SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_memoize = off;
SELECT * FROM platforms p WHERE EXISTS (SELECT FROM users u WHERE u.platform_id > p.id);
-- loop-anti
-- set: SET enable_hashjoin = off; SET enable_mergejoin = off;
SELECT * FROM platforms p WHERE NOT EXISTS (SELECT FROM users u WHERE u.platform_id > p.id);
-- loop-lateral
SELECT u.id, s.* FROM users u CROSS JOIN LATERAL (SELECT h.id, h.created_at FROM song_history h WHERE h.user_id = u.id ORDER BY h.id DESC LIMIT 2) s WHERE u.id < 5;
-- join-inner-unique
SELECT l.id, s.song_name FROM links l JOIN songs s ON s.id = l.song_id JOIN platforms p ON p.id = l.platform_id WHERE l.id < 500;
-- loop-evaluates-nothing
SELECT * FROM users u JOIN playlists p ON false;
-- memoize-binary
-- set: SET enable_hashjoin = off; SET enable_mergejoin = off;
SELECT * FROM song_history h, LATERAL (SELECT * FROM songs s WHERE s.id = h.song_id % 50 AND s.year > h.user_id OFFSET 0) x WHERE h.id < 500;
-- memoize-evicts
-- set: SET enable_hashjoin = off; SET enable_mergejoin = off; SET work_mem = '64kB';
SELECT count(*) FROM song_history h JOIN songs s ON s.id = h.song_id;
-- setop-hashed-intersect
SELECT id FROM users INTERSECT SELECT id FROM playlists;
-- setop-hashed-except
SELECT id FROM users EXCEPT SELECT user_id FROM users_playlist_position;
-- setop-sorted-except-all
-- set: SET enable_hashagg = off;
SELECT id, username FROM users EXCEPT ALL SELECT user_id, 'x' FROM users_playlist_position;
-- setop-hashed-intersect-all
SELECT id FROM users INTERSECT ALL SELECT id FROM playlists;
-- union
SELECT id FROM users UNION SELECT playlist_id FROM users_playlist_position ORDER BY 1 LIMIT 5;
-- union-sorted
-- set: SET enable_hashagg = off;
SELECT id FROM users UNION SELECT playlist_id FROM users_playlist_position;
-- aggregate-filter
SELECT count(*) FILTER (WHERE year > 2000), string_agg(DISTINCT artist, ',' ORDER BY artist) FROM songs WHERE id < 90;
-- aggregate-ordered-set
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY year), mode() WITHIN GROUP (ORDER BY artist) FROM songs;
-- grouping-sets-hashed
SELECT platform_id, id % 3 AS third, count(*) FROM users GROUP BY GROUPING SETS ((platform_id), (id % 3));
-- grouping-sets-of-sets
-- set: SET enable_hashagg = off;
SELECT platform_id, id % 3, username, count(*) FROM users GROUP BY ROLLUP (platform_id, id % 3), CUBE (username) HAVING count(*) > 1;
-- grouping-nothing
SELECT count(*) FROM users GROUP BY ();
-- distinct-hashed
SELECT DISTINCT platform_id, id % 2 FROM users;
-- distinct-aggregate-in-cte
WITH a AS MATERIALIZED (SELECT platform_id, count(*) AS n FROM users GROUP BY 1), b AS MATERIALIZED (SELECT max(n) AS m FROM a) SELECT * FROM a JOIN b ON a.n = b.m WHERE a.n > (SELECT avg(n) FROM a);
-- windows
SELECT id, rank() OVER (PARTITION BY platform_id ORDER BY username), sum(id) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW), count(*) OVER () FROM users;
-- window-filter
SELECT * FROM (SELECT id, dense_rank() OVER w AS r, lag(id) OVER w FROM users WINDOW w AS (PARTITION BY platform_id ORDER BY id DESC)) q WHERE r <= 3 AND r > 1;
-- incremental-sort-groups
-- set: SET enable_seqscan = off; SET enable_hashagg = off;
SELECT c, note, count(*) FROM tagged GROUP BY c, note ORDER BY c, note LIMIT 10;
-- incremental-sort-inner
-- set: SET enable_seqscan = off; SET enable_sort = off; SET enable_hashjoin = off; SET enable_nestloop = off;
SELECT count(*) FROM (SELECT * FROM tagged ORDER BY c, a LIMIT 900) x JOIN (SELECT * FROM tagged ORDER BY c, b LIMIT 5000) y USING (c);
-- sort-collation
SELECT * FROM users ORDER BY username COLLATE "C" DESC NULLS LAST, created_at USING >, platform_id LIMIT 7 OFFSET 3;
-- sort-nulls-first
SELECT song_name, year FROM songs ORDER BY year NULLS FIRST, artist DESC NULLS LAST LIMIT 5;
-- limit-ties
SELECT * FROM users ORDER BY platform_id FETCH FIRST 3 ROWS WITH TIES;
-- limit-expression
SELECT * FROM users LIMIT (SELECT 2 + 1) OFFSET 1;
-- lock-several
SELECT * FROM users u JOIN platforms p ON p.id = u.platform_id WHERE u.id < 4 FOR NO KEY UPDATE OF u FOR KEY SHARE OF p SKIP LOCKED;
-- subplan-any
SELECT id, platform_id = ANY (SELECT id FROM platforms) FROM users WHERE id < 5;
-- subplan-array
SELECT id, ARRAY(SELECT p.id FROM users_playlist_position p WHERE p.user_id = u.id ORDER BY 1) FROM users u WHERE id < 5;
-- subplan-row
SELECT (SELECT (p.id, p.name) FROM playlists p WHERE p.id = u.id), exists (SELECT FROM links WHERE links.id = u.id) FROM users u WHERE u.id < 4;
-- subplan-multi
UPDATE users SET (username, platform_id) = (SELECT name, 1 FROM playlists p WHERE p.id = users.id) WHERE id < 4;
-- subplan-alternatives
SELECT count(*) FROM users u WHERE EXISTS (SELECT FROM users_playlist_position p WHERE p.user_id = u.id) OR u.id = 7;
-- subplan-in-filter-of-subquery
SELECT * FROM (SELECT u.*, (SELECT count(*) FROM links l WHERE l.platform_id = u.platform_id) AS n FROM users u OFFSET 0) q WHERE n > 3 AND id < 5;
-- initplan-several
SELECT * FROM songs WHERE year BETWEEN (SELECT min(year) FROM songs) AND (SELECT max(year) - 60 FROM songs) AND id < (SELECT count(*) FROM users);
-- cte-nested
WITH a AS MATERIALIZED (SELECT * FROM users WHERE id < 50), b AS (WITH c AS MATERIALIZED (SELECT id FROM a WHERE id > 10) SELECT * FROM c JOIN a USING (id)) SELECT (SELECT count(*) FROM a), b.* FROM b;
-- cte-unused-write
WITH gone AS (DELETE FROM links WHERE id < 4), put AS (INSERT INTO platforms VALUES (7, 'Seven', 'u') RETURNING id) SELECT * FROM platforms;
-- recursive-depth
WITH RECURSIVE t(id, depth) AS (SELECT id, 0 FROM playlists WHERE id = 1 UNION SELECT p.id, depth + 1 FROM t JOIN playlists p ON p.id = t.id + 1 WHERE depth < 5) SELECT * FROM t JOIN users USING (id);
-- recursive-search
WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 5) SEARCH BREADTH FIRST BY n SET o SELECT * FROM t ORDER BY o;
-- append-inheritance
SELECT * FROM parent WHERE id < 5 ORDER BY id;
-- append-empty
SELECT * FROM events WHERE happened > '2030-01-01';
-- append-nested
SELECT id FROM users WHERE id < 3 UNION ALL (SELECT id FROM hashed WHERE id < 3 UNION ALL SELECT 5);
-- merge-append-partitions
SELECT * FROM hashed ORDER BY v, id LIMIT 8;
-- partition-wise
-- set: SET enable_partitionwise_join = on; SET enable_partitionwise_aggregate = on; SET enable_mergejoin = off; SET enable_nestloop = off;
SELECT a.id, count(*) FROM hashed a JOIN hashed b USING (id) GROUP BY a.id;
-- partition-init-pruned
SELECT * FROM hashed WHERE id = (SELECT 5);
-- partition-delete
DELETE FROM hashed WHERE v = 3 RETURNING *;
-- partition-insert
INSERT INTO hashed SELECT i, i FROM generate_series(90001, 90020) i;
-- partition-merge
-- Executed, PostgreSQL 15.18 writes JSON that nobody can read: the list of target tables is left open before the counts.
-- planned
MERGE INTO hashed h USING (SELECT generate_series(1, 9) AS id) s ON s.id = h.id WHEN MATCHED AND h.id > 5 THEN DELETE WHEN MATCHED THEN UPDATE SET v = h.v + 1 WHEN NOT MATCHED THEN DO NOTHING;
-- inheritance-update
UPDATE parent SET note = note || '!' WHERE id < 4;
-- update-from
UPDATE users SET username = p.name FROM playlists p WHERE p.id = users.id AND users.id < 30 RETURNING users.*, p.id;
-- update-parent-key
UPDATE booking SET room = room + 100 WHERE id < 5;
-- delete-using
DELETE FROM links USING songs s WHERE s.id = links.song_id AND s.year = 1999 AND links.id < 400;
-- delete-user-cascade
DELETE FROM users WHERE id = 5;
-- delete-in-other-table
WITH d AS (DELETE FROM booking WHERE id < 3 RETURNING id) INSERT INTO platforms SELECT id + 50, 'b' || id, NULL FROM d;
-- insert-select-returning
INSERT INTO users SELECT id + 5000, username, created_at, platform_id FROM users WHERE id < 5 RETURNING id;
-- insert-default
INSERT INTO parent DEFAULT VALUES;
-- insert-conflict-constraint
INSERT INTO platforms AS p SELECT 1, 'One', 'x' ON CONFLICT ON CONSTRAINT platforms_pkey DO UPDATE SET platform_url = 'y' WHERE p.id = 1 AND excluded.id < 2 RETURNING *;
-- insert-conflict-several
INSERT INTO platforms VALUES (1, 'Spotify', 'x'), (70, 'New', 'y'), (71, 'Newer', 'z') ON CONFLICT DO NOTHING;
-- view-update
UPDATE recent_songs SET song_name = 'x' WHERE id < 80;
-- merge-subquery
MERGE INTO guarded g USING (SELECT id, username FROM users WHERE id < 4 OR id > 905) u ON g.id = u.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (id, owner) VALUES (u.id, u.username);
-- create-table-as
CREATE TABLE copied AS SELECT * FROM users WHERE id < 10;
-- declare-cursor
-- planned
DECLARE found CURSOR FOR SELECT * FROM users ORDER BY username;
-- current-of
-- first: DECLARE found CURSOR FOR SELECT * FROM users WHERE id < 9 FOR UPDATE; FETCH 2 FROM found
UPDATE users SET username = 'z' WHERE CURRENT OF found;
-- tid-array
SELECT * FROM users WHERE ctid = ANY (ARRAY['(0,1)', '(0,2)']::tid[]);
-- tid-join
-- set: SET enable_hashjoin = off; SET enable_mergejoin = off;
SELECT * FROM users u JOIN users v ON v.ctid = u.ctid WHERE u.id < 4;
-- tid-range-both
SELECT id FROM users WHERE ctid > '(1,1)' AND ctid <= '(3,5)' AND id % 2 = 0;
-- distance
SELECT id FROM place ORDER BY at <-> point '(3,4)' LIMIT 5;
-- gist-bitmap
-- set: SET enable_seqscan = off; SET enable_indexscan = off;
SELECT count(*) FROM place WHERE at <@ circle '((50,25),7)';
-- gist-recheck
-- set: SET enable_seqscan = off; SET enable_bitmapscan = off;
SELECT id FROM place WHERE at <@ circle '((50,25),7)' AND id % 2 = 0;
-- gin
-- set: SET enable_seqscan = off;
SELECT count(*) FROM place WHERE words @@ to_tsquery('simple', 'word7 & all');
-- brin
-- set: SET enable_seqscan = off; SET enable_indexscan = off;
SELECT count(*) FROM reading WHERE at > '2024-01-03 00:00+00' AND at < '2024-01-03 08:00+00' AND device = 3;
-- expression-index
-- set: SET enable_seqscan = off;
SELECT * FROM reading WHERE payload ->> 'k' = '7' AND value > 10;
-- partial-index-quoted
-- set: SET enable_seqscan = off;
SELECT count(*) FROM reading WHERE device = 2;
-- quoted-schema
SELECT o."to", "Else".id FROM "Else Where"."Order" o JOIN users "Else" ON "Else".id = o."From" WHERE o."to" = 4 ORDER BY o."to", "Else".username LIMIT 3;
-- quoted-schema-delete
DELETE FROM "Else Where"."Order" WHERE "From" < 5 RETURNING "to" + 1;
-- quoted-alias-unqualified
SELECT "From" FROM "Else Where"."Order" AS "Mixed Case" WHERE "Mixed Case"."to" > 7 ORDER BY "Mixed Case"."to", "From" DESC;
-- index-only-conditions
-- set: SET enable_seqscan = off; SET enable_bitmapscan = off;
SELECT c, id FROM tagged WHERE c = ANY (ARRAY[1, 2]) AND id BETWEEN 5 AND 4000 AND id % 3 = 0;
-- index-row-compare
-- set: SET enable_seqscan = off; SET enable_bitmapscan = off;
SELECT * FROM tagged WHERE (c, id) > (48, 100) ORDER BY c DESC, id DESC LIMIT 4;
-- index-null
-- set: SET enable_seqscan = off; SET enable_bitmapscan = off;
SELECT * FROM tagged WHERE a IS NULL;
-- bitmap-array
-- set: SET enable_seqscan = off; SET enable_indexscan = off;
SELECT count(*) FROM tagged WHERE a IN (1, 2, 3) AND (b = 11 OR c = 4) AND note LIKE 'x%';
-- sample-bernoulli
SELECT count(*) FROM songs s TABLESAMPLE bernoulli (10) REPEATABLE (3) WHERE s.year > 1990;
-- sample-no-seed
-- planned
SELECT count(*) FROM songs TABLESAMPLE system (20);
-- rows-from
SELECT * FROM ROWS FROM (generate_series(1, 3), unnest(ARRAY['a', 'b'])) WITH ORDINALITY AS r(a, b, n) WHERE n > 1;
-- function-plpgsql
SELECT * FROM users u, pair(u.id::int) f WHERE u.id < 4 AND f.b = 'x';
-- function-record
SELECT * FROM json_to_recordset('[{"a":1,"b":"x"}]') AS j(a int, b text) WHERE a > 0;
-- srf-nested
SELECT unnest(ARRAY[id, generate_series(1, 2)]) FROM platforms ORDER BY 1;
-- table-function-columns
SELECT u.id, x.* FROM users u, xmltable(XMLNAMESPACES('http://x' AS x), '/r/v' PASSING xmlparse(DOCUMENT '<r><v>' || u.id || '</v></r>') COLUMNS n int PATH '.' DEFAULT 7, o FOR ORDINALITY) x WHERE u.id < 3;
-- values-join
SELECT * FROM (VALUES (1, 'a'), (2, 'b'), (3, NULL)) v(id, t) JOIN users USING (id);
-- result-gate
SELECT * FROM users WHERE current_date > '2020-01-01' AND now() IS NOT NULL AND id < 3;
-- result-values
SELECT x.* FROM (SELECT 1 AS a UNION ALL SELECT 2) x WHERE a > random() - 1;
-- result-min
SELECT min(id), max(id) FROM songs;
-- typed-constants
SELECT * FROM reading WHERE at > timestamptz '2024-01-10' AND value = ANY ('{1.5,2.5}') AND payload @> '{"k": 3}' AND device <> ALL (ARRAY[3, 4]);
-- expressions
SELECT CASE WHEN year > 2000 THEN 'new' WHEN year IS NULL THEN '' ELSE lower(artist) END, coalesce(album, 'none'), year::text || 'x', (year + 1) * 2, NOT (year > 3 AND id IS DISTINCT FROM 7), row(id, year), artist ~* '^a.*"''', greatest(year, 5), nullif(year, 3), extract(day FROM now()) FROM songs WHERE artist SIMILAR TO 'Artist 1%' AND id < 99;
-- strings-with-alias-names
SELECT songs.id FROM songs WHERE songs.song_name <> 'songs.id' AND songs.artist <> E'it''s \\ songs.' AND songs.id < 50 ORDER BY songs.year + songs.id;
-- one-relation-aliased
SELECT count(*), max(s.year) FROM songs s WHERE s.id > 7 GROUP BY s.artist HAVING max(s.year) > 2020 ORDER BY max(s.year), s.artist LIMIT 3;
-- self-join
SELECT a.id FROM users a JOIN users b ON a.id = b.platform_id AND a.username < b.username WHERE b.id < 40;
-- whole-row
SELECT u, u.id FROM users u WHERE u.* IS NOT NULL AND u.id < 3;
-- relation-not-in-plan
-- lost: that the statement names platforms is nowhere in the JSON, so that the sort key loses its table.
SELECT u.id FROM users u LEFT JOIN platforms p ON p.id = u.platform_id WHERE u.id < 9 ORDER BY u.username;
-- generic-parameters
-- set: SET plan_cache_mode = force_generic_plan;
-- first: DEALLOCATE ALL; PREPARE g (bigint, text) AS SELECT * FROM users WHERE id < $1 AND username <> $2 ORDER BY created_at LIMIT $1
EXECUTE g (7, 'x');
-- settings-several
-- set: SET random_page_cost = 1.1; SET enable_hashjoin = off; SET search_path = public, pg_temp; SET work_mem = '5MB';
SELECT * FROM users JOIN playlists USING (id) LIMIT 3;
-- jit
-- set: SET jit = on; SET jit_above_cost = 0; SET jit_inline_above_cost = 0; SET jit_optimize_above_cost = 0;
SELECT sum(year) FROM songs WHERE year > 1980;
-- gather-single-copy
-- set: SET force_parallel_mode = on;
SELECT * FROM users WHERE id < 5;
-- gather-merge
-- set: SET max_parallel_workers_per_gather = 2; SET max_parallel_workers = 1; SET parallel_leader_participation = off; SET min_parallel_table_scan_size = 0; SET min_parallel_index_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0;
SELECT * FROM song_history ORDER BY created_at, id LIMIT 20;
-- parallel-aggregates
-- set: SET max_parallel_workers_per_gather = 2; SET max_parallel_workers = 1; SET parallel_leader_participation = off; SET min_parallel_table_scan_size = 0; SET min_parallel_index_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0;
SELECT song_id % 20 AS k, count(*), sum(user_id) FROM song_history GROUP BY 1;
-- parallel-aggregates-sorted
-- set: SET max_parallel_workers_per_gather = 2; SET max_parallel_workers = 1; SET parallel_leader_participation = off; SET min_parallel_table_scan_size = 0; SET min_parallel_index_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET enable_hashagg = off;
SELECT song_id % 20 AS k, count(*) FROM song_history GROUP BY 1 ORDER BY 1;
-- parallel-index-scan
-- set: SET max_parallel_workers_per_gather = 2; SET max_parallel_workers = 1; SET parallel_leader_participation = off; SET min_parallel_table_scan_size = 0; SET min_parallel_index_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET enable_seqscan = off; SET enable_bitmapscan = off;
SELECT count(note) FROM tagged WHERE a < 40;
-- parallel-index-only-scan
-- set: SET max_parallel_workers_per_gather = 2; SET max_parallel_workers = 1; SET parallel_leader_participation = off; SET min_parallel_table_scan_size = 0; SET min_parallel_index_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET enable_seqscan = off; SET enable_bitmapscan = off;
SELECT count(*) FROM tagged WHERE c > 10;
-- parallel-bitmap
-- set: SET max_parallel_workers_per_gather = 2; SET max_parallel_workers = 1; SET parallel_leader_participation = off; SET min_parallel_table_scan_size = 0; SET min_parallel_index_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET enable_seqscan = off; SET enable_indexscan = off;
SELECT count(note) FROM tagged WHERE a < 10;
-- parallel-append
-- set: SET max_parallel_workers_per_gather = 2; SET max_parallel_workers = 1; SET parallel_leader_participation = off; SET min_parallel_table_scan_size = 0; SET min_parallel_index_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0;
SELECT id FROM hashed WHERE v = 3 UNION ALL SELECT id::int FROM song_history WHERE user_id = 4;
-- parallel-hash-batches
-- set: SET max_parallel_workers_per_gather = 2; SET max_parallel_workers = 1; SET parallel_leader_participation = off; SET min_parallel_table_scan_size = 0; SET min_parallel_index_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET enable_mergejoin = off; SET enable_nestloop = off; SET work_mem = '64kB';
-- planned
SELECT count(*) FROM song_history h JOIN songs s ON s.id = h.song_id;
-- parallel-merge-join
-- set: SET max_parallel_workers_per_gather = 2; SET max_parallel_workers = 1; SET parallel_leader_participation = off; SET min_parallel_table_scan_size = 0; SET min_parallel_index_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET enable_hashjoin = off; SET enable_nestloop = off;
SELECT count(*) FROM song_history h JOIN songs s ON s.id = h.song_id;
-- parallel-memoize
-- set: SET max_parallel_workers_per_gather = 2; SET max_parallel_workers = 1; SET parallel_leader_participation = off; SET min_parallel_table_scan_size = 0; SET min_parallel_index_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET enable_hashjoin = off; SET enable_mergejoin = off;
SELECT count(*) FROM song_history h JOIN users u ON u.id = h.user_id;
-- parallel-incremental-sort
-- set: SET max_parallel_workers_per_gather = 2; SET max_parallel_workers = 1; SET parallel_leader_participation = off; SET min_parallel_table_scan_size = 0; SET min_parallel_index_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET enable_seqscan = off; SET enable_sort = off; SET enable_bitmapscan = off;
SELECT * FROM tagged WHERE note <> '' ORDER BY c, note LIMIT 600;
-- parallel-initplan
-- set: SET max_parallel_workers_per_gather = 2; SET max_parallel_workers = 1; SET parallel_leader_participation = off; SET min_parallel_table_scan_size = 0; SET min_parallel_index_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0;
SELECT count(*) FROM song_history WHERE user_id = (SELECT max(id) FROM users);
-- parallel-subplan
-- set: SET max_parallel_workers_per_gather = 2; SET max_parallel_workers = 1; SET parallel_leader_participation = off; SET min_parallel_table_scan_size = 0; SET min_parallel_index_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0;
SELECT count(*) FROM song_history h WHERE h.user_id NOT IN (SELECT id FROM users WHERE id < 300);
-- parallel-window-over-gather
-- set: SET max_parallel_workers_per_gather = 2; SET max_parallel_workers = 1; SET parallel_leader_participation = off; SET min_parallel_table_scan_size = 0; SET min_parallel_index_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0;
SELECT id, sum(user_id) OVER (ORDER BY id) FROM song_history ORDER BY id LIMIT 10;
-- parallel-jit
-- set: SET max_parallel_workers_per_gather = 2; SET max_parallel_workers = 1; SET parallel_leader_participation = off; SET min_parallel_table_scan_size = 0; SET min_parallel_index_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET jit = on; SET jit_above_cost = 0;
SELECT count(*) FROM song_history WHERE song_id < 100;
-- foreign-scan
SELECT * FROM numbers WHERE n > 1;
-- foreign-join
SELECT * FROM numbers JOIN users ON users.id = numbers.n;
