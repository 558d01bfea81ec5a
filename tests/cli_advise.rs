//! `perflab advise` as a person and a script meet it: files, JSON, databases that are there already, statements that do not fit.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use common::{TestDatabase, clean, projects, shop, target_folder, test_server};
use perflab::advise::partitions::add_partitions;
use perflab::db::{Connection, Target, read_catalog};
use perflab::report::migration::migration;
use perflab::report::model::{AdviceRun, DroppedAdvice, EstimatedEndpoint, KeptIndex, Ledger, OtherAdvice, OtherKind};
use serde_json::Value;

/// A folder and a scenario's name for one test; the lab of that name goes with it.
struct Workplace {
    folder: PathBuf,
    name: String,
}

impl Workplace {
    fn new(test: &str) -> Workplace {
        test_server();
        let name = format!("advise_{}_{test}", std::process::id());
        let folder = target_folder().join("cli_advise").join(&name);
        fs::create_dir_all(&folder).unwrap();
        Workplace { folder, name }
    }

    /// A scenario without data on the tables of [`shop`].
    fn write(&self, endpoints: &str) {
        fs::write(self.folder.join("shop.yaml"), format!("name: {}\nendpoints:\n{endpoints}", self.name)).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = clean(Command::new(env!("CARGO_BIN_EXE_perflab")));
        command.current_dir(&self.folder).arg("--project").arg(projects().join("shared")).args(arguments);
        command.stdin(Stdio::null()).output().unwrap()
    }

    /// What must succeed; stdout and stderr.
    fn ok(&self, arguments: &[&str]) -> (String, String) {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}\n{}", output.status, err(&output));
        (out(&output), err(&output))
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.ok(&[arguments, &["--format", "json"]].concat()).0).unwrap()
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).unwrap()
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let drop = format!("DROP DATABASE IF EXISTS perflab_{} WITH (FORCE)", self.name);
            psql(&test_server().url("postgres"), &["-qc", &drop]);
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn psql(url: &str, arguments: &[&str]) -> Output {
    let own = test_server().bin_dir.join("psql");
    let program = if own.exists() { own } else { "psql".into() };
    clean(Command::new(program)).args(["-X", "-v", "ON_ERROR_STOP=1", "-d", url]).args(arguments).output().unwrap()
}

fn applied(url: &str, file: &Path) {
    let output = psql(url, &["-q", "-f", file.to_str().unwrap()]);
    assert!(output.status.success(), "{}: {}", file.display(), err(&output));
}

/// Every index and statistics object of the user's, and what the planner may do with it.
fn catalog(url: &str) -> String {
    let sql = "SELECT indexrelid::regclass, pg_get_indexdef(indexrelid), indisvalid FROM pg_index \
               WHERE indrelid >= 16384 ORDER BY indexrelid::regclass::text; \
               SELECT stxname, pg_get_statisticsobjdef(oid) FROM pg_statistic_ext ORDER BY 1";
    out(&psql(url, &["-qAtc", sql]))
}

