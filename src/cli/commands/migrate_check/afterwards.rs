//! What a migration leaves behind: every endpoint before and after, and the schema after its rollback.

use std::cell::RefCell;

use crate::bench::Workload;
use crate::bench::paired::LEAST_PAIRS;
use crate::bench::rounds::TimeBox;
use crate::bench::workload::LeftOut;
use crate::cli::args::MigrateCheckCommand;
use crate::cli::laboratory::Laboratory;
use crate::cli::ui::Console;
use crate::db::Target;
use crate::migrate::run::{Facts, run};
use crate::migrate::watch::Watch;
use crate::migrate::{Script, change, objects};
use crate::report::model::{BrokenEndpoint, EndpointChange, ErrorCount, RollbackCheck, SloResult};
use crate::scenario::model::Scenario;

use super::trial::statements;

/// What the migration leaves behind.
#[derive(Default)]
pub struct Afterwards {
    pub endpoints: Vec<EndpointChange>,
    pub broken: Vec<BrokenEndpoint>,
    pub failing: Vec<(String, ErrorCount)>,
    pub promises: Vec<(String, SloResult)>,
    pub notes: Vec<String>,
}

/// Times every endpoint on the migrated rows and on a copy as seeded.
pub async fn afterwards(
    laboratory: &mut Laboratory,
    workload: Workload,
    migrated: &Target,
    args: &MigrateCheckCommand,
    console: &Console,
) -> anyhow::Result<Afterwards> {
    let stage = console.stage("before and after");
    let before = laboratory.lab.clone_seeded("before").await?;
    let seeded = laboratory.lab.clone_target(&before);
    let scenario = &laboratory.scenario;
    let outcome = async {
        change::analyze([&seeded, migrated]).await?;
        let fitting = change::fitting(scenario, workload, migrated).await?;
        let work = change::work(&fitting, &seeded, migrated).await?;
        let failing = change::failing(&fitting, &seeded, migrated).await?;
        let time = TimeBox { least_rounds: LEAST_PAIRS, ..args.time.time_box() };
        let progress = &mut |share| stage.at(share, "in turn");
        let results = change::measure(&fitting, &seeded, migrated, time, progress).await?;
        let apart = fitting.drawn_apart.iter();
        Ok::<_, anyhow::Error>(Afterwards {
            promises: change::broken_promises(&fitting, &results),
            endpoints: results.into_iter().zip(work).map(|(times, work)| EndpointChange { times, work }).collect(),
            broken: fitting.left_out.iter().map(|left_out| broken(scenario, left_out)).collect(),
            failing,
            notes: apart
                .map(|label| format!("{label} takes parameters of another type now; they were drawn on each side."))
                .collect(),
        })
    }
    .await;
    laboratory.lab.drop_clone(&before).await?;
    outcome
}

fn broken(scenario: &Scenario, left_out: &LeftOut) -> BrokenEndpoint {
    let file = scenario.source.path.display();
    let told =
        left_out.problems.iter().map(|problem| format!("{file}:{}:{}: {}", problem.at.line, problem.at.column, problem.message));
    BrokenEndpoint { label: left_out.label.clone(), problems: told.collect() }
}

/// Migration and rollback on a copy that nobody has written to, and the schema held against the one before.
pub async fn rolled_back(
    laboratory: &mut Laboratory,
    migration: &Script,
    (file, rollback): &(String, Script),
    console: &Console,
) -> anyhow::Result<RollbackCheck> {
    let _stage = console.stage("roll back");
    let before = objects::of(&laboratory.lab.target()).await?;
    let clone = laboratory.lab.clone_seeded("rollback").await?;
    let target = laboratory.lab.clone_target(&clone);
    let outcome = async {
        run(&target, migration, &RefCell::new(Watch::default()), Facts::LocksOnly).await?;
        let run = run(&target, rollback, &RefCell::new(Watch::default()), Facts::All).await?;
        Ok::<_, anyhow::Error>((run, objects::of(&target).await?))
    }
    .await;
    laboratory.lab.drop_clone(&clone).await?;
    let (run, after) = outcome?;
    Ok(RollbackCheck {
        file: file.clone(),
        statements: statements(rollback),
        differences: if run.failed.is_some() { Vec::new() } else { objects::differences(&before, &after) },
        run,
    })
}
