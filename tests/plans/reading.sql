-- Statements about reading too much, wrong estimates and joins, on the tables of reading-schema.sql; captured like those of timed.sql, into reading/.

-- filter-weak
SELECT id, total FROM shop.purchases WHERE channel = 7 AND note = 'none' AND total < 400;
-- index-condition-weak
-- set: SET enable_seqscan = off;
SELECT count(*) FROM shop.purchases WHERE total = 400;
-- bitmap-lossy
-- set: SET work_mem = '64kB'; SET enable_seqscan = off; SET enable_indexscan = off;
SELECT count(page) FROM shop.visits WHERE customer_id < 1000;
-- bitmap-and
SELECT id, note FROM shop.purchases WHERE channel = 7 AND desk = 11;
-- or-columns
SELECT id, note FROM shop.purchases WHERE zip = 'Z7' AND total = 7 OR note = 'none';
-- or-tables
SELECT p.id FROM shop.purchases p JOIN shop.customers c ON c.id = p.customer_id WHERE c.email = 'c7@example.org' OR p.note = 'none';
-- index-only-possible
SELECT customer_id, sum(total) FROM shop.purchases WHERE customer_id < 8 GROUP BY customer_id;
-- scattered-heap
SELECT * FROM shop.purchases WHERE customer_id = 7;
-- bloat
SELECT count(*) FROM shop.sessions WHERE token LIKE 'a%';
-- wide-rows
WITH seen AS MATERIALIZED (SELECT * FROM shop.visits) SELECT count(*) FROM seen a JOIN shop.customers c ON c.id = a.customer_id;
-- optional-parameter
-- set: SET plan_cache_mode = force_generic_plan; PREPARE search (text, text) AS SELECT id, note FROM shop.purchases WHERE ($1 IS NULL OR zip = $1) AND ($2 IS NULL OR note = $2);
EXECUTE search ('Z7', NULL);
-- type-mismatch
SELECT note FROM shop.purchases WHERE id = 7.0;
-- function-rows
SELECT count(p.note) FROM shop.chosen(30000) c JOIN shop.purchases p ON p.id = c;
-- partitions-not-pruned
SELECT id FROM shop.readings WHERE to_char(day, 'YYYY-MM') = '2025-03' AND value < 500;
-- partitions-pruned
SELECT id FROM shop.readings WHERE day >= '2025-03-01' AND day < '2025-04-01' AND value < 500;
-- stale-statistics
SELECT count(v.page) FROM shop.parcels p JOIN shop.visits v ON v.id = p.id WHERE p.state = 'late';
-- stale-cte
WITH late AS MATERIALIZED (SELECT id FROM shop.parcels WHERE state = 'late') SELECT count(v.page) FROM late JOIN shop.visits v ON v.id = late.id;
-- nested-loop-of-cte
WITH late AS MATERIALIZED (SELECT id FROM shop.parcels WHERE state = 'late') SELECT count(v.page), (SELECT max(id) FROM late) FROM late JOIN shop.visits v ON v.id = late.id;
-- correlated-columns
SELECT count(v.page) FROM shop.purchases p JOIN shop.visits v ON v.customer_id = p.customer_id WHERE p.city = 'City 7' AND p.zip = 'Z7';
-- group-count-high
SELECT city, zip, count(*) FROM shop.purchases GROUP BY city, zip;
-- group-count-low
SELECT code, count(*) FROM shop.keys GROUP BY code;
-- limit-fooled
SELECT id, note FROM shop.purchases WHERE state = 'lost' ORDER BY id DESC LIMIT 10;
-- nested-loop-thousands
-- set: SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_memoize = off;
SELECT sum(p.total) FROM shop.visits v JOIN shop.purchases p ON p.id = v.id;
-- cartesian
SELECT count(*) FROM shop.customers a, shop.customers b WHERE a.id < 1000;
-- hash-of-bigger-side
SELECT count(*) FROM shop.purchases p JOIN shop.visits v ON v.referrer_id = p.channel WHERE (p.id + 0) % 12 <= 0 AND v.id <= 15000;
-- hash-of-misjudged-side
SELECT count(*) FROM shop.purchases p JOIN shop.visits v ON v.referrer_id = p.channel WHERE (p.id + 0) % 1000 <= 0 AND v.id <= 15000;
-- estimate-of-expression
SELECT count(*) FROM shop.visits v JOIN shop.sessions s ON s.customer_id = v.referrer_id WHERE (v.id + 0) % 1 = 0;
-- merge-join-sorts
-- set: SET enable_hashjoin = off;
SELECT count(*) FROM shop.visits v JOIN shop.sessions s ON s.customer_id = v.referrer_id;
-- memoize-misses
SELECT count(v.page) FROM shop.keys k JOIN shop.visits v ON v.id = k.code WHERE k.id <= 20000;
-- not-in
-- set: SET work_mem = '64kB';
SELECT count(*) FROM shop.customers WHERE id NOT IN (SELECT customer_id FROM shop.sessions WHERE id > 10000);
-- not-in-hashed
SELECT count(*) FROM shop.sessions WHERE customer_id NOT IN (SELECT id FROM shop.customers WHERE id > 10);
-- not-exists
SELECT count(*) FROM shop.customers c WHERE NOT EXISTS (SELECT FROM shop.sessions s WHERE s.customer_id = c.id AND s.id > 10000);
-- join-order
SELECT count(*) FROM shop.visits a JOIN shop.visits b ON b.customer_id = a.customer_id JOIN shop.customers c1 ON c1.id = a.customer_id
    JOIN shop.customers c2 ON c2.id = b.referrer_id JOIN shop.customers c3 ON c3.id = a.referrer_id JOIN shop.customers c4 ON c4.id = b.customer_id
    JOIN shop.customers c5 ON c5.id = c1.referred_by JOIN shop.customers c6 ON c6.id = c2.referred_by JOIN shop.customers c7 ON c7.id = c3.referred_by
    JOIN shop.parcels p ON p.id = a.id WHERE p.weight = 8;
-- reads-to-return
SELECT p.id, v.id FROM shop.purchases p JOIN shop.visits v ON v.referrer_id = p.customer_id AND v.page = p.note;
-- good
SELECT note FROM shop.purchases WHERE id = 7;
