//! `perflab run`: the main job.

use std::path::Path;
use std::time::Instant;

use crate::bench::classes::Class;
use crate::bench::live::Stop;
use crate::bench::shard::WHOLE;
use crate::cli::args::{Cli, RunArgs};
use crate::cli::commands::bench::load;
use crate::cli::commands::report;
use crate::cli::laboratory::Laboratory;
use crate::cli::stages::{self, Clock, PlanClasses};
use crate::cli::ui::Console;
use crate::cli::{Outcome, host, model, seeding};
use crate::explain::study::Study;
use crate::report::model::{BenchRun, FORMAT_VERSION, LoadRun, Run};
use crate::report::terminal::{advice_table, kept_table, load_text};
use crate::units::percent;

/// Seed, bench, explain, advise, bench again, report.
pub async fn run(cli: &Cli, args: &RunArgs, console: &Console) -> anyhow::Result<Outcome> {
    let time = args.time.time_box();
    let mut clock = Clock::default();
    let busy = busy_machine(host::load(), host::cores());
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
    clock.lap("seed", started);

    let started = Instant::now();
    let bound = stages::bind(&laboratory).await?;
    let mut measured = stages::bench(&mut laboratory, &bound, time, console).await?;
    clock.lap("bench", started);
    if let Some(list) = &args.classes.classes {
        let started = Instant::now();
        stages::classes(&mut laboratory, &list.0, &mut measured.run, (time, &Stop::default()), console).await?;
        clock.lap("bench by classes of parameters", started);
    }

    if args.load {
        let started = Instant::now();
        let asked = load::Asked::as_written(&laboratory.scenario);
        measured.run.load = load::run(&mut laboratory, &asked, WHOLE, &Stop::default(), console).await?;
        clock.lap("load", started);
    }

    let started = Instant::now();
    let slow = stages::slow_endpoints(&measured);
    let trial = laboratory.lab.clone_seeded("trial").await?;
    let plans = stages::explain(&mut laboratory, &trial, &bound, &slow, &measured.typical_calls, Study::RUN, console).await?;
    clock.lap("explain", started);

    let advising = Instant::now();
    let selection = stages::choose(&mut laboratory, &trial, &bound, &measured.typical_calls, &plans, console).await?;
    clock.lap("advise", advising);

    let started = Instant::now();
    let mut advised = stages::prove(&mut laboratory, &bound, selection, &measured, &slow, time, console).await?;
    advised.run.seconds = advising.elapsed().as_secs_f64();
    clock.lap("bench before and after", started);
    if args.load && !advised.run.keep.is_empty() {
        let started = Instant::now();
        let asked = load::Asked::with_indexes(&laboratory.scenario, &advised.run.keep);
        advised.run.load = load::run(&mut laboratory, &asked, WHOLE, &Stop::default(), console).await?;
        clock.lap("load with the indexes", started);
    }

    let started = Instant::now();
    let mut explained = stages::explained(&laboratory, &bound, &measured, &slow, plans, &advised.run, advised.after).await?;
    let classes = PlanClasses::new(&laboratory.scenario, &Class::WITH_ROWS);
    classes.explain_some(&laboratory.lab.target(), &bound, &mut explained, console).await?;
    let warnings: Vec<String> = busy.into_iter().chain(saturated_client(&measured.run)).collect();
    let mut run = Run {
        format: FORMAT_VERSION,
        perflab: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: model::scenario_info(&laboratory.scenario),
        environment: laboratory.environment.clone(),
        model: model::data_model(&laboratory.scenario, &bound.catalog),
        seed: Some(seeded),
        before: Some(measured.run),
        explained,
        advice: Some(advised.run),
        stages: Vec::new(),
        warnings,
    };
    clock.lap("report", started);
    run.stages = clock.stages;
    report::write(&run, &folder)?;
    show(&run, &folder, console)?;
    laboratory.lab.close().await;
    Ok(Outcome::Fine)
}

fn show(run: &Run, folder: &Path, console: &Console) -> anyhow::Result<()> {
    if let Some(advice) = &run.advice {
        console.result(&advice_table(advice, console.screen()))?;
        console.result(&kept_table(advice, console.screen()))?;
    }
    let phases: Vec<LoadRun> = run.load();
    if !phases.is_empty() {
        console.result(&format!("\n{}\n", load_text(&phases, console.screen())))?;
    }
    console.json(run)?;
    let seconds: f64 = run.stages.iter().map(|stage| stage.seconds).sum();
    console.result(&format!("{} in {}", folder.join(crate::report::markdown::PAGE).display(), crate::units::seconds(seconds)))?;
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

/// Half of the processors busy before anything began: then a reply waits for its turn (on Linux a tick of the scheduler, 4 ms) and the
/// times are multiples of that.
fn busy_machine(load: Option<f64>, cores: u32) -> Option<String> {
    let load = load.filter(|load| *load >= 0.5 * f64::from(cores))?;
    Some(format!(
        "The machine was busy with other things when the run began (load {load:.1} on {cores} cores): times are longer and less even than on \
         a quiet one, ratios less so."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_machine_is_said() {
        assert_eq!(busy_machine(Some(0.9), 2), None);
        assert_eq!(busy_machine(None, 2), None);
        let warning = busy_machine(Some(1.25), 2).unwrap();
        assert!(warning.contains("load 1.2 on 2 cores"), "{warning}");
    }

    #[test]
    fn a_client_that_measures_itself_is_said() {
        let bench = |client_cpu| BenchRun { seconds: 1.0, client_cpu, ..BenchRun::default() };
        assert_eq!(saturated_client(&bench(0.8)), None);
        assert!(saturated_client(&bench(0.9)).unwrap().contains("90%"));
    }
}
