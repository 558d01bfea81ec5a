//! Which database is advised on, and how: perflab's own, a copy of another, or another that is only read.

use anyhow::bail;

use crate::cli::args::{AdviseCommand, Cli};
use crate::cli::copying;
use crate::cli::laboratory::Laboratory;
use crate::cli::ui::Console;
use crate::db::{Lab, Target};
use crate::report::model::AdviceRun;
use crate::scenario::load;
use crate::scenario::model::Scenario;

use super::{estimated, measured};

/// Advises in the way that scenario and flags ask for.
///
/// # Errors
/// Flags that do not fit the scenario; whatever stops the way taken.
pub async fn advise(cli: &Cli, args: &AdviseCommand, console: &Console) -> anyhow::Result<AdviceRun> {
    let file = &args.scenario.scenario;
    let scenario = load(file)?;
    match way(cli, args, &scenario).await? {
        Way::Measure => measured::advise(cli, args, console).await,
        Way::Estimate(target) => estimated::advise(target, scenario, args, console).await,
        Way::Copy(source) => {
            let mut laboratory = Laboratory::open_beside(cli, file, console).await?;
            laboratory.must_have_endpoints()?;
            copying::beside(&mut laboratory, &source, console).await?;
            measured::advise_on(laboratory, args, console).await
        }
        Way::CopyHere(url) => {
            let mut laboratory = Laboratory::open_here(cli, file, console).await?;
            laboratory.must_have_endpoints()?;
            copying::here(&mut laboratory, &cli.server, &url, console).await?;
            measured::advise_on(laboratory, args, console).await
        }
    }
}

enum Way {
    /// On the lab, which has its rows or gets them.
    Measure,
    Estimate(Target),
    Copy(Target),
    CopyHere(String),
}

async fn way(cli: &Cli, args: &AdviseCommand, scenario: &Scenario) -> anyhow::Result<Way> {
    let existing = &args.existing;
    let file = scenario.source.path.display();
    if scenario.data.is_some() && (existing.copy || existing.copy_here) {
        bail!(
            "{file} has a `data:` section, which says how its rows are made; --copy and --copy-here are for a scenario without one"
        );
    }
    let Some(url) = cli.server.url() else {
        if existing.read_only || existing.copy || existing.copy_here {
            bail!("say which database: --database-url postgres://user@host/database");
        }
        return Ok(Way::Measure);
    };
    let target = Target::parse(url)?;
    Ok(match () {
        () if existing.read_only => Way::Estimate(target),
        () if existing.copy => Way::Copy(target),
        () if existing.copy_here => Way::CopyHere(url.to_owned()),
        () if scenario.data.is_some() || Lab::is_there(&target, &scenario.name).await? => Way::Measure,
        () => Way::Estimate(target),
    })
}
