//! `subplan-per-row`: a subquery runs again for every row.
//!
//! **Sees** a SubPlan that ran over 100 times and takes over 5% of the statement's time.
//! **Evidence**: `Actual Loops` and `Actual Total Time` of the SubPlan.
//! **Bad**: `SubPlan 1 … loops=199`, 4.4 ms each.
//! **Good**: a `hashed SubPlan`, which runs once, or a join.
//! **Wrong** when the subquery is a cheap look-up by key and the rows are few, which the bounds leave out.

use super::super::context::{Conditions, Context, advise_index, index_to_try, relations_below, tip};
use super::super::{Tip, words};
use crate::plan::walk::nodes;
use crate::units;

const NAME: &str = "subplan-per-row";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node).filter(|node| node.is_sub_plan() && node.loops() > 100.0) {
        let elapsed = context.node(node).elapsed_ms;
        let tables = relations_below(node);
        let each = if context.plan.timed() {
            format!(", {} each: {}", units::ms(node.actual_total_ms.unwrap_or(0.0)), context.of_total(elapsed))
        } else {
            String::new()
        };
        let sentence = format!(
            "The subquery{} runs {}, once for each row{each}.",
            if tables.is_empty() { String::new() } else { format!(" on {}", units::listed(&tables)) },
            words::times(node.loops())
        );
        let scan = nodes(node).find(|below| below.node_type == "Seq Scan");
        let columns = scan.map(|scan| Conditions::of(scan, false).btree_columns()).unwrap_or_default();
        let index = scan.and_then(|scan| advise_index(context, scan, &columns)).map(|advice| format!(" {advice}"));
        let next = format!("Compute it once for all rows: a join with a GROUP BY subquery.{}", index.unwrap_or_default());
        let remedy = scan.and_then(|scan| index_to_try(context, scan, &columns));
        let saves = elapsed * (1.0 - 1.0 / node.loops());
        tips.push(tip(NAME, node, sentence, saves, elapsed).next(next).remedy(remedy));
    }
    tips
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_on_two_hundred_runs() {
        insta::assert_snapshot!(said(super::check, "subplan-per-row"), @"
        The subquery on links runs 199 times, once for each row, 4.4 ms each: 878.4 of 880.1 ms.
        Compute it once for all rows: a join with a GROUP BY subquery. An index on links (song_id) finds them directly.
        ");
    }

    #[test]
    fn quiet_when_hashed_or_run_once() {
        assert_eq!(said_of(super::check, &fixtures::plan("31-hashed-subplan")), "");
        assert_eq!(said(super::check, "initplan"), "");
    }
}
