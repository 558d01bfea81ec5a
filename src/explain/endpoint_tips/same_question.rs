//! `same-question`: a call asks the same twice.
//!
//! **Sees** two steps that read, with the same text and the same values, and nothing written in between.
//! **Evidence**: the scenario's steps.
//! **Bad**: the user's row read by three parts of one request.
//! **Good**: read once and handed on.
//! **Wrong** about nothing but the isolation level: READ COMMITTED may give another answer the second time.

use super::{Call, finding};
use crate::report::model::{Effect, Finding};
use crate::units::listed;

const NAME: &str = "same-question";

pub(super) fn check(call: &Call) -> Vec<Finding> {
    let steps = &call.written;
    let mut found = Vec::new();
    for (place, step) in call.steps().filter(|(_, step)| step.effect == Effect::Reads && step.for_each.is_none()) {
        let same =
            |other: usize| steps[other].sql == step.sql && steps[other].binds == step.binds && steps[other].for_each.is_none();
        if (0..place).any(same) {
            continue;
        }
        let writes = steps.iter().skip(place).position(|other| other.effect != Effect::Reads);
        let end = writes.map_or(steps.len(), |after| place + after);
        let again: Vec<usize> = (place..end).filter(|other| same(*other)).collect();
        if again.len() < 2 {
            continue;
        }
        let numbers: Vec<String> = again.iter().map(|place| (place + 1).to_string()).collect();
        let saves = (call.trip_ms() + call.server_ms(place)) * (again.len() - 1) as f64;
        let sentence = format!("Statements {} ask the same with the same values.", listed(&numbers));
        found.push(finding(NAME, sentence, "Ask once and keep the answer for the rest of the call.", saves));
    }
    found
}
