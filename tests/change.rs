//! `perflab explain` before and after a change, on labs and on databases that are not.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use common::{TestDatabase, clean, projects, shop, target_folder, test_server};
use perflab::db::{Connection, Target};
use serde_json::Value;

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A folder with the scenario `shop`, under a name of its own.
struct Place {
    folder: PathBuf,
    name: String,
}

impl Place {
    fn new() -> Place {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        test_server();
        let name = format!("change_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = target_folder().join("change").join(&name);
        fs::create_dir_all(&folder).unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/shop");
        fs::copy(source.join("schema.sql"), folder.join("schema.sql")).unwrap();
        let text = fs::read_to_string(source.join("shop.yaml")).unwrap();
        fs::write(folder.join("shop.yaml"), text.replace("name: shop\n", &format!("name: {name}\n"))).unwrap();
        Place { folder, name }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = clean(Command::new(env!("CARGO_BIN_EXE_perflab")));
        command
            .current_dir(&self.folder)
            .arg("--project")
            .arg(projects().join("shared"))
            .args(["explain", "--no-try", "--layout", "text"]);
        command.args(arguments).stdin(Stdio::null()).output().unwrap()
    }

    fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}\n{}", output.status, err(&output));
        out(&output)
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.ok(&[arguments, &["--format", "json"]].concat())).unwrap()
    }

    /// What must fail with 2 and nothing on stdout; its stderr.
    fn fails(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!((output.status.code(), out(&output).as_str()), (Some(2), ""), "{arguments:?}: {}", err(&output));
        err(&output)
    }

    fn query(&self, sql: &str) -> String {
        let server = test_server();
        query(&server.url(&format!("perflab_{}", self.name)), sql)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let drop = format!("DROP DATABASE IF EXISTS perflab_{} WITH (FORCE)", self.name);
            query(&test_server().url("postgres"), &drop);
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// The first value of the first row as text, or nothing.
fn query(url: &str, sql: &str) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = Connection::open(&Target::parse(url).unwrap()).await.unwrap();
        let reply = connection.query(sql, &[]).await.unwrap();
        connection.close().await;
        reply.value_at(0, 0).and_then(|value| value.as_text()).unwrap_or_default()
    })
}

/// A database that is nobody's lab, with the shop's tables.
fn foreign() -> TestDatabase {
    let database = TestDatabase::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let target = Target::parse(&database.url).unwrap();
        shop::fill(&target).await;
        let mut connection = Connection::open(&target).await.unwrap();
        connection.batch("CREATE SEQUENCE counter; CREATE FUNCTION doing() RETURNS int LANGUAGE sql AS 'SELECT 1 FROM pg_sleep(0)' VOLATILE; \
            CREATE FUNCTION sneaky() RETURNS bigint LANGUAGE plpgsql STABLE AS 'BEGIN RETURN nextval(''counter''); END'").await.unwrap();
        connection.close().await;
    });
    database
}

const LIST: &str = "GET /purchases/{customer}";
const ON_CUSTOMER: &str = "CREATE INDEX ON purchase (customer_id, made_at DESC)";

fn kinds(statement: &Value) -> Vec<(String, String, String)> {
    let label = |node: &Value, side: &str| node[side]["label"].as_str().unwrap_or("-").to_owned();
    let nodes = statement["change"]["nodes"].as_array().unwrap();
    nodes.iter().map(|node| (node["kind"].as_str().unwrap().to_owned(), label(node, "before"), label(node, "after"))).collect()
}

