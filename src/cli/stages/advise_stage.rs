//! Indexes chosen on one clone and proven on two fresh ones.

use std::collections::BTreeMap;

use crate::advise::partitions::add_partitions;
use crate::advise::{self, Selection, Trial, select, verify};
use crate::bench::paired::LEAST_PAIRS;
use crate::bench::rounds::TimeBox;
use crate::bench::solo::Measured;
use crate::cli::laboratory::Laboratory;
use crate::cli::ui::Console;
use crate::db::Connection;
use crate::report::model::AdviceRun;
use crate::scenario::model::Scenario;

use super::{Bound, Plans};

/// What advising found, and the plans it leaves.
pub struct Advised {
    pub run: AdviceRun,
    pub after: Plans,
}

/// Chooses indexes on the trial clone, which is dropped afterwards. `plans` are those of the endpoints without any candidate.
pub async fn choose(
    laboratory: &mut Laboratory,
    trial_clone: &str,
    bound: &Bound,
    measured: &Measured,
    plans: &Plans,
    console: &Console,
) -> anyhow::Result<Selection> {
    let stage = console.stage("advise");
    let medians = measured.run.endpoints.iter().map(|endpoint| (endpoint.label.clone(), endpoint.latency.p50_ms));
    let before_ms: BTreeMap<String, f64> = medians.collect();
    let trial = Trial {
        target: laboratory.lab.clone_target(trial_clone),
        workload: &bound.workload,
        catalog: &bound.catalog,
        options: &laboratory.scenario.advise,
        places: plans.keys().copied().collect(),
        typical_calls: &measured.typical_calls,
        before_ms: &before_ms,
        samples: samples(&laboratory.scenario),
    };
    let mut steps = 0.0_f64;
    let selection = select(&trial, plans, &mut |what| {
        // How many steps there will be is known only at the end; the bar nears it.
        steps += 1.0;
        stage.at(1.0 - (-steps / 25.0).exp(), what);
    })
    .await;
    laboratory.lab.drop_clone(trial_clone).await?;
    Ok(selection?)
}

/// The query that each endpoint's parameters are sampled by, in the scenario's order.
pub fn samples(scenario: &Scenario) -> Vec<Option<&str>> {
    scenario.endpoints.iter().map(|endpoint| endpoint.params.sample.as_ref().map(|sample| sample.value.as_str())).collect()
}

/// Proves the selection: every endpoint on two fresh clones in turn, with and without it. The clones go, however it ends.
pub async fn prove(
    laboratory: &mut Laboratory,
    bound: &Bound,
    selection: Selection,
    measured: &Measured,
    explained: &[usize],
    time: TimeBox,
    console: &Console,
) -> anyhow::Result<Advised> {
    let stage = console.stage("bench");
    let before = laboratory.lab.clone_seeded("before").await?;
    let after = laboratory.lab.clone_seeded("after").await?;
    let targets = [&laboratory.lab.clone_target(&before), &laboratory.lab.clone_target(&after)];
    let progress = &mut |share| stage.at(share, "before and after in turn");
    let time = TimeBox { least_rounds: LEAST_PAIRS, ..time };
    let proof = async {
        let calls = &measured.typical_calls;
        let mut verified = verify(&bound.workload, &selection, targets, explained, calls, time, progress).await?;
        let blamed = advise::take_back(&bound.workload, &selection, &mut verified, targets, time).await?;
        let kept = advise::kept_indexes(&selection, &verified.built, &verified.endpoints);
        let mut run = advise::advice_run(selection, kept, blamed.taken_back, verified.endpoints);
        run.notes.extend(blamed.notes);
        run.unsolved = advise::unsolved(&bound.workload, &run.endpoints, &verified.plans);
        stage.at(0.0, "indexes that nobody needs");
        let (drop, notes) = advise::drops(targets[1], &bound.workload, &bound.catalog, calls, &verified.built).await?;
        run.drop = drop;
        run.notes.extend(notes);
        stage.at(0.5, "what helps beside indexes");
        let slow = advise::slow_after(&run.endpoints);
        let others = advise::beyond(targets[1], &bound.workload, &slow, calls).await?;
        (run.rewrites, run.rewrites_rejected) = others.into_iter().partition(advise::helps);
        Ok::<_, advise::AdviseError>(Advised { run, after: verified.plans })
    };
    let proven = proof.await;
    laboratory.lab.drop_clone(&before).await?;
    laboratory.lab.drop_clone(&after).await?;
    let mut advised = proven?;
    let over = advise::over_write_budget(&bound.workload, &advised.run.endpoints, &laboratory.scenario.advise);
    advised.run.notes.extend(over);
    let mut connection = Connection::open(&laboratory.lab.target()).await?;
    add_partitions(&mut connection, &bound.catalog, &mut advised.run.keep).await?;
    connection.close().await;
    Ok(advised)
}
