//! What the tests that need a database share: one server per test run, a fresh database per test, the real binary.
//!
//! The server is perflab's own embedded one, in the folder for temporary files of the build. The first test that asks starts
//! it, all test binaries use it, and [`watchdog`] stops it when no test process is left, however they ended.

// Each test binary uses its own part of this.
#![allow(dead_code)]

mod database;
pub mod shop;
pub mod watchdog;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use perflab::server::{RunningServer, ServerOptions, ensure};

#[allow(unused_imports)]
pub use database::TestDatabase;

/// The folder that the tests of all binaries may write in; kept between runs.
pub fn target_folder() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

/// Holds the project folders of all servers that tests start; the watchdog stops what is left in it.
pub fn projects() -> PathBuf {
    target_folder().join("projects")
}

/// The server of this test run, started or fetched by the first test that asks.
pub fn test_server() -> &'static RunningServer {
    static SERVER: OnceLock<RunningServer> = OnceLock::new();
    SERVER.get_or_init(|| {
        watchdog::join_the_run();
        let project = projects().join("shared");
        std::fs::create_dir_all(&project).expect("make the shared server's folder");
        let options = ServerOptions { cache: Some(fetch_cache()), ..ServerOptions::new(project) };
        let server = ensure(&options, &mut |event| eprintln!("test server: {event}")).unwrap_or_else(|error| panic!("{error}"));
        database::drop_abandoned(&server);
        server
    })
}

/// Where fetched servers are kept for the tests, so that only the first run downloads.
pub fn fetch_cache() -> PathBuf {
    target_folder().join("fetched")
}

/// The `perflab` binary of this build, in an environment that does not depend on the developer's.
pub fn perflab() -> assert_cmd::Command {
    assert_cmd::Command::from_std(clean(Command::new(env!("CARGO_BIN_EXE_perflab"))))
}

/// Takes away what would change the behaviour or the output of a program of ours or of PostgreSQL's.
pub fn clean(mut command: Command) -> Command {
    let steering = |name: &str| {
        let prefixes = ["PERFLAB_", "PG", "LC_", "CLICOLOR", "RUST_"];
        let names = ["DATABASE_URL", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "LANG", "LANGUAGE", "TERM"];
        prefixes.iter().any(|prefix| name.starts_with(prefix)) || names.contains(&name)
    };
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(steering)) {
        command.env_remove(name);
    }
    command
}
