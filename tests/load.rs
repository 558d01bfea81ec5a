//! Endpoints under load, through the real binary on a real server.

mod common;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use common::{clean, projects, target_folder, test_server};
use serde_json::Value;

const SCHEMA: &str = "CREATE TABLE account (id bigint PRIMARY KEY, balance int NOT NULL);
CREATE TABLE entry (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account_id bigint NOT NULL, amount int NOT NULL);";

const SCENARIO: &str = r#"
schema: schema.sql
data:
  tables:
    account: {rows: 2000, columns: {balance: {range: 0-100}}}
    entry: {rows: 1 per account, columns: {account_id: {ref: account}, amount: {range: 1-9}}}
endpoints:
  - route: GET /account/{id}
    weight: 9
    params: {sample: "SELECT id FROM account"}
    sql: "SELECT balance FROM account WHERE id = :id"
    slo: [p95 < 5s, error_rate < 1%]
  - route: POST /account/{id}/pay
    params: {sample: "SELECT id FROM account"}
    steps:
      - sql: "UPDATE account SET balance = balance - 1 WHERE id = :id"
      - sql: "INSERT INTO entry (account_id, amount) VALUES (:id, 1)"
  - route: DELETE /entry/{id}
    weight: 0.5
    params: {sample: "SELECT id FROM entry WHERE id <= 40"}
    sql: "DELETE FROM entry WHERE id = :id"
"#;

/// A scenario of its own, and so a database of its own.
struct Place {
    folder: PathBuf,
    name: String,
}

impl Place {
    fn new(more: &str) -> Place {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        test_server();
        let name = format!("load_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = target_folder().join("load").join(&name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("schema.sql"), SCHEMA).unwrap();
        fs::write(folder.join("s.yaml"), format!("name: {name}\n{SCENARIO}{more}")).unwrap();
        Place { folder, name }
    }

    /// Exit code, stdout, stderr of a bench.
    fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let mut command = clean(std::process::Command::new(env!("CARGO_BIN_EXE_perflab")));
        command.current_dir(&self.folder).arg("--project").arg(projects().join("shared"));
        let output = command.args(["bench", "s.yaml", "--time", "50ms", "--warm-up", "100ms"]).args(arguments).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    }

    /// The load's runs.
    fn load(&self, arguments: &[&str]) -> Vec<Value> {
        let (code, stdout, stderr) = self.run(&[arguments, &["--format", "json"]].concat());
        assert_eq!(code, Some(0), "{stderr}");
        let report: Value = serde_json::from_str(&stdout).expect("JSON");
        report["load"].as_array().expect("load").clone()
    }

