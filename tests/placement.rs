//! `--pin`: client and server stay where they were put as long as it is measured, and no longer.

#![cfg(target_os = "linux")]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Output;

use perflab::server::{ServerOptions, ensure, stop};
use serde_json::Value;

const SCENARIO: &str = "name: placed
endpoints:
  - {route: GET /one, sql: SELECT 1}
schema: schema.sql
data: {tables: {one: {rows: 1}}}
";

/// A server of its own, so that no other test is put on fewer processors.
struct Place {
    project: PathBuf,
    url: String,
}

impl Place {
    fn new() -> Place {
        let project = common::projects().join(format!("placed_{}", std::process::id()));
        fs::create_dir_all(&project).unwrap();
        let options = ServerOptions { cache: Some(common::fetch_cache()), ..ServerOptions::new(project.clone()) };
        let url = ensure(&options, &mut |_| {}).unwrap().url("postgres");
        fs::write(project.join("schema.sql"), "CREATE TABLE one (id int PRIMARY KEY);").unwrap();
        fs::write(project.join("placed.yaml"), SCENARIO).unwrap();
        Place { project, url }
    }

    fn bench(&self, arguments: &[&str]) -> Output {
        let mut command = common::perflab();
        command.current_dir(&self.project).env("DATABASE_URL", &self.url);
        command.args(["bench", "placed.yaml", "--time", "50ms", "--no-server-side", "--format", "json"]).args(arguments);
        command.output().unwrap()
    }

    fn placement(&self, arguments: &[&str]) -> Value {
        let output = self.bench(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<Value>(&output.stdout).unwrap()["placement"].clone()
    }

    /// What the server's first process may use.
    fn of_server(&self) -> String {
        let pid = fs::read_to_string(self.project.join(".perflab/pg15/server/data/postmaster.pid"))
            .or_else(|_| newest_pid_file(&self.project))
            .unwrap();
        allowed(pid.lines().next().unwrap().trim())
    }
}

/// Of a server of another version.
fn newest_pid_file(project: &std::path::Path) -> std::io::Result<String> {
    for version in fs::read_dir(project.join(".perflab"))? {
        if let Ok(text) = fs::read_to_string(version?.path().join("server/data/postmaster.pid")) {
            return Ok(text);
        }
    }
    Err(std::io::ErrorKind::NotFound.into())
}

fn allowed(process: &str) -> String {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap().trim().to_owned()
}

/// `0-2,5` as numbers.
fn processors(list: &str) -> BTreeSet<u32> {
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        first.parse::<u32>().unwrap()..=last.parse().unwrap()
    };
    list.split(',').flat_map(range).collect()
}

#[test]
fn client_and_server_are_put_where_they_are_wanted_and_put_back() {
    let place = Place::new();
    let before = place.of_server();
    let free = place.placement(&[]);
    assert_eq!(
        (&free["same_machine"], &free["server_cpus"], &free["pinned"]),
        (&true.into(), &before.as_str().into(), &Value::Null)
    );
    let same = place.placement(&["--pin", "same"]);
    assert_eq!((&same["pinned"], &same["client_cpus"]), (&"same".into(), &same["server_cpus"]), "{same}");
    assert!(same["client_cpus"].as_str().unwrap().parse::<u32>().is_ok(), "one processor: {same}");
    assert_eq!(place.of_server(), before);
    if std::thread::available_parallelism().unwrap().get() > 1 {
        let apart = place.placement(&["--pin", "apart"]);
        assert_eq!(apart["pinned"], "apart");
        let cpus = |side: &str| processors(apart[side].as_str().unwrap());
        assert!(cpus("client_cpus").is_disjoint(&cpus("server_cpus")), "{apart}");
    }
    assert_eq!(place.of_server(), before);
    let output = place.bench(&["--pin", "elsewhere"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("apart"), "{output:?}");
    stop(&place.project, &mut |_| {}).unwrap();
    let _ = fs::remove_dir_all(&place.project);
}
