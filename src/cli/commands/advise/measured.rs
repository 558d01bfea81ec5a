//! Advice on a lab: everything in it was built and timed.

use std::time::Instant;

use crate::cli::args::{AdviseCommand, Cli};
use crate::cli::laboratory::Laboratory;
use crate::cli::ui::Console;
use crate::cli::{seeding, stages};
use crate::db::Connection;
use crate::explain::study::Study;
use crate::report::model::AdviceRun;

use crate::cli::stages::bind_what_fits;

/// Seeds the lab if need be, and advises on it.
pub async fn advise(cli: &Cli, args: &AdviseCommand, console: &Console) -> anyhow::Result<AdviceRun> {
    let mut laboratory = Laboratory::open(cli, &args.scenario.scenario, console).await?;
    laboratory.must_have_endpoints()?;
    seeding::ensure_seeded(&mut laboratory, &args.seed, console).await?;
    advise_on(laboratory, args, console).await
}

/// Advises on a lab that has its rows.
pub async fn advise_on(mut laboratory: Laboratory, args: &AdviseCommand, console: &Console) -> anyhow::Result<AdviceRun> {
    let time = args.time.time_box();
    let mut connection = Connection::open(&laboratory.lab.target()).await?;
    let bound = bind_what_fits(&mut laboratory.scenario, &mut connection, console).await;
    connection.close().await;
    let (bound, left_out) = bound?;
    let measured = stages::bench(&mut laboratory, &bound, time, console).await?;
    let trial = laboratory.lab.clone_seeded("trial").await?;
    let slow = stages::slow_endpoints(&measured);
    let plans = stages::explain(&mut laboratory, &trial, &bound, &slow, &measured.typical_calls, Study::PLANS, console).await?;
    let started = Instant::now();
    let selection = stages::choose(&mut laboratory, &trial, &bound, &measured, &plans, console).await?;
    let mut advised = stages::prove(&mut laboratory, &bound, selection, &measured, &slow, time, console).await?;
    advised.run.seconds = started.elapsed().as_secs_f64();
    advised.run.notes.extend(left_out);
    laboratory.lab.close().await;
    Ok(advised.run)
}
