//! `perflab run`: the main job.

use std::path::Path;
use std::time::Instant;

use crate::bench::classes::Class;
use crate::bench::live::Stop;
use crate::bench::rounds::TimeBox;
use crate::bench::shard::WHOLE;
use crate::cli::args::{Cli, RunArgs};
use crate::cli::commands::bench::copies::Copies;
use crate::cli::commands::bench::{load, variants};
use crate::cli::commands::{page, report};
use crate::cli::laboratory::Laboratory;
use crate::cli::stages::{self, Bound, Clock, PlanClasses, Plans};
use crate::cli::ui::Console;
use crate::cli::{Outcome, host, model, published, seeding};
use crate::db::Connection;
use crate::explain::study::Study;
use crate::report::model::{AdviceRun, BenchRun, FORMAT_VERSION, KeptIndex, LoadRun, Run, VariantRun};
use crate::report::terminal::{AdviceView, advice_text, load_text, variants_text};
use crate::scenario::error::Problem;
use crate::units::percent;
use crate::version::VERSION;

/// Seed, bench, explain, advise, bench again, report. An endpoint or a variant that the database does not take is named, here and in the
/// report, and spoils nothing for the others; the exit code says that not all was well.
pub async fn run(cli: &Cli, args: &RunArgs, console: &Console) -> anyhow::Result<Outcome> {
    let time = args.time.time_box();
    let mut clock = Clock::default();
    let busy = busy_machine(host::load(), host::cores(), host::busy_share);
    busy.iter().for_each(|warning| console.note(format!("warning: {warning}")));

    let started = Instant::now();
    let mut laboratory = Laboratory::open(cli, &args.scenario.scenario, console).await?;
    laboratory.must_have_endpoints()?;
    anyhow::ensure!(
        !args.load || !laboratory.scenario.load.is_empty(),
        "{} has no `load:` to drive; write one, or describe it by flags: perflab bench SCENARIO --clients 1,2,4,8 --report DIR",
        laboratory.scenario.name
    );
    let folder = args.output.clone().unwrap_or_else(|| report::folder_of(&laboratory.scenario.name));
    report::prepare(&folder)?;
    clock.lap("server", started);

    let started = Instant::now();
    let seeded = seeding::ensure_seeded(&mut laboratory, &args.seed, console).await?;
    let contradicted = seeding::contradicted(&seeded);
    contradicted.iter().for_each(|warning| console.note(format!("warning: {warning}")));
    clock.lap("seed", started);

    let started = Instant::now();
    let mut published = published::published(&laboratory.scenario);
    let (bound, mut left_out) = bind(&mut laboratory, console).await?;
    let mut measured = stages::bench(&mut laboratory, &bound, time, console).await?;
    clock.lap("bench", started);
    if let Some(list) = &args.classes.classes {
        let started = Instant::now();
        stages::classes(&mut laboratory, &list.0, &mut measured.run, (time, &Stop::default()), console).await?;
        clock.lap("bench by classes of parameters", started);
    }

    if args.load {
        let started = Instant::now();
        let asked = load::Asked::plain(&laboratory.scenario);
        measured.run.load = load::run(&mut laboratory, &asked, WHOLE, &Stop::default(), console).await?;
        clock.lap("load", started);
    }

    let started = Instant::now();
    let slow = stages::slow_endpoints(&measured);
    let trial = laboratory.lab.clone_seeded("trial").await?;
    let plans = stages::explain(&mut laboratory, &trial, &bound, &slow, &measured.typical_calls, Study::RUN, console).await?;
    let shown = &slow[..slow.len().min(stages::MOST_EXPLAINED)];
    let quoted = published::to_explain(published.as_ref(), &bound.workload, shown);
    let quoted_plans = if quoted.is_empty() {
        Plans::new()
    } else {
        stages::explain(&mut laboratory, &trial, &bound, &quoted, &measured.typical_calls, Study::PLANS, console).await?
    };
    clock.lap("explain", started);

    let advising = Instant::now();
    let selection = stages::choose(&mut laboratory, &trial, &bound, &measured, &plans, console).await?;
    clock.lap("advise", advising);

    let started = Instant::now();
    let explained: Vec<usize> = slow.iter().chain(quoted.iter().filter(|place| !slow.contains(place))).copied().collect();
    let mut advised = stages::prove(&mut laboratory, &bound, selection, &measured, &explained, time, console).await?;
    if let Some(published) = &mut published {
        published::add_explained(published, &bound.workload, &quoted_plans, &advised.after);
    }
    advised.run.seconds = advising.elapsed().as_secs_f64();
    clock.lap("bench before and after", started);

    let started = Instant::now();
    let (ways, unfit) = other_ways(&mut laboratory, &advised.run.keep, time, console).await?;
    left_out.extend(unfit);
    if !ways.is_empty() {
        clock.lap("variants", started);
    }
    measured.run.variants = ways;
    if args.load {
        let started = Instant::now();
        load_after(&mut laboratory, &mut measured.run, &mut advised.run, console).await?;
        clock.lap(if advised.run.keep.is_empty() { "load varied" } else { "load with the indexes" }, started);
    }

    let started = Instant::now();
    let mut explained = stages::explained(&laboratory, &bound, &measured, &slow, plans, &advised.run, advised.after).await?;
    let classes = PlanClasses::new(&laboratory.scenario, &Class::WITH_ROWS);
    classes.explain_some(&laboratory.lab.target(), &bound, &mut explained, console).await?;
    let outcome = if left_out.is_empty() && contradicted.is_empty() { Outcome::Fine } else { Outcome::Finding };
    let warnings: Vec<String> =
        busy.into_iter().chain(saturated_client(&measured.run)).chain(contradicted).chain(left_out).collect();
    let mut run = Run {
        format: FORMAT_VERSION,
        perflab: VERSION.to_owned(),
        scenario: model::scenario_info(&laboratory.scenario),
        environment: laboratory.environment.clone(),
        model: model::data_model(&laboratory.scenario, &bound.catalog),
        seed: Some(seeded),
        before: Some(measured.run),
        explained,
        advice: Some(advised.run),
        published,
        stages: Vec::new(),
        warnings,
    };
    clock.lap("report", started);
    run.stages = clock.stages;
    report::write(&run, &folder)?;
    show(&run, &folder, console)?;
    laboratory.lab.close().await;
    Ok(outcome)
}

