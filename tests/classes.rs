//! Endpoints under different choices of their parameters, on a real server.

mod common;

use std::time::Duration;

use common::{TestDatabase, shop};
use perflab::bench::Workload;
use perflab::bench::classes::{self, Class};
use perflab::bench::live::Stop;
use perflab::bench::rounds::TimeBox;
use perflab::db::{Connection, Target};
use perflab::report::model::{ClassResult, Classes};

/// 20,000 customers by UUID with two visits each, and one with 3,000: nobody would find it by trying 200.
const SCHEMA: &str = "
CREATE TABLE visitor (id uuid PRIMARY KEY, number int NOT NULL UNIQUE, name text NOT NULL);
CREATE TABLE visit (id bigint PRIMARY KEY, visitor_id uuid NOT NULL REFERENCES visitor ON DELETE CASCADE, page text NOT NULL);
CREATE INDEX ON visit (visitor_id);
INSERT INTO visitor SELECT md5(i::text)::uuid, i, 'visitor ' || i FROM generate_series(1, 20000) AS i;
INSERT INTO visit SELECT i, md5((1 + i % 20000)::text)::uuid, 'page' FROM generate_series(1, 40000) AS i;
INSERT INTO visit SELECT 40000 + i, md5('777')::uuid, 'page' FROM generate_series(1, 2998) AS i;
";

async fn classes(endpoints: &str, wanted: &[Class]) -> Vec<Option<Classes>> {
    classes_until(endpoints, wanted, &Stop::default()).await
}

async fn classes_until(endpoints: &str, wanted: &[Class], stop: &Stop) -> Vec<Option<Classes>> {
    let database = TestDatabase::new();
    let target = Target::parse(&database.url).unwrap();
    let mut connection = Connection::open(&target).await.unwrap();
    connection.batch(SCHEMA).await.unwrap();
    connection.batch("VACUUM ANALYZE").await.unwrap();
    let scenario = shop::scenario(endpoints);
    let workload = Workload::bind_for_load(&scenario, &mut connection).await.unwrap();
    connection.close().await;
    let time = TimeBox { total: Duration::from_millis(50), least_rounds: 3 };
    let run = classes::run(&scenario, &workload, &target, wanted, (time, stop), &mut |_| {}).await.unwrap();
    drop(database);
    run
}

fn all() -> Vec<Class> {
    Class::ALL.map(|(_, class)| class).to_vec()
}

fn class<'c>(classes: &'c Classes, name: &str) -> &'c ClassResult {
    classes.classes.iter().find(|class| class.class == name).unwrap_or_else(|| panic!("{name} in {classes:?}"))
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn the_heaviest_is_found_among_all_rows_and_the_missing_is_missing() {
    runtime().block_on(async {
        let measured = classes(
            r#"
  - route: GET /visits
    params: {sample: "SELECT id AS visitor, name FROM visitor", pick: {zipf: 1.3}}
    sql: "SELECT page FROM visit WHERE visitor_id = :visitor AND :name::text IS NOT NULL AND :visitor::text <> ''"
  - {route: GET /now, sql: SELECT 1}
"#,
            &all(),
        )
        .await;
        let visits = measured[0].as_ref().unwrap();
        let names: Vec<&str> = visits.classes.iter().map(|class| class.class.as_str()).collect();
        assert_eq!(names, ["zipf 1.3", "uniform", "zipf 1.1", "repeat 11", "typical", "heaviest", "missing"]);
        assert!(visits.classes.iter().all(|class| class.own == (class.class == "zipf 1.3") && class.errors == 0), "{visits:?}");
        let heaviest = class(visits, "heaviest");
        assert_eq!(heaviest.rows_per_call, 3000.0);
        let id = "f1c1592588411002af340cbaedd6fc33";
        let uuid = [&id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]].join("-");
        assert_eq!(heaviest.parameters, Some(format!("visitor {uuid}, name visitor 777")));
        assert_eq!((class(visits, "typical").rows_per_call, class(visits, "typical").distinct), (2.0, 1));
        let missing = class(visits, "missing");
        assert!(missing.rows_per_call == 0.0 && missing.distinct > 1, "{missing:?}");
        assert!(class(visits, "repeat 11").distinct <= 11);
        let said = visits.notes.iter().any(|note| note.contains("visitor 777 with 3,000 rows of visit) take"));
        assert!(said, "{:?}", visits.notes);
        assert!(measured[1].is_none(), "it has no parameters to choose");
    });
}

