//! `perflab bench --check` and `--slo`: promises held against the run, and what that says to the shell.

use anyhow::Context;

use crate::bench::promises::{LargestScan, PlansSeen, all, judge};
use crate::cli::Outcome;
use crate::cli::args::BenchCommand;
use crate::cli::laboratory::Laboratory;
use crate::cli::stages::Bound;
use crate::cli::ui::Console;
use crate::db::{Connection, Target};
use crate::explain::endpoint::explain_call;
use crate::explain::seq_scans::{SeqScan, largest};
use crate::report::model::BenchRun;
use crate::scenario::model::{Location, Metric, Slo};
use crate::scenario::slo::sentences;
use crate::units;

/// The promises of `--slo`.
///
/// # Errors
/// When one is none, with what would be understood.
pub fn asked(args: &BenchCommand) -> anyhow::Result<Vec<Slo>> {
    let mut found = Vec::new();
    for text in &args.slo {
        let slo = sentences(text, Location::default()).map_err(|fault| match fault.help {
            Some(help) => anyhow::anyhow!("--slo {text:?}: {}; hint: {help}", fault.message),
            None => anyhow::anyhow!("--slo {text:?}: {}", fault.message),
        })?;
        found.extend(slo);
    }
    Ok(found)
}

/// Holds every promise of the scenario and of `--slo` against what was measured, plans included where one is about them.
///
/// # Errors
/// When the server fails while a call is explained.
pub async fn hold(
    laboratory: &mut Laboratory,
    bound: &Bound,
    typical_calls: &[u64],
    asked: &[Slo],
    run: &mut BenchRun,
    console: &Console,
) -> anyhow::Result<()> {
    let promised: Vec<Vec<Slo>> = bound.workload.endpoints.iter().map(|endpoint| endpoint.slo.clone()).collect();
    let about_plans = |slo: &Slo| slo.metric == Metric::PlanSeqScan;
    let wanted: Vec<bool> = promised.iter().map(|own| own.iter().chain(asked).any(about_plans)).collect();
    let plans =
        if wanted.contains(&true) { plans(laboratory, bound, typical_calls, &wanted, console).await? } else { Vec::new() };
    judge(run, &promised, asked, &plans);
    Ok(())
}

/// The typical call of each wanted endpoint, explained on a copy of the database.
async fn plans(
    laboratory: &mut Laboratory,
    bound: &Bound,
    typical_calls: &[u64],
    wanted: &[bool],
    console: &Console,
) -> anyhow::Result<Vec<PlansSeen>> {
    let stage = console.stage("plans");
    let clone = laboratory.lab.clone_seeded("plans").await?;
    let target = laboratory.lab.clone_target(&clone);
    let seen = explained(&target, bound, typical_calls, wanted).await;
    laboratory.lab.drop_clone(&clone).await?;
    drop(stage);
    seen
}

async fn explained(target: &Target, bound: &Bound, typical_calls: &[u64], wanted: &[bool]) -> anyhow::Result<Vec<PlansSeen>> {
    let mut connection = Connection::open(target).await?;
    let mut seen = Vec::new();
    for (place, endpoint) in bound.workload.endpoints.iter().enumerate() {
        if !wanted[place] {
            seen.push(PlansSeen::Not("no plan was read".into()));
            continue;
        }
        let Some(draw) = endpoint.draws.draw(typical_calls[place]) else {
            seen.push(PlansSeen::Not("there was no call to explain".into()));
            continue;
        };
        let plans = explain_call(&mut connection, &bound.catalog, endpoint, &draw);
        let plans = plans.await.with_context(|| format!("cannot explain {}", endpoint.label))?;
        seen.push(match plans.is_empty() {
            true => PlansSeen::Not("no statement could be explained".into()),
            false => PlansSeen::Explained(largest(&plans).map(in_words)),
        });
    }
    connection.close().await;
    Ok(seen)
}

fn in_words(scan: SeqScan) -> LargestScan {
    let by = scan.constraint.map(|constraint| format!(" for the foreign key {constraint}")).unwrap_or_default();
    LargestScan { rows: scan.rows, place: format!("statement {} reads {} row by row{by}", scan.step, scan.table) }
}

/// A promise broken, or a call that failed where no promise allows for it, is a finding: an endpoint that does not work is not a
/// fast one. A promise that nobody can tell about is neither kept nor broken.
pub fn outcome(run: &BenchRun) -> Outcome {
    let promises = all(run);
    let broken = promises.iter().any(|(_, slo)| slo.met == Some(false));
    let failed = run
        .endpoints
        .iter()
        .any(|endpoint| endpoint.errors > 0 && !endpoint.slo.iter().any(|slo| slo.metric == Metric::ErrorRate.name()));
    match (broken || failed, promises.iter().any(|(_, slo)| slo.met.is_none())) {
        (true, _) => Outcome::Finding,
        (false, true) => Outcome::Inconclusive,
        (false, false) => Outcome::Fine,
    }
}

/// One line for each promise that was not kept or cannot be told; how many were kept.
pub fn text(run: &BenchRun, console: &Console) -> String {
    let promises = all(run).into_iter().map(|(place, slo)| (units::printable(&place), slo));
    crate::report::terminal::promises_text(&promises.collect::<Vec<_>>(), console.screen())
}
