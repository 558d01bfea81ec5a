//! Executions of one statement on one side of a trial.

use crate::bench::statistics::median;
use crate::db::explain::{Explain, explain};
use crate::db::{Connection, DbError, Value};
use crate::explain::change::LEAST;
use crate::plan::Plan;

use super::in_words;

/// How one side is timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Effort {
    /// Executions that count.
    runs: usize,
    /// Executions before, which fill caches.
    warm_up: usize,
    /// A statement that takes longer than this is stopped, ms.
    limit_ms: u64,
}

/// Milliseconds that one side may take: a trial of three remedies, two sides each, is over before a person looks elsewhere.
const BUDGET_MS: f64 = 500.0;
/// A median needs three, and more than these make it no truer.
const MOST_RUNS: usize = 9;
/// The standard deviation of a normal distribution over the median distance from its median.
const DEVIATION_PER_DISTANCE: f64 = 1.4826;
/// A remedy that makes a statement this many times as slow has failed; its end is not waited for.
const SLOWER: f64 = 3.0;
/// But never stopped before this: a quick statement may well be slow once.
const LEAST_LIMIT_MS: f64 = 2_000.0;

/// For a statement that took so long under EXPLAIN.
pub(super) fn effort(execution_ms: f64) -> Effort {
    let affordable = (BUDGET_MS / execution_ms.max(0.01)) as usize;
    Effort {
        runs: affordable.clamp(2, MOST_RUNS),
        warm_up: usize::from(affordable > MOST_RUNS),
        limit_ms: (execution_ms * SLOWER).max(LEAST_LIMIT_MS) as u64,
    }
}

impl Effort {
    /// Half of it: the side without the remedy runs before and after the other, so that a machine that slows down slows both.
    pub(super) fn divided(self) -> Effort {
        Effort { runs: self.runs.div_ceil(2), ..self }
    }
}

/// What one side's executions took.
#[derive(Debug, Default)]
pub(super) struct Arm {
    times: Vec<f64>,
    /// Of the last execution.
    pub(super) plan: Option<Plan>,
}

impl Arm {
    /// Executes the statement under EXPLAIN (ANALYZE, TIMING OFF), undone each time. Returns why it could not run.
    pub(super) async fn run(
        &mut self,
        connection: &mut Connection,
        sql: &str,
        parameters: &[Value],
        effort: Effort,
    ) -> Result<Option<String>, DbError> {
        for number in 0..effort.warm_up + effort.runs {
            connection.batch("SAVEPOINT perflab_arm").await?;
            connection.batch(&format!("SET LOCAL statement_timeout = {}", effort.limit_ms)).await?;
            let json = explain(connection, sql, parameters, Explain::Untimed).await;
            connection.batch("ROLLBACK TO perflab_arm").await?;
            let plan = match json {
                Ok(json) => Plan::from_json(&json).ok(),
                Err(error) if error.server_message().is_some() => return Ok(Some(in_words(&error))),
                Err(error) => return Err(error),
            };
            if number >= effort.warm_up {
                self.times.extend(plan.as_ref().and_then(|plan| plan.execution_ms));
            }
            self.plan = plan;
        }
        Ok(None)
    }

    pub(super) fn count(&self) -> usize {
        self.times.len()
    }

    /// `None` when nothing ran.
    pub(super) fn median_ms(&self) -> Option<f64> {
        (!self.times.is_empty()).then(|| median(&mut self.times.clone()))
    }

    /// Whether the times of the two do not overlap, and are as many as [`LEAST`] asks for on each side.
    pub(super) fn is_apart(&self, other: &Arm) -> bool {
        let least = |arm: &Arm| arm.times.iter().copied().fold(f64::INFINITY, f64::min);
        let most = |arm: &Arm| arm.times.iter().copied().fold(0.0, f64::max);
        let enough = self.count().min(other.count()) >= LEAST as usize;
        enough && (most(self) < least(other) || most(other) < least(self))
    }

    /// Two standard deviations of the times as a share of their median, the deviation taken from the median of the distances to the
    /// median, so that one execution that was disturbed does not count for all; 0 for less than two.
    pub(super) fn noise(&self) -> f64 {
        let Some(middle) = self.median_ms().filter(|middle| *middle > 0.0) else { return 0.0 };
        let mut distances: Vec<f64> = self.times.iter().map(|time| (time - middle).abs()).collect();
        2.0 * DEVIATION_PER_DISTANCE * median(&mut distances) / middle
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Arm {
        /// Executions that took so many milliseconds.
        pub(in crate::explain::tried) fn of(times: &[f64]) -> Arm {
            Arm { times: times.to_vec(), plan: None }
        }
    }

    #[test]
    fn slow_statements_run_seldom_and_quick_ones_often_enough() {
        assert_eq!(effort(0.01).runs, 9);
        assert_eq!(effort(100.0).runs, 5);
        let slow = effort(60_000.0);
        assert_eq!((slow.runs, slow.warm_up, slow.limit_ms), (2, 0, 180_000));
        assert_eq!(slow.divided().runs, 1);
        assert_eq!(effort(1.0).limit_ms, 2_000);
    }

    #[test]
    fn times_that_do_not_overlap_are_apart_however_restless() {
        let busy = Arm::of(&[6.6, 14.0, 7.0, 19.0, 8.0]);
        let quick = Arm::of(&[0.02, 0.05, 0.02, 0.9]);
        assert!(busy.noise() > 0.5 && busy.is_apart(&quick) && quick.is_apart(&busy));
        assert!(!busy.is_apart(&Arm::of(&[0.02, 0.05, 0.02, 6.6])), "they overlap");
        assert!(!busy.is_apart(&Arm::of(&[0.02, 0.05, 0.02])), "three are too few");
    }

    #[test]
    fn one_disturbed_execution_is_not_noise() {
        let arm = Arm::of;
        assert!((arm(&[9.0, 10.0, 40.0]).noise() - 0.296_52).abs() < 1e-9);
        assert!((arm(&[52.0, 52.5, 53.0, 53.4, 61.0]).noise() - 2.0 * 1.4826 * 0.5 / 53.0).abs() < 1e-9);
        assert_eq!((arm(&[5.0]).noise(), arm(&[]).noise(), arm(&[]).median_ms()), (0.0, 0.0, None));
    }
}
