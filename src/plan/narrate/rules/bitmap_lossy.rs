//! `bitmap-lossy`: a bitmap does not fit into work_mem and forgets rows, so whole pages are checked again.
//!
//! **Sees** a Bitmap Heap Scan with `Lossy Heap Blocks` over 0 that removed over 1,000 rows by the recheck.
//! **Evidence**: `Lossy Heap Blocks`, `Exact Heap Blocks`, `Rows Removed by Index Recheck`.
//! **Bad**: `Heap Blocks: exact=541 lossy=8023`.
//! **Good**: `Heap Blocks: exact=142`.
//! **Wrong** never about the cause, but the cost of a recheck is small when the condition is.

use super::super::context::{Context, relation, tip};
use super::super::{Tip, words};
use crate::plan::metrics::rows_read;

const NAME: &str = "bitmap-lossy";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node).filter(|node| node.node_type == "Bitmap Heap Scan") {
        let (exact, lossy) = (node.exact_heap_blocks.unwrap_or(0.0), node.lossy_heap_blocks.unwrap_or(0.0));
        let removed = node.removed_by_index_recheck.unwrap_or(0.0) * node.loops();
        if lossy == 0.0 || removed <= 1_000.0 {
            continue;
        }
        let own = context.node(node).exclusive_ms;
        let sentence = format!(
            "The bitmap of {} outgrew work_mem: for {} of {} blocks it remembered only the page, and {} were checked in vain.",
            relation(node),
            words::count(lossy),
            words::count(exact + lossy),
            words::rows(removed)
        );
        let next = "Raise work_mem for this statement, or index more of its condition.".to_owned();
        tips.push(tip(NAME, node, sentence, own * removed / rows_read(node), own).next(next));
    }
    tips
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    fn scan(lossy: u32, removed: u32) -> crate::plan::Plan {
        fixtures::json(
            serde_json::json!({"Node Type": "Bitmap Heap Scan", "Relation Name": "t", "Actual Rows": 500, "Actual Loops": 1,
            "Actual Startup Time": 0.1, "Actual Total Time": 30.0, "Exact Heap Blocks": 541, "Lossy Heap Blocks": lossy,
            "Rows Removed by Index Recheck": removed}),
        )
    }

    #[test]
    fn fires_on_lossy_pages() {
        insta::assert_snapshot!(said_of(super::check, &scan(8023, 61_000)), @"
        The bitmap of t outgrew work_mem: for 8,023 of 8,564 blocks it remembered only the page, and 61,000 rows were checked in vain.
        Raise work_mem for this statement, or index more of its condition.
        ");
    }

    #[test]
    fn quiet_when_exact() {
        assert_eq!(said_of(super::check, &scan(0, 61_000)), "");
        assert_eq!(said_of(super::check, &scan(4, 10)), "");
    }
}
