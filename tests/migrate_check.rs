//! `perflab migrate-check` as a person and a script meet it.

mod common;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use common::{clean, target_folder, test_server};
use perflab::db::{Connection, Target};
use serde_json::Value;

const SCHEMA: &str = "CREATE TABLE author (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE book (id int PRIMARY KEY, author_id int NOT NULL REFERENCES author, pages int NOT NULL, sold numeric(8,2) NOT NULL);
CREATE INDEX book_author ON book (author_id);
CREATE TABLE note (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, book_id int NOT NULL, text text NOT NULL);
";
const SCENARIO: &str = "name: NAME
schema: schema.sql
data:
  tables:
    author: {rows: 100, columns: {name: {fake: name}}}
    book: {rows: 100 per author, columns: {author_id: {ref: author}, pages: {range: 50-60}, sold: {range: 1-9}}}
    note: {rows: 100, columns: {book_id: {range: 1-100}}}
endpoints:
  - route: GET /authors/{id}/books
    params: {sample: SELECT id FROM author}
    sql: SELECT id, pages FROM book WHERE author_id = :id
  - route: POST /books/{id}/sell
    params: {sample: SELECT id FROM book}
    sql: UPDATE book SET sold = sold + 1 WHERE id = :id
  - route: POST /notes
    params: {sample: SELECT id FROM book}
    sql: INSERT INTO note (book_id, text) VALUES (:id, 'a note')
";

/// A folder with a scenario, and a database of its own.
struct Shelf {
    folder: PathBuf,
    name: String,
}

/// How a check ended.
struct Found {
    code: i32,
    out: String,
    err: String,
}

impl Found {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}\n{}", self.out, self.err))
    }

    fn kinds(&self) -> Vec<String> {
        let found = self.json();
        let findings = found["findings"].as_array().expect("findings").clone();
        findings.iter().map(|finding| finding["kind"].as_str().unwrap().to_owned()).collect()
    }
}

