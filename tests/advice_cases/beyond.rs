//! Questions whose answer is no index, but another way to ask.

use perflab::report::model::OtherKind;

use crate::case::Case;
use crate::tables::{ORDERS, READINGS};

#[test]
fn a_filter_outside_of_what_is_kept_whole() {
    Case::of(ORDERS)
        .and("CREATE INDEX orders_customer ON orders (customer_id)")
        .endpoint(
            "GET /orders",
            "SELECT id AS customer FROM customer",
            "WITH every AS MATERIALIZED (SELECT id, customer_id, note FROM orders) SELECT * FROM every WHERE customer_id = :customer",
        )
        .offers(OtherKind::Rewrite, "customer_id")
        .keeps_nothing()
        .drops(&[])
        .drops(&["orders_customer"])
        .check();
}

#[test]
fn a_deep_page() {
    Case::of(ORDERS)
        .endpoint("GET /orders/page", "SELECT 25000 AS skip", "SELECT * FROM orders ORDER BY id LIMIT 20 OFFSET :skip")
        .offers(OtherKind::Keyset, "id")
        .keeps_nothing()
        .check();
}

#[test]
fn a_statement_for_each_row_of_another() {
    Case::of(READINGS)
        .and("CREATE TABLE sensor (id int PRIMARY KEY); INSERT INTO sensor SELECT generate_series(0, 299)")
        .and("CREATE INDEX reading_sensor ON reading (sensor_id, at)")
        .yaml(
            r#"
  - route: GET /first
    steps:
      - {sql: "SELECT id FROM sensor ORDER BY id", as: sensors}
      - {sql: "SELECT count(*) FROM reading WHERE sensor_id = :sensors.id", for_each: sensors}
"#,
        )
        .offers(OtherKind::OneStatement, "reading")
        .keeps_nothing()
        .check();
}
