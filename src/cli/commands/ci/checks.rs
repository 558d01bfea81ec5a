//! The gates that need no clock: observed, compared, and whatever got worse observed once more on fresh copies.

use crate::cli::ui::Stage;
use crate::db::{Connection, Lab};
use crate::gate::observe::{Ground, indexes, observe};
use crate::gate::sides::{IndexChange, Sides};
use crate::gate::{plans, statements, work};
use crate::report::model::ci::{CheckOutcome, Gate, GateCheck, Observed};

use super::against::Other;
use super::base::lab_of;
use super::{Found, Here};

/// How a side is observed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    First,
    /// The planner's sample of the rows is taken anew, so that what hung on it does not come back.
    Again,
}

impl Here<'_> {
    /// Statements, plans and work.
    ///
    /// # Errors
    /// When the server fails.
    pub(super) async fn hold_what_is_sure(&mut self, other: Option<&mut Other>, found: &mut Found) -> anyhow::Result<()> {
        let everywhere: Vec<usize> = (0..self.bound.workload.endpoints.len()).collect();
        let stage = self.console.stage("observe");
        found.observed = self.observe(&everywhere, Look::First, &stage).await?;
        let Some(other) = other else {
            found.checks.extend(self.alone(&found.observed));
            return Ok(());
        };
        let before = self.observe_other(other, &everywhere, Look::First, &stage).await?;
        let changed = self.index_change(other);
        let mut checks = self.compared(&before, &found.observed, &changed);
        let doubtful = self.failing(&checks);
        if !doubtful.is_empty() {
            drop(stage);
            let labels: Vec<&str> = doubtful.iter().map(|place| self.bound.workload.endpoints[*place].label.as_str()).collect();
            self.console.note(format!("looking again, to be sure: {}", labels.join(", ")));
            let stage = self.console.stage("observe");
            let after = self.observe(&doubtful, Look::Again, &stage).await?;
            let before = self.observe_other(other, &doubtful, Look::Again, &stage).await?;
            confirm(&mut checks, &self.compared(&before, &after, &changed));
        }
        found.checks.extend(checks);
        Ok(())
    }

    async fn observe(&mut self, places: &[usize], look: Look, stage: &Stage) -> anyhow::Result<Vec<Option<Observed>>> {
        let ground = Ground { workload: &self.bound.workload, places, catalog: &self.bound.catalog };
        on_copies(&mut self.laboratory.lab, ground, ["counts", "plans"], look, stage).await
    }

    async fn observe_other(
        &mut self,
        other: &mut Other,
        places: &[usize],
        look: Look,
        stage: &Stage,
    ) -> anyhow::Result<Vec<Option<Observed>>> {
        match other {
            Other::File(baseline) => {
                let of = |label: &str| baseline.endpoints.iter().find(|known| known.label == label).cloned();
                Ok(self.bound.workload.endpoints.iter().map(|endpoint| of(&endpoint.label)).collect())
            }
            Other::Beside(beside) => {
                let both: Vec<usize> = beside.aligned.places.iter().copied().filter(|place| places.contains(place)).collect();
                let ground = Ground { workload: &beside.aligned.before, places: &both, catalog: &beside.catalog };
                let lab = lab_of(&mut beside.laboratory, &mut self.laboratory.lab);
                on_copies(lab, ground, ["base_counts", "base_plans"], look, stage).await
            }
        }
    }

    fn index_change(&self, other: &Other) -> IndexChange {
        let after = indexes(&self.bound.catalog);
        match other {
            Other::File(baseline) => IndexChange::between(&baseline.indexes, &after),
            Other::Beside(beside) => IndexChange::between(&indexes(&beside.catalog), &after),
        }
    }

    /// Where there is nothing to compare with: whether calls work.
    fn alone(&self, observed: &[Option<Observed>]) -> Vec<GateCheck> {
        if !self.args.wants(Gate::Statements) {
            return Vec::new();
        }
        observed.iter().flatten().map(|one| statements::check_alone(one, &self.map.of_endpoint(&one.label))).collect()
    }

    fn compared(&self, before: &[Option<Observed>], after: &[Option<Observed>], indexes: &IndexChange) -> Vec<GateCheck> {
        let mut found = Vec::new();
        for (before, after) in before.iter().zip(after) {
            let Some(after) = after else { continue };
            let places = self.map.of_endpoint(&after.label);
            let Some(before) = before else {
                found.extend(self.args.wants(Gate::Statements).then(|| statements::check_alone(after, &places)));
                continue;
            };
            let sides = Sides { before, after, indexes, places: &places };
            if self.args.wants(Gate::Statements) {
                found.push(statements::check(&sides));
            }
            if self.args.wants(Gate::Plans) {
                found.extend(plans::check(&sides));
            }
            if self.args.wants(Gate::Work) {
                found.push(work::check(&sides));
            }
        }
        found
    }

    /// Places of the endpoints at which something failed.
    fn failing(&self, checks: &[GateCheck]) -> Vec<usize> {
        let failed = |label: &str| checks.iter().any(|check| check.failed() && check.label == label);
        let endpoints = self.bound.workload.endpoints.iter().enumerate();
        endpoints.filter(|(_, endpoint)| failed(&endpoint.label)).map(|(place, _)| place).collect()
    }
}

/// What failed and does not come back is a notice.
fn confirm(first: &mut [GateCheck], again: &[GateCheck]) {
    for check in first.iter_mut().filter(|check| check.failed()) {
        let same = |other: &&GateCheck| {
            other.failed() && (other.gate, other.step, &other.label) == (check.gate, check.step, &check.label)
        };
        if again.iter().find(same).is_none() {
            check.outcome = CheckOutcome::Notice;
            check.next_step = None;
            let said = check.message.take().unwrap_or_default();
            check.message = Some(format!("{said} It did not come back on a fresh copy that was analyzed anew."));
        }
    }
}

/// Observes on two copies of the rows, which go afterwards however it ends.
async fn on_copies(
    lab: &mut Lab,
    ground: Ground<'_>,
    purposes: [&str; 2],
    look: Look,
    stage: &Stage,
) -> anyhow::Result<Vec<Option<Observed>>> {
    let clones = [lab.clone_seeded(purposes[0]).await?, lab.clone_seeded(purposes[1]).await?];
    let targets = [lab.clone_target(&clones[0]), lab.clone_target(&clones[1])];
    let seen = async {
        if look == Look::Again {
            for target in &targets {
                let mut connection = Connection::open(target).await?;
                connection.batch("ANALYZE").await?;
                connection.close().await;
            }
        }
        observe(ground, [&targets[0], &targets[1]], &mut |share| stage.at(share, "what every call asks for and touches")).await
    };
    let seen = seen.await;
    for clone in &clones {
        lab.drop_clone(clone).await?;
    }
    Ok(seen?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_come_back_is_a_notice() {
        let failed = |gate, step| GateCheck { step, ..GateCheck::new(gate, "GET /", CheckOutcome::Failed).saying("3 → 9.") };
        let mut checks = [failed(Gate::Plans, Some(1)), failed(Gate::Plans, Some(2)), failed(Gate::Work, None)];
        let again = [failed(Gate::Plans, Some(2)), GateCheck::new(Gate::Work, "GET /", CheckOutcome::Passed)];
        confirm(&mut checks, &again);
        let outcomes = checks.each_ref().map(|check| check.outcome);
        assert_eq!(outcomes, [CheckOutcome::Notice, CheckOutcome::Failed, CheckOutcome::Notice]);
        assert!(checks[0].message.as_ref().unwrap().contains("did not come back"));
    }
}
