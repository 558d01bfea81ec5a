//! The embedded server against real PostgreSQL: found or fetched, started once, kept, and there again after any accident.

mod common;

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid, getpgid, getpgrp};
use perflab::server::{Client, Event, RunningServer, Search, ServerError, ServerOptions, ServerState, ensure, status, stop};
use sqlx::{Connection, PgConnection};

/// A project folder with a server of its own, stopped and removed at the end of the test.
struct Project {
    folder: PathBuf,
}

impl Project {
    fn new(name: &str) -> Project {
        common::watchdog::join_the_run();
        let folder = common::projects().join(name);
        let project = Project { folder };
        project.remove();
        fs::create_dir_all(&project.folder).unwrap();
        project
    }

    fn options(&self) -> ServerOptions {
        ServerOptions { cache: Some(common::fetch_cache()), ..ServerOptions::new(&self.folder) }
    }

    fn ensure(&self) -> (RunningServer, Vec<Event>) {
        let mut events = Vec::new();
        // Where the build's own folder is closed to the server's user, every project is relocated.
        let mut note = |event| events.extend(Some(event).filter(|event| !matches!(event, Event::Relocated { .. })));
        let server = ensure(&self.options(), &mut note);
        (server.unwrap_or_else(|error| panic!("{error}")), events)
    }

