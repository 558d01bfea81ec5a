//! What the tests of learning share.

use std::path::Path;

use perflab::db::{Connection, Target, read_catalog, read_statistics};
use perflab::learn::{ColumnLearned, LearnError, Learned, Options, learn};
use perflab::scenario::model::{Data, Source};
use perflab::seed::{SeedPlan, load};

use crate::common::TestDatabase;

pub fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

pub async fn connect(url: &str) -> Connection {
    Connection::open(&Target::parse(url).unwrap()).await.unwrap()
}

/// A database with a schema and what the statements after it do.
pub async fn database(sql: &str) -> TestDatabase {
    let database = TestDatabase::new();
    let mut connection = connect(&database.url).await;
    connection.batch(sql).await.unwrap_or_else(|error| panic!("{error}"));
    connection.close().await;
    database
}

pub fn data(yaml: &str) -> Data {
    let source = Source { path: "learned.yaml".into(), text: yaml.to_owned() };
    let parsed = perflab::scenario::parse(source, |_: &Path| Ok(String::new()));
    parsed.unwrap_or_else(|errors| panic!("{errors}\n{yaml}")).data.unwrap()
}

/// A database with a schema, filled as a data section says and analyzed.
pub async fn seeded(schema: &str, data: &Data, scale: f64) -> TestDatabase {
    let database = database(schema).await;
    let target = Target::parse(&database.url).unwrap();
    let mut connection = connect(&database.url).await;
    let catalog = read_catalog(&mut connection).await.unwrap();
    connection.close().await;
    let plan = SeedPlan::new(data, &catalog, scale).unwrap_or_else(|problems| panic!("{problems:?}"));
    load(&plan, &target, &mut |_| {}).await.unwrap_or_else(|error| panic!("{error:?}"));
    database
}

pub fn options() -> Options {
    Options { name: "learned".into(), schema: "schema.sql".into(), from: "a test".into(), ..Options::default() }
}

pub async fn try_learned(url: &str, options: &Options) -> Result<Learned, LearnError> {
    let mut connection = connect(url).await;
    let (catalog, statistics) = read_statistics(&mut connection).await.unwrap_or_else(|error| panic!("{error}"));
    connection.close().await;
    learn(&catalog, &statistics, options)
}

pub async fn learned(url: &str) -> Learned {
    try_learned(url, &options()).await.unwrap()
}

/// `table.column` of what was learned.
pub fn column<'l>(learned: &'l Learned, name: &str) -> &'l ColumnLearned {
    let (table, column) = name.rsplit_once('.').unwrap();
    let table = learned.tables.iter().find(|found| found.name == table).unwrap_or_else(|| panic!("{name}"));
    table.columns.iter().find(|found| found.name == column).unwrap_or_else(|| panic!("{name}"))
}

/// How a column was described.
pub fn described<'l>(learned: &'l Learned, name: &str) -> &'l str {
    column(learned, name).described.as_deref().unwrap_or_else(|| panic!("{name} is left to be inferred"))
}

/// The number behind a word of a description: 0.8 for `sigma` of `{sigma: 0.8, max: 9}`.
pub fn figure(learned: &Learned, column: &str, word: &str) -> f64 {
    let text = described(learned, column);
    let after = text.split(&format!("{word}: ")).nth(1).unwrap_or_else(|| panic!("no {word} in {text}"));
    let end = after.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '-').unwrap_or(after.len());
    after[..end].parse().unwrap_or_else(|_| panic!("{word} in {text}"))
}

pub fn near(what: &str, a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance * a.abs().max(b.abs()).max(1e-9), "{what}: {a} and {b}");
}
