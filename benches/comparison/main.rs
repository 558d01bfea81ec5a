//! How often `perflab compare` cries wolf, and how often it sees one: `cargo bench --bench comparison`.
//!
//! Pairs of runs of the same scenario on the same rows, each a `perflab bench` of its own (another process, another copy of the
//! database, another moment), are compared as anybody would compare them. An endpoint that is called regressed or improved is a
//! false alarm; a pair with one or more is a pair that would have stopped somebody's release. Then one endpoint is made slower
//! on purpose, by a fifth, twofold and by the loss of an index. `-- --help` says what can be chosen.

#[path = "../seeding/project.rs"]
#[allow(dead_code)]
mod project;
mod service;
mod tally;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;

use service::{Kind, Service};
use tally::Tally;

/// False alarms of A/A pairs of short runs, and slowdowns found.
#[derive(Debug, Parser)]
#[command(name = "cargo bench --bench comparison --")]
pub struct Options {
    /// A/A pairs
    #[arg(long, default_value_t = 100)]
    pairs: usize,
    /// Pairs for each planted slowdown
    #[arg(long, default_value_t = 10)]
    planted: usize,
    /// Seconds of measuring in each run
    #[arg(long, default_value_t = 1.0)]
    time: f64,
    /// Folder for the server [default: a temporary one]; its part for this bench is removed at the end
    #[arg(long)]
    folder: Option<PathBuf>,
    /// What `cargo bench` adds to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

/// Of 100 A/A pairs at most so many may raise an alarm.
const MOST_ALARMS: f64 = 0.05;

fn main() -> ExitCode {
    match measure(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn measure(options: &Options) -> anyhow::Result<bool> {
    let started = Instant::now();
    let service = Service::start(options.folder.as_deref(), options.time)?;
    let mut same = Tally::default();
    for number in 1..=options.pairs {
        let (before, after) = (service.run(Kind::Plain)?, service.run(Kind::Plain)?);
        same.add(&before, &after);
        if number % 10 == 0 {
            eprintln!("{number} A/A pairs, {} with an alarm, {:.0} s", same.alarming, started.elapsed().as_secs_f64());
        }
    }
    same.print("A/A pairs (nothing changed)");
    let met = same.alarming as f64 <= MOST_ALARMS * options.pairs as f64;
    println!("  {} the bar of at most 5 of 100 pairs\n", if met { "meets" } else { "MISSES" });

    for kind in [Kind::FifthSlower, Kind::TwiceAsSlow, Kind::NoIndex] {
        let mut planted = Tally::default();
        for _ in 0..options.planted {
            let before = service.run(Kind::Plain)?;
            planted.add_planted(&before, &service.run(kind)?, kind.endpoint());
        }
        planted.print(kind.title());
    }
    println!("{:.0} s in all", started.elapsed().as_secs_f64());
    Ok(met)
}
