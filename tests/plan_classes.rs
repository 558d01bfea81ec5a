//! One statement for typical, heaviest and missing rows, and under generic and custom plans, on a real server.

mod common;

use std::time::Instant;

use common::{TestDatabase, shop};
use perflab::bench::Workload;
use perflab::bench::classes::Class;
use perflab::db::{Connection, Target, read_catalog};
use perflab::explain::classes::{Asked, LONGEST, explain_classes};
use perflab::explain::endpoint::explain_call;
use perflab::report::model::{CacheOutcome, ExplainedStatement, PlanClass, PlanKind};

/// 200,000 sales: half of them of kind 0, one of 1 to 99 each, the rest of 100,000 kinds with one each. What is asked for by kind is
/// worth an index for all but one.
const SCHEMA: &str = "
CREATE TABLE kind (id int PRIMARY KEY);
CREATE TABLE sale (id bigint PRIMARY KEY, kind int NOT NULL REFERENCES kind, amount int NOT NULL, note text NOT NULL);
INSERT INTO kind SELECT i FROM generate_series(0, 100000) AS i;
INSERT INTO sale SELECT i, CASE WHEN i % 2 = 0 THEN 0 ELSE 1 + i / 2 END, i % 1000, repeat('x', 60) FROM generate_series(0, 199999) AS i;
CREATE INDEX sale_kind ON sale (kind);
ALTER TABLE sale ALTER COLUMN kind SET STATISTICS 100;
";

/// The single statement of an endpoint, for these classes of its parameters.
async fn explained(endpoint: &str, wanted: &[Class]) -> (ExplainedStatement, Vec<String>) {
    let database = TestDatabase::new();
    let target = Target::parse(&database.url).unwrap();
    let mut connection = Connection::open(&target).await.unwrap();
    connection.batch(SCHEMA).await.unwrap();
    connection.batch("VACUUM ANALYZE").await.unwrap();
    // The flip shall not depend on how many cores the machine has.
    connection.batch(&format!("ALTER DATABASE {} SET max_parallel_workers_per_gather = 0", database.name)).await.unwrap();
    connection.batch(&format!("ALTER DATABASE {} SET jit = off", database.name)).await.unwrap();
    connection.close().await;
    let mut connection = Connection::open(&target).await.unwrap();
    let scenario = shop::scenario(endpoint);
    let catalog = read_catalog(&mut connection).await.unwrap();
    let workload = Workload::bind(&scenario, &mut connection).await.unwrap();
    let own = workload.endpoints[0].draws.draw(0).unwrap();
    let sample = scenario.endpoints[0].params.sample.as_ref().map(|sample| sample.value.as_str());
    let plans = explain_call(&mut connection, &catalog, &workload.endpoints[0], &own).await.unwrap();
    let mut statements: Vec<ExplainedStatement> = plans
        .iter()
        .map(|plan| ExplainedStatement { step: plan.step + 1, before: plan.explained.clone(), ..ExplainedStatement::default() })
        .collect();
    let asked = Asked { workload: &workload, place: 0, sample, wanted, own: &own };
    let found = explain_classes(&target, &catalog, asked).await.unwrap();
    let notes = found.notes.clone();
    found.add_to(&mut statements);
    let (sales,): (i64,) = connection.row("SELECT count(*) FROM sale").await.unwrap();
    assert_eq!(sales, 200_000, "explaining changes nothing");
    connection.close().await;
    (statements.remove(0), notes)
}

fn all(endpoint: &str) -> (ExplainedStatement, Vec<String>) {
    runtime().block_on(explained(endpoint, &Class::WITH_ROWS))
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn class<'c>(statement: &'c ExplainedStatement, name: &str) -> &'c PlanClass {
    statement.classes.iter().find(|class| class.class == name).unwrap_or_else(|| panic!("{name} in {:?}", statement.classes))
}

