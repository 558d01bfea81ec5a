//! What tips promise, tried on a real server and undone.

mod common;

use common::{TestDatabase, shop};
use perflab::bench::Workload;
use perflab::db::{Connection, Target, read_catalog};
use perflab::explain::endpoint::{StatementPlan, study_call};
use perflab::explain::study::Study;
use perflab::explain::tried::Trying;
use perflab::report::model::Finding;

/// Tables on which the tips fire: wide enough to be felt, small enough to be made in a moment.
const TABLES: &str = "CREATE TABLE reading (id int PRIMARY KEY, sensor int, note text, at timestamptz); \
    INSERT INTO reading SELECT i, i % 5000, md5(i::text), '2024-01-01'::timestamptz + i * interval '1 minute' \
    FROM generate_series(1, 60000) i; VACUUM ANALYZE reading";

async fn tried(target: &Target, settings: &str, endpoint: &str) -> (Connection, Vec<StatementPlan>) {
    let mut connection = Connection::open(target).await.unwrap();
    for statement in TABLES.split("; ") {
        connection.batch(statement).await.unwrap();
    }
    connection.batch(settings).await.unwrap();
    let catalog = read_catalog(&mut connection).await.unwrap();
    let workload = Workload::bind(&shop::scenario(endpoint), &mut connection).await.unwrap();
    let draw = workload.endpoints[0].draws.draw(0).unwrap();
    let study = Study { tried: Trying::Everything, ..Study::PLANS };
    let plans = study_call(&mut connection, &catalog, &workload.endpoints[0], &draw, study).await.unwrap();
    (connection, plans)
}

fn finding<'p>(plans: &'p [StatementPlan], rule: &str) -> &'p Finding {
    let all = &plans[0].explained.findings;
    all.iter().find(|finding| finding.rule == rule).unwrap_or_else(|| panic!("no {rule} in {all:#?}"))
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn a_setting_is_tried_and_taken_back() {
    let database = TestDatabase::new();
    let target = Target::parse(&database.url).unwrap();
    runtime().block_on(async {
        let endpoint = "  - route: GET /notes\n    sql: SELECT id, note FROM reading ORDER BY note, id\n";
        let (mut connection, plans) = tried(&target, "SET work_mem = '64kB'", endpoint).await;
        let sort = finding(&plans, "sort-on-disk").tried.clone().expect("it was tried");
        assert!(sort.statement.starts_with("SET work_mem = '") && sort.statement.ends_with("kB'"), "{sort:?}");
        assert!(sort.refused.is_none() && sort.runs >= 2 && sort.before_ms > 0.0 && sort.after_ms.is_some(), "{sort:?}");
        assert!(sort.predicted_ms < sort.before_ms, "{sort:?}");
        let (memory, timeout): (String, String) =
            connection.row("SELECT current_setting('work_mem'), current_setting('statement_timeout')").await.unwrap();
        assert_eq!((memory.as_str(), timeout.as_str()), ("64kB", "0"));
        connection.close().await;
    });
}

#[test]
fn an_index_is_built_measured_and_gone_again() {
    let database = TestDatabase::new();
    let target = Target::parse(&database.url).unwrap();
    runtime().block_on(async {
        let endpoint = "  - route: GET /sensor\n    sql: SELECT note FROM reading WHERE sensor = 7\n";
        let (mut connection, plans) = tried(&target, "SELECT 1", endpoint).await;
        let scan = finding(&plans, "seq-scan-discards").tried.clone().expect("it was tried");
        assert_eq!(scan.statement, "CREATE INDEX ON reading (sensor)");
        // A scan of 60,000 rows against a look-up of 12: no busy machine turns that round.
        assert!(scan.helped() && scan.after_ms.unwrap() < scan.before_ms / 2.0 && !scan.ignored, "{scan:?}");
        let (indexes,): (i64,) = connection.row("SELECT count(*) FROM pg_indexes WHERE tablename = 'reading'").await.unwrap();
        assert_eq!(indexes, 1, "the primary key alone");
        connection.close().await;
    });
}

#[test]
fn another_wording_is_tried_when_it_returns_the_same_rows() {
    let database = TestDatabase::new();
    let target = Target::parse(&database.url).unwrap();
    runtime().block_on(async {
        // In 64 kB the list of the subquery cannot be hashed, so every row goes through it.
        let endpoint = "  - route: GET /others\n    sql: SELECT count(*) FROM reading WHERE id < 1500 AND id NOT IN (SELECT id FROM reading WHERE id > 56000)\n";
        let (connection, plans) = tried(&target, "SET work_mem = '64kB'", endpoint).await;
        let list = finding(&plans, "not-in").tried.clone().expect("it was tried");
        assert_eq!(list.statement, "NOT EXISTS in place of NOT IN");
        assert!(list.refused.is_none() && list.helped(), "{list:?}");
        connection.close().await;

        let database = TestDatabase::new();
        let target = Target::parse(&database.url).unwrap();
        let endpoint = "  - route: GET /none\n    sql: SELECT count(*) FROM reading WHERE id < 1500 AND id NOT IN (SELECT nullif(id, 60000) FROM reading WHERE id > 56000)\n";
        let (connection, plans) = tried(&target, "SET work_mem = '64kB'", endpoint).await;
        let list = finding(&plans, "not-in").tried.clone().expect("it was tried");
        assert!(list.refused.as_deref().is_some_and(|why| why.contains("other rows")), "NULL makes NOT IN true of nothing: {list:?}");
        connection.close().await;
    });
}
