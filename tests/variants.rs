//! Other ways to an endpoint's result, through the real binary.

mod common;

use std::path::PathBuf;
use std::process::Output;
use std::sync::atomic::{AtomicU32, Ordering};

use common::perflab;
use perflab::db::{Connection, Target};
use serde_json::Value;

const SCHEMA: &str = "CREATE TABLE author (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE book (id int PRIMARY KEY, author_id int NOT NULL REFERENCES author, pages int NOT NULL, sold numeric(8,2) NOT NULL);
CREATE INDEX ON book (author_id);
";
const DATA: &str = "name: NAME
schema: schema.sql
data:
  tables:
    author: {rows: 50, columns: {name: {fake: name}}}
    book: {rows: 20 per author, columns: {author_id: {ref: author}, pages: {range: 50-60}, sold: {range: 1-9}}}
endpoints:
";

/// A folder with a scenario, and a database of its own.
struct Shelf {
    folder: PathBuf,
    name: String,
}

impl Shelf {
    fn new(endpoints: &str) -> Shelf {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("shelf_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = common::target_folder().join(&name);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("schema.sql"), SCHEMA).unwrap();
        std::fs::write(folder.join("shelf.yaml"), DATA.replace("NAME", &name) + endpoints).unwrap();
        Shelf { folder, name }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let url = common::test_server().url("postgres");
        let mut command = perflab();
        command.current_dir(&self.folder).env("DATABASE_URL", url).args([
            "bench",
            "shelf.yaml",
            "--time",
            "100ms",
            "--no-server-side",
        ]);
        command.args(arguments).output().unwrap()
    }

    fn json(&self) -> Value {
        let output = self.run(&["--format", "json"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The databases of the scenario.
    fn databases(&self) -> Vec<String> {
        let sql = format!("SELECT datname::text FROM pg_database WHERE datname LIKE 'perflab_{}%'", self.name);
        ask("postgres", &sql)
    }
}

/// The texts that a query returns.
fn ask(database: &str, sql: &str) -> Vec<String> {
    let target = Target::parse(&common::test_server().url(database)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = Connection::open(&target).await.unwrap();
        let texts = connection.rows::<(String,)>(sql).await.unwrap();
        connection.close().await;
        texts.into_iter().map(|(text,)| text).collect()
    })
}

impl Drop for Shelf {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let dropped = format!("DROP DATABASE IF EXISTS \"perflab_{}\" WITH (FORCE)", self.name);
            ask("postgres", &dropped);
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

fn variant<'v>(report: &'v Value, name: &str) -> &'v Value {
    let runs = report["variants"].as_array().expect("variants");
    let all = runs.iter().flat_map(|run| run["variants"].as_array().unwrap());
    all.into_iter().find(|variant| variant["name"] == name).unwrap_or_else(|| panic!("no {name}"))
}

#[test]
fn what_returns_the_same_is_timed_and_what_does_not_is_not() {
    let shelf = Shelf::new(
        r#"
  - route: GET /authors/{id}/books
    params: {sample: SELECT id FROM author}
    sql: "SELECT id, pages, sold FROM book WHERE author_id = :id"
    variants:
      backwards: {sql: "SELECT id, pages::bigint, sold * 1.000 FROM book WHERE author_id = :id ORDER BY id DESC"}
      too few: {sql: "SELECT id, pages, sold FROM book WHERE author_id = :id AND pages < 58"}
      by number: [{sql: "SELECT id FROM author WHERE id = :id", as: author}, "SELECT id, pages, sold FROM book WHERE author_id = :author.id"]
      failing: {sql: "SELECT id, pages / (pages - 55), sold FROM book WHERE author_id = :id"}
  - route: GET /nothing
    params: {sample: SELECT -id AS id FROM author}
    sql: "SELECT id FROM book WHERE author_id = :id"
    variants: {other: {sql: "SELECT pages FROM book WHERE author_id = :id"}}
"#,
    );
    let report = shelf.json();
    let backwards = variant(&report, "backwards");
    assert_eq!(backwards["equality"]["compared"], 50, "{backwards}");
    assert_eq!(backwards["equality"]["equal"], 50, "{backwards}");
    assert!(backwards["notes"][0].as_str().unwrap().contains("in another order"), "{backwards}");
    assert!(backwards["timed"]["before"]["n"].as_u64().unwrap() >= 10, "{backwards}");
    let few = variant(&report, "too few");
    assert_eq!(few["timed"], Value::Null, "{few}");
    let difference = few["equality"]["first_difference"].as_str().unwrap();
    assert!(difference.contains("with id = ") && difference.contains("only the endpoint returns ("), "{difference}");
    let by_number = variant(&report, "by number");
    assert_eq!((&by_number["variant_statements_per_call"], &by_number["own_statements_per_call"]), (&2.0.into(), &1.0.into()));
    assert!(by_number["timed"].is_object(), "{by_number}");
    let failing = variant(&report, "failing");
    assert_eq!((&failing["timed"], &failing["failures"][0]["sqlstate"]), (&Value::Null, &"22012".into()), "{failing}");
    let nothing = variant(&report, "other");
    assert!(nothing["notes"][0].as_str().unwrap().contains("proves nothing"), "{nothing}");
    assert_eq!(shelf.databases(), [format!("perflab_{}", shelf.name)]);

    let output = shelf.run(&[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("Other ways to the result of GET /authors/{id}/books"), "{text}");
    assert!(text.contains("50 the same") && text.contains("not timed") && text.contains("too few is not the same"), "{text}");
    let without = shelf.run(&["--no-variants"]);
    assert!(!String::from_utf8(without.stdout).unwrap().contains("Other ways"));
}

#[test]
fn a_setup_is_made_on_a_copy_and_its_refresh_has_a_price() {
    let shelf = Shelf::new(
        r#"
  - route: GET /authors/{id}/summary
    params: {sample: SELECT id FROM author}
    steps:
      - SELECT count(*) FROM book WHERE author_id = :id AND pages < 55
      - SELECT count(*) FROM book WHERE author_id = :id AND pages >= 55
      - SELECT round(avg(sold), 2) FROM book WHERE author_id = :id
    variants:
      one statement:
        compare: values
        sql: |
          SELECT json_build_object('short', count(*) FILTER (WHERE pages < 55), 'long', count(*) FILTER (WHERE pages >= 55)),
            round(avg(sold), 2)
          FROM book WHERE author_id = :id
      counted beforehand:
        compare: values
        setup:
          - >-
            CREATE MATERIALIZED VIEW summary AS SELECT author_id, count(*) FILTER (WHERE pages < 55) AS short,
            count(*) FILTER (WHERE pages >= 55) AS long, round(avg(sold), 2) AS sold FROM book GROUP BY author_id
          - CREATE UNIQUE INDEX ON summary (author_id)
        refresh: REFRESH MATERIALIZED VIEW summary
        sql: SELECT short, long, sold FROM summary WHERE author_id = :id
"#,
    );
    let report = shelf.json();
    for name in ["one statement", "counted beforehand"] {
        let found = variant(&report, name);
        assert_eq!((&found["equality"]["equal"], &found["own_statements_per_call"]), (&50.into(), &3.0.into()), "{found}");
        assert!(found["timed"].is_object(), "{found}");
    }
    let counted = variant(&report, "counted beforehand");
    assert!(counted["setup_ms"].as_f64().unwrap() > 0.0, "{counted}");
    assert!(counted["refresh"]["ms"].as_f64().unwrap() > 0.0, "{counted}");
    assert!(counted["refresh"]["sql"].as_str().unwrap().starts_with("REFRESH"), "{counted}");
    assert_eq!(shelf.databases(), [format!("perflab_{}", shelf.name)]);
}

#[test]
fn what_writes_is_compared_without_a_trace_and_timed_on_copies() {
    let shelf = Shelf::new(
        r#"
  - route: POST /books/{id}/sold
    params: {sample: SELECT id FROM book}
    steps:
      - "UPDATE book SET sold = sold + 1 WHERE id = :id"
      - "SELECT sold FROM book WHERE id = :id"
    variants:
      returning: {sql: "UPDATE book SET sold = sold + 1 WHERE id = :id RETURNING sold"}
  - route: DELETE /books/{id}
    params: {sample: SELECT id FROM book}
    sql: "DELETE FROM book WHERE id = :id RETURNING pages"
    variants:
      by array: {sql: "DELETE FROM book WHERE id = ANY (ARRAY[:id::int]) RETURNING pages"}
"#,
    );
    let report = shelf.json();
    for name in ["returning", "by array"] {
        let found = variant(&report, name);
        assert_eq!(found["equality"]["equal"], found["equality"]["compared"], "{found}");
        assert_eq!(found["equality"]["both_empty"], 0, "{found}");
        assert!(found["timed"].is_object(), "{found}");
        assert!(found["notes"][0].as_str().unwrap().contains("not what is written"), "{found}");
    }
    assert_eq!(ask(&format!("perflab_{}", shelf.name), "SELECT count(*)::text FROM book"), ["1000"]);
}

#[test]
fn what_does_not_fit_is_told_at_once_and_before_anything_is_measured() {
    let shelf = Shelf::new(
        r#"
  - route: GET /authors/{id}/books
    params: {sample: SELECT id FROM author}
    sql: "SELECT id FROM book WHERE author_id = :id"
    variants:
      wrong column: {sql: "SELECT idd FROM book WHERE author_id = :id"}
      unknown parameter: {sql: "SELECT id FROM book WHERE author_id = :number"}
      wrong setup:
        setup: CREATE INDEX ON boook (pages)
        sql: "SELECT id FROM book WHERE author_id = :id"
"#,
    );
    let output = shelf.run(&[]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{said}");
    for part in ["column \"idd\" does not exist", "number", "relation \"boook\" does not exist", "shelf.yaml:"] {
        assert!(said.contains(part), "no {part} in {said}");
    }
    assert_eq!(shelf.databases(), [format!("perflab_{}", shelf.name)]);
}
