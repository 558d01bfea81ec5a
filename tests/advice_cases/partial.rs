//! Conditions that hold for few rows, and for which an index of those rows would do.

use crate::case::Case;
use crate::tables::ORDERS;

#[test]
fn a_constant_of_the_statement_and_an_order() {
    // 150 of 30,000 orders are open.
    Case::of(ORDERS)
        .endpoint("GET /orders/open", "", "SELECT * FROM orders WHERE state = 'open' ORDER BY placed_at LIMIT 20")
        .keeps(&["orders (state, placed_at)"])
        .keeps(&["orders (state)"])
        .keeps(&["orders (*) WHERE *state*"])
        .check();
}

#[test]
fn a_rare_value_beside_one_that_nearly_all_rows_have() {
    Case::of(
        "CREATE TABLE mail (id bigint PRIMARY KEY, status text NOT NULL, body text NOT NULL); \
         INSERT INTO mail SELECT i, CASE i % 600 WHEN 0 THEN 'bounced' WHEN 1 THEN 'queued' WHEN 2 THEN 'held' ELSE 'sent' END, \
         repeat(md5(i::text), 4) FROM generate_series(1, 30000) AS i",
    )
    .endpoint(
        "GET /mails",
        "SELECT unnest(ARRAY['bounced', 'queued', 'held']) AS status",
        "SELECT * FROM mail WHERE status = :status",
    )
    .keeps(&["mail (status)"])
    .keeps(&["mail (*) WHERE *status <> 'sent'*"])
    .check();
}

#[test]
fn what_nearly_all_rows_have_is_no_key() {
    Case::of(ORDERS)
        .and("ALTER TABLE orders ADD COLUMN deleted_at timestamptz; UPDATE orders SET deleted_at = now() WHERE id % 100 = 0")
        .endpoint(
            "GET /orders",
            "SELECT id AS customer FROM customer",
            "SELECT * FROM orders WHERE customer_id = :customer AND deleted_at IS NULL",
        )
        .keeps(&["orders (customer_id)"])
        .keeps(&["orders (customer_id) WHERE *deleted_at IS NULL*"])
        .check();
}

#[test]
fn a_column_that_is_mostly_null() {
    Case::of(ORDERS)
        .and("ALTER TABLE orders ADD COLUMN coupon int; UPDATE orders SET coupon = id WHERE id % 100 = 0")
        .endpoint(
            "GET /order",
            "SELECT coupon FROM orders WHERE coupon IS NOT NULL",
            "SELECT * FROM orders WHERE coupon = :coupon",
        )
        .keeps(&["orders (coupon)"])
        .keeps(&["orders (coupon) WHERE *coupon IS NOT NULL*"])
        .check();
}

#[test]
fn the_next_of_a_queue() {
    Case::of(
        "CREATE TABLE task (id bigint PRIMARY KEY, state text NOT NULL, due timestamp NOT NULL, payload text NOT NULL); \
         INSERT INTO task SELECT i, CASE WHEN i % 20 = 0 THEN 'ready' ELSE 'done' END, timestamp '2025-01-01' + (i * 7919 % 30011) * interval '1 s', \
         repeat(md5(i::text), 4) FROM generate_series(1, 30000) AS i",
    )
    .endpoint(
        "POST /task/next",
        "",
        "SELECT * FROM task WHERE state = 'ready' ORDER BY due LIMIT 1 FOR UPDATE SKIP LOCKED",
    )
    .keeps(&["task (state, due)"])
    .keeps(&["task (due)*"])
    .check();
}
