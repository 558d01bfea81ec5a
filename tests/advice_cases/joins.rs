//! Rows found through rows of other tables.

use crate::case::Case;
use crate::tables::ORDERS;

const EMAIL: &str = "SELECT email FROM customer WHERE id < 2000 AND id % 10 = 0";

/// One line for each order, and 20,000 customers, so that both need an index.
const LINES: &str = "
INSERT INTO customer SELECT i, 'Person' || i || '@Example.com', 'DE' FROM generate_series(2001, 20000) AS i;
CREATE TABLE line (id bigint PRIMARY KEY, order_id bigint NOT NULL, amount int NOT NULL, note text NOT NULL);
INSERT INTO line SELECT i, 1 + (i * 7919) % 30000, i % 50, repeat(md5(i::text), 3) FROM generate_series(1, 30000) AS i";

#[test]
fn both_sides_need_one_to_gain() {
    Case::of(ORDERS)
        .and(LINES)
        .endpoint(
            "GET /orders",
            EMAIL,
            "SELECT * FROM customer JOIN orders ON orders.customer_id = customer.id WHERE customer.email = :email",
        )
        .keeps(&["customer (email)", "orders (customer_id)"])
        .check();
}

#[test]
fn an_outer_join() {
    Case::of(ORDERS)
        .and(LINES)
        .endpoint(
            "GET /orders",
            EMAIL,
            "SELECT * FROM customer LEFT JOIN orders ON orders.customer_id = customer.id WHERE customer.email = :email",
        )
        .keeps(&["customer (email)", "orders (customer_id)"])
        .check();
}

#[test]
fn three_tables() {
    Case::of(ORDERS)
        .and(LINES)
        .endpoint(
            "GET /lines",
            EMAIL,
            "SELECT * FROM customer JOIN orders ON orders.customer_id = customer.id JOIN line ON line.order_id = orders.id \
             WHERE customer.email = :email",
        )
        .keeps(&["customer (email)", "line (order_id)", "orders (customer_id)"])
        .check();
}

#[test]
fn a_join_from_the_primary_key() {
    Case::of(ORDERS)
        .endpoint(
            "GET /customer",
            "SELECT id FROM customer",
            "SELECT customer.email, orders.* FROM customer JOIN orders ON customer.id = orders.customer_id WHERE customer.id = :id",
        )
        .keeps(&["orders (customer_id)"])
        .check();
}

#[test]
fn a_join_behind_an_equality() {
    // 500 orders of the day; the join column alone finds 15 rows of every customer, both together one.
    Case::of(
        "CREATE TABLE tenant (id int PRIMARY KEY, name text NOT NULL); INSERT INTO tenant SELECT i, 't' || i FROM generate_series(1, 20) AS i; \
         CREATE TABLE bill (id bigint PRIMARY KEY, tenant_id int NOT NULL, number int NOT NULL, note text NOT NULL); \
         INSERT INTO bill SELECT i, 1 + i % 20, i / 20 % 300, repeat(md5(i::text), 4) FROM generate_series(1, 30000) AS i",
    )
    .endpoint(
        "GET /bill",
        "SELECT 't' || (1 + id % 20) AS name, id % 300 AS number FROM bill WHERE id % 100 = 0",
        "SELECT bill.* FROM bill JOIN tenant ON tenant.id = bill.tenant_id WHERE tenant.name = :name AND bill.number = :number",
    )
    .keeps(&["bill (number, tenant_id)"])
    .keeps(&["bill (tenant_id, number)"])
    .keeps(&["bill (number)"])
    .check();
}

#[test]
fn there_is_one() {
    Case::of(ORDERS)
        .endpoint(
            "GET /customer",
            "SELECT id FROM customer",
            "SELECT * FROM customer WHERE id = :id AND EXISTS (SELECT FROM orders WHERE orders.customer_id = customer.id AND total < 0)",
        )
        .keeps(&["orders (customer_id)"])
        .keeps(&["orders (customer_id, total)"])
        .keeps(&["orders (total)"])
        .keeps(&["orders (*) WHERE *total < 0*"])
        .check();
}

#[test]
fn there_is_none() {
    Case::of(ORDERS)
        .and("DELETE FROM orders WHERE customer_id % 100 = 7")
        .endpoint(
            "GET /customer",
            "SELECT id FROM customer WHERE id % 100 = 7",
            "SELECT * FROM customer WHERE id = :id AND NOT EXISTS (SELECT FROM orders WHERE orders.customer_id = customer.id)",
        )
        .keeps(&["orders (customer_id)"])
        .check();
}

#[test]
fn a_count_beside_every_row_of_a_page() {
    Case::of(ORDERS)
        .endpoint(
            "GET /customers",
            "",
            "SELECT id, (SELECT count(*) FROM orders WHERE orders.customer_id = customer.id) FROM customer ORDER BY id LIMIT 10",
        )
        .keeps(&["orders (customer_id)"])
        .check();
}

#[test]
fn the_last_of_each() {
    Case::of(ORDERS)
        .endpoint(
            "GET /customers",
            "SELECT id FROM customer WHERE id < 1900",
            "SELECT customer.email, last.* FROM customer, LATERAL (SELECT * FROM orders WHERE customer_id = customer.id \
             ORDER BY placed_at DESC LIMIT 1) AS last WHERE customer.id BETWEEN :id AND :id::bigint + 5",
        )
        .keeps(&["orders (customer_id)"])
        .keeps(&["orders (customer_id, placed_at*)"])
        .check();
}

#[test]
fn a_join_of_everything_with_everything_gets_nothing() {
    Case::of(ORDERS)
        .and(LINES)
        .endpoint(
            "GET /turnover",
            "",
            "SELECT sum(length(orders.note) * length(line.note)) FROM orders JOIN line ON line.order_id = orders.id",
        )
        .keeps_nothing()
        .check();
}

#[test]
fn rows_of_a_list_that_is_joined() {
    Case::of(ORDERS)
        .endpoint(
            "GET /orders",
            "SELECT ARRAY[id, id + 7] AS customers FROM customer WHERE id < 1900",
            "SELECT orders.* FROM unnest(:customers::bigint[]) AS wanted (id) JOIN orders ON orders.customer_id = wanted.id",
        )
        .keeps(&["orders (customer_id)"])
        .check();
}
