//! Views: the index belongs to the tables below them.

use crate::case::Case;
use crate::tables::ORDERS;

const CUSTOMERS: &str = "SELECT id AS customer FROM customer";

#[test]
fn a_view() {
    Case::of(ORDERS)
        .and("CREATE VIEW finished AS SELECT id AS order_id, customer_id AS buyer, note FROM orders WHERE state = 'done'")
        .endpoint("GET /orders", CUSTOMERS, "SELECT * FROM finished WHERE buyer = :customer")
        .keeps(&["orders (customer_id)"])
        .keeps(&["orders (customer_id, state)"])
        .keeps(&["orders (customer_id) WHERE *"])
        .check();
}

#[test]
fn a_view_over_views_with_names_of_its_own() {
    Case::of(ORDERS)
        .and(
            "CREATE SCHEMA \"Api\"; CREATE VIEW \"Api\".\"Order\" AS SELECT id AS \"Id\", customer_id AS \"Buyer\", note FROM orders; \
             CREATE VIEW \"Api\".\"Person\" AS SELECT id AS \"Key\", email AS \"Mail\" FROM customer; \
             CREATE VIEW \"Api\".\"Sold\" AS SELECT * FROM \"Api\".\"Order\" JOIN \"Api\".\"Person\" ON \"Key\" = \"Buyer\"",
        )
        .endpoint("GET /sold", CUSTOMERS, "SELECT * FROM \"Api\".\"Sold\" WHERE \"Key\" = :customer")
        .keeps(&["orders (customer_id)"])
        .check();
}

#[test]
fn a_view_of_groups_takes_the_filter_down() {
    Case::of(ORDERS)
        .and("CREATE VIEW spent AS SELECT customer_id, sum(total) AS total, max(note) AS last FROM orders GROUP BY customer_id")
        .endpoint("GET /spent", CUSTOMERS, "SELECT * FROM spent WHERE customer_id = :customer")
        .keeps(&["orders (customer_id)"])
        .check();
}

#[test]
fn a_materialized_view_has_indexes_of_its_own() {
    Case::of(ORDERS)
        .and("CREATE MATERIALIZED VIEW sold AS SELECT id AS order_id, customer_id AS buyer, note FROM orders")
        .endpoint("GET /orders", CUSTOMERS, "SELECT * FROM sold WHERE buyer = :customer")
        .keeps(&["sold (buyer)"])
        .check();
}

#[test]
fn rows_of_two_tables_in_one_view() {
    Case::of(ORDERS)
        .and(
            "CREATE TABLE old_orders (LIKE orders); INSERT INTO old_orders SELECT * FROM orders; \
             CREATE VIEW every_order AS SELECT * FROM orders UNION ALL SELECT * FROM old_orders",
        )
        .endpoint("GET /orders", CUSTOMERS, "SELECT * FROM every_order WHERE customer_id = :customer")
        .keeps(&["old_orders (customer_id)", "orders (customer_id)"])
        .check();
}
