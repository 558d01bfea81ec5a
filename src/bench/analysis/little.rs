//! Little's law, held against every step.

use crate::report::model::LittlesLaw;
use crate::units;

/// Compares the calls counted in the system with throughput times mean response time (both over the same window).
///
/// The two need not be equal in a window that cuts through calls: those under way at its ends count on one side only, and chance
/// moves both by the root of their number. What is beyond that is a contradiction.
pub fn littles_law(counted: f64, throughput_per_s: f64, mean_response_s: f64, calls: u64, seconds: f64) -> LittlesLaw {
    let computed = throughput_per_s * mean_response_s;
    let calls_made = (calls.max(1)) as f64;
    let cut_through = counted.max(computed) / calls_made;
    let room = 0.05 + 2.0 / calls_made.sqrt() + 2.0 * cut_through;
    let larger = counted.max(computed);
    let holds = calls == 0 || (counted - computed).abs() <= room * larger.max(0.05);
    let sentence = (!holds).then(|| {
        format!(
            "Little's law is broken: {} calls were in the system on average, but {}/s of {} each make {}; over {} the load was not steady, or calls were lost.",
            units::amount(counted),
            rate(throughput_per_s),
            units::ms(mean_response_s * 1e3),
            units::amount(computed),
            units::seconds(seconds),
        )
    });
    LittlesLaw { counted, computed, holds, sentence }
}

/// Holds `clients` that wait for their replies and think in between against what they brought: N = X · (R + Z), the interactive
/// response time law (Denning and Buzen, The Operational Analysis of Queueing Network Models, 1978). `None` when it comes out.
///
/// It judges figures that somebody claims as well as measured ones.
pub fn closed_loop_check(clients: f64, think_s: f64, throughput_per_s: f64, response_s: f64) -> Option<String> {
    let accounted = throughput_per_s * (response_s + think_s);
    if clients <= 0.0 || throughput_per_s <= 0.0 || (accounted / clients - 1.0).abs() <= 0.10 {
        return None;
    }
    let cycle = response_s + think_s;
    let would = if cycle > 0.0 { clients / cycle } else { f64::INFINITY };
    let pause = if think_s > 0.0 { format!(" and {} of thinking", units::seconds(think_s)) } else { String::new() };
    let in_flight = throughput_per_s * response_s;
    Some(format!(
        "{} clients with a response time of {}{pause} make {} calls a second, not {}: that many at {} are {} calls at a time.",
        units::count(clients.round() as u64),
        units::ms(response_s * 1e3),
        rate(would),
        rate(throughput_per_s),
        units::ms(response_s * 1e3),
        if in_flight < 10.0 { units::amount(in_flight) } else { units::count(in_flight.round() as u64) },
    ))
}

fn rate(per_s: f64) -> String {
    if per_s >= 100.0 { units::count(per_s.round() as u64) } else { units::amount(per_s) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_published_figure_that_cannot_be_is_named() {
        // A write-up claims 1,500 users with a second of thinking, 10.64 ms and 2,520 requests a second.
        let said = closed_loop_check(1500.0, 1.0, 2520.0, 0.01064).unwrap();
        assert!(said.contains("1,484 calls a second, not 2,520") && said.contains("27 calls at a time"), "{said}");
        assert_eq!(closed_loop_check(1500.0, 1.0, 1484.0, 0.01064), None);
        assert_eq!(closed_loop_check(8.0, 0.0, 800.0, 0.01), None);
        assert!(closed_loop_check(8.0, 0.0, 400.0, 0.01).is_some());
    }

    #[test]
    fn the_law_holds_within_what_chance_and_the_ends_allow() {
        assert!(littles_law(10.0, 1000.0, 0.0102, 10_000, 10.0).holds);
        assert!(littles_law(1.0, 0.5, 1.0, 2, 4.0).holds, "two calls prove nothing");
        let broken = littles_law(40.0, 1000.0, 0.010, 10_000, 10.0);
        assert!(!broken.holds && broken.sentence.as_ref().unwrap().contains("40"), "{broken:?}");
        assert!(littles_law(0.0, 0.0, 0.0, 0, 1.0).holds);
    }
}
