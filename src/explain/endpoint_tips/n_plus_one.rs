//! `n-plus-one`: one query for a list, then one for each of its rows.
//!
//! **Sees** what the bench found of it ([`ServerSide::n_plus_one`](crate::report::model::ServerSide::n_plus_one)); without a bench, a step
//! under `for_each` whose list has over 3 rows.
//! **Evidence**: executions per call, a round trip's time.
//! **Bad**: 12 songs, 12 statements for their links.
//! **Good**: `WHERE song_id = ANY($1)`.
//! **Wrong** when the list has one row for most callers.

use super::{Call, finding};
use crate::report::model::Finding;
use crate::units::{capitalized, count};

const NAME: &str = "n-plus-one";
const NEXT: &str = "Ask for all of them by one statement: a join, or `= ANY($1)` with the list.";

pub(super) fn check(call: &Call) -> Vec<Finding> {
    if let Some(side) = call.server_side() {
        let found = side.n_plus_one.iter().map(|found| {
            let (sentence, next) = found.sentence.split_once("; ").unwrap_or((&found.sentence, NEXT));
            finding(NAME, format!("{sentence}."), &format!("{}.", capitalized(next.trim_end_matches('.'))), found.costs_ms)
        });
        return found.collect();
    }
    let mut found = Vec::new();
    for (place, step) in call.steps() {
        let (Some(source), Some(runs)) = (step.for_each, call.runs(place)) else { continue };
        // Row by row, writing has a rule of its own.
        if runs > 3.0 && !super::row_by_row::inserts(call, place) {
            let sentence = format!(
                "Statement {} runs {} times in this call, once for each row of statement {}.",
                place + 1,
                count(runs.round() as u64),
                source + 1
            );
            found.push(finding(NAME, sentence, NEXT, call.server_ms(place) * (runs - 1.0)));
        }
    }
    found
}
