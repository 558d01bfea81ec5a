//! perflab's load beside `pgbench -S -M prepared -j 2`, on one table of one server, in turn.
//!
//! `cargo bench --bench throughput` prints calls per second and client CPU per call of both with 1, 8 and 32 clients, the median of three
//! rounds; then an open loop of 20,000/s for 30 s with its lag, and 1,500 clients that think for a second on 20 connections.
//! `-- --rounds 1 --seconds 2` is a quick look. Needs pgbench beside the server's programs. Nothing here is a test: figures of a busy machine
//! mean nothing, and only ratios within one run mean anything.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use perflab::server::{ServerOptions, ensure};
use serde_json::Value;

const SCHEMA: &str = "CREATE TABLE accounts (aid int PRIMARY KEY, bid int, abalance int, filler char(84));\n";
const SCENARIO: &str = r#"name: throughput
schema: schema.sql
data:
  tables:
    accounts: {rows: 100000, columns: {bid: {range: 1-10}, abalance: 0, filler: x}}
endpoints:
  - route: GET /accounts/{aid}
    params: {sample: "SELECT aid FROM accounts"}
    sql: "SELECT abalance FROM accounts WHERE aid = :aid"
"#;
/// What `pgbench -S` does, on the same table.
const SCRIPT: &str = "\\set aid random(1, 100000)\nSELECT abalance FROM accounts WHERE aid = :aid;\n";

/// Calls per second and microseconds of client CPU per call.
#[derive(Clone, Copy)]
struct Figures {
    per_s: f64,
    cpu_us: f64,
}

struct Place {
    folder: PathBuf,
    bin: PathBuf,
    socket: String,
}

fn main() {
    let (rounds, seconds) = (option("--rounds").unwrap_or(3), option("--seconds").unwrap_or(5));
    let place = prepare();
    println!("clients   perflab/s   pgbench/s   ratio   perflab µs   pgbench µs   ratio");
    for clients in [1, 8, 32] {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for round in 0..rounds {
            // Who goes first alternates.
            if round % 2 == 0 {
                ours.push(place.perflab(clients, seconds));
                theirs.push(place.pgbench(clients, seconds));
            } else {
                theirs.push(place.pgbench(clients, seconds));
                ours.push(place.perflab(clients, seconds));
            }
        }
        let (ours, theirs) = (middle(&ours), middle(&theirs));
        println!(
            "{clients:>7} {:>11.0} {:>11.0} {:>7.2} {:>12.2} {:>12.2} {:>7.2}",
            ours.per_s,
            theirs.per_s,
            ours.per_s / theirs.per_s,
            ours.cpu_us,
            theirs.cpu_us,
            ours.cpu_us / theirs.cpu_us
        );
    }
    let step = place.load(&["--rate", "20000/s", "--arrivals", "constant", "--duration", "30s"]);
    println!(
        "open loop of 20,000/s for 30 s: {:.0}/s, {} failed, backlog {}; schedule's lag p50 {} ms, p99 {} ms, max {} ms; response p50 {} ms, p99 {} ms; {}",
        number(&step, "/throughput_per_s"),
        step["errors"],
        step["backlog"],
        number(&step, "/schedule_lag/p50_ms"),
        number(&step, "/schedule_lag/p99_ms"),
        number(&step, "/schedule_lag/max_ms"),
        number(&step, "/response/p50_ms"),
        number(&step, "/response/p99_ms"),
        validity(&step),
    );
    let step = place.load(&["--clients", "1500", "--think", "1s", "--pool", "20", "--duration", "30s"]);
    println!(
        "1,500 clients thinking 1 s on 20 connections for 30 s: {:.0}/s, {} failed; wait p99 {} ms, service p99 {} ms, response p99 {} ms; {}",
        number(&step, "/throughput_per_s"),
        step["errors"],
        number(&step, "/wait/p99_ms"),
        number(&step, "/service/p99_ms"),
        number(&step, "/response/p99_ms"),
        validity(&step),
    );
}

fn option(name: &str) -> Option<u64> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.nth(1)?.parse().ok()
}

/// The server, its table, and where pgbench is.
fn prepare() -> Place {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("throughput");
    std::fs::create_dir_all(&folder).expect("make a folder");
    std::fs::write(folder.join("schema.sql"), SCHEMA).expect("write the schema");
    std::fs::write(folder.join("s.yaml"), SCENARIO).expect("write the scenario");
    std::fs::write(folder.join("pgbench.sql"), SCRIPT).expect("write pgbench's script");
    let server = ensure(&ServerOptions::new(&folder), &mut |_| {}).expect("a server");
    let url = server.url("perflab_throughput");
    let place = Place { bin: server.bin_dir.clone(), socket: url, folder };
    assert!(place.bin.join("pgbench").exists(), "no pgbench in {}", place.bin.display());
    place.run(&["seed", "s.yaml"]);
    place
}

impl Place {
    fn run(&self, arguments: &[&str]) -> Vec<u8> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_perflab"));
        command.current_dir(&self.folder).env_remove("DATABASE_URL").args(["--quiet", "--project", "."]).args(arguments);
        let output = command.output().expect("run perflab");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    /// The only step of a load.
    fn load(&self, arguments: &[&str]) -> Value {
        let all = [&["bench", "s.yaml", "--time", "50ms", "--warm-up", "1s", "--format", "json"], arguments].concat();
        let report: Value = serde_json::from_slice(&self.run(&all)).expect("JSON");
        report["load"][0]["steps"][0].clone()
    }

    fn perflab(&self, clients: u64, seconds: u64) -> Figures {
        let step = self.load(&["--clients", &clients.to_string(), "--duration", &format!("{seconds}s")]);
        Figures { per_s: number(&step, "/throughput_per_s"), cpu_us: number(&step, "/client_cpu_us_per_call") }
    }

    fn pgbench(&self, clients: u64, seconds: u64) -> Figures {
        let before = cpu_of_children();
        let mut command = Command::new(self.bin.join("pgbench"));
        command.current_dir(&self.folder).args(["-n", "-M", "prepared", "-j", "2", "-f", "pgbench.sql"]);
        command.args(["-c", &clients.to_string(), "-T", &seconds.to_string(), &self.socket]);
        let output = command.output().expect("run pgbench");
        let text = String::from_utf8_lossy(&output.stdout);
        let figure = |name: &str| {
            let rest = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("no `{name}` in {text}"));
            rest.split_whitespace().next().and_then(|word| word.split('/').next()?.parse::<f64>().ok()).expect("a number")
        };
        let cpu = cpu_of_children().saturating_sub(before);
        Figures {
            per_s: figure("tps = "),
            cpu_us: cpu.as_secs_f64() * 1e6 / figure("number of transactions actually processed: "),
        }
    }
}

fn number(step: &Value, pointer: &str) -> f64 {
    step.pointer(pointer).and_then(Value::as_f64).unwrap_or(f64::NAN)
}

fn validity(step: &Value) -> String {
    match step["invalid"].as_array() {
        Some(reasons) => format!("INVALID: {reasons:?}"),
        None => "valid".to_owned(),
    }
}

fn middle(figures: &[Figures]) -> Figures {
    let median = |of: fn(&Figures) -> f64| {
        let mut values: Vec<f64> = figures.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    Figures { per_s: median(|one| one.per_s), cpu_us: median(|one| one.cpu_us) }
}

/// User and system time of the children that have ended.
fn cpu_of_children() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("getrusage");
    let part = |time: nix::sys::time::TimeVal| Duration::from_micros((time.tv_sec() * 1_000_000 + time.tv_usec()) as u64);
    part(usage.user_time()) + part(usage.system_time())
}
