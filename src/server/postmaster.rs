//! The server's own process: is the one that `postmaster.pid` names still there, and is it ours?
//!
//! A number in a file proves nothing: after a kill -9 or a reboot the number may belong to any process, and PostgreSQL itself
//! refuses to start when it belongs to one of the same user. The process is ours when it works in our data folder (`/proc`);
//! systems without `/proc` are asked for its name, and a doubt is decided for the process.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::ServerError;

/// A fast shutdown writes all that is dirty; on a slow disk that takes a while.
const FAST_STOP: Duration = Duration::from_secs(120);
/// After that, the server is told to leave without a checkpoint; it recovers at the next start.
const IMMEDIATE_STOP: Duration = Duration::from_secs(10);
/// How often a waiting loop looks again.
pub const TICK: Duration = Duration::from_millis(10);

/// The lines that we use of `postmaster.pid`, and of the lock file beside a socket, which begins alike (PostgreSQL source,
/// `src/include/utils/pidfile.h` and `CreateLockFile` in `miscinit.c`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PidFile {
    pub pid: i32,
    /// Absolute; `None` while the server has not opened its socket yet.
    pub socket_dir: Option<PathBuf>,
}

/// What the process of a `postmaster.pid` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Process {
    /// There is none; PostgreSQL sees that too and starts.
    Gone,
    /// The number belongs to something else now, or to what is left of a dead process.
    Stranger,
    Ours,
}

/// Reads `postmaster.pid` or a socket's lock file; `None` when there is none or it is not readable as one.
pub fn read_lock_file(file: &Path) -> Option<PidFile> {
    let text = fs::read_to_string(file).ok()?;
    let mut lines = text.lines();
    let pid = lines.next()?.trim().parse().ok().filter(|pid| *pid > 1)?;
    let socket_dir = lines.nth(3).filter(|line| line.starts_with('/')).map(PathBuf::from);
    Some(PidFile { pid, socket_dir })
}

/// Judges the process with that number.
pub fn inspect(pid: i32, data_dir: &Path) -> Process {
    if matches!(kill(Pid::from_raw(pid), None), Err(Errno::ESRCH)) {
        return Process::Gone;
    }
    if !has_proc() {
        return if looks_like_postgres(pid) { Process::Ours } else { Process::Stranger };
    }
    let same_owner = || match (fs::metadata(format!("/proc/{pid}")), fs::metadata(data_dir)) {
        (Ok(process), Ok(data)) => process.uid() == data.uid(),
        _ => false,
    };
    match works_in(pid, data_dir) {
        Ok(true) => Process::Ours,
        Ok(false) => Process::Stranger,
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied && same_owner() => Process::Ours,
        Err(_) => Process::Stranger,
    }
}

/// Processes that work in the data folder: after the death of the postmaster, its orphans on their way out. Empty where there is
/// no `/proc`.
pub fn survivors(data_dir: &Path) -> Vec<i32> {
    processes().filter(|pid| works_in(*pid, data_dir).unwrap_or(false)).collect()
}

/// Every process that `/proc` shows.
fn processes() -> impl Iterator<Item = i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// The lock file beside a socket.
pub fn socket_lock(socket: &Path) -> PathBuf {
    socket.with_file_name(format!("{}.lock", socket.file_name().unwrap_or_default().to_string_lossy()))
}

/// Ends servers whose data folder was removed under them, as by an `rm -rf .perflab`. They would end by themselves within a
/// minute, when they notice, and then take the socket of their successor with them.
pub fn end_removed(data_dir: &Path) {
    let removed = || {
        let place = |pid: &i32| fs::read_link(format!("/proc/{pid}/cwd")).unwrap_or_default();
        let was_here =
            |place: &Path| place.to_str().and_then(|place| place.strip_suffix(" (deleted)")).map(Path::new) == Some(data_dir);
        processes().filter(|pid| was_here(&place(pid))).collect::<Vec<_>>()
    };
    let pids = removed();
    for pid in &pids {
        let _ = kill(Pid::from_raw(*pid), Signal::SIGQUIT);
    }
    if !pids.is_empty() {
        wait_until(IMMEDIATE_STOP, || removed().is_empty());
    }
}

