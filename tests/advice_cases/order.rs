//! Rows wanted in an order, most of them only a few.

use crate::case::Case;
use crate::tables::{ORDERS, PEOPLE, READINGS};

#[test]
fn the_newest_of_one() {
    Case::of(READINGS)
        .endpoint(
            "GET /sensor/latest",
            "SELECT DISTINCT sensor_id AS sensor FROM reading",
            "SELECT * FROM reading WHERE sensor_id = :sensor ORDER BY value DESC LIMIT 5",
        )
        .keeps(&["reading (sensor_id, value)"])
        .keeps(&["reading (sensor_id, value DESC)"])
        .check();
}

#[test]
fn the_first_of_all() {
    Case::of(ORDERS)
        .endpoint("GET /orders/cheapest", "", "SELECT * FROM orders ORDER BY total LIMIT 10")
        .keeps(&["orders (total)"])
        .check();
}

#[test]
fn mixed_directions_are_in_the_index() {
    // A hundred rows share a total, so that an order by it alone leaves them to be sorted; the page is deep in none of them.
    Case::of(
        "CREATE TABLE score (id bigint PRIMARY KEY, level int NOT NULL, points int NOT NULL, replay text NOT NULL); \
         INSERT INTO score SELECT i, i % 3, (i * 7919) % 30011, repeat(md5(i::text), 4) FROM generate_series(1, 30000) AS i",
    )
    .endpoint("GET /scores", "", "SELECT * FROM score ORDER BY level DESC, points LIMIT 20")
    .keeps(&["score (level DESC, points)"])
    .keeps(&["score (level, points DESC)"])
    .check();
}

#[test]
fn nulls_where_the_statement_wants_them() {
    Case::of(
        "CREATE TABLE task (id bigint PRIMARY KEY, rank int, body text NOT NULL); \
         INSERT INTO task SELECT i, CASE WHEN i % 3 > 0 THEN (i * 7919) % 30011 END, repeat(md5(i::text), 4) \
         FROM generate_series(1, 30000) AS i",
    )
    .endpoint("GET /tasks", "", "SELECT * FROM task ORDER BY rank DESC NULLS LAST LIMIT 20")
    .keeps(&["task (rank DESC NULLS LAST)"])
    .keeps(&["task (rank NULLS FIRST)"])
    .check();
}

#[test]
fn an_order_that_is_read_backward_needs_no_direction() {
    Case::of(ORDERS)
        .endpoint("GET /orders/dearest", "", "SELECT * FROM orders ORDER BY total DESC LIMIT 10")
        .endpoint("GET /orders/cheapest", "", "SELECT * FROM orders ORDER BY total LIMIT 10")
        .keeps(&["orders (total)"])
        .keeps(&["orders (total DESC)"])
        .check();
}

#[test]
fn a_page_by_the_key_of_the_row_before_it() {
    Case::of(ORDERS)
        .endpoint(
            "GET /orders/page",
            "SELECT total, id FROM orders WHERE id % 50 = 0",
            "SELECT * FROM orders WHERE (total, id) > (:total, :id) ORDER BY total, id LIMIT 20",
        )
        .keeps(&["orders (total, id)"])
        .keeps(&["orders (total)"])
        .check();
}

#[test]
fn a_page_of_one_owner_by_the_key_of_the_row_before_it() {
    Case::of(READINGS)
        .endpoint(
            "GET /sensor/page",
            "SELECT sensor_id AS sensor, value FROM reading WHERE id % 50 = 0",
            "SELECT * FROM reading WHERE sensor_id = :sensor AND value > :value ORDER BY value LIMIT 5",
        )
        .keeps(&["reading (sensor_id, value)"])
        .check();
}

#[test]
fn an_expression_orders() {
    Case::of(PEOPLE)
        .endpoint("GET /people", "", "SELECT * FROM person ORDER BY lower(name) LIMIT 10")
        .keeps(&["person (*lower(name)*)"])
        .check();
}

#[test]
fn least_and_greatest() {
    Case::of(ORDERS).endpoint("GET /totals", "", "SELECT min(total), max(total) FROM orders").keeps(&["orders (total)"]).check();
}

#[test]
fn the_greatest_of_one() {
    Case::of(READINGS)
        .endpoint(
            "GET /sensor/max",
            "SELECT DISTINCT sensor_id AS sensor FROM reading",
            "SELECT max(value) FROM reading WHERE sensor_id = :sensor",
        )
        .keeps(&["reading (sensor_id, value)"])
        .keeps(&["reading (sensor_id, value DESC)"])
        .check();
}

#[test]
fn the_newest_of_each_of_a_few() {
    // Two of 30 sensors, 2,000 rows; the order behind the sensor spares the sort, not the reading.
    Case::of(READINGS)
        .endpoint(
            "GET /sensors/latest",
            "SELECT a, a + 1 AS b FROM generate_series(0, 28) AS a",
            "SELECT DISTINCT ON (sensor_id) * FROM reading WHERE sensor_id IN (:a, :b) ORDER BY sensor_id, value DESC",
        )
        .keeps(&["reading (sensor_id)"])
        .keeps(&["reading (sensor_id, value*)"])
        .check();
}

#[test]
fn the_driving_side_of_a_join_gives_the_order() {
    Case::of(ORDERS)
        .endpoint(
            "GET /orders/dearest",
            "",
            "SELECT * FROM orders JOIN customer ON customer.id = orders.customer_id \
             ORDER BY orders.total DESC LIMIT 10",
        )
        .keeps(&["orders (total)"])
        .keeps(&["orders (total DESC)"])
        .check();
}

#[test]
fn groups_of_a_few_rows_are_found_by_their_filter() {
    Case::of(ORDERS)
        .endpoint(
            "GET /customer/states",
            "SELECT id AS customer FROM customer",
            "SELECT state, count(*), max(note) FROM orders WHERE customer_id = :customer GROUP BY state",
        )
        .keeps(&["orders (customer_id)"])
        .keeps(&["orders (customer_id, state)"])
        .check();
}

#[test]
fn numbers_are_counted_from_a_narrow_index() {
    // 200 bytes a row against 8: the index is a twentieth of the table.
    Case::of(
        "CREATE TABLE visit (id bigint PRIMARY KEY, page_id int NOT NULL, agent text NOT NULL); \
         INSERT INTO visit SELECT i, i % 20, repeat(md5(i::text), 24) FROM generate_series(1, 40000) AS i",
    )
    .endpoint("GET /pages", "", "SELECT page_id, count(*) FROM visit GROUP BY page_id")
    .keeps(&["visit (page_id)"])
    .keeps_nothing()
    .check();
}