#[test]
fn an_index_replaces_a_scan_and_a_sort_and_all_of_it_is_timed_and_undone() {
    let place = Place::new();
    let found = place.json(&["shop.yaml", LIST, "--index", ON_CUSTOMER, "--index", "CREATE INDEX unused ON line (amount)"]);
    let statement = &found["endpoints"][0]["statements"][0];
    let kinds = kinds(statement);
    let replaced = |kind: &str, before: &str, after: &str| {
        kinds.iter().any(|(k, b, a)| k == kind && b.starts_with(before) && a.starts_with(after))
    };
    assert!(
        replaced("replaced", "Seq Scan on purchase", "Index Scan using purchase_customer_id_made_at_idx on purchase"),
        "{kinds:?}"
    );
    assert!(replaced("gone", "Sort", "-") && replaced("same", "Limit", "Limit"), "{kinds:?}");
    let timed = &statement["change"]["timed"];
    assert!(timed["runs"].as_u64().unwrap() >= 4 && timed["in_turn"] == true, "{timed}");
    for side in ["before", "after"] {
        let of = |key: &str| timed[side][key].as_f64().unwrap();
        assert!(of("lowest_ms") <= of("median_ms") && of("median_ms") <= of("highest_ms"), "{timed}");
    }
    let [used, unused] = found["indexes"].as_array().unwrap().as_slice() else { panic!("{found}") };
    assert_eq!((used["used_by"].as_array().unwrap().len(), unused["used_by"].as_array().unwrap().len()), (1, 0));
    assert_eq!((used["table"].as_str(), unused["name"].as_str()), (Some("purchase"), Some("unused")));
    assert!(used["bytes"].as_u64().unwrap() > 0 && used["build_ms"].as_f64().unwrap() > 0.0);
    assert!(found["changed"].is_null(), "{found}");
    assert_eq!(place.query("SELECT count(*)::text FROM pg_indexes WHERE schemaname = 'public'"), "3");
}

