-- What the plans under reading/ need: the mistakes of reading too much, of estimating and of joining, on small tables of their own.
-- Autovacuum must be off (or slow), so that the statistics stay as they are left here.
CREATE SCHEMA shop;
CREATE TABLE shop.customers (id int PRIMARY KEY, email text, referred_by int);
CREATE TABLE shop.purchases (id bigint PRIMARY KEY, customer_id int, city text, zip text, state text, channel int, desk int, total numeric,
    note varchar(60));
CREATE TABLE shop.visits (id bigint PRIMARY KEY, customer_id int, referrer_id int, page text, agent text);
CREATE TABLE shop.sessions (id bigint PRIMARY KEY, customer_id int, token text);
CREATE TABLE shop.parcels (id bigint PRIMARY KEY, state text, weight int);
CREATE TABLE shop.readings (id bigint, day date NOT NULL, value int) PARTITION BY RANGE (day);
CREATE TABLE shop.keys (id int PRIMARY KEY, code int, batch int);
DO $$ BEGIN FOR m IN 1..12 LOOP EXECUTE format('CREATE TABLE shop.readings_%s PARTITION OF shop.readings FOR VALUES FROM (%L) TO (%L)',
    m, make_date(2025, m, 1), make_date(2025, m, 1) + interval '1 month'); END LOOP; END $$;
CREATE FUNCTION shop.chosen(n int) RETURNS SETOF bigint LANGUAGE plpgsql AS 'BEGIN FOR i IN 1..n LOOP RETURN NEXT i; END LOOP; END';

INSERT INTO shop.customers SELECT i, 'c' || i || '@example.org', nullif(i % 7, 0) FROM generate_series(1, 2000) i;
-- A zip belongs to a city; what is lost was lost long ago; a customer's purchases lie all over the table.
INSERT INTO shop.purchases SELECT i, 1 + i::bigint * 7919 % 200, 'City ' || i % 100, 'Z' || i % 100, CASE WHEN i <= 600 THEN 'lost' ELSE 'done' END,
    i::bigint * 31 % 41, i::bigint * 17 % 53, i % 997, repeat('n', 20 + i % 40) FROM generate_series(1, 60000) i;
INSERT INTO shop.visits SELECT i, 1 + i::bigint * 104729 % 2000, 1 + i::bigint * 15485863 % 1999, '/p/' || i % 300, repeat('Agent ', 60) || i
    FROM generate_series(1, 20000) i;
INSERT INTO shop.sessions SELECT i, 1 + i % 2000, md5(i::text) FROM generate_series(1, 60000) i;
INSERT INTO shop.parcels SELECT i, 'sent', i % 100 FROM generate_series(1, 20000) i;
INSERT INTO shop.readings SELECT i, date '2025-01-01' + i % 365, i % 1000 FROM generate_series(1, 60000) i;
INSERT INTO shop.keys SELECT i, i, i / 10 FROM generate_series(1, 30000) i;
CREATE INDEX purchases_customer_idx ON shop.purchases (customer_id);
CREATE INDEX purchases_channel_idx ON shop.purchases (channel);
CREATE INDEX purchases_desk_idx ON shop.purchases (desk);
CREATE INDEX purchases_city_total_idx ON shop.purchases (city, total);
CREATE INDEX visits_customer_idx ON shop.visits (customer_id);
-- A planner that takes the codes for ten values, as it does when ANALYZE saw a sample that is not like the table.
ALTER TABLE shop.keys ALTER COLUMN code SET (n_distinct = 10), ALTER COLUMN batch SET (n_distinct = 20);
-- What this session has counted but not sent yet would else arrive after ANALYZE, as changes since then.
SELECT pg_stat_force_next_flush();
VACUUM (FREEZE, ANALYZE);
-- Nine of ten rows go, their room stays.
DELETE FROM shop.sessions WHERE id % 10 <> 0;
SELECT pg_stat_force_next_flush();
VACUUM (ANALYZE) shop.sessions;
-- A state that nobody counted yet.
UPDATE shop.parcels SET state = 'late' WHERE id % 2 = 0;
