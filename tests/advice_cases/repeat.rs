//! Statements that run for each row of another, and advice that is asked for twice.

use crate::case::Case;
use crate::outcome::Outcome;
use crate::tables::ORDERS;

/// Lines of the orders.
const LINES: &str = "
CREATE TABLE line (id bigint PRIMARY KEY, order_id bigint NOT NULL, amount int NOT NULL, note text NOT NULL);
INSERT INTO line SELECT i, 1 + (i * 7919) % 30000, i % 50, repeat(md5(i::text), 3) FROM generate_series(1, 30000) AS i";

const LOOP: &str = r#"
  - route: GET /customer/lines
    params: {sample: "SELECT id AS customer FROM customer"}
    steps:
      - {sql: "SELECT id FROM orders WHERE customer_id = :customer", as: own}
      - {sql: "SELECT * FROM line WHERE order_id = :own.id", for_each: own}
"#;

#[test]
fn a_statement_for_each_row_of_another() {
    Case::of(ORDERS).and(LINES).yaml(LOOP).keeps(&["line (order_id)", "orders (customer_id)"]).check();
}

#[test]
fn the_same_question_gets_the_same_answer() {
    let case = Case::of(ORDERS)
        .and(LINES)
        .and("ALTER TABLE line ADD FOREIGN KEY (order_id) REFERENCES orders ON DELETE CASCADE; CREATE INDEX line_amount ON line (amount)")
        .yaml(LOOP)
        .endpoint("GET /orders/dearest", "", "SELECT * FROM orders ORDER BY total DESC, id LIMIT 10")
        .endpoint("GET /search", "SELECT substr(email, 7, 7) AS q FROM customer", "SELECT * FROM customer WHERE email ILIKE '%' || :q || '%'")
        .endpoint("POST /forget", "SELECT id AS customer FROM customer", "DELETE FROM orders WHERE customer_id = :customer")
        .endpoint(
            "GET /turnover",
            "",
            // The note keeps an index that covers the sum, worth about as much as advice asks for, out of the question.
            "SELECT country, sum(total), max(note) FROM customer JOIN orders ON orders.customer_id = customer.id GROUP BY country ORDER BY 2",
        );
    let (once, twice) = (case.outcome(), case.outcome());
    assert_eq!(listed(&once), listed(&twice), "\n{once}\n\n{twice}");
}

/// Kept, refused and dropped. What is refused may be found out in another order.
fn listed(outcome: &Outcome) -> [Vec<&str>; 3] {
    let mut lists = [
        outcome.keep.iter().map(|kept| kept.definition.as_str()).collect::<Vec<_>>(),
        outcome.rejected.iter().map(|rejected| rejected.definition.as_str()).collect(),
        outcome.drop.iter().map(|dropped| dropped.name.as_str()).collect(),
    ];
    lists.iter_mut().for_each(|list| list.sort_unstable());
    lists
}
