//! `perflab advise`

mod estimated;
mod existing;
mod files;
mod measured;

use crate::cli::Outcome;
use crate::cli::args::{AdviseCommand, Cli};
use crate::cli::ui::Console;
use crate::report::model::AdviceRun;
use crate::report::terminal::{AdviceView, advice_text};

use files::Files;

/// Chooses indexes for the slow endpoints and proves them; on a database that is not perflab's it says what the planner expects.
pub async fn run(cli: &Cli, args: &AdviseCommand, console: &Console) -> anyhow::Result<Outcome> {
    let files = args.migration.as_deref().map(Files::writable).transpose()?;
    let advice = existing::advise(cli, args, console).await?;
    show(&advice, args, console)?;
    if let Some(files) = files {
        files.write(&advice, console)?;
    }
    Ok(Outcome::Fine)
}

fn show(advice: &AdviceRun, args: &AdviseCommand, console: &Console) -> anyhow::Result<()> {
    console.result(&advice_text(advice, AdviceView { all: args.all }, console.screen()))?;
    console.json(advice)?;
    Ok(())
}
