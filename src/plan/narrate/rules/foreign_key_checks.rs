//! `foreign-key-checks`: for each row written, a foreign key looks whether the row it points at is there.
//!
//! **Sees** a checking trigger (`RI_ConstraintTrigger_c_…`) that ran 100 times or more and takes 20% of the statement's time.
//! **Evidence**: `Triggers[]`: calls and time.
//! **Bad**: 20,000 rows inserted, 303 of 430 ms in one key's checks.
//! **Good**: three rows, 0.02 ms.
//! **Wrong** when the rows come from users one at a time: then each check is worth its 0.01 ms.

use super::super::context::{Context, tip};
use super::super::{Tip, words};
use crate::units;

const NAME: &str = "foreign-key-checks";

/// A look-up by a primary key that is in memory takes about 0.015 ms within a trigger; above this the parent itself is slow.
const SLOW_CHECK_MS: f64 = 0.1;

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for trigger in context.plan.triggers().iter().filter(|trigger| trigger.name.starts_with("RI_ConstraintTrigger_c_")) {
        let Some(time) = trigger.time_ms.filter(|ms| *ms >= 0.2 * context.metrics.total_ms()) else { continue };
        let Some(constraint) = trigger.constraint.as_deref().filter(|_| trigger.calls >= 100.0) else { continue };
        let each = time / trigger.calls;
        let parent = context.facts.foreign_key(constraint, &trigger.relation).map(|key| key.referenced.as_str());
        let sentence = format!(
            "The foreign key {constraint} looks {} whether {} has the row that one of {} points at: {}, {} each.",
            words::times(trigger.calls),
            parent.unwrap_or("its parent"),
            trigger.relation,
            context.of_total(time),
            units::ms(each)
        );
        let next = if each > SLOW_CHECK_MS {
            "That is slow for a look-up by a key: see whether the parent's rows are locked by others, or its index is bloated."
        } else {
            "For a bulk load, drop the constraint and add it again afterwards: one join then checks all rows."
        };
        tips.push(tip(NAME, &context.plan.root, sentence, time, time).next(next.to_owned()));
    }
    tips
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_on_many_rows() {
        insta::assert_snapshot!(said(super::check, "insert-checked"), @"
        The foreign key orders_user_id_fkey looks 20,000 times whether its parent has the row that one of orders points at: 302.8 of 430.4 ms, 0.015 ms each.
        For a bulk load, drop the constraint and add it again afterwards: one join then checks all rows.
        ");
    }

    #[test]
    fn quiet_on_few_rows_and_on_deletes() {
        assert_eq!(said(super::check, "insert-few"), "");
        assert_eq!(said(super::check, "delete-parents"), "");
    }
}
