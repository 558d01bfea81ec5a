//! What a project's servers are doing, and how to end them. Needs no programs of PostgreSQL: asking and a signal are enough.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::cluster::{Cluster, State};
use super::home::Home;
use super::postmaster::wait_until;
use super::user::ServerUser;
use super::wire::{APPLICATION, Session, WireError};
use super::{Event, ServerError, connection_url, lock};

/// One cluster of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerStatus {
    pub major: u32,
    pub data_dir: PathBuf,
    pub log: PathBuf,
    pub state: ServerState,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerState {
    /// It starts when it is needed.
    Stopped,
    Running {
        pid: i32,
        /// `server_version`
        version: String,
        /// Of the database `postgres`.
        url: String,
        /// Sessions of others at the moment.
        sessions: u64,
    },
    /// The process is there but does not answer; the next start replaces it.
    Silent { pid: i32 },
}

/// The clusters of the project, by major version; empty when perflab has made none.
///
/// # Errors
/// A server is there and refuses us.
pub fn status(project: &Path) -> Result<Vec<ServerStatus>, ServerError> {
    let Some(home) = Home::existing(project) else { return Ok(Vec::new()) };
    let user = ServerUser::choose()?;
    home.majors().into_iter().map(|major| status_of(&Cluster::new(home.cluster(major), &user), major)).collect()
}

fn status_of(cluster: &Cluster, major: u32) -> Result<ServerStatus, ServerError> {
    let state = match cluster.observe()? {
        State::Absent | State::Stopped | State::Killed => ServerState::Stopped,
        State::Silent { pid } => ServerState::Silent { pid },
        State::Answers { pid, socket_dir, mut session } => {
            let asked = version(&mut session).and_then(|version| Ok((version, other_sessions(&mut session)?)));
            let (version, sessions) = asked.map_err(|error| super::cluster::answer_error(&socket_dir, &error))?;
            ServerState::Running { pid, version, url: connection_url(&socket_dir, "postgres"), sessions }
        }
    };
    Ok(ServerStatus { major, data_dir: cluster.data_dir(), log: cluster.log(), state })
}

/// Stops the project's servers, ending the sessions of whoever uses them; returns those that ran.
///
/// # Errors
/// One does not stop, or the lock of the project cannot be had.
pub fn stop(project: &Path, events: &mut dyn FnMut(Event)) -> Result<Vec<ServerStatus>, ServerError> {
    let Some(home) = Home::existing(project) else { return Ok(Vec::new()) };
    let _lock = lock::acquire(&home.lock_file(), events)?;
    let mut stopped = Vec::new();
    for server in status(project)? {
        if let ServerState::Running { pid, .. } | ServerState::Silent { pid } = server.state {
            super::postmaster::stop(pid, &server.data_dir, &server.log)?;
            stopped.push(server);
        }
    }
    Ok(stopped)
}

/// How many sessions there are besides those of this module.
fn other_sessions(session: &mut Session) -> Result<u64, WireError> {
    let sql = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name <> '{APPLICATION}'"
    );
    Ok(first(session.query(&sql)?).and_then(|count| count.parse().ok()).unwrap_or(0))
}

/// The same after those that are just ending have ended: a command's session may outlive the command by a moment.
pub(super) fn sessions_that_stay(session: &mut Session) -> Result<u64, WireError> {
    let mut found = other_sessions(session);
    wait_until(Duration::from_secs(1), || {
        found = other_sessions(session);
        !matches!(found, Ok(1..))
    });
    found
}

fn version(session: &mut Session) -> Result<String, WireError> {
    Ok(first(session.query("SHOW server_version")?).unwrap_or_default())
}

fn first(rows: Vec<super::wire::Row>) -> Option<String> {
    rows.into_iter().next()?.into_iter().next()?
}
