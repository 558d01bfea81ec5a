//! The promises that calls under load keep or break.

use crate::bench::analysis::search::keeps_up;
use crate::bench::slo::{Counted, told};
use crate::report::model::{Clock, LoadStep, SloResult};
use crate::scenario::model::{Comparison, Slo};

/// What was counted of an endpoint, or of all of them together; `response` is from the intended start, or from the wish for a
/// connection.
pub fn counted(response: &Clock, errors: u64, per_s: f64) -> Counted<'_> {
    let Clock { latency, histogram, .. } = response;
    Counted { latency, histogram: histogram.as_deref(), errors: Some(errors), per_s: Some(per_s) }
}

/// Each promise that calls alone can tell, with its figure; latencies are response times.
pub fn promises(slo: &[Slo], counted: &Counted<'_>) -> Vec<SloResult> {
    let of_calls = slo.iter().filter(|promise| promise.metric.is_of_calls());
    of_calls.map(|promise| told(promise, counted.figure(promise.metric))).collect()
}

/// True when every promise was kept over all endpoints together, and the calls that were due were done: a queue that grows keeps any promise
/// for a while.
///
/// With too few calls for a percentile the maximum stands in for it: below the limit, so is the percentile.
pub fn keeps(step: &LoadStep, slo: &[Slo]) -> bool {
    let counted = counted(&step.response, step.errors, step.throughput_per_s);
    let max_ms = step.response.latency.max_ms;
    step.calls > 0
        && keeps_up(step)
        && slo.iter().filter(|promise| promise.metric.is_of_calls()).all(|promise| match counted.figure(promise.metric) {
            Ok(figure) => promise.holds(figure),
            Err(_) => matches!(promise.comparison, Comparison::Below | Comparison::AtMost) && promise.holds(max_ms),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::Latency;
    use crate::scenario::model::{Location, Metric};

    fn slo(metric: Metric, comparison: Comparison, bound: f64) -> Slo {
        Slo { metric, comparison, bound, at: Location::default() }
    }

    fn step(n: u64, errors: u64, p95_ms: Option<f64>, max_ms: f64) -> LoadStep {
        let latency = Latency { n, p95_ms, max_ms, ..Latency::default() };
        let response = Clock { latency, ..Clock::default() };
        LoadStep { calls: n, errors, throughput_per_s: 100.0, response, ..LoadStep::default() }
    }

    #[test]
    fn a_step_is_held_against_percentiles_errors_and_rates() {
        let quick = slo(Metric::P95, Comparison::Below, 50.0);
        assert!(keeps(&step(1000, 0, Some(49.0), 400.0), &[quick]) && !keeps(&step(1000, 0, Some(51.0), 400.0), &[quick]));
        assert!(keeps(&step(5, 0, None, 49.0), &[quick]) && !keeps(&step(5, 0, None, 51.0), &[quick]));
        assert!(!keeps(&step(0, 9, None, 0.0), &[quick]), "nothing succeeded");
        let errors = slo(Metric::ErrorRate, Comparison::Below, 0.001);
        assert!(keeps(&step(10_000, 9, Some(1.0), 1.0), &[errors]) && !keeps(&step(1000, 9, Some(1.0), 1.0), &[errors]));
        let behind =
            |per_s| LoadStep { rate: Some(100.0), seconds: 10.0, throughput_per_s: per_s, ..step(1000, 0, Some(1.0), 1.0) };
        assert!(keeps(&behind(99.0), &[quick]) && !keeps(&behind(70.0), &[quick]), "a queue that grows");
        let busy = slo(Metric::Rps, Comparison::AtLeast, 101.0);
        assert!(!keeps(&step(1000, 0, Some(1.0), 1.0), &[busy]));
    }
}