#[test]
fn a_cache_lives_on_repetition() {
    runtime().block_on(async {
        let measured = classes(
            r#"
  - route: GET /visitor
    params: {sample: "SELECT number FROM visitor"}
    sql: "SELECT name FROM visitor WHERE number = :number"
"#,
            &[Class::Uniform, Class::Zipf, Class::Repeat],
        )
        .await;
        let visitor = measured[0].as_ref().unwrap();
        let hit_rate = |class: &str, entries| {
            let found = visitor.caches.iter().find(|cache| cache.class == class && cache.entries == entries);
            found.map(|cache| cache.hit_rate).unwrap_or_else(|| panic!("{class} {entries} in {:?}", visitor.caches))
        };
        assert_eq!(visitor.caches.len(), 9);
        // 1,000 and 10,000 of 20,000 rows.
        assert!((hit_rate("uniform", 1_000) - 0.05).abs() < 0.01, "{}", hit_rate("uniform", 1_000));
        assert!((hit_rate("uniform", 10_000) - 0.5).abs() < 0.03, "{}", hit_rate("uniform", 10_000));
        assert!(hit_rate("zipf 1.1", 1_000) > 0.5 && hit_rate("zipf 1.1", 100) < hit_rate("zipf 1.1", 1_000));
        assert_eq!(hit_rate("repeat 11", 100), 1.0);
        let mean = class(visitor, "uniform").latency.mean_ms;
        let cached = visitor.caches.iter().find(|cache| cache.class == "uniform" && cache.entries == 10_000).unwrap();
        assert!((cached.mean_ms - mean * (1.0 - cached.hit_rate)).abs() < 1e-9);
    });
}

#[test]
fn what_deletes_has_rows_of_its_own_for_each_class_and_none_that_is_missing() {
    runtime().block_on(async {
        let measured = classes(
            r#"
  - route: DELETE /visitor
    params: {sample: "SELECT number FROM visitor WHERE number BETWEEN 700 AND 900"}
    sql: "DELETE FROM visitor WHERE number = :number"
  - route: POST /visitor
    params: {sample: "SELECT number FROM visitor"}
    sql: "UPDATE visitor SET name = name || '.' WHERE number = :number"
"#,
            &all(),
        )
        .await;
        let (deleting, writing) = (measured[0].as_ref().unwrap(), measured[1].as_ref().unwrap());
        let names = |classes: &Classes| classes.classes.iter().map(|class| class.class.clone()).collect::<Vec<_>>();
        assert_eq!(names(deleting), ["uniform", "typical", "heaviest"]);
        for class in &deleting.classes {
            assert_eq!(class.rows_per_call, 1.0, "no row is deleted twice: {class:?}");
            assert_eq!((class.latency.n, class.errors), (class.distinct, 0));
        }
        assert_eq!(names(writing), ["uniform", "zipf 1.1", "repeat 11", "typical", "heaviest"]);
        assert!(deleting.caches.is_empty() && writing.caches.is_empty(), "a cache answers no write");
    });
}

#[test]
fn told_to_stop_it_makes_no_further_call() {
    let stop = Stop::default();
    stop.ask();
    let endpoints = "  - {route: GET /c, params: {sample: SELECT id FROM visitor}, sql: 'SELECT * FROM visitor WHERE id = :id'}";
    let found = runtime().block_on(classes_until(endpoints, &all(), &stop));
    assert!(
        found
            .iter()
            .all(|classes| classes.as_ref().is_none_or(|classes| classes.classes.iter().all(|class| class.latency.n == 0)))
    );
}
