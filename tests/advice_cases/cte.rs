//! WITH, windows, sets, and conditions joined by OR.

use crate::case::Case;
use crate::tables::ORDERS;

const CUSTOMERS: &str = "SELECT id AS customer FROM customer";

#[test]
fn a_common_table_expression() {
    Case::of(ORDERS)
        .endpoint(
            "GET /orders",
            CUSTOMERS,
            "WITH own AS (SELECT * FROM orders WHERE customer_id = :customer) SELECT own.*, (SELECT max(total) FROM own) FROM own",
        )
        .keeps(&["orders (customer_id)"])
        .check();
}

#[test]
fn a_common_table_expression_that_is_kept_whole_gets_nothing() {
    // The filter stands outside of what is materialized: only another wording would help.
    Case::of(ORDERS)
        .endpoint(
            "GET /orders",
            CUSTOMERS,
            "WITH every AS MATERIALIZED (SELECT customer_id, note FROM orders) SELECT * FROM every WHERE customer_id = :customer",
        )
        .keeps_nothing()
        .check();
}

#[test]
fn a_tree_from_a_node_down() {
    Case::of(
        "CREATE TABLE folder (id int PRIMARY KEY, parent_id int, name text NOT NULL); \
         INSERT INTO folder SELECT i, NULLIF(i / 5, 0), repeat(md5(i::text), 4) FROM generate_series(1, 30000) AS i",
    )
    .endpoint(
        "GET /folder",
        "SELECT id FROM folder WHERE id BETWEEN 200 AND 1000",
        "WITH RECURSIVE below AS (SELECT * FROM folder WHERE id = :id UNION ALL \
         SELECT folder.* FROM folder JOIN below ON folder.parent_id = below.id) SELECT * FROM below",
    )
    .keeps(&["folder (parent_id)"])
    .check();
}

#[test]
fn rows_that_are_moved_in_one_statement() {
    Case::of(ORDERS)
        .and("CREATE TABLE gone (LIKE orders)")
        .endpoint(
            "POST /archive",
            CUSTOMERS,
            "WITH moved AS (DELETE FROM orders WHERE customer_id = :customer RETURNING *) INSERT INTO gone SELECT * FROM moved",
        )
        .keeps(&["orders (customer_id)"])
        .check();
}

#[test]
fn a_window_over_the_rows_of_one() {
    Case::of(ORDERS)
        .endpoint(
            "GET /orders",
            CUSTOMERS,
            "SELECT id, note, row_number() OVER (ORDER BY total) FROM orders WHERE customer_id = :customer",
        )
        .keeps(&["orders (customer_id)"])
        .keeps(&["orders (customer_id, total)"])
        .check();
}

#[test]
fn a_window_that_is_divided_by_what_is_asked() {
    // The filter is on the window's own division, so that it may be applied below.
    Case::of(ORDERS)
        .endpoint(
            "GET /orders",
            CUSTOMERS,
            "SELECT * FROM (SELECT *, rank() OVER (PARTITION BY customer_id ORDER BY total) AS place FROM orders) AS ranked \
             WHERE customer_id = :customer",
        )
        .keeps(&["orders (customer_id)"])
        .keeps(&["orders (customer_id, total)"])
        .check();
}

#[test]
fn either_of_two_columns() {
    Case::of(ORDERS)
        .endpoint(
            "GET /orders",
            "SELECT id AS customer, id * 3 AS total FROM customer",
            "SELECT * FROM orders WHERE customer_id = :customer OR total = :total",
        )
        .keeps(&["orders (customer_id)", "orders (total)"])
        .check();
}

#[test]
fn a_condition_that_a_parameter_switches_off() {
    Case::of(ORDERS)
        .endpoint(
            "GET /orders",
            CUSTOMERS,
            "SELECT * FROM orders WHERE (:customer::bigint IS NULL OR customer_id = :customer::bigint)",
        )
        .keeps(&["orders (customer_id)"])
        .check();
}

#[test]
fn the_parts_of_a_union() {
    Case::of(ORDERS)
        .endpoint(
            "GET /orders",
            "SELECT id AS customer, id * 3 AS total FROM customer",
            "SELECT * FROM orders WHERE customer_id = :customer UNION SELECT * FROM orders WHERE total = :total",
        )
        .keeps(&["orders (customer_id)", "orders (total)"])
        .check();
}

#[test]
fn a_single_value_from_a_subquery() {
    Case::of(ORDERS)
        .endpoint(
            "GET /orders",
            "SELECT id FROM customer",
            "SELECT * FROM orders WHERE customer_id = (SELECT id FROM customer WHERE id = :id)",
        )
        .keeps(&["orders (customer_id)"])
        .check();
}
