//! `perflab bench`

mod baseline;
pub mod copies;
pub mod load;
pub mod promises;
mod server_side;
pub mod variants;

use anyhow::Context;

use crate::bench::placement::{self, Pin};
use crate::bench::shard::WHOLE;
use crate::cli::args::{BenchCommand, Cli, PinArg};
use crate::cli::interrupt::EndEarly;
use crate::cli::laboratory::Laboratory;
use crate::cli::live::LiveView;
use crate::cli::ui::Console;
use crate::cli::{Outcome, model, published, seeding, stages};
use crate::report::model::{BenchReport, BenchRun, DataIdentity, DataModel, FORMAT_VERSION, Published, Run, SeedRun};
use crate::report::terminal::{bench_table, classes_table, comparison_text, load_text, variants_text};
use crate::version::VERSION;

use super::compare::outcome_of;
use super::{page as page_command, report as report_command};
use baseline::Baseline;
use copies::Copies;

/// Times every endpoint on a throw-away copy of the seeded database.
pub async fn run(cli: &Cli, args: &BenchCommand, console: &Console, end_early: &EndEarly) -> anyhow::Result<Outcome> {
    let time = args.time.time_box();
    let (baseline, asked) = (Baseline::of(args)?, promises::asked(args)?);
    args.report.as_deref().map(report_command::prepare).transpose()?;
    let checks = args.check || !asked.is_empty();
    let mut laboratory = Laboratory::open_shard(cli, &args.scenario.scenario, args.shard, console).await?;
    laboratory.must_have_endpoints()?;
    let seeded = seeding::ensure_seeded(&mut laboratory, &args.seed, console).await?;
    let bound = stages::bind(&laboratory).await?;
    let mut copies = Copies::with(&[]);
    let ways = if args.no_variants { Vec::new() } else { variants::prepare(&mut laboratory, &mut copies, console).await? };
    let lab = laboratory.lab.target();
    let pinned = match args.pin {
        Some(PinArg::Apart) => Some(placement::pin(Pin::Apart, &lab).await?),
        Some(PinArg::Same) => Some(placement::pin(Pin::Same, &lab).await?),
        None => None,
    };
    let stop = end_early.measuring();
    let mut view = LiveView::new(console, "bench");
    let mut measured = stages::bench_until(&mut laboratory, &bound, time, stop, &mut |tick| view.show(tick)).await?;
    drop(view);
    if let (Some(list), None, false) = (&args.classes.classes, &measured.ended, stop.asked()) {
        stages::classes(&mut laboratory, &list.0, &mut measured.run, (time, stop), console).await?;
    }
    if measured.ended.is_none() && !stop.asked() && !args.no_server_side {
        server_side::add(&mut laboratory, &bound, &mut measured.run, stop, console).await?;
    }
    let going_on = measured.ended.is_none() && !stop.asked();
    measured.run.variants = variants::measure(&mut laboratory, (ways, copies), time, going_on.then_some(stop), console).await?;
    if measured.ended.is_none() && !stop.asked() {
        let shard = args.shard.unwrap_or(WHOLE);
        let asked = load::Asked::by_flags(&args.load, &laboratory.scenario);
        measured.run.load = load::run(&mut laboratory, &asked, shard, stop, console).await?;
    }
    if checks && !stop.asked() {
        promises::hold(&mut laboratory, &bound, &measured.typical_calls, &asked, &mut measured.run, console).await?;
    }
    if let (Some(placement), Some(pinned)) = (&mut measured.run.placement, &pinned) {
        placement.pinned = Some(pinned.name().to_owned());
    }
    drop(pinned);
    let mut report = report(&laboratory, &seeded, measured.run);
    report.shard = args.shard;
    report.interrupted = stop.asked();
    report.warnings.extend(measured.ended.as_ref().map(|error| format!("Ended before its time: {}.", error.with_causes())));
    if let Some(file) = &args.output {
        save(&report, file)?;
    }
    if let Some(folder) = &args.report {
        let model = model::data_model(&laboratory.scenario, &bound.catalog);
        let run = page(&report, model, &seeded, published::published(&laboratory.scenario));
        report_command::write(&run, folder)?;
        console.note(format!("report: {}", page_command::written(&run, folder, console)?.display()));
    }
    console.result(&bench_table(&report.bench, console.screen()))?;
    if args.classes.classes.is_some() {
        console.result(&format!("\n{}", classes_table(&report.bench, console.screen())))?;
    }
    if !report.bench.variants.is_empty() {
        console.result(&format!("\n{}", variants_text(&report.bench.variants, console.screen())))?;
    }
    if !report.bench.load.is_empty() {
        console.result(&format!("\n{}", load_text(&report.bench.load, console.screen())))?;
    }
    if let Some(baseline) = baseline.as_ref().filter(|_| !stop.asked()) {
        report.baseline = Some(baseline.compare(&report, &mut laboratory, time, console).await?);
    }
    laboratory.lab.close().await;
    let mut outcome = Outcome::Fine;
    if checks && !stop.asked() {
        console.result(&format!("\n{}", promises::text(&report.bench, console)))?;
        outcome = promises::outcome(&report.bench);
    }
    if let Some(comparison) = &report.baseline {
        console.result(&format!("\n{}", comparison_text(comparison, console.screen())))?;
        outcome = outcome.and(outcome_of(comparison));
    }
    console.json(&report)?;
    if let Some(error) = measured.ended {
        return Err(anyhow::Error::new(error).context("the measurement ended before its time; what it had is above"));
    }
    if report.interrupted {
        console.note("interrupted: the figures are of what had been measured by then");
        return Ok(Outcome::Interrupted);
    }
    Ok(outcome)
}

/// What was measured, with its circumstances.
fn report(laboratory: &Laboratory, seeded: &SeedRun, bench: BenchRun) -> BenchReport {
    BenchReport {
        format: FORMAT_VERSION,
        perflab: VERSION.to_owned(),
        scenario: model::scenario_info(&laboratory.scenario),
        environment: laboratory.environment.clone(),
        data: Some(DataIdentity { hash: seeded.hash.clone(), rows: seeded.rows }),
        bench,
        shard: None,
        interrupted: false,
        warnings: Vec::new(),
        baseline: None,
    }
}

/// The bench as a run without explanations and advice, for its page.
fn page(report: &BenchReport, model: DataModel, seeded: &SeedRun, published: Option<Published>) -> Run {
    Run {
        format: report.format,
        perflab: report.perflab.clone(),
        scenario: report.scenario.clone(),
        environment: report.environment.clone(),
        model,
        seed: Some(seeded.clone()),
        before: Some(report.bench.clone()),
        explained: Vec::new(),
        advice: None,
        published,
        stages: Vec::new(),
        warnings: report.warnings.clone(),
    }
}

pub fn save(report: &BenchReport, file: &std::path::Path) -> anyhow::Result<()> {
    let json = serde_json::to_string_pretty(report)?;
    std::fs::write(file, json + "\n").with_context(|| format!("cannot write {}", file.display()))
}
