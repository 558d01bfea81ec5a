//! `many-trigger-calls`: one statement fires a trigger ten thousand times.
//!
//! **Sees** 10,000 calls or more of a trigger that acts: one of the schema's own, or a foreign key's that runs a statement for
//! each row gone (`RI_ConstraintTrigger_a_…`). What each single call costs is judged by
//! [`user-trigger`](super::user_trigger) and [`cascade-without-index`](super::cascade_without_index).
//! **Evidence**: `Triggers[]`: calls and time.
//! **Bad**: `DELETE FROM orders`, 10,000 cascades, 265 of 303 ms.
//! **Good**: the lines deleted by one statement first.
//! **Wrong** for checks of foreign keys, which [`foreign-key-checks`](super::foreign_key_checks) speaks of.

use super::super::context::{Context, tip};
use super::super::{Tip, words};
use crate::plan::Trigger;

const NAME: &str = "many-trigger-calls";

const MANY: f64 = 10_000.0;

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let many = context.plan.triggers().iter().filter(|trigger| trigger.calls >= MANY);
    many.filter_map(|trigger| say(context, trigger)).collect()
}

fn say(context: &Context, trigger: &Trigger) -> Option<Tip> {
    let time = trigger.time_ms?;
    let each = time / trigger.calls;
    let (sentence, next) = match (&trigger.constraint, trigger.name.starts_with("RI_ConstraintTrigger_a_")) {
        (Some(constraint), true) if each <= 1.0 => {
            let key = context.facts.foreign_key(constraint, &trigger.relation);
            let child = key.map_or("the rows that point at them", |key| key.table.as_str());
            let sentence = format!(
                "The foreign key {constraint} runs {} statements, one for each row of {} that goes{}.",
                words::count(trigger.calls),
                trigger.relation,
                context.aside(time)
            );
            (sentence, format!("Delete from {child} first, by one statement for all: the key's own then find nothing to do."))
        }
        (None, false) if time < 0.2 * context.metrics.total_ms() => {
            let sentence = format!(
                "The trigger {} on {} is called {}{}.",
                trigger.name,
                trigger.relation,
                words::times(trigger.calls),
                context.aside(time)
            );
            (sentence, "One FOR EACH STATEMENT trigger with a transition table replaces all these calls.".to_owned())
        }
        _ => return None,
    };
    Some(tip(NAME, &context.plan.root, sentence, time, time).next(next))
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_on_a_cascade_for_each_row() {
        insta::assert_snapshot!(said(super::check, "delete-parents"), @"
        The foreign key order_lines_order_id_fkey runs 10,000 statements, one for each row of orders that goes (265.3 of 303.1 ms).
        Delete from the rows that point at them first, by one statement for all: the key's own then find nothing to do.
        ");
    }

    #[test]
    fn fires_on_a_trigger_that_is_only_called_often() {
        let mut plan = fixtures::timed_plan("trigger-each-row");
        assert_eq!(said_of(super::check, &plan), "", "user-trigger speaks of it");
        plan.triggers.as_mut().unwrap()[0].time_ms = Some(31.0);
        insta::assert_snapshot!(said_of(super::check, &plan), @"
        The trigger logged_note on logged is called 30,000 times (31.0 of 319.1 ms).
        One FOR EACH STATEMENT trigger with a transition table replaces all these calls.
        ");
    }

    #[test]
    fn quiet_on_few_calls_and_on_checks() {
        assert_eq!(said(super::check, "delete-song"), "");
        assert_eq!(said(super::check, "insert-checked"), "");
    }
}
