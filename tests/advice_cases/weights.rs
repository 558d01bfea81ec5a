//! What an index gains against what it costs.

use crate::case::Case;
use crate::tables::ORDERS;

const CUSTOMERS: &str = "SELECT id AS customer FROM customer";
const BY_CUSTOMER: &str = "SELECT * FROM orders WHERE customer_id = :customer";

/// 2,000 rows per call, with keys that nobody has.
const IMPORT: &str = "INSERT INTO orders SELECT 1000000 + i, 1 + (i * 7919) % 2000, 'done', i % 977, now(), 'x' \
     FROM generate_series(1, 2000 + :more::int) AS i ON CONFLICT DO NOTHING";

#[test]
fn a_mix_that_hardly_reads_refuses_the_index() {
    // One read in a million calls; the others put 2,000 rows in.
    Case::of(ORDERS)
        .weighted(0.001, "GET /orders", CUSTOMERS, BY_CUSTOMER)
        .weighted(1000.0, "POST /import", "SELECT 0 AS more", IMPORT)
        .keeps_nothing()
        .says("mix")
        .check();
}

#[test]
fn a_mix_that_mostly_reads_keeps_it() {
    Case::of(ORDERS)
        .weighted(1000.0, "GET /orders", CUSTOMERS, BY_CUSTOMER)
        .weighted(0.001, "POST /import", "SELECT 0 AS more", IMPORT)
        .keeps(&["orders (customer_id)"])
        .check();
}

#[test]
fn nothing_fits_the_budget() {
    Case::of(ORDERS)
        .options("{budget: {size: 20kB}}")
        .endpoint("GET /orders", CUSTOMERS, BY_CUSTOMER)
        .keeps_nothing()
        .says("size budget of 20 kB")
        .check();
}

#[test]
fn the_one_that_gains_more_fits_the_budget() {
    // 272 kB, 1.7 MB and 672 kB: the second is over it by itself, the other two are together, and the third gains fifty times the first.
    Case::of(ORDERS)
        .options("{budget: {size: 800kB}}")
        .weighted(1.0, "GET /orders", CUSTOMERS, BY_CUSTOMER)
        .weighted(
            100.0,
            "GET /customer",
            "SELECT note FROM orders WHERE id % 50 = 0",
            "SELECT * FROM orders WHERE md5(note) = md5(:note)",
        )
        .weighted(50.0, "GET /totals", "SELECT id AS total FROM customer", "SELECT * FROM orders WHERE total = :total")
        .keeps(&["orders (total)"])
        .says("size budget")
        .check();
}

#[test]
fn a_write_that_may_not_become_slower() {
    Case::of(ORDERS)
        .options("{budget: {write_slowdown: 0.1%}}")
        .weighted(100.0, "GET /orders", CUSTOMERS, BY_CUSTOMER)
        .endpoint("POST /import", "SELECT 0 AS more", IMPORT)
        .keeps_nothing()
        .says("the scenario allows")
        .check();
}
