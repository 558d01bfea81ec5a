//! Why there is no server to work with, each with the next step.

use std::io;
use std::path::{Path, PathBuf};

/// Everything that can keep the embedded server from answering.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    #[error("cannot {action} {}", path.display())]
    File { action: &'static str, path: PathBuf, source: io::Error },

    #[error("cannot run {}", program.display())]
    Spawn { program: PathBuf, source: io::Error },

    #[error("{} failed ({status}):\n{output}", program.display())]
    Program { program: PathBuf, status: String, output: String },

    #[error(
        "{} is not a folder of PostgreSQL server programs: {why}; give the folder that holds initdb, pg_ctl and postgres",
        dir.display()
    )]
    NotServerPrograms { dir: PathBuf, why: String },

    #[error("{} holds PostgreSQL {found}, but major {asked} was asked for", dir.display())]
    WrongMajor { dir: PathBuf, found: String, asked: u32 },

    #[error("found no {} on this machine, and fetching one is not allowed (`--no-fetch`); {}", wanted(*major), install_hint())]
    NotInstalled { major: Option<u32> },

    #[error(
        "found no {} on this machine, and neither npm nor python3 with pip to fetch one with; {}",
        wanted(*major),
        install_hint()
    )]
    NoClient { major: Option<u32> },

    #[error("there is no package with PostgreSQL {} for {platform} ({available}); {}", major.map_or_else(|| "server programs".to_owned(), |major| major.to_string()), install_hint())]
    NoPackage { major: Option<u32>, platform: String, available: String },

    #[error(
        "could not fetch PostgreSQL:\n{attempts}\ncheck the network and try again, or install it yourself: {}",
        install_hint()
    )]
    Fetch { attempts: String },

    #[error("{package} is not what perflab knows: its checksum is {found}, not {expected}; nothing of it was unpacked")]
    Checksum { package: String, expected: String, found: String },

    #[error("{package} holds {what}; nothing of it was kept")]
    Package { package: String, what: String },

    #[error(
        "PostgreSQL refuses to run as root, and no other user could be taken ({tried}); \
         make one with `useradd --system postgres`, or run perflab as a normal user"
    )]
    NoOtherUser { tried: String },

    #[error(
        "PostgreSQL refuses to run as user {uid}, who has no entry in /etc/passwd; \
         add one with `useradd --uid {uid} perflab`, or run perflab as another user"
    )]
    UserWithoutName { uid: u32 },

    #[error(
        "{} belongs to user {owner}, but the server runs as user {expected}; \
         remove it, or run perflab as the user who made it",
        path.display()
    )]
    Owner { path: PathBuf, owner: u32, expected: u32 },

    #[error("no folder that user {user} can enter was found for the server's data (tried {tried})")]
    NoPlace { user: String, tried: String },

    #[error("no folder is short enough for the server's socket (tried {tried}); set TMPDIR to a shorter one")]
    NoSocketPlace { tried: String },

    #[error("the server setting `{name}` cannot be changed: {why}")]
    Setting { name: String, why: &'static str },

    #[error("PostgreSQL {version} did not start; the end of {}:\n{tail}", log.display())]
    Start { version: String, log: PathBuf, tail: String },

    #[error(
        "the server runs with other settings ({changed}) and {sessions} other session(s) use it; \
         wait until they have ended, or end them with `perflab db stop`"
    )]
    Busy { changed: String, sessions: u64 },

    #[error("the server process {pid} did not stop within {seconds} s; look at {}", log.display())]
    Stop { pid: i32, seconds: u64, log: PathBuf },

    #[error("the server at {} does not answer: {reason}", socket.display())]
    Answer { socket: PathBuf, reason: String },
}

impl ServerError {
    /// For `map_err`: what was being done to which file.
    pub(super) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ServerError {
        let path = path.to_owned();
        move |source| ServerError::File { action, path, source }
    }

    pub(super) fn spawn(program: &Path) -> impl FnOnce(io::Error) -> ServerError {
        let program = program.to_owned();
        move |source| ServerError::Spawn { program, source }
    }
}

fn wanted(major: Option<u32>) -> String {
    major.map_or_else(|| "PostgreSQL server".to_owned(), |major| format!("PostgreSQL {major} server"))
}

/// What to type to get a server, on the systems people have.
fn install_hint() -> &'static str {
    "to install one, type\n  \
     Debian, Ubuntu:  sudo apt-get install postgresql\n  \
     Fedora:          sudo dnf install postgresql-server\n  \
     macOS:           brew install postgresql@18\n\
     or name the folder of its programs with --pg-bin, or use a running server with --database-url"
}
