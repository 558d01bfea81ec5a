//! Steps of load phases that two runs have in common, second by second.

use crate::report::model::{LoadRun, LoadStep, Tick};

use super::times::{Candidate, Direction};

/// The steps that both runs held: of a closed loop the rate that was reached, of an open one (whose rate is given) the median.
pub fn candidates(before: &[LoadRun], after: &[LoadRun]) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (place, phase) in after.iter().enumerate() {
        let same = |one: &&LoadRun| one.name == phase.name && one.model == phase.model && one.varied == phase.varied;
        // Phases without a name of their own are told apart by their places.
        let twin = before.get(place).filter(same).or_else(|| before.iter().find(same));
        let Some(twin) = twin.filter(|_| phase.model != "search") else { continue };
        for step in &phase.steps {
            let held = |one: &&LoadStep| (one.clients, one.rate, one.think_ms) == (step.clients, step.rate, step.think_ms);
            let Some(earlier) = twin.steps.iter().find(held) else { continue };
            if earlier.invalid.is_empty() && step.invalid.is_empty() {
                found.push(candidate(phase, earlier, step));
            }
        }
    }
    found
}

fn candidate(phase: &LoadRun, before: &LoadStep, after: &LoadStep) -> Candidate {
    let closed = after.clients.is_some();
    let seconds = |step: &LoadStep| -> Vec<f64> {
        // A last second that was cut short is no second.
        let whole = step.ticks.windows(2).filter(|pair| pair[1].at_s - pair[0].at_s > 0.9).map(|pair| &pair[1]);
        let figure = |tick: &Tick| if closed { tick.calls as f64 } else { tick.p50_ms };
        step.ticks.first().into_iter().chain(whole).map(figure).collect()
    };
    let shown = |step: &LoadStep| if closed { step.throughput_per_s } else { step.response.latency.p50_ms };
    Candidate {
        label: label(phase, after),
        metric: if closed { "throughput_per_s" } else { "response_p50_ms" }.to_owned(),
        before: seconds(before),
        after: seconds(after),
        shown: (shown(before), shown(after)),
        calls: (before.calls, after.calls),
        noise: 0.0,
        direction: if closed {
            Direction::LargerIsBetter
        } else {
            Direction::SmallerIsBetter { jitter: crate::bench::statistics::SMALLEST_MS }
        },
    }
}

/// `sweep, 8 clients`
fn label(phase: &LoadRun, step: &LoadStep) -> String {
    let held = match (step.clients, step.rate) {
        (Some(1), _) => "1 client".to_owned(),
        (Some(clients), _) => format!("{clients} clients"),
        (None, Some(rate)) => format!("{}/s", crate::units::limit(rate)),
        (None, None) => "one step".to_owned(),
    };
    let named = std::iter::once(&phase.name).chain(&phase.varied).filter(|part| !part.is_empty());
    named.map(String::as_str).chain(std::iter::once(held.as_str())).collect::<Vec<_>>().join(", ")
}
