//! Tables that several cases ask about.

/// 2,000 customers and 30,000 orders of theirs, 15 each, scattered. Nothing but primary keys is indexed; rows are wide, so that nobody
/// is tempted to carry a whole one in an index.
pub const ORDERS: &str = "
CREATE TABLE customer (id bigint PRIMARY KEY, email text NOT NULL, country text NOT NULL);
INSERT INTO customer
SELECT i, 'Person' || i || '@Example.com', (ARRAY['DE', 'FR', 'IT', 'ES', 'PL'])[1 + i % 5] FROM generate_series(1, 2000) AS i;
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL, state text NOT NULL, total int NOT NULL,
    placed_at timestamptz NOT NULL, note text NOT NULL);
INSERT INTO orders
SELECT i, 1 + (i * 7919) % 2000, CASE WHEN i % 200 = 0 THEN 'open' ELSE 'done' END, (i * 31) % 30000,
    timestamptz '2025-01-01' + (i * 7 % 30000) * interval '1 minute', repeat(md5(i::text), 4)
FROM generate_series(1, 30000) AS i";

/// 30 sensors with 1,000 readings each, in the order of time.
pub const READINGS: &str = "
CREATE TABLE reading (id bigint PRIMARY KEY, sensor_id int NOT NULL, at timestamp NOT NULL, value int NOT NULL, raw text NOT NULL);
INSERT INTO reading
SELECT i, i % 30, timestamp '2025-01-01' + i * interval '1 minute', (i * 7919) % 30000, repeat(md5(i::text), 6)
FROM generate_series(1, 30000) AS i";

/// 20,000 people, of whom nothing is indexed but the primary key.
pub const PEOPLE: &str = "
CREATE TABLE person (id bigint PRIMARY KEY, name text NOT NULL, email varchar(80) NOT NULL, city text, about text NOT NULL);
INSERT INTO person
SELECT i, initcap(substr(md5(i::text), 1, 6)) || ' ' || initcap(substr(md5((i + 1)::text), 1, 8)),
    md5((i + 2)::text) || '@example.com', (ARRAY['Rome', 'Oslo', 'Bonn', 'Lyon'])[1 + i % 4], repeat(md5((i + 3)::text), 4)
FROM generate_series(1, 20000) AS i";