impl Shelf {
    fn new() -> Shelf {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("migrate_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = target_folder().join(&name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("schema.sql"), SCHEMA).unwrap();
        fs::write(folder.join("shelf.yaml"), SCENARIO.replace("NAME", &name)).unwrap();
        Shelf { folder, name }
    }

    fn run(&self, migration: &str, more: &[&str]) -> Found {
        fs::write(self.folder.join("m.sql"), migration).unwrap();
        let mut command = clean(Command::new(env!("CARGO_BIN_EXE_perflab")));
        command.current_dir(&self.folder).env("DATABASE_URL", test_server().url("postgres"));
        command.args(["migrate-check", "shelf.yaml", "m.sql", "--time", "300ms", "--around", "300ms", "--rate", "100/s"]);
        let output: Output = command.args(more).stdin(Stdio::null()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Found { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }

    fn json(&self, migration: &str, more: &[&str]) -> Found {
        self.run(migration, &[&["--format", "json"], more].concat())
    }
}

impl Drop for Shelf {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let left = ask(&format!("SELECT datname::text FROM pg_database WHERE datname LIKE 'perflab_{}\\_\\_%'", self.name));
            assert_eq!(left, Vec::<String>::new(), "copies are dropped");
            ask(&format!("DROP DATABASE IF EXISTS \"perflab_{}\" WITH (FORCE)", self.name));
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// The texts that a query returns.
fn ask(sql: &str) -> Vec<String> {
    let target = Target::parse(&test_server().url("postgres")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = Connection::open(&target).await.unwrap();
        let texts = connection.rows::<(String,)>(sql).await.unwrap();
        connection.close().await;
        texts.into_iter().map(|(text,)| text).collect()
    })
}

/// The lock of a statement (from 1) on a relation, by the given run.
fn lock<'v>(run: &'v Value, statement: usize, relation: &str, mode: &str) -> &'v Value {
    let locks = run["statements"][statement - 1]["locks"].as_array().expect("locks");
    let found = locks.iter().find(|lock| lock["relation"] == relation && lock["mode"] == mode);
    found.unwrap_or_else(|| panic!("no {mode} on {relation}: {locks:#?}"))
}

fn labels(value: &Value) -> Vec<&str> {
    value.as_array().map(|all| all.iter().filter_map(Value::as_str).collect()).unwrap_or_default()
}

/// Limits that no machine exceeds, so that only what is wrong is found.
const PATIENT: [&str; 4] = ["--max-wait", "60s", "--max-slower", "1000"];

#[test]
fn an_index_stops_writers_and_one_built_concurrently_nobody() {
    let shelf = Shelf::new();
    let found = shelf.json("CREATE INDEX book_pages ON book (pages);", &["--max-wait", "0.0001", "--max-slower", "1000"]);
    let check = found.json();
    let held = lock(&check["alone"], 1, "book", "SHARE");
    assert_eq!((held["blocks"].as_str(), held["exact"].as_bool()), (Some("writes"), Some(true)));
    assert_eq!(labels(&held["endpoints"]), ["POST /books/{id}/sell"], "those who read go on");
    assert!(check["alone"]["statements"][0]["bytes_change"].as_i64() > Some(0), "{check:#}");
    assert!(check["alone"]["statements"][0]["wal_bytes"].as_u64() > Some(0), "{check:#}");
    assert_eq!((found.code, found.kinds()), (1, vec!["blocked".to_owned()]), "{}", found.out);
    let advice = &check["advice"][0];
    assert_eq!(labels(&advice["sql"]), ["CREATE INDEX CONCURRENTLY book_pages ON book (pages)"], "{check:#}");
    assert_eq!(advice["tried"]["other_way"]["blocked_ms"], 0.0);

    let found =
        shelf.json("CREATE INDEX CONCURRENTLY book_pages ON book (pages);", &["--max-wait", "10s", "--max-slower", "1000"]);
    let check = found.json();
    let locks = check["alone"]["statements"][0]["locks"].as_array().unwrap();
    assert!(locks.iter().all(|lock| lock["blocks"] == "nothing" && lock["exact"] == false), "{locks:#?}");
    assert_ne!(found.code, 1, "{}", found.out);
    assert!(
        check["in_use"]["endpoints"].as_array().unwrap().iter().all(|one| one["before"]["n"].as_u64() > Some(0)),
        "{check:#}"
    );
}

#[test]
fn a_default_of_its_own_per_row_writes_the_table_anew_and_the_rollback_is_held_against_the_schema() {
    let shelf = Shelf::new();
    fs::write(shelf.folder.join("down.sql"), "ALTER TABLE book DROP COLUMN code;").unwrap();
    let page = shelf.folder.join("check.md");
    let migration =
        "ALTER TABLE book ADD COLUMN code text DEFAULT md5(random()::text);\nCREATE INDEX CONCURRENTLY book_code ON book (code);";
    let more = ["--rollback", "down.sql", "--output", "check.md"];
    let found = shelf.json(migration, &[&PATIENT[..], &more].concat());
    let check = found.json();
    let held = lock(&check["alone"], 1, "book", "ACCESS EXCLUSIVE");
    assert_eq!(labels(&held["endpoints"]), ["GET /authors/{id}/books", "POST /books/{id}/sell"]);
    assert_eq!(labels(&check["alone"]["statements"][0]["rewritten"]), ["book"], "{check:#}");
    assert_eq!(check["rollback"]["differences"], serde_json::json!([]), "{check:#}");
    assert_eq!(found.kinds(), Vec::<String>::new());
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("writes book anew") && page.contains("leaves the schema as it was"), "{page}");

    let found = shelf.json(
        "ALTER TABLE book ADD COLUMN code text; CREATE INDEX author_name ON author (name);",
        &[&PATIENT[..], &more].concat(),
    );
    assert_eq!((found.code, found.kinds()), (1, vec!["rollback".to_owned()]), "{}", found.err);
    assert_eq!(labels(&found.json()["rollback"]["differences"]), ["left over: index public.author_name"]);
    assert_eq!(found.json()["alone"]["statements"][0]["rewritten"], Value::Null, "no default, no rewrite");
}

#[test]
fn endpoints_that_no_longer_fit_or_fail_are_found() {
    let shelf = Shelf::new();
    let migration = "ALTER TABLE book DROP COLUMN pages;\nALTER TABLE note ADD COLUMN author text NOT NULL DEFAULT 'x';\n\
                     ALTER TABLE note ALTER author DROP DEFAULT;";
    let found = shelf.json(migration, &PATIENT);
    assert_eq!(found.code, 1);
    assert_eq!(found.kinds()[..2], ["broken", "calls_failed"], "{}", found.out);
    let check = found.json();
    let broken = check["broken"][0]["problems"][0].as_str().unwrap();
    assert!(broken.contains("shelf.yaml:11:10") && broken.contains("42703") && broken.contains("at character"), "{broken}");
    let failed = check["findings"].as_array().unwrap().iter().find(|finding| finding["endpoints"][0] == "POST /notes").unwrap();
    assert!(failed["sentence"].as_str().unwrap().contains("23502"), "{failed}");
}

