//! `temporary-files`: something other than a sort or a hash goes through temporary files. From PostgreSQL 18 on nodes tell their
//! storage themselves, and [`storage-on-disk`](super::storage_on_disk) speaks.
//!
//! **Sees** a CTE, Materialize, window or other node that reads or writes over 100 temporary blocks itself.
//! **Evidence**: `Temp Read Blocks` and `Temp Written Blocks`, the children's taken off.
//! **Bad**: `CTE Scan on recent … temp written=4556`.
//! **Good**: no `temp` in `Buffers`.
//! **Wrong** about whose blocks they are when a CTE is scanned twice; the sum is right.

use super::super::context::{Context, tip};
use super::super::settings::set_work_mem;
use super::super::{Tip, words};
use super::rounded_up;
use crate::plan::text::type_name;

const NAME: &str = "temporary-files";

/// Memory over disk, as [`storage-on-disk`](super::storage_on_disk) measured it.
const MEMORY_PER_DISK: f64 = 2.0;

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node) {
        let figures = context.node(node);
        // Sorts, hashes and hash aggregates have tips of their own, which know how much memory they need.
        let known = node.sort.is_some() || node.hash.is_some() || node.hashagg_batches.is_some() || node.node_type == "Hash Join";
        if known || node.storage.is_some() || figures.temp_blocks <= 100 {
            continue;
        }
        let sentence = format!(
            "The {}{} keeps its {} in temporary files: {} blocks written or read.",
            type_name(node),
            context.aside(figures.exclusive_ms),
            words::rows(node.rows() + node.rows_removed()),
            words::count(figures.temp_blocks as f64)
        );
        // At most all of these blocks were written and none read again.
        let needed = rounded_up(figures.temp_blocks as f64 * 8.0 * MEMORY_PER_DISK);
        let next = format!("Fewer rows or narrower ones to keep, or about {} of work_mem.", words::kb(needed));
        let remedy = set_work_mem(needed);
        tips.push(tip(NAME, node, sentence, figures.exclusive_ms / 2.0, figures.exclusive_ms).next(next).remedy(remedy));
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
        Fewer rows or narrower ones to keep, or about 50.0 MB of work_mem.
        ");
    }

    #[test]
    fn quiet_on_a_sort_which_has_its_own_tip() {
        assert_eq!(said(super::check, "sort-disk"), "");
    }
}