/// The endpoints that fit, and a sentence on each that does not.
async fn bind(laboratory: &mut Laboratory, console: &Console) -> anyhow::Result<(Bound, Vec<String>)> {
    let mut connection = Connection::open(&laboratory.lab.target()).await?;
    let bound = stages::bind_what_fits(&mut laboratory.scenario, &mut connection, console).await;
    connection.close().await;
    bound
}

/// The load again with the kept indexes, and all its variations.
async fn load_after(
    laboratory: &mut Laboratory,
    before: &mut BenchRun,
    advice: &mut AdviceRun,
    console: &Console,
) -> anyhow::Result<()> {
    let asked = load::Asked::with_indexes(&laboratory.scenario, &advice.keep);
    let found = load::run(laboratory, &asked, WHOLE, &Stop::default(), console).await?;
    if advice.keep.is_empty() {
        before.load.extend(found);
    } else {
        advice.load = found;
    }
    Ok(())
}

/// The variants beside their endpoints, with the kept indexes: so the service would run, whichever way it goes. What does not fit is told
/// at once, and comes back in sentences.
async fn other_ways(
    laboratory: &mut Laboratory,
    keep: &[KeptIndex],
    time: TimeBox,
    console: &Console,
) -> anyhow::Result<(Vec<VariantRun>, Vec<String>)> {
    let mut copies = Copies::with(keep);
    let (ready, problems) = variants::prepare_what_fits(laboratory, &mut copies, console).await?;
    let file = laboratory.scenario.source.path.display().to_string();
    let unfit = |problem: &Problem| {
        let Problem { at, message, .. } = problem;
        format!("A variant was left out: {file}:{}:{}: {message}", at.line, at.column)
    };
    let unfit = problems.iter().map(unfit).collect();
    if !problems.is_empty() {
        console.note(format!("left out:\n{}", laboratory.mistakes(problems)));
    }
    let runs = variants::measure(laboratory, (ready, copies), time, Some(&Stop::default()), console).await?;
    Ok((runs, unfit))
}

fn show(run: &Run, folder: &Path, console: &Console) -> anyhow::Result<()> {
    if let Some(advice) = &run.advice {
        console.result(&advice_text(advice, AdviceView { all: false }, console.screen()))?;
    }
    let ways = run.before.as_ref().map_or(&[][..], |bench| &bench.variants);
    if !ways.is_empty() {
        console.result(&format!("\n{}", variants_text(ways, console.screen())))?;
    }
    let phases: Vec<LoadRun> = run.load();
    if !phases.is_empty() {
        console.result(&format!("\n{}\n", load_text(&phases, console.screen())))?;
    }
    console.json(run)?;
    let seconds: f64 = run.stages.iter().map(|stage| stage.seconds).sum();
    console.result(&format!("{} in {}", page::written(run, folder, console)?.display(), crate::units::seconds(seconds)))?;
    Ok(())
}

/// A client that is nearly always busy measures itself. One client waits for the server most of the time; above this share of one
/// core it does not.
const SATURATED: f64 = 0.8;

fn saturated_client(bench: &BenchRun) -> Option<String> {
    (bench.client_cpu > SATURATED).then(|| {
        format!(
            "perflab itself used {} of a core while it measured: the times are the client's as much as the server's.",
            percent(bench.client_cpu)
        )
    })
}

/// From here on a machine is busy, as a share of its processors: then a reply waits for its turn (on Linux a tick of the scheduler, 4 ms)
/// and the times are multiples of that.
const BUSY: f64 = 0.5;

/// So many processors were wanted on average over the last minute, and are still in use: what ended just before does not count.
fn busy_machine(load: Option<f64>, cores: u32, still_busy: impl FnOnce() -> Option<f64>) -> Option<String> {
    let load = load.filter(|load| *load >= BUSY * f64::from(cores))?;
    still_busy().is_none_or(|share| share >= BUSY).then(|| {
        format!(
            "The machine was busy with other things when the run began (load {load:.1} on {cores} cores): times are longer and less even than \
             on a quiet one, ratios less so."
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_machine_is_said() {
        assert_eq!(busy_machine(Some(0.9), 2, || Some(1.0)), None);
        assert_eq!(busy_machine(None, 2, || Some(1.0)), None);
        assert_eq!(busy_machine(Some(1.25), 2, || Some(0.1)), None, "it was, and is no more");
        assert!(busy_machine(Some(1.25), 2, || None).is_some(), "nobody knows whether it still is");
        let warning = busy_machine(Some(1.25), 2, || Some(0.6)).unwrap();
        assert!(warning.contains("load 1.2 on 2 cores"), "{warning}");
    }

    #[test]
    fn a_client_that_measures_itself_is_said() {
        let bench = |client_cpu| BenchRun { seconds: 1.0, client_cpu, ..BenchRun::default() };
        assert_eq!(saturated_client(&bench(0.8)), None);
        assert!(saturated_client(&bench(0.9)).unwrap().contains("90%"));
    }
}