#[test]
fn a_statement_that_fails_is_named_with_its_place_and_what_stays() {
    let shelf = Shelf::new();
    let migration = "CREATE TABLE a (id int);\nBEGIN;\nLOCK TABLE book;\nALTER TABLE book\n  ADD COLUMN x nonsense;\nCOMMIT;";
    let found = shelf.run(migration, &PATIENT);
    assert_eq!(found.code, 1, "{}", found.err);
    for part in ["m.sql:5:16", "SQLSTATE 42704", "Statement 1 stays done.", "from statement 2 on, was rolled back", "not run"] {
        assert!(found.out.split_whitespace().collect::<Vec<_>>().join(" ").contains(part), "{part}: {}", found.out);
    }
    let untried = "no endpoint was called beside it or timed after it";
    assert!(found.out.replace('\n', " ").contains(untried) && !found.out.contains("(no endpoint)"), "{}", found.out);

    let found = shelf.json("CREATE UNIQUE INDEX CONCURRENTLY twice ON book (author_id);", &PATIENT);
    assert_eq!(found.kinds(), ["failed", "invalid_index"]);
    assert_eq!(labels(&found.json()["alone"]["invalid_indexes"]), ["twice"]);
}

#[test]
fn a_request_that_waits_for_a_reader_stops_those_behind_it() {
    let shelf = Shelf::new();
    let reader = ["--long-reader", "1s", "--max-wait", "200ms", "--max-slower", "1000"];
    let found = shelf.json("ALTER TABLE book ADD COLUMN x int;", &reader);
    assert_eq!((found.code, found.kinds()), (1, vec!["blocked".to_owned()]), "{}", found.out);
    let check = found.json();
    let run = &check["in_use"]["run"]["statements"][0];
    assert!(labels(&run["waited_for"]).contains(&"the long reader"), "{check:#}");
    let waited = check["in_use"]["endpoints"].as_array().unwrap().iter().filter(|one| one["calls_waited"].as_u64() > Some(0));
    let wanted: Vec<&Value> = waited.map(|one| &one["wait"]["wanted"]).collect();
    assert!(wanted.iter().any(|wanted| *wanted == "ACCESS SHARE on book"), "{check:#}");
    assert!(check["advice"].as_array().unwrap().iter().any(|advice| advice["sql"][0] == "SET lock_timeout = '2s'"), "{check:#}");

    // Giving up is what a lock_timeout is for; that the migration has to be tried again is said.
    let found = shelf.json("SET lock_timeout = '50ms';\nALTER TABLE book ADD COLUMN x int;", &reader);
    let failed = &found.json()["in_use"]["run"]["failed"];
    assert_eq!((failed["sqlstate"].as_str(), failed["line"].as_u64()), (Some("55P03"), Some(2)), "{}", found.out);
    assert_eq!(found.kinds()[0], "failed");
}

#[test]
fn what_cannot_be_run_is_refused_before_a_server_is_asked() {
    let shelf = Shelf::new();
    let found = shelf.run("CREATE ROLE app;\n\\i more.sql\nBEGIN;\nSELECT 1;", &[]);
    assert_eq!(found.code, 2);
    for line in ["m.sql:1:1", "m.sql:2:1", "m.sql:3:1", "3 mistakes in m.sql"] {
        assert!(found.err.contains(line), "{line}: {}", found.err);
    }
    assert!(!found.err.contains("using the server"), "{}", found.err);
    let found = shelf.run("-- nothing\n", &[]);
    assert!(found.code == 2 && found.err.contains("there is no statement in m.sql"), "{}", found.err);
}

#[test]
fn the_page_names_every_flag_and_kind_of_finding() {
    let page = fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/MIGRATIONS.md")).unwrap();
    let help = clean(Command::new(env!("CARGO_BIN_EXE_perflab"))).args(["migrate-check", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let flags =
        page.split("## Flags").nth(1).unwrap().lines().filter_map(|line| line.strip_prefix("| `--")?.split(['`', ' ']).next());
    let flags: Vec<&str> = flags.collect();
    assert!(flags.len() >= 11, "{flags:?}");
    for flag in flags {
        assert!(help.contains(&format!("--{flag} ")) || help.contains(&format!("--{flag}\n")), "{flag}");
    }
    use perflab::report::model::FindingKind::{Blocked, Broken, CallsFailed, Failed, InvalidIndex, Promise, Rollback, Slower};
    for kind in [Failed, Broken, CallsFailed, Blocked, Slower, Promise, InvalidIndex, Rollback] {
        let name = serde_json::to_value(kind).unwrap();
        assert!(page.contains(&format!("| `{}` |", name.as_str().unwrap())), "{name}");
    }
}
