-- Beside schema.sql: what the plans under resources/ need.
CREATE EXTENSION IF NOT EXISTS postgres_fdw;
-- A tree whose link has no index.
CREATE TABLE folders (id int PRIMARY KEY, parent_id int, name text);
INSERT INTO folders SELECT i, CASE WHEN i > 1 THEN i / 2 END, 'Folder ' || i FROM generate_series(1, 20000) i;
-- Slow on purpose: a busy loop, as a function that nobody looked at.
CREATE FUNCTION slow_price(id bigint) RETURNS numeric LANGUAGE plpgsql IMMUTABLE COST 100 AS
    'DECLARE sum numeric := 0; BEGIN FOR i IN 1..2000 LOOP sum := sum + i % 7; END LOOP; RETURN sum + id; END';
CREATE FUNCTION slow_prices(n int) RETURNS SETOF numeric LANGUAGE plpgsql AS
    'BEGIN FOR i IN 1..n LOOP RETURN NEXT slow_price(i); END LOOP; END';
-- A queue whose work has been done, but whose dead rows nobody removed.
CREATE TABLE jobs (id bigint PRIMARY KEY, payload text);
ALTER TABLE jobs SET (autovacuum_enabled = off);
-- Rows that are written with much beside them.
CREATE TABLE documents (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner_id bigint, state text, body tsvector);
CREATE INDEX documents_owner_idx ON documents (owner_id);
CREATE INDEX documents_state_idx ON documents (state, owner_id);
CREATE INDEX documents_body_idx ON documents USING gin (body) WITH (fastupdate = off);
INSERT INTO documents (owner_id, state, body)
    SELECT i % 500, 'new', (SELECT string_agg('word' || i * j % 20011, ' ') FROM generate_series(1, 40) j)::tsvector FROM generate_series(1, 20000) i;
-- Orders: a foreign key that is checked, a trigger for each row, a key that is taken.
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint REFERENCES users, total numeric);
INSERT INTO orders SELECT i, 1 + i % 911, i FROM generate_series(1, 10000) i;
CREATE TABLE order_lines (id bigint PRIMARY KEY, order_id bigint REFERENCES orders ON DELETE CASCADE, amount int);
INSERT INTO order_lines SELECT i, 1 + i % 10000, i % 9 FROM generate_series(1, 40000) i;
CREATE INDEX order_lines_order_idx ON order_lines (order_id);
CREATE FUNCTION log_line() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM 1; RETURN NULL; END';
CREATE TABLE logged (id bigint, note text);
CREATE TRIGGER logged_note AFTER INSERT ON logged FOR EACH ROW EXECUTE FUNCTION log_line();
CREATE FUNCTION count_orders() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM count(*) FROM orders; RETURN NULL; END';
CREATE TABLE counted (id bigint, note text);
CREATE TRIGGER counted_orders AFTER INSERT ON counted FOR EACH ROW EXECUTE FUNCTION count_orders();
CREATE TABLE readings (id bigint, sensor int, value text) WITH (parallel_workers = 2);
INSERT INTO readings SELECT i, i % 7, repeat('x', 40) FROM generate_series(1, 300000) i;
-- The songs once more, over the wire.
DO $$ BEGIN
    EXECUTE format('CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host %L, port %L, dbname %L)',
        split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port'), current_database());
END $$;
CREATE USER MAPPING FOR CURRENT_USER SERVER elsewhere OPTIONS (user 'postgres');
CREATE FOREIGN TABLE songs_elsewhere (id bigint, song_name text, artist text) SERVER elsewhere OPTIONS (table_name 'songs');
CREATE FUNCTION is_hit(name text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN name LIKE '%777%'; END $$;
CREATE FUNCTION unsafe_year(year int) RETURNS int LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN year; END';
VACUUM (FREEZE, ANALYZE);
