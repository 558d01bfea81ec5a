//! `repeated-aggregate`: every call aggregates the same rows anew.
//!
//! **Sees** a reading step without parameters that goes through a whole table for an aggregate and takes half of the call: its
//! answer is the same for every caller until the table changes.
//! **Evidence**: the plan's finding `whole-table-aggregate`; that no value is bound.
//! **Bad**: the ten most played songs, computed for each visitor from 919,039 rows.
//! **Good**: a materialized view of ten rows, refreshed every minute.
//! **Wrong** when the answer must be exact at every moment, and rows are written as often as it is asked.

use super::{Call, finding};
use crate::report::model::{Effect, Finding};
use crate::units::{count, figure, ms};

const NAME: &str = "repeated-aggregate";

pub(super) fn check(call: &Call) -> Vec<Finding> {
    let total: f64 = (0..call.written.len()).map(|place| call.server_ms(place)).sum();
    let mut found = Vec::new();
    for (place, _) in call.steps().filter(|(_, step)| step.binds.is_empty() && step.effect == Effect::Reads) {
        let Some(explained) = call.explained(place) else { continue };
        let plan = &explained.statement.before;
        let aggregates = plan.findings.iter().any(|finding| finding.rule == "whole-table-aggregate");
        if !aggregates || plan.execution_ms < 0.5 * total {
            continue;
        }
        let sentence = format!(
            "Statement {} has no parameter: every call reads {} rows for an answer that is the same until they change ({} of {}).",
            place + 1,
            count(plan.rows_read as u64),
            figure(plan.execution_ms),
            ms(total)
        );
        let next = "Keep the answer in a materialized view or a summary table; a `variants:` entry measures what reading it saves and a refresh \
                    costs.";
        found.push(finding(NAME, sentence, next, plan.execution_ms));
    }
    found
}