fn filled() -> TestDatabase {
    let database = TestDatabase::new();
    runtime().block_on(shop::fill(&Target::parse(&database.url).unwrap()));
    database
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

const LATEST: &str = r#"
  - route: GET /customers/{id}/purchases
    params: {sample: "SELECT id FROM customer"}
    sql: "SELECT id FROM purchase WHERE customer_id = :id"
"#;
const LEAVE: &str = r#"
  - route: POST /leave
    params: {sample: "SELECT id FROM customer"}
    steps:
      - {sql: "SELECT id AS whom FROM customer WHERE id = :id", as: who}
      - "DELETE FROM customer WHERE id = :who.whom"
"#;
const BROKEN: &str = r#"
  - route: GET /broken
    sql: "SELECT nothing FROM customer"
"#;

#[test]
fn a_seeded_lab_is_advised_and_its_migration_goes_forth_and_back() {
    let place = Workplace::new("lab");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/shop");
    fs::copy(source.join("schema.sql"), place.folder.join("schema.sql")).unwrap();
    let text = fs::read_to_string(source.join("shop.yaml")).unwrap();
    let text = text.replace("name: shop\n", &format!("name: {}\n", place.name));
    fs::write(place.folder.join("shop.yaml"), text + BROKEN.trim_start_matches('\n')).unwrap();

    let output = place.run(&["advise", "shop.yaml", "--time", "0.5", "--migration", "m.up.sql", "--format", "json"]);
    assert!(output.status.success(), "{}", err(&output));
    let said = err(&output);
    assert!(said.contains("left out: GET /broken") && said.contains("column \"nothing\" does not exist"), "{said}");
    let advice: Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!((advice["format"].as_u64(), advice["evidence"].as_str()), (Some(2), Some("measured")));
    let list = |name: &str| advice[name].as_array().unwrap_or_else(|| panic!("{name} is no list")).clone();
    for index in list("keep").iter().chain(&list("drop")).chain(&list("rejected")) {
        assert!(index["definition"].as_str().unwrap().contains("INDEX") && index["reason"].is_string(), "{index}");
    }
    assert!(list("keep").iter().any(|index| index["table"] == "line"), "{advice}");
    let route = "POST /customers/{customer}/delete";
    let delete = list("endpoints").into_iter().find(|endpoint| endpoint["route"] == route).unwrap();
    assert!(delete["before_ms"].as_f64().unwrap() > delete["after_ms"].as_f64().unwrap(), "{delete}");
    assert!(list("notes").iter().any(|note| note.as_str().unwrap().contains("shop.yaml:36:")), "{advice}");
    list("rewrites");

    let url = test_server().url(&format!("perflab_{}", place.name));
    let before = catalog(&url);
    for _ in 0..2 {
        applied(&url, &place.folder.join("m.up.sql"));
    }
    let kept = list("keep").len();
    assert_eq!(catalog(&url).lines().count(), before.lines().count() + kept, "each once, though applied twice");
    applied(&url, &place.folder.join("m.down.sql"));
    assert_eq!(catalog(&url), before);
}

#[test]
fn partitions_are_indexed_one_by_one_and_what_was_dropped_comes_back() {
    let database = TestDatabase::new();
    let place = Workplace::new("partitions");
    let advice = runtime().block_on(async {
        let mut connection = Connection::open(&Target::parse(&database.url).unwrap()).await.unwrap();
        connection
            .batch(
                "CREATE SCHEMA app; CREATE TABLE app.\"Log\" (id bigint, at date NOT NULL, city text, zip text) PARTITION BY RANGE (at); \
                 CREATE TABLE app.log_24 PARTITION OF app.\"Log\" FOR VALUES FROM ('2024-01-01') TO ('2025-01-01'); \
                 CREATE TABLE app.log_25 PARTITION OF app.\"Log\" FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') \
                 PARTITION BY HASH (id); \
                 CREATE TABLE app.log_25_0 PARTITION OF app.log_25 FOR VALUES WITH (MODULUS 2, REMAINDER 0); \
                 CREATE TABLE app.log_25_1 PARTITION OF app.log_25 FOR VALUES WITH (MODULUS 2, REMAINDER 1); \
                 CREATE TABLE plain (id bigint PRIMARY KEY, a int); CREATE INDEX plain_a_idx ON plain (a); \
                 INSERT INTO app.\"Log\" SELECT i, date '2024-01-01' + i % 700, 'c', 'z' FROM generate_series(1, 5000) AS i",
            )
            .await
            .unwrap();
        let catalog = read_catalog(&mut connection).await.unwrap();
        let mut keep = vec![KeptIndex {
            name: "log_id_idx".into(),
            table: "app.Log".into(),
            definition: "CREATE INDEX log_id_idx ON app.\"Log\" (id)".into(),
            ..KeptIndex::default()
        }];
        add_partitions(&mut connection, &catalog, &mut keep).await.unwrap();
        connection.close().await;
        let drop = vec![DroppedAdvice {
            name: "plain_a_idx".into(),
            definition: "CREATE INDEX plain_a_idx ON public.plain USING btree (a)".into(),
            ..DroppedAdvice::default()
        }];
        let rewrites = vec![OtherAdvice {
            kind: OtherKind::Statistics,
            sql: "CREATE STATISTICS app.log_statistics (dependencies) ON city, zip FROM app.\"Log\"; ANALYZE app.\"Log\"".into(),
            ..OtherAdvice::default()
        }];
        AdviceRun { keep, drop, rewrites, ..AdviceRun::default() }
    });
    let migration = migration(&advice);
    let (up, down) = (place.folder.join("up.sql"), place.folder.join("down.sql"));
    fs::write(&up, migration.up.replace("-- DROP INDEX", "DROP INDEX")).unwrap();
    fs::write(&down, migration.down).unwrap();
    let before = catalog(&database.url);
    applied(&database.url, &up);
    let after = catalog(&database.url);
    let built = after.lines().filter(|line| line.contains("USING btree (id)") && line.ends_with("|t")).count();
    assert_eq!(built, 6, "the whole, two levels of partitions and plain's key: {after}");
    assert!(after.contains("log_statistics") && !after.contains("plain_a_idx"), "{after}");
    let attached = "SELECT count(*) FROM pg_partition_tree('app.log_id_idx')";
    assert_eq!(out(&psql(&database.url, &["-qAtc", attached])).trim(), "5");
    applied(&database.url, &down);
    assert_eq!(catalog(&database.url), before);

    // What an interrupted build leaves is not taken for done.
    applied(&database.url, &up);
    let broken = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'app.log_24_id_idx'::regclass RETURNING 'broken'";
    assert!(out(&psql(&database.url, &["-qAtc", broken])).contains("broken"));
    let output = psql(&database.url, &["-q", "-f", up.to_str().unwrap()]);
    assert!(!output.status.success() && err(&output).contains("app.log_24_id_idx is missing or INVALID"), "{}", err(&output));
}

#[test]
fn a_database_of_somebody_else_is_only_read_and_the_advice_is_called_an_estimate() {
    let database = filled();
    let place = Workplace::new("foreign");
    place.write(&format!("{LATEST}{LEAVE}{BROKEN}"));
    let before = catalog(&database.url);
    let (said, notes) = place.ok(&["advise", "shop.yaml", "--database-url", &database.url, "--migration", "m.sql"]);
    assert!(said.starts_with("Estimated, not measured: 2 indexes"), "{said}");
    assert!(!said.contains(" ms"), "costs are no times: {said}");
    assert!(notes.contains("read-only: estimates, not measurements"), "{notes}");
    assert!(place.file("m.sql").contains("ESTIMATED, NOT MEASURED"));
    // ANALYZE looks at other rows each time, and costs follow it.
    insta::with_settings!({filters => vec![(r"\d[\d,]*\.\d|\b\d+,\d{3}|\d+(×)", "COST$1"), (r" {2,}COST", "  COST")]}, {
        insta::assert_snapshot!("estimated", said.replace(&database.name, "DATABASE"));
    });

    let advice = place.json(&["advise", "shop.yaml", "--read-only", "--database-url", &database.url]);
    assert_eq!(advice["evidence"], "estimated");
    let definitions: Vec<&str> =
        advice["keep"].as_array().unwrap().iter().map(|index| index["definition"].as_str().unwrap()).collect();
    assert!(definitions.contains(&"CREATE INDEX purchase_customer_id_idx ON purchase (customer_id)"), "{definitions:?}");
    assert!(
        definitions.contains(&"CREATE INDEX line_purchase_id_idx ON line (purchase_id)"),
        "two levels below a DELETE whose parameter nobody knows: {definitions:?}"
    );
    let estimate = &advice["estimates"][0];
    assert!(estimate["before_cost"].as_f64().unwrap() > 2.0 * estimate["after_cost"].as_f64().unwrap(), "{estimate}");
    assert_eq!(catalog(&database.url), before);
    let rows = "SELECT count(*) FROM customer";
    assert_eq!(out(&psql(&database.url, &["-qAtc", rows])).trim(), "200");
    assert!(!there(&place.name), "no lab is made");
}

fn there(name: &str) -> bool {
    let sql = format!("SELECT count(*) FROM pg_database WHERE datname = 'perflab_{name}'");
    out(&psql(&test_server().url("postgres"), &["-qAtc", &sql])).trim() == "1"
}

#[test]
fn a_copy_is_measured_and_serves_later_commands() {
    let database = filled();
    let place = Workplace::new("copied");
    place.write(LATEST);
    let copy = ["advise", "shop.yaml", "--time", "0.3", "--database-url", &database.url, "--copy"];

    let somebody = runtime();
    let session = somebody.block_on(Connection::open(&Target::parse(&database.url).unwrap())).unwrap();
    let output = place.run(&copy);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("while others are connected") && err(&output).contains("--copy-here"), "{}", err(&output));
    somebody.block_on(session.close());

    let before = catalog(&database.url);
    let advice = place.json(&copy);
    assert_eq!((advice["evidence"].as_str(), advice["keep"].as_array().unwrap().len()), (Some("measured"), 1), "{advice}");
    assert_eq!(catalog(&database.url), before);
    let bench = ["bench", "shop.yaml", "--time", "0.2", "--database-url", &database.url];
    let (_, notes) = place.ok(&bench);
    assert!(notes.contains("has the rows that were copied into it"), "{notes}");
}

