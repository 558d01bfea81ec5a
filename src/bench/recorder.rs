//! Latencies, collected in histograms that are stored with the run and can be added to those of other machines.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer, V2DeflateSerializer};

use crate::report::model::{Clock, Latency};

/// One latency distribution: 1 ns to 1 hour, three significant digits.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorder {
    histogram: Histogram<u64>,
    /// Of the latencies as they were, not as the histogram rounds them.
    sum_ns: u64,
}

/// Fewest calls for which a p95 says something: below that it is the maximum under another name.
pub const P95_NEEDS: u64 = 20;
/// Likewise for a p99.
pub const P99_NEEDS: u64 = 100;
/// Likewise for a p99.9.
pub const P999_NEEDS: u64 = 1_000;
const HOUR_NS: u64 = 3_600_000_000_000;
/// Significant digits: a stored latency is off by less than 0.1%.
const DIGITS: u8 = 3;

/// Why a text is no stored histogram.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistogramError {
    #[error("the run has no histogram of some of its times; measure again with this version of perflab")]
    Missing,
    #[error("a histogram of the run is not base64; the file was changed or cut short")]
    Base64(#[source] base64::DecodeError),
    #[error("a histogram of the run is not in HdrHistogram's compressed V2 format: {0}")]
    Format(String),
    #[error("a histogram of the run has {0} significant digits or another range than perflab's (1 ns to 1 hour, 3 digits)")]
    Resolution(u8),
}

impl Default for Recorder {
    fn default() -> Self {
        // The bounds are constants that the library accepts; a plain histogram is its answer to any other.
        let histogram = Histogram::new_with_bounds(1, HOUR_NS, DIGITS).unwrap_or_else(|_| {
            Histogram::new(DIGITS).unwrap_or_else(|error| unreachable!("three significant digits are supported: {error}"))
        });
        Recorder { histogram, sum_ns: 0 }
    }
}

impl Recorder {
    /// Counts one latency; it allocates nothing.
    #[inline]
    pub fn record(&mut self, latency: Duration) {
        let nanos = u64::try_from(latency.as_nanos()).unwrap_or(HOUR_NS).clamp(1, HOUR_NS);
        self.histogram.saturating_record(nanos);
        self.sum_ns = self.sum_ns.saturating_add(nanos);
    }

    /// Adds all that the other has recorded.
    pub fn merge(&mut self, other: &Recorder) {
        // Both have the bounds of `default`, so neither has a value that the other cannot take.
        if self.histogram.add(&other.histogram).is_ok() {
            self.sum_ns = self.sum_ns.saturating_add(other.sum_ns);
        }
    }

    /// Forgets everything and keeps its memory, for the next interval.
    pub fn reset(&mut self) {
        if self.count() > 0 {
            self.histogram.reset();
            self.sum_ns = 0;
        }
    }

    /// Latencies longer than `limit`.
    pub fn count_above(&self, limit: Duration) -> u64 {
        let limit = u64::try_from(limit.as_nanos()).unwrap_or(HOUR_NS).clamp(1, HOUR_NS);
        self.count() - self.histogram.count_between(0, limit)
    }

    pub fn count(&self) -> u64 {
        self.histogram.len()
    }

    /// Milliseconds in all recorded latencies together.
    pub fn total_ms(&self) -> f64 {
        self.sum_ns as f64 / 1e6
    }

    /// Median in milliseconds; 0 when nothing was recorded.
    pub fn p50_ms(&self) -> f64 {
        self.quantile_ms(0.5)
    }

