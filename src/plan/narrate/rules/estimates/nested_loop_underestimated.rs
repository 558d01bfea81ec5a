//! `nested-loop-underestimated`: a nested loop was chosen because the planner thought the outer side small.
//!
//! **Sees** a Nested Loop whose outer side gave at least 100 rows and ten times what was planned, and whose inner side takes a
//! tenth of the statement's time, unless the scan to blame is found, whose tip then says it.
//! **Evidence**: `Plan Rows` and `Actual Rows` of the outer child, the inner child's elapsed time.
//! **Bad**: outer `rows=10` planned, `rows=25000` counted, 25,000 index look-ups.
//! **Good**: outer 30 planned and 40 counted.
//! **Wrong** when the inner look-ups are cheaper than a hash of the inner table even so.

use crate::plan::narrate::advice::off;
use crate::plan::narrate::context::{Context, tip};
use crate::plan::narrate::rules::sides;
use crate::plan::narrate::{Tip, words};

const NAME: &str = "nested-loop-underestimated";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node).filter(|node| node.node_type == "Nested Loop") {
        let [outer, inner, ..] = sides(node)[..] else { continue };
        let Some(estimate) = context.node(outer).estimate.filter(|e| e.under && e.factor >= 10.0 && e.actual >= 100.0) else {
            continue;
        };
        let inner_ms = context.node(inner).elapsed_ms;
        if inner_ms < 0.1 * context.metrics.total_ms() || super::blame::explains(context, node) {
            continue;
        }
        let sentence = format!(
            "The nested loop was planned for {} from its outer side and got {}, so its inner side ran {}{}.",
            words::rows(estimate.planned),
            words::count(estimate.actual),
            words::times(context.repeats(inner)),
            context.taking(inner_ms)
        );
        let next = "Correct the estimate of the outer side; with the true number the planner can choose a hash join.".to_owned();
        tips.push(tip(NAME, node, sentence, inner_ms, inner_ms).next(next).remedy(off("enable_nestloop")));
    }
    tips
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_when_a_cte_was_planned_for_one_row() {
        insta::assert_snapshot!(shop_said(super::check, "nested-loop-of-cte"), @"
        The nested loop was planned for 1 row from its outer side and got 10,000, so its inner side ran 10,000 times, which takes 10.0 of 34.0 ms.
        Correct the estimate of the outer side; with the true number the planner can choose a hash join.
        ");
    }

    #[test]
    fn quiet_when_the_number_was_known_or_its_cause_is_said() {
        assert_eq!(shop_said(super::check, "nested-loop-thousands"), "");
        assert_eq!(shop_said(super::check, "stale-statistics"), "");
    }
}
