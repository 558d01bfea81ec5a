//! Where more clients stop paying.
//!
//! The knee here is the fewest clients from which doubling them brings less than a tenth more throughput. By the interactive
//! response time law, R = N/X − Z (Lazowska and others, Quantitative System Performance, 1984, section 3.4), clients that do not
//! think then wait at least 1.8 times as long for that tenth.
//!
//! Two better known rules were not taken. Kneedle (Satopää, Albrecht, Irwin and Raghavan, ICDCSW 2011) scales both axes to
//! the sweep, so that the knee moves when the sweep goes further. Power, X/R (Kleinrock, Power and deterministic rules of
//! thumb, ICC 1979), is highest where the next percent of throughput begins to cost more than a percent of time, which on a
//! curve with contention only is at half of what the server can do.

use crate::report::model::{Knee, LoadStep, Usl};
use crate::units;

/// What doubling the clients must bring to be worth it.
pub const LEAST_GAIN: f64 = 0.1;

/// A step as far as the knee needs it.
#[derive(Debug, Clone, Copy)]
struct Point {
    clients: u32,
    per_s: f64,
    p95_ms: Option<f64>,
}

/// The knee of a sweep over numbers of clients, with what the next client would bring: by the law where one is given, else on
/// the line to the next step. Steps that prove nothing ([`LoadStep::invalid`]) are left out and named. `None` when fewer
/// than two numbers of clients were tried, or no step of them proves anything.
pub fn knee(steps: &[LoadStep], usl: Option<&Usl>) -> Option<Knee> {
    let (points, invalid) = points_of(steps);
    if points.len() + invalid.len() < 2 || points.is_empty() {
        return None;
    }
    let found = points.iter().position(|point| levels_off(point, &points));
    let at = found.unwrap_or(points.len() - 1);
    let point = points[at];
    let mut sentence = match found {
        Some(_) => reached(&points, at, usl),
        None => not_reached(&points, &invalid),
    };
    if found.is_some() && !invalid.is_empty() {
        let are = if invalid.len() == 1 { "is" } else { "are" };
        sentence.push_str(&format!(" {} proved nothing and {are} left out.", steps_of(&invalid)));
    }
    Some(Knee { clients: point.clients, reached: found.is_some(), throughput_per_s: point.per_s, p95_ms: point.p95_ms, sentence })
}

/// One point for each number of clients, ascending (the mean where it was tried more than once), and the numbers whose steps
/// are all invalid.
fn points_of(steps: &[LoadStep]) -> (Vec<Point>, Vec<u32>) {
    let mut clients: Vec<u32> = steps.iter().filter_map(|step| step.clients).filter(|clients| *clients > 0).collect();
    clients.sort_unstable();
    clients.dedup();
    let (mut points, mut invalid) = (Vec::new(), Vec::new());
    for clients in clients {
        let of_it = steps.iter().filter(|step| step.clients == Some(clients));
        let valid: Vec<&LoadStep> = of_it.filter(|step| step.invalid.is_empty() && step.throughput_per_s > 0.0).collect();
        let Some(last) = valid.last() else {
            invalid.push(clients);
            continue;
        };
        let per_s = valid.iter().map(|step| step.throughput_per_s).sum::<f64>() / valid.len() as f64;
        // A percentile of two steps cannot be averaged; the last is as good as any.
        points.push(Point { clients, per_s, p95_ms: last.response.latency.p95_ms });
    }
    (points, invalid)
}

/// Whether the sweep went on to twice the clients and nothing beyond the point brought a tenth per doubling.
fn levels_off(point: &Point, points: &[Point]) -> bool {
    let beyond: Vec<&Point> = points.iter().filter(|later| later.clients > point.clients).collect();
    let far_enough = beyond.last().is_some_and(|last| last.clients >= point.clients.saturating_mul(2));
    far_enough
        && beyond.iter().all(|later| {
            let doublings = (f64::from(later.clients) / f64::from(point.clients)).log2().max(1.0);
            later.per_s / point.per_s < (1.0 + LEAST_GAIN).powf(doublings)
        })
}

