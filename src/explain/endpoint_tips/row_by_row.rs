//! `row-by-row`: rows are inserted one statement each.
//!
//! **Sees** an INSERT that runs over 3 times in a call: under `for_each`, or by being written more than once.
//! **Evidence**: executions per call, the operation in the plan.
//! **Bad**: 40 order lines, 40 statements.
//! **Good**: one INSERT … SELECT FROM unnest($1, $2), or COPY from some thousand rows on.
//! **Wrong** when each must be answered before the next is known.

use super::{Call, finding};
use crate::report::model::Finding;
use crate::units::amount;

const NAME: &str = "row-by-row";

pub(super) fn check(call: &Call) -> Vec<Finding> {
    let steps = &call.written;
    let mut found = Vec::new();
    for (place, step) in call.steps().filter(|(place, _)| inserts(call, *place)) {
        let same: Vec<usize> = (0..steps.len()).filter(|other| steps[*other].sql == step.sql).collect();
        let Some(runs) = same.iter().map(|other| call.runs(*other)).sum::<Option<f64>>() else { continue };
        if same[0] != place || runs <= 3.0 {
            continue;
        }
        let sentence = format!("Statement {} inserts one row at a time, {} times in a call.", place + 1, amount(runs));
        let next = "Insert them by one statement: several VALUES rows, or SELECT … FROM unnest($1, $2, …).";
        found.push(finding(NAME, sentence, next, (runs - 1.0) * (call.trip_ms() + call.server_ms(place))));
    }
    found
}

pub(super) fn inserts(call: &Call, place: usize) -> bool {
    call.operation(place) == Some("Insert")
}
