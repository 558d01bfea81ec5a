//! `heap-fetches`: an index-only scan that goes to the table all the same.
//!
//! **Sees** an Index Only Scan with `Heap Fetches` over 10% of its rows, and over 1,000.
//! **Evidence**: `Heap Fetches`, which counts rows on pages that the visibility map does not call all-visible.
//! **Bad**: `Heap Fetches: 20000` of 20,000 rows, as after a load without VACUUM.
//! **Good**: `Heap Fetches: 0`.
//! **Wrong** when the rows were written a moment ago and will be vacuumed anyway before the statement runs in earnest.

use crate::plan::narrate::context::{Context, relation, sql_relation, tip};
use crate::plan::narrate::{Remedy, Tip, words};

const NAME: &str = "heap-fetches";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node).filter(|node| node.node_type == "Index Only Scan") {
        let fetches = node.heap_fetches.unwrap_or(0.0);
        let rows = node.rows() + node.rows_removed();
        if fetches < 1_000.0 || fetches <= 0.1 * rows {
            continue;
        }
        let own = context.node(node).exclusive_ms;
        let sentence = format!(
            "The index-only scan of {} looks into the table {} for {}, because those pages are not marked all-visible.",
            relation(node),
            words::times(fetches),
            words::rows(rows)
        );
        // A visit to the heap costs about as much as the index entry that led to it.
        let remedy = sql_relation(node).map(|table| Remedy::Vacuum { table });
        tips.push(tip(NAME, node, sentence, own / 2.0, own).next(format!("VACUUM {}.", relation(node))).remedy(remedy));
    }
    tips
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_after_a_load_without_vacuum() {
        insta::assert_snapshot!(said(super::check, "heap-fetches"), @"
        The index-only scan of playlists looks into the table 20,000 times for 20,000 rows, because those pages are not marked all-visible.
        VACUUM playlists.
        ");
    }

    #[test]
    fn quiet_when_few_pages_are_dirty() {
        assert_eq!(said(super::check, "subplan-per-row"), "");
    }
}
