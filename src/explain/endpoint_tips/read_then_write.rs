//! `read-then-write`: a row is fetched, then changed or deleted by the same key.
//!
//! **Sees** a step that reads one table by a condition and a later one that updates or deletes there by the same condition with the
//! same values.
//! **Evidence**: the plans' conditions.
//! **Bad**: `SELECT balance … WHERE id = $1`, then `UPDATE … WHERE id = $1`.
//! **Good**: `UPDATE … WHERE id = $1 RETURNING …`.
//! **Wrong** when the application must see the row to decide what to write; then SELECT … FOR UPDATE keeps others out.

use super::{Call, finding};
use crate::report::model::Finding;

const NAME: &str = "read-then-write";

pub(super) fn check(call: &Call) -> Vec<Finding> {
    let mut found = Vec::new();
    for first in 0..call.written.len() {
        let Some(read) = call.access(first).filter(|_| call.operation(first).is_none()) else { continue };
        let writes = |second: &usize| {
            matches!(call.operation(*second), Some("Update" | "Delete")) && call.access(*second).as_ref() == Some(&read)
        };
        let Some(second) = (first + 1..call.written.len()).find(writes) else { continue };
        let does = if call.operation(second) == Some("Delete") { "deletes" } else { "changes" };
        let sentence = format!(
            "Statement {} reads a row of {} that statement {} {does} by the same key.",
            first + 1,
            read.relation,
            second + 1
        );
        let next = "Have the second return what the first reads (RETURNING), unless the new value depends on more than the row.";
        found.push(finding(NAME, sentence, next, call.trip_ms() + call.server_ms(first)));
    }
    found
}
