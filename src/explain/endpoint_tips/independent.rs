//! `independent-statements`: statements wait for each other that need nothing of each other.
//!
//! **Sees** reading steps in a row that take no result of an earlier one: three or more; two when a round trip is known to
//! take 5% of the call.
//! **Evidence**: the scenario's parameters; the bench's round trips.
//! **Bad**: user, settings and messages by three statements one after the other.
//! **Good**: the three sent together (pipelined), and one wait.
//! **Wrong** when the driver can send them together only on several connections.

use super::call::stands_alone;
use super::{Call, finding};
use crate::report::model::Finding;
use crate::units::{figure, in_words, ms};

const NAME: &str = "independent-statements";

pub(super) fn check(call: &Call) -> Vec<Finding> {
    let alone: Vec<bool> = call.written.iter().map(stands_alone).collect();
    let mut found = Vec::new();
    let mut place = 0;
    while place < alone.len() {
        let length = alone[place..].iter().take_while(|alone| **alone).count();
        if length >= 2 {
            found.extend(say(call, place, length));
        }
        place += length.max(1);
    }
    found
}

fn say(call: &Call, first: usize, length: usize) -> Option<Finding> {
    let saves = call.trip_ms() * (length - 1) as f64;
    let whole = call.server_side().map_or(0.0, |side| side.client_ms);
    let felt = whole > 0.0 && saves >= 0.05 * whole;
    if !felt && (length < 3 || whole > 0.0) {
        return None;
    }
    let cost = if felt { format!(": {} of {} are waiting", figure(saves), ms(whole)) } else { String::new() };
    let sentence = format!(
        "Statements {} to {} need nothing of each other, and each waits for the one before{cost}.",
        first + 1,
        first + length
    );
    let next = format!("Send the {} together (pipelining), or ask for all by one statement.", in_words(length));
    Some(finding(NAME, sentence, &next, saves))
}
