//! Endpoints that no index helps.

use crate::case::Case;
use crate::tables::{ORDERS, PEOPLE, READINGS};

#[test]
fn a_tiny_table() {
    Case::of(
        "CREATE TABLE unit (id int PRIMARY KEY, code text NOT NULL); INSERT INTO unit SELECT i, 'u' || i FROM generate_series(1, 60) AS i",
    )
    .endpoint("GET /unit", "SELECT code FROM unit", "SELECT * FROM unit WHERE code = :code")
    .keeps_nothing()
    .check();
}

#[test]
fn a_filter_that_most_rows_pass() {
    Case::of(ORDERS).endpoint("GET /orders", "", "SELECT * FROM orders WHERE total > 100").keeps_nothing().check();
}

#[test]
fn a_boolean_that_half_the_rows_have() {
    Case::of(
        "CREATE TABLE pupil (id int PRIMARY KEY, present boolean NOT NULL, about text NOT NULL); \
         INSERT INTO pupil SELECT i, i % 2 = 0, repeat(md5(i::text), 4) FROM generate_series(1, 30000) AS i",
    )
    .endpoint(
        "GET /pupils",
        "SELECT true AS here UNION SELECT false",
        "SELECT sum(length(about)) FROM pupil WHERE present = :here",
    )
    .keeps_nothing()
    .check();
}

#[test]
fn a_sum_over_everything() {
    Case::of(ORDERS).endpoint("GET /size", "", "SELECT sum(length(note)), avg(total) FROM orders").keeps_nothing().check();
}

#[test]
fn everything_but_one() {
    Case::of(ORDERS)
        .endpoint("GET /orders", "SELECT id FROM customer", "SELECT sum(length(note)) FROM orders WHERE customer_id <> :id")
        .keeps_nothing()
        .check();
}

#[test]
fn what_the_primary_key_finds() {
    Case::of(ORDERS)
        .endpoint("GET /order", "SELECT id FROM orders", "SELECT * FROM orders WHERE id = :id")
        .endpoint(
            "GET /orders",
            "SELECT id FROM orders WHERE id < 29000",
            "SELECT * FROM orders WHERE id > :id ORDER BY id LIMIT 20",
        )
        .keeps_nothing()
        .check();
}

#[test]
fn a_few_by_chance() {
    Case::of(PEOPLE).endpoint("GET /somebody", "", "SELECT * FROM person ORDER BY random() LIMIT 5").keeps_nothing().check();
}

#[test]
fn rows_of_no_table() {
    Case::of(PEOPLE)
        .endpoint(
            "GET /days",
            "",
            "SELECT day, day % 7 FROM generate_series(1, 20000) AS day WHERE day % 11 = 3 ORDER BY day DESC",
        )
        .endpoint("GET /constant", "", "SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS pair (number, letter) WHERE letter = 'b'")
        .keeps_nothing()
        .check();
}

#[test]
fn rows_behind_a_function_that_the_planner_cannot_look_into() {
    Case::of(READINGS)
        .and(
            "CREATE FUNCTION worst(wanted int) RETURNS SETOF reading LANGUAGE plpgsql AS \
             $$ BEGIN RETURN QUERY SELECT * FROM reading ORDER BY md5(raw) LIMIT wanted; END $$",
        )
        .endpoint("GET /worst", "", "SELECT * FROM worst(5) WHERE value > 3")
        .keeps_nothing()
        .check();
}

#[test]
fn an_empty_table() {
    Case::of("CREATE TABLE nothing (id bigint PRIMARY KEY, code text)")
        .endpoint("GET /nothing", "SELECT 'x' AS code", "SELECT * FROM nothing WHERE code = :code")
        .keeps_nothing()
        .check();
}

#[test]
fn a_number_that_is_not_of_the_columns_type() {
    // `bigint = numeric` compares as numeric, which an index on the column cannot do.
    Case::of(ORDERS)
        .endpoint("GET /orders", "SELECT id FROM customer", "SELECT * FROM orders WHERE customer_id = :id::numeric")
        .never(&["orders (customer_id)"])
        .keeps_nothing()
        .keeps(&["orders (*(customer_id)::numeric*)"])
        .keeps(&["orders (*customer_id::numeric*)"])
        .check();
}
