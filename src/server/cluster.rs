//! One cluster on disk: made, started, stopped, and judged after whatever happened to it.
//!
//! Making goes into a folder of another name that is renamed when initdb is done, so a data folder is there completely or not
//! at all. Before that, and after a kill -9 of perflab, of the server or of both, [`Cluster::observe`] says what is there and
//! the next start clears what is in the way.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::home::{make_folder, make_private_folder};
use super::locate::Binaries;
use super::postmaster::{self, PidFile, Process, TICK, socket_lock};
use super::socket::socket_file;
use super::user::ServerUser;
use super::wire::{Session, WireError};
use super::{Event, ServerError};

/// The superuser of every cluster; what dumps and tutorials expect it to be called.
pub const SUPERUSER: &str = "postgres";

/// Time for a start with crash recovery: the log is at most some gigabytes.
const START_PATIENCE: Duration = Duration::from_secs(300);
/// Time for a process that is there to open its socket.
const SOCKET_PATIENCE: Duration = Duration::from_secs(5);
/// Time for the children of a killed server to notice and leave.
const ORPHAN_PATIENCE: Duration = Duration::from_secs(20);
/// Begins the name of a data folder that initdb has not finished.
const UNFINISHED: &str = "unfinished-";
/// Lines of a log shown in an error.
const TAIL_LINES: usize = 12;

/// The cluster of one major version.
pub struct Cluster<'a> {
    dir: PathBuf,
    user: &'a ServerUser,
}

/// What there is of a cluster.
pub enum State {
    /// No complete data folder.
    Absent,
    Stopped,
    /// No server, but the `postmaster.pid` of one that was killed.
    Killed,
    /// Our process, which does not open its socket.
    Silent {
        pid: i32,
    },
    Answers {
        pid: i32,
        socket_dir: PathBuf,
        session: Session,
    },
}

