//! A call's statements timed on both sides, and what the times prove.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::bench::draw::Draw;
use crate::bench::statistics::{FEWEST_PAIRS, SMALLEST_MS, SMALLEST_SHARE, median, ratio, verdict};
use crate::bench::workload::{BoundEndpoint, BoundStep};
use crate::db::explain::{Explain, execution_ms};
use crate::db::{Connection, Value};
use crate::explain::ExplainError;
use crate::explain::endpoint::{QUICK_MS, StepVisitor, explain_undone, walk_call};
use crate::report::model::{Spread, TimedChange, Verdict};

/// Executions on each side at most, which is enough for the verdict of a bench …
pub const MOST: u32 = FEWEST_PAIRS as u32;
/// … or as many as fit this time, …
pub const TIME: Duration = Duration::from_secs(10);
/// … but not fewer than these, with which two sides that do not overlap are told apart: by chance alone 2 of the 70 ways to deal
/// eight times to two sides part them (Mann and Whitney, Annals of Mathematical Statistics 18, 1947), which is 3%, …
pub const LEAST: u32 = 4;
/// … unless even that takes longer than a person waits.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Whether another execution on each side is worth its time.
pub fn goes_on(runs: u32, since: Duration) -> bool {
    runs < MOST && since < PATIENCE && (runs < LEAST || since < TIME)
}

/// Milliseconds of a call's statements, by step, on both sides.
#[derive(Debug, Clone, Default)]
pub struct Times {
    sides: [BTreeMap<usize, Vec<f64>>; 2],
}

impl Times {
    pub fn add(&mut self, side: usize, call: BTreeMap<usize, f64>) {
        for (step, ms) in call {
            self.sides[side].entry(step).or_default().push(ms);
        }
    }

    /// What the times of a step (from 0) prove; `None` when it did not run on both sides.
    pub fn of_step(&self, step: usize, in_turn: bool) -> Option<TimedChange> {
        let (before, after) = (self.sides[0].get(&step)?, self.sides[1].get(&step)?);
        let runs = before.len().min(after.len());
        let pairs: Vec<(f64, f64)> = before.iter().copied().zip(after.iter().copied()).collect();
        Some(TimedChange {
            runs: u32::try_from(runs).unwrap_or(u32::MAX),
            in_turn,
            before: spread(&before[..runs]),
            after: spread(&after[..runs]),
            verdict: judged(&pairs),
        })
    }
}

fn spread(times: &[f64]) -> Spread {
    Spread {
        median_ms: median(&mut times.to_vec()),
        lowest_ms: times.iter().copied().reduce(f64::min).unwrap_or(0.0),
        highest_ms: times.iter().copied().reduce(f64::max).unwrap_or(0.0),
    }
}

/// The bench's verdict where there are as many pairs as it asks for. With fewer, times that do not overlap are a change, if it is one
/// that the bench would call.
fn judged(pairs: &[(f64, f64)]) -> Verdict {
    if pairs.len() >= FEWEST_PAIRS {
        return verdict(pairs, ratio(pairs));
    }
    if pairs.len() < LEAST as usize {
        return Verdict::NotEnoughData;
    }
    let (before, after): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let (before, after) = (spread(&before), spread(&after));
    let share = if before.median_ms > 0.0 { after.median_ms / before.median_ms } else { 1.0 };
    let worth_a_word = (after.median_ms - before.median_ms).abs() >= SMALLEST_MS && (share - 1.0).abs() > SMALLEST_SHARE;
    match worth_a_word {
        true if after.highest_ms < before.lowest_ms => Verdict::Improved,
        true if after.lowest_ms > before.highest_ms => Verdict::Regressed,
        _ => Verdict::WithinNoise,
    }
}

/// One call, each statement's time by the server, inside an open transaction; what it changed remains there.
///
/// # Errors
/// When the connection is lost.
pub async fn time_call(
    connection: &mut Connection,
    endpoint: &BoundEndpoint,
    draw: &Draw,
) -> Result<BTreeMap<usize, f64>, ExplainError> {
    let mut timing = Timing::default();
    walk_call(connection, endpoint, draw, &mut timing).await?;
    Ok(timing.times)
}

#[derive(Default)]
struct Timing {
    times: BTreeMap<usize, f64>,
}

impl StepVisitor for Timing {
    async fn visit(
        &mut self,
        connection: &mut Connection,
        number: usize,
        step: &BoundStep,
        parameters: &[Value],
    ) -> Result<bool, ExplainError> {
        let Some(mut json) = explain_undone(connection, step, parameters, Explain::Untimed).await? else { return Ok(false) };
        // What changed sides has made the session forget its tables; a quick statement would be timed at reading them again.
        if execution_ms(&json) < QUICK_MS {
            json = explain_undone(connection, step, parameters, Explain::Untimed).await?.unwrap_or(json);
        }
        self.times.insert(number, execution_ms(&json));
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(before: &[f64], after: &[f64]) -> TimedChange {
        let mut times = Times::default();
        before.iter().for_each(|ms| times.add(0, BTreeMap::from([(0, *ms)])));
        after.iter().for_each(|ms| times.add(1, BTreeMap::from([(0, *ms)])));
        times.of_step(0, true).unwrap()
    }

    #[test]
    fn the_time_decides_how_often_a_slow_statement_is_executed() {
        let seconds = Duration::from_secs;
        assert!(goes_on(0, Duration::ZERO) && goes_on(9, seconds(1)) && !goes_on(10, seconds(1)));
        assert!(goes_on(3, seconds(30)) && !goes_on(4, seconds(11)) && !goes_on(2, seconds(61)));
    }

    #[test]
    fn few_times_must_not_overlap_to_be_a_change() {
        let slow = [100.0, 104.0, 98.0, 101.0];
        assert_eq!(times(&slow, &[1.0, 1.2, 0.9, 1.1]).verdict, Verdict::Improved);
        assert_eq!(times(&[1.0, 1.2, 0.9, 1.1], &slow).verdict, Verdict::Regressed);
        assert_eq!(times(&slow, &[97.0, 90.0, 99.0, 96.0]).verdict, Verdict::WithinNoise);
        assert_eq!(times(&slow[..3], &[1.0, 1.0, 1.0]).verdict, Verdict::NotEnoughData);
        assert_eq!(times(&[0.010, 0.011, 0.010, 0.012], &[0.004, 0.005, 0.004, 0.005]).verdict, Verdict::WithinNoise);
    }

    #[test]
    fn many_times_are_judged_as_in_a_bench() {
        let same: Vec<f64> = (0..10).map(|i| 10.0 + f64::from(i % 3)).collect();
        assert_eq!(times(&same, &same).verdict, Verdict::WithinNoise);
        let half: Vec<f64> = same.iter().map(|ms| ms / 2.0).collect();
        let found = times(&same, &half);
        assert_eq!((found.verdict, found.runs), (Verdict::Improved, 10));
        assert_eq!((found.before.lowest_ms, found.before.median_ms, found.before.highest_ms), (10.0, 11.0, 12.0));
    }

    #[test]
    fn a_side_that_ran_once_more_is_cut() {
        let found = times(&[1.0, 1.0, 9.0], &[1.0, 1.0]);
        assert_eq!((found.runs, found.before.highest_ms), (2, 1.0));
    }
}
