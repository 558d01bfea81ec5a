//! Times of executions, and when a difference between them is one.

use serde_json::Value as Json;

use crate::db::explain::{execution_ms, planning_ms};
use crate::report::model::{CacheOutcome, PlanTime};

/// Below this share of the quicker side a difference is not spoken of.
const FELT_SHARE: f64 = 0.2;
/// … nor below this, ms: some hundredths of a millisecond are the cost of looking a plan up, and nobody's response time.
const FELT_MS: f64 = 0.05;

/// Planning and execution of each run, ms.
#[derive(Debug, Default)]
pub struct Runs(Vec<(f64, f64)>);

impl Runs {
    /// From what EXPLAIN ANALYZE says of a run.
    pub fn add(&mut self, json: &Json) {
        self.0.push((planning_ms(json), execution_ms(json)));
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Their medians, and what is noise.
    pub fn time(&self) -> PlanTime {
        let totals = sorted(self.0.iter().map(|(planning, execution)| planning + execution));
        let quartile = |number: usize| totals.get((totals.len() * number / 4).min(totals.len().saturating_sub(1))).copied();
        PlanTime {
            planning_ms: median(self.0.iter().map(|run| run.0)),
            execution_ms: median(self.0.iter().map(|run| run.1)),
            noise_ms: quartile(3).zip(quartile(1)).map_or(0.0, |(third, first)| third - first),
            runs: u32::try_from(self.0.len()).unwrap_or(u32::MAX),
            stopped_after_ms: None,
        }
    }
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

/// The one in the middle, of an even number the upper one; 0 of none.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let values = sorted(values);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// What the generic plan is to parameters whose own plan takes `custom`. Of two plans that do the same, only the planning can differ:
/// that one executed faster is the machine's doing.
pub fn outcome(custom: &PlanTime, generic: &PlanTime, same_plan: bool) -> CacheOutcome {
    if custom.stopped_after_ms.is_some() || generic.runs == 0 && generic.stopped_after_ms.is_none() {
        return CacheOutcome::Unknown;
    }
    let (one, mut other) = (custom.total_ms(), generic.total_ms());
    let mut noise = custom.noise_ms.max(generic.noise_ms).max(FELT_MS);
    if same_plan {
        (other, noise) = (one + generic.planning_ms - custom.planning_ms, FELT_MS);
    }
    let difference = (other - one).abs();
    if difference <= noise || difference <= FELT_SHARE * one.min(other) {
        CacheOutcome::NoMatter
    } else if other > one {
        CacheOutcome::Loses
    } else {
        CacheOutcome::Gains
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn time(ms: f64, noise_ms: f64) -> PlanTime {
        PlanTime { planning_ms: 0.0, execution_ms: ms, noise_ms, runs: 5, stopped_after_ms: None }
    }

    #[test]
    fn the_median_is_told_with_the_middle_half_as_noise() {
        let mut runs = Runs::default();
        for ms in [1.0, 2.0, 3.0, 4.0, 90.0] {
            runs.add(&json!([{"Planning Time": 0.5, "Execution Time": ms}]));
        }
        assert_eq!(runs.time(), PlanTime { planning_ms: 0.5, execution_ms: 3.0, noise_ms: 2.0, runs: 5, stopped_after_ms: None });
        assert_eq!(Runs::default().time(), PlanTime::default());
    }

    #[test]
    fn a_difference_must_be_felt_and_be_more_than_noise() {
        let outcome = |custom, generic| outcome(&custom, &generic, false);
        assert_eq!(outcome(time(1.0, 0.1), time(85.0, 0.1)), CacheOutcome::Loses);
        assert_eq!(outcome(time(1.0, 0.1), time(0.5, 0.1)), CacheOutcome::Gains);
        assert_eq!(outcome(time(1.0, 0.6), time(1.5, 0.1)), CacheOutcome::NoMatter, "noise");
        assert_eq!(outcome(time(100.0, 0.1), time(110.0, 0.1)), CacheOutcome::NoMatter, "a tenth");
        assert_eq!(outcome(time(0.01, 0.0), time(0.04, 0.0)), CacheOutcome::NoMatter, "next to nothing");
    }

    #[test]
    fn plans_that_do_the_same_differ_in_planning_alone() {
        assert_eq!(outcome(&time(3.4, 0.1), &time(28.0, 0.1), true), CacheOutcome::NoMatter, "a busy machine");
        let planned = PlanTime { planning_ms: 2.0, ..time(1.0, 0.9) };
        assert_eq!(outcome(&planned, &time(1.4, 0.9), true), CacheOutcome::Gains, "2 of 3 ms");
    }

    #[test]
    fn what_was_stopped_took_at_least_as_long() {
        let stopped = PlanTime { stopped_after_ms: Some(1000.0), ..PlanTime::default() };
        assert_eq!(outcome(&time(1.0, 0.1), &stopped, false), CacheOutcome::Loses);
        assert_eq!(outcome(&stopped, &PlanTime::default(), false), CacheOutcome::Unknown);
        assert_eq!(outcome(&time(1.0, 0.1), &PlanTime::default(), false), CacheOutcome::Unknown, "it never ran");
    }
}