    fn pid(&self) -> i32 {
        match &status(&self.folder).unwrap()[..] {
            [one] => match one.state {
                ServerState::Running { pid, .. } => pid,
                ref other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    /// The only cluster's folder, wherever it is.
    fn data_dir(&self) -> PathBuf {
        status(&self.folder).unwrap()[0].data_dir.clone()
    }

    fn remove(&self) {
        let _ = stop(&self.folder, &mut |_| {});
        if let Ok(place) = fs::read_to_string(self.folder.join(".perflab/place")) {
            let _ = fs::remove_dir_all(place.trim());
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        self.remove();
    }
}

/// Runs the statements in one session; returns the text of the last one's only value.
fn ask(server: &RunningServer, statements: &[&'static str]) -> Option<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut session = PgConnection::connect(&server.url("postgres")).await.unwrap();
        let (last, first) = statements.split_last().unwrap();
        for statement in first {
            sqlx::raw_sql(*statement).execute(&mut session).await.unwrap();
        }
        let value = sqlx::query_scalar(*last).fetch_one(&mut session).await.unwrap();
        session.close().await.unwrap();
        value
    })
}

fn setting<'a>(server: &'a RunningServer, name: &str) -> &'a str {
    &server.settings.iter().find(|setting| setting.name == name).unwrap_or_else(|| panic!("no {name}")).value
}

#[test]
fn a_second_call_finds_the_server_of_the_first() {
    let project = Project::new("twice");
    let (first, events) = project.ensure();
    assert!(first.started_now);
    assert!(matches!(events[..], [Event::Initialising { .. }, Event::Starting { .. }]), "{events:?}");
    let pid = project.pid();
    let (second, events) = project.ensure();
    assert_eq!((second, events), (RunningServer { started_now: false, ..first.clone() }, vec![]));
    assert_eq!(project.pid(), pid);
    assert_eq!(ask(&first, &["SHOW listen_addresses"]).unwrap(), "");
    assert_eq!(ask(&first, &["SELECT current_user::text"]).unwrap(), first.user);
    assert_ne!(fs::metadata(&first.data_dir).unwrap().uid(), 0, "the data is root's");
    assert_eq!(fs::metadata(&first.socket_dir).unwrap().mode() & 0o777, 0o700);
    assert_eq!(fs::read_to_string(project.folder.join(".perflab/.gitignore")).unwrap(), "*\n");
    // A Ctrl-C goes to the process group of the terminal.
    assert_ne!(getpgid(Some(Pid::from_raw(pid))).unwrap(), getpgrp());
}

#[test]
fn status_and_stop() {
    let project = Project::new("stop");
    assert_eq!(status(&project.folder).unwrap(), []);
    assert_eq!(stop(&project.folder, &mut |_| {}).unwrap(), []);
    let (server, _) = project.ensure();
    let running = status(&project.folder).unwrap();
    let ServerState::Running { version, url, sessions, .. } = &running[0].state else { panic!("{running:?}") };
    assert_eq!((version, url, *sessions), (&server.version, &server.url("postgres"), 0));
    assert_eq!(stop(&project.folder, &mut |_| {}).unwrap(), running);
    assert_eq!(status(&project.folder).unwrap()[0].state, ServerState::Stopped);
    assert!(!server.socket_dir.join(".s.PGSQL.5432").exists());
    let (again, events) = project.ensure();
    assert!(again.started_now);
    assert!(matches!(events[..], [Event::Starting { .. }]), "{events:?}");
}

#[test]
fn what_was_committed_survives_a_kill_of_the_server() {
    let project = Project::new("killed");
    let (server, _) = project.ensure();
    ask(&server, &["CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (7)", "SELECT 'done'"]);
    kill(Pid::from_raw(project.pid()), Signal::SIGKILL).unwrap();
    let (server, events) = project.ensure();
    assert!(server.started_now);
    assert!(matches!(events[..], [Event::Recovered { .. }, Event::Starting { .. }]), "{events:?}");
    assert_eq!(ask(&server, &["SELECT n::text FROM kept"]).unwrap(), "7");
}

#[test]
fn a_stopped_process_is_replaced() {
    let project = Project::new("silent");
    let (server, _) = project.ensure();
    fs::remove_file(server.socket_dir.join(".s.PGSQL.5432")).unwrap();
    let (server, events) = project.ensure();
    assert!(
        matches!(&events[..], [Event::Recovered { what }, Event::Starting { .. }] if what.contains("did not answer")),
        "{events:?}"
    );
    assert_eq!(ask(&server, &["SELECT 'here'"]).unwrap(), "here");
}

/// After a reboot the number in `postmaster.pid` can be any process's; PostgreSQL refuses to start when that one runs as the same user.
#[test]
fn a_recycled_process_number_does_not_fool_us() {
    let project = Project::new("recycled");
    let (server, _) = project.ensure();
    let pid_file = server.data_dir.join("postmaster.pid");
    let text = fs::read_to_string(&pid_file).unwrap();
    stop(&project.folder, &mut |_| {}).unwrap();
    let owner = fs::metadata(&server.data_dir).unwrap();
    let mut sleep = Command::new("sleep");
    sleep.arg("600").current_dir("/");
    if geteuid().is_root() {
        sleep.uid(owner.uid()).gid(owner.gid());
    }
    let mut stranger = sleep.spawn().unwrap();
    let rest = text.split_once('\n').unwrap().1;
    fs::write(&pid_file, format!("{}\n{rest}", stranger.id())).unwrap();
    std::os::unix::fs::chown(&pid_file, Some(owner.uid()), Some(owner.gid())).unwrap();
    let result = ensure(&project.options(), &mut |_| {});
    let alive = stranger.try_wait().unwrap().is_none();
    stranger.kill().unwrap();
    stranger.wait().unwrap();
    assert!(result.unwrap().started_now);
    assert!(alive, "a process that is not ours was killed");
}

#[test]
fn a_kill_during_initdb_leaves_nothing_in_the_way() {
    let project = Project::new("halfway");
    let child = || {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "killed_by_the_test_above", "--include-ignored"]).env("PERFLAB_TEST_PROJECT", &project.folder);
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap()
    };
    // From before initdb to while the server starts.
    for milliseconds in [30, 150, 400, 700] {
        let mut perflab = child();
        std::thread::sleep(std::time::Duration::from_millis(milliseconds));
        perflab.kill().unwrap();
        perflab.wait().unwrap();
    }
    let (server, _) = project.ensure();
    assert_eq!(ask(&server, &["SELECT 'whole'"]).unwrap(), "whole");
}

