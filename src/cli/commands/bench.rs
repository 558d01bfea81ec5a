//! `perflab bench`

use crate::cli::args::{BenchCommand, Cli};
use crate::cli::laboratory::Laboratory;
use crate::cli::ui::Console;
use crate::cli::{Outcome, seeding, stages};
use crate::report::model::BenchRun;
use crate::report::terminal::bench_table;

/// Times every endpoint on a throw-away copy of the seeded database.
pub async fn run(cli: &Cli, args: &BenchCommand, console: &Console) -> anyhow::Result<Outcome> {
    let time = args.time.time_box()?;
    let mut laboratory = Laboratory::open(cli, &args.scenario.scenario, console).await?;
    laboratory.must_have_endpoints()?;
    seeding::ensure_seeded(&mut laboratory, &args.seed, console).await?;
    let bound = stages::bind(&laboratory).await?;
    let measured = stages::bench(&mut laboratory, &bound, time, console).await?;
    console.result(&bench_table(&measured.run, console.screen()))?;
    console.json(&measured.run)?;
    laboratory.lab.close().await;
    Ok(if args.check && falls_short(&measured.run) { Outcome::Finding } else { Outcome::Fine })
}

/// A promise missed, or one that cannot be kept because calls fail: an endpoint that does not work is not a fast one.
fn falls_short(run: &BenchRun) -> bool {
    run.endpoints.iter().any(|endpoint| {
        let missed = endpoint.slo.iter().any(|promise| promise.met == Some(false));
        missed || !endpoint.errors.is_empty()
    })
}
