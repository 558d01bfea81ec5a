//! The promises of an endpoint held against what was measured.

use crate::report::model::{Latency, SloResult, SloUnit};
use crate::scenario::model::{Metric, Slo, Unit};

/// Each promise with its figure. What calls alone do not tell is not measured here.
pub fn slo_results(slo: &[Slo], latency: &Latency) -> Vec<SloResult> {
    slo.iter().map(|promise| held(promise, of_latency(promise.metric, latency))).collect()
}

/// A promise and the figure it is about, in the base unit of the metric.
pub fn held(promise: &Slo, measured: Option<f64>) -> SloResult {
    SloResult {
        metric: promise.metric.name().to_owned(),
        promise: promise.to_string(),
        unit: unit(promise.metric),
        bound: promise.bound,
        measured,
        met: measured.map(|measured| promise.holds(measured)),
        reason: None,
    }
}

fn of_latency(metric: Metric, latency: &Latency) -> Option<f64> {
    if latency.n == 0 {
        return None;
    }
    match metric {
        Metric::P50 => Some(latency.p50_ms),
        Metric::P95 => latency.p95_ms,
        Metric::P99 => latency.p99_ms,
        Metric::Mean => Some(latency.mean_ms),
        Metric::Max => Some(latency.max_ms),
        _ => None,
    }
}

fn unit(metric: Metric) -> SloUnit {
    match metric.unit() {
        Unit::Time => SloUnit::Ms,
        Unit::Share => SloUnit::Share,
        Unit::PerSecond => SloUnit::PerSecond,
        Unit::Count => SloUnit::Count,
        Unit::Bytes => SloUnit::Bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::model::{Comparison, Location};

    fn slo(metric: Metric, bound: f64) -> Slo {
        Slo { metric, comparison: Comparison::Below, bound, at: Location::default() }
    }

    #[test]
    fn a_promise_is_kept_broken_or_cannot_be_told() {
        let promises = [Metric::P50, Metric::P95, Metric::Max].map(|metric| slo(metric, 20.0));
        let met =
            |latency: &Latency| -> Vec<Option<bool>> { slo_results(&promises, latency).iter().map(|one| one.met).collect() };
        let some = Latency { n: 5, p50_ms: 19.9, max_ms: 20.0, ..Latency::default() };
        assert_eq!(met(&some), [Some(true), None, Some(false)], "five calls have no p95, and 20 ms is not below 20 ms");
        assert_eq!(met(&Latency::default()), [None, None, None], "nothing measured is no promise kept");
    }

    #[test]
    fn the_promise_is_said_as_it_could_be_written() {
        let result = held(&slo(Metric::Wal, 8000.0), Some(9000.0));
        assert_eq!((result.promise.as_str(), result.unit, result.met), ("wal < 8 kB", SloUnit::Bytes, Some(false)));
    }
}
