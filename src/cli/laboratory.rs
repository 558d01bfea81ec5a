//! A scenario with the server it runs on.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::db::{Connection, Lab, Target, settings};
use crate::report::model::{Environment, Setting, Shard};
use crate::scenario::error::{Problem, ScenarioError, ScenarioErrors};
use crate::scenario::load;
use crate::scenario::model::Scenario;
use crate::server::{self, RunningServer, ServerOptions, ServerState};

use super::args::{Cli, ServerArgs};
use super::host;
use super::ui::Console;

/// Database that can be connected to on any server, for questions about the server as a whole.
const MAINTENANCE: &str = "postgres";

/// What every command on a scenario works with.
pub struct Laboratory {
    pub scenario: Scenario,
    pub lab: Lab,
    pub environment: Environment,
    /// Folder for the records of files that are no rows.
    pub rejects: PathBuf,
}

impl Laboratory {
    /// Loads the scenario, finds or starts the server, and takes hold of the scenario's lab on it.
    ///
    /// # Errors
    /// Mistakes in the scenario, a server that cannot be had, a lab that another perflab holds.
    pub async fn open(cli: &Cli, scenario: &Path, console: &Console) -> anyhow::Result<Laboratory> {
        Laboratory::open_shard(cli, scenario, None, console).await
    }

    /// [`Laboratory::open`] for a part of a load: shards that share a server have their rows in a database each, or the first would keep
    /// the others out.
    pub async fn open_shard(cli: &Cli, scenario: &Path, shard: Option<Shard>, console: &Console) -> anyhow::Result<Laboratory> {
        let scenario = load(scenario)?;
        let server = Server::find(&cli.server, &scenario, console)?;
        let name = match shard {
            Some(Shard { number, of }) => format!("{}_shard{number}of{of}", scenario.name),
            None => scenario.name.clone(),
        };
        Laboratory::on(&server, &cli.server, scenario, &name).await
    }

    /// [`Laboratory::open`] on the server of `--database-url` without a session on the database that the URL names, so that it can be copied.
    pub async fn open_beside(cli: &Cli, scenario: &Path, console: &Console) -> anyhow::Result<Laboratory> {
        let scenario = load(scenario)?;
        let server = Server::find(&cli.server, &scenario, console)?;
        let server = Server { target: server.target.with_database(MAINTENANCE), ..server };
        let name = scenario.name.clone();
        Laboratory::on(&server, &cli.server, scenario, &name).await
    }

    /// [`Laboratory::open`] on perflab's own server, whatever `--database-url` says.
    pub async fn open_here(cli: &Cli, scenario: &Path, console: &Console) -> anyhow::Result<Laboratory> {
        let scenario = load(scenario)?;
        let own = ServerArgs { database_url: None, ..cli.server.clone() };
        let server = Server::find(&own, &scenario, console)?;
        let name = scenario.name.clone();
        Laboratory::on(&server, &own, scenario, &name).await
    }

    /// Another lab on the same server, for a scenario whose rows stand beside these under another name. The server keeps the settings it
    /// has.
    ///
    /// # Errors
    /// A lab that another perflab holds, a server that fails.
    pub async fn beside(&self, scenario: Scenario, name: &str) -> anyhow::Result<Laboratory> {
        let lab = Lab::open(&self.lab.server(), name).await?;
        Ok(Laboratory { scenario, lab, environment: self.environment.clone(), rejects: self.rejects.join("base") })
    }

    async fn on(server: &Server, args: &ServerArgs, scenario: Scenario, name: &str) -> anyhow::Result<Laboratory> {
        let lab = Lab::open(&server.target, name).await?;
        let environment = environment(server).await?;
        let rejects = args.project.join(".perflab").join("rejects").join(&scenario.name);
        Ok(Laboratory { scenario, lab, environment, rejects })
    }

    /// # Errors
    /// When there is nothing to time; `data:` alone is enough for `perflab seed`.
    pub fn must_have_endpoints(&self) -> anyhow::Result<()> {
        let file = self.scenario.source.path.display();
        anyhow::ensure!(!self.scenario.endpoints.is_empty(), "{file} has no endpoints to time; write some under `endpoints:`");
        Ok(())
    }

    /// Mistakes of the scenario that only the server could see, shown like any other.
    pub fn mistakes(&self, mut problems: Vec<Problem>) -> anyhow::Error {
        problems.sort();
        ScenarioError::Invalid(ScenarioErrors { source: self.scenario.source.clone(), problems }).into()
    }
}

/// Where a command's server is.
pub struct Server {
    pub target: Target,
    /// `None` for `--database-url`.
    pub embedded: Option<RunningServer>,
}

impl Server {
    /// The server of `--database-url`, else perflab's own, started if need be.
    pub fn find(args: &ServerArgs, scenario: &Scenario, console: &Console) -> anyhow::Result<Server> {
        if let Some(url) = args.url() {
            let target = Target::parse(url)?;
            // The URL may come from an environment that was set up for something else.
            console.note(format!("using the server at {} (--database-url or DATABASE_URL)", target.described()));
            return Ok(Server { target, embedded: None });
        }
        let mut options = options(args);
        options.overrides = Some(scenario.server.clone());
        let running = server::ensure(&options, &mut |event| console.note(event.to_string()))?;
        Ok(Server { target: Target::parse(&running.url(MAINTENANCE))?, embedded: Some(running) })
    }
}

/// How perflab's own server is looked for.
pub fn options(args: &ServerArgs) -> ServerOptions {
    let mut options = ServerOptions::new(&args.project);
    options.pg_bin.clone_from(&args.pg_bin);
    options.major = args.pg_major;
    options.allow_fetch = !args.no_fetch;
    options
}

/// The server a command was using when it was interrupted; nothing is started for it.
pub fn running_target(args: &ServerArgs) -> Option<Target> {
    if let Some(url) = args.url() {
        return Target::parse(url).ok();
    }
    let running = server::status(&args.project).ok()?.into_iter().find_map(|server| match server.state {
        ServerState::Running { url, .. } => Some(url),
        _ => None,
    });
    Target::parse(&running?).ok()
}

async fn environment(server: &Server) -> anyhow::Result<Environment> {
    let mut connection = Connection::open(&server.target).await?;
    let server_version = settings::server_version(&mut connection).await?;
    let in_force = settings::settings_in_force(&mut connection).await.context("cannot read the server's settings")?;
    connection.close().await;
    let chosen = server.embedded.as_ref().map(|running| running.settings.as_slice()).unwrap_or_default();
    let why = |name: &str| chosen.iter().find(|setting| setting.name == name).map(|setting| setting.why.clone());
    let settings =
        in_force.into_iter().map(|setting| Setting { why: why(&setting.name), name: setting.name, value: setting.value });
    Ok(Environment {
        started_at: host::now(),
        os: host::operating_system(),
        cpu: host::processor(),
        cores: host::cores(),
        memory_bytes: host::memory_bytes(),
        server_version,
        server_kind: if server.embedded.is_some() { "embedded" } else { "external" }.to_owned(),
        server_origin: match &server.embedded {
            Some(running) => running.bin_dir.display().to_string(),
            None => server.target.described(),
        },
        settings: settings.collect(),
    })
}
