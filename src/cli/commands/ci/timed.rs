//! Times: side by side with the other commit, or against the file that this machine wrote; what is slower is measured again.

use std::time::Duration;

use crate::bench::paired::{self, LEAST_PAIRS};
use crate::bench::rounds::TimeBox;
use crate::cli::stages;
use crate::gate::times::{self, Timed};
use crate::report::model::Verdict;
use crate::report::model::ci::{BaselineTimes, CheckOutcome, Gate, GateCheck};

use super::against::Other;
use super::base::{Beside, lab_of};
use super::{Found, Here};

/// Calls that an endpoint must have rows for: what deletes its rows and has fewer is never called often enough, however long it is.
const LEAST_ROWS: u64 = 30;
/// The least time for a second look.
const LEAST_TIME: Duration = Duration::from_secs(1);

/// The time for some of the endpoints.
pub(super) fn part_of(time: TimeBox, some: usize, all: usize) -> TimeBox {
    let share = some as f64 / all.max(1) as f64;
    TimeBox { total: time.total.mul_f64(share).max(LEAST_TIME), ..time }
}

impl Here<'_> {
    /// # Errors
    /// When the server fails.
    pub(super) async fn hold_times(&mut self, other: Option<&mut Other>, found: &mut Found) -> anyhow::Result<()> {
        if !self.args.wants(Gate::Times) {
            return Ok(());
        }
        match other {
            Some(Other::Beside(beside)) => self.side_by_side(beside, found).await,
            Some(Other::File(baseline)) => {
                let before = baseline.times.clone();
                self.against_file(before, found).await
            }
            // For the file's sake.
            None if self.args.write_baseline.is_some() => self.measured(found).await.map(|_| ()),
            None => Ok(()),
        }
    }

    async fn side_by_side(&mut self, beside: &mut Beside, found: &mut Found) -> anyhow::Result<()> {
        let (places, few): (Vec<usize>, Vec<usize>) = beside
            .aligned
            .places
            .iter()
            .partition(|place| self.bound.workload.endpoints[**place].draws.calls().is_none_or(|calls| calls >= LEAST_ROWS));
        let skipped = few.iter().map(|place| {
            let label = &self.bound.workload.endpoints[*place].label;
            let said = format!("Its sample has too few rows to use up for a verdict on times; {LEAST_ROWS} would do.");
            let check = GateCheck::new(Gate::Times, label, CheckOutcome::Skipped).saying(said);
            GateCheck { place: self.map.of_endpoint(label).endpoint, ..check }
        });
        found.checks.extend(skipped);
        let time = TimeBox { least_rounds: LEAST_PAIRS, ..self.args.time.time_box() };
        let mut first = self.pairs(beside, &places, time, [0, 1]).await?;
        let lacking: Vec<String> =
            first.iter().filter(|one| one.verdict == Verdict::NotEnoughData).map(|one| one.label.clone()).collect();
        let slow = self.labelled(&places, &lacking);
        if !slow.is_empty() && slow.len() < places.len() {
            // By themselves they have the time that the others took.
            let more = self.pairs(beside, &slow, time, [0, 1]).await?;
            first.retain(|one| !lacking.contains(&one.label));
            first.extend(more);
        }
        let doubtful = times::doubtful(&first, self.args.slowdown);
        let mut again = Vec::new();
        if !doubtful.is_empty() {
            self.console.note(format!("measuring again, to be sure: {}", doubtful.join(", ")));
            let some = self.labelled(&places, &doubtful);
            // The copies are made in the other order, lest the one that comes first has the better place on the disk.
            again = self.pairs(beside, &some, part_of(time, some.len(), places.len()), [1, 0]).await?;
        }
        self.judge(&first, &again, found);
        found.by_turns = first;
        Ok(())
    }

    /// Those of the places whose endpoints have one of the labels.
    fn labelled(&self, places: &[usize], labels: &[String]) -> Vec<usize> {
        let has = |place: &usize| labels.contains(&self.bound.workload.endpoints[*place].label);
        places.iter().copied().filter(has).collect()
    }

    /// Both sides in turn, on fresh copies that are made in that order: 0 is the other side, 1 is ours.
    async fn pairs(
        &mut self,
        beside: &mut Beside,
        places: &[usize],
        time: TimeBox,
        order: [usize; 2],
    ) -> anyhow::Result<Vec<Timed>> {
        let stage = self.console.stage("times");
        let mut clones = [String::new(), String::new()];
        let own = &mut self.laboratory.lab;
        for side in order {
            clones[side] = match side {
                0 => lab_of(&mut beside.laboratory, own).clone_seeded("base_times").await?,
                _ => own.clone_seeded("times").await?,
            };
        }
        let targets = [lab_of(&mut beside.laboratory, own).clone_target(&clones[0]), own.clone_target(&clones[1])];
        let workloads = [&beside.aligned.before, &self.bound.workload];
        let told = &mut |share| stage.at(share, "both sides in turn");
        let pairs = paired::run_both(workloads, places, [&targets[0], &targets[1]], time, told).await;
        lab_of(&mut beside.laboratory, own).drop_clone(&clones[0]).await?;
        own.drop_clone(&clones[1]).await?;
        Ok(times::of_pairs(&paired::results(&self.bound.workload, places, &pairs?)))
    }

    async fn against_file(&mut self, before: Option<BaselineTimes>, found: &mut Found) -> anyhow::Result<()> {
        let Some(before) = before else {
            found.notes.push("The baseline has no times, so none were compared; --base-ref compares them side by side.".into());
            return Ok(());
        };
        if let Some(what) = times::other_machine(&before, &self.machine()) {
            found.notes.push(format!(
                "Times were not compared: the baseline is of another machine ({what}). What was counted is the same on any; --base-ref \
                 compares times side by side."
            ));
            return Ok(());
        }
        let environment = self.laboratory.environment.clone();
        let run = self.measured(found).await?.run.clone();
        let first = times::of_file(&before, &run, &environment);
        let doubtful = times::doubtful(&first, self.args.slowdown);
        let mut again = Vec::new();
        if !doubtful.is_empty() {
            self.console.note(format!("measuring again, to be sure: {}", doubtful.join(", ")));
            let all = self.laboratory.scenario.endpoints.clone();
            self.laboratory.scenario.endpoints.retain(|endpoint| doubtful.contains(&endpoint.label()));
            let bound = stages::bind(&self.laboratory).await;
            self.laboratory.scenario.endpoints.clone_from(&all);
            let time = part_of(self.args.time.time_box(), doubtful.len(), all.len());
            let measured = stages::bench(&mut self.laboratory, &bound?, time, self.console).await?;
            again = times::of_file(&before, &measured.run, &environment);
        }
        self.judge(&first, &again, found);
        Ok(())
    }

    fn judge(&self, first: &[Timed], again: &[Timed], found: &mut Found) {
        for one in first {
            let again = again.iter().find(|other| other.label == one.label);
            found.checks.push(times::check(one, again, self.args.slowdown, &self.map.of_endpoint(&one.label)));
        }
    }
}
