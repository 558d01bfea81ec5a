//! A schema, a data section and a real server: what every test of this binary seeds with.

use std::path::Path;

use crate::common::TestDatabase;
use perflab::db::{Connection, Target, read_catalog};
use perflab::report::model::SeedRun;
use perflab::scenario::model::{Data, Source};
use perflab::seed::{SeedError, SeedEvent, SeedPlan, load, trial};

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// A database that was just seeded, and what the seeding said of it.
pub struct Seeded {
    // Dropped last, when nobody is connected any more.
    pub _database: TestDatabase,
    pub connection: Connection,
    pub plan: SeedPlan,
    pub run: SeedRun,
    pub events: Vec<SeedEvent>,
}

/// The `data:` section of a scenario, from the lines of its tables.
pub fn data(tables: &str) -> Data {
    let text = format!("name: shop\ndata:\n  seed: 7\n  tables:\n{tables}");
    scenario_data(Source { path: "shop.yaml".into(), text })
}

pub fn scenario_data(source: Source) -> Data {
    let read = |path: &Path| std::fs::read_to_string(path);
    perflab::scenario::parse(source, read).unwrap_or_else(|errors| panic!("{errors}")).data.unwrap()
}

pub async fn try_seed(
    schema: &str,
    data: &Data,
    scale: f64,
) -> (TestDatabase, Target, SeedPlan, Result<SeedRun, SeedError>, Vec<SeedEvent>) {
    let database = TestDatabase::new();
    let target = Target::parse(&database.url).unwrap();
    let mut connection = Connection::open(&target).await.unwrap();
    connection.batch(schema).await.unwrap();
    let catalog = read_catalog(&mut connection).await.unwrap();
    connection.close().await;
    let plan = SeedPlan::new(data, &catalog, scale).unwrap_or_else(|problems| panic!("{problems:?}"));
    let mut events = Vec::new();
    let run = load(&plan, &target, &mut |event| events.push(event)).await;
    (database, target, plan, run, events)
}

pub async fn seed(schema: &str, data: &Data, scale: f64) -> Seeded {
    let (database, target, plan, run, events) = try_seed(schema, data, scale).await;
    let mut connection = Connection::open(&target).await.unwrap();
    let refused = trial(&plan, &mut connection).await.unwrap();
    assert!(refused.is_empty(), "what was loaded is refused on trial: {refused:?}");
    Seeded { _database: database, connection, plan, run: run.unwrap_or_else(|error| panic!("{error:?}")), events }
}

impl Seeded {
    pub async fn number(&mut self, sql: &str) -> i64 {
        let (number,): (i64,) = self.connection.row(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        number
    }
}
