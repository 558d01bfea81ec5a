//! `perflab ci` in a repository: the steps of the workflow and of the script that docs/ci hands out, run as they stand there.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use common::{clean, projects, target_folder, test_server};
use serde_json::Value;

/// 20,000 rows behind an index, and promises that any machine keeps.
const SCHEMA: &str = "CREATE TABLE customer (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
CREATE TABLE purchase (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customer (id) ON DELETE CASCADE,
    made_at     timestamptz NOT NULL
);
CREATE INDEX purchase_customer ON purchase (customer_id);
";
const SCENARIO: &str = "name: NAME
schema: ../schema.sql
data:
  tables:
    customer: {rows: 200}
    purchase:
      rows: 100 per customer
      order: shuffled
      columns:
        customer_id: {ref: customer}
        made_at: {time: {last: 90d}}
endpoints:
  - route: GET /purchases/{customer}
    params: {sample: SELECT id AS customer FROM customer WHERE id % 2 = 0}
    steps:
      - sql: SELECT id, made_at FROM purchase WHERE customer_id = :customer
        as: purchases
    slo: {p95: 1min}
  - route: POST /customers/{customer}/delete
    params: {sample: SELECT id AS customer FROM customer WHERE id % 2 = 1}
    sql: DELETE FROM customer WHERE id = :customer
";
/// Lines of [`SCENARIO`].
const FIRST_STATEMENT: u32 = 16;
const AFTER_IT: &str = "        as: purchases\n";

/// A repository with a scenario of its own, and so its own database on the shared server.
struct Repository {
    folder: PathBuf,
    name: String,
    /// The WAL is counted by the server's position, which everybody moves: one at a time.
    _alone: MutexGuard<'static, ()>,
}

static ALONE: Mutex<()> = Mutex::new(());

