//! The promises that calls under load keep or break.

use crate::bench::slo::held;
use crate::report::model::{Clock, LoadStep, SloResult};
use crate::scenario::model::{Comparison, Metric, Slo};

/// What was counted of an endpoint, or of all of them together.
#[derive(Debug, Clone, Copy)]
pub struct Counted<'a> {
    /// From the intended start, or from the wish for a connection.
    pub response: &'a Clock,
    pub calls: u64,
    pub errors: u64,
    pub per_s: f64,
}

/// Each promise that calls alone can tell, with its figure; latencies are response times.
pub fn promises(slo: &[Slo], counted: Counted<'_>) -> Vec<SloResult> {
    slo.iter()
        .filter(|promise| promise.metric.is_of_calls())
        .map(|promise| held(promise, figure(promise.metric, counted)))
        .collect()
}

/// True when every promise was kept over all endpoints together.
///
/// With too few calls for a percentile the maximum stands in for it: below the limit, so is the percentile.
pub fn keeps(step: &LoadStep, slo: &[Slo]) -> bool {
    let counted = Counted { response: &step.response, calls: step.calls, errors: step.errors, per_s: step.throughput_per_s };
    let max_ms = step.response.latency.max_ms;
    step.calls > 0
        && slo.iter().filter(|promise| promise.metric.is_of_calls()).all(|promise| match figure(promise.metric, counted) {
            Some(figure) => promise.holds(figure),
            None => matches!(promise.comparison, Comparison::Below | Comparison::AtMost) && promise.holds(max_ms),
        })
}

/// In the base unit of the metric; `None` when there were too few calls.
fn figure(metric: Metric, counted: Counted<'_>) -> Option<f64> {
    let made = counted.calls + counted.errors;
    let latency = Some(&counted.response.latency).filter(|latency| latency.n > 0);
    match metric {
        Metric::ErrorRate => (made > 0).then(|| counted.errors as f64 / made as f64),
        Metric::Rps => Some(counted.per_s),
        Metric::P50 => latency.map(|latency| latency.p50_ms),
        Metric::P95 => latency?.p95_ms,
        Metric::P99 => latency?.p99_ms,
        Metric::P999 => counted.response.p999_ms,
        Metric::P90 => quantile_ms(counted.response, 0.9),
        Metric::Mean => latency.map(|latency| latency.mean_ms),
        Metric::Max => latency.map(|latency| latency.max_ms),
        _ => None,
    }
}

/// A percentile that the clock does not carry, from its histogram.
fn quantile_ms(clock: &Clock, quantile: f64) -> Option<f64> {
    let recorder = crate::bench::recorder::Recorder::from_base64(clock.histogram.as_deref()?).ok()?;
    (recorder.count() >= 10).then(|| recorder.quantile_ms(quantile))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::Latency;
    use crate::scenario::model::Location;

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
        let busy = slo(Metric::Rps, Comparison::AtLeast, 101.0);
        assert!(!keeps(&step(1000, 0, Some(1.0), 1.0), &[busy]));
    }
}
