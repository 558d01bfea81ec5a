//! Values that are not alike.

use crate::case::Case;

/// Customer 0 has 20,000 orders, 1,000 others ten each.
const HOT: &str = "
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id int NOT NULL, placed_at int NOT NULL, note text NOT NULL);
INSERT INTO orders SELECT i, CASE WHEN i % 3 > 0 THEN 0 ELSE 1 + i % 1000 END, (i * 7919) % 30011, repeat(md5(i::text), 4)
FROM generate_series(1, 30000) AS i";

#[test]
fn the_typical_one_is_helped() {
    Case::of(HOT)
        .endpoint(
            "GET /orders",
            "SELECT customer_id AS customer FROM orders WHERE customer_id > 0 AND id % 20 = 0",
            "SELECT sum(length(note)) FROM orders WHERE customer_id = :customer",
        )
        .keeps(&["orders (customer_id)"])
        .keeps(&["orders (customer_id) WHERE *"])
        .check();
}

#[test]
fn the_heaviest_alone_gets_nothing() {
    Case::of(HOT)
        .endpoint("GET /orders", "SELECT 0 AS customer", "SELECT sum(length(note)) FROM orders WHERE customer_id = :customer")
        .keeps_nothing()
        .check();
}

#[test]
fn the_typical_one_is_helped_though_the_heaviest_is_asked_too() {
    Case::of(HOT)
        .endpoint(
            "GET /orders",
            "SELECT generate_series(0, 900) AS customer",
            "SELECT sum(length(note)) FROM orders WHERE customer_id = :customer",
        )
        .keeps(&["orders (customer_id)"])
        .keeps(&["orders (customer_id) WHERE *"])
        .check();
}

#[test]
fn the_newest_of_the_heaviest_and_of_all_others() {
    Case::of(HOT)
        .endpoint(
            "GET /orders/newest",
            "SELECT generate_series(0, 900) AS customer",
            "SELECT * FROM orders WHERE customer_id = :customer ORDER BY placed_at DESC LIMIT 10",
        )
        .endpoint(
            "GET /orders/newest/heaviest",
            "SELECT 0 AS customer",
            "SELECT * FROM orders WHERE customer_id = :customer ORDER BY placed_at DESC LIMIT 10",
        )
        .keeps(&["orders (customer_id, placed_at)"])
        .keeps(&["orders (customer_id, placed_at DESC)"])
        .check();
}
