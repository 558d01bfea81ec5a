//! `inner-seq-scan`: a whole table is read again and again, inside a nested loop or a subquery per row.
//!
//! **Sees** a Seq Scan that each process ran more than once, reading over 10,000 rows in all.
//! **Evidence**: `Actual Loops` of the scan, rows kept and removed.
//! **Bad**: `SubPlan 1 -> Seq Scan on links … loops=199`, `Rows Removed by Filter: 85514` each time.
//! **Good**: an index scan there, or a Materialize above a scan with `loops=1`.
//! **Wrong** for tables of a few pages, which an index would not make faster; the row bound leaves those out.

use crate::plan::PlanNode;
use crate::plan::metrics::rows_read;
use crate::plan::narrate::advice::{advise_index, index_to_try};
use crate::plan::narrate::context::{Conditions, Context, relation, tip};
use crate::plan::narrate::{Tip, words};
use crate::plan::walk::nodes;

const NAME: &str = "inner-seq-scan";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node) {
        if !is_repeated(context, node) {
            continue;
        }
        let (loops, read) = (node.loops(), rows_read(node));
        let figures = context.node(node);
        let sentence = format!(
            "It reads all of {} {}, {} each time: {} in all{}.",
            relation(node),
            words::times(loops),
            words::rows(read / loops),
            words::rows(read),
            context.taking(figures.elapsed_ms)
        );
        let conditions = Conditions::of(node, false);
        let columns = conditions.btree_columns();
        let advice = advise_index(context, node, &columns);
        let kept = (node.rows() / read).min(1.0);
        let saves = figures.elapsed_ms * (1.0 - kept.max(1.0 / loops));
        tips.push(
            tip(NAME, node, sentence, saves, figures.elapsed_ms).next(advice).remedy(index_to_try(context, node, &columns)),
        );
    }
    tips
}

fn is_repeated(context: &Context, node: &PlanNode) -> bool {
    node.node_type == "Seq Scan" && context.repeats(node) > 1.0 && rows_read(node) > 10_000.0
}

/// Whether the subtree has a scan that this rule speaks of.
pub(super) fn repeated_below(context: &Context, root: &PlanNode) -> bool {
    nodes(root).any(|node| is_repeated(context, node))
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_on_a_subquery_per_row() {
        insta::assert_snapshot!(said(super::check, "subplan-per-row"), @"
        It reads all of links 199 times, 85,515 rows each time: 17,017,485 rows in all, which takes 876.6 of 880.1 ms.
        An index on links (song_id) finds them directly.
        ");
    }

    #[test]
    fn quiet_when_materialized_or_parallel() {
        assert_eq!(said(super::check, "join-filter"), "");
        assert_eq!(said(super::check, "parallel"), "");
    }
}
