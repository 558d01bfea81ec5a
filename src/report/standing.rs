//! Where each endpoint stands: what the run measured of it before and after, brought together under its label, and the few
//! judgements (slow, fast now) that more than one page needs.

use super::model::{
    BenchRun, EndpointResult, ErrorCount, ExplainedEndpoint, KeptIndex, PairedResult, Run, SloResult, SloUnit, Unsolved, Verdict,
};
use crate::units;

/// An endpoint without an SLO counts as slow above this many milliseconds; the advice stops there too (`Unsolved::target_ms`).
pub const SLOW_MS: f64 = 10.0;

/// All that a run says about one endpoint.
pub struct Standing<'a> {
    pub label: &'a str,
    pub bench: Option<&'a EndpointResult>,
    pub pair: Option<&'a PairedResult>,
    pub unsolved: Option<&'a Unsolved>,
    /// Place in [`Run::explained`], from 0.
    pub explained: Option<usize>,
}

/// Every endpoint of the run, in the order of the scenario.
pub fn standings(run: &Run) -> Vec<Standing<'_>> {
    let benched: &[EndpointResult] = run.before.as_ref().map_or(&[], |bench| &bench.endpoints);
    let pairs: &[PairedResult] = run.advice.as_ref().map_or(&[], |advice| &advice.endpoints);
    let unsolved: &[Unsolved] = run.advice.as_ref().map_or(&[], |advice| &advice.unsolved);
    let mut labels: Vec<&str> = Vec::new();
    let named = benched.iter().map(|e| &e.label).chain(pairs.iter().map(|p| &p.label)).chain(unsolved.iter().map(|u| &u.label));
    for label in named.chain(run.explained.iter().map(|e| &e.label)) {
        if !labels.contains(&label.as_str()) {
            labels.push(label);
        }
    }
    let standing = |label| Standing {
        label,
        bench: benched.iter().find(|e| e.label == label),
        pair: pairs.iter().find(|p| p.label == label),
        unsolved: unsolved.iter().find(|u| u.label == label),
        explained: run.explained.iter().position(|e: &ExplainedEndpoint| e.label == label),
    };
    labels.into_iter().map(standing).collect()
}

impl Standing<'_> {
    /// Median before, milliseconds: of the pairs when there are any, since only they were measured beside the figures after.
    pub fn before_ms(&self) -> Option<f64> {
        let paired = self.pair.filter(|pair| pair.before.n > 0).map(|pair| pair.before.p50_ms);
        paired.or_else(|| self.bench.filter(|bench| bench.latency.n > 0).map(|bench| bench.latency.p50_ms))
    }

    /// Median with the kept indexes, milliseconds.
    pub fn after_ms(&self) -> Option<f64> {
        self.pair.filter(|pair| pair.after.n > 0).map(|pair| pair.after.p50_ms)
    }

    /// Whether the scenario promises a time for it.
    pub fn has_slo(&self) -> bool {
        self.bench.is_some_and(|bench| bench.slo.iter().any(|slo| slo.unit == SloUnit::Ms))
    }

    /// Before any index: an SLO missed, or over [`SLOW_MS`] without one. What the advice could not solve was slow, too.
    ///
    /// Where there were too few calls for an SLO's percentile, a median that is over the limit decides: the percentile is no lower.
    pub fn is_slow(&self) -> bool {
        let over = || self.before_ms().is_some_and(|ms| ms > SLOW_MS);
        let missed = |bench: &EndpointResult| {
            let over = |slo: &SloResult| self.before_ms().is_some_and(|ms| ms > slo.bound);
            let times = bench.slo.iter().filter(|slo| slo.unit == SloUnit::Ms);
            times.into_iter().any(|slo| slo.met.map_or(over(slo), |met| !met))
        };
        self.unsolved.is_some() || if self.has_slo() { self.bench.is_some_and(missed) } else { over() }
    }

    /// Slow before, proven faster, and nothing left to do.
    pub fn is_solved(&self) -> bool {
        let missed = self.pair.is_some_and(|pair| pair.slo.iter().any(|slo| slo.unit == SloUnit::Ms && slo.met == Some(false)));
        let over = !self.has_slo() && self.after_ms().is_some_and(|ms| ms > SLOW_MS);
        self.is_slow() && self.unsolved.is_none() && self.verdict() == Some(Verdict::Improved) && !missed && !over
    }

    /// What it still does not keep, after a word like “still”: `over 20 ms`; of an SLO that the median keeps and its percentile does
    /// not, `misses p95 < 20 ms`.
    pub fn still(&self) -> Option<String> {
        let unsolved = self.unsolved?;
        let within = self.after_ms().unwrap_or(unsolved.after_ms) <= unsolved.target_ms;
        let slos = self.bench.map(|bench| bench.slo.as_slice()).into_iter().flatten();
        let promise = slos.into_iter().find(|slo| slo.unit == SloUnit::Ms && slo.bound == unsolved.target_ms).map(slo_promise);
        Some(match promise.filter(|_| within) {
            Some(promise) => format!("misses {promise}"),
            None => format!("over {}", units::limit_ms(unsolved.target_ms)),
        })
    }

    pub fn verdict(&self) -> Option<Verdict> {
        self.pair.map(|pair| pair.verdict)
    }
}

