//! The promises of an endpoint held against what was measured.

use crate::report::model::{Latency, SloResult, SloUnit};
use crate::scenario::model::{Metric, Slo, Unit};
use crate::units::{count, counted};

use super::recorder::{P95_NEEDS, P99_NEEDS, P999_NEEDS, Recorder};

/// Fewest calls for a p90.
const P90_NEEDS: u64 = 10;

/// What was counted of calls, and so what they alone tell.
#[derive(Debug, Clone, Copy)]
pub struct Counted<'a> {
    pub latency: &'a Latency,
    /// Of `latency`, for the percentiles that it does not carry.
    pub histogram: Option<&'a str>,
    /// `None` where failures were not told apart.
    pub errors: Option<u64>,
    /// Calls per second; `None` without a load: a client that waits for every reply says nothing about a rate.
    pub per_s: Option<f64>,
}

/// Each promise with its figure, or with the reason why calls alone do not tell it.
pub fn slo_results(slo: &[Slo], counted: &Counted<'_>) -> Vec<SloResult> {
    slo.iter().map(|promise| told(promise, counted.figure(promise.metric))).collect()
}

/// A promise with its figure in the base unit of its metric, or with the reason why it cannot be told.
pub fn told(promise: &Slo, figure: Result<f64, String>) -> SloResult {
    let (measured, reason) = match figure {
        Ok(measured) => (Some(measured), None),
        Err(reason) => (None, Some(reason)),
    };
    SloResult {
        metric: promise.metric.name().to_owned(),
        promise: promise.to_string(),
        unit: unit(promise.metric),
        bound: promise.bound,
        measured,
        met: measured.map(|measured| promise.holds(measured)),
        reason,
    }
}

impl Counted<'_> {
    /// # Errors
    /// Why the figure cannot be told, in words for people.
    pub fn figure(&self, metric: Metric) -> Result<f64, String> {
        match metric {
            Metric::ErrorRate => self.error_rate(),
            Metric::Rps => self.per_s.ok_or_else(|| "it needs a load phase".into()),
            metric if !metric.is_of_calls() => Err("only `perflab bench --check` looks at it".into()),
            _ if self.latency.n == 0 => Err("no call succeeded".into()),
            metric => self.time(metric),
        }
    }

    fn error_rate(&self) -> Result<f64, String> {
        let errors = self.errors.ok_or("failures were not told apart")?;
        match errors + self.latency.n {
            0 => Err("there was no call".into()),
            all => Ok(errors as f64 / all as f64),
        }
    }

    /// In milliseconds, of at least one call.
    fn time(&self, metric: Metric) -> Result<f64, String> {
        let known = |figure: Option<f64>, needs| figure.ok_or_else(|| self.lacks(metric, needs));
        match metric {
            Metric::P50 => Ok(self.latency.p50_ms),
            Metric::P90 => known(self.quantile_ms(0.9, P90_NEEDS), P90_NEEDS),
            Metric::P95 => known(self.latency.p95_ms, P95_NEEDS),
            Metric::P99 => known(self.latency.p99_ms, P99_NEEDS),
            Metric::P999 => known(self.quantile_ms(0.999, P999_NEEDS), P999_NEEDS),
            Metric::Mean => Ok(self.latency.mean_ms),
            Metric::Max => Ok(self.latency.max_ms),
            _ => Err("nothing measures it".into()),
        }
    }

    fn quantile_ms(&self, quantile: f64, needs: u64) -> Option<f64> {
        let recorder = Recorder::from_latency(self.latency, Some(self.histogram?)).ok()?;
        (recorder.count() >= needs).then(|| recorder.quantile_ms(quantile))
    }

    fn lacks(&self, metric: Metric, needs: u64) -> String {
        let (name, calls) = (metric.name(), counted(self.latency.n, "call", "calls"));
        match self.latency.n < needs {
            true => format!("{calls}; {name} needs {}, so measure longer", count(needs)),
            false => format!("the run keeps no {name} of its {calls}"),
        }
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
    use std::time::Duration;

    use super::*;
    use crate::scenario::model::{Comparison, Location};

    fn slo(metric: Metric, bound: f64) -> Slo {
        Slo { metric, comparison: Comparison::Below, bound, at: Location::default() }
    }

    fn of(latency: &Latency) -> Counted<'_> {
        Counted { latency, histogram: None, errors: Some(0), per_s: None }
    }

    #[test]
    fn a_promise_is_kept_broken_or_cannot_be_told() {
        let promises = [Metric::P50, Metric::P95, Metric::Max].map(|metric| slo(metric, 20.0));
        let met =
            |latency: &Latency| -> Vec<Option<bool>> { slo_results(&promises, &of(latency)).iter().map(|one| one.met).collect() };
        let some = Latency { n: 5, p50_ms: 19.9, max_ms: 20.0, ..Latency::default() };
        assert_eq!(met(&some), [Some(true), None, Some(false)], "five calls have no p95, and 20 ms is not below 20 ms");
        assert_eq!(met(&Latency::default()), [None, None, None], "nothing measured is no promise kept");
    }

    #[test]
    fn what_cannot_be_told_says_why() {
        let mut recorder = Recorder::default();
        (1..=19).for_each(|ms| recorder.record(Duration::from_millis(ms)));
        let (latency, histogram) = (recorder.summary(), recorder.stored());
        let counted = Counted { histogram: histogram.as_deref(), ..of(&latency) };
        let said = |counted: &Counted<'_>, metric| counted.figure(metric).unwrap_err();
        assert_eq!(said(&counted, Metric::P95), "19 calls; p95 needs 20, so measure longer");
        assert_eq!(said(&counted, Metric::P999), "19 calls; p99.9 needs 1,000, so measure longer");
        assert!((counted.figure(Metric::P90).unwrap() - 18.0).abs() < 0.1);
        assert_eq!(said(&of(&latency), Metric::P90), "the run keeps no p90 of its 19 calls");
        assert_eq!(said(&counted, Metric::Rps), "it needs a load phase");
        assert_eq!(said(&of(&Latency::default()), Metric::P50), "no call succeeded");
        assert_eq!(said(&of(&Latency::default()), Metric::ErrorRate), "there was no call");
        let all = Metric::ALL.map(|(_, metric)| slo(metric, 1.0));
        let silent = |one: &&SloResult| one.met.is_none() == one.reason.is_none();
        assert_eq!(slo_results(&all, &of(&Latency::default())).iter().find(silent), None);
    }

    #[test]
    fn the_promise_is_said_as_it_could_be_written() {
        let result = told(&slo(Metric::Wal, 8000.0), Ok(9000.0));
        assert_eq!((result.promise.as_str(), result.unit, result.met), ("wal < 8 kB", SloUnit::Bytes, Some(false)));
    }
}
