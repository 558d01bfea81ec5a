//! Tables that have indexes already.

use crate::case::Case;
use crate::tables::{ORDERS, PEOPLE, READINGS};

const BY_CUSTOMER: &str = "SELECT * FROM orders WHERE customer_id = :customer";
const CUSTOMERS: &str = "SELECT id AS customer FROM customer";

#[test]
fn one_that_is_enough() {
    Case::of(ORDERS)
        .and("CREATE INDEX orders_customer ON orders (customer_id)")
        .endpoint("GET /orders", CUSTOMERS, BY_CUSTOMER)
        .keeps_nothing()
        .check();
}

#[test]
fn a_longer_one_that_is_enough() {
    Case::of(ORDERS)
        .and("CREATE INDEX orders_customer ON orders (customer_id, placed_at)")
        .endpoint("GET /orders", CUSTOMERS, BY_CUSTOMER)
        .keeps_nothing()
        .check();
}

#[test]
fn one_that_is_read_backward() {
    Case::of(READINGS)
        .and("CREATE INDEX reading_newest ON reading (sensor_id, value DESC)")
        .endpoint(
            "GET /readings",
            "SELECT DISTINCT sensor_id AS sensor FROM reading",
            "SELECT * FROM reading WHERE sensor_id = :sensor ORDER BY value LIMIT 5",
        )
        .keeps_nothing()
        .check();
}

#[test]
fn an_expression_that_has_one() {
    Case::of(PEOPLE)
        .and("CREATE INDEX person_plain ON person (lower(name))")
        .endpoint(
            "GET /person",
            "SELECT lower(name) AS name FROM person WHERE id % 20 = 0",
            "SELECT * FROM person WHERE lower(name) = :name",
        )
        .keeps_nothing()
        .check();
}

#[test]
fn an_invalid_one_serves_nobody() {
    Case::of(ORDERS)
        .and(
            "CREATE INDEX orders_customer ON orders (customer_id); \
             UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'orders_customer'::regclass",
        )
        .endpoint("GET /orders", CUSTOMERS, BY_CUSTOMER)
        .keeps(&["orders (customer_id)"])
        .drops(&[])
        .drops(&["orders_customer"])
        .check();
}

#[test]
fn a_partial_one_of_other_rows_serves_nobody() {
    Case::of(ORDERS)
        .and("CREATE INDEX orders_open ON orders (customer_id) WHERE state = 'open'")
        .endpoint("GET /orders", CUSTOMERS, BY_CUSTOMER)
        .keeps(&["orders (customer_id)"])
        .drops(&[])
        .drops(&["orders_open"])
        .check();
}

#[test]
fn one_by_hash_serves_no_order() {
    Case::of(READINGS)
        .and("CREATE INDEX reading_sensor ON reading USING hash (sensor_id)")
        .endpoint(
            "GET /readings",
            "SELECT DISTINCT sensor_id AS sensor FROM reading",
            "SELECT * FROM reading WHERE sensor_id = :sensor ORDER BY value LIMIT 5",
        )
        .keeps(&["reading (sensor_id, value)"])
        .drops(&[])
        .drops(&["reading_sensor"])
        .check();
}

#[test]
fn two_that_are_the_same() {
    Case::of(ORDERS)
        .and("CREATE INDEX orders_one ON orders (customer_id); CREATE INDEX orders_two ON orders (customer_id)")
        .endpoint("GET /orders", CUSTOMERS, BY_CUSTOMER)
        .endpoint("PUT /order", "SELECT id FROM orders", "UPDATE orders SET total = total + 1 WHERE id = :id")
        .keeps_nothing()
        .drops(&["orders_one"])
        .drops(&["orders_two"])
        .check();
}

#[test]
fn one_that_begins_another() {
    Case::of(READINGS)
        .and(
            "CREATE INDEX reading_sensor ON reading (sensor_id); CREATE INDEX reading_sensor_value ON reading (sensor_id, value)",
        )
        .endpoint(
            "GET /readings",
            "SELECT DISTINCT sensor_id AS sensor FROM reading",
            "SELECT * FROM reading WHERE sensor_id = :sensor ORDER BY value LIMIT 5",
        )
        .endpoint("PUT /reading", "SELECT id FROM reading", "UPDATE reading SET raw = 'x' WHERE id = :id")
        .keeps_nothing()
        .drops(&["reading_sensor"])
        .check();
}

#[test]
fn one_that_nobody_uses() {
    Case::of(ORDERS)
        .and("CREATE INDEX orders_customer ON orders (customer_id); CREATE INDEX orders_total ON orders (total)")
        .endpoint("GET /orders", CUSTOMERS, BY_CUSTOMER)
        .endpoint("PUT /order", "SELECT id FROM orders", "UPDATE orders SET total = total + 1 WHERE id = :id")
        .keeps_nothing()
        .drops(&["orders_total"])
        .check();
}

#[test]
fn a_rule_is_no_idle_index() {
    // Nobody looks a person up by e-mail, and still no two may have the same.
    Case::of(PEOPLE)
        .and("ALTER TABLE person ADD CONSTRAINT one_each UNIQUE (email); CREATE UNIQUE INDEX person_unique ON person (name, id)")
        .endpoint("GET /person", "SELECT id FROM person", "SELECT * FROM person WHERE id = :id")
        .keeps_nothing()
        .drops(&[])
        .check();
}

#[test]
fn one_that_a_new_one_makes_needless() {
    Case::of(READINGS)
        .and("CREATE INDEX reading_sensor ON reading (sensor_id)")
        .endpoint(
            "GET /readings",
            "SELECT DISTINCT sensor_id AS sensor FROM reading",
            "SELECT * FROM reading WHERE sensor_id = :sensor ORDER BY value LIMIT 5",
        )
        .endpoint("PUT /reading", "SELECT id FROM reading", "UPDATE reading SET raw = 'x' WHERE id = :id")
        .keeps(&["reading (sensor_id, value)"])
        .drops(&["reading_sensor"])
        .check();
}
