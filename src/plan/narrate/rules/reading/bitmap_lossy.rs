//! `bitmap-lossy`: a bitmap does not fit into work_mem and forgets rows, so whole pages are checked again.
//!
//! **Sees** a Bitmap Heap Scan with `Lossy Heap Blocks` over 0 that removed over 1,000 rows by the recheck.
//! **Evidence**: `Lossy Heap Blocks`, `Exact Heap Blocks`, `Rows Removed by Index Recheck`.
//! **Bad**: `Heap Blocks: exact=541 lossy=8023`.
//! **Good**: `Heap Blocks: exact=142`.
//! **Wrong** never about the cause, but the cost of a recheck is small when the condition is.

use crate::plan::metrics::rows_read;
use crate::plan::narrate::advice::work_mem;
use crate::plan::narrate::context::{Context, relation, tip};
use crate::plan::narrate::rules::rounded_up;
use crate::plan::narrate::{Tip, words};

const NAME: &str = "bitmap-lossy";

/// Memory that a bitmap takes for a page: an entry of 48 bytes and two pointers (`tbm_calculate_entries`, PostgreSQL 15).
const PAGE_BYTES: f64 = 64.0;

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
        let needed = rounded_up((exact + lossy) * PAGE_BYTES / 1024.0);
        let next = format!("Raise work_mem to {} for this statement, or index more of its condition.", words::kb(needed));
        let remedy = work_mem(needed);
        tips.push(tip(NAME, node, sentence, own * removed / rows_read(node), own).next(next).remedy(remedy));
    }
    tips
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_on_lossy_pages() {
        insta::assert_snapshot!(shop_said(super::check, "bitmap-lossy"), @"
        The bitmap of shop.visits outgrew work_mem: for 518 of 1,053 blocks it remembered only the page, and 4,889 rows were checked in vain.
        Raise work_mem to 1.0 MB for this statement, or index more of its condition.
        ");
        let remedy = shop_tips(super::check, "bitmap-lossy")[0].remedy.clone();
        insta::assert_snapshot!(remedy.unwrap(), @"SET work_mem = '1024kB'");
    }

    #[test]
    fn quiet_when_exact() {
        assert_eq!(shop_said(super::check, "scattered-heap"), "");
    }
}
