//! What the statements of an endpoint say together and no plan of one says: round trips, what is asked twice, what is not the
//! database's time at all.
//!
//! Every rule is a file; its doc comment is its manual page, as those of the [narrator](mod@crate::plan::narrate). A rule takes the call as
//! a [`Call`] and says nothing when its ground is missing: without a bench nobody knows what a round trip takes.

mod call;
mod independent;
mod lock_waits;
mod n_plus_one;
mod not_hot;
mod read_then_write;
mod repeated_aggregate;
mod round_trips;
mod row_by_row;
mod same_question;
mod seek_then_fetch;
mod server_share;
mod total_for_paging;

pub use call::Call;

use crate::report::model::Finding;

type Rule = fn(&Call) -> Vec<Finding>;

const RULES: &[Rule] = &[
    n_plus_one::check,
    same_question::check,
    seek_then_fetch::check,
    read_then_write::check,
    row_by_row::check,
    independent::check,
    total_for_paging::check,
    repeated_aggregate::check,
    round_trips::check,
    server_share::check,
    lock_waits::check,
    not_hot::check,
];

/// The rules that spare one round trip and a look-up: nothing in a call of seconds.
const SMALL: [&str; 3] = ["same-question", "seek-then-fetch", "read-then-write"];
/// Of a call, what such a tip must save.
const FELT: f64 = 0.05;
/// A round trip between two machines of one building, ms, where no bench measured it.
const ROUND_TRIP_MS: f64 = 0.5;

/// What there is to say of the call, largest saving first.
pub fn check(call: &Call) -> Vec<Finding> {
    let mut found: Vec<Finding> = RULES.iter().flat_map(|rule| rule(call)).collect();
    let (whole, trip) = (call.whole_ms(), if call.trips().is_some() { 0.0 } else { ROUND_TRIP_MS });
    found.retain(|finding| !SMALL.contains(&finding.rule.as_str()) || finding.saves_ms + trip >= FELT * whole);
    found.sort_by(|a, b| b.saves_ms.total_cmp(&a.saves_ms).then(b.about_ms.total_cmp(&a.about_ms)));
    found
}

/// A finding about the endpoint.
fn finding(rule: &str, sentence: String, next: &str, saves_ms: f64) -> Finding {
    Finding {
        rule: rule.to_owned(),
        sentence,
        next_step: Some(next.to_owned()),
        saves_ms: saves_ms.max(0.0),
        about_ms: saves_ms.max(0.0),
        ..Finding::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::{EndpointResult, ServerSide};

    /// A call with these times, client's and server's, and as many round trips.
    pub(super) fn call<T>(client_ms: f64, server_ms: f64, trips: f64, see: impl FnOnce(&Call) -> T) -> T {
        call_with(ServerSide { client_ms, server_ms: Some(server_ms), ..ServerSide::default() }, trips, see)
    }

    /// A call of which the bench found this.
    pub(super) fn call_with<T>(side: ServerSide, trips: f64, see: impl FnOnce(&Call) -> T) -> T {
        let measured = EndpointResult { server_side: Some(side), round_trips_per_call: trips, ..EndpointResult::default() };
        see(&Call::new(&[], &[], Some(&measured)))
    }

    pub(super) fn said(rule: Rule, call: &Call) -> String {
        let lines = rule(call).into_iter().flat_map(|finding| [Some(finding.sentence), finding.next_step]);
        lines.flatten().collect::<Vec<_>>().join("\n")
    }
}
