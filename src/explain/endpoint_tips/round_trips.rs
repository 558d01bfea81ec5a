//! `round-trips`: most of the call is travelling between statements.
//!
//! **Sees** a call of two round trips or more, over half of whose time is not the server's.
//! **Evidence**: the bench's client time and server time of the same calls; its round trips.
//! **Bad**: nine statements of 0.02 ms in a call of 0.9 ms.
//! **Good**: one statement, or nine sent together.
//! **Wrong** about a network that perflab did not cross: on another machine the share is larger still.

use super::{Call, finding};
use crate::report::model::Finding;
use crate::units::{amount, figure, ms, percent};

const NAME: &str = "round-trips";

pub(super) fn check(call: &Call) -> Vec<Finding> {
    let (Some((beyond, trips)), Some(side)) = (call.trips(), call.server_side()) else { return Vec::new() };
    if trips < 2.0 || beyond <= 0.5 * side.client_ms {
        return Vec::new();
    }
    let sentence = format!(
        "{} of the call ({} of {}) is not the server's: {} round trips of {}.",
        percent(beyond / side.client_ms),
        figure(beyond),
        ms(side.client_ms),
        amount(trips),
        ms(beyond / trips)
    );
    let next = "Fewer statements save more here than quicker ones: join them, send them together, or use a function.";
    vec![finding(NAME, sentence, next, beyond * (trips - 1.0) / trips)]
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, said};

    #[test]
    fn fires_when_the_server_has_little_of_it() {
        insta::assert_snapshot!(call(0.9, 0.3, 9.0, |call| said(super::check, call)), @"
        67% of the call (0.60 of 0.90 ms) is not the server's: 9 round trips of 0.067 ms.
        Fewer statements save more here than quicker ones: join them, send them together, or use a function.
        ");
    }

    #[test]
    fn quiet_when_the_server_works_or_there_is_one_trip() {
        assert_eq!(call(0.9, 0.7, 9.0, |call| said(super::check, call)), "");
        assert_eq!(call(0.9, 0.1, 1.0, |call| said(super::check, call)), "");
    }
}
