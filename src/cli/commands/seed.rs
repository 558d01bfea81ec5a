//! `perflab seed`

use crate::cli::args::{Cli, SeedCommand};
use crate::cli::export::{Export, export};
use crate::cli::laboratory::Laboratory;
use crate::cli::ui::Console;
use crate::cli::{Outcome, growing, seeding};
use crate::report::terminal::seed_text;

/// Fills the scenario's database, unless the rows in it are those asked for.
pub async fn run(cli: &Cli, args: &SeedCommand, console: &Console) -> anyhow::Result<Outcome> {
    let mut laboratory = Laboratory::open(cli, &args.scenario.scenario, console).await?;
    let seeded = if args.add {
        growing::grow(&mut laboratory, &args.seed, console).await?
    } else {
        seeding::ensure_seeded(&mut laboratory, &args.seed, console).await?
    };
    console.result(&seed_text(&seeded, args.columns, console.screen()))?;
    console.json(&seeded)?;
    if let Some(folder) = &args.export {
        let to = Export { folder, zipped: args.export_gz };
        export(&laboratory, &seeded, to, console).await?;
    }
    laboratory.lab.close().await;
    Ok(if seeding::as_asked(&seeded) { Outcome::Fine } else { Outcome::Finding })
}
