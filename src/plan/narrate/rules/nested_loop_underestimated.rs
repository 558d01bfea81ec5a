//! `nested-loop-underestimated`: a nested loop was chosen because the planner thought the outer side small.
//!
//! **Sees** a Nested Loop whose outer side gave at least 100 rows and ten times what was planned, and whose inner side takes a
//! tenth of the statement's time.
//! **Evidence**: `Plan Rows` and `Actual Rows` of the outer child, the inner child's elapsed time.
//! **Bad**: outer `rows=10` planned, `rows=25000` counted, 25,000 index look-ups.
//! **Good**: outer 30 planned and 40 counted.
//! **Wrong** when the inner look-ups are cheaper than a hash of the inner table even so.

use super::super::context::{Context, tip};
use super::super::{Tip, words};

const NAME: &str = "nested-loop-underestimated";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node).filter(|node| node.node_type == "Nested Loop") {
        let [outer, inner, ..] = super::sides(node)[..] else { continue };
        let Some(estimate) = context.node(outer).estimate.filter(|e| e.under && e.factor >= 10.0 && e.actual >= 100.0) else {
            continue;
        };
        let inner_ms = context.node(inner).elapsed_ms;
        if inner_ms < 0.1 * context.metrics.total_ms() {
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
        tips.push(tip(NAME, node, sentence, 0.0, inner_ms).next(next));
    }
    tips
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    fn join(planned: u32) -> crate::plan::Plan {
        fixtures::json(serde_json::json!({"Plan": {"Node Type": "Nested Loop", "Actual Rows": 25_000, "Actual Loops": 1,
            "Actual Startup Time": 0.1, "Actual Total Time": 60.0, "Plans": [
            {"Node Type": "Seq Scan", "Parent Relationship": "Outer", "Relation Name": "t", "Plan Rows": planned, "Actual Rows": 25_000,
             "Actual Loops": 1, "Actual Startup Time": 0.0, "Actual Total Time": 5.0},
            {"Node Type": "Index Scan", "Parent Relationship": "Inner", "Relation Name": "u", "Index Name": "u_pkey", "Plan Rows": 1,
             "Actual Rows": 1, "Actual Loops": 25_000, "Actual Startup Time": 0.0, "Actual Total Time": 0.002}]}, "Execution Time": 61.0}))
    }

    #[test]
    fn fires_when_ten_rows_were_planned() {
        insta::assert_snapshot!(said_of(super::check, &join(10)), @"
        The nested loop was planned for 10 rows from its outer side and got 25,000, so its inner side ran 25,000 times, which takes 50.0 of 61.0 ms.
        Correct the estimate of the outer side; with the true number the planner can choose a hash join.
        ");
    }

    #[test]
    fn quiet_when_the_number_was_known() {
        assert_eq!(said_of(super::check, &join(20_000)), "");
        assert_eq!(said(super::check, "nested-loop-many"), "");
    }
}
