//! Every endpoint on one database: one client, closed loop, interleaved.

use std::time::{Duration, Instant};

use crate::db::{DbError, Target};
use crate::report::model::{BenchRun, EndpointResult, ErrorCount, StepResult};

use super::draw::Draw;
use super::live::{Live, Stop, Told};
use super::load::cpu::cpu_time;
use super::recorder::Recorder;
use super::rounds::{Rounds, TimeBox, WARM_UP_TIME, WarmUp, groups};
use super::session::{Call, Session, StepCall};
use super::slo::{Counted, slo_results};
use super::stretches;
use super::workload::{BoundEndpoint, Workload};

/// An endpoint that is far quicker than the rest is called this often per round at most.
const MOST_CALLS_PER_ROUND: u64 = 10;
/// … as long as those calls stay within this time.
const ROUND_SHARE: Duration = Duration::from_millis(3);

/// A bench run, and which of its calls stand for the rest.
pub struct Measured {
    pub run: BenchRun,
    /// By endpoint: the number of the call whose time was nearest the median, so that explaining it explains the typical call.
    pub typical_calls: Vec<u64>,
    /// Why it ended before its time, when the connection was lost for good; the run is what had been measured by then.
    pub ended: Option<DbError>,
}

/// Times every endpoint of the workload on a database that may be worn out by it.
///
/// Reads and writes come first, in rounds over all of them in random order; endpoints that delete come after, so that nothing is
/// asked for a row that is gone.
///
/// # Errors
/// When the server cannot be reached to begin with.
pub async fn run(workload: &Workload, target: &Target, time: TimeBox, stop: &Stop, live: Live<'_>) -> Result<Measured, DbError> {
    let mut bench = Solo {
        workload,
        session: Session::open(target, workload).await?,
        tallies: workload.endpoints.iter().map(Tally::new).collect(),
        stop,
        told: Told::new(workload, live),
    };
    let started = Instant::now();
    let cpu_before = cpu_time();
    let ended = bench.groups(time).await.err();
    let elapsed = started.elapsed();
    let client_cpu = cpu_time().saturating_sub(cpu_before).as_secs_f64() / elapsed.as_secs_f64().max(1e-9);
    let Solo { session, tallies, .. } = bench;
    session.close().await;
    let typical_calls = tallies.iter().map(Tally::typical_call).collect();
    let endpoints: Vec<_> = workload.endpoints.iter().zip(tallies).map(|(endpoint, tally)| tally.result(endpoint)).collect();
    let noise = stretches::noise(endpoints.iter().map(|endpoint| endpoint.blocks.as_slice()));
    let run = BenchRun { endpoints, seconds: elapsed.as_secs_f64(), client_cpu, noise, ..BenchRun::default() };
    Ok(Measured { run, typical_calls, ended })
}

/// A measurement under way.
struct Solo<'a> {
    workload: &'a Workload,
    session: Session,
    tallies: Vec<Tally>,
    stop: &'a Stop,
    told: Told<'a>,
}

impl Solo<'_> {
    async fn groups(&mut self, time: TimeBox) -> Result<(), DbError> {
        let mut done = 0.0;
        for (group, share) in groups(self.workload, time.total) {
            let part = share.as_secs_f64() / time.total.as_secs_f64().max(1e-9);
            self.told.part = (done, part);
            done += part;
            self.warm_up(&group).await?;
            self.rounds(&group, share, time).await?;
        }
        Ok(())
    }

    async fn warm_up(&mut self, group: &[usize]) -> Result<(), DbError> {
        for place in group {
            let mut warm_up = WarmUp::new(WARM_UP_TIME).sparing(self.workload.endpoints[*place].draws.calls());
            while !self.stop.asked() && warm_up.goes_on() {
                let tally = &mut self.tallies[*place];
                let Some(draw) = self.workload.endpoints[*place].draws.draw(tally.next_call) else { break };
                tally.next_call += 1;
                let call = self.session.call(self.workload, *place, &draw).await?;
                tally.pace = call.elapsed;
                warm_up.took(call.elapsed);
            }
        }
        Ok(())
    }

    async fn rounds(&mut self, group: &[usize], share: Duration, time: TimeBox) -> Result<(), DbError> {
        let mut rounds = Rounds::new(group, share, time.least_rounds);
        let mut draw = Draw::default();
        while let Some(order) = rounds.next(&mut |share| self.told.share = share) {
            let mut called = false;
            for place in order {
                for _ in 0..calls_per_round(self.tallies[*place].pace) {
                    if self.stop.asked() {
                        return Ok(());
                    }
                    let tally = &mut self.tallies[*place];
                    let number = tally.next_call;
                    if !self.workload.endpoints[*place].draws.draw_into(number, &mut draw) {
                        break;
                    }
                    tally.next_call += 1;
                    called = true;
                    let call = self.session.call(self.workload, *place, &draw).await?;
                    tally.record(number, &call, self.session.steps());
                    self.told.heard(*place, &call);
                }
            }
            if !called {
                break;
            }
        }
        Ok(())
    }
}