fn reached(points: &[Point], at: usize, usl: Option<&Usl>) -> String {
    let point = points[at];
    let mut sentence = format!("{}: {}/s.", clients(point.clients), units::amount(point.per_s));
    if let Some(next) = points.get(at + 1) {
        sentence.push(' ');
        sentence.push_str(&next_client(&point, next, usl));
    }
    if let Some((peak, per_s)) = usl.and_then(|law| Some((law.peak_clients?, law.peak_per_s?))) {
        let most = points.last().map_or(0, |point| point.clients);
        if peak.round() <= f64::from(most) * 2.0 {
            let peak = clients(peak.round() as u32);
            sentence.pop();
            sentence.push_str(&format!("; the law's peak is at {peak} ({}/s).", units::amount(per_s)));
        }
    }
    sentence
}

/// `A ninth would add 180/s (0.4%) and 0.03 ms to p95.`
fn next_client(point: &Point, next: &Point, usl: Option<&Usl>) -> String {
    let step = f64::from(next.clients - point.clients);
    let per_s = usl.map_or((next.per_s - point.per_s) / step, |law| {
        let n = f64::from(point.clients);
        law.throughput_at(n + 1.0) - law.throughput_at(n)
    });
    let ordinal = units::ordinal(point.clients as usize + 1);
    let article =
        if ordinal.starts_with(['8', 'e']) || ordinal.starts_with("11") || ordinal.starts_with("18") { "An" } else { "A" };
    let share = units::percent(per_s.abs() / point.per_s);
    let throughput = format!("{}/s ({share})", units::amount(per_s.abs()));
    let p95 = point.p95_ms.zip(next.p95_ms).map(|(here, there)| (there - here) / step).filter(|more| *more > 0.0);
    match (per_s >= 0.0, p95) {
        (true, Some(more)) => format!("{article} {ordinal} would add {throughput} and {} to p95.", units::ms(more)),
        (true, None) => format!("{article} {ordinal} would add {throughput}."),
        (false, Some(more)) => format!("{article} {ordinal} would take {throughput} away and add {} to p95.", units::ms(more)),
        (false, None) => format!("{article} {ordinal} would take {throughput} away."),
    }
}

fn not_reached(points: &[Point], invalid: &[u32]) -> String {
    let last = points[points.len() - 1];
    let beyond: Vec<u32> = invalid.iter().copied().filter(|clients| *clients > last.clients).collect();
    let grew = points.len().checked_sub(2).map(|before| {
        let before = points[before];
        let change = last.per_s / before.per_s - 1.0;
        let verb = if change >= 0.0 { "grew" } else { "fell" };
        format!("throughput {verb} by {} from {} to {}", units::percent(change.abs()), before.clients, clients(last.clients))
    });
    let grew = grew.unwrap_or_else(|| format!("{} made {}/s", clients(last.clients), units::amount(last.per_s)));
    if beyond.is_empty() {
        format!("The sweep did not reach the knee: {grew}. Sweep to at least {}.", clients(last.clients.saturating_mul(2)))
    } else {
        format!(
            "The knee was not reached: {grew}, and {} proved nothing about the server. Give perflab more processors, or load the server from a second machine.",
            steps_of(&beyond).replacen("The step", "the step", 1),
        )
    }
}

/// `The steps of 16 and 32 clients`
fn steps_of(numbers: &[u32]) -> String {
    let named: Vec<String> = numbers.iter().map(|number| units::count(u64::from(*number))).collect();
    format!("The {} of {} clients", if named.len() == 1 { "step" } else { "steps" }, units::listed(&named))
}