#[test]
fn a_copy_into_perflabs_own_server_leaves_others_connected() {
    let database = filled();
    let place = Workplace::new("dumped");
    place.write(LATEST);
    let somebody = runtime();
    let session = somebody.block_on(Connection::open(&Target::parse(&database.url).unwrap())).unwrap();
    let advice = place.json(&["advise", "shop.yaml", "--time", "0.3", "--database-url", &database.url, "--copy-here"]);
    assert_eq!(advice["keep"].as_array().unwrap().len(), 1, "{advice}");
    somebody.block_on(session.close());
    place.ok(&["bench", "shop.yaml", "--time", "0.2"]);
}

#[test]
fn ways_that_do_not_fit_the_scenario_are_refused() {
    let place = Workplace::new("refused");
    place.write(BROKEN);
    let fails = |arguments: &[&str], says: &str| {
        let output = place.run(&[&["advise", "shop.yaml"], arguments].concat());
        assert_eq!((output.status.code(), out(&output).as_str()), (Some(2), ""), "{arguments:?}");
        assert!(err(&output).contains(says), "{}", err(&output));
    };
    fails(&[], "no copy of a database to work on");
    fails(&["--read-only"], "--database-url");
    let database = filled();
    fails(&["--database-url", &database.url], "column \"nothing\" does not exist");
    fs::write(place.folder.join("shop.yaml"), "name: a\nschema: s.sql\ndata: {tables: {}}\nendpoints: []\n").unwrap();
    fs::write(place.folder.join("s.sql"), "").unwrap();
    fails(&["--copy", "--database-url", &database.url], "`data:` section");
}