pub(super) fn calls_per_round(pace: Duration) -> u64 {
    let fitting = ROUND_SHARE.as_nanos() / pace.as_nanos().max(1);
    u64::try_from(fitting).unwrap_or(MOST_CALLS_PER_ROUND).clamp(1, MOST_CALLS_PER_ROUND)
}

/// What was measured of one endpoint.
pub struct Tally {
    /// Number of the next call's parameters.
    pub next_call: u64,
    /// Duration of the last warm-up call.
    pub pace: Duration,
    latency: Recorder,
    steps: Vec<StepTally>,
    rows: u64,
    statements: u64,
    round_trips: u64,
    empty_calls: u64,
    retries: u64,
    /// Call numbers with their times, for the typical one.
    calls: Vec<(u64, Duration)>,
    pub errors: Vec<ErrorCount>,
}

#[derive(Default)]
struct StepTally {
    latency: Recorder,
    rows: u64,
}

impl Tally {
    pub fn new(endpoint: &BoundEndpoint) -> Tally {
        Tally {
            next_call: 0,
            pace: Duration::ZERO,
            latency: Recorder::default(),
            steps: endpoint.steps.iter().map(|_| StepTally::default()).collect(),
            rows: 0,
            statements: 0,
            round_trips: 0,
            empty_calls: 0,
            retries: 0,
            calls: Vec::new(),
            errors: Vec::new(),
        }
    }

    /// Adds a timed call; a failed one is counted as such and never enters the histogram.
    pub fn record(&mut self, number: u64, call: &Call, steps: &[StepCall]) {
        self.retries += u64::from(call.retries);
        if let Some(failure) = &call.failed {
            count_error(&mut self.errors, failure);
            return;
        }
        self.calls.push((number, call.elapsed));
        self.latency.record(call.elapsed);
        self.rows += call.rows;
        self.statements += u64::from(call.statements);
        self.round_trips += u64::from(call.round_trips);
        self.empty_calls += u64::from(call.rows == 0);
        for (tally, step) in self.steps.iter_mut().zip(steps) {
            tally.rows += step.rows;
            step.executions.iter().for_each(|elapsed| tally.latency.record(*elapsed));
        }
    }

    /// The call in the middle of all calls ordered by time; the first one when none succeeded.
    fn typical_call(&self) -> u64 {
        let mut calls = self.calls.clone();
        calls.sort_by_key(|(_, elapsed)| *elapsed);
        calls.get(calls.len() / 2).map_or(0, |(number, _)| *number)
    }

    fn result(self, endpoint: &BoundEndpoint) -> EndpointResult {
        let calls = self.latency.count();
        let per_call = |count: u64| if calls == 0 { 0.0 } else { count as f64 / calls as f64 };
        let latency = self.latency.summary();
        let total_ms = self.latency.total_ms();
        let (histogram, errors) = (self.latency.stored(), failures(&self.errors));
        let counted = Counted { latency: &latency, histogram: histogram.as_deref(), errors: Some(errors), per_s: None };
        let slo = slo_results(&endpoint.slo, &counted);
        let steps = endpoint.steps.iter().zip(&self.steps).enumerate().map(|(number, (step, tally))| StepResult {
            step: number + 1,
            sql: step.written.clone(),
            runs_per_call: per_call(tally.latency.count()),
            rows_per_call: per_call(tally.rows),
            latency: tally.latency.summary(),
            histogram: tally.latency.stored(),
            share: if total_ms > 0.0 { tally.latency.total_ms() / total_ms } else { 0.0 },
        });
        EndpointResult {
            label: endpoint.label.clone(),
            route: endpoint.route.clone(),
            case: endpoint.case.clone(),
            weight: endpoint.weight,
            effect: endpoint.effect,
            calls,
            rows_per_call: per_call(self.rows),
            statements_per_call: per_call(self.statements),
            round_trips_per_call: per_call(self.round_trips),
            steps: steps.collect(),
            slo,
            notes: notes(calls, self.empty_calls, &self.errors),
            errors,
            failures: self.errors,
            retries: self.retries,
            histogram,
            blocks: stretches::cut(self.calls.iter().map(|(_, elapsed)| *elapsed)),
            latency,
            ..EndpointResult::default()
        }
    }
}

/// Counts a failure under its SQLSTATE and step.
pub fn count_error(errors: &mut Vec<ErrorCount>, failure: &super::session::Failure) {
    let (sqlstate, step) = (failure.error.sqlstate(), failure.step + 1);
    match errors.iter_mut().find(|known| known.sqlstate == sqlstate && known.step == step) {
        Some(known) => known.count += 1,
        None => errors.push(ErrorCount { sqlstate: sqlstate.to_owned(), message: failure.error.to_string(), step, count: 1 }),
    }
}

/// Calls that failed, all kinds together.
fn failures(errors: &[ErrorCount]) -> u64 {
    errors.iter().map(|error| error.count).sum()
}

fn notes(calls: u64, empty_calls: u64, errors: &[ErrorCount]) -> Vec<String> {
    let mut notes = Vec::new();
    if calls > 0 && empty_calls == calls {
        notes.push("No call returned or changed a row: the parameters may not fit the data.".into());
    }
    let failed = failures(errors);
    if failed > 0 {
        notes.push(format!("{failed} of {} calls failed and are not among the times.", failed + calls));
    }
    notes
}
