//! One index for several questions, and several where one will not do.

use crate::case::Case;
use crate::tables::{ORDERS, READINGS};

/// 150 rows share `a`, 150 share `b`, one or two share both.
const GRID: &str = "
CREATE TABLE cell (id bigint PRIMARY KEY, a int NOT NULL, b int NOT NULL, note text NOT NULL);
INSERT INTO cell SELECT i, i % 199, (i / 199) % 199, repeat(md5(i::text), 4) FROM generate_series(1, 30000) AS i";

const CELLS: &str = "SELECT a, b FROM cell WHERE id % 20 = 0";
const BY_A: &str = "SELECT * FROM cell WHERE a = :a";
const BY_B: &str = "SELECT * FROM cell WHERE b = :b";
const BY_BOTH: &str = "SELECT * FROM cell WHERE a = :a AND b = :b";
const BY_BOTH_TURNED: &str = "SELECT * FROM cell WHERE b = :b AND a = :a";

#[test]
fn the_longer_serves_the_shorter() {
    Case::of(GRID).endpoint("GET /a", CELLS, BY_A).endpoint("GET /both", CELLS, BY_BOTH).keeps(&["cell (a, b)"]).check();
}

#[test]
fn the_order_of_columns_is_chosen_for_both() {
    Case::of(GRID).endpoint("GET /a", CELLS, BY_A).endpoint("GET /both", CELLS, BY_BOTH_TURNED).keeps(&["cell (a, b)"]).check();
}

#[test]
fn two_columns_asked_apart_need_two() {
    Case::of(GRID).endpoint("GET /a", CELLS, BY_A).endpoint("GET /b", CELLS, BY_B).keeps(&["cell (a)", "cell (b)"]).check();
}

#[test]
fn two_columns_asked_apart_and_together_need_two() {
    Case::of(GRID)
        .endpoint("GET /a", CELLS, BY_A)
        .endpoint("GET /b", CELLS, BY_B)
        .endpoint("GET /both", CELLS, BY_BOTH)
        .keeps(&["cell (a, b)", "cell (b)"])
        .keeps(&["cell (b, a)", "cell (a)"])
        // A bitmap of both answers the third nearly as quickly.
        .keeps(&["cell (a)", "cell (b)"])
        .check();
}

#[test]
fn an_order_and_a_lookup_share_one() {
    Case::of(READINGS)
        .endpoint(
            "GET /sensor/newest",
            "SELECT DISTINCT sensor_id AS sensor FROM reading",
            "SELECT * FROM reading WHERE sensor_id = :sensor ORDER BY value DESC LIMIT 5",
        )
        .endpoint(
            "GET /sensor",
            "SELECT DISTINCT sensor_id AS sensor FROM reading",
            "SELECT sum(length(raw)) FROM reading WHERE sensor_id = :sensor",
        )
        .keeps(&["reading (sensor_id, value)"])
        .keeps(&["reading (sensor_id, value DESC)"])
        .check();
}

#[test]
fn a_cascade_and_a_page_share_one() {
    Case::of(
        "CREATE TABLE owner (id int PRIMARY KEY); INSERT INTO owner SELECT generate_series(1, 60); \
         CREATE TABLE entry (id bigint PRIMARY KEY, owner_id int NOT NULL REFERENCES owner ON DELETE CASCADE, rank int NOT NULL, note text NOT NULL); \
         INSERT INTO entry SELECT i, 1 + i % 60, (i * 7919) % 30011, repeat(md5(i::text), 4) FROM generate_series(1, 30000) AS i",
    )
    .endpoint("POST /leave", "SELECT id FROM owner", "DELETE FROM owner WHERE id = :id")
    .endpoint(
        "GET /entries",
        "SELECT id AS owner FROM owner",
        "SELECT * FROM entry WHERE owner_id = :owner ORDER BY rank LIMIT 5",
    )
    .keeps(&["entry (owner_id, rank)"])
    .check();
}

#[test]
fn a_range_does_not_stand_before_an_equality_for_two() {
    Case::of(READINGS)
        .endpoint(
            "GET /readings",
            "SELECT sensor_id AS sensor, value AS least FROM reading WHERE value < 29000 AND id % 50 = 0",
            "SELECT * FROM reading WHERE value BETWEEN :least AND :least::int + 500 AND sensor_id = :sensor",
        )
        .endpoint(
            "GET /sensor/least",
            "SELECT DISTINCT sensor_id AS sensor FROM reading",
            "SELECT * FROM reading WHERE sensor_id = :sensor ORDER BY value LIMIT 3",
        )
        .keeps(&["reading (sensor_id, value)"])
        .check();
}

#[test]
fn many_questions_of_one_table() {
    // Four questions, three columns that lead.
    Case::of(ORDERS)
        .endpoint("GET /orders", "SELECT id AS customer FROM customer", "SELECT * FROM orders WHERE customer_id = :customer")
        .endpoint("GET /total", "SELECT id AS total FROM customer", "SELECT * FROM orders WHERE total = :total")
        .endpoint("GET /newest", "", "SELECT * FROM orders ORDER BY placed_at DESC LIMIT 10")
        .endpoint(
            "GET /range",
            "SELECT id AS least FROM customer",
            "SELECT * FROM orders WHERE total BETWEEN :least AND :least::int + 10",
        )
        .keeps(&["orders (customer_id)", "orders (placed_at)", "orders (total)"])
        .keeps(&["orders (customer_id)", "orders (placed_at DESC)", "orders (total)"])
        .check();
}
