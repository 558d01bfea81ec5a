//! `server-share`: the database is not where the time goes.
//!
//! **Sees** a call of one round trip of which the server has under 30%.
//! **Evidence**: the bench's client time and server time of the same calls.
//! **Bad** place to look: a look-up by key of 0.02 ms in a call of 0.12 ms.
//! **Good**: a call whose time is the server's.
//! **Wrong** as a judgement: such a call is as quick as it gets, and what is left is the wire, the driver and the pool.

use super::{Call, finding};
use crate::report::model::Finding;
use crate::units::{ms, percent};

const NAME: &str = "server-share";

pub(super) fn check(call: &Call) -> Vec<Finding> {
    let (Some((_, trips)), Some(side)) = (call.trips(), call.server_side()) else { return Vec::new() };
    let Some(server_ms) = side.server_ms.filter(|ms| *ms < 0.3 * side.client_ms) else { return Vec::new() };
    if trips >= 2.0 {
        return Vec::new();
    }
    let sentence = format!(
        "The server works {} of the {} that a call takes ({}): no index and no setting makes that felt.",
        ms(server_ms),
        ms(side.client_ms),
        percent(server_ms / side.client_ms)
    );
    let next = "If the application is slow here, look at its pool, its driver and the network, not at the statement.";
    vec![finding(NAME, sentence, next, 0.0)]
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, said};

    #[test]
    fn fires_on_a_look_up_by_key() {
        insta::assert_snapshot!(call(0.12, 0.02, 1.0, |call| said(super::check, call)), @"
        The server works 0.020 ms of the 0.12 ms that a call takes (17%): no index and no setting makes that felt.
        If the application is slow here, look at its pool, its driver and the network, not at the statement.
        ");
    }

    #[test]
    fn quiet_when_the_server_works_or_the_trips_are_many() {
        assert_eq!(call(0.12, 0.06, 1.0, |call| said(super::check, call)), "");
        assert_eq!(call(0.9, 0.1, 9.0, |call| said(super::check, call)), "");
    }
}
