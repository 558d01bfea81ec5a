//! `planning-dominates`: planning takes longer than running.
//!
//! **Sees** a planning time over 1 ms and over the execution time.
//! **Evidence**: `Planning Time`, `Execution Time`; the number of relations.
//! **Bad**: `Planning Time: 4.1 ms`, `Execution Time: 0.2 ms`.
//! **Good**: `Planning Time: 0.08 ms`, `Execution Time: 0.04 ms`.
//! **Wrong** for the first statement of a connection, which also reads the catalogue.

use super::super::context::{Context, tip};
use super::super::{Tip, words};
use crate::plan::walk::scans;
use crate::units;

const NAME: &str = "planning-dominates";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let (Some(planning), Some(execution)) = (context.plan.planning_ms, context.plan.execution_ms) else { return Vec::new() };
    if planning <= 1.0 || planning <= execution {
        return Vec::new();
    }
    let sentence = format!(
        "Planning takes {}, running {}; the plan reads {}.",
        units::ms(planning),
        units::ms(execution),
        words::plural(scans(context.plan).count() as f64, "relation", "relations")
    );
    let next = "Prepare the statement once per connection and execute it often.".to_owned();
    // Planning comes on top of the execution time, so it is not one of its parts; the saving is capped to what the statement
    // takes.
    let mut tip = tip(NAME, &context.plan.root, sentence, planning.min(execution), planning).next(next);
    tip.node = None;
    vec![tip]
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_when_planning_takes_longer() {
        insta::assert_snapshot!(said(super::check, "planning-many-joins"), @"
        Planning takes 2.0 ms, running 0.086 ms; the plan reads 9 relations.
        Prepare the statement once per connection and execute it often.
        ");
    }

    #[test]
    fn quiet_when_planning_is_short() {
        assert_eq!(said(super::check, "point-lookup"), "");
        assert_eq!(said(super::check, "delete-song"), "");
    }
}
