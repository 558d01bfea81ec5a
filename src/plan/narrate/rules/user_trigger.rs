//! `user-trigger`: a trigger of the schema's own takes a good part of the time.
//!
//! **Sees** a trigger that is no foreign key's and takes at least 20% of the statement's time, 1 ms at least.
//! **Evidence**: `Triggers[]`: time and calls.
//! **Bad**: `Trigger songs_note: time=812.5 calls=50000`.
//! **Good**: `Trigger songs_note: time=0.02 calls=1`.
//! **Wrong** when the trigger does work that the statement would otherwise have to do.

use super::super::context::{Context, tip};
use super::super::{Tip, words};
use crate::units;

const NAME: &str = "user-trigger";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for trigger in context.plan.triggers().iter().filter(|trigger| !trigger.name.starts_with("RI_ConstraintTrigger_")) {
        let Some(time) = trigger.time_ms.filter(|ms| *ms >= 1.0 && *ms >= 0.2 * context.metrics.total_ms()) else { continue };
        let sentence = format!(
            "The trigger {} on {} takes {} in {}, {} each.",
            trigger.name,
            trigger.relation,
            context.of_total(time),
            words::plural(trigger.calls, "call", "calls"),
            units::ms(time / trigger.calls.max(1.0))
        );
        let next = if trigger.calls > 1_000.0 {
            "One FOR EACH STATEMENT trigger with a transition table replaces all these calls.".to_owned()
        } else {
            format!("Look at what the function of {} does; EXPLAIN does not see into it.", trigger.name)
        };
        tips.push(tip(NAME, &context.plan.root, sentence, time, time).next(next));
    }
    tips
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    fn update(time: f64) -> crate::plan::Plan {
        fixtures::json(serde_json::json!({"Plan": {"Node Type": "ModifyTable", "Operation": "Update", "Relation Name": "songs",
            "Actual Rows": 0, "Actual Loops": 1, "Actual Startup Time": 0.1, "Actual Total Time": 900.0},
            "Triggers": [{"Trigger Name": "songs_note", "Relation": "songs", "Time": time, "Calls": 50_000}], "Execution Time": 1000.0}))
    }

    #[test]
    fn fires_on_most_of_the_time() {
        insta::assert_snapshot!(said_of(super::check, &update(812.5)), @"
        The trigger songs_note on songs takes 812.5 of 1,000 ms in 50,000 calls, 0.016 ms each.
        One FOR EACH STATEMENT trigger with a transition table replaces all these calls.
        ");
    }

    #[test]
    fn quiet_on_little_time_and_on_foreign_keys() {
        assert_eq!(said_of(super::check, &update(150.0)), "");
        assert_eq!(said(super::check, "delete-song"), "");
    }
}
