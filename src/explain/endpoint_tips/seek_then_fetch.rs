//! `seek-then-fetch`: a statement asks whether a row is there, another fetches it.
//!
//! **Sees** two steps that look up one table by the same condition with the same values, the first of which returns no more than
//! the key or a constant.
//! **Evidence**: the plans' conditions and outputs.
//! **Bad**: `SELECT 1 FROM songs WHERE id = $1`, then `SELECT * FROM songs WHERE id = $1`.
//! **Good**: the second alone; no row says it is not there.
//! **Wrong** when the row is locked by the first (FOR UPDATE).

use super::call::more_than_key;
use super::{Call, finding};
use crate::report::model::Finding;

const NAME: &str = "seek-then-fetch";

pub(super) fn check(call: &Call) -> Vec<Finding> {
    let mut found = Vec::new();
    for first in 0..call.written.len() {
        let (Some(sought), Some(explained)) = (call.access(first), call.explained(first)) else { continue };
        let locks = explained.plan.root.node_type == "LockRows";
        if call.operation(first).is_some() || locks || more_than_key(&explained.plan.root, &sought).is_some() {
            continue;
        }
        let fetches = |second: &usize| {
            let more = call.explained(*second).and_then(|other| more_than_key(&other.plan.root, &sought));
            call.operation(*second).is_none() && more.is_some() && call.access(*second).as_ref() == Some(&sought)
        };
        let Some(second) = (first + 1..call.written.len()).find(fetches) else { continue };
        let sentence = format!(
            "Statements {} and {} look up the same row of {}: the first only asks whether it is there.",
            first + 1,
            second + 1,
            sought.relation
        );
        found.push(finding(
            NAME,
            sentence,
            "Fetch it at once; no row is the answer to the first.",
            call.trip_ms() + call.server_ms(first),
        ));
    }
    found
}
