//! The command line: wiring, progress, files, exit codes. No algorithm lives here, and nothing else prints.

pub mod amount;
mod args;
mod commands;
mod copying;
mod ddl;
mod dump;
mod export;
mod growing;
mod host;
mod interrupt;
mod laboratory;
mod live;
mod model;
mod published;
mod seeding;
mod stages;
mod ui;
mod worktree;

use std::process::ExitCode;

use clap::CommandFactory;

use args::{Cli, Command};
use interrupt::EndEarly;
use ui::Console;

/// What a command that could run has to say to the shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Fine,
    /// A mistake in the scenario, an SLO missed, a regression.
    Finding,
    /// Not enough data to say either.
    Inconclusive,
    /// Ctrl-C ended it early, and it said what it had.
    Interrupted,
}

impl Outcome {
    /// What two outcomes come to: an interruption outweighs everything, a finding what cannot be told, and what cannot be told outweighs what is fine.
    pub fn and(self, other: Outcome) -> Outcome {
        match (self, other) {
            (Outcome::Interrupted, _) | (_, Outcome::Interrupted) => Outcome::Interrupted,
            (Outcome::Finding, _) | (_, Outcome::Finding) => Outcome::Finding,
            (Outcome::Inconclusive, _) | (_, Outcome::Inconclusive) => Outcome::Inconclusive,
            (Outcome::Fine, Outcome::Fine) => Outcome::Fine,
        }
    }
}

/// Exit code of a command that could not run; 1 is a finding.
const COULD_NOT_RUN: u8 = 2;
/// Neither pass nor fail.
const INCONCLUSIVE: u8 = 3;

/// The whole command line as clap knows it, for those who hold pages and scripts against it.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Parses the command line, runs the command, and says how it went. Errors are printed once, here.
pub fn main() -> ExitCode {
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way, too. A closed pipe is nobody left to tell.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { COULD_NOT_RUN } else { 0 });
        }
    };
    let console = Console::new(cli.output);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => {
            let end_early = EndEarly::new(&console);
            runtime.block_on(interrupt::or_interrupted(&cli.server, &end_early, run(&cli, &console, &end_early)))
        }
        Err(error) => Err(anyhow::Error::new(error).context("cannot start the program's event loop")),
    };
    match outcome {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Finding) => ExitCode::from(1),
        Ok(Outcome::Interrupted) => ExitCode::from(interrupt::INTERRUPTED),
        Ok(Outcome::Inconclusive) => ExitCode::from(INCONCLUSIVE),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            console.error(&error);
            ExitCode::from(COULD_NOT_RUN)
        }
    }
}

async fn run(cli: &Cli, console: &Console, end_early: &EndEarly) -> anyhow::Result<Outcome> {
    match &cli.command {
        Command::Run(args) => commands::run::run(cli, args, console).await,
        Command::Check(args) => commands::check::run(args, console),
        Command::Seed(args) => commands::seed::run(cli, args, console).await,
        Command::Learn(args) => commands::learn::run(cli, args, console).await,
        Command::Bench(args) => commands::bench::run(cli, args, console, end_early).await,
        Command::Compare(args) => commands::compare::run(args, console),
        Command::Ci(args) => commands::ci::run(cli, args, console).await,
        Command::Merge(args) => commands::merge::run(args, console),
        Command::Explain(args) => commands::explain::run(cli, args, console).await,
        Command::Advise(args) => commands::advise::run(cli, args, console).await,
        Command::MigrateCheck(args) => commands::migrate_check::run(cli, args, console).await,
        Command::Report(args) => commands::report::run(args, console),
        Command::Why(args) => commands::why::run(args, console),
        Command::Schema(args) => commands::schema::run(args),
        Command::Db { action } => commands::db::run(cli, action, console),
        Command::Completions { shell } => commands::completions::run(*shell),
    }
}

/// A reader that has seen enough (`perflab … | head`) ends the command, not in error.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>()).any(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
}
