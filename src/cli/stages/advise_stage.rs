//! Indexes chosen on one clone and proven on two fresh ones.

use crate::advise::{self, Selection, Trial, select, verify};
use crate::bench::paired::LEAST_PAIRS;
use crate::bench::rounds::TimeBox;
use crate::bench::solo::Measured;
use crate::cli::laboratory::Laboratory;
use crate::cli::ui::Console;
use crate::report::model::AdviceRun;

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
    typical_calls: &[u64],
    plans: &Plans,
    console: &Console,
) -> anyhow::Result<Selection> {
    let stage = console.stage("advise");
    let trial = Trial {
        target: laboratory.lab.clone_target(trial_clone),
        workload: &bound.workload,
        catalog: &bound.catalog,
        options: &laboratory.scenario.advise,
        places: plans.keys().copied().collect(),
        typical_calls,
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
        let verified = verify(&bound.workload, &selection, targets, explained, &measured.typical_calls, time, progress).await?;
        let kept = advise::kept_indexes(&selection, &verified.built, targets[1]).await?;
        Ok::<_, advise::AdviseError>((verified, kept))
    };
    let proven = proof.await;
    laboratory.lab.drop_clone(&before).await?;
    laboratory.lab.drop_clone(&after).await?;
    let (verified, kept) = proven?;
    let mut run = advise::advice_run(selection, kept, verified.endpoints);
    run.notes.extend(advise::over_write_budget(&bound.workload, &run.endpoints, &laboratory.scenario.advise));
    run.unsolved = advise::unsolved(&bound.workload, &run.endpoints, &verified.plans);
    Ok(Advised { run, after: verified.plans })
}
