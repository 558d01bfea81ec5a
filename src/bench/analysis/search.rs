//! The highest rate that keeps a promise: which rate to try next, and when it is known.

use crate::report::model::{LoadStep, SearchOutcome};
use crate::units;

/// A search between rates, without any load of its own: it says what to try, and is told what came of it.
#[derive(Debug, Clone)]
pub struct Search {
    up_to: f64,
    next: Option<f64>,
    kept: Option<f64>,
    broken: Option<f64>,
    /// Times in a row that the rate at hand was broken: once may be an accident.
    doubts: u32,
    saturated: bool,
}

/// Kept and broken rates this near to each other end the search.
const NEAR: f64 = 1.05;
/// A broken promise is believed when the second try breaks it, too.
const TRIES: u32 = 2;
/// The first rate, unless one is given: a thousandth of the highest asked for, as doubling soon makes up for it.
const FIRST_SHARE: f64 = 0.001;

impl Search {
    /// From `from` calls per second (a thousandth of `up_to`, but at least 1, when absent).
    pub fn new(from: Option<f64>, up_to: f64) -> Search {
        let first = from.unwrap_or((up_to * FIRST_SHARE).max(1.0)).min(up_to);
        Search { up_to, next: Some(first), kept: None, broken: None, doubts: 0, saturated: false }
    }

    /// The rate to try now; `None` when the search is over.
    pub fn next_rate(&self) -> Option<f64> {
        self.next
    }

    /// What came of the rate that was asked for: whether the promise was kept, and whether the figures are the client's own fault.
    pub fn record(&mut self, rate: f64, kept: bool, invalid: bool) {
        if !kept && invalid {
            // The server may well do more; this client cannot show it.
            self.saturated = true;
            self.broken = Some(rate);
            self.next = None;
            return;
        }
        if kept {
            self.doubts = 0;
            self.kept = Some(rate);
        } else {
            self.doubts += 1;
            if self.doubts < TRIES {
                return;
            }
            self.doubts = 0;
            self.broken = Some(rate);
        }
        self.next = self.following();
    }

    fn following(&self) -> Option<f64> {
        match (self.kept, self.broken) {
            (Some(kept), None) if kept >= self.up_to => None,
            (Some(kept), None) => Some((kept * 2.0).min(self.up_to)),
            (Some(kept), Some(broken)) if broken / kept <= NEAR => None,
            // The geometric mean halves the ratio, which is what the search is to know.
            (Some(kept), Some(broken)) => Some((kept * broken).sqrt()),
            (None, Some(broken)) if broken <= 1.0 => None,
            (None, Some(broken)) => Some((broken / 4.0).max(1.0)),
            (None, None) => None,
        }
    }

    /// What is known now.
    pub fn outcome(&self, slo: Vec<String>, steps: &[LoadStep]) -> SearchOutcome {
        let promise = slo.join(" and ");
        let at = |rate: f64| {
            let step = steps.iter().rev().find(|step| step.rate == Some(rate))?;
            Some(format!(
                "p50 {}, p95 {}, {} of {} calls failed",
                units::ms(step.response.latency.p50_ms),
                step.response.latency.p95_ms.map_or_else(|| "unknown".to_owned(), units::ms),
                units::count(step.errors),
                units::count(step.errors + step.calls)
            ))
        };
        let told = |rate: f64| at(rate).map_or_else(String::new, |figures| format!(" ({figures})"));
        let sentence = match (self.kept, self.broken) {
            (Some(kept), Some(broken)) if self.saturated => format!(
                "{}/s keep {promise}{}; beyond that, at {}/s, perflab itself could not keep up, so the server's limit is not known.",
                rate(kept),
                told(kept),
                rate(broken)
            ),
            (Some(kept), Some(broken)) => {
                format!("{}/s keep {promise}{}; {}/s break it{}.", rate(kept), told(kept), rate(broken), told(broken))
            }
            (Some(kept), None) if kept >= self.up_to => {
                format!(
                    "{}/s, the highest rate asked for, keep {promise}{}; raise `up_to` to find the limit.",
                    rate(kept),
                    told(kept)
                )
            }
            (Some(kept), None) => {
                format!("{}/s keep {promise}{}; the search ended before a rate broke it.", rate(kept), told(kept))
            }
            (None, Some(broken)) => format!("No rate tried keeps {promise}: even {}/s break it{}.", rate(broken), told(broken)),
            (None, None) => "The search ended before its first rate was tried.".to_owned(),
        };
        SearchOutcome { slo, rate: self.kept, broken_at: self.broken, sentence }
    }
}

fn rate(per_s: f64) -> String {
    if per_s >= 10.0 { units::count(per_s.round() as u64) } else { units::amount(per_s) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Searches a system that keeps its promise up to a rate, now and then failing without a reason; tries made are counted.
    fn search(from: Option<f64>, up_to: f64, capacity: f64, accident: Option<usize>) -> (Search, usize) {
        let mut search = Search::new(from, up_to);
        let mut tries = 0;
        while let Some(rate) = search.next_rate() {
            search.record(rate, rate <= capacity && accident != Some(tries), false);
            tries += 1;
            assert!(tries < 200, "it never ends");
        }
        (search, tries)
    }

    proptest! {
        #[test]
        fn the_capacity_is_found_within_five_per_cent(capacity in 1.0..50_000.0_f64, from in proptest::option::of(1.0..60_000.0_f64),
            accident in proptest::option::of(0..20_usize))
        {
            let (search, tries) = search(from, 60_000.0, capacity, accident);
            let (kept, broken) = (search.kept.expect("kept"), search.broken.expect("broken"));
            prop_assert!(kept <= capacity && broken > capacity && broken / kept <= NEAR, "{search:?}");
            prop_assert!(tries < 45, "{tries}");
        }
    }

    #[test]
    fn the_highest_rate_asked_for_may_be_kept_and_the_lowest_broken() {
        assert!(search(None, 1000.0, 1e9, None).0.outcome(vec!["p95 < 50ms".into()], &[]).sentence.contains("raise `up_to`"));
        let (none, _) = search(Some(100.0), 1000.0, 0.0, None);
        assert!(none.outcome(vec!["p95 < 50ms".into()], &[]).sentence.starts_with("No rate tried keeps"));
    }

    #[test]
    fn a_client_that_cannot_keep_up_ends_the_search_and_says_so() {
        let mut search = Search::new(Some(100.0), 1000.0);
        search.record(100.0, true, false);
        search.record(200.0, false, true);
        assert_eq!(search.next_rate(), None);
        assert!(search.outcome(vec!["p95 < 50ms".into()], &[]).sentence.contains("perflab itself"));
    }
}