fn clients(number: u32) -> String {
    units::counted(u64::from(number), "client", "clients")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::{Clock, Latency};
    use proptest::prelude::*;

    fn steps(sweep: &[(u32, f64, f64)]) -> Vec<LoadStep> {
        let step = |&(clients, throughput_per_s, p95): &(u32, f64, f64)| LoadStep {
            clients: Some(clients),
            throughput_per_s,
            response: Clock { latency: Latency { p95_ms: Some(p95), ..Latency::default() }, ..Clock::default() },
            ..LoadStep::default()
        };
        sweep.iter().map(step).collect()
    }

    const SWEEP: [(u32, f64, f64); 6] = [
        (1, 6_100.0, 0.21),
        (2, 12_000.0, 0.22),
        (4, 23_100.0, 0.24),
        (8, 41_200.0, 0.29),
        (16, 42_640.0, 0.53),
        (32, 41_900.0, 1.2),
    ];

    #[test]
    fn it_says_what_the_next_client_would_bring() {
        let knee = knee(&steps(&SWEEP), None).unwrap();
        assert_eq!((knee.clients, knee.reached, knee.p95_ms), (8, true, Some(0.29)));
        assert_eq!(knee.sentence, "8 clients: 41,200/s. A ninth would add 180/s (0.4%) and 0.030 ms to p95.");
    }

    #[test]
    fn the_law_says_where_the_peak_is() {
        let law = Usl {
            lambda: 6_200.0,
            contention: 0.01,
            coherence: 0.0018,
            r2: 0.98,
            peak_clients: Some(23.4),
            peak_per_s: Some(44_000.0),
        };
        let knee = knee(&steps(&SWEEP), Some(&law)).unwrap();
        assert!(knee.sentence.ends_with("to p95; the law's peak is at 23 clients (44,000/s)."), "{}", knee.sentence);
    }

    #[test]
    fn a_sweep_that_was_too_short_says_so() {
        let knee = knee(&steps(&[(8, 4_000.0, 1.0), (16, 7_000.0, 1.1), (32, 8_260.0, 1.9)]), None).unwrap();
        assert_eq!((knee.clients, knee.reached), (32, false));
        assert_eq!(
            knee.sentence,
            "The sweep did not reach the knee: throughput grew by 18% from 16 to 32 clients. Sweep to at least 64 clients."
        );
    }

    #[test]
    fn a_server_that_falls_from_the_start_is_full_with_one() {
        let knee = knee(&steps(&[(1, 1_000.0, 1.0), (2, 900.0, 2.4), (4, 700.0, 6.0)]), None).unwrap();
        assert_eq!(knee.clients, 1);
        assert_eq!(knee.sentence, "1 client: 1,000/s. A second would take 100/s (10%) away and add 1.4 ms to p95.");
    }

    #[test]
    fn a_plateau_before_a_rise_is_no_knee() {
        let knee = knee(&steps(&[(1, 100.0, 1.0), (2, 101.0, 1.0), (4, 200.0, 1.0), (8, 205.0, 1.0)]), None).unwrap();
        assert_eq!(knee.clients, 4);
    }

    #[test]
    fn steps_that_prove_nothing_are_left_out_and_named() {
        let mut sweep = steps(&SWEEP);
        for step in &mut sweep[4..] {
            step.invalid = vec!["perflab used 2.0 of 2 cores".to_owned()];
        }
        let found = knee(&sweep, None).unwrap();
        assert!(!found.reached);
        assert!(found.sentence.contains("the steps of 16 and 32 clients proved nothing about the server"), "{}", found.sentence);
        sweep.iter_mut().for_each(|step| step.invalid = vec!["x".to_owned()]);
        assert_eq!(knee(&sweep, None), None);
    }

    #[test]
    fn one_number_of_clients_is_no_sweep() {
        assert_eq!(knee(&steps(&SWEEP[..1]), None), None);
        assert_eq!(knee(&[], None), None);
    }

    proptest! {
        #[test]
        fn any_sweep_gives_a_step_of_it_or_none(
            sweep in prop::collection::vec((0_u32..5_000, prop::num::f64::POSITIVE, prop::num::f64::ANY), 0..10),
        ) {
            if let Some(knee) = knee(&steps(&sweep), None) {
                prop_assert!(sweep.iter().any(|(clients, ..)| *clients == knee.clients));
                prop_assert!(!knee.sentence.contains("NaN"));
            }
        }
    }
}
