//! Endpoints that fail, end or do nothing never spoil the advice on the others.

use crate::case::Case;
use crate::tables::ORDERS;

const CUSTOMERS: &str = "SELECT id AS customer FROM customer";
const BY_CUSTOMER: &str = "SELECT * FROM orders WHERE customer_id = :customer";

#[test]
fn a_statement_that_always_fails() {
    Case::of(ORDERS)
        .endpoint("GET /broken", CUSTOMERS, "SELECT 1 / (total - total) FROM orders WHERE customer_id = :customer")
        .endpoint("GET /orders", CUSTOMERS, BY_CUSTOMER)
        .keeps(&["orders (customer_id)"])
        .check();
}

#[test]
fn a_statement_that_always_fails_gets_nothing_by_itself() {
    Case::of(ORDERS)
        .endpoint("GET /broken", CUSTOMERS, "SELECT 1 / (total - total) FROM orders WHERE customer_id = :customer")
        .keeps_nothing()
        .check();
}

#[test]
fn a_statement_that_fails_for_some_parameters() {
    Case::of(ORDERS)
        .endpoint("GET /orders", CUSTOMERS, "SELECT *, 100 / (:customer::bigint % 3) FROM orders WHERE customer_id = :customer")
        .keeps(&["orders (customer_id)"])
        .check();
}

#[test]
fn a_first_statement_that_fails_ends_the_call() {
    Case::of(ORDERS)
        .yaml(
            r#"
  - route: POST /twice
    params: {sample: "SELECT id AS customer FROM customer"}
    steps:
      - "INSERT INTO customer VALUES (:customer, 'twice', 'DE')"
      - "SELECT * FROM orders WHERE total = :customer::int"
"#,
        )
        .endpoint("GET /orders", CUSTOMERS, BY_CUSTOMER)
        .keeps(&["orders (customer_id)"])
        .check();
}

#[test]
fn parameters_that_are_used_up() {
    // Two customers can be deleted, and no more.
    Case::of(ORDERS)
        .and("ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customer ON DELETE CASCADE")
        .endpoint("POST /leave", "SELECT id FROM customer WHERE id < 3", "DELETE FROM customer WHERE id = :id")
        .endpoint("GET /totals", "SELECT id AS total FROM customer", "SELECT * FROM orders WHERE total = :total")
        .keeps(&["orders (customer_id)", "orders (total)"])
        .check();
}

#[test]
fn a_step_that_never_runs() {
    Case::of(ORDERS)
        .yaml(
            r#"
  - route: GET /never
    params: {sample: "SELECT id AS customer FROM customer"}
    steps:
      - {sql: "SELECT id FROM customer WHERE id = :customer", as: found}
      - {sql: "SELECT * FROM orders WHERE total = 5", when: found is empty}
"#,
        )
        .keeps_nothing()
        .check();
}

#[test]
fn a_statement_that_waits_and_gives_nothing() {
    Case::of(ORDERS)
        .endpoint("GET /slow", "", "SELECT FROM pg_sleep(0.003)")
        .endpoint("GET /orders", CUSTOMERS, BY_CUSTOMER)
        .keeps(&["orders (customer_id)"])
        .check();
}

#[test]
fn an_index_that_the_rows_forbid() {
    // `doc ->> 'n'` is no number in every row; the statement asks only for those in which it is.
    Case::of(
        "CREATE TABLE document (id bigint PRIMARY KEY, kind int NOT NULL, doc jsonb NOT NULL); \
         INSERT INTO document SELECT i, i % 2, jsonb_build_object('n', CASE WHEN i % 2 = 0 THEN i::text ELSE 'none' END, 'text', md5(i::text)) \
         FROM generate_series(1, 20000) AS i",
    )
    .endpoint(
        "GET /document",
        "SELECT (doc ->> 'n')::int AS n FROM document WHERE kind = 0 AND id % 20 = 0",
        "SELECT * FROM document WHERE CASE WHEN kind = 0 THEN (doc ->> 'n')::int END = :n",
    )
    .endpoint("GET /text", "SELECT doc ->> 'text' AS t FROM document WHERE id % 20 = 0", "SELECT * FROM document WHERE doc ->> 'text' = :t")
    .keeps(&["document (*doc ->> 'text'*)"])
    .keeps(&["document (*doc ->> 'text'*)", "document (*CASE*)"])
    .check();
}
