//! `perflab completions`

use clap::CommandFactory;

use crate::cli::Outcome;
use crate::cli::args::Cli;

/// The completion script of a shell, to stdout.
pub fn run(shell: clap_complete::Shell) -> anyhow::Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "perflab", &mut script);
    std::io::Write::write_all(&mut std::io::stdout(), &script)?;
    Ok(Outcome::Fine)
}
