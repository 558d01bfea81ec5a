//! Statements that write find their rows as others do.

use crate::case::Case;
use crate::tables::ORDERS;

const CUSTOMERS: &str = "SELECT id AS customer FROM customer";

#[test]
fn an_update_by_a_column() {
    Case::of(ORDERS)
        .endpoint("PUT /orders", CUSTOMERS, "UPDATE orders SET note = 'paid' WHERE customer_id = :customer")
        .keeps(&["orders (customer_id)"])
        .check();
}

#[test]
fn a_delete_by_a_column() {
    Case::of(ORDERS)
        .endpoint("POST /forget", CUSTOMERS, "DELETE FROM orders WHERE customer_id = :customer")
        .keeps(&["orders (customer_id)"])
        .check();
}

#[test]
fn an_update_from_another_table() {
    Case::of(ORDERS)
        .endpoint(
            "PUT /orders",
            CUSTOMERS,
            "UPDATE orders SET note = customer.email FROM customer WHERE orders.customer_id = customer.id AND customer.id = :customer",
        )
        .keeps(&["orders (customer_id)"])
        .check();
}

#[test]
fn a_delete_by_another_table() {
    Case::of(ORDERS)
        .endpoint(
            "POST /forget",
            CUSTOMERS,
            "DELETE FROM orders USING customer WHERE orders.customer_id = customer.id AND customer.id = :customer",
        )
        .keeps(&["orders (customer_id)"])
        .check();
}

#[test]
fn an_insert_of_what_is_found() {
    Case::of(ORDERS)
        .and("CREATE TABLE bill (order_id bigint NOT NULL, total int NOT NULL)")
        .endpoint(
            "POST /bill",
            CUSTOMERS,
            "INSERT INTO bill SELECT id, total + length(note) FROM orders WHERE customer_id = :customer",
        )
        .keeps(&["orders (customer_id)"])
        .check();
}

#[test]
fn an_upsert_finds_its_row_by_its_rule() {
    Case::of(
        "CREATE TABLE stock (sku int PRIMARY KEY, quantity int NOT NULL, note text NOT NULL); \
         INSERT INTO stock SELECT i, i, repeat(md5(i::text), 4) FROM generate_series(1, 20000) AS i",
    )
    .endpoint(
        "PUT /stock",
        "SELECT sku FROM stock",
        "INSERT INTO stock VALUES (:sku, 1, 'new') ON CONFLICT (sku) DO UPDATE SET quantity = stock.quantity + 1",
    )
    .keeps_nothing()
    .check();
}

#[test]
fn a_merge_by_a_column_without_a_rule() {
    Case::of(
        "CREATE TABLE stock (id int PRIMARY KEY, sku int NOT NULL, quantity int NOT NULL, note text NOT NULL); \
         INSERT INTO stock SELECT i, i * 3, i, repeat(md5(i::text), 4) FROM generate_series(1, 30000) AS i",
    )
    .endpoint(
        "PUT /stock",
        "SELECT sku FROM stock WHERE id % 20 = 0",
        "MERGE INTO stock USING (SELECT :sku::int AS sku) AS arrived ON stock.sku = arrived.sku \
         WHEN MATCHED THEN UPDATE SET quantity = quantity + 1",
    )
    .keeps(&["stock (sku)"])
    .check();
}

#[test]
fn what_is_read_is_locked() {
    Case::of(ORDERS)
        .endpoint("POST /pay", CUSTOMERS, "SELECT * FROM orders WHERE customer_id = :customer FOR UPDATE")
        .keeps(&["orders (customer_id)"])
        .check();
}

#[test]
fn several_statements_of_one_endpoint() {
    Case::of(ORDERS)
        .yaml(
            r#"
  - route: POST /order
    params: {sample: "SELECT id AS customer, id * 7 AS total FROM customer"}
    steps:
      - {sql: "SELECT count(*) AS n, max(note) FROM orders WHERE customer_id = :customer", as: own}
      - {sql: "UPDATE orders SET note = 'cheap' WHERE total = :total", when: own is not empty}
"#,
        )
        .keeps(&["orders (customer_id)", "orders (total)"])
        .check();
}
