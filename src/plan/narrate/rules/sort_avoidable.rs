//! `sort-avoidable`: many rows of one table are sorted to return the first few, which an index has in order.
//!
//! **Sees** a Sort directly above the scan of one table that gives up under 1% of the rows it takes in (a LIMIT above), 1,000 at
//! least.
//! **Evidence**: rows into and out of the Sort, its keys, the equalities of the scan's filter.
//! **Bad**: `Limit -> Sort (top-N heapsort) rows=5 -> Seq Scan rows=1009`.
//! **Good**: `Limit -> Index Scan Backward using … rows=5`.
//! **Wrong** when the keys go in mixed directions or are expressions (no advice then), or when the filter keeps next to nothing
//! anyway.

use super::super::context::{Conditions, Context, advise_index, index_to_try, relation, tip};
use super::super::{Tip, words};
use crate::plan::PlanNode;
use crate::plan::condition::{Expr, SortKey};

const NAME: &str = "sort-avoidable";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node).filter(|node| node.node_type == "Sort") {
        let Some(scan) = sorted_scan(node) else { continue };
        let elapsed = context.node(node).elapsed_ms;
        let sentence = format!(
            "It fetches and sorts {} of {} to return the first {}{}.",
            words::rows(scan.rows()),
            relation(scan),
            words::count(node.rows()),
            context.taking(elapsed)
        );
        let columns = ordered_columns(node, scan).unwrap_or_default();
        let advice =
            advise_index(context, scan, &columns).map(|advice| advice.replace("finds them directly", "has them in that order"));
        let saves = elapsed * (1.0 - node.rows() / scan.rows());
        tips.push(tip(NAME, node, sentence, saves, elapsed).next(advice).remedy(index_to_try(context, scan, &columns)));
    }
    tips
}

/// The scan whose rows the node sorts nearly in vain.
fn sorted_scan(node: &PlanNode) -> Option<&PlanNode> {
    let scan = node.children.first().filter(|child| node.node_type == "Sort" && child.reads_relation())?;
    (scan.rows() >= 1_000.0 && node.rows() < 0.01 * scan.rows()).then_some(scan)
}

/// The columns of an index that gives this order: what the filter fixes, then the keys; nothing when directions are mixed or a
/// key is no column.
pub(super) fn ordered_columns(sort: &PlanNode, scan: &PlanNode) -> Option<Vec<String>> {
    let keys: Vec<SortKey> = sort.sort_key.iter().map(|key| SortKey::parse(key)).collect();
    let first = keys.first()?;
    if keys.iter().any(|key| (key.descending, key.nulls_first) != (first.descending, first.nulls_first)) {
        return None;
    }
    let mut scan = scan.clone();
    scan.index_cond = scan.index_cond.or(scan.recheck_cond.clone());
    let mut columns = Conditions::of(&scan, true).equality_columns();
    for key in &keys {
        let Expr::Column(column) = &key.expr else { return None };
        if !columns.contains(&column.name) {
            columns.push(column.name.clone());
        }
    }
    Some(columns)
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_on_the_last_five() {
        insta::assert_snapshot!(said(super::check, "history-last-five"), @"
        It fetches and sorts 1,009 rows of song_history to return the first 5, which takes 44.7 of 44.7 ms.
        An index on song_history (user_id, created_at) has them in that order.
        ");
        let tips = tips_with(super::check, "history-last-five", &Facts::default());
        assert_eq!(tried(&tips[0]), "CREATE INDEX ON song_history (user_id, created_at)");
    }

    #[test]
    fn quiet_when_few_or_all_rows_are_sorted() {
        assert_eq!(said(super::check, "first-song"), "");
        assert_eq!(said(super::check, "sort-disk"), "");
    }

    #[test]
    fn mixed_directions_get_no_index() {
        let plan = fixtures::plan("15-sort-top-n");
        let tips = tips_with_plan(super::check, &plan, &Facts::default());
        assert_eq!((tips.len(), tips[0].next_step.as_deref()), (1, None));
    }
}
