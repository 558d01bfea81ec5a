//! Distributions added, and what is read from them.

use crate::bench::recorder::{HistogramError, Recorder};
use crate::bench::slo::Counted;
use crate::report::model::{BenchRun, Clock, ErrorCount, Latency, SloResult};
use crate::scenario::model::Metric;

/// One distribution of all values of some.
pub fn clock<'c>(parts: impl IntoIterator<Item = &'c Clock>) -> Result<Clock, HistogramError> {
    let parts = parts.into_iter().map(|clock| (&clock.latency, clock.histogram.as_deref()));
    Ok(recorder(parts)?.clock())
}

/// One distribution, where there is one at all.
pub fn optional<'c>(parts: impl IntoIterator<Item = Option<&'c Clock>>) -> Result<Option<Clock>, HistogramError> {
    let parts: Vec<&Clock> = parts.into_iter().flatten().collect();
    if parts.is_empty() { Ok(None) } else { clock(parts).map(Some) }
}

/// All values of some distributions with their histograms.
pub fn recorder<'l>(parts: impl IntoIterator<Item = (&'l Latency, Option<&'l str>)>) -> Result<Recorder, HistogramError> {
    let mut all = Recorder::default();
    for (latency, histogram) in parts {
        all.merge(&Recorder::from_latency(latency, histogram)?);
    }
    Ok(all)
}

/// Reads every histogram of a run once.
pub fn check(run: &BenchRun) -> Result<(), HistogramError> {
    let endpoints = run.endpoints.iter();
    let solo = endpoints.flat_map(|endpoint| {
        let steps = endpoint.steps.iter().map(|step| (&step.latency, step.histogram.as_deref()));
        std::iter::once((&endpoint.latency, endpoint.histogram.as_deref())).chain(steps)
    });
    let steps = run.load.iter().flat_map(|load| &load.steps);
    let load = steps.flat_map(|step| {
        let own = [Some(&step.service), Some(&step.response), step.wait.as_ref(), step.schedule_lag.as_ref()];
        let endpoints = step.endpoints.iter().flat_map(|endpoint| [&endpoint.service, &endpoint.response]);
        own.into_iter().flatten().chain([&step.loop_delay]).chain(step.connections.connect.as_ref()).chain(endpoints)
    });
    let load = load.map(|clock| (&clock.latency, clock.histogram.as_deref()));
    for (latency, histogram) in solo.chain(load) {
        Recorder::from_latency(latency, histogram)?;
    }
    Ok(())
}

/// Failures by SQLSTATE and statement.
pub fn failures<'e>(parts: impl IntoIterator<Item = &'e ErrorCount>) -> Vec<ErrorCount> {
    let mut all: Vec<ErrorCount> = Vec::new();
    for part in parts {
        match all.iter_mut().find(|known| known.sqlstate == part.sqlstate && known.step == part.step) {
            Some(known) => known.count += part.count,
            None => all.push(part.clone()),
        }
    }
    all
}

/// What promises on joined calls are held against.
pub struct Joined<'c> {
    pub clock: &'c Clock,
    pub errors: u64,
    /// Of a load.
    pub throughput_per_s: Option<f64>,
}

/// Promises on calls held against the joined ones; those on what was not joined are told as far as all parts agree.
pub fn promises<'s>(parts: impl IntoIterator<Item = &'s [SloResult]>, joined: &Joined<'_>) -> Vec<SloResult> {
    let parts: Vec<&[SloResult]> = parts.into_iter().collect();
    let Some(first) = parts.first() else { return Vec::new() };
    let hold = |(place, promise): (usize, &SloResult)| match joined.figure(&promise.metric) {
        Some(Ok(figure)) => {
            SloResult { measured: Some(figure), met: Some(holds(promise, figure)), reason: None, ..promise.clone() }
        }
        Some(Err(reason)) => SloResult { measured: None, met: None, reason: Some(reason), ..promise.clone() },
        None => {
            let others: Vec<&SloResult> = parts.iter().filter_map(|part| part.get(place)).collect();
            let agreed = |met: bool| others.len() == parts.len() && others.iter().all(|other| other.met == Some(met));
            let met = promise.met.filter(|met| agreed(*met));
            let measured = promise.measured.filter(|_| others.iter().all(|other| other.measured == promise.measured));
            let differ = promise.met.is_some() && met.is_none();
            let reason = if differ { Some(DIFFER.to_owned()) } else { promise.reason.clone() };
            SloResult { measured, met, reason, ..promise.clone() }
        }
    };
    first.iter().enumerate().map(hold).collect()
}

/// Of what each shard measures for itself.
const DIFFER: &str = "the shards do not agree; see their own files";

impl Joined<'_> {
    /// The figure of a metric, or why there is none; `None` when it is not one of calls.
    fn figure(&self, metric: &str) -> Option<Result<f64, String>> {
        let (_, metric) = Metric::ALL.into_iter().find(|(name, _)| *name == metric)?;
        let Clock { latency, histogram, .. } = self.clock;
        let (errors, per_s) = (Some(self.errors), self.throughput_per_s);
        let counted = Counted { latency, histogram: histogram.as_deref(), errors, per_s };
        metric.is_of_calls().then(|| counted.figure(metric))
    }
}

/// The promise says which way it goes.
fn holds(promise: &SloResult, measured: f64) -> bool {
    let (text, bound) = (&promise.promise, promise.bound);
    match () {
        () if text.contains(">=") => measured >= bound,
        () if text.contains('>') => measured > bound,
        () if text.contains("<=") => measured <= bound,
        () => measured < bound,
    }
}

/// Sentences, each once.
pub fn sentences<'s>(parts: impl IntoIterator<Item = &'s String>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for sentence in parts {
        if !all.contains(sentence) {
            all.push(sentence.clone());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn promise(metric: &str, promise: &str, bound: f64, measured: f64, met: bool) -> SloResult {
        let (metric, promise) = (metric.to_owned(), promise.to_owned());
        SloResult { metric, promise, bound, measured: Some(measured), met: Some(met), ..SloResult::default() }
    }

    #[test]
    fn promises_go_the_way_they_say() {
        let clock = Clock { latency: Latency { n: 90, p50_ms: 5.0, ..Latency::default() }, ..Clock::default() };
        let joined = Joined { clock: &clock, errors: 10, throughput_per_s: Some(1000.0) };
        let part = [
            promise("rps", "rps >= 1,000", 1000.0, 500.0, false),
            promise("error_rate", "error_rate < 5%", 0.05, 0.0, true),
            promise("p50", "p50 <= 5 ms", 5.0, 9.0, false),
            promise("p95", "p95 < 5 ms", 5.0, 9.0, false),
            promise("wal", "wal < 8 kB", 8192.0, 1.0, true),
            promise("queries", "queries <= 3", 3.0, 3.0, true),
        ];
        let mut other = part.clone();
        other[4] = promise("wal", "wal < 8 kB", 8192.0, 9000.0, false);
        let joined = promises([&part[..], &other[..]], &joined);
        let met: Vec<_> = joined.iter().map(|one| (one.measured, one.met)).collect();
        assert_eq!(
            met,
            [
                (Some(1000.0), Some(true)),
                (Some(0.1), Some(false)),
                (Some(5.0), Some(true)),
                (None, None),
                (None, None),
                (Some(3.0), Some(true))
            ]
        );
        let reasons: Vec<_> = joined.iter().filter(|one| one.met.is_none()).map(|one| one.reason.as_deref()).collect();
        assert_eq!(reasons, [Some("the run keeps no p95 of its 90 calls"), Some(DIFFER)]);
    }
}
