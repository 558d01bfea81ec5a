//! Every endpoint on two databases in turn, with the same parameters.

use std::time::{Duration, Instant};

use crate::db::{DbError, Target};
use crate::report::model::{ErrorCount, Latency, PairedResult};

use super::recorder::{P95_NEEDS, Recorder};
use super::rounds::{Progress, Rounds, TimeBox, WARM_UP_TIME, WarmUp, groups, latest};
use super::session::Session;
use super::slo::{Counted, slo_results};
use super::solo::count_error;
use super::statistics::{FEWEST_APART, ratio, verdict};
use super::workload::{BoundEndpoint, Workload};

/// What was measured of one endpoint on both sides.
#[derive(Default)]
pub struct Pairs {
    /// Milliseconds before and after, same parameters.
    pub pairs: Vec<(f64, f64)>,
    /// Milliseconds of further calls after, without a partner: a slow endpoint that became quick gets enough for a p95.
    pub after_alone: Vec<f64>,
    pub errors: Vec<ErrorCount>,
    next_call: u64,
    pace: Duration,
    /// In calls that count.
    spent: Duration,
    /// Rounds in which it was called.
    visits: u32,
}

impl Pairs {
    fn before(&self) -> Latency {
        recorded(self.pairs.iter().map(|pair| pair.0)).summary()
    }

    /// Of the pairs, like [`Pairs::before`]; the p95 of all calls after.
    fn after(&self) -> Latency {
        let all = recorded(self.pairs.iter().map(|pair| pair.1).chain(self.after_alone.iter().copied())).summary();
        Latency { p95_ms: all.p95_ms, ..recorded(self.pairs.iter().map(|pair| pair.1)).summary() }
    }

    /// Of the pairs, before and after.
    fn histograms(&self) -> [Option<String>; 2] {
        [recorded(self.pairs.iter().map(|pair| pair.0)).stored(), recorded(self.pairs.iter().map(|pair| pair.1)).stored()]
    }
}

fn recorded(times_ms: impl Iterator<Item = f64>) -> Recorder {
    let mut recorder = Recorder::default();
    times_ms.for_each(|ms| recorder.record(Duration::from_secs_f64(ms / 1e3)));
    recorder
}

/// Pairs that a verdict on a slow endpoint rests on; each costs a slow call.
pub const LEAST_PAIRS: u32 = 12;

/// Calls the endpoints at `places` on both databases, A B B A …, until the time is used and there are enough rounds.
///
/// # Errors
/// When a connection is lost.
pub async fn run(
    workload: &Workload,
    places: &[usize],
    before: &Target,
    after: &Target,
    time: TimeBox,
    progress: Progress<'_>,
) -> Result<Vec<Pairs>, DbError> {
    let sessions = [Session::open(before, workload).await?, Session::open(after, workload).await?];
    measured(Sides { workloads: [workload, workload], sessions }, places, time, progress).await
}

/// [`run`] where both sides have statements of their own. Endpoints stand at the same places of both workloads and have the same draws;
/// those that are not at one of `places` are not looked at.
///
/// # Errors
/// When a connection is lost, or a server refuses a statement.
pub async fn run_both(
    workloads: [&Workload; 2],
    places: &[usize],
    targets: [&Target; 2],
    time: TimeBox,
    progress: Progress<'_>,
) -> Result<Vec<Pairs>, DbError> {
    let sessions =
        [Session::open_for(targets[0], workloads[0], places).await?, Session::open_for(targets[1], workloads[1], places).await?];
    measured(Sides { workloads, sessions }, places, time, progress).await
}

async fn measured(mut sides: Sides<'_>, places: &[usize], time: TimeBox, progress: Progress<'_>) -> Result<Vec<Pairs>, DbError> {
    let workload = sides.workloads[1];
    let mut found: Vec<Pairs> = workload.endpoints.iter().map(|_| Pairs::default()).collect();
    for (group, share) in groups(workload, time.total) {
        let group: Vec<usize> = group.into_iter().filter(|place| places.contains(place)).collect();
        for place in &group {
            warm_up(&mut sides, *place, &mut found[*place]).await?;
        }
        rounds(&mut sides, &group, &mut found, share, time, progress).await?;
        let until = Instant::now() + latest(share);
        for place in &group {
            complete_after(sides.workloads[1], *place, &mut sides.sessions[1], &mut found[*place], until).await?;
        }
    }
    sides.close().await;
    Ok(found)
}

/// Two ways to be called with the same parameters: on two databases, or by other statements.
pub(super) struct Sides<'w> {
    /// Their draws at the same place are the same.
    pub workloads: [&'w Workload; 2],
    pub sessions: [Session; 2],
}

impl Sides<'_> {
    pub async fn close(self) {
        for session in self.sessions {
            session.close().await;
        }
    }
}

/// Calls both sides until neither gets quicker any more.
pub(super) async fn warm_up(sides: &mut Sides<'_>, place: usize, found: &mut Pairs) -> Result<(), DbError> {
    let mut warm_up = WarmUp::new(WARM_UP_TIME * 2).sparing(sides.workloads[0].endpoints[place].draws.calls());
    while warm_up.goes_on() {
        let Some(elapsed) = pair(sides, place, found, false).await? else { break };
        warm_up.took(elapsed);
    }
    Ok(())
}

