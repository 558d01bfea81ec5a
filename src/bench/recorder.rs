//! Latencies, collected in histograms.

use std::time::Duration;

use hdrhistogram::Histogram;

use crate::report::model::Latency;

/// One latency distribution: 1 ns to 1 hour, three significant digits.
#[derive(Debug, Clone)]
pub struct Recorder {
    histogram: Histogram<u64>,
    sum_ns: f64,
}

/// Fewest calls for which a p95 says something: below that it is the maximum under another name.
pub const P95_NEEDS: u64 = 20;
/// Likewise for a p99.
pub const P99_NEEDS: u64 = 100;
const HOUR_NS: u64 = 3_600_000_000_000;

impl Default for Recorder {
    fn default() -> Self {
        // The bounds are constants that the library accepts; a plain histogram is its answer to any other.
        let histogram = Histogram::new_with_bounds(1, HOUR_NS, 3).unwrap_or_else(|_| {
            Histogram::new(3).unwrap_or_else(|error| unreachable!("three significant digits are supported: {error}"))
        });
        Recorder { histogram, sum_ns: 0.0 }
    }
}

impl Recorder {
    pub fn record(&mut self, latency: Duration) {
        let nanos = u64::try_from(latency.as_nanos()).unwrap_or(HOUR_NS).clamp(1, HOUR_NS);
        self.histogram.saturating_record(nanos);
        self.sum_ns += nanos as f64;
    }

    pub fn count(&self) -> u64 {
        self.histogram.len()
    }

    /// Milliseconds in all recorded latencies together.
    pub fn total_ms(&self) -> f64 {
        self.sum_ns / 1e6
    }

    /// Median in milliseconds; 0 when nothing was recorded.
    pub fn p50_ms(&self) -> f64 {
        self.quantile_ms(0.5)
    }

    fn quantile_ms(&self, quantile: f64) -> f64 {
        if self.count() == 0 { 0.0 } else { self.histogram.value_at_quantile(quantile) as f64 / 1e6 }
    }

    /// The figures a report shows; percentiles that the count cannot support are left out.
    pub fn summary(&self) -> Latency {
        let n = self.count();
        if n == 0 {
            return Latency::default();
        }
        Latency {
            n,
            min_ms: self.histogram.min() as f64 / 1e6,
            mean_ms: self.sum_ns / n as f64 / 1e6,
            p50_ms: self.p50_ms(),
            p95_ms: (n >= P95_NEEDS).then(|| self.quantile_ms(0.95)),
            p99_ms: (n >= P99_NEEDS).then(|| self.quantile_ms(0.99)),
            max_ms: self.histogram.max() as f64 / 1e6,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(count: u64) -> Recorder {
        let mut recorder = Recorder::default();
        for ms in 1..=count {
            recorder.record(Duration::from_millis(ms));
        }
        recorder
    }

    #[test]
    fn percentiles_come_from_the_histogram() {
        let latency = recorded(100).summary();
        assert_eq!(latency.n, 100);
        assert!((latency.p50_ms - 50.0).abs() < 0.1, "{latency:?}");
        assert!((latency.p95_ms.unwrap() - 95.0).abs() < 0.2, "{latency:?}");
        assert!((latency.p99_ms.unwrap() - 99.0).abs() < 0.2, "{latency:?}");
        assert!((latency.mean_ms - 50.5).abs() < 1e-6, "{latency:?}");
    }

    #[test]
    fn too_few_calls_give_no_tail() {
        let latency = recorded(19).summary();
        assert_eq!((latency.p95_ms, latency.p99_ms), (None, None));
        assert!(recorded(20).summary().p95_ms.is_some());
        assert_eq!(recorded(99).summary().p99_ms, None);
    }

    #[test]
    fn nothing_recorded_is_all_zero() {
        assert_eq!(Recorder::default().summary(), Latency::default());
    }
}
