//! Stops the servers of the tests when the last test process is gone.
//!
//! Every test process that uses the server holds a shared lock on one file for as long as it lives; the system lets go of it
//! however the process ends. The watchdog is the test binary itself, started again for nothing but the test below, detached from
//! the terminal: when it can have that lock for itself, twice with a pause between, nobody is left. It keeps the lock while it
//! stops the server, so a run that begins at that moment waits and then starts the server again.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::{projects, target_folder};

/// Tells the started test binary that it is the watchdog.
const DUTY: &str = "PERFLAB_TEST_WATCHDOG";
/// Between the processes of one `cargo test` there are such gaps; longer ones only cost another start.
const PAUSE: Duration = Duration::from_secs(2);

/// Counts this process among the users of the shared server and sees to it that a watchdog is on duty.
pub fn join_the_run() {
    static USER: OnceLock<File> = OnceLock::new();
    USER.get_or_init(|| {
        let users = lock_file("users");
        users.lock_shared().expect("join the users of the shared server");
        if let Ok(()) = lock_file("watchdog").try_lock() {
            start();
        }
        users
    });
}

#[expect(clippy::zombie_processes, reason = "it outlives us on purpose")]
fn start() {
    let mut command = Command::new(std::env::current_exe().expect("this test binary"));
    command.args(["--exact", "common::watchdog::the_shared_server_is_watched", "--test-threads=1"]).env(DUTY, "on");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    command.spawn().expect("start the watchdog");
}

/// The watchdog's work; returns when it has stopped the servers.
fn watch() {
    // A second watchdog waits here, and finds nothing to do.
    let duty = lock_file("watchdog");
    duty.lock().expect("take the watchdog's place");
    let users = lock_file("users");
    loop {
        std::thread::sleep(PAUSE / 4);
        if users.try_lock().is_err() {
            continue;
        }
        users.unlock().expect("let users in");
        std::thread::sleep(PAUSE);
        if users.try_lock().is_ok() {
            stop_all();
            drop(duty); // before the users may come in again, so that the next run starts a watchdog of its own
            return;
        }
    }
}

/// Stops the shared server and those of tests that were killed before they could stop their own.
fn stop_all() {
    for project in std::fs::read_dir(projects()).into_iter().flatten().flatten() {
        let _ = perflab::server::stop(&project.path(), &mut |_| {});
    }
}

fn lock_file(name: &str) -> File {
    let path = target_folder().join(format!("shared-server.{name}"));
    OpenOptions::new().create(true).truncate(false).write(true).open(path).expect("open a lock file of the tests")
}

/// The watchdog's way in; for everybody else, the test that there is one.
#[test]
fn the_shared_server_is_watched() {
    if std::env::var_os(DUTY).is_some() {
        return watch();
    }
    super::test_server();
    let deadline = Instant::now() + Duration::from_secs(10);
    while !matches!(lock_file("watchdog").try_lock(), Err(TryLockError::WouldBlock)) {
        assert!(Instant::now() < deadline, "no watchdog came");
        std::thread::sleep(Duration::from_millis(20));
    }
}
