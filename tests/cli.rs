//! The binary as a person and a script meet it.

mod common;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use common::{clean, projects, target_folder, test_server};

/// A scenario of its own for one test: its own name, and so its own database on the shared server.
struct Workplace {
    folder: PathBuf,
    name: String,
}

impl Workplace {
    fn new() -> Workplace {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        test_server();
        let name = format!("shop_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = target_folder().join("cli").join(&name);
        fs::create_dir_all(&folder).unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/shop");
        fs::copy(source.join("schema.sql"), folder.join("schema.sql")).unwrap();
        let text = fs::read_to_string(source.join("shop.yaml")).unwrap();
        fs::write(folder.join("shop.yaml"), text.replace("name: shop\n", &format!("name: {name}\n"))).unwrap();
        Workplace { folder, name }
    }

    fn database(&self) -> String {
        format!("perflab_{}", self.name)
    }

    fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.folder.join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no `{from}`");
        fs::write(path, text.replace(from, to)).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = clean(Command::new(env!("CARGO_BIN_EXE_perflab")));
        command.current_dir(&self.folder).arg("--project").arg(projects().join("shared")).args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).stdin(Stdio::null()).output().unwrap()
    }

    /// What must succeed; its stdout.
    fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}\n{}", output.status, err(&output));
        out(&output)
    }

    fn json(&self, arguments: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.ok(&[arguments, &["--format", "json"]].concat())).unwrap()
    }

    /// The first column of a query on the scenario's database.
    fn query(&self, sql: &str) -> String {
        self.ok(&["db", "psql", &self.database(), "--", "-qAtc", sql]).trim().to_owned()
    }

    fn clones(&self) -> String {
        self.ok(&[
            "db",
            "psql",
            "postgres",
            "--",
            "-qAtc",
            &format!("SELECT count(*) FROM pg_database WHERE datname LIKE '{}\\_\\_%'", self.database()),
        ])
        .trim()
        .to_owned()
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.database());
            self.run(&["db", "psql", "postgres", "--", "-qc", &drop]);
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

fn plain(arguments: &[&str]) -> Output {
    clean(Command::new(env!("CARGO_BIN_EXE_perflab"))).args(arguments).stdin(Stdio::null()).output().unwrap()
}

#[test]
fn help_is_as_reviewed() {
    for (name, arguments) in [("help", &["--help"] as &[&str]), ("help_short", &["-h"]), ("help_explain", &["explain", "--help"])]
    {
        let output = plain(arguments);
        assert!(output.status.success());
        insta::assert_snapshot!(name, out(&output));
    }
}

#[test]
fn check_names_every_mistake_and_ends_with_1() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let run =
        |file: &str| clean(Command::new(env!("CARGO_BIN_EXE_perflab"))).current_dir(root).args(["check", file]).output().unwrap();
    let good = run("scenarios/music.yaml");
    assert!(good.status.success() && out(&good).contains("no mistake found"), "{}", err(&good));
    let bad = run("tests/scenarios/bad/many_at_once.yaml");
    assert_eq!(bad.status.code(), Some(1));
    assert!(out(&bad).is_empty() && err(&bad).contains("--> tests/scenarios/bad/many_at_once.yaml:"), "{}", err(&bad));
    let missing = run("nowhere.yaml");
    assert_eq!(missing.status.code(), Some(2));
    assert!(err(&missing).starts_with("error: there is no scenario"), "{}", err(&missing));
}

