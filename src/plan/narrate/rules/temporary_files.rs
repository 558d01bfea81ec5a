//! `temporary-files`: something other than a sort or a hash goes through temporary files.
//!
//! **Sees** a CTE, Materialize, window or other node that reads or writes over 100 temporary blocks itself.
//! **Evidence**: `Temp Read Blocks` and `Temp Written Blocks`, the children's taken off.
//! **Bad**: `CTE Scan on recent … temp written=4556`.
//! **Good**: no `temp` in `Buffers`.
//! **Wrong** about whose blocks they are when a CTE is scanned twice; the sum is right.

use super::super::context::{Context, tip};
use super::super::{Tip, words};
use crate::plan::text::type_name;

const NAME: &str = "temporary-files";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node) {
        let figures = context.node(node);
        // Sorts, hashes and hash aggregates have tips of their own, which know how much memory they need.
        let known = node.sort.is_some() || node.hash.is_some() || node.hashagg_batches.is_some() || node.node_type == "Hash Join";
        if known || figures.temp_blocks <= 100 {
            continue;
        }
        let sentence = format!(
            "The {}{} keeps its {} in temporary files: {} blocks written or read.",
            type_name(node),
            context.aside(figures.exclusive_ms),
            words::rows(node.rows() + node.rows_removed()),
            words::count(figures.temp_blocks as f64)
        );
        let next = "Fewer rows or narrower ones to keep, or more work_mem.".to_owned();
        tips.push(tip(NAME, node, sentence, figures.exclusive_ms / 2.0, figures.exclusive_ms).next(next));
    }
    tips
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_on_a_large_cte() {
        insta::assert_snapshot!(said(super::check, "cte-little-used"), @"
        The CTE Scan (88.9 of 155.8 ms) keeps its 619,039 rows in temporary files: 3,173 blocks written or read.
        Fewer rows or narrower ones to keep, or more work_mem.
        ");
    }

    #[test]
    fn quiet_on_a_sort_which_has_its_own_tip() {
        assert_eq!(said(super::check, "sort-disk"), "");
    }
}