/// Every key of a value, however deep.
fn keys(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            found.extend(map.keys().cloned());
            map.values().for_each(|inner| keys(inner, found));
        }
        Value::Array(list) => list.iter().for_each(|inner| keys(inner, found)),
        _ => {}
    }
}

#[test]
fn the_page_on_advice_names_every_key_and_flag() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ADVICE.md")).unwrap();
    let advice = AdviceRun {
        keep: vec![KeptIndex { ledger: Some(Ledger::default()), ..KeptIndex::default() }],
        drop: vec![DroppedAdvice::default()],
        rewrites: vec![OtherAdvice::default()],
        estimates: vec![EstimatedEndpoint::default()],
        ..AdviceRun::default()
    };
    let mut named = Vec::new();
    keys(&serde_json::to_value(&advice).unwrap(), &mut named);
    assert!(named.len() > 30, "{named:?}");
    for key in &named {
        assert!(page.contains(&format!("`{key}`")) || page.contains(&format!("`{key}[]`")), "{key}");
    }
    let help = out(&clean(Command::new(env!("CARGO_BIN_EXE_perflab"))).args(["advise", "--help"]).output().unwrap());
    for flag in ["--migration", "--all", "--read-only", "--copy", "--copy-here", "--timeout"] {
        let told = page.contains(&format!("`{flag}`")) || page.contains(&format!("`{flag} "));
        let known = help.contains(&format!("{flag} ")) || help.contains(&format!("{flag}\n"));
        assert!(told && known, "{flag}");
    }
    insta::assert_snapshot!("help", help);
}