#[test]
fn a_seeded_lab_grows_in_place() {
    let shop = Workplace::new();
    let first = shop.json(&["seed", "shop.yaml"]);
    let line = "SELECT md5(string_agg(line::text, ',' ORDER BY id)) FROM line WHERE id <= 30000";
    let before = shop.query(line);
    shop.query("CREATE INDEX mine ON line (amount)");
    let grown = shop.json(&["seed", "shop.yaml", "--scale", "2", "--add"]);
    assert_eq!((grown["rows"].as_u64(), grown["scales"].to_string().as_str()), (Some(100_400), "[1.0,2.0]"));
    assert_eq!(shop.query(line), before, "what was there is as it was");
    assert_eq!(shop.query("SELECT count(*) FROM pg_index WHERE indexrelid = 'mine'::regclass AND indisvalid"), "1");
    assert_eq!(shop.query("SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND NOT convalidated"), "0");
    let again = shop.json(&["seed", "shop.yaml", "--rows", "150600", "--add"]);
    assert_eq!((again["rows"].as_u64(), again["scales"].to_string().as_str()), (Some(150_600), "[1.0,2.0,3.0]"));
    assert_eq!(shop.json(&["seed", "shop.yaml", "--scale", "3"])["reused"].as_bool(), Some(true), "it has scale 3 now");
    let fails = |arguments: &[&str], says: &str| {
        let output = shop.run(&[&["seed", "shop.yaml", "--add"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(err(&output).contains(says), "{}", err(&output));
    };
    fails(&["--scale", "2"], "has scale 3 already, more than 2; leave --add out");
    fails(&["--scale", "4", "--seed", "9"], "of another scenario, schema, seed or version of perflab");
    fails(&["--scale", "4", "--force"], "--force");
    shop.query("DELETE FROM line WHERE id = 7");
    fails(&["--scale", "4"], "line has 89,999 rows, not the 90,000 that were made");
    let fresh = shop.json(&["seed", "shop.yaml", "--scale", "2"]);
    assert_eq!(fresh["hash"], grown["hash"], "the same steps at once");
    assert_ne!(fresh["hash"], first["hash"]);
}

#[test]
fn rows_in_all_are_solved_for_the_scale() {
    let shop = Workplace::new();
    let output = shop.run(&["seed", "shop.yaml", "--rows", "10k"]);
    assert!(err(&output).contains("scale 0.2"), "{}", err(&output));
    let seeded = shop.json(&["seed", "shop.yaml", "--rows", "10k"]);
    assert_eq!(seeded["reused"].as_bool(), Some(true));
    let rows = seeded["rows"].as_u64().unwrap();
    assert!(rows.abs_diff(10_000) < 130, "{rows}: one customer more or less is 251 rows");
    assert_eq!(
        shop.query("SELECT (SELECT count(*) FROM line) + (SELECT count(*) FROM purchase) + (SELECT count(*) FROM customer)"),
        rows.to_string()
    );
    for (arguments, says) in [
        (&["--rows", "3"] as &[&str], "3 rows are fewer than the 251"),
        (&["--rows", "some"], "write e.g. `1m`, `250k`"),
        (&["--rows", "1m", "--scale", "2"], "--scale"),
    ] {
        let output = shop.run(&[&["seed", "shop.yaml"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(err(&output).contains(says), "{}", err(&output));
    }
    shop.edit("shop.yaml", "  seed: ", "  rows: 20k\n  seed: ");
    assert!(shop.json(&["seed", "shop.yaml"])["rows"].as_u64().unwrap().abs_diff(20_000) < 130);
}

#[test]
fn seeding_again_keeps_the_rows_until_something_changes() {
    let shop = Workplace::new();
    let first = shop.json(&["seed", "shop.yaml"]);
    assert_eq!((first["rows"].as_u64(), first["reused"].as_bool()), (Some(50_200), Some(false)));
    assert_eq!(shop.query("SELECT count(*) FROM line"), "30000");
    shop.query("INSERT INTO customer (name) VALUES ('somebody')");
    let second = shop.json(&["seed", "shop.yaml"]);
    assert_eq!((second["reused"].as_bool(), &second["hash"]), (Some(true), &first["hash"]));
    assert_eq!(shop.query("SELECT count(*) FROM customer"), "201", "kept rows are not touched");
    let forced = shop.json(&["seed", "shop.yaml", "--force"]);
    assert_eq!((forced["reused"].as_bool(), &forced["hash"]), (Some(false), &first["hash"]));
    assert_eq!(shop.query("SELECT count(*) FROM customer"), "200");
    let other = shop.json(&["seed", "shop.yaml", "--seed", "8"]);
    assert_ne!(other["hash"], first["hash"]);
    let scaled = shop.json(&["seed", "shop.yaml", "--scale", "0.5"]);
    assert_eq!(scaled["rows"].as_u64(), Some(25_100));
}

#[test]
fn the_whole_loop_writes_a_report_and_leaves_nothing_else() {
    let shop = Workplace::new();
    let said = shop.ok(&["run", "shop.yaml", "--time", "3"]);
    assert!(said.contains("reports/"), "{said}");
    let folder = shop.folder.join("reports").join(&shop.name);
    let page = fs::read(folder.join("report.md")).unwrap();
    let text = String::from_utf8(page.clone()).unwrap();
    for index in ["CREATE INDEX purchase_customer_id", "CREATE INDEX line_purchase_id_idx ON line (purchase_id)"] {
        assert!(text.contains(index), "{index}");
    }
    let stored: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("run.json")).unwrap()).unwrap();
    let label = "POST /customers/{customer}/delete";
    let endpoints = stored["advice"]["endpoints"].as_array().unwrap();
    let delete = endpoints.iter().find(|endpoint| endpoint["label"] == label).unwrap();
    assert_eq!(delete["verdict"], "improved");
    assert_eq!(shop.clones(), "0");
    assert_eq!(shop.query("SELECT count(*) FROM customer"), "200", "the seeded rows are not worn");
    assert_eq!(shop.query("SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'"), "3");

    shop.ok(&["report", "shop.yaml"]);
    assert!(fs::read(folder.join("report.md")).unwrap() == page, "rendering again gives the same bytes");
    let files: Vec<String> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(files.iter().all(|file| !file.ends_with(".part")), "{files:?}");
}

#[test]
fn explain_shows_whether_an_index_is_used_and_takes_it_away_again() {
    let shop = Workplace::new();
    let arguments =
        ["explain", "shop.yaml", "POST /customers/{customer}/delete", "--index", "CREATE INDEX ON purchase (customer_id)"];
    let said = shop.ok(&arguments);
    assert!(said.contains("used by DELETE FROM purchase WHERE customer_id = $1"), "{said}");
    assert!(said.contains("Trigger purchase_customer_id_fkey on customer"), "{said}");
    assert!(said.contains("CREATE INDEX ON line (purchase_id)"), "the next level is named: {said}");
    let count = "SELECT count(*) FROM pg_indexes WHERE indexname = 'purchase_customer_id_idx'";
    assert_eq!(shop.query(count), "0");
    shop.ok(&[&arguments[..], &["--keep"]].concat());
    assert_eq!(shop.query(count), "1");
    let unused = shop.ok(&[
        "explain",
        "shop.yaml",
        "--sql",
        "SELECT count(*) FROM line",
        "--index",
        "CREATE INDEX concurrently ON line (amount) WHERE amount < 0",
    ]);
    assert!(unused.contains("no plan used it"), "{unused}");
}

#[test]
fn promises_of_every_kind_are_checked() {
    let shop = Workplace::new();
    shop.edit(
        "shop.yaml",
        "    slo: {p95: 20ms}
",
        "",
    );
    let check = |promise: &str| {
        let output = shop.run(&["bench", "shop.yaml", "--time", "0.2", "--slo", promise]);
        (output.status.code(), out(&output) + &err(&output))
    };
    let (code, said) = check("queries <= 100 and round_trips <= 1000");
    assert!(code == Some(0) && said.contains("Promises kept"), "{said}");
    let (code, said) = check("queries < 0.5");
    assert!(code == Some(1) && said.contains("queries < 0.5, got 1"), "{said}");
    let (code, said) = check("rps >= 10");
    assert!(code == Some(3) && said.contains("it needs a load phase"), "{said}");
    let (code, said) = check("plan: no seq scan over 100000000 rows");
    assert!(code == Some(0), "{said}");
    let (code, said) = check("plan: no seq scan over 1000 rows");
    assert!(code == Some(1) && said.contains("purchase row by row"), "{said}");
    let (code, said) = check("p95 faster than light");
    assert!(code == Some(2) && said.contains("--slo"), "{said}");
}

#[test]
fn a_run_is_held_against_an_earlier_one() {
    let shop = Workplace::new();
    shop.ok(&["bench", "shop.yaml", "--time", "0.2", "--output", "before.json"]);
    let report: serde_json::Value = serde_json::from_str(&fs::read_to_string(shop.folder.join("before.json")).unwrap()).unwrap();
    assert!(report["noise"]["share"].is_number() && report["baseline"].is_null(), "{report}");
    // An earlier run that was ten times as fast: whatever this machine is busy with, now is slower, also at the second look.
    let mut fast = report;
    for endpoint in fast["endpoints"].as_array_mut().unwrap() {
        endpoint["blocks"].as_array_mut().unwrap().iter_mut().for_each(|block| block["p50_ms"] = 0.0001.into());
    }
    fs::write(shop.folder.join("fast.json"), fast.to_string()).unwrap();
    let output = shop.run(&["bench", "shop.yaml", "--time", "0.2", "--baseline", "fast.json"]);
    assert_eq!(output.status.code(), Some(1), "{}{}", out(&output), err(&output));
    assert!(out(&output).contains("Regressed") && err(&output).contains("measuring again"), "{}{}", out(&output), err(&output));

    fast["data"]["hash"] = "another".into();
    fs::write(shop.folder.join("other.json"), fast.to_string()).unwrap();
    let output = shop.run(&["bench", "shop.yaml", "--time", "0.2", "--baseline", "other.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("differ in: data"), "{}", err(&output));
    let output = shop.run(&["bench", "shop.yaml", "--baseline", "none.json"]);
    assert!(output.status.code() == Some(2) && err(&output).contains("none.json"), "{}", err(&output));
}

#[test]
fn a_plan_from_elsewhere_is_read_from_stdin() {
    let plan = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans/01-seq-scan.json");
    let file = fs::File::open(&plan).unwrap_or_else(|error| panic!("{}: {error}", plan.display()));
    let output =
        clean(Command::new(env!("CARGO_BIN_EXE_perflab"))).args(["explain", "--plan", "-"]).stdin(file).output().unwrap();
    assert!(output.status.success(), "{}", err(&output));
    assert!(out(&output).contains("Seq Scan"), "{}", out(&output));
}

/// Runs `perflab explain --plan -` on a text.
fn explain_plan(text: &str, more: &[&str]) -> Output {
    let mut command = clean(Command::new(env!("CARGO_BIN_EXE_perflab")));
    command
        .args(["explain", "--layout", "text", "--plan", "-"])
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    process.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    process.wait_with_output().unwrap()
}

#[test]
fn plans_from_elsewhere_may_be_text_and_several() {
    let plans = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans");
    let read = |name: &str| fs::read_to_string(plans.join(name)).unwrap();
    let scan = read("01-seq-scan.txt");
    let output = explain_plan(&scan, &[]);
    assert!(output.status.success() && out(&output).contains("Seq Scan on song_history"), "{}", err(&output));

    let text = format!(
        "# Slow\n\n```\n{scan}```\n\n2026-11-21 LOG:  duration: 88.127 ms  plan:\n\tQuery Text: SELECT 1\n{}\nand\n{}",
        read("45-delete-cascade.txt").lines().map(|line| format!("\t{line}\n")).collect::<String>(),
        read("50-result.json"),
    );
    let output = explain_plan(&text, &[]);
    assert!(out(&output).contains("Delete on songs") && !out(&output).contains("Seq Scan on song_history"), "{}", out(&output));
    assert!(err(&output).contains("3 plans in stdin; this is the slowest"), "{}", err(&output));
    let output = explain_plan(&text, &["--which", "3"]);
    assert!(out(&output).contains("Plan 3 of 3, line ") && !out(&output).contains("Delete on songs"), "{}", out(&output));
    let output = explain_plan(&text, &["--which", "all", "--format", "json"]);
    let plans: serde_json::Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(plans.as_array().map(Vec::len), Some(3));
    assert_eq!(plans[1]["json"][0]["Plan"]["Node Type"], "ModifyTable");
    assert_eq!(plans[1]["execution_ms"], 88.127);

    let output = explain_plan(&text, &["--which", "4"]);
    assert!(output.status.code() == Some(2) && err(&output).contains("stdin has 3 plans"), "{}", err(&output));
    let output = explain_plan("Hash Join  (cost=1.00..2.00 rows=1 width=4)\n", &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("Hash Join at line 1 needs 2 inputs and has 0"), "{}", err(&output));
}

#[test]
fn a_missed_promise_is_a_finding_only_when_asked() {
    let shop = Workplace::new();
    shop.edit("shop.yaml", "slo: {p95: 20ms}", "slo: {p95: 0.001ms}");
    assert_eq!(shop.run(&["bench", "shop.yaml", "--time", "0.2"]).status.code(), Some(0));
    assert_eq!(shop.run(&["bench", "shop.yaml", "--time", "0.2", "--check"]).status.code(), Some(1));
}

#[test]
fn mistakes_that_only_the_server_sees_have_their_places() {
    let shop = Workplace::new();
    shop.edit("shop.yaml", "ORDER BY made_at DESC", "ORDER BY mad_at DESC");
    let output = shop.run(&["bench", "shop.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("shop.yaml:25") && err(&output).contains("mad_at"), "{}", err(&output));
    shop.edit("schema.sql", "amount      int NOT NULL", "amount      inte NOT NULL");
    let output = shop.run(&["seed", "shop.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("schema.sql:15:17") && err(&output).contains("inte"), "{}", err(&output));
}

#[test]
fn a_database_that_is_not_a_lab_is_left_alone() {
    let shop = Workplace::new();
    shop.ok(&["db", "psql", "postgres", "--", "-qc", &format!("CREATE DATABASE {}", shop.database())]);
    let output = shop.run(&["seed", "shop.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("was not made by perflab"), "{}", err(&output));
}

#[test]
fn a_server_that_cannot_be_reached_is_named_without_the_password() {
    let shop = Workplace::new();
    let output = shop.run(&["seed", "shop.yaml", "--database-url", "postgres://me:secret@127.0.0.1:1/none"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("127.0.0.1:1/none") && !err(&output).contains("secret"), "{}", err(&output));
}

/// A bench of an hour, and its process once it measures.
fn long_bench(shop: &Workplace, scenario: &str) -> std::process::Child {
    let arguments = ["bench", scenario, "--time", "3600", "--output", "run.json"];
    let mut child = shop.command(&arguments).stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let calls =
        format!("SELECT count(*) FROM pg_stat_activity WHERE datname LIKE '{}\\_\\_%' AND query LIKE 'SELECT%'", shop.database());
    for _ in 0..200 {
        if shop.ok(&["db", "psql", "postgres", "--", "-Atqc", &calls]).trim() != "0" {
            return child;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    panic!("nothing is called");
}

fn interrupt(child: &std::process::Child) {
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(child.id() as i32), nix::sys::signal::Signal::SIGINT).unwrap();
}

#[test]
fn an_interrupted_bench_says_what_it_has_and_drops_its_clone() {
    let shop = Workplace::new();
    shop.ok(&["seed", "shop.yaml"]);
    let child = long_bench(&shop, "shop.yaml");
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", err(&output));
    assert!(err(&output).contains("the figures are of what had been measured by then"), "{}", err(&output));
    let saved = fs::read_to_string(shop.folder.join("run.json")).unwrap();
    let saved: serde_json::Value = serde_json::from_str(&saved).unwrap();
    assert_eq!(saved["interrupted"].as_bool(), Some(true));
    assert!(out(&output).contains(saved["endpoints"][0]["label"].as_str().unwrap()), "{}", out(&output));
    assert_eq!(shop.clones(), "0");
    assert_eq!(shop.json(&["seed", "shop.yaml"])["reused"].as_bool(), Some(true));
}

#[test]
fn a_second_interrupt_ends_a_bench_at_once() {
    let shop = Workplace::new();
    let text =
        "name: NAME\nschema: schema.sql\ndata: {tables: {}}\nendpoints:\n  - {route: GET /slow, sql: SELECT pg_sleep(3000)}\n";
    fs::write(shop.folder.join("slow.yaml"), text.replace("NAME", &shop.name)).unwrap();
    let child = long_bench(&shop, "slow.yaml");
    interrupt(&child);
    std::thread::sleep(Duration::from_millis(300));
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), out(&output).as_str()), (Some(130), ""), "{}", err(&output));
    assert_eq!(shop.clones(), "0");
}

#[test]
fn the_commands_for_shards_work_as_they_are_written() {
    let shop = Workplace::new();
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/SHARDS.md")).unwrap();
    let block = page.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    for line in block.lines() {
        let words: Vec<&str> = line.strip_prefix("perflab ").unwrap().split(' ').collect();
        let mut arguments: Vec<&str> =
            words.iter().map(|word| if word.ends_with("music.yaml") { "shop.yaml" } else { *word }).collect();
        if arguments[0] == "bench" {
            arguments.extend(["--time", "0.2"]);
        }
        shop.ok(&arguments);
    }
    let read =
        |file: &str| -> serde_json::Value { serde_json::from_str(&fs::read_to_string(shop.folder.join(file)).unwrap()).unwrap() };
    let [one, two, all] = ["shard-1.json", "shard-2.json", "run.json"].map(read);
    let calls = |run: &serde_json::Value| run["endpoints"][0]["calls"].as_u64().unwrap();
    assert!(calls(&one) > 0 && calls(&one) + calls(&two) == calls(&all));
    assert_eq!((one["shard"]["number"].as_u64(), two["shard"]["of"].as_u64()), (Some(1), Some(2)));
    assert_eq!((&one["data"], all.get("shard")), (&all["data"], None));

    let alone = shop.run(&["merge", "shard-2.json"]);
    assert_eq!(alone.status.code(), Some(1), "{}", err(&alone));
    assert!(err(&alone).contains("error: 1 of 2 shards is missing: 1; run them"), "{}", err(&alone));
    assert!(shop.run(&["merge", "shard-2.json", "--partial"]).status.success());
    for (arguments, said) in [
        (["merge", "shard-2.json", "shard-2.json"], "are both shard 2 of 2"),
        (["merge", "shard-2.json", "run.json"], "run.json is no shard of a load"),
        (["merge", "shard-2.json", "shop.yaml"], "shop.yaml is no run that perflab bench saved"),
        (["merge", "shard-2.json", "none.json"], "cannot read none.json"),
        (["bench", "shop.yaml", "--shard=3/2"], "there is no part 3 of 2"),
    ] {
        let output = shop.run(&arguments);
        assert_eq!(output.status.code(), Some(2));
        assert!(err(&output).contains(said), "{}", err(&output));
    }
    for shard in ["1of2", "2of2"] {
        let drop = format!("DROP DATABASE {}_shard{shard}", shop.database());
        shop.ok(&["db", "psql", "postgres", "--", "-qc", &drop]);
    }
}

#[test]
fn an_endpoint_that_only_fails_is_told_with_the_servers_words_and_does_not_pass_a_check() {
    let shop = Workplace::new();
    let text = "name: NAME\nschema: schema.sql\ndata: {tables: {}}\nendpoints:\n  - route: GET /broken\n    sql: SELECT 1 / (random() * 0)::int\n";
    fs::write(shop.folder.join("broken.yaml"), text.replace("NAME", &shop.name)).unwrap();
    let output = shop.run(&["bench", "broken.yaml", "--time", "0.1", "--check"]);
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    assert!(out(&output).contains("GET /broken, statement 1: ") && out(&output).contains("division by zero (SQLSTATE 22012)"));
    assert!(shop.run(&["bench", "broken.yaml", "--time", "0.1"]).status.success());
}

#[test]
fn a_statement_of_the_command_line_is_not_the_scenarios_mistake() {
    let shop = Workplace::new();
    let output = shop.run(&["explain", "shop.yaml", "--sql", "SELECT nope"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("error: --sql: ") && !err(&output).contains("shop.yaml:1"), "{}", err(&output));
}

#[test]
fn an_empty_database_url_asks_for_no_other_server() {
    let shop = Workplace::new();
    let output = shop.command(&["db", "url"]).env("DATABASE_URL", "").output().unwrap();
    assert!(output.status.success(), "{}", err(&output));
}

#[test]
fn an_interrupted_seed_lets_go_of_the_lab_at_once() {
    let shop = Workplace::new();
    for millis in [150, 300, 600] {
        let arguments = ["seed", "shop.yaml", "--scale", "50", "--force"];
        let mut child = shop.command(&arguments).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(millis));
        let _ = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        child.wait().unwrap();
        let free = format!("SELECT pg_try_advisory_lock(hashtextextended('{}', 0))", shop.database());
        assert_eq!(shop.ok(&["db", "psql", "postgres", "--", "-Atqc", &free]).trim(), "t", "after {millis} ms");
    }
}

#[test]
fn a_load_that_lost_its_connection_is_marked_and_made_anew() {
    let shop = Workplace::new();
    let first = shop.json(&["seed", "shop.yaml"]);
    let arguments = ["seed", "shop.yaml", "--scale", "60", "--force"];
    let child = shop.command(&arguments).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    // Some hundred rows are a trial, not the load.
    let kill = format!(
        "DO $$ BEGIN FOR i IN 1..2000 LOOP PERFORM pg_stat_clear_snapshot(); \
         IF (SELECT count(pg_terminate_backend(pid)) FROM pg_stat_progress_copy \
         WHERE datname = '{}' AND tuples_processed > 1000) > 0 THEN RETURN; END IF; \
         PERFORM pg_sleep(0.005); END LOOP; RAISE 'nobody copies'; END $$",
        shop.database()
    );
    shop.ok(&["db", "psql", "postgres", "--", "-qc", &kill]);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("cannot be filled"), "{}", err(&output));
    let mark = format!("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{}'", shop.database());
    let mark = shop.ok(&["db", "psql", "postgres", "--", "-Atqc", &mark]);
    assert!(mark.contains(r#""state":"incomplete""#), "{mark}");
    let again = shop.json(&["seed", "shop.yaml"]);
    assert_eq!((again["reused"].as_bool(), &again["hash"]), (Some(false), &first["hash"]));
    assert_eq!(shop.json(&["seed", "shop.yaml"])["reused"].as_bool(), Some(true));
}

#[test]
fn a_claim_that_does_not_hold_is_a_finding() {
    let shop = Workplace::new();
    let claim = "data:\n  check:\n    - {claim: nobody orders, sql: SELECT count(*) FROM purchase, expect: 0}\n";
    shop.edit("shop.yaml", "data:\n", claim);
    let output = shop.run(&["seed", "shop.yaml", "--columns"]);
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    assert!(out(&output).contains("does not hold") && out(&output).contains("purchase.customer_id"), "{}", out(&output));
    shop.edit("shop.yaml", "FROM purchase,", "FROM purchse,");
    let output = shop.run(&["seed", "shop.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        err(&output).contains("relation \"purchse\" does not exist") && err(&output).contains("shop.yaml:"),
        "{}",
        err(&output)
    );
}

#[test]
fn a_migration_that_cannot_be_written_is_refused_before_anything_is_measured() {
    let shop = Workplace::new();
    let output = shop.run(&["advise", "shop.yaml", "--migration", "no/such/folder.sql"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("no/such/folder.sql") && !err(&output).contains("seed"), "{}", err(&output));
}

#[test]
fn without_endpoints_there_is_nothing_to_time() {
    let shop = Workplace::new();
    fs::write(shop.folder.join("rows.yaml"), format!("name: {}\nschema: schema.sql\ndata: {{tables: {{}}}}\n", shop.name))
        .unwrap();
    for command in ["run", "bench", "explain", "advise"] {
        let output = shop.run(&[command, "rows.yaml"]);
        assert_eq!((output.status.code(), out(&output).as_str()), (Some(2), ""), "{command}");
        assert!(err(&output).contains("rows.yaml has no endpoints to time"), "{}", err(&output));
    }
    shop.ok(&["explain", "rows.yaml", "--sql", "SELECT 1"]);
}
