//! How fast seeding is, against the ways it could be done otherwise: `cargo bench --bench seeding`.
//!
//! Everything runs on perflab's own server in a temporary folder that is removed at the end. Figures that are compared come from the same run,
//! measured in turn; what can be trusted from one machine to another are the ratios. `-- --help` says what can be chosen.

mod faker;
mod files;
mod generation;
mod narrow;
mod project;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};

use project::Project;

/// Seeding against COPY of the same rows, against a script with Faker, and against itself at larger sizes.
#[derive(Debug, Parser)]
#[command(name = "cargo bench --bench seeding --")]
pub struct Options {
    /// Only these parts [default: all]
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// Rows of the largest narrow table in millions; 100 takes some 10 GB of disk and a few minutes
    #[arg(long, default_value_t = 20)]
    millions: u64,
    /// How often what is compared is measured, in turn
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Folder for the server [default: a temporary one]; the part `seeding-bench` of it is removed at the end
    #[arg(long)]
    folder: Option<PathBuf>,
    /// What `cargo bench` adds to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The music service beside COPY of the very same rows from files
    Files,
    /// The shoe store beside a Python script with Faker and multi-row INSERT
    Faker,
    /// A narrow table at 1, 10 and more million rows: rate and memory
    Narrow,
    /// Rows made and sent nowhere
    Generation,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let runs = |part| options.only.is_empty() || options.only.contains(&part);
    let outcome = Project::start(options.folder.as_deref()).and_then(|project| {
        if runs(Part::Files) {
            files::compare(&project, options.rounds)?;
        }
        if runs(Part::Faker) {
            faker::compare(&project)?;
        }
        if runs(Part::Narrow) {
            narrow::curve(&project, options.millions)?;
        }
        if runs(Part::Generation) {
            generation::rate(&project)?;
        }
        Ok(())
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The middle one of several measurements.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

/// `met` or `missed`, with the bar.
pub fn verdict(met: bool, bar: &str) -> String {
    format!("{} the bar of {bar}", if met { "meets" } else { "MISSES" })
}