    /// A quantile, 0 to 1, in milliseconds, whether the count supports it or not; 0 when nothing was recorded.
    pub fn quantile_ms(&self, quantile: f64) -> f64 {
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
            mean_ms: self.sum_ns as f64 / n as f64 / 1e6,
            p50_ms: self.p50_ms(),
            p95_ms: (n >= P95_NEEDS).then(|| self.quantile_ms(0.95)),
            p99_ms: (n >= P99_NEEDS).then(|| self.quantile_ms(0.99)),
            max_ms: self.histogram.max() as f64 / 1e6,
        }
    }

    /// Everything the count supports, with the histogram for those who add it to others.
    pub fn clock(&self) -> Clock {
        Clock {
            latency: self.summary(),
            p999_ms: (self.count() >= P999_NEEDS).then(|| self.quantile_ms(0.999)),
            histogram: self.stored(),
        }
    }

    /// The histogram for [`Clock::histogram`]; `None` when nothing was recorded.
    pub fn stored(&self) -> Option<String> {
        (self.count() > 0).then(|| self.to_base64())
    }

    /// HdrHistogram's V2 format, deflated, in base64, as the tools of that project read it; nanoseconds.
    pub fn to_base64(&self) -> String {
        let mut bytes = Vec::new();
        // Writing to memory cannot fail, and no count reaches the 2^63 that the format ends at.
        match V2DeflateSerializer::new().serialize(&self.histogram, &mut bytes) {
            Ok(_) => STANDARD.encode(bytes),
            Err(_) => String::new(),
        }
    }

    /// What [`Recorder::to_base64`] wrote. The sum is that of the histogram's values, off by less than 0.05% (half of the last
    /// of three digits); [`Recorder::from_latency`] knows better.
    ///
    /// # Errors
    /// When the text is no such histogram, or one of another resolution.
    pub fn from_base64(text: &str) -> Result<Recorder, HistogramError> {
        let bytes = STANDARD.decode(text).map_err(HistogramError::Base64)?;
        let format = |reason: &dyn std::fmt::Display| HistogramError::Format(reason.to_string());
        let length = bytes.get(4..8).and_then(|length| length.try_into().ok()).map(u32::from_be_bytes);
        if length.map(|length| length as usize) != Some(bytes.len().saturating_sub(8)) {
            return Err(format(&"it is cut short"));
        }
        let histogram: Histogram<u64> =
            Deserializer::new().deserialize(&mut bytes.as_slice()).map_err(|reason| format(&reason))?;
        if (histogram.low(), histogram.high(), histogram.sigfig()) != (1, HOUR_NS, DIGITS) {
            return Err(HistogramError::Resolution(histogram.sigfig()));
        }
        let sum_ns = (histogram.mean() * histogram.len() as f64).round() as u64;
        Ok(Recorder { histogram, sum_ns })
    }

    /// The latencies that a report tells of: of its histogram, with its mean for the sum.
    ///
    /// # Errors
    /// As [`Recorder::from_base64`], and when there are latencies and no histogram, as in runs of earlier versions.
    pub fn from_latency(latency: &Latency, histogram: Option<&str>) -> Result<Recorder, HistogramError> {
        let Some(histogram) = histogram else {
            return if latency.n == 0 { Ok(Recorder::default()) } else { Err(HistogramError::Missing) };
        };
        let recorder = Recorder::from_base64(histogram)?;
        if recorder.count() != latency.n {
            let said = format!("it has {} values and its run says {}", recorder.count(), latency.n);
            return Err(HistogramError::Format(said));
        }
        Ok(Recorder { sum_ns: (latency.mean_ms * 1e6 * latency.n as f64).round() as u64, ..recorder })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
        assert_eq!(Recorder::default().clock(), Clock::default());
    }

    #[test]
    fn a_clock_has_a_thousandth_from_a_thousand_calls_on() {
        assert_eq!(recorded(999).clock().p999_ms, None);
        let p999_ms = recorded(1000).clock().p999_ms.unwrap();
        assert!((p999_ms - 999.0).abs() < 1.0, "{p999_ms}");
    }

    #[test]
    fn a_reset_recorder_is_a_new_one() {
        let mut recorder = recorded(30);
        recorder.reset();
        assert_eq!(recorder.clock(), Clock::default());
        recorder.merge(&recorded(3));
        assert_eq!(recorder.summary(), recorded(3).summary());
    }

    #[test]
    fn what_is_no_histogram_is_refused_with_a_reason() {
        let refused = |text: &str| Recorder::from_base64(text).unwrap_err().to_string();
        let whole = recorded(50).to_base64();
        assert!(refused("").contains("cut short") && refused("!").contains("not base64"));
        assert!(refused(&whole[..whole.len() / 8 * 4]).contains("cut short"));
        let latency = Latency { n: 49, ..Latency::default() };
        let error = Recorder::from_latency(&latency, Some(&whole)).unwrap_err().to_string();
        assert!(error.contains("50 values and its run says 49"), "{error}");
        let mut coarse = Vec::new();
        V2DeflateSerializer::new().serialize(&Histogram::<u64>::new(2).unwrap(), &mut coarse).unwrap();
        assert!(refused(&STANDARD.encode(coarse)).contains("2 significant digits"));
    }

    fn of(nanos: &[u64]) -> Recorder {
        let mut recorder = Recorder::default();
        nanos.iter().for_each(|nanos| recorder.record(Duration::from_nanos(*nanos)));
        recorder
    }

    proptest! {
        #[test]
        fn parts_merged_are_the_whole(nanos in prop::collection::vec(0_u64..HOUR_NS * 2, 0..300), parts in 1_usize..6) {
            let mut merged = Recorder::default();
            for part in 0..parts {
                let dealt: Vec<u64> = nanos.iter().skip(part).step_by(parts).copied().collect();
                merged.merge(&of(&dealt));
            }
            prop_assert_eq!(merged.clock(), of(&nanos).clock());
            prop_assert_eq!(merged, of(&nanos));
        }

        #[test]
        fn what_is_stored_comes_back(nanos in prop::collection::vec(0_u64..HOUR_NS * 2, 0..300)) {
            let recorder = of(&nanos);
            let clock = recorder.clock();
            let back = Recorder::from_latency(&clock.latency, clock.histogram.as_deref()).unwrap();
            prop_assert_eq!(&back.histogram, &recorder.histogram);
            prop_assert!(back.sum_ns.abs_diff(recorder.sum_ns) as f64 <= recorder.sum_ns as f64 * 1e-9);
            let alone = Recorder::from_base64(&recorder.to_base64()).unwrap();
            prop_assert!(alone.sum_ns.abs_diff(recorder.sum_ns) as f64 <= recorder.sum_ns as f64 * 1e-3 + 1.0);
            prop_assert_eq!(alone.to_base64(), recorder.to_base64());
        }

        #[test]
        fn no_text_is_a_panic(text in "[A-Za-z0-9+/]{0,200}={0,2}", bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = Recorder::from_base64(&text);
            let _ = Recorder::from_base64(&STANDARD.encode(&bytes));
            let cookie = [&0x1c84_9314_u32.to_be_bytes()[..], &(bytes.len() as u32).to_be_bytes(), &bytes].concat();
            let _ = Recorder::from_base64(&STANDARD.encode(cookie));
        }
    }
}
