//! Which rate a search tries next: doubling until the promise breaks, then halving the gap.
//!
//! A single bad step must not end a search and a single good one must not decide it. So a step that broke, or that proves nothing,
//! is run once more before it is believed, and the rate that the search ends on is held a second time.

use crate::report::model::{LoadStep, SearchOutcome, SloResult, SloUnit};
use crate::units;

/// The search ends when the lowest rate that broke is at most this much above the highest that held.
pub const CLOSE_ENOUGH: f64 = 1.05;
/// Most steps of one search: a server that holds and breaks the same rate by turns would keep it going for ever.
pub const MOST_STEPS: usize = 60;
/// The first rate, unless one is given, as a share of the highest: doubling soon makes up for it.
const FIRST_SHARE: f64 = 0.001;
/// No rate below one call per second is tried.
const LOWEST_RATE: f64 = 1.0;

/// The state of a search. [`Search::next_rate`] asks for a step, [`Search::record`] takes its result, until there is no next.
#[derive(Debug, Clone)]
pub struct Search {
    up_to: f64,
    next: Option<f64>,
    /// Rates that kept the promise, ascending, with how often.
    kept: Vec<(f64, u32)>,
    /// The rate that just broke and gets its second chance.
    doubted: Option<f64>,
    /// Lowest rate that broke when it was tried again.
    broken_at: Option<f64>,
    steps: usize,
    end: Option<End>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum End {
    /// The highest rate that holds is known and was held twice.
    Found,
    /// No rate held, down to one call per second.
    NoneHeld,
    /// `up_to` held twice.
    AllHeld,
    /// The step at this rate proves nothing, twice.
    Invalid(f64),
    /// [`MOST_STEPS`]
    Undecided,
}

impl Search {
    /// Rates in calls per second, from `from` (a thousandth of `up_to`, but at least 1, when absent). What is not above zero is
    /// taken as 1.
    pub fn new(from: Option<f64>, up_to: f64) -> Search {
        let positive = |rate: f64| if rate.is_finite() && rate > 0.0 { rate } else { LOWEST_RATE };
        let up_to = positive(up_to);
        let first = from.map_or((up_to * FIRST_SHARE).max(LOWEST_RATE), positive).min(up_to);
        Search { up_to, next: Some(first), kept: Vec::new(), doubted: None, broken_at: None, steps: 0, end: None }
    }

    /// The rate to hold next; `None` when the search has ended.
    pub fn next_rate(&self) -> Option<f64> {
        self.next
    }

    /// The result of the step at `rate`, which is what [`Search::next_rate`] asked for. `invalid`: the step proves nothing about
    /// the server (the client was saturated, the schedule was not kept), whatever it kept; the second such step in a row ends
    /// the search.
    pub fn record(&mut self, rate: f64, kept: bool, invalid: bool) {
        if self.next.is_none() {
            return;
        }
        self.steps += 1;
        let again = self.doubted == Some(rate);
        self.doubted = None;
        match (invalid, kept) {
            (false, true) => self.note_kept(rate),
            (_, _) if !again => self.doubted = Some(rate),
            (true, _) => return self.finish(End::Invalid(rate)),
            (false, false) => {
                self.broken_at = Some(rate);
                self.kept.retain(|(held, _)| *held < rate);
            }
        }
        if self.steps >= MOST_STEPS {
            return self.finish(End::Undecided);
        }
        self.choose(rate);
    }

    fn note_kept(&mut self, rate: f64) {
        match self.kept.iter_mut().find(|(held, _)| *held == rate) {
            Some((_, times)) => *times += 1,
            None => {
                self.kept.push((rate, 1));
                self.kept.sort_by(|a, b| a.0.total_cmp(&b.0));
            }
        }
    }

