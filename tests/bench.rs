//! Endpoints called on a real server.

mod common;

use std::time::Duration;

use common::{TestDatabase, shop};
use perflab::bench::live::Stop;
use perflab::bench::rounds::{self, TimeBox};
use perflab::bench::session::Session;
use perflab::bench::solo;
use perflab::bench::{BenchError, Workload};
use perflab::db::{Connection, Target};
use perflab::report::model::{Effect, Verdict};
use perflab::scenario::model::Scenario;

struct Shop {
    // Dropped last, when nobody is connected any more.
    _database: TestDatabase,
    target: Target,
    workload: Workload,
}

async fn bound(target: &Target, scenario: &Scenario) -> Result<Workload, BenchError> {
    let mut connection = Connection::open(target).await.unwrap();
    let workload = Workload::bind(scenario, &mut connection).await;
    connection.close().await;
    workload
}

async fn shop(endpoints: &str) -> Shop {
    let database = TestDatabase::new();
    let target = Target::parse(&database.url).unwrap();
    shop::fill(&target).await;
    let workload = bound(&target, &shop::scenario(endpoints)).await.unwrap();
    Shop { _database: database, target, workload }
}

async fn count(target: &Target, sql: &str) -> i64 {
    let mut connection = Connection::open(target).await.unwrap();
    let (count,): (i64,) = connection.row(sql).await.unwrap();
    connection.close().await;
    count
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

const BRIEF: TimeBox = TimeBox { total: Duration::from_millis(50), least_rounds: 3 };

#[test]
fn a_call_runs_its_steps_by_their_conditions_and_commits() {
    runtime().block_on(async {
        let shop = shop(
            r#"
  - route: POST /pay
    params: {sample: "SELECT id AS customer FROM customer WHERE id = 7"}
    steps:
      - {sql: "SELECT id, paid FROM purchase WHERE customer_id = :customer AND NOT paid ORDER BY id LIMIT 3", as: open}
      - {sql: "UPDATE purchase SET paid = true WHERE id = :open.id", for_each: open}
      - {sql: "SELECT 1 AS never FROM customer WHERE id = -1", as: nothing}
      - {sql: "DELETE FROM line", when: nothing is not empty}
      - {sql: "INSERT INTO customer VALUES (:open.id + 100000, 'paid')", when: nothing is empty and open.paid is not null}
"#,
        )
        .await;
        let before = count(&shop.target, "SELECT count(*) FROM purchase WHERE paid").await;
        let mut session = Session::open(&shop.target, &shop.workload).await.unwrap();
        let draw = shop.workload.endpoints[0].draws.draw(0).unwrap();
        let call = session.call(&shop.workload, 0, &draw).await.unwrap();

        assert!(call.failed.is_none(), "{:?}", call.failed);
        let executions: Vec<usize> = session.steps().iter().map(|step| step.executions.len()).collect();
        session.close().await;
        assert_eq!(executions, [1, 3, 1, 0, 1]);
        assert_eq!((call.statements, call.round_trips), (6, 8), "BEGIN and COMMIT are round trips, not statements");
        assert_eq!(count(&shop.target, "SELECT count(*) FROM purchase WHERE paid").await, before + 3);
        assert_eq!(count(&shop.target, "SELECT count(*) FROM customer WHERE id > 100000").await, 1);
        assert_eq!(count(&shop.target, "SELECT count(*) FROM line").await, 40_000);
    });
}

#[test]
fn steps_for_the_same_rows_are_one_loop() {
    runtime().block_on(async {
        let shop = shop(
            r#"
  - route: POST /ship
    steps:
      - {sql: "SELECT id FROM purchase WHERE id BETWEEN 7 AND 9 ORDER BY id", as: open}
      - {sql: "SELECT amount FROM line WHERE purchase_id = :open.id AND amount <> 8", as: line, for_each: open}
      - {sql: "INSERT INTO customer VALUES (:open.id + 100000, :line.amount::integer::text)", for_each: open, when: line is not empty}
"#,
        )
        .await;
        let mut session = Session::open(&shop.target, &shop.workload).await.unwrap();
        let call = session.call(&shop.workload, 0, &shop.workload.endpoints[0].draws.draw(0).unwrap()).await.unwrap();

        assert!(call.failed.is_none(), "{:?}", call.failed);
        let executions: Vec<usize> = session.steps().iter().map(|step| step.executions.len()).collect();
        session.close().await;
        assert_eq!(executions, [1, 3, 2], "line 8 was not found, so nothing was done for it");
        let own = "SELECT count(*) FROM customer WHERE id > 100000 AND name = (id - 100000)::text";
        assert_eq!(count(&shop.target, own).await, 2, "each with the amount that the same round found");
    });
}

#[test]
fn a_refused_statement_is_counted_with_its_sqlstate_and_leaves_nothing() {
    runtime().block_on(async {
        let shop = shop(
            r#"
  - route: POST /twice
    params: {sample: "SELECT id FROM customer"}
    steps:
      - "UPDATE customer SET name = 'renamed' WHERE id = :id"
      - "INSERT INTO customer VALUES (:id, 'again')"
"#,
        )
        .await;
        let measured = solo::run(&shop.workload, &shop.target, BRIEF, &Stop::default(), &mut |_| {}).await.unwrap();
        let result = &measured.run.endpoints[0];
        assert_eq!(result.calls, 0);
        assert_eq!((result.failures[0].sqlstate.as_str(), result.failures[0].step), ("23505", 2));
        assert!(result.failures[0].count >= 3, "{:?}", result.failures);
        assert_eq!(count(&shop.target, "SELECT count(*) FROM customer WHERE name = 'renamed'").await, 0);
    });
}

#[test]
fn what_is_deleted_is_drawn_once_and_after_everything_else() {
    runtime().block_on(async {
        let shop = shop(
            r#"
  - route: POST /remove
    params: {sample: "SELECT id FROM line WHERE id <= 12"}
    sql: "DELETE FROM line WHERE id = :id"
  - route: GET /line
    params: {sample: "SELECT id FROM line WHERE id <= 12"}
    sql: "SELECT amount FROM line WHERE id = :id"
"#,
        )
        .await;
        assert_eq!(shop.workload.endpoints[0].effect, Effect::Deletes);
        assert_eq!(shop.workload.endpoints[1].effect, Effect::Reads);
        let measured = solo::run(
            &shop.workload,
            &shop.target,
            TimeBox { total: Duration::from_millis(400), least_rounds: 6 },
            &Stop::default(),
            &mut |_| {},
        )
        .await
        .unwrap();
        let (deletes, reads) = (&measured.run.endpoints[0], &measured.run.endpoints[1]);
        assert!((6..12).contains(&deletes.calls), "12 lines, some of them for the warm-up: {deletes:?}");
        assert!((deletes.rows_per_call - 1.0).abs() < 1e-9 && deletes.errors == 0, "{deletes:?}");
        assert!((reads.rows_per_call - 1.0).abs() < 1e-9, "nobody asked for a line that was gone: {reads:?}");
        assert_eq!(count(&shop.target, "SELECT count(*) FROM line WHERE id <= 12").await, 0);
    });
}

#[test]
fn everything_that_does_not_fit_is_said_at_once() {
    runtime().block_on(async {
        let database = TestDatabase::new();
        let target = Target::parse(&database.url).unwrap();
        shop::fill(&target).await;
        let scenario = shop::scenario(
            r#"
  - route: GET /a
    sql: "SELECT nam FROM customer"
  - route: GET /b
    params: {sample: "SELECT id FROM customer"}
    sql: "SELECT name FROM customer WHERE id = :ident"
  - route: GET /c
    params: {sample: "SELECT id FROM customer WHERE false"}
    sql: "SELECT name FROM customer WHERE id = :id"
"#,
        );
        let Err(BenchError::Problems(problems)) = bound(&target, &scenario).await else { panic!("it fits") };
        let said: Vec<String> = problems.iter().map(|problem| format!("{}: {}", problem.at.line, problem.message)).collect();
        assert_eq!(said.len(), 3, "{said:?}");
        let place = said[0].contains("column \"nam\" does not exist (SQLSTATE 42703, at character 8)");
        assert!(place, "{said:?}");
        assert!(said[1].contains("nothing provides the parameter `:ident`"), "{said:?}");
        assert!(said[2].contains("returns no row"), "{said:?}");
    });
}

#[test]
fn a_refused_statement_or_sample_is_told_by_its_own_characters() {
    runtime().block_on(async {
        let database = TestDatabase::new();
        let target = Target::parse(&database.url).unwrap();
        shop::fill(&target).await;
        let scenario = shop::scenario(
            r#"
  - route: GET /a
    params: {sample: "SELECT id AS customer_number FROM customer"}
    sql: "SELECT name FROM customer WHERE id = :customer_number AND nam = 'x'"
  - route: GET /b
    params: {sample: "SELECT id, nam FROM customer"}
    sql: "SELECT name FROM customer WHERE id = :id"
  - route: GET /c
    params: {sample: "SELECT id / 0 AS id FROM customer; "}
    sql: "SELECT name FROM customer WHERE id = :id"
  - route: GET /d
    params: {sample: "SELECT '00000000-0000-0000-0000-000000000007'::uuid AS id"}
    sql: "SELECT name FROM customer WHERE id = :id"
  - route: GET /e
    params: {sample: "SELECT 'é' AS name FROM customer FOR UPDATE OF purchase"}
    sql: "SELECT id FROM customer WHERE name = :name"
"#,
        );
        let Err(BenchError::Problems(problems)) = bound(&target, &scenario).await else { panic!("it fits") };
        let said: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(said, SAID);
        let help = "the statements take `:id` as bigint; cast it there, e.g. `:id::text`, or in the sample";
        assert_eq!(problems[3].help.as_deref(), Some(help));
    });
}

const SAID: [&str; 5] = [
    "the server refuses this statement: column \"nam\" does not exist (SQLSTATE 42703, at character 59)",
    "the server refuses the sample query: column \"nam\" does not exist (SQLSTATE 42703, at character 12)",
    "the server refuses the sample query: division by zero (SQLSTATE 22012)",
    // The cast is none of the scenario's characters.
    "the server refuses the sample query: cannot cast type uuid to bigint (SQLSTATE 42846)",
    "the server refuses the sample query: relation \"purchase\" in FOR UPDATE clause not found in FROM clause (SQLSTATE 42P01, at character 48)",
];

#[test]
fn a_load_samples_the_rows_of_a_bench_and_many_more() {
    runtime().block_on(async {
        let database = TestDatabase::new();
        let target = Target::parse(&database.url).unwrap();
        shop::fill(&target).await;
        let scenario = shop::scenario(
            r#"
  - {route: GET /line, params: {sample: "SELECT id, NULL::int AS none FROM line"}, sql: "SELECT 1 FROM line WHERE id = :id AND :none::int IS NULL"}
"#,
        );
        let mut connection = Connection::open(&target).await.unwrap();
        let bench = Workload::bind(&scenario, &mut connection).await.unwrap();
        let load = Workload::bind_for_load(&scenario, &mut connection).await.unwrap();
        connection.close().await;
        let [few, many] = [&bench, &load].map(|workload| &workload.endpoints[0].draws);
        assert_eq!((few.rows(), many.rows()), (4096, 40_000));
        assert!((0..4096).all(|call| few.draw(call) == many.draw(call)), "a load begins as a bench does");
        let different: std::collections::HashSet<_> = (0..40_000).filter_map(|call| many.draw(call)?.values[0].as_integer()).collect();
        assert_eq!(different.len(), 40_000, "it reaches all of the table");
        assert!(many.draw(7).unwrap().values[1].bytes.is_none());
    });
}

#[test]
fn the_same_database_twice_is_no_change_and_an_index_is() {
    runtime().block_on(async {
        let shop = shop(
            r#"
  - route: GET /purchases
    params: {sample: "SELECT id FROM customer"}
    sql: "SELECT id FROM purchase WHERE customer_id = :id"
"#,
        )
        .await;
        let indexed = TestDatabase::new();
        let other = Target::parse(&indexed.url).unwrap();
        shop::fill(&other).await;
        let mut connection = Connection::open(&other).await.unwrap();
        connection.batch("CREATE INDEX ON purchase (customer_id)").await.unwrap();
        connection.close().await;
        let time = TimeBox { total: Duration::from_millis(300), least_rounds: 12 };
        let pairs = perflab::bench::paired::run(&shop.workload, &[0], &shop.target, &other, time, &mut |_| {}).await.unwrap();
        let result = &perflab::bench::paired::results(&shop.workload, &[0], &pairs)[0];
        assert_eq!(result.verdict, Verdict::Improved, "{result:?}");
        assert!(result.errors.is_empty() && result.before.n >= 12, "{result:?}");
    });
}

#[test]
fn parameters_keep_their_values_in_every_type_and_beside_each_other() {
    runtime().block_on(async {
        let database = TestDatabase::new();
        let target = Target::parse(&database.url).unwrap();
        let mut connection = Connection::open(&target).await.unwrap();
        let schema = "CREATE TABLE country (id uuid PRIMARY KEY, code char(5) NOT NULL, number int NOT NULL); \
            INSERT INTO country VALUES ('00000000-0000-0000-0000-000000000007', 'AB', 7)";
        connection.batch(schema).await.unwrap();
        connection.close().await;
        let scenario = shop::scenario(
            r#"
  - route: GET /country
    params:
      sample: "SELECT id, code, number, 'x' AS platform FROM country"
      values:
        link: {by: platform, cases: {x: "of {number}", else: other}}
        kind: {by: number, cases: {7: seven, else: other}}
    steps:
      - "SELECT 1 FROM country WHERE code = :code"
      - "SELECT 1 FROM country WHERE id = :id"
      - "SELECT 1 FROM country WHERE id::text = :id::text AND number = :number"
      - "SELECT 1 FROM country WHERE number = :number::bigint AND :kind::text = 'seven' AND :link::text <> 'other'"
"#,
        );
        let workload = bound(&target, &scenario).await.unwrap();
        let mut session = Session::open(&target, &workload).await.unwrap();
        let call = session.call(&workload, 0, &workload.endpoints[0].draws.draw(0).unwrap()).await.unwrap();
        assert!(call.failed.is_none(), "{:?}", call.failed);
        let rows: Vec<u64> = session.steps().iter().map(|step| step.rows).collect();
        session.close().await;
        assert_eq!(rows, [1, 1, 1, 1]);
    });
}

#[test]
fn two_endpoints_that_delete_from_one_table_are_after_different_rows() {
    runtime().block_on(async {
        let endpoint = |route: &str| {
            format!(
                "  - route: POST /{route}\n    params: {{sample: SELECT id FROM line}}\n    sql: DELETE FROM line WHERE id = :id\n"
            )
        };
        let shop = shop(&format!("{}{}", endpoint("a"), endpoint("b"))).await;
        let drawn = |place: usize, call| shop.workload.endpoints[place].draws.draw(call).unwrap();
        assert!((0..20).filter(|call| drawn(0, *call) == drawn(1, *call)).count() < 3);
    });
}

#[test]
fn what_deletes_comes_last_with_a_share_of_the_time() {
    runtime().block_on(async {
        let shop = shop(
            r#"
  - {route: POST /a, sql: DELETE FROM line WHERE id = -1}
  - {route: GET /b, sql: SELECT 1}
  - {route: GET /c, sql: SELECT 1}
  - {route: GET /d, sql: SELECT 1}
  - {route: GET /e, sql: SELECT 1}
"#,
        )
        .await;
        let seconds = Duration::from_secs;
        assert_eq!(rounds::groups(&shop.workload, seconds(4)), [(vec![1, 2, 3, 4], seconds(3)), (vec![0], seconds(1))]);
    });
}