impl<'a> Cluster<'a> {
    pub fn new(dir: PathBuf, user: &'a ServerUser) -> Self {
        Cluster { dir, user }
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub fn data_dir(&self) -> PathBuf {
        self.dir.join("server/data")
    }

    pub fn log(&self) -> PathBuf {
        self.dir.join("server/server.log")
    }

    fn settings_file(&self) -> PathBuf {
        self.dir.join("settings.conf")
    }

    /// The settings file of the last start; empty when there was none.
    pub fn current_settings(&self) -> String {
        fs::read_to_string(self.settings_file()).unwrap_or_default()
    }

    /// Finds out what is there, waiting for a server that is starting or recovering.
    ///
    /// # Errors
    /// A server is there and refuses us.
    pub fn observe(&self) -> Result<State, ServerError> {
        let data_dir = self.data_dir();
        if !["PG_VERSION", "global/pg_control", "postgresql.conf"].iter().all(|file| data_dir.join(file).exists()) {
            return Ok(State::Absent);
        }
        let Some(pid_file) = postmaster::read_lock_file(&data_dir.join("postmaster.pid")) else { return Ok(State::Stopped) };
        match postmaster::inspect(pid_file.pid, &data_dir) {
            Process::Gone | Process::Stranger => Ok(State::Killed),
            Process::Ours => self.wait_for_answer(pid_file.pid),
        }
    }

    fn wait_for_answer(&self, pid: i32) -> Result<State, ServerError> {
        let data_dir = self.data_dir();
        let (mut silent, mut starting) = (Duration::ZERO, Duration::ZERO);
        while silent < SOCKET_PATIENCE && starting < START_PATIENCE {
            if postmaster::inspect(pid, &data_dir) != Process::Ours {
                return Ok(State::Killed);
            }
            match postmaster::read_lock_file(&data_dir.join("postmaster.pid")).and_then(|file| file.socket_dir) {
                None => silent += TICK,
                Some(socket_dir) => match Session::open(&socket_file(&socket_dir), SUPERUSER, "postgres") {
                    Ok(session) => return Ok(State::Answers { pid, socket_dir, session }),
                    Err(error) if error.is_not_yet() => starting += TICK,
                    Err(WireError::Unreachable(_)) => silent += TICK,
                    Err(error) => return Err(answer_error(&socket_dir, &error)),
                },
            }
            std::thread::sleep(TICK);
        }
        Ok(State::Silent { pid })
    }

    /// Makes the data folder.
    ///
    /// # Errors
    /// initdb fails; its words are in the error.
    pub fn initialise(&self, binaries: &Binaries, events: &mut dyn FnMut(Event)) -> Result<(), ServerError> {
        make_folder(&self.dir, self.user)?;
        let server = self.dir.join("server");
        make_private_folder(&server, self.user)?;
        // Named for this process: the initdb of a perflab that was killed works on in its own folder for a moment.
        let (data_dir, fresh) = (self.data_dir(), server.join(format!("{UNFINISHED}{}", std::process::id())));
        if data_dir.exists() {
            self.set_aside(&data_dir, events)?;
        }
        remove_unfinished(&server);
        events(Event::Initialising {
            version: binaries.version.clone(),
            data_dir: data_dir.clone(),
            user: self.user.other().map(str::to_owned),
        });
        let program = binaries.dir.join("initdb");
        let mut command = self.user.command(&program);
        command.arg("-D").arg(&fresh).args(["-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--locale=C"]);
        // Not flushed, which is half of its time: a machine that loses power in the next half minute loses an empty cluster.
        command.arg("--no-sync");
        run(&program, &mut command)?;
        self.include_settings(&fresh)?;
        fs::rename(&fresh, &data_dir).map_err(ServerError::file("put in place", &data_dir))
    }

    /// Has the server read our settings file after its own. The path is relative, so that a project can be moved.
    fn include_settings(&self, fresh: &Path) -> Result<(), ServerError> {
        let script = "printf \"\\ninclude '../../settings.conf'\\n\" >> \"$1/postgresql.conf\"";
        let mut command = self.user.command("/bin/sh");
        command.args(["-c", script, "sh"]).arg(fresh);
        run(Path::new("/bin/sh"), &mut command)
    }

    /// Moves an incomplete data folder out of the way, after whatever still works in it has ended.
    fn set_aside(&self, data_dir: &Path, events: &mut dyn FnMut(Event)) -> Result<(), ServerError> {
        for pid in postmaster::survivors(data_dir) {
            let _ = kill(Pid::from_raw(pid), Signal::SIGQUIT);
        }
        postmaster::wait_until(ORPHAN_PATIENCE, || postmaster::survivors(data_dir).is_empty());
        let to = data_dir.with_extension("broken");
        remove_if_there(&to)?;
        fs::rename(data_dir, &to).map_err(ServerError::file("move aside", data_dir))?;
        events(Event::SetAside { from: data_dir.to_owned(), to });
        Ok(())
    }

    /// Starts the server with these settings and waits until it answers.
    ///
    /// # Errors
    /// It does not start; the end of its log is in the error.
    pub fn start(&self, binaries: &Binaries, settings: &str, socket_dir: &Path) -> Result<State, ServerError> {
        self.clear_leftovers(socket_dir)?;
        let settings_file = self.settings_file();
        let fresh = settings_file.with_extension("new");
        fs::write(&fresh, settings).map_err(ServerError::file("write", &fresh))?;
        fs::set_permissions(&fresh, Permissions::from_mode(0o644)).map_err(ServerError::file("set the mode of", &fresh))?;
        fs::rename(&fresh, &settings_file).map_err(ServerError::file("write", &settings_file))?;
        self.keep_one_old_log();

        // A file and not a pipe: a pipe would be held open by the server for as long as it runs.
        let words_file = self.dir.join("pg_ctl.out");
        let words = File::create(&words_file).map_err(ServerError::file("write", &words_file))?;
        let more_words = words.try_clone().map_err(ServerError::file("write", &words_file))?;
        let program = binaries.dir.join("pg_ctl");
        let mut command = self.user.command(&program);
        command.args(["start", "-s", "-w", "-t", &START_PATIENCE.as_secs().to_string(), "-D"]).arg(self.data_dir());
        command.arg("-l").arg(self.log()).stdout(words).stderr(more_words);
        let status = command.status().map_err(ServerError::spawn(&program))?;
        match self.observe()? {
            answers @ State::Answers { .. } if status.success() => Ok(answers),
            _ => Err(ServerError::Start {
                version: binaries.version.clone(),
                tail: format!("{}{}", tail_of(&self.log()), tail_of(&words_file)),
                log: self.log(),
            }),
        }
    }

    /// Clears what a killed server left behind. Children that outlive it must be gone first, as they still write. Then its
    /// lock files go: PostgreSQL would not start if their number is another process's now, or that of a process nobody reaps.
    fn clear_leftovers(&self, socket_dir: &Path) -> Result<(), ServerError> {
        let data_dir = self.data_dir();
        postmaster::end_removed(&data_dir);
        if !postmaster::wait_until(ORPHAN_PATIENCE, || postmaster::survivors(&data_dir).is_empty()) {
            return Ok(()); // PostgreSQL sees them too, and says it best
        }
        let dead = |file: &PidFile| postmaster::inspect(file.pid, &data_dir) != Process::Ours;
        for lock_file in [data_dir.join("postmaster.pid"), socket_lock(&socket_file(socket_dir))] {
            if postmaster::read_lock_file(&lock_file).as_ref().is_some_and(dead) {
                fs::remove_file(&lock_file).map_err(ServerError::file("remove", &lock_file))?;
            }
        }
        Ok(())
    }

    /// One log per start and the one before, so that a log does not grow for months. That it stays is no reason not to start.
    fn keep_one_old_log(&self) {
        let _ = fs::rename(self.log(), self.log().with_extension("log.old"));
    }

    pub fn stop(&self, pid: i32) -> Result<(), ServerError> {
        postmaster::stop(pid, &self.data_dir(), &self.log())
    }
}

/// For `map_err` of a query on a session of the server in `socket_dir`.
pub fn answer_error(socket_dir: &Path, error: &WireError) -> ServerError {
    ServerError::Answer { socket: socket_file(socket_dir), reason: error.to_string() }
}

/// Runs a program to its end; its output is only for the error.
pub fn run(program: &Path, command: &mut Command) -> Result<(), ServerError> {
    let output = command.stdin(Stdio::null()).output().map_err(ServerError::spawn(program))?;
    if output.status.success() {
        return Ok(());
    }
    let words = [output.stdout, output.stderr].concat();
    Err(ServerError::Program {
        program: program.to_owned(),
        status: output.status.to_string(),
        output: last_lines(&String::from_utf8_lossy(&words)),
    })
}

/// The last lines of a text, each ended.
pub fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].iter().map(|line| format!("  {line}\n")).collect()
}

fn tail_of(file: &Path) -> String {
    last_lines(&String::from_utf8_lossy(&fs::read(file).unwrap_or_default()))
}

/// Removes what killed attempts left. One that still grows may resist; it is nobody's and stays for the next time.
fn remove_unfinished(server: &Path) {
    for entry in fs::read_dir(server).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(|name| name.starts_with(UNFINISHED)) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn remove_if_there(dir: &Path) -> Result<(), ServerError> {
    match fs::remove_dir_all(dir) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(ServerError::File { action: "remove", path: dir.to_owned(), source })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_log_is_what_counts() {
        let log: String = (0..40).map(|line| format!("line {line}\n\n")).collect();
        let tail = last_lines(&log);
        assert_eq!(tail.lines().count(), TAIL_LINES);
        assert!(tail.ends_with("  line 39\n") && !tail.contains("line 27\n"), "{tail}");
        assert_eq!(last_lines(""), "");
    }
}
