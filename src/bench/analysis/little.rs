//! Do the figures of a step fit each other? And those that somebody claims?
//!
//! Little's law, L = λ·W (Little, Operations Research 9(3), 1961), ties calls in the system, throughput and response time;
//! the interactive response time law, N = X·(R + Z) (Lazowska, Zahorjan, Graham and Sevcik, Quantitative System Performance,
//! 1984, section 3.4), adds the clients of a closed loop and the time they think. Both hold for any distribution of times, so
//! figures that break them were measured wrong.

use crate::report::model::LittlesLaw;
use crate::units;

/// What two honest counts may differ by however long the step: ticks of the clocks, calls that fail.
const ALWAYS_ALLOWED: f64 = 0.02;
/// Clients of a closed loop that may be missing: they start one after the other and end in the middle of a call or a thought.
const CLIENTS_ALLOWED: f64 = 0.1;
/// Figures of a write-up are rounded.
const CLAIMS_ALLOWED: f64 = 0.1;

/// Holds the calls counted in the system on average (over the step's measured time) against throughput (calls per second) times
/// mean response time.
///
/// They may differ by the calls that the step's two ends cut through, at most all that were in the system at each end
/// (2·W of `seconds`), by the sampling error of a mean of `calls` times (three standard errors of a distribution as wide as
/// its mean, 3/√calls), and by 2% always.
pub fn littles_law(in_system_counted: f64, throughput_per_s: f64, mean_response_s: f64, calls: u64, seconds: f64) -> LittlesLaw {
    let [counted, rate, response] = [in_system_counted, throughput_per_s, mean_response_s].map(not_negative);
    let computed = rate * response;
    if calls == 0 || seconds.is_nan() || seconds <= 0.0 {
        let waited = counted >= 0.5;
        let sentence = waited.then(|| {
            format!(
                "No call ended, though {} were in the system on average: there is no response time to judge.",
                units::amount(counted)
            )
        });
        return LittlesLaw { counted, computed, holds: !waited, sentence };
    }
    let larger = counted.max(computed);
    let ends = 2.0 * response / seconds;
    let allowed = ALWAYS_ALLOWED + ends + 3.0 / (calls as f64).sqrt();
    let off = if larger > 0.0 { (counted - computed).abs() / larger } else { 0.0 };
    let holds = off <= allowed;
    let sentence = (!holds).then(|| contradiction(counted, computed, rate, response, allowed));
    LittlesLaw { counted, computed, holds, sentence }
}

fn contradiction(counted: f64, computed: f64, rate: f64, response: f64, allowed: f64) -> String {
    let meaning = if counted > computed {
        "calls were in the system that no response time speaks of: they failed, were not finished when the step ended, or their clock started late"
    } else {
        "response times hold waiting that was not counted as being in the system, or calls were counted more than once"
    };
    format!(
        "Little's law does not hold: {}/s × {} make {} calls in the system, counted were {} (a difference of {} would be chance); {meaning}.",
        units::amount(rate),
        units::ms(response * 1000.0),
        units::amount(computed),
        units::amount(counted),
        units::percent(allowed),
    )
}

/// A sentence when so many clients, each thinking `think_s` between reply and next call and waiting `response_s` on average,
/// cannot have made `throughput` calls per second, or should have made more. `None` when N = X·(R + Z) within 10%, and when a
/// figure is missing (not above zero). Count only the clients that had started: those still waiting for their start make no
/// calls.
pub fn closed_loop_check(clients: f64, think_s: f64, throughput: f64, response_s: f64) -> Option<String> {
    let think_s = not_negative(think_s);
    let cycle_s = response_s + think_s;
    if [clients, throughput, cycle_s].iter().any(|figure| !figure.is_finite() || *figure <= 0.0) {
        return None;
    }
    let busy = throughput * cycle_s;
    if busy > clients * (1.0 + CLIENTS_ALLOWED) {
        Some(impossible(clients, think_s, throughput, response_s))
    } else if busy < clients * (1.0 - CLIENTS_ALLOWED) {
        Some(format!(
            "{} at {} per call{} account for {} of {}: the others had not started, had ended, or waited where no clock ran.",
            per_s(throughput),
            units::ms(response_s * 1000.0),
            if think_s > 0.0 { format!(" and {} of thinking", units::seconds(think_s)) } else { String::new() },
            units::amount(busy),
            users(clients, "client", "clients"),
        ))
    } else {
        None
    }
}

