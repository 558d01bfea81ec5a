//! `index-scan-filters`: an index finds rows, and the filter throws most of them away again.
//!
//! **Sees** an Index Scan (or the heap scan above a bitmap) whose filter removed more than ten times what it kept, and over 1,000
//! rows.
//! **Evidence**: `Rows Removed by Filter` against `Actual Rows`; the columns of `Index Cond` and `Filter`.
//! **Bad**: `Index Scan using h_user_idx … Index Cond: (user_id = 3) … Filter: (song_id = 7) … Rows Removed by Filter: 1008`, one
//! row kept.
//! **Good**: a filter that removes two of three rows.
//! **Wrong** when the filter's column changes with every write: the wider index would end HOT updates.

use super::super::context::{Conditions, Context, advise_index, relation, tip};
use super::super::{Tip, words};
use crate::plan::PlanNode;

const NAME: &str = "index-scan-filters";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node) {
        if !matches!(node.node_type.as_str(), "Index Scan" | "Index Only Scan" | "Bitmap Heap Scan") {
            continue;
        }
        let removed = node.removed_by_filter.unwrap_or(0.0) * node.loops();
        if removed <= 1_000.0 || removed <= 10.0 * node.rows() {
            continue;
        }
        let figures = context.node(node);
        let found = removed + node.rows();
        let sentence = format!(
            "{} finds {} of {}, and the filter keeps {}.",
            index(node),
            words::rows(found),
            relation(node),
            words::count(node.rows())
        );
        // A bitmap's condition stands in the heap scan's recheck.
        let mut wanted = node.clone();
        wanted.index_cond = node.index_cond.clone().or(node.recheck_cond.clone());
        let columns = Conditions::of(&wanted, true).btree_columns();
        let only_filter = Conditions::of(node, false).btree_columns();
        let advice = (!only_filter.is_empty()).then(|| advise_index(context, node, &columns)).flatten();
        tips.push(tip(NAME, node, sentence, figures.elapsed_ms * removed / found, figures.elapsed_ms).next(advice));
    }
    tips
}

fn index(node: &PlanNode) -> String {
    node.index.as_ref().map_or_else(|| "The bitmap".to_owned(), |index| format!("The index {index}"))
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    fn scan(removed: u32) -> crate::plan::Plan {
        fixtures::json(
            serde_json::json!({"Node Type": "Index Scan", "Index Name": "h_user_idx", "Relation Name": "h", "Alias": "h",
            "Index Cond": "(h.user_id = 3)", "Filter": "((h.song_id = 7) AND (h.at > '2025-01-01'::date))",
            "Rows Removed by Filter": removed, "Actual Rows": 1, "Actual Loops": 2, "Actual Startup Time": 0.1, "Actual Total Time": 4.0}),
        )
    }

    #[test]
    fn fires_with_the_composite_index() {
        insta::assert_snapshot!(said_of(super::check, &scan(1008)), @"
        The index h_user_idx finds 2,018 rows of h, and the filter keeps 2.
        An index on h (user_id, song_id, at) finds them directly.
        ");
    }

    #[test]
    fn quiet_when_the_filter_takes_little() {
        assert_eq!(said_of(super::check, &scan(9)), "");
        assert_eq!(said(super::check, "index-filter"), "");
    }
}
