//! `perflab db`: the embedded server by hand.

use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, bail};

use crate::cli::Outcome;
use crate::cli::args::{Cli, DbAction};
use crate::cli::laboratory;
use crate::cli::ui::Console;
use crate::server::{self, ServerState};
use crate::units::counted;

/// Starts, stops, describes or opens perflab's own server.
pub fn run(cli: &Cli, action: &DbAction, console: &Console) -> anyhow::Result<Outcome> {
    if cli.server.url().is_some() {
        bail!("`perflab db` is about perflab's own server; leave out --database-url (or unset DATABASE_URL)");
    }
    match action {
        DbAction::Start => {
            let running = start(cli, console)?;
            console.result(&format!("PostgreSQL {} answers at {}", running.version, running.url("postgres")))?;
            console.json(&serde_json::json!({"running": true, "version": running.version, "url": running.url("postgres")}))?;
        }
        DbAction::Stop => {
            let stopped = server::stop(&cli.server.project, &mut |event| console.note(event.to_string()))?;
            console.result(if stopped.is_empty() { "no server was running" } else { "stopped" })?;
            console.json(&serde_json::json!({"stopped": stopped.len()}))?;
        }
        DbAction::Status => status(cli, console)?,
        DbAction::Url { database } => {
            let url = start(cli, console)?.url(database);
            console.result(&url)?;
            console.json(&serde_json::json!({"url": url}))?;
        }
        DbAction::Psql { database, arguments } => psql(cli, database, arguments, console)?,
    }
    Ok(Outcome::Fine)
}

/// The server as it is, if it runs; its settings are the last scenario's.
fn start(cli: &Cli, console: &Console) -> anyhow::Result<server::RunningServer> {
    let mut options = laboratory::options(&cli.server);
    options.overrides = None;
    Ok(server::ensure(&options, &mut |event| console.note(event.to_string()))?)
}

fn status(cli: &Cli, console: &Console) -> anyhow::Result<()> {
    let servers = server::status(&cli.server.project)?;
    if servers.is_empty() {
        console.result("no server yet; the first command that needs one makes it")?;
    }
    let mut values = Vec::new();
    for server in &servers {
        let (running, said) = match &server.state {
            ServerState::Stopped => (false, "stopped; it starts when it is needed".to_owned()),
            ServerState::Running { pid, version, url, sessions } => (
                true,
                format!("running as process {pid}, version {version}, {}\n  {url}", counted(*sessions, "session", "sessions")),
            ),
            ServerState::Silent { pid } => (false, format!("process {pid} does not answer; the next start replaces it")),
        };
        console.result(&format!(
            "PostgreSQL {}: {said}\n  data {}\n  log  {}",
            server.major,
            server.data_dir.display(),
            server.log.display()
        ))?;
        let url = if let ServerState::Running { url, .. } = &server.state { Some(url) } else { None };
        values.push(serde_json::json!({
            "major": server.major, "running": running, "url": url, "data_dir": server.data_dir, "log": server.log,
        }));
    }
    console.json(&serde_json::json!({"servers": values}))?;
    Ok(())
}

/// Replaces this process, so that psql has the terminal and its signals to itself.
fn psql(cli: &Cli, database: &str, arguments: &[String], console: &Console) -> anyhow::Result<()> {
    let running = start(cli, console)?;
    let own = running.bin_dir.join("psql");
    let program = if own.exists() { own } else { "psql".into() };
    let error = Command::new(&program).arg(running.url(database)).args(arguments).exec();
    Err(error).with_context(|| {
        format!(
            "cannot run {}; install psql (Debian: postgresql-client), or use the URL: {}",
            program.display(),
            running.url(database)
        )
    })
}