#[test]
fn a_plan_that_flips_for_the_heaviest_row_is_told_with_both_figures_and_its_loss_when_prepared() {
    let (statement, notes) = all(r#"
  - route: GET /sales
    params: {sample: "SELECT id AS kind FROM kind"}
    sql: "SELECT sum(amount) FROM sale WHERE kind = :kind"
"#);
    assert!(notes.is_empty(), "{notes:?}");
    let names: Vec<&str> = statement.classes.iter().map(|class| class.class.as_str()).collect();
    assert_eq!(names, ["typical", "heaviest", "missing"]);
    let (typical, heaviest, missing) =
        (class(&statement, "typical"), class(&statement, "heaviest"), class(&statement, "missing"));
    assert_eq!((heaviest.parameters[0].value.as_str(), heaviest.rows_read), ("0", 200_000.0));
    assert_eq!((typical.rows_read, missing.rows_read), (1.0, 0.0));
    assert_eq!(heaviest.changes, ["reads sale by a sequential scan instead of an index scan using sale_kind"]);
    assert!(heaviest.plan.as_ref().is_some_and(|plan| plan.text.contains("Seq Scan on")), "{heaviest:?}");
    assert!(typical.changes.is_empty() && missing.changes.is_empty() && missing.plan.is_none() && missing.consequence.is_none());
    let consequence = heaviest.consequence.as_deref().unwrap();
    assert!(consequence.contains("reads 200,000 rows instead of"), "{consequence}");
    assert!(consequence.contains("By the plan of the typical rows it takes"), "{consequence}");

    let cache = statement.plan_cache.unwrap();
    assert_eq!(cache.classes.len(), 3);
    let [typical, heaviest, missing] = cache.classes.as_slice() else { panic!("{cache:?}") };
    assert!(typical.changes.is_empty() && missing.changes.is_empty(), "{cache:?}");
    assert_eq!(heaviest.changes, ["reads sale by an index scan using sale_kind instead of a sequential scan"]);
    assert!(cache.generic.is_some_and(|generic| generic.text.contains("kind = $1")));
    // The generic plan is estimated for an average kind, so its cost is below that of the sequential scan, and above that of one row.
    assert_eq!(heaviest.auto, Some(PlanKind::Generic), "{:?}", cache.says);
    assert!(cache.classes.iter().all(|class| class.custom.runs > 0 && class.generic.runs > 0));
}

#[test]
fn a_generic_plan_that_loses_has_a_remedy() {
    let (statement, _) = all(r#"
  - route: GET /sales
    params: {sample: "SELECT id AS kind FROM kind"}
    sql: "SELECT sum(amount) FROM sale WHERE kind = :kind OR :kind::int IS NULL"
"#);
    let cache = statement.plan_cache.unwrap();
    let typical = &cache.classes[0];
    assert_eq!(typical.outcome, CacheOutcome::Loses, "200,000 rows instead of one: {cache:?}");
    assert_eq!(typical.changes, ["reads sale by a sequential scan instead of an index scan using sale_kind"]);
    assert!(typical.generic.total_ms() > 5.0 * typical.custom.total_ms(), "{typical:?}");
    let said = cache.says.join(" ");
    assert!(said.contains("For the typical rows the generic plan takes"), "{said}");
    // PostgreSQL sees that this plan costs more than the custom ones, unless those were sequential scans, too.
    let auto: Vec<Option<PlanKind>> = cache.classes.iter().map(|class| class.auto).collect();
    assert_eq!((auto[0], auto[2]), (Some(PlanKind::Custom), Some(PlanKind::Custom)), "{said}");
    let comes_to_it = auto.contains(&Some(PlanKind::Generic));
    assert_eq!(cache.remedy.is_some_and(|remedy| remedy.starts_with("split the query")), comes_to_it, "{said}");
}

#[test]
fn a_statement_with_one_plan_for_all_values_loses_nothing() {
    let (statement, notes) = all(r#"
  - route: GET /sale
    params: {sample: "SELECT id FROM sale"}
    sql: "SELECT amount FROM sale WHERE id = :id"
"#);
    assert!(notes.is_empty(), "{notes:?}");
    assert!(
        statement.classes.iter().all(|class| class.changes.is_empty() && class.consequence.is_none()),
        "{:?}",
        statement.classes
    );
    assert_eq!(class(&statement, "missing").rows_returned, 0.0);
    let cache = statement.plan_cache.unwrap();
    assert_eq!((cache.mode.as_str(), cache.remedy.as_deref(), cache.generic.is_none()), ("auto", None, true));
    for class in &cache.classes {
        assert!(class.changes.is_empty() && class.outcome != CacheOutcome::Loses, "{class:?}");
        assert_eq!(class.auto, Some(PlanKind::Generic), "the same cost, and the planning saved");
    }
}

#[test]
fn the_same_plan_with_many_more_rows_is_doubted_and_the_other_way_tried() {
    let (statement, _) = all(r#"
  - route: GET /sales
    params: {sample: "SELECT id AS kind FROM kind"}
    sql: "SELECT count(note) FROM sale WHERE kind = (SELECT :kind::int)"
"#);
    // The value comes out of a subquery, so the planner cannot know it.
    let heaviest = class(&statement, "heaviest");
    assert_eq!((heaviest.changes.len(), heaviest.rows_read), (0, 100_000.0), "{heaviest:?}");
    let consequence = heaviest.consequence.as_deref().unwrap();
    let same = "For the heaviest rows the same statement reads 100,000 rows by the same plan (an index scan using sale_kind)";
    assert!(consequence.starts_with(same), "{consequence}");
    assert!(
        consequence.contains("it reads sale by a sequential scan instead of an index scan using sale_kind, it takes"),
        "{consequence}"
    );
}

#[test]
fn a_row_that_takes_too_long_is_said_and_not_waited_for_again() {
    let started = Instant::now();
    let (statement, _) = runtime().block_on(explained(
        r#"
  - route: GET /sales
    params: {sample: "SELECT id AS kind FROM kind WHERE id < 30"}
    sql: "SELECT count(*) FROM sale WHERE kind = :kind AND (kind > 0 OR pg_sleep(30) IS NOT NULL)"
"#,
        &[Class::Typical, Class::Heaviest],
    ));
    let heaviest = class(&statement, "heaviest");
    assert_eq!((heaviest.execution_ms, heaviest.stopped_after_ms), (None, Some(LONGEST.as_secs_f64() * 1e3)), "{heaviest:?}");
    assert_eq!(heaviest.parameters[0].value, "0");
    let consequence = heaviest.consequence.as_deref().unwrap();
    assert!(consequence.contains("did not end within 10.0 s and was not waited for again; typical rows take"), "{consequence}");
    let cached = &statement.plan_cache.unwrap().classes[1];
    assert_eq!((cached.outcome, cached.generic.runs), (CacheOutcome::Unknown, 0));
    // Once to find it, once to explain it; a third time would be beyond what a busy machine adds.
    assert!(started.elapsed() < LONGEST * 12, "{:?}", started.elapsed());
}

#[test]
fn what_has_no_rows_to_choose_among_is_compared_with_its_own_parameters() {
    let (statement, _) = all(r#"
  - route: GET /sales
    params: {values: {kind: {values: [5]}}}
    sql: "SELECT sum(amount) FROM sale WHERE kind = :kind"
"#);
    assert!(statement.classes.is_empty());
    let cache = statement.plan_cache.unwrap();
    assert_eq!(cache.classes.iter().map(|class| class.class.as_str()).collect::<Vec<_>>(), ["as above"]);
    let (statement, _) = all("  - {route: GET /all, sql: SELECT count(*) FROM sale}");
    assert!(statement.plan_cache.is_none() && statement.classes.is_empty(), "one statement without parameters has one plan");
}