/// Stops the server: fast (sessions are ended, a checkpoint is written), then, if that takes too long, immediately.
///
/// # Errors
/// It is still there afterwards.
pub fn stop(pid: i32, data_dir: &Path, log: &Path) -> Result<(), ServerError> {
    for (signal, patience) in [(Signal::SIGINT, FAST_STOP), (Signal::SIGQUIT, IMMEDIATE_STOP)] {
        // The process may be gone already, or be another user's; the loop below tells.
        let _ = kill(Pid::from_raw(pid), signal);
        if wait_until(patience, || inspect(pid, data_dir) != Process::Ours) {
            return Ok(());
        }
    }
    Err(ServerError::Stop { pid, seconds: (FAST_STOP + IMMEDIATE_STOP).as_secs(), log: log.to_owned() })
}

/// Looks every [`TICK`] until `done` or out of patience; says whether it is done.
pub fn wait_until(patience: Duration, mut done: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + patience;
    loop {
        if done() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        std::thread::sleep(TICK);
    }
}

fn has_proc() -> bool {
    Path::new("/proc/self/cwd").exists()
}

/// Compares folders and not their names, so that a project that was moved while its server runs still knows it.
fn works_in(pid: i32, data_dir: &Path) -> std::io::Result<bool> {
    let (process, data) = (fs::metadata(format!("/proc/{pid}/cwd"))?, fs::metadata(data_dir)?);
    Ok((process.dev(), process.ino()) == (data.dev(), data.ino()))
}

fn looks_like_postgres(pid: i32) -> bool {
    match Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).output() {
        Ok(output) => String::from_utf8_lossy(&output.stdout).contains("postgres"),
        Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::super::scratch::Scratch;
    use super::*;

    #[test]
    fn the_lines_of_the_file() {
        let scratch = Scratch::new("pid");
        let write = |text: &str| fs::write(scratch.path().join("postmaster.pid"), text).unwrap();
        assert_eq!(read_lock_file(&scratch.path().join("postmaster.pid")), None);
        write("4711\n/data\n1700000000\n5432\n/run/dir\n\n  1 2\nready   \n");
        assert_eq!(
            read_lock_file(&scratch.path().join("postmaster.pid")),
            Some(PidFile { pid: 4711, socket_dir: Some("/run/dir".into()) })
        );
        write("4711\n/data\n1700000000\n");
        assert_eq!(read_lock_file(&scratch.path().join("postmaster.pid")), Some(PidFile { pid: 4711, socket_dir: None }));
        for broken in ["", "-1\n", "1\n", "x\n"] {
            write(broken);
            assert_eq!(read_lock_file(&scratch.path().join("postmaster.pid")), None, "{broken:?}");
        }
    }

    #[test]
    fn a_number_that_belongs_to_another_process_is_not_ours() {
        let scratch = Scratch::new("stranger");
        let me = i32::try_from(std::process::id()).unwrap();
        assert_eq!(inspect(me, scratch.path()), Process::Stranger);
        let mut child = Command::new("sleep").arg("60").current_dir(scratch.path()).spawn().unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        if has_proc() {
            assert!(wait_until(Duration::from_secs(10), || inspect(pid, scratch.path()) == Process::Ours));
            assert_eq!(survivors(scratch.path()), [pid]);
        }
        child.kill().unwrap();
        // Not waited for: what is left of it still has the number.
        assert!(wait_until(Duration::from_secs(10), || inspect(pid, scratch.path()) == Process::Stranger));
        child.wait().unwrap();
        assert_eq!(inspect(pid, scratch.path()), Process::Gone);
    }
}