/// The slowest endpoints by median, slowest first.
pub fn slowest<'a, 'r>(standings: &'a [Standing<'r>]) -> Vec<&'a Standing<'r>> {
    let mut measured: Vec<&Standing> = standings.iter().filter(|s| s.before_ms().is_some()).collect();
    measured.sort_by(|a, b| b.before_ms().unwrap_or(0.0).total_cmp(&a.before_ms().unwrap_or(0.0)));
    measured
}

/// The slowest of one bench by median, slowest first; endpoints whose every call failed are left out.
pub fn slowest_of(bench: &BenchRun) -> Vec<&EndpointResult> {
    let mut measured: Vec<&EndpointResult> = bench.endpoints.iter().filter(|e| e.latency.n > 0).collect();
    measured.sort_by(|a, b| b.latency.p50_ms.total_cmp(&a.latency.p50_ms));
    measured
}

/// Kept indexes that the endpoint uses.
pub fn serving<'a>(keep: &'a [KeptIndex], label: &str) -> Vec<&'a KeptIndex> {
    keep.iter().filter(|index| index.serves.iter().any(|served| served.label == label)).collect()
}

/// The verdict on a pair with how much: `260× faster`, `1.3× slower`, `within noise`.
pub fn change(pair: &PairedResult) -> String {
    let turned = |ratio: f64| if ratio > 0.0 { 1.0 / ratio } else { f64::INFINITY };
    match pair.verdict {
        Verdict::Improved if turned(pair.ratio).is_finite() => format!("{} faster", units::times(turned(pair.ratio))),
        Verdict::Improved => "faster".to_owned(),
        Verdict::Regressed if pair.ratio.is_finite() => format!("{} slower", units::times(pair.ratio)),
        Verdict::Regressed => "slower".to_owned(),
        Verdict::WithinNoise => "within noise".to_owned(),
        Verdict::NotEnoughData => "not enough data".to_owned(),
    }
}

/// The 95% interval of [`change`], in the same direction: `198–240×`. `None` when nothing was proven or a bound has no number.
pub fn interval(pair: &PairedResult) -> Option<String> {
    let (low, high) = match pair.verdict {
        Verdict::Improved => (1.0 / pair.ratio_high, 1.0 / pair.ratio_low),
        Verdict::Regressed | Verdict::WithinNoise => (pair.ratio_low, pair.ratio_high),
        Verdict::NotEnoughData => return None,
    };
    (low.is_finite() && high.is_finite()).then(|| format!("{}–{}", units::times(low).trim_end_matches('×'), units::times(high)))
}

/// An SLO with its outcome: `p95 < 20 ms: met`.
pub fn slo_text(slo: &SloResult) -> String {
    let outcome = match slo.met {
        Some(true) => "met",
        Some(false) => "missed",
        None if slo.measured.is_none() && slo.unit != SloUnit::Ms => "not measured",
        None => "too few calls to know",
    };
    // Times stand in columns of their own.
    let figure = slo.shown().filter(|_| slo.met == Some(false) && slo.unit != SloUnit::Ms);
    let figure = figure.map(|figure| format!(", it is {figure}")).unwrap_or_default();
    format!("{}: {outcome}{figure}", slo_promise(slo))
}

/// `p95 < 20 ms`
pub fn slo_promise(slo: &SloResult) -> String {
    // Runs of before the promises had texts of their own knew times only.
    if slo.promise.is_empty() { format!("{} < {}", slo.metric, units::limit_ms(slo.bound)) } else { slo.promise.clone() }
}