pub(super) async fn rounds(
    sides: &mut Sides<'_>,
    group: &[usize],
    found: &mut [Pairs],
    share: Duration,
    time: TimeBox,
    progress: Progress<'_>,
) -> Result<(), DbError> {
    let mut rounds = Rounds::new(group, share, time.least_rounds);
    let until = Instant::now() + latest(share);
    let fair = latest(share) * MORE_THAN_FAIR / u32::try_from(group.len().max(1)).unwrap_or(u32::MAX);
    while let Some(order) = rounds.next(progress) {
        let mut called = false;
        for place in order {
            let others = group.iter().any(|other| other != place && found[*other].visits < time.least_rounds);
            if found[*place].spent > fair && others {
                called = true;
                continue;
            }
            called |= visit(sides, *place, found).await?;
        }
        if !called {
            break;
        }
    }
    // Those that gave way to the others have what time is left.
    while let Some(place) = group.iter().find(|place| found[**place].visits < time.least_rounds && Instant::now() < until) {
        visit(sides, *place, found).await?;
    }
    // And the slowest are not left without a verdict for the want of one call or two.
    for place in group {
        for _ in found[*place].pairs.len()..FEWEST_APART.min(time.least_rounds as usize) {
            if Instant::now() < until + latest(share) {
                visit(sides, *place, found).await?;
            }
        }
    }
    Ok(())
}

/// An endpoint that has had this many times its share of the time waits until the others have their pairs.
const MORE_THAN_FAIR: u32 = 2;

/// As many pairs as a round has room for; `false` when the parameters are used up.
async fn visit(sides: &mut Sides<'_>, place: usize, found: &mut [Pairs]) -> Result<bool, DbError> {
    found[place].visits += 1;
    let mut called = false;
    for _ in 0..pairs_per_round(found[place].pace) {
        let elapsed = pair(sides, place, &mut found[place], true).await?;
        found[place].spent += elapsed.unwrap_or_default();
        called |= elapsed.is_some();
    }
    Ok(called)
}

/// Calls the endpoint on the second database alone until its p95 can be told, or the time is over.
async fn complete_after(
    workload: &Workload,
    place: usize,
    session: &mut Session,
    found: &mut Pairs,
    until: Instant,
) -> Result<(), DbError> {
    while found.pairs.len() + found.after_alone.len() < P95_NEEDS as usize && Instant::now() < until {
        let Some(draw) = workload.endpoints[place].draws.draw(found.next_call) else { break };
        found.next_call += 1;
        let call = session.call(workload, place, &draw).await?;
        if call.failed.is_some() {
            break;
        }
        found.after_alone.push(call.elapsed.as_secs_f64() * 1e3);
    }
    Ok(())
}

/// A quick endpoint is paired several times a round, as long as that takes no more than a few milliseconds.
fn pairs_per_round(pace: Duration) -> u32 {
    (4_000_000 / pace.as_nanos().max(1)).clamp(1, 8) as u32
}

/// One call on each side; the side that goes first alternates. The time of both, or `None` when the parameters are used up.
async fn pair(sides: &mut Sides<'_>, place: usize, found: &mut Pairs, counted: bool) -> Result<Option<Duration>, DbError> {
    let draw = |side: usize| sides.workloads[side].endpoints[place].draws.draw(found.next_call);
    let (Some(own), Some(other)) = (draw(0), draw(1)) else { return Ok(None) };
    let draws = [own, other];
    let first = (found.next_call % 2) as usize;
    found.next_call += 1;
    let mut elapsed = [Duration::ZERO; 2];
    let mut failed = false;
    for side in [first, 1 - first] {
        let call = sides.sessions[side].call(sides.workloads[side], place, &draws[side]).await?;
        elapsed[side] = call.elapsed;
        if let Some(failure) = &call.failed {
            failed = true;
            if counted {
                count_error(&mut found.errors, failure);
            }
        }
    }
    found.pace = elapsed[0].max(elapsed[1]);
    if counted && !failed {
        found.pairs.push((elapsed[0].as_secs_f64() * 1e3, elapsed[1].as_secs_f64() * 1e3));
    }
    Ok(Some(elapsed[0] + elapsed[1]))
}

/// The verdict on each of the endpoints at `places`.
pub fn results(workload: &Workload, places: &[usize], found: &[Pairs]) -> Vec<PairedResult> {
    places.iter().map(|place| result(&workload.endpoints[*place], &found[*place])).collect()
}

pub(super) fn result(endpoint: &BoundEndpoint, pairs: &Pairs) -> PairedResult {
    let estimate = ratio(&pairs.pairs);
    let after = pairs.after();
    // A failure is of either side.
    let counted = Counted { latency: &after, histogram: None, errors: None, per_s: None };
    let slo = slo_results(&endpoint.slo, &counted);
    let before = pairs.before();
    let [before_histogram, after_histogram] = pairs.histograms();
    PairedResult {
        label: endpoint.label.clone(),
        route: endpoint.route.clone(),
        before_ms: before.p50_ms,
        after_ms: after.p50_ms,
        before,
        before_histogram,
        after_histogram,
        ratio: estimate.ratio,
        ratio_low: estimate.low,
        ratio_high: estimate.high,
        verdict: verdict(&pairs.pairs, estimate),
        slo,
        errors: pairs.errors.clone(),
        after,
    }
}