    fn psql(&self, sql: &str) -> String {
        let mut command = clean(std::process::Command::new(env!("CARGO_BIN_EXE_perflab")));
        command.current_dir(&self.folder).arg("--project").arg(projects().join("shared"));
        let database = format!("perflab_{}", self.name);
        let output = command.args(["db", "psql", &database, "--", "-XAtc", sql]).output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

#[test]
fn a_sweep_counts_every_endpoint_by_its_weight_and_leaves_the_rows_alone() {
    let place = Place::new("");
    let load = place.load(&["--clients", "1,4", "--duration", "400ms"]);
    let steps = load[0]["steps"].as_array().unwrap();
    assert_eq!((number(&steps[0]["clients"]), number(&steps[1]["clients"])), (1.0, 4.0));
    for step in steps {
        let calls = |place: usize| number(&step["endpoints"][place]["calls"]);
        assert!(calls(0) > 3.0 * calls(1) && calls(1) > 0.0, "{step}");
        assert_eq!(number(&step["errors"]), 0.0, "{step}");
        assert!(number(&step["throughput_per_s"]) > 0.0 && number(&step["service"]["p50_ms"]) > 0.0, "{step}");
        assert_eq!(step["service"]["p50_ms"], step["response"]["p50_ms"], "nobody waits for a connection of its own");
        assert_eq!(step["endpoints"][0]["slo"][0]["met"], true, "{step}");
    }
    let deleted: f64 = steps.iter().map(|step| number(&step["endpoints"][2]["calls"])).sum();
    assert!(deleted <= 40.0, "no row is deleted twice: {deleted}");
    let rows = place.psql("SELECT count(*), sum(balance) FROM account; SELECT count(*) FROM entry");
    assert!(rows.ends_with("\n2000"), "the load ran on a copy: {rows}");
    assert_eq!(place.psql(&format!("SELECT count(*) FROM pg_database WHERE datname LIKE 'perflab_{}\\_\\_%'", place.name)), "0");
}

#[test]
fn an_open_loop_keeps_its_rate_in_both_clocks() {
    let place = Place::new("");
    let load = place.load(&["--rate", "300/s", "--arrivals", "constant", "--duration", "1s", "--endpoint", "GET /account/{id}"]);
    let step = &load[0]["steps"][0];
    assert_eq!(number(&step["rate"]), 300.0);
    assert_eq!(number(&step["calls"]), 300.0, "every arrival of the second is counted: {step}");
    assert!(number(&step["response"]["max_ms"]) >= number(&step["service"]["max_ms"]), "{step}");
    assert!(step["schedule_lag"]["p50_ms"].is_number(), "{step}");
}

#[test]
fn clients_share_a_pool_and_their_wait_is_not_service() {
    let place = Place::new("");
    let load = place.load(&["--clients", "12", "--pool", "2", "--duration", "400ms"]);
    let step = &load[0]["steps"][0];
    assert_eq!((step["connections"]["policy"].as_str(), number(&step["connections"]["open"])), (Some("pool"), 2.0));
    let (wait, service, response) = (&step["wait"], &step["service"], &step["response"]);
    assert!(number(&wait["mean_ms"]) > number(&service["mean_ms"]), "five in line for one: {step}");
    let sum = number(&wait["mean_ms"]) + number(&service["mean_ms"]);
    assert!((sum / number(&response["mean_ms"]) - 1.0).abs() < 0.02, "wait and service are the response: {step}");
}

#[test]
fn a_connection_for_each_call_is_part_of_its_service() {
    let place = Place::new("");
    let load = place.load(&["--clients", "1", "--connection-per-call", "--duration", "300ms", "--endpoint", "GET /account/{id}"]);
    let step = &load[0]["steps"][0];
    let connect = number(&step["connections"]["connect"]["p50_ms"]);
    assert!(connect > 0.0 && number(&step["service"]["p50_ms"]) > connect, "{step}");
}

#[test]
fn the_scenarios_own_load_is_varied_and_told() {
    let more = "load: {closed: {clients: 2}, for: 200ms, warm_up: 100ms, name: readers}\nvary: {pick: [{repeat: 3}], connections: [1]}\n";
    let place = Place::new(more);
    let (code, stdout, stderr) = place.run(&[]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.contains("readers") && stdout.contains("repeat 3") && stdout.contains("pool of 1"), "{stdout}");
    let (_, without, _) = place.run(&["--no-load"]);
    assert!(!without.contains("readers"), "{without}");
}

#[test]
fn what_the_server_has_no_room_for_is_said_before_anything_is_measured() {
    let place = Place::new("");
    let (code, stdout, stderr) = place.run(&["--clients", "5000", "--duration", "1s"]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""), "{stderr}");
    assert!(stderr.contains("5,000 clients with a connection each") && stderr.contains("--pool"), "{stderr}");
    let (code, _, stderr) = place.run(&["--clients", "2", "--endpoint", "GET /acount/{id}"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("no endpoint `GET /acount/{id}`") && stderr.contains("GET /account/{id}"), "{stderr}");
}

#[test]
fn a_promise_that_too_few_calls_cannot_tell_says_so() {
    let more = "load:\n  - {open: {rate: 10/s, arrivals: constant}, for: 500ms, warm_up: 0s, name: trickle}\n";
    let place = Place::new(more);
    let endpoint = ["--endpoint", "GET /account/{id}", "--slo", "p99.9 < 5s", "--slo", "rps >= 1"];
    let (code, stdout, stderr) = place.run(&endpoint);
    assert_eq!(code, Some(3), "{stdout}{stderr}");
    let said = stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("5 calls; p95 needs 20, so measure longer"), "{stdout}");
    let (_, stdout, _) = place.run(&[&endpoint[..], &["--format", "json"]].concat());
    let report: Value = serde_json::from_str(&stdout).expect("JSON");
    let step = &report["load"][0]["steps"][0];
    let promises = |place: &Value| place["slo"].as_array().unwrap().clone();
    let all = [&report["endpoints"][0], step, &step["endpoints"][0]].map(promises).concat();
    let silent = |slo: &&Value| slo["met"].is_null() && !slo["reason"].is_string();
    assert_eq!(all.iter().find(silent), None);
    assert!(all.iter().any(|slo| slo["met"].is_null() && slo["metric"] == "p95"), "{all:?}");
    let rate = promises(&report["endpoints"][0]).into_iter().find(|slo| slo["metric"] == "rps").unwrap();
    assert_eq!(rate["reason"], "the highest, in trickle at 10/s");
}