    fn choose(&mut self, last: f64) {
        if self.doubted.is_some() {
            self.next = Some(last);
            return;
        }
        match (self.kept.last().copied(), self.broken_at) {
            (None, Some(broken)) if broken > LOWEST_RATE => self.next = Some((broken / 4.0).max(LOWEST_RATE)),
            (None, _) => self.finish(End::NoneHeld),
            (Some((held, times)), None) if held >= self.up_to => self.confirm(held, times, End::AllHeld),
            (Some((held, _)), None) => self.next = Some((held * 2.0).min(self.up_to)),
            (Some((held, times)), Some(broken)) if broken <= held * CLOSE_ENOUGH => self.confirm(held, times, End::Found),
            // The geometric mean halves the ratio, which is what the search is to know.
            (Some((held, _)), Some(broken)) => self.next = Some((held * broken).sqrt()),
        }
    }

    fn confirm(&mut self, rate: f64, times: u32, end: End) {
        if times >= 2 { self.finish(end) } else { self.next = Some(rate) }
    }

    fn finish(&mut self, end: End) {
        self.next = None;
        self.end = Some(end);
    }

    /// What is known now, also when the search was ended early. `slo`: the promises as written; `steps`: what was measured, for
    /// the figures of the sentence.
    pub fn outcome(&self, slo: Vec<String>, steps: &[LoadStep]) -> SearchOutcome {
        let rate = self.kept.last().map(|(held, _)| *held);
        let sentence = self.sentence(&slo, rate, steps);
        SearchOutcome { slo, rate, broken_at: self.broken_at, sentence }
    }