impl Repository {
    fn new() -> Repository {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        test_server();
        let name = format!("ci_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = target_folder().join("ci").join(&name);
        fs::create_dir_all(folder.join("scenarios")).unwrap();
        fs::write(folder.join("schema.sql"), SCHEMA).unwrap();
        fs::write(folder.join("scenarios/shop.yaml"), SCENARIO.replace("NAME", &name)).unwrap();
        let repository = Repository { folder, name, _alone: alone };
        repository.git(&["init", "-q", "-b", "main", "."]);
        repository.git(&["add", "-A"]);
        repository.git(&["-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "-m", "base"]);
        // As actions/checkout leaves it.
        repository.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
        repository
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git").arg("-C").arg(&self.folder).args(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", err(&output));
        out(&output)
    }

    /// Back to what was committed, then one change.
    fn change(&self, file: &str, from: &str, to: &str) {
        self.git(&["checkout", "-q", "-f", "main"]);
        let path = self.folder.join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no `{from}`");
        fs::write(path, text.replace(from, to)).unwrap();
    }

    /// A command with perflab on its path, the shared server, and nothing else of the developer's.
    fn command(&self, program: &str) -> Command {
        let mut command = clean(Command::new(program));
        for name in ["GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "RESULTS", "OPTIONS"] {
            command.env_remove(name);
        }
        let bin = Path::new(env!("CARGO_BIN_EXE_perflab")).parent().unwrap();
        let path = std::env::var("PATH").unwrap();
        command.current_dir(&self.folder).env("PATH", format!("{}:{path}", bin.display()));
        command.env("PERFLAB_PROJECT", projects().join("shared")).stdin(Stdio::null());
        command
    }

    fn ci(&self, arguments: &[&str]) -> Output {
        self.command("perflab").args(["ci", "scenarios/shop.yaml"]).args(arguments).output().unwrap()
    }
}

impl Drop for Repository {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            for side in ["", "__base"] {
                let drop = format!("DROP DATABASE IF EXISTS perflab_{}{side} WITH (FORCE)", self.name);
                self.command("perflab").args(["db", "psql", "postgres", "--", "-qc", &drop]).output().unwrap();
            }
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Whether a text that was wrapped somewhere says this.
fn says(said: &str, what: &str) -> bool {
    said.split_whitespace().collect::<Vec<_>>().join(" ").contains(what)
}

fn docs(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(file)
}

/// The commands of the workflow's job, in order.
fn workflow_steps() -> Vec<String> {
    let text = fs::read_to_string(docs("ci/github.yml")).unwrap();
    let workflow: Value = serde_saphyr::from_str(&text).unwrap();
    let steps = workflow["jobs"]["gate"]["steps"].as_array().unwrap();
    let runs: Vec<String> = steps.iter().filter_map(|step| step["run"].as_str().map(str::to_owned)).collect();
    // Whatever GitHub would put in comes by the environment: it cannot be run here, and is open to injection there.
    assert!(runs.len() >= 3 && runs.iter().all(|run| !run.contains("${{")), "{runs:?}");
    runs
}

/// Runs the workflow's steps as a runner does: the exit code of the one that ended it, and what they printed.
fn run_workflow(repository: &Repository, options: &str) -> (i32, String) {
    let mut said = String::new();
    for step in workflow_steps() {
        let mut command = repository.command("bash");
        command.args(["-e", "-o", "pipefail", "-c", &step]);
        command.envs([
            ("SCENARIO", "scenarios/shop.yaml"),
            ("BASE", "origin/main"),
            ("PERFLAB_SOURCE", ""),
            ("OPTIONS", options),
        ]);
        command.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", repository.folder.join("summary.md"));
        let output = command.output().unwrap();
        said.push_str(&out(&output));
        said.push_str(&err(&output));
        if !output.status.success() {
            return (output.status.code().unwrap(), said);
        }
    }
    (0, said)
}

fn annotated(said: &str, line: u32) -> bool {
    said.lines().any(|one| one.starts_with(&format!("::error file=scenarios/shop.yaml,line={line},col=")))
}

#[test]
fn the_workflow_lets_an_unchanged_commit_pass_and_stops_regressions_at_their_lines() {
    let repository = Repository::new();
    let options = "--only statements,plans,work";

    let (code, said) = run_workflow(&repository, options);
    assert!(code == 0 && says(&said, "nothing that the database sees has changed"), "{code}\n{said}");

    repository.change("schema.sql", "CREATE INDEX", "-- For the purchases of a customer.\nCREATE INDEX");
    let (code, said) = run_workflow(&repository, options);
    assert_eq!(code, 0, "a comment is no change\n{said}");
    assert!(!says(&said, "::error"), "{said}");

    repository.change("schema.sql", "CREATE INDEX purchase_customer ON purchase (customer_id);", "");
    let (code, said) = run_workflow(&repository, options);
    assert!(code == 1 && annotated(&said, FIRST_STATEMENT), "an index was dropped\n{said}");
    assert!(says(&said, "The schema has no index on purchase (customer_id) any more"), "{said}");
    let summary = fs::read_to_string(repository.folder.join("summary.md")).unwrap();
    assert!(summary.contains("## perflab") && summary.contains("```diff"), "{summary}");
    let junit = fs::read_to_string(repository.folder.join("perflab-junit.xml")).unwrap();
    assert!(junit.contains("<failure message=") && junit.ends_with("</testsuites>\n"), "{junit}");

    let each = "      - {sql: \"SELECT name FROM customer JOIN purchase ON customer.id = customer_id WHERE purchase.id = :purchases.id\", for_each: purchases}\n";
    repository.change("scenarios/shop.yaml", AFTER_IT, &format!("{AFTER_IT}{each}"));
    let (code, said) = run_workflow(&repository, options);
    assert!(code == 1 && annotated(&said, FIRST_STATEMENT + 2) && says(&said, "an N+1"), "a statement for each row\n{said}");

    repository.change("scenarios/shop.yaml", "WHERE customer_id = :customer", "WHERE customer_id + 0 = :customer");
    let (code, said) = run_workflow(&repository, options);
    assert!(code == 1 && annotated(&said, FIRST_STATEMENT), "no index answers it\n{said}");
    assert!(says(&said, "The statement was changed"), "{said}");
    assert_eq!(repository.git(&["worktree", "list"]).lines().count(), 1, "what was checked out is gone");
}

#[test]
fn the_script_writes_a_baseline_and_holds_the_next_change_against_it() {
    let repository = Repository::new();
    let gate = |against: &str| {
        let mut command = repository.command("sh");
        command.arg(docs("ci/gate.sh")).args(["scenarios/shop.yaml", against]);
        let output = command.env("OPTIONS", "--only statements,plans,work").output().unwrap();
        (output.status.code().unwrap(), out(&output) + &err(&output))
    };
    let (code, said) = gate("ci/shop.json");
    assert_eq!(code, 0, "{said}");
    let baseline: Value = serde_json::from_str(&fs::read_to_string(repository.folder.join("ci/shop.json")).unwrap()).unwrap();
    assert_eq!(baseline["endpoints"].as_array().unwrap().len(), 2);
    repository.git(&["add", "ci"]);
    repository.git(&["-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "-m", "baseline"]);

    let (code, said) = gate("ci/shop.json");
    assert!(code == 0 && says(&said, "Passed"), "unchanged\n{said}");
    let (code, said) = gate("origin/main");
    assert!(code == 0 && says(&said, "nothing that the database sees has changed"), "{said}");

    repository.change("schema.sql", "CREATE INDEX purchase_customer ON purchase (customer_id);", "");
    let (code, said) = gate("ci/shop.json");
    assert!(code == 1 && says(&said, "scenarios/shop.yaml:16:14"), "{said}");
    assert!(says(&said, "POST /customers/{customer}/delete"), "its cascade reads the table, too\n{said}");
    let accepted = ["--baseline", "ci/shop.json", "--only", "plans,work", "--accept", "GET /purchases/{customer}"];
    let output = repository.ci(&[&accepted[..], &["--accept", "POST /customers/{customer}/delete"]].concat());
    assert!(output.status.code() == Some(0) && out(&output).contains("Accepted: "), "{}{}", out(&output), err(&output));

    repository.change("schema.sql", "purchase_customer ON", "renamed ON");
    let (code, said) = gate("ci/shop.json");
    assert_eq!(code, 0, "another name is no other index\n{said}");
    repository.change("scenarios/shop.yaml", "rows: 200}", "rows: 300}");
    let (code, said) = gate("ci/shop.json");
    assert!(code == 2 && says(&said, "other rows") && says(&said, "--write-baseline ci/shop.json"), "{code}\n{said}");
    let (code, said) = gate("origin/main");
    assert!(code == 3 && says(&said, "Land the change of `data:` by itself"), "{code}\n{said}");
    let output = repository.ci(&["--base-ref", "origin/main", "--only", "work", "--inconclusive", "pass"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
}

#[test]
fn all_forms_say_the_same_and_times_are_measured_side_by_side() {
    let repository = Repository::new();
    let arguments = ["--base-ref", "main", "--measure-anyway", "--time", "200ms", "--format", "json", "--output", "ci.json"];
    let output = repository.ci(&arguments);
    let code = output.status.code().unwrap();
    assert!(code != 2, "{}", err(&output));
    let printed: Value = serde_json::from_str(&out(&output)).unwrap();
    let saved: Value = serde_json::from_str(&fs::read_to_string(repository.folder.join("ci.json")).unwrap()).unwrap();
    assert_eq!(printed, saved);
    let gates = |gate: &str| printed["checks"].as_array().unwrap().iter().filter(|check| check["gate"] == gate).count();
    assert_eq!(["statements", "plans", "work", "slo", "times"].map(gates), [2, 2, 2, 1, 2], "{printed:#}");
    assert_eq!(printed["against"]["name"], "main");
}

#[test]
fn what_cannot_run_says_what_to_do() {
    let repository = Repository::new();
    let refused = |arguments: &[&str]| {
        let output = repository.ci(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?} {}", out(&output));
        err(&output)
    };
    assert!(refused(&["--base-ref", "origin/mian"]).contains("git fetch"));
    assert!(refused(&["--baseline", "none.json"]).contains("--write-baseline"));
    assert!(refused(&["--junit", "no/folder.xml"]).contains("no folder"));
    assert!(refused(&["--accept", "GET /purchase/{customer}"]).contains("did you mean"));
    fs::write(repository.folder.join("other.json"), "{\"format\": 99}").unwrap();
    assert!(refused(&["--baseline", "other.json"]).contains("format 99"));
    fs::write(repository.folder.join("other.json"), "[1").unwrap();
    assert!(refused(&["--baseline", "other.json"]).contains("no JSON"));
}

#[test]
fn an_interrupted_run_leaves_no_checkout() {
    let repository = Repository::new();
    repository.change("schema.sql", "CREATE INDEX", "-- A comment.\nCREATE INDEX");
    let mut command = repository.command("perflab");
    command.args(["ci", "scenarios/shop.yaml", "--base-ref", "main", "--time", "20s"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let checkouts = || repository.git(&["worktree", "list"]).lines().count();
    let started = Instant::now();
    while checkouts() < 2 {
        assert!(started.elapsed() < Duration::from_secs(60), "nothing was checked out");
        std::thread::sleep(Duration::from_millis(20));
    }
    let id = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGINT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(checkouts(), 1);
}

#[test]
fn the_page_names_no_option_that_is_none() {
    let repository = Repository::new();
    let help = out(&repository.command("perflab").args(["ci", "--help"]).output().unwrap());
    let page = fs::read_to_string(docs("CI.md")).unwrap();
    let words = page.split(|c: char| c.is_whitespace() || "`|,()\"".contains(c));
    let options: Vec<&str> = words.filter(|word| word.starts_with("--") && word.len() > 3).collect();
    assert!(options.len() > 10, "{options:?}");
    for option in options {
        assert!(help.contains(option.split('=').next().unwrap()), "{option} is not in --help");
    }
    for script in ["ci/gate.sh", "ci/false-alarms.sh", "ci/regressions.sh"] {
        let output = Command::new("sh").arg("-n").arg(docs(script)).output().unwrap();
        assert!(output.status.success(), "{script}: {}", err(&output));
    }
}
