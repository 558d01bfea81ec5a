//! What the statements of an endpoint say together, from plans of real calls.

mod common;

use common::{TestDatabase, shop};
use perflab::bench::Workload;
use perflab::db::{Connection, Target, read_catalog};
use perflab::explain::endpoint::{explain_call, for_report};
use perflab::explain::endpoint_tips::{Call, check};
use perflab::report::model::EndpointResult;

/// The rules that speak of the endpoint and their sentences, without a bench.
fn said(endpoint: &str) -> Vec<String> {
    let database = TestDatabase::new();
    let target = Target::parse(&database.url).unwrap();
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        shop::fill(&target).await;
        let mut connection = Connection::open(&target).await.unwrap();
        connection.batch("CREATE TABLE note (id bigserial PRIMARY KEY, customer_id bigint, body text)").await.unwrap();
        let catalog = read_catalog(&mut connection).await.unwrap();
        let workload = Workload::bind(&shop::scenario(endpoint), &mut connection).await.unwrap();
        let bound = &workload.endpoints[0];
        let draw = bound.draws.draw(0).unwrap();
        let plans = explain_call(&mut connection, &catalog, bound, &draw).await.unwrap();
        let statements = for_report(&mut connection, bound, &EndpointResult::default(), plans, 0.0).await.unwrap();
        connection.close().await;
        let found = check(&Call::new(&bound.steps, &statements, None));
        assert!(found.iter().all(|tip| tip.next_step.is_some() && tip.sentence.ends_with('.')), "{found:?}");
        found.into_iter().map(|tip| format!("{}: {}", tip.rule, tip.sentence)).collect()
    })
}

const CUSTOMER: &str = "    params: {sample: \"SELECT id FROM customer\"}\n    steps:\n";

fn steps(steps: &[&str]) -> Vec<String> {
    let lines: Vec<String> = steps.iter().map(|step| format!("      - {step}\n")).collect();
    said(&format!("  - route: GET /tips\n{CUSTOMER}{}", lines.concat()))
}

#[test]
fn a_list_and_a_query_for_each_of_its_rows() {
    let each = "{sql: \"SELECT amount FROM line WHERE id = :orders.id\", for_each: orders}";
    let list = |limit: u32| {
        format!("{{sql: \"SELECT id FROM purchase WHERE customer_id = :id ORDER BY id LIMIT {limit}\", as: orders}}")
    };
    let text = |limit| steps(&[&list(limit), each]);
    assert_eq!(text(12), ["n-plus-one: Statement 2 runs 12 times in this call, once for each row of statement 1."]);
    assert_eq!(text(2), [""; 0]);
}

#[test]
fn rows_inserted_one_by_one() {
    let insert = "\"INSERT INTO note (customer_id, body) VALUES (:id, 'x')\"";
    assert_eq!(steps(&[insert; 4]), ["row-by-row: Statement 1 inserts one row at a time, 4 times in a call."]);
    assert_eq!(steps(&[insert; 2]), [""; 0]);
}

#[test]
fn a_row_that_is_sought_and_then_fetched() {
    let seek = "\"SELECT 1 FROM customer WHERE id = :id\"";
    let fetch = "\"SELECT * FROM customer WHERE id = :id\"";
    assert_eq!(
        steps(&[seek, fetch]),
        ["seek-then-fetch: Statements 1 and 2 look up the same row of customer: the first only asks whether it is there."]
    );
    assert_eq!(steps(&[seek, "\"SELECT * FROM purchase WHERE id = :id\""]), [""; 0]);
}

#[test]
fn a_row_that_is_read_and_then_written() {
    let read = "\"SELECT name FROM customer WHERE id = :id\"";
    let write = |id: &str| format!("\"UPDATE customer SET name = name || '!' WHERE id = {id}\"");
    assert_eq!(
        steps(&[read, &write(":id")]),
        ["read-then-write: Statement 1 reads a row of customer that statement 2 changes by the same key."]
    );
    assert_eq!(steps(&[read, &write(":id + 1000")]), [""; 0]);
    let beside_much =
        "\"SELECT count(*) FROM line a JOIN line b ON a.amount = b.amount WHERE a.id < :id + 3000 AND b.id > 20000\"";
    assert_eq!(steps(&[read, beside_much, &write(":id")]), [""; 0], "it would not be felt");
}

#[test]
fn the_same_question_twice_but_not_after_a_write() {
    let ask = "\"SELECT name FROM customer WHERE id = :id\"";
    let other = "\"SELECT paid FROM purchase WHERE id = :id\"";
    let found = steps(&[ask, other, ask]);
    assert!(found.contains(&"same-question: Statements 1 and 3 ask the same with the same values.".to_owned()), "{found:?}");
    assert!(found.contains(
        &"independent-statements: Statements 1 to 3 need nothing of each other, and each waits for the one before.".to_owned()
    ));
    let written = steps(&[ask, "\"UPDATE customer SET name = 'x' WHERE id = :id + 1\"", ask]);
    assert!(!written.iter().any(|tip| tip.starts_with("same-question")), "{written:?}");
}

#[test]
fn statements_that_take_each_others_results_are_not_independent() {
    let first = "{sql: \"SELECT id AS order_id FROM purchase WHERE customer_id = :id LIMIT 1\", as: first}";
    let found =
        steps(&[first, "\"SELECT amount FROM line WHERE id = :first.order_id\"", "\"SELECT name FROM customer WHERE id = :id\""]);
    assert!(!found.iter().any(|tip| tip.starts_with("independent")), "{found:?}");
}

#[test]
fn a_total_beside_a_page_and_an_answer_that_is_the_same_for_all() {
    let page = "\"SELECT id FROM purchase ORDER BY id LIMIT 20\"";
    let found = steps(&[page, "\"SELECT count(*) FROM purchase\""]);
    let rules: Vec<&str> = found.iter().filter_map(|tip| tip.split(':').next()).collect();
    assert_eq!(rules, ["total-for-paging", "repeated-aggregate"], "{found:?}");
    assert!(found[0].contains("Statement 2 goes through 40,000 rows to count what statement 1 shows a page of"), "{found:?}");
    let of_one = steps(&[page, "\"SELECT count(*) FROM line WHERE id = :id\""]);
    assert_eq!(of_one, [""; 0]);
}