/// Not a test by itself: what the test above starts and kills.
#[test]
fn killed_by_the_test_above() {
    if let Some(project) = std::env::var_os("PERFLAB_TEST_PROJECT") {
        let _ = ensure(&ServerOptions::new(project), &mut |_| {});
    }
}

#[test]
fn a_half_removed_cluster_is_set_aside() {
    let project = Project::new("half-removed");
    project.ensure();
    let data_dir = project.data_dir();
    fs::remove_file(data_dir.join("global/pg_control")).unwrap();
    let (server, events) = project.ensure();
    assert!(matches!(&events[..], [Event::SetAside { .. }, Event::Initialising { .. }, Event::Starting { .. }]), "{events:?}");
    assert_eq!(ask(&server, &["SELECT 'new'"]).unwrap(), "new");
}

#[test]
fn a_server_whose_folder_was_removed_is_replaced() {
    let project = Project::new("removed");
    let (server, _) = project.ensure();
    let pid = project.pid();
    fs::remove_dir_all(server.data_dir.ancestors().nth(2).unwrap()).unwrap();
    let (server, _) = project.ensure();
    assert!(fs::metadata(format!("/proc/{pid}/cwd")).is_err(), "the server without a folder still runs");
    assert_eq!(ask(&server, &["SELECT 'next'"]).unwrap(), "next");
}

#[test]
fn two_at_once_get_one_server() {
    let project = Project::new("at-once");
    let both = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| project.ensure().0)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(both.iter().filter(|server| server.started_now).count(), 1);
    assert!(both.iter().all(|server| server.socket_dir == both[0].socket_dir));
}

#[test]
fn a_long_project_path_gets_a_short_socket() {
    let project = Project::new(&"a long name ".repeat(12));
    let (server, _) = project.ensure();
    assert!(!server.socket_dir.starts_with(&project.folder), "{}", server.socket_dir.display());
    assert_eq!(ask(&server, &["SELECT 'short'"]).unwrap(), "short");
    assert!(!project.ensure().0.started_now);
    stop(&project.folder, &mut |_| {}).unwrap();
    fs::remove_dir(&server.socket_dir).unwrap();
}

#[test]
fn a_project_that_the_server_cannot_enter_works_all_the_same() {
    let project = Project::new("closed");
    fs::set_permissions(&project.folder, Permissions::from_mode(0o700)).unwrap();
    let (server, _) = project.ensure();
    assert_eq!(server.data_dir.starts_with(project.folder.canonicalize().unwrap()), !geteuid().is_root());
    assert_eq!(ask(&server, &["SELECT 'open'"]).unwrap(), "open");
    assert_eq!(project.data_dir(), server.data_dir);
}

#[test]
fn other_settings_restart_a_server_that_nobody_uses() {
    let project = Project::new("settings");
    let (server, _) = project.ensure();
    for durable in ["fsync", "synchronous_commit", "full_page_writes"] {
        assert_eq!(setting(&server, durable), "on");
    }
    assert_eq!(setting(&server, "checkpoint_timeout"), "30min");
    let unsafe_options = ServerOptions {
        overrides: Some(BTreeMap::from([("fsync".to_owned(), "off".to_owned()), ("work_mem".to_owned(), "5MB".to_owned())])),
        ..project.options()
    };
    let busy = in_a_session(&server, || ensure(&unsafe_options, &mut |_| {}));
    assert!(matches!(&busy, Err(ServerError::Busy { sessions: 1, changed }) if changed.contains("fsync")), "{busy:?}");

    let mut events = Vec::new();
    let changed = ensure(&unsafe_options, &mut |event| events.push(event)).unwrap();
    assert!(matches!(&events[..], [Event::Restarting { .. }, Event::Starting { .. }]), "{events:?}");
    assert_eq!((setting(&changed, "fsync"), setting(&changed, "work_mem")), ("off", "5MB"));

    let as_it_is = ensure(&ServerOptions { overrides: None, ..project.options() }, &mut |event| panic!("{event}")).unwrap();
    assert_eq!(as_it_is, RunningServer { started_now: false, ..changed });
    assert_eq!(setting(&project.ensure().0, "fsync"), "on");
}

