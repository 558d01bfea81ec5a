//! Rows that foreign keys look for. The planner sees none of this: the plan of the DELETE costs the same with the index and without.

use crate::case::Case;

#[test]
fn three_levels() {
    Case::of(
        "CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a SELECT generate_series(1, 500); \
         CREATE TABLE b (id int PRIMARY KEY, a_id int NOT NULL REFERENCES a ON DELETE CASCADE); \
         INSERT INTO b SELECT i, 1 + i % 500 FROM generate_series(1, 20000) AS i; \
         CREATE TABLE c (id int PRIMARY KEY, b_id int NOT NULL REFERENCES b ON DELETE CASCADE); \
         INSERT INTO c SELECT i, i FROM generate_series(1, 20000) AS i; \
         CREATE TABLE d (id int PRIMARY KEY, c_id int NOT NULL REFERENCES c ON DELETE CASCADE); \
         INSERT INTO d SELECT i, i FROM generate_series(1, 20000) AS i",
    )
    .endpoint("POST /remove", "SELECT id FROM a", "DELETE FROM a WHERE id = :id")
    .keeps(&["b (a_id)", "c (b_id)", "d (c_id)"])
    .check();
}

#[test]
fn several_columns_refer_together() {
    Case::of(
        "CREATE TABLE invoice (tenant int, number int, PRIMARY KEY (tenant, number)); \
         INSERT INTO invoice SELECT i % 10, i FROM generate_series(1, 2000) AS i; \
         CREATE TABLE item (id int PRIMARY KEY, tenant int, number int, FOREIGN KEY (tenant, number) REFERENCES invoice ON DELETE CASCADE); \
         INSERT INTO item SELECT i, (1 + i % 2000) % 10, 1 + i % 2000 FROM generate_series(1, 30000) AS i",
    )
    .endpoint("POST /remove", "SELECT tenant, number FROM invoice", "DELETE FROM invoice WHERE tenant = :tenant AND number = :number")
    .keeps(&["item (tenant, number)"])
    .keeps(&["item (number, tenant)"])
    .keeps(&["item (number)"])
    .check();
}

#[test]
fn a_table_that_refers_to_itself() {
    Case::of(
        "CREATE TABLE folder (id int PRIMARY KEY, parent_id int REFERENCES folder ON DELETE CASCADE, name text NOT NULL); \
         INSERT INTO folder SELECT i, NULLIF(i / 5, 0), repeat(md5(i::text), 4) FROM generate_series(1, 30000) AS i",
    )
    .endpoint("POST /remove", "SELECT id FROM folder WHERE id BETWEEN 5000 AND 5900", "DELETE FROM folder WHERE id = :id")
    .keeps(&["folder (parent_id)"])
    .keeps(&["folder (parent_id) WHERE *parent_id IS NOT NULL*"])
    .check();
}

#[test]
fn what_is_set_to_null() {
    Case::of(
        "CREATE TABLE editor (id int PRIMARY KEY); INSERT INTO editor SELECT generate_series(1, 2000); \
         CREATE TABLE article (id int PRIMARY KEY, editor_id int REFERENCES editor ON DELETE SET NULL, body text NOT NULL); \
         INSERT INTO article SELECT i, 1 + i % 2000, repeat(md5(i::text), 4) FROM generate_series(1, 30000) AS i",
    )
    .endpoint("POST /leave", "SELECT id FROM editor", "DELETE FROM editor WHERE id = :id")
    .keeps(&["article (editor_id)"])
    .check();
}

#[test]
fn what_must_not_be_there() {
    // Customers without orders: the check that there are none reads the whole table.
    Case::of(
        "CREATE TABLE customer (id int PRIMARY KEY); INSERT INTO customer SELECT generate_series(1, 2000); \
         CREATE TABLE orders (id int PRIMARY KEY, customer_id int NOT NULL REFERENCES customer, note text NOT NULL); \
         INSERT INTO orders SELECT i, 1 + i % 1000, repeat(md5(i::text), 4) FROM generate_series(1, 30000) AS i",
    )
    .endpoint("POST /leave", "SELECT id FROM customer WHERE id > 1000", "DELETE FROM customer WHERE id = :id")
    .keeps(&["orders (customer_id)"])
    .check();
}

#[test]
fn a_key_that_is_changed() {
    Case::of(
        "CREATE TABLE country (code text PRIMARY KEY); INSERT INTO country SELECT 'c' || i FROM generate_series(1, 1000) AS i; \
         CREATE TABLE town (id int PRIMARY KEY, country text NOT NULL REFERENCES country ON UPDATE CASCADE, note text NOT NULL); \
         INSERT INTO town SELECT i, 'c' || (1 + i % 1000), repeat(md5(i::text), 4) FROM generate_series(1, 30000) AS i",
    )
    .endpoint("PUT /country", "SELECT code FROM country", "UPDATE country SET code = code || 'x' WHERE code = :code")
    .keeps(&["town (country)"])
    .check();
}

#[test]
fn one_that_stands_already() {
    Case::of(
        "CREATE TABLE customer (id int PRIMARY KEY); INSERT INTO customer SELECT generate_series(1, 2000); \
         CREATE TABLE orders (id int PRIMARY KEY, customer_id int NOT NULL REFERENCES customer ON DELETE CASCADE, note text NOT NULL); \
         INSERT INTO orders SELECT i, 1 + i % 2000, repeat(md5(i::text), 4) FROM generate_series(1, 30000) AS i; \
         CREATE INDEX ON orders (customer_id)",
    )
    .endpoint("POST /leave", "SELECT id FROM customer", "DELETE FROM customer WHERE id = :id")
    .keeps_nothing()
    .check();
}

#[test]
fn a_reference_that_is_mostly_null() {
    Case::of(
        "CREATE TABLE coupon (id int PRIMARY KEY); INSERT INTO coupon SELECT generate_series(1, 300); \
         CREATE TABLE orders (id int PRIMARY KEY, coupon_id int REFERENCES coupon ON DELETE SET NULL, note text NOT NULL); \
         INSERT INTO orders SELECT i, CASE WHEN i % 100 = 0 THEN 1 + i / 100 % 300 END, repeat(md5(i::text), 4) \
         FROM generate_series(1, 30000) AS i",
    )
    .endpoint("POST /coupon/remove", "SELECT id FROM coupon", "DELETE FROM coupon WHERE id = :id")
    .keeps(&["orders (coupon_id)"])
    .keeps(&["orders (coupon_id) WHERE *coupon_id IS NOT NULL*"])
    .check();
}

#[test]
fn a_cascade_into_partitions() {
    Case::of(
        "CREATE TABLE device (id int PRIMARY KEY); INSERT INTO device SELECT generate_series(1, 500); \
         CREATE TABLE measure (device_id int NOT NULL REFERENCES device ON DELETE CASCADE, day int NOT NULL, raw text NOT NULL) \
         PARTITION BY RANGE (day); \
         CREATE TABLE measure_1 PARTITION OF measure FOR VALUES FROM (0) TO (50); \
         CREATE TABLE measure_2 PARTITION OF measure FOR VALUES FROM (50) TO (100); \
         INSERT INTO measure SELECT 1 + i % 500, i % 100, repeat(md5(i::text), 4) FROM generate_series(1, 30000) AS i",
    )
    .endpoint("POST /device/remove", "SELECT id FROM device", "DELETE FROM device WHERE id = :id")
    .keeps(&["measure (device_id)"])
    .check();
}