fn impossible(clients: f64, think_s: f64, throughput: f64, response_s: f64) -> String {
    let cycle_s = response_s + think_s;
    let waits = format!("wait {} for a reply", units::ms(response_s * 1000.0));
    let habits = if think_s > 0.0 { format!("think {} and {waits}", units::seconds(think_s)) } else { waits };
    format!(
        "{} who {habits} make {} at most, not {}: that takes {}. {} at {} are {} in flight on average.",
        users(clients, "client", "clients"),
        per_s(clients / cycle_s),
        per_s(throughput),
        units::count((throughput * cycle_s).ceil() as u64),
        per_s(throughput),
        units::ms(response_s * 1000.0),
        units::amount((throughput * response_s).round().max(0.1)),
    )
}

/// Figures from a write-up, as far as it gives them.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Claimed {
    /// Clients or virtual users.
    pub users: Option<f64>,
    /// Time between a reply and the user's next call, in seconds; absent when the write-up is silent.
    pub think_s: Option<f64>,
    /// Mean time from call to reply, in seconds. A median stands in for it only where the distribution is narrow.
    pub response_s: Option<f64>,
    /// Calls per second.
    pub rate_per_s: Option<f64>,
    /// Clients that had been told to start but had not, at the time of the figures.
    pub pending_starts: Option<f64>,
}

/// What the laws say about claimed figures: contradictions first, and what the figures mean together where a reader would
/// take them for something else. Empty when they fit each other or too few are given.
pub fn judge(claimed: Claimed) -> Vec<String> {
    let positive = |figure: Option<f64>| figure.filter(|x| x.is_finite() && *x > 0.0);
    let (Some(response), Some(rate)) = (positive(claimed.response_s), positive(claimed.rate_per_s)) else { return Vec::new() };
    let in_flight = rate * response;
    let Some(users) = positive(claimed.users) else {
        // Nobody was counted; how many there must have been follows all the same.
        return vec![format!(
            "{} at {} are {} in flight on average.",
            per_s(rate),
            units::ms(response * 1000.0),
            units::amount(in_flight.round().max(0.1)),
        )];
    };
    let pending = claimed.pending_starts.map_or(0.0, not_negative).min(users);
    let started = users - pending;
    let mut said = Vec::new();
    match claimed.think_s.map(not_negative) {
        Some(think) => said.extend(closed_loop_check(started, think, rate, response)),
        // Without thinking every user is in flight all the time; with it some are. More than all cannot be.
        None if in_flight > started * (1.0 + CLAIMS_ALLOWED) => said.push(impossible(started, 0.0, rate, response)),
        None => {}
    }
    if in_flight < started * (1.0 - CLAIMS_ALLOWED) {
        said.push(format!(
            "{} at {} are {} in flight on average, not {}: the server never saw more at once.",
            per_s(rate),
            units::ms(response * 1000.0),
            units::amount(in_flight.round().max(0.1)),
            units::amount(users),
        ));
    }
    if pending > 0.0 {
        said.push(format!(
            "{} of {} had not started: they are no load.",
            units::amount(pending),
            self::users(users, "client", "clients")
        ));
    }
    said
}

fn users(number: f64, one: &str, many: &str) -> String {
    if number == 1.0 { format!("1 {one}") } else { format!("{} {many}", units::amount(number)) }
}

fn per_s(rate: f64) -> String {
    format!("{}/s", units::amount(rate))
}

