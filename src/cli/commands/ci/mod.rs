//! `perflab ci`: the gates a change has to pass.

mod accept;
mod against;
mod base;
mod checks;
mod outputs;
mod places;
mod promised;
mod timed;

use std::time::Instant;

use crate::bench::solo::Measured;
use crate::cli::args::{CiCommand, Cli, InconclusiveArg};
use crate::cli::laboratory::Laboratory;
use crate::cli::stages::{self, Bound, Clock};
use crate::cli::ui::Console;
use crate::cli::worktree::Repository;
use crate::cli::{Outcome, host, model, seeding};
use crate::gate::comparable::rows_seen;
use crate::gate::times::Timed;
use crate::report::model::ci::{
    Against, BaselineTimes, CI_FORMAT_VERSION, CiRun, Gate, GateCheck, GateVerdict, Observed, RowsSeen, verdict,
};
use crate::report::model::{DataIdentity, SeedRun};
use crate::version::VERSION;

use against::Other;
use base::Base;
use places::Map;

/// Our side: the scenario as it stands here.
pub struct Here<'a> {
    args: &'a CiCommand,
    console: &'a Console,
    laboratory: Laboratory,
    bound: Bound,
    rows: RowsSeen,
    seeded: SeedRun,
    map: Map,
}

/// Observes, compares, measures what has to be, and says what came of it in every form that was asked for.
pub async fn run(cli: &Cli, args: &CiCommand, console: &Console) -> anyhow::Result<Outcome> {
    let started = Instant::now();
    outputs::must_be_writable(args)?;
    let baseline = args.baseline.as_deref().map(against::read).transpose()?;
    let repository = Repository::of(&args.scenario.scenario);
    let base = args.base_ref.as_deref().map(|reference| Base::check_out(reference, args, repository.as_ref())).transpose()?;
    let mut laboratory = Laboratory::open(cli, &args.scenario.scenario, console).await?;
    laboratory.must_have_endpoints()?;
    accept::must_be_known(&args.accept, &laboratory.scenario)?;
    let seeded = seeding::ensure_seeded(&mut laboratory, &args.seed, console).await?;
    let bound = stages::bind(&laboratory).await?;
    let map = Map::of(&laboratory.scenario, repository.as_ref());
    let mut here = Here { args, console, laboratory, bound, rows: rows_seen(&seeded), seeded, map };
    let mut found = Found::default();
    found.clock.lap("seed", started);
    let beginning = Instant::now();
    let mut other = here.other(baseline, base, &mut found).await?;
    found.clock.lap("the other side", beginning);
    here.gate(&mut other, &mut found).await?;
    accept::accept(&args.accept, &mut found.checks);
    let run = here.run(&other, found, started);
    if let Some(other) = other {
        other.close().await;
    }
    here.laboratory.lab.close().await;
    outputs::write(&run, args, console)?;
    Ok(outcome(run.verdict, args.inconclusive))
}

/// What is found on the way.
#[derive(Default)]
pub struct Found {
    checks: Vec<GateCheck>,
    notes: Vec<String>,
    /// Our endpoints as observed, by place.
    observed: Vec<Option<Observed>>,
    measured: Option<Measured>,
    against: Option<Against>,
    /// Times of both sides by turns.
    by_turns: Vec<Timed>,
    clock: Clock,
}

impl Here<'_> {
    /// All gates, the surest first.
    async fn gate(&mut self, other: &mut Option<Other>, found: &mut Found) -> anyhow::Result<()> {
        let sure = [Gate::Statements, Gate::Plans, Gate::Work].into_iter().any(|gate| self.args.wants(gate));
        if self.args.write_baseline.is_some() || (sure && (other.is_some() || self.args.wants(Gate::Statements))) {
            let started = Instant::now();
            self.hold_what_is_sure(other.as_mut(), found).await?;
            found.clock.lap("observe", started);
        }
        // Times come before promises: whether an endpoint is slower than before decides whose doing a broken promise is.
        let started = Instant::now();
        self.hold_times(other.as_mut(), found).await?;
        found.clock.lap("times", started);
        let started = Instant::now();
        self.hold_promises(other.as_mut(), found).await?;
        found.clock.lap("promises", started);
        if let Some(file) = &self.args.write_baseline {
            against::write(self, found, file)?;
        }
        Ok(())
    }

    /// The endpoints timed with one client, once.
    async fn measured<'f>(&mut self, found: &'f mut Found) -> anyhow::Result<&'f mut Measured> {
        if found.measured.is_none() {
            let time = self.args.time.time_box();
            found.measured = Some(stages::bench(&mut self.laboratory, &self.bound, time, self.console).await?);
        }
        found.measured.as_mut().ok_or_else(|| anyhow::anyhow!("nothing was measured"))
    }

    /// This machine and server, as a baseline names them.
    fn machine(&self) -> BaselineTimes {
        BaselineTimes::of(&self.laboratory.environment, host::identity())
    }

    fn run(&self, other: &Option<Other>, mut found: Found, started: Instant) -> CiRun {
        if other.is_none() && found.against.is_none() && self.args.write_baseline.is_none() {
            let file = self.laboratory.scenario.source.path.display();
            found.notes.push(format!(
                "Only the scenario's promises were checked. `perflab ci {file} --base-ref origin/main` holds plans, work and times against \
                 another commit, `--write-baseline FILE` and then `--baseline FILE` against a file."
            ));
        }
        found.checks.sort_by_key(|check| check.gate);
        CiRun {
            format: CI_FORMAT_VERSION,
            perflab: VERSION.to_owned(),
            verdict: verdict(&found.checks),
            scenario: model::scenario_info(&self.laboratory.scenario),
            environment: self.laboratory.environment.clone(),
            data: Some(DataIdentity { hash: self.seeded.hash.clone(), rows: self.seeded.rows }),
            against: found.against,
            checks: found.checks,
            notes: found.notes,
            stages: found.clock.stages,
            seconds: started.elapsed().as_secs_f64(),
        }
    }
}

fn outcome(verdict: GateVerdict, inconclusive: InconclusiveArg) -> Outcome {
    match (verdict, inconclusive) {
        (GateVerdict::Pass, _) | (GateVerdict::Inconclusive, InconclusiveArg::Pass) => Outcome::Fine,
        (GateVerdict::Fail, _) | (GateVerdict::Inconclusive, InconclusiveArg::Fail) => Outcome::Finding,
        (GateVerdict::Inconclusive, InconclusiveArg::Exit3) => Outcome::Inconclusive,
    }
}
