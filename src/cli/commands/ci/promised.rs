//! The scenario's promises: measured, and broken ones measured again before anybody is told.

use crate::bench::Workload;
use crate::bench::live::Stop;
use crate::bench::solo;
use crate::cli::commands::bench::promises;
use crate::cli::stages;
use crate::gate::slo::{self, Known};
use crate::report::model::ci::{Gate, Observed};
use crate::report::model::{BenchRun, EndpointResult, ServerSide, Touched};

use super::against::Other;
use super::base::lab_of;
use super::timed::part_of;
use super::{Found, Here};

impl Here<'_> {
    /// Checks every promise of the scenario.
    ///
    /// # Errors
    /// When the server fails.
    pub(super) async fn hold_promises(&mut self, other: Option<&mut Other>, found: &mut Found) -> anyhow::Result<()> {
        let promised = self.bound.workload.endpoints.iter().any(|endpoint| !endpoint.slo.is_empty());
        if !self.args.wants(Gate::Slo) || !promised {
            return Ok(());
        }
        let observed = std::mem::take(&mut found.observed);
        self.measured(found).await?;
        let Some(measured) = &mut found.measured else { return Ok(()) };
        counted(&mut measured.run, &observed);
        promises::hold(&mut self.laboratory, &self.bound, &measured.typical_calls, &[], &mut measured.run, self.console).await?;
        let by_turns = |label: &str| found.by_turns.iter().find(|one| one.label == label);
        let doubtful = measured.run.endpoints.iter().filter(|endpoint| slo::doubtful(endpoint, by_turns(&endpoint.label)));
        let broken: Vec<String> = doubtful.map(|endpoint| endpoint.label.clone()).collect();
        let run = measured.run.clone();
        found.observed = observed;
        let mut again = None;
        let mut before = Vec::new();
        if !broken.is_empty() {
            self.console.note(format!("measuring again, to be sure: {}", broken.join(", ")));
            again = Some(self.promises_again(&broken, &found.observed).await?);
            before = self.missed_before(other, &broken).await?;
        }
        for (endpoint, bound) in run.endpoints.iter().zip(&self.bound.workload.endpoints) {
            let again = again.iter().flat_map(|run: &BenchRun| &run.endpoints).find(|one| one.label == endpoint.label);
            let missed = before.iter().find(|(label, _)| *label == endpoint.label);
            let beside = found.by_turns.iter().find(|one| one.label == endpoint.label);
            let known = Known { again, missed_before: missed.map_or(&[], |(_, missed)| missed.as_slice()), beside };
            found.checks.extend(slo::check(endpoint, &bound.slo, known, |slo| self.map.place(slo.at)));
        }
        Ok(())
    }

    /// The endpoints of these labels, timed on a new copy and held against their promises.
    async fn promises_again(&mut self, labels: &[String], observed: &[Option<Observed>]) -> anyhow::Result<BenchRun> {
        let all = self.laboratory.scenario.endpoints.clone();
        self.laboratory.scenario.endpoints.retain(|endpoint| labels.contains(&endpoint.label()));
        let bound = stages::bind(&self.laboratory).await;
        self.laboratory.scenario.endpoints.clone_from(&all);
        let bound = bound?;
        let time = part_of(self.args.time.time_box(), labels.len(), all.len());
        let mut measured = stages::bench(&mut self.laboratory, &bound, time, self.console).await?;
        let observed: Vec<Option<Observed>> =
            observed.iter().filter(|one| one.as_ref().is_some_and(|one| labels.contains(&one.label))).cloned().collect();
        counted(&mut measured.run, &observed);
        promises::hold(&mut self.laboratory, &bound, &measured.typical_calls, &[], &mut measured.run, self.console).await?;
        Ok(measured.run)
    }

    /// By label, the promises that the other side breaks, too: as its file says, or measured.
    async fn missed_before(
        &mut self,
        other: Option<&mut Other>,
        labels: &[String],
    ) -> anyhow::Result<Vec<(String, Vec<String>)>> {
        match other {
            None => Ok(Vec::new()),
            Some(Other::File(baseline)) => {
                let seen = baseline.times.iter().flat_map(|times| &times.endpoints);
                Ok(seen.map(|one| (one.label.clone(), one.missed.clone())).collect())
            }
            Some(Other::Beside(beside)) => {
                let asked = |place: &&usize| labels.contains(&self.bound.workload.endpoints[**place].label);
                let places: Vec<usize> = beside.aligned.places.iter().filter(asked).copied().collect();
                let endpoints = places.iter().map(|place| {
                    let mut endpoint = beside.aligned.before.endpoints[*place].clone();
                    endpoint.slo.clone_from(&self.bound.workload.endpoints[*place].slo);
                    endpoint
                });
                let workload = Workload { endpoints: endpoints.collect(), calls: beside.aligned.before.calls };
                let time = part_of(self.args.time.time_box(), places.len(), self.bound.workload.endpoints.len());
                let stage = self.console.stage("bench");
                let lab = lab_of(&mut beside.laboratory, &mut self.laboratory.lab);
                let clone = lab.clone_seeded("base_bench").await?;
                let target = lab.clone_target(&clone);
                let measured =
                    solo::run(&workload, &target, time, &Stop::default(), &mut |tick| stage.at(tick.share, &tick.what)).await;
                lab.drop_clone(&clone).await?;
                let endpoints: Vec<EndpointResult> = measured?.run.endpoints;
                Ok(endpoints.iter().map(|endpoint| (endpoint.label.clone(), slo::broken(endpoint))).collect())
            }
        }
    }
}

/// Gives a run what was counted of its endpoints, for the promises that are about that.
fn counted(run: &mut BenchRun, observed: &[Option<Observed>]) {
    for endpoint in &mut run.endpoints {
        let Some(seen) = observed.iter().flatten().find(|one| one.label == endpoint.label) else { continue };
        let touched = Touched {
            blocks_hit: seen.blocks,
            temp_bytes: seen.temp_bytes,
            wal_bytes: seen.wal_bytes,
            wal_full_pages: seen.wal_full_pages,
            rows_read: seen.rows_read,
            rows_returned: endpoint.rows_per_call,
            ..Touched::default()
        };
        endpoint.server_side = Some(ServerSide { calls: seen.calls, touched, ..ServerSide::default() });
    }
}