fn not_negative(figure: f64) -> f64 {
    if figure.is_finite() { figure.max(0.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_fits_holds_and_says_nothing() {
        let law = littles_law(26.5, 2_520.0, 0.010_64, 151_200, 60.0);
        assert!(law.holds && law.sentence.is_none(), "{law:?}");
        assert!((law.computed - 26.81).abs() < 0.01);
    }

    #[test]
    fn calls_that_nobody_timed_are_missed() {
        let law = littles_law(1_500.0, 2_520.0, 0.010_64, 151_200, 60.0);
        let sentence = law.sentence.unwrap();
        assert!(!law.holds);
        assert!(
            sentence
                .starts_with("Little's law does not hold: 2,520/s × 10.6 ms make 26.8 calls in the system, counted were 1,500"),
            "{sentence}"
        );
    }

    #[test]
    fn a_short_step_proves_less() {
        assert!(littles_law(1.2, 10.0, 0.1, 20, 2.0).holds);
        assert!(!littles_law(1.2, 10.0, 0.1, 60_000, 6_000.0).holds);
    }

    #[test]
    fn a_step_without_a_call_has_no_law() {
        assert!(littles_law(0.0, 0.0, 0.0, 0, 10.0).holds);
        assert!(littles_law(8.0, 0.0, 0.0, 0, 10.0).sentence.unwrap().starts_with("No call ended, though 8 were in the system"));
    }

    #[test]
    fn users_who_think_a_second_cannot_be_faster_than_their_thoughts() {
        let sentence = closed_loop_check(1_500.0, 1.0, 2_520.0, 0.010_64).unwrap();
        assert_eq!(
            sentence,
            "1,500 clients who think 1.0 s and wait 10.6 ms for a reply make 1,484/s at most, not 2,520/s: that takes 2,547. \
             2,520/s at 10.6 ms are 27 in flight on average."
        );
    }

    #[test]
    fn a_closed_loop_that_was_kept_says_nothing() {
        assert_eq!(closed_loop_check(8.0, 0.0, 4_000.0, 0.002), None);
        assert_eq!(closed_loop_check(100.0, 1.0, 99.0, 0.01), None);
        assert_eq!(closed_loop_check(0.0, 0.0, 0.0, 0.0), None);
    }

    #[test]
    fn clients_that_never_began_are_missed() {
        let sentence = closed_loop_check(100.0, 0.0, 1_000.0, 0.02).unwrap();
        assert!(sentence.starts_with("1,000/s at 20.0 ms per call account for 20 of 100 clients"), "{sentence}");
    }

    #[test]
    fn claims_are_judged_by_what_is_given() {
        let claimed =
            Claimed { users: Some(1_500.0), response_s: Some(0.010_64), rate_per_s: Some(2_520.0), ..Claimed::default() };
        assert_eq!(
            judge(claimed),
            ["2,520/s at 10.6 ms are 27 in flight on average, not 1,500: the server never saw more at once."]
        );
        let thinking = judge(Claimed { think_s: Some(1.0), ..claimed });
        assert!(thinking.len() == 2 && thinking[0].contains("make 1,484/s at most"), "{thinking:?}");
        // Half of them started: fewer still can have made those calls.
        let pending = judge(Claimed { think_s: Some(1.0), pending_starts: Some(750.0), ..claimed });
        assert!(
            pending[0].contains("750 clients who think") && pending[2].starts_with("750 of 1,500 clients had not started"),
            "{pending:?}"
        );
        assert_eq!(judge(Claimed { users: Some(10.0), ..claimed }).len(), 1);
        assert!(judge(Claimed { response_s: None, ..claimed }).is_empty());
        assert_eq!(judge(Claimed { users: None, ..claimed }), ["2,520/s at 10.6 ms are 27 in flight on average."]);
    }

    proptest! {
        #[test]
        fn any_figures_give_a_law(counted: f64, rate: f64, response: f64, calls: u64, seconds: f64) {
            let law = littles_law(counted, rate, response, calls, seconds);
            prop_assert!(law.holds == law.sentence.is_none());
            prop_assert!(!law.counted.is_nan() && !law.computed.is_nan());
            closed_loop_check(counted, rate, response, seconds);
        }

        #[test]
        fn what_the_law_computes_holds(rate in 0.1..1e5_f64, response in 1e-5..10.0_f64, seconds in 1.0..600.0_f64) {
            let calls = (rate * seconds).ceil() as u64;
            prop_assert!(littles_law(rate * response, rate, response, calls, seconds).holds);
        }
    }
}
