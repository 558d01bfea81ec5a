//! `lock-waits`: calls wait for each other's locks.
//!
//! **Sees** 10% of a call's time in waits for locks.
//! **Evidence**: the samples of what the calling session waited for.
//! **Bad**: one counter row that every call updates.
//! **Good**: rows of their own, or one INSERT per event and a sum.
//! **Wrong** when somebody else used the database meanwhile.

use super::{Call, finding};
use crate::report::model::Finding;
use crate::units::{listed, ms, percent};

const NAME: &str = "lock-waits";

pub(super) fn check(call: &Call) -> Vec<Finding> {
    let Some(side) = call.server_side() else { return Vec::new() };
    let Some(locks) = side.shares.iter().find(|share| share.what == "locks" && share.share >= 0.1) else { return Vec::new() };
    let waited = locks.share * side.client_ms;
    let events = if locks.events.is_empty() { String::new() } else { format!(" ({})", listed(&locks.events)) };
    let sentence = format!("{} of a call, {}, is waiting for locks{events}.", percent(locks.share), ms(waited));
    let next =
        "See who holds them (pg_blocking_pids), write the contended row last in the transaction, and keep the transaction short.";
    vec![finding(NAME, sentence, next, waited)]
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call_with, said};
    use crate::report::model::{ServerSide, TimeShare};

    fn locks(share: f64) -> ServerSide {
        let shares = vec![TimeShare { what: "locks".into(), share, samples: 90, events: vec!["Lock:transactionid".into()] }];
        ServerSide { client_ms: 4.0, server_ms: Some(3.9), shares, ..ServerSide::default() }
    }

    #[test]
    fn fires_with_what_was_waited_for() {
        insta::assert_snapshot!(call_with(locks(0.45), 1.0, |call| said(super::check, call)), @"
        45% of a call, 1.8 ms, is waiting for locks (Lock:transactionid).
        See who holds them (pg_blocking_pids), write the contended row last in the transaction, and keep the transaction short.
        ");
    }

    #[test]
    fn quiet_when_it_is_little() {
        assert_eq!(call_with(locks(0.04), 1.0, |call| said(super::check, call)), "");
    }
}
