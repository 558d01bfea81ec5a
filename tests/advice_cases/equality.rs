//! Rows looked up by what they hold.

use crate::case::Case;
use crate::tables::{ORDERS, READINGS};

#[test]
fn one_column() {
    Case::of(ORDERS)
        .endpoint("GET /orders", "SELECT id AS customer FROM customer", "SELECT * FROM orders WHERE customer_id = :customer")
        .keeps(&["orders (customer_id)"])
        .check();
}

#[test]
fn two_columns_of_which_neither_is_enough() {
    // 170 rows have the one, 170 the other, one or two have both.
    Case::of(
        "CREATE TABLE seat (id bigint PRIMARY KEY, block int NOT NULL, place int NOT NULL, note text NOT NULL); \
         INSERT INTO seat SELECT i, i % 173, (i / 173) % 173, repeat(md5(i::text), 4) FROM generate_series(1, 30000) AS i",
    )
    .endpoint(
        "GET /seat",
        "SELECT block, place FROM seat WHERE id % 100 = 0",
        "SELECT * FROM seat WHERE block = :block AND place = :place",
    )
    .keeps(&["seat (block, place)"])
    .keeps(&["seat (place, block)"])
    .check();
}

#[test]
fn a_list_of_values() {
    Case::of(ORDERS)
        .endpoint(
            "GET /orders",
            "SELECT id AS a, id + 7 AS b, id + 90 AS c FROM customer WHERE id < 1900",
            "SELECT * FROM orders WHERE customer_id IN (:a, :b, :c)",
        )
        .keeps(&["orders (customer_id)"])
        .check();
}

#[test]
fn an_array_of_values() {
    Case::of(ORDERS)
        .endpoint(
            "GET /orders",
            "SELECT ARRAY[id, id + 7] AS customers FROM customer WHERE id < 1900",
            "SELECT * FROM orders WHERE customer_id = ANY(:customers)",
        )
        .keeps(&["orders (customer_id)"])
        .check();
}

#[test]
fn a_narrow_range() {
    Case::of(ORDERS)
        .endpoint(
            "GET /orders",
            "SELECT total AS least FROM orders WHERE id % 50 = 0",
            "SELECT * FROM orders WHERE total BETWEEN :least AND :least::int + 20",
        )
        .keeps(&["orders (total)"])
        .check();
}

#[test]
fn a_day_of_scattered_rows() {
    // An hour is 60 of 30,000 rows, and no two of them are neighbours.
    Case::of(ORDERS)
        .endpoint(
            "GET /orders",
            "SELECT placed_at AS since FROM orders WHERE id % 50 = 0",
            "SELECT * FROM orders WHERE placed_at >= :since AND placed_at < :since::timestamptz + interval '1 hour'",
        )
        .keeps(&["orders (placed_at)"])
        .check();
}

#[test]
fn an_equality_stands_before_a_range() {
    // 1,000 rows of the sensor, 3,000 of the range, 100 of both.
    Case::of(READINGS)
        .endpoint(
            "GET /readings",
            "SELECT sensor_id AS sensor, value AS least FROM reading WHERE value < 27000 AND id % 50 = 0",
            "SELECT * FROM reading WHERE sensor_id = :sensor AND value >= :least AND value < :least::int + 1000",
        )
        .keeps(&["reading (sensor_id, value)"])
        .check();
}

#[test]
fn equalities_stand_before_a_range_in_whatever_order_they_are_written() {
    Case::of(READINGS)
        .endpoint(
            "GET /readings",
            "SELECT sensor_id AS sensor, value AS least FROM reading WHERE value < 27000 AND id % 50 = 0",
            "SELECT * FROM reading WHERE value > :least AND value < :least::int + 1000 AND :sensor = sensor_id",
        )
        .keeps(&["reading (sensor_id, value)"])
        .check();
}

#[test]
fn rare_nulls() {
    Case::of(
        "CREATE TABLE job (id bigint PRIMARY KEY, done_at timestamptz, payload text NOT NULL); \
         INSERT INTO job SELECT i, CASE WHEN i % 500 > 0 THEN timestamptz '2025-01-01' + i * interval '1 s' END, repeat(md5(i::text), 4) \
         FROM generate_series(1, 30000) AS i",
    )
    .endpoint("GET /jobs/open", "", "SELECT * FROM job WHERE done_at IS NULL")
    .keeps(&["job (done_at)"])
    .keeps(&["job (*) WHERE *done_at IS NULL*"])
    .check();
}

#[test]
fn a_rare_truth() {
    Case::of(
        "CREATE TABLE post (id bigint PRIMARY KEY, flagged boolean NOT NULL, body text NOT NULL); \
         INSERT INTO post SELECT i, i % 500 = 0, repeat(md5(i::text), 4) FROM generate_series(1, 30000) AS i",
    )
    .endpoint("GET /posts/flagged", "", "SELECT * FROM post WHERE flagged")
    .keeps(&["post (flagged)"])
    .keeps(&["post (*) WHERE *flagged*"])
    .check();
}

#[test]
fn what_is_asked_for_and_never_there_is_found_missing_quickly() {
    Case::of(ORDERS)
        .endpoint(
            "GET /customer",
            "SELECT 'nobody' || id AS email FROM customer",
            "SELECT * FROM customer JOIN orders ON orders.customer_id = customer.id WHERE orders.note = :email",
        )
        .keeps(&["orders (note)"])
        .keeps(&["orders USING hash (note)"])
        .check();
}
