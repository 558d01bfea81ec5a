//! Schemas that nobody thought of: made at random, seeded with nothing but row counts.
//!
//! Each case has a database of its own. Either every row arrives and every constraint, index and trigger is as it was, or the
//! scenario is refused before the first row for a reason that the maker of the schema knows of: a space that is too small.
//! `PERFLAB_SCHEMAS=2000 cargo test --test seed random` tries others, and more of them.

mod draft;
mod schema;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use crate::common::TestDatabase;
use crate::seeding::{data, runtime};
use draft::drafts;
use perflab::db::{Connection, Target, read_catalog};
use perflab::seed::{SeedPlan, load};
use schema::Schema;

/// How many schemas are tried unless `PERFLAB_SCHEMAS` says otherwise: some ten seconds on two cores.
const CASES: u32 = 20;

/// Constraints, indexes and triggers, one per line.
const SHAPE: &str = "SELECT coalesce(string_agg(line, E'\\n' ORDER BY line), '') FROM (
    SELECT conrelid::regclass::text || ' ' || conname || ' ' || contype::text || ' ' || pg_get_constraintdef(oid) || ' ' || convalidated || condeferrable || condeferred AS line
    FROM pg_constraint WHERE conrelid <> 0 AND connamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
    UNION ALL
    SELECT pg_get_indexdef(indexrelid) || indisvalid || indisunique FROM pg_index JOIN pg_class c ON c.oid = indrelid
    WHERE c.relnamespace::regnamespace::text NOT IN ('pg_catalog', 'pg_toast', 'information_schema')
    UNION ALL
    SELECT tgrelid::regclass::text || tgname || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal) AS s";

#[test]
fn any_schema_is_seeded_with_every_constraint_or_refused_for_a_small_space() {
    let asked = std::env::var("PERFLAB_SCHEMAS").ok().and_then(|text| text.parse().ok());
    let config = Config { cases: asked.unwrap_or(CASES), max_shrink_iters: 300, failure_persistence: None, ..Config::default() };
    let mut runner = match asked {
        Some(_) => TestRunner::new(config),
        // The same ones every day: a change that breaks one is to blame, not chance.
        None => TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha)),
    };
    let runtime = runtime();
    let outcome = runner.run(&drafts(), |draft| {
        let schema = Schema::of(&draft);
        let outcome = runtime.block_on(seeds_or_is_refused(&schema));
        outcome.map_err(|why| {
            TestCaseError::fail(format!(
                "{why}\n\n{}\n\n{}\nmay be refused: {:?}",
                schema.ddl, schema.tables_yaml, schema.too_small
            ))
        })
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

async fn seeds_or_is_refused(schema: &Schema) -> Result<(), String> {
    let database = TestDatabase::new();
    let target = Target::parse(&database.url).unwrap();
    let mut connection = Connection::open(&target).await.unwrap();
    connection.batch(&schema.ddl).await.map_err(|error| format!("the DDL itself: {error}: {:?}", error.server_message()))?;
    let (before,): (String,) = connection.row(SHAPE).await.unwrap();
    let catalog = read_catalog(&mut connection).await.unwrap();
    let plan = match SeedPlan::new(&data(&schema.tables_yaml), &catalog, 1.0) {
        Ok(plan) => plan,
        Err(problems) => {
            connection.close().await;
            let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
            return if schema.too_small.is_empty() { Err(format!("refused: {}", said.join("\n"))) } else { Ok(()) };
        }
    };
    let run = load(&plan, &target, &mut |_| {}).await.map_err(|error| format!("{error:?}"))?;
    let (after,): (String,) = connection.row(SHAPE).await.unwrap();
    if before != after {
        let gone: Vec<&str> = before.lines().filter(|line| !after.lines().any(|other| other == *line)).collect();
        let new: Vec<&str> = after.lines().filter(|line| !before.lines().any(|other| other == *line)).collect();
        return Err(format!("gone: {gone:#?}, new: {new:#?}"));
    }
    if let Some(table) = run.tables.iter().find(|table| table.asked != table.rows) {
        return Err(format!("{} has {} of {} rows", table.name, table.rows, table.asked));
    }
    for sql in &schema.inserts_a_row {
        connection.batch(sql).await.map_err(|error| format!("{sql}: {error}: {:?}", error.server_message()))?;
    }
    connection.close().await;
    for threads in [1, 2, 8] {
        let hash = plan.data_hash(threads).await.map_err(|error| format!("{error:?}"))?;
        if hash != run.hash {
            return Err(format!("another hash on {threads} threads"));
        }
    }
    Ok(())
}