/// Calls that failed, all kinds together.
pub fn failures(errors: &[ErrorCount]) -> u64 {
    errors.iter().fold(0, |sum, error| sum.saturating_add(error.count))
}

/// What an index is on, without the words around it: `song_history (song_id)`.
pub fn index_target(definition: &str) -> &str {
    let text = definition.trim().trim_end_matches(';');
    // Only ASCII changes its case here, so that places in one text are places in the other.
    let upper = text.to_ascii_uppercase();
    match upper.find(" ON ") {
        Some(at) if upper.starts_with("CREATE ") => text[at + 4..].trim(),
        _ => text,
    }
}

/// [`index_target`] of what the server printed, without what goes without saying: the schema `public`, the method `btree`.
pub fn short_target(definition: &str) -> String {
    let target = index_target(definition);
    target.strip_prefix("public.").unwrap_or(target).replacen(" USING btree", "", 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::Latency;

    fn pair(ratio: f64, low: f64, high: f64, verdict: Verdict) -> PairedResult {
        let latency = Latency { n: 40, p50_ms: 1.0, ..Latency::default() };
        PairedResult {
            label: "GET /".into(),
            before: latency.clone(),
            after: latency,
            ratio,
            ratio_low: low,
            ratio_high: high,
            verdict,
            slo: Vec::new(),
            ..PairedResult::default()
        }
    }

    #[test]
    fn a_change_is_told_in_its_own_direction() {
        let faster = pair(0.25, 0.2, 0.5, Verdict::Improved);
        assert_eq!((change(&faster), interval(&faster)), ("4.0× faster".to_owned(), Some("2.0–5.0×".to_owned())));
        let slower = pair(1.3, 1.2, 1.4, Verdict::Regressed);
        assert_eq!((change(&slower), interval(&slower)), ("1.3× slower".to_owned(), Some("1.2–1.4×".to_owned())));
        assert_eq!(change(&pair(0.0, 0.0, 0.0, Verdict::Improved)), "faster");
        assert_eq!(interval(&pair(0.5, 0.0, 0.6, Verdict::Improved)), None);
        assert_eq!(interval(&pair(0.5, 0.4, 0.6, Verdict::NotEnoughData)), None);
    }

    /// An endpoint of that median with one SLO below 50 ms, or none.
    fn bench(p50_ms: f64, met: Option<Option<bool>>) -> EndpointResult {
        let slo = |met| SloResult { metric: "p95".into(), bound: 50.0, met, ..SloResult::default() };
        EndpointResult {
            label: "GET /".into(),
            route: "GET /".into(),
            calls: 10,
            latency: Latency { n: 10, p50_ms, ..Latency::default() },
            slo: met.map(slo).into_iter().collect(),
            ..EndpointResult::default()
        }
    }

    #[test]
    fn an_slo_decides_what_is_slow_and_ten_milliseconds_otherwise() {
        let is_slow = |result: EndpointResult| {
            Standing { label: "GET /", bench: Some(&result), pair: None, unsolved: None, explained: None }.is_slow()
        };
        assert!(!is_slow(bench(9.9, None)) && is_slow(bench(10.1, None)));
        assert!(!is_slow(bench(30.0, Some(Some(true)))) && is_slow(bench(30.0, Some(Some(false)))));
        assert!(!is_slow(bench(30.0, Some(None))) && is_slow(bench(60.0, Some(None))), "the median alone is over the limit");
    }

    #[test]
    fn a_promise_is_told_with_its_unit() {
        let slo = |unit, measured, met| SloResult {
            metric: "wal".into(),
            promise: "wal < 8 kB".into(),
            unit,
            bound: 8000.0,
            measured,
            met,
            reason: None,
        };
        assert_eq!(slo_text(&slo(SloUnit::Bytes, Some(10_240.0), Some(false))), "wal < 8 kB: missed, it is 10 kB");
        assert_eq!(slo_text(&slo(SloUnit::Bytes, None, None)), "wal < 8 kB: not measured");
        let old = SloResult { metric: "p95".into(), bound: 20.0, met: Some(true), ..SloResult::default() };
        assert_eq!(slo_text(&old), "p95 < 20 ms: met");
    }

    #[test]
    fn an_index_is_named_by_what_it_is_on() {
        assert_eq!(index_target("CREATE INDEX größe_idx ON t USING gin (größe);"), "t USING gin (größe)");
        assert_eq!(index_target("song_history (song_id)"), "song_history (song_id)");
    }
}
