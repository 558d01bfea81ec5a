//! Plans of real calls, and what foreign keys run behind them.

mod common;

use common::{TestDatabase, shop};
use perflab::bench::Workload;
use perflab::db::{Connection, Target, read_catalog};
use perflab::explain::endpoint::{StatementPlan, explain_call};

async fn explained(target: &Target, endpoint: &str) -> Vec<StatementPlan> {
    shop::fill(target).await;
    let mut connection = Connection::open(target).await.unwrap();
    let catalog = read_catalog(&mut connection).await.unwrap();
    let workload = Workload::bind(&shop::scenario(endpoint), &mut connection).await.unwrap();
    let draw = workload.endpoints[0].draws.draw(0).unwrap();
    let plans = explain_call(&mut connection, &catalog, &workload.endpoints[0], &draw).await.unwrap();
    let (customers,): (i64,) = connection.row("SELECT count(*) FROM customer").await.unwrap();
    assert_eq!(customers, 200, "explaining changes nothing");
    connection.close().await;
    plans
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn a_cascade_is_followed_to_its_last_level() {
    let database = TestDatabase::new();
    let target = Target::parse(&database.url).unwrap();
    let plans = runtime().block_on(explained(
        &target,
        r#"
  - route: POST /leave
    params: {sample: "SELECT id FROM customer"}
    steps:
      - "SELECT name FROM customer WHERE id = :id"
      - "DELETE FROM customer WHERE id = :id"
"#,
    ));
    assert_eq!(plans.len(), 2);
    let implied = &plans[1].explained.implied;
    let said: Vec<(&str, bool)> = implied.iter().map(|statement| (statement.sql.as_str(), statement.plan.is_some())).collect();
    // The second fired a level further down; its plan stands there, with a key of that level.
    let expected = [
        ("DELETE FROM purchase WHERE customer_id = $1", true),
        ("UPDATE line SET purchase_id = NULL WHERE purchase_id = $1", false),
    ];
    assert!(expected.iter().all(|pair| said.contains(pair)) && said.len() == 2, "{said:?}");
    let purchase = implied.iter().find(|statement| statement.table == "purchase").unwrap();
    assert_eq!(purchase.missing_index.as_deref(), Some("CREATE INDEX ON purchase (customer_id)"));
    let below = &purchase.plan.as_ref().unwrap().implied[0];
    assert_eq!(below.missing_index.as_deref(), Some("CREATE INDEX ON line (purchase_id)"));
    assert!(below.plan.as_ref().unwrap().text.contains("Seq Scan on line"), "{}", below.plan.as_ref().unwrap().text);
}

#[test]
fn later_statements_see_what_earlier_ones_wrote() {
    let database = TestDatabase::new();
    let target = Target::parse(&database.url).unwrap();
    let plans = runtime().block_on(explained(
        &target,
        r#"
  - route: POST /purchases
    params: {sample: "SELECT id FROM customer"}
    steps:
      - {sql: "INSERT INTO purchase SELECT max(id) + 1, :id, false FROM purchase RETURNING id", as: purchase}
      - "INSERT INTO line SELECT max(id) + 1, :purchase.id, 3 FROM line"
"#,
    ));
    assert_eq!(plans.len(), 2, "the second refers to the row of the first");
    assert_eq!(plans[1].explained.rows_returned, 1.0);
}

#[test]
fn foreign_keys_of_one_name_are_told_apart_and_a_table_may_reference_itself() {
    let database = TestDatabase::new();
    let target = Target::parse(&database.url).unwrap();
    let plans = runtime().block_on(async {
        let mut connection = Connection::open(&target).await.unwrap();
        let schema = "CREATE TABLE node (id int PRIMARY KEY, parent int, CONSTRAINT up FOREIGN KEY (parent) REFERENCES node ON DELETE CASCADE); \
            CREATE SCHEMA other; \
            CREATE TABLE other.leaf (node_id int, CONSTRAINT up FOREIGN KEY (node_id) REFERENCES node ON DELETE SET NULL); \
            CREATE TABLE leaf (node_id int, CONSTRAINT up FOREIGN KEY (node_id) REFERENCES node ON DELETE CASCADE); \
            INSERT INTO node VALUES (1, NULL), (2, 1), (3, 2)";
        connection.batch(schema).await.unwrap();
        connection.close().await;
        explained(&target, "  - route: POST /cut\n    sql: DELETE FROM node WHERE id = 1\n").await
    });
    let mut said: Vec<(&str, &str)> =
        plans[0].explained.implied.iter().map(|one| (one.table.as_str(), one.sql.as_str())).collect();
    said.sort_unstable();
    let expected = [
        ("leaf", "DELETE FROM leaf WHERE node_id = $1"),
        ("node", "DELETE FROM node WHERE parent = $1"),
        ("other.leaf", "UPDATE other.leaf SET node_id = NULL WHERE node_id = $1"),
    ];
    assert_eq!(said, expected);
}

#[test]
fn a_value_that_cannot_be_bound_ends_the_call_and_not_the_run() {
    let database = TestDatabase::new();
    let target = Target::parse(&database.url).unwrap();
    let plans = runtime().block_on(explained(
        &target,
        r#"
  - route: GET /wrong
    steps:
      - {sql: "SELECT name FROM customer LIMIT 1", as: found}
      - "SELECT 1 FROM customer WHERE id = :found.name"
"#,
    ));
    assert_eq!(plans.len(), 1, "the statement before is explained");
}