#[test]
fn what_is_shown_of_a_change() {
    let place = Place::new();
    let sql =
        "SELECT p.id FROM customer AS c JOIN purchase AS p ON p.customer_id = c.id WHERE c.id = :id ORDER BY p.made_at LIMIT 3";
    let said = place.ok(&[
        "shop.yaml",
        "--sql",
        sql,
        "--param",
        "id=7",
        "--index",
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS mine ON purchase (customer_id)",
        "--set",
        "work_mem=1MB",
        "--set",
        "max_parallel_workers_per_gather=0",
        "--drop-index",
        "customer_pkey",
    ]);
    for part in [
        "CREATE INDEX mine ON public.purchase USING btree (customer_id);",
        "holds a SHARE lock on purchase, and writes to it wait",
        "CONCURRENTLY was left out here",
        "SET work_mem = '1MB';",
        "1MB'; was ",
        "DROP INDEX customer_pkey;",
        "Lost: It is the primary key of customer (id)",
        "purchase_customer_id_fkey",
        "executions on each side, in turn",
        "In the plan:",
        "Seq Scan on purchase p → ",
        "after the change",
        "$1 = 7 (id)",
    ] {
        assert!(one_line(&said).contains(part), "no `{part}` in:\n{said}");
    }
    assert_eq!(
        place.query(
            "SELECT count(*)::text FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'f')"
        ),
        "5",
        "nothing is lost for good"
    );
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn mistakes_are_told_in_the_servers_words_before_anything_is_measured() {
    let place = Place::new();
    place.ok(&["shop.yaml", "--sql", "SELECT 1"]);
    let fails = |arguments: &[&str], says: &[&str]| {
        let said = place.fails(&[&["shop.yaml", LIST], arguments].concat());
        assert!(says.iter().all(|part| said.contains(part)), "{arguments:?}: {said}");
        assert!(!said.contains("explain …"), "nothing was measured: {said}");
    };
    fails(&["--set", "wrok_mem=64MB"], &["unrecognized configuration parameter \"wrok_mem\"", "did you mean `work_mem`?"]);
    fails(&["--set", "work_mem=lots"], &["cannot set work_mem to `lots`", "invalid value for parameter \"work_mem\""]);
    fails(&["--set", "shared_buffers=1GB"], &["cannot be changed without restarting the server"]);
    fails(&["--set", "work_mem"], &["--set", "an equals sign"]);
    fails(&["--set", "work_mem=1MB", "--set", "Work_Mem=2MB"], &["given twice"]);
    fails(&["--drop-index", "purchase_pky"], &["has no such index", "did you mean `purchase_pkey`?"]);
    fails(&["--index", "CREATE INDEX purchase_pkey ON purchase (made_at)"], &["already exists", "leave the name out"]);
    fails(
        &["--index", "CREATE INDEX IF NOT EXISTS purchase_pkey ON purchase (made_at)"],
        &["made no index: purchase_pkey exists already"],
    );
    fails(&["--index", "CREATE INDEX ON purchase (made_add)"], &["column \"made_add\" does not exist"]);
    fails(&["--index", "CREATE TABLE i (a int)"], &["not one CREATE INDEX statement"]);
    fails(&["--statement-variant", "@nowhere.sql"], &["cannot read nowhere.sql"]);
    fails(&["--statement-variant", "SELECT :other"], &["nothing provides the parameter `:other`"]);
    fails(&["--statement-variant", "SELECT nope"], &["--statement-variant", "column \"nope\" does not exist"]);
    fails(&["--statement-variant", "SELECT 1", "--step", "2"], &["--step 2", "has 1 statement"]);
    let said = place.fails(&["shop.yaml", "--statement-variant", "SELECT 1"]);
    assert!(said.contains("name the endpoint"), "{said}");
    let said = place.fails(&["shop.yaml", "POST /customers/{customer}/delete", "--statement-variant", "SELECT 1"]);
    assert!(said.contains("has 2 statements; say with --step"), "{said}");
    for (sql, param, says) in [
        ("SELECT :id::int", "ids=1", "did you mean"),
        ("SELECT 1 WHERE 1 = :id", "id=x", "a value of --param does not fit: invalid input syntax for type integer"),
    ] {
        let said = place.fails(&["shop.yaml", "--sql", sql, "--param", param]);
        assert!(said.contains(says) || said.contains("give it a value"), "{said}");
    }
}

#[test]
fn another_way_to_write_a_statement_is_proven_before_it_is_believed() {
    let place = Place::new();
    fs::write(
        place.folder.join("other.sql"),
        "SELECT p.id, p.made_at\nFROM purchase AS p\nWHERE p.customer_id + 0 = :customer\nORDER BY p.made_at DESC LIMIT 5;\n",
    )
    .unwrap();
    let found = place.json(&["shop.yaml", LIST, "--statement-variant", "@other.sql"]);
    let equality = &found["changed"]["variant"]["equality"];
    assert!(equality["compared"].as_u64().unwrap() >= 20 && equality["equal"] == equality["compared"], "{equality}");
    let statement = &found["endpoints"][0]["statements"][0];
    assert!(
        kinds(statement).iter().any(|(kind, _, after)| kind == "altered" && after.contains("purchase")),
        "{:?}",
        kinds(statement)
    );
    assert_eq!(statement["parameters"].as_array().unwrap().len(), 1);
    let wrong = "SELECT id, made_at FROM purchase WHERE customer_id >= :customer ORDER BY made_at DESC LIMIT 5";
    let said = place.ok(&["shop.yaml", LIST, "--statement-variant", wrong]);
    assert!(
        one_line(&said).contains("It does not return the same rows") && one_line(&said).contains("two different answers"),
        "{said}"
    );
    let said = place.ok(&[
        "shop.yaml",
        "POST /customers/{customer}/delete",
        "--step",
        "1",
        "--statement-variant",
        "SELECT c.name FROM customer AS c WHERE c.id = :customer",
    ]);
    assert!(one_line(&said).contains("It returns the same rows"), "{said}");
}

#[test]
fn kept_indexes_are_told_in_json_and_are_in_the_way_of_the_next() {
    let place = Place::new();
    let index = "CREATE INDEX mine ON purchase (customer_id)";
    let found = place.json(&["shop.yaml", LIST, "--index", index, "--keep"]);
    assert_eq!(found["indexes"][0]["kept"], true);
    assert_eq!(place.query("SELECT count(*)::text FROM pg_indexes WHERE indexname = 'mine'"), "1");
    let said = place.fails(&["shop.yaml", LIST, "--index", index]);
    assert!(said.contains("relation \"mine\" already exists") && said.contains("earlier --keep"), "{said}");
    let found = place.json(&["shop.yaml", LIST, "--drop-index", "mine"]);
    let dropped = &found["changed"]["dropped"][0];
    assert_eq!((dropped["used_by"].as_array().unwrap().len(), dropped["lost"].is_null()), (1, true), "{dropped}");
    assert!(place.fails(&["shop.yaml", "--keep"]).contains("--index"));
}

#[test]
fn a_partitioned_tables_index_is_used_by_its_parts() {
    let place = Place::new();
    let schema = "CREATE TABLE sale (id int, day int) PARTITION BY RANGE (id); \
        CREATE TABLE sale_1 PARTITION OF sale FOR VALUES FROM (0) TO (20000); \
        CREATE TABLE sale_2 PARTITION OF sale FOR VALUES FROM (20000) TO (40000);";
    let schema = format!("{}{schema}", fs::read_to_string(place.folder.join("schema.sql")).unwrap());
    fs::write(place.folder.join("schema.sql"), schema).unwrap();
    place.ok(&["shop.yaml", "--sql", "SELECT 1"]);
    place.query("INSERT INTO sale SELECT i, i % 4000 FROM generate_series(0, 39999) i");
    place.query("ANALYZE sale");
    let found =
        place.json(&["shop.yaml", "--sql", "SELECT id FROM sale WHERE day = 7", "--index", "CREATE INDEX by_day ON sale (day)"]);
    let index = &found["indexes"][0];
    assert_eq!((index["name"].as_str(), index["used_by"].as_array().unwrap().len()), (Some("by_day"), 1), "{index}");
    assert!(index["bytes"].as_u64().unwrap() > 100_000, "the parts are counted: {index}");
}

#[test]
fn a_database_that_is_not_a_lab_is_only_read() {
    let (place, database) = (Place::new(), foreign());
    let url = database.url.as_str();
    let on = |arguments: &[&'static str]| [["--database-url", url, "--sql"].as_slice(), arguments].concat();
    let found = place.json(&on(&["SELECT name FROM customer WHERE id = $1", "--param", "1=42"]));
    assert!(found["database"]["only_planned"].is_null() && found["database"]["described"].is_string(), "{found}");
    let statement = &found["endpoints"][0]["statements"][0];
    assert_eq!(statement["before"]["rows_returned"], 1.0);
    assert_eq!(
        (statement["parameters"][0]["value"].as_str(), statement["parameters"][0]["name"].as_str()),
        (Some("42"), Some(""))
    );
    for (sql, why) in [
        ("DELETE FROM customer WHERE id = 1", "it deletes rows from customer"),
        ("SELECT nextval('counter')", "it calls nextval, which is VOLATILE"),
        ("SELECT doing() FROM customer", "it calls doing, which is VOLATILE"),
        ("SELECT name FROM customer WHERE id = 1 FOR UPDATE", "it locks the rows"),
        ("SELECT sneaky() FROM customer", "stopped it: cannot execute nextval() in a read-only transaction"),
        ("WITH gone AS (DELETE FROM line RETURNING id) SELECT count(*) FROM gone", "it deletes rows from line"),
        ("CREATE TABLE copied AS SELECT * FROM customer", "CREATE makes something"),
        ("SELECT * INTO copied FROM customer", "as SELECT INTO does"),
    ] {
        let said = place.ok(&on(&[sql]));
        let said = one_line(&said);
        assert!(said.contains("planned, not executed") && said.contains(why) && !said.contains("actual"), "{sql}: {said}");
    }
    let said = place.fails(&on(&["TRUNCATE line"]));
    assert!(said.contains("EXPLAIN takes SELECT"), "{said}");
    let said = place.fails(&on(&["SELECT count(*) FROM line AS a, line AS b", "--timeout", "100ms"]));
    assert!(said.contains("longer than 100ms; allow more with --timeout"), "{said}");
    let unreached = place.fails(&["--sql", "SELECT 1"]);
    assert!(unreached.contains("--database-url"), "{unreached}");
    assert_eq!(query(url, "SELECT count(*)::text FROM customer"), "200");
    assert_eq!(query(url, "SELECT count(*)::text FROM pg_class WHERE relname = 'copied'"), "0");
    assert_eq!(query(url, "SELECT is_called::text FROM counter"), "false");
    assert_eq!(query(url, "SELECT count(*)::text FROM pg_database WHERE datname LIKE 'perflab_test%'"), "0", "no lab was made");
}

#[test]
fn settings_and_rewrites_are_tried_on_a_database_that_is_not_a_lab() {
    let (place, database) = (Place::new(), foreign());
    let sql = "SELECT id FROM purchase WHERE customer_id = :customer ORDER BY id";
    let arguments = ["--database-url", &database.url, "--sql", sql, "--param", "customer=7", "--set", "enable_sort=off"];
    let variant =
        ["--statement-variant", "SELECT p.id FROM purchase p WHERE p.customer_id = :customer AND p.id > 0 ORDER BY p.id"];
    let found = place.json(&[arguments.as_slice(), &variant].concat());
    assert_eq!(found["changed"]["variant"]["equality"]["equal"], 1);
    assert_eq!(found["changed"]["settings"][0]["after"], "off");
    assert!(found["endpoints"][0]["statements"][0]["change"]["timed"]["runs"].as_u64().unwrap() >= 4);
    let planned = ["--database-url", &database.url, "--sql", "DELETE FROM line WHERE amount = 7", "--set", "enable_seqscan=off"];
    let found = place.json(&planned);
    assert!(found["database"]["only_planned"].is_string() && found["endpoints"][0]["statements"][0]["change"]["timed"].is_null());
}

#[test]
fn writes_and_indexes_on_a_database_that_is_not_a_lab_need_a_word() {
    let (place, database) = (Place::new(), foreign());
    let url = database.url.as_str();
    let delete = ["--database-url", url, "--sql", "DELETE FROM customer WHERE id = $1", "--param", "1=7"];
    let index = ["--index", "CREATE INDEX ON purchase (customer_id)"];
    let said = place.fails(&[delete.as_slice(), &index].concat());
    assert!(
        said.contains("locks a table against writes") && said.contains("perflab learn") && said.contains("--execute-writes"),
        "{said}"
    );
    let said = place.ok(&[delete.as_slice(), &index, &["--execute-writes"]].concat());
    let said = one_line(&said);
    for part in ["sequences stay advanced", "used by DELETE FROM purchase", "one side after the other", "Trigger for constraint"]
    {
        assert!(said.contains(part), "no `{part}` in: {said}");
    }
    assert_eq!(query(url, "SELECT count(*)::text FROM customer"), "200");
    assert_eq!(query(url, "SELECT count(*)::text FROM pg_indexes WHERE schemaname = 'public'"), "3");
    let said = place.fails(&["shop.yaml", "--sql", "SELECT 1", "--execute-writes"]);
    assert!(said.contains("--execute-writes"), "{said}");
}

/// README.HOT of PostgreSQL: rows that were updated in place while somebody still saw the old ones keep an index from being used by the
/// transaction that built it.
#[test]
fn an_index_that_its_own_transaction_may_not_use_is_not_called_useless() {
    let (place, database) = (Place::new(), foreign());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let onlooker = runtime.block_on(async {
        let target = Target::parse(&database.url).unwrap();
        let mut connection = Connection::open(&target).await.unwrap();
        connection.batch("CREATE TABLE hot (id int, kind int) WITH (fillfactor = 40)").await.unwrap();
        connection.batch("INSERT INTO hot SELECT i, i FROM generate_series(1, 20000) i").await.unwrap();
        connection.batch("VACUUM ANALYZE hot").await.unwrap();
        let mut onlooker = Connection::open(&target).await.unwrap();
        onlooker.batch("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM hot").await.unwrap();
        connection.batch("UPDATE hot SET kind = kind + 1").await.unwrap();
        connection.close().await;
        onlooker
    });
    let sql = ["--database-url", &database.url, "--sql", "SELECT id FROM hot WHERE kind = 7"];
    let said = place.ok(&[sql.as_slice(), &["--index", "CREATE INDEX ON hot (kind)", "--execute-writes"]].concat());
    runtime.block_on(onlooker.close());
    let said = one_line(&said);
    assert!(said.contains("no plan used it") && said.contains("may not use it") && said.contains("proves nothing"), "{said}");
}
