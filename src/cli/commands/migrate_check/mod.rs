//! `perflab migrate-check`

mod afterwards;
mod files;
mod trial;

use std::time::Instant;

use anyhow::Context;

use crate::cli::args::{Cli, MigrateCheckCommand};
use crate::cli::laboratory::Laboratory;
use crate::cli::ui::Console;
use crate::cli::{Outcome, seeding, stages};
use crate::report::markdown::migration_page;
use crate::report::model::CheckVerdict;
use crate::report::terminal::migration_text;

/// Runs a migration on copies of the seeded database, alone and beside calls, and says what that does to the endpoints.
///
/// A migration that fails is a finding, and so is a rollback that does: the check was made, and what it found is what the file does.
///
/// # Errors
/// Files that cannot be read or run, with every reason and before anything is touched; mistakes of the scenario; a server that fails.
pub async fn run(cli: &Cli, args: &MigrateCheckCommand, console: &Console) -> anyhow::Result<Outcome> {
    let started = Instant::now();
    let files = files::Files::read(args, console)?;
    let mut laboratory = Laboratory::open(cli, &args.scenario.scenario, console).await?;
    laboratory.must_have_endpoints()?;
    let seeded = seeding::ensure_seeded(&mut laboratory, &args.seed, console).await?;
    let bound = stages::bind(&laboratory).await?;
    let check = trial::check(&mut laboratory, bound.workload, &files, args, (&seeded, started), console).await?;
    if let Some(file) = &args.output {
        std::fs::write(file, migration_page(&check)).with_context(|| format!("cannot write {}", file.display()))?;
        console.note(format!("report: {}", file.display()));
    }
    console.result(&migration_text(&check, console.screen()))?;
    console.json(&check)?;
    laboratory.lab.close().await;
    Ok(match check.verdict {
        CheckVerdict::Fine => Outcome::Fine,
        CheckVerdict::Finding => Outcome::Finding,
        CheckVerdict::Inconclusive => Outcome::Inconclusive,
    })
}