    fn sentence(&self, slo: &[String], rate: Option<f64>, steps: &[LoadStep]) -> String {
        let promise = if slo.is_empty() { "the promise".to_owned() } else { units::listed(slo) };
        let told = |rate: f64| last_at(rate, steps).and_then(figures).map_or_else(String::new, |figures| format!(" ({figures})"));
        let broken = self.broken_at.map(|rate| format!("{} broke it{}", per_s(rate), told(rate)));
        let held = rate.map(|rate| format!("{} held {promise}{}", per_s(rate), told(rate)));
        let so_far = held.clone().unwrap_or_else(|| format!("No rate held {promise}"));
        match (self.end, broken) {
            (Some(End::Found), Some(broken)) => format!("{so_far}, twice; {broken}."),
            (Some(End::AllHeld), _) => {
                format!("{so_far}, twice: as high as the search was to go. Raise `up_to` to find the limit.")
            }
            (Some(End::NoneHeld), Some(broken)) => format!("{so_far}: even {broken}."),
            (Some(End::Invalid(at)), _) => {
                let why = last_at(at, steps).map(|step| step.invalid.join("; ")).filter(|why| !why.is_empty());
                let why =
                    why.map_or_else(|| "perflab itself could not keep up".to_owned(), |why| why.trim_end_matches('.').to_owned());
                format!(
                    "{so_far}. The search ended at {}, which proves nothing about the server: {why}. Its limit may be higher.",
                    per_s(at)
                )
            }
            (Some(End::Undecided), _) => {
                format!("{so_far}, but after {} steps that was still not certain. Hold each step for longer.", self.steps)
            }
            (_, Some(broken)) => format!("The search ended early. {so_far}; {broken}."),
            (_, None) if held.is_some() => format!("The search ended early. {so_far}, and no rate broke it."),
            (_, None) => "The search ended before it knew of any rate.".to_owned(),
        }
    }
}

fn per_s(rate: f64) -> String {
    format!("{}/s", units::amount(rate))
}

/// A promise's figure with its unit.
fn counted_in(unit: SloUnit, figure: f64) -> String {
    match unit {
        SloUnit::Ms => units::ms(figure),
        SloUnit::Share => units::percent(figure),
        SloUnit::PerSecond => per_s(figure),
        SloUnit::Count => units::amount(figure),
        SloUnit::Bytes => units::bytes(figure as u64),
    }
}

fn last_at(rate: f64, steps: &[LoadStep]) -> Option<&LoadStep> {
    steps.iter().rev().find(|step| step.rate == Some(rate))
}

/// An open loop that did this share of the calls that were due has kept up with them …
const KEPT_UP: f64 = 0.98;
/// … give or take what chance does to the number of arrivals: so many standard deviations of a Poisson process.
const BY_CHANCE: f64 = 3.0;

/// Whether about as many calls ended as were due in the time; true of a closed loop, where each call waits for the one before.
pub fn keeps_up(step: &LoadStep) -> bool {
    let Some(rate) = step.rate else { return true };
    let due = rate * step.seconds;
    let done = step.throughput_per_s * step.seconds + step.errors as f64;
    done >= KEPT_UP * due - BY_CHANCE * due.max(0.0).sqrt()
}

/// The promises that were missed, else the response times, and what failed.
fn figures(step: &LoadStep) -> Option<String> {
    if step.calls + step.errors == 0 {
        return None;
    }
    let missed = |slo: &&SloResult| slo.met == Some(false);
    let all = step.slo.iter().chain(step.endpoints.iter().flat_map(|endpoint| &endpoint.slo));
    let mut told: Vec<String> = all
        .filter(missed)
        .take(1)
        .filter_map(|slo| Some(format!("{} {}", slo.metric, counted_in(slo.unit, slo.measured?))))
        .collect();
    if told.is_empty() {
        told.extend(step.response.latency.p95_ms.map(|p95| format!("p95 {}", units::ms(p95))));
    }
    if !keeps_up(step) {
        told.push(format!("{} achieved", per_s(step.throughput_per_s)));
    }
    if step.errors > 0 {
        told.push(format!("{} of {} calls failed", units::count(step.errors), units::count(step.errors + step.calls)));
    }
    if step.backlog > 0 {
        told.push(format!("{} unfinished", units::counted(step.backlog, "call", "calls")));
    }
    (!told.is_empty()).then(|| told.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Runs a search against a system that says whether it held the rate at its n-th step.
    fn run(mut search: Search, mut holds: impl FnMut(f64, usize) -> bool) -> (Search, Vec<f64>) {
        let mut tried = Vec::new();
        while let Some(rate) = search.next_rate() {
            let kept = holds(rate, tried.len());
            tried.push(rate);
            search.record(rate, kept, false);
            assert!(tried.len() <= MOST_STEPS);
        }
        (search, tried)
    }

    fn promise() -> Vec<String> {
        vec!["p95 < 50ms".to_owned()]
    }

    #[test]
    fn it_doubles_repeats_what_broke_halves_the_gap_and_confirms() {
        let (search, tried) = run(Search::new(Some(100.0), 10_000.0), |rate, _| rate <= 700.0);
        let rounded: Vec<f64> = tried.iter().map(|rate| rate.round()).collect();
        assert_eq!(rounded, [100.0, 200.0, 400.0, 800.0, 800.0, 566.0, 673.0, 734.0, 734.0, 703.0, 703.0, 673.0]);
        let step = |rate: f64, p95: f64| LoadStep {
            rate: Some(rate),
            calls: 100,
            slo: vec![SloResult {
                metric: "p95".to_owned(),
                bound: 50.0,
                measured: Some(p95),
                met: Some(p95 < 50.0),
                ..SloResult::default()
            }],
            ..LoadStep::default()
        };
        let outcome = search.outcome(promise(), &[step(tried[11], 31.0), step(tried[10], 61.2)]);
        assert_eq!((outcome.rate, outcome.broken_at), (Some(tried[11]), Some(tried[10])));
        assert_eq!(outcome.sentence, "673/s held p95 < 50ms, twice; 703/s broke it (p95 61.2 ms).");
    }

    #[test]
    fn one_bad_step_is_not_believed() {
        let (search, tried) = run(Search::new(Some(100.0), 400.0), |_, step| step != 1);
        assert_eq!(tried, [100.0, 200.0, 200.0, 400.0, 400.0]);
        let outcome = search.outcome(promise(), &[]);
        assert_eq!((outcome.rate, outcome.broken_at), (Some(400.0), None));
        assert!(outcome.sentence.contains("Raise `up_to`"), "{}", outcome.sentence);
    }

    #[test]
    fn a_rate_that_does_not_hold_again_is_given_up() {
        // 400 holds once and never again.
        let (search, _) = run(Search::new(Some(100.0), 10_000.0), |rate, step| rate <= 390.0 || (rate == 400.0 && step == 2));
        let rate = search.outcome(promise(), &[]).rate.unwrap();
        assert!((370.0..=390.0).contains(&rate), "{rate}");
    }

    #[test]
    fn the_first_rate_may_be_too_high() {
        let (search, tried) = run(Search::new(Some(100.0), 1_000.0), |rate, _| rate <= 20.0);
        assert_eq!(tried[..4], [100.0, 100.0, 25.0, 25.0]);
        assert!((19.0..=20.0).contains(&search.outcome(promise(), &[]).rate.unwrap()));
        let (search, tried) = run(Search::new(None, 1_000.0), |_, _| false);
        assert_eq!(tried, [1.0, 1.0]);
        let outcome = search.outcome(promise(), &[]);
        assert_eq!((outcome.rate, outcome.broken_at), (None, Some(1.0)));
        assert_eq!(outcome.sentence, "No rate held p95 < 50ms: even 1/s broke it.");
    }

    #[test]
    fn a_client_saturated_twice_ends_it() {
        let mut search = Search::new(Some(100.0), 10_000.0);
        search.record(100.0, true, false);
        search.record(200.0, false, true);
        assert_eq!(search.next_rate(), Some(200.0));
        search.record(200.0, true, true);
        assert_eq!(search.next_rate(), None);
        let busy = LoadStep { rate: Some(200.0), invalid: vec!["perflab used 1.9 of 2 cores".to_owned()], ..LoadStep::default() };
        let outcome = search.outcome(promise(), &[busy]);
        assert_eq!((outcome.rate, outcome.broken_at), (Some(100.0), None));
        assert!(outcome.sentence.contains("proves nothing about the server: perflab used 1.9"), "{}", outcome.sentence);
    }

    proptest! {
        #[test]
        fn a_sharp_capacity_is_found_within_a_twentieth(from in 1.0..100.0_f64, capacity in 1.0..50_000.0_f64, up_to in 100.0..1e5_f64) {
            let (search, tried) = run(Search::new(Some(from), up_to), |rate, _| rate <= capacity);
            let outcome = search.outcome(promise(), &[]);
            prop_assert!(tried.iter().all(|rate| (LOWEST_RATE..=up_to).contains(rate)));
            let rate = outcome.rate.unwrap();
            prop_assert!(rate <= capacity);
            prop_assert!(rate * CLOSE_ENOUGH >= capacity.min(up_to) * 0.999_999, "{rate} of {capacity}, {up_to}");
            prop_assert!(tried.iter().filter(|tried| **tried == rate).count() >= 2);
        }

        #[test]
        fn a_noisy_capacity_ends_the_search_near_it(seed in prop::collection::vec(-0.1..0.1_f64, MOST_STEPS), capacity in 50.0..5_000.0_f64) {
            let (search, _) = run(Search::new(Some(10.0), 1e5), |rate, step| rate <= capacity * (1.0 + seed[step]));
            let rate = search.outcome(promise(), &[]).rate.unwrap();
            prop_assert!((0.8..=1.1).contains(&(rate / capacity)), "{rate} of {capacity}");
        }

        #[test]
        fn any_start_and_any_answers_end(from: Option<f64>, up_to: f64, answers in prop::collection::vec(any::<bool>(), MOST_STEPS)) {
            let (search, _) = run(Search::new(from, up_to), |_, step| answers[step]);
            prop_assert!(!search.outcome(Vec::new(), &[]).sentence.is_empty());
        }
    }
}