fn in_a_session<T>(server: &RunningServer, work: impl FnOnce() -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let session = runtime.block_on(PgConnection::connect(&server.url("postgres"))).unwrap();
    let result = work();
    runtime.block_on(session.close()).unwrap();
    result
}

#[test]
fn a_setting_that_postgresql_refuses_is_shown_in_its_own_words() {
    let project = Project::new("refused");
    let overrides = BTreeMap::from([("no_such_setting".to_owned(), "1".to_owned())]);
    let options = ServerOptions { overrides: Some(overrides), ..project.options() };
    let error = ensure(&options, &mut |_| {}).unwrap_err().to_string();
    assert!(error.contains("no_such_setting"), "{error}");
    assert!(project.ensure().0.started_now);
}

#[test]
fn a_missing_server_is_fetched_with_npm() {
    let project = Project::new("npm");
    let server = fetched_with(&project, Client::Npm, 18);
    assert!(server.version.starts_with("18."), "{}", server.version);
    // Contrib is in the package, and preloaded.
    let sql = "SELECT count(*)::text FROM pg_available_extensions WHERE name IN ('pg_stat_statements', 'pg_trgm')";
    assert_eq!(ask(&server, &[sql]).unwrap(), "2");
    assert_eq!(setting(&server, "shared_preload_libraries"), "pg_stat_statements");
}

#[test]
fn a_missing_server_is_fetched_with_pip() {
    let project = Project::new("pip");
    let server = fetched_with(&project, Client::Pip, 16);
    assert!(server.version.starts_with("16."), "{}", server.version);
    assert_eq!(ask(&server, &["SELECT 'from a wheel'"]).unwrap(), "from a wheel");
}

/// As on a machine without a server: PATH and the usual folders are not looked at. The majors differ, as the one must not find what the
/// other has fetched.
fn fetched_with(project: &Project, client: Client, major: u32) -> RunningServer {
    let options = ServerOptions { search: Search::Nowhere, clients: vec![client], major: Some(major), ..project.options() };
    let server = ensure(&options, &mut |event| eprintln!("{event}")).unwrap_or_else(|error| panic!("{error}"));
    let fetched_again = ServerOptions { allow_fetch: false, clients: vec![], ..options };
    let second = ensure(&fetched_again, &mut |event| panic!("fetched or started twice: {event}")).unwrap();
    assert_eq!(second.bin_dir, server.bin_dir);
    assert!(Path::new(&server.bin_dir).join("postgres").is_file());
    server
}

#[test]
fn without_a_server_or_a_client_the_error_says_what_to_type() {
    let project = Project::new("nothing");
    let nowhere = ServerOptions {
        search: Search::Nowhere,
        clients: vec![],
        cache: Some(project.folder.join("cache")),
        major: Some(17),
        ..project.options()
    };
    insta::assert_snapshot!("no_client", ensure(&nowhere, &mut |_| {}).unwrap_err());
    let refused = ServerOptions { allow_fetch: false, ..nowhere.clone() };
    insta::assert_snapshot!("no_fetch", ensure(&refused, &mut |_| {}).unwrap_err());
    let wrong = ServerOptions { pg_bin: Some("/".into()), ..nowhere };
    insta::assert_snapshot!("wrong_folder", ensure(&wrong, &mut |_| {}).unwrap_err());
}

#[test]
fn every_test_gets_an_empty_database_that_goes_with_it() {
    let count = || ask(common::test_server(), &["SELECT count(*)::text FROM pg_database WHERE datname = 'template1'"]);
    assert_eq!(count().unwrap(), "1");
    let (one, other) = (common::TestDatabase::new(), common::TestDatabase::new());
    assert_ne!(one.name, other.name);
    let name: &'static str = Box::leak(format!("SELECT count(*)::text FROM pg_database WHERE datname = '{}'", one.name).into());
    assert_eq!(ask(common::test_server(), &[name]).unwrap(), "1");
    drop(one);
    assert_eq!(ask(common::test_server(), &[name]).unwrap(), "0");
}
