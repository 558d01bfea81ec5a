//! `no-duplicates`: UNION looks for duplicates and finds next to none.
//!
//! **Sees** a HashAggregate or Unique that computes nothing, above an Append (with or without a Sort between), of 1,000 rows or
//! more, and under 1% of them removed.
//! **Evidence**: rows into and out of it; its own time with the Sort's.
//! **Bad**: 81,714 rows of three tables, as many after.
//! **Good**: 29,998 rows in, 911 out.
//! **Wrong** when duplicates are rare but must go.

use super::super::context::{Context, tip};
use super::super::{Remedy, Tip, words};
use crate::plan::{PlanNode, Rewrite};

const NAME: &str = "no-duplicates";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node).filter(|node| only_removes(node)) {
        let Some(below) = node.children.first() else { continue };
        let sort = Some(below).filter(|below| below.node_type == "Sort");
        let Some(append) = sort.map_or(Some(below), |sort| sort.children.first()) else { continue };
        let (taken, given) = (below.rows(), node.rows());
        if !append.node_type.ends_with("Append") || taken < 1_000.0 || given < 0.99 * taken {
            continue;
        }
        let own = context.node(node).exclusive_ms + sort.map_or(0.0, |sort| context.node(sort).exclusive_ms);
        let sentence = format!(
            "Looking for duplicates among {}{} removes {}.",
            words::rows(taken),
            context.aside(own),
            words::some(taken - given)
        );
        let next = "Write UNION ALL where the parts cannot have the same row.".to_owned();
        tips.push(tip(NAME, node, sentence, own, own).next(next).remedy(Remedy::Rewrite(Rewrite::UnionAll)));
    }
    tips
}

/// DISTINCT or UNION: all columns are keys and nothing is computed from the rows of a group.
fn only_removes(node: &PlanNode) -> bool {
    let hashed = node.node_type == "Aggregate" && node.strategy.as_deref() == Some("Hashed");
    node.node_type == "Unique" || (hashed && !node.output.is_empty() && node.group_key.len() == node.output.len())
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_whether_hashed_or_sorted() {
        insta::assert_snapshot!(said(super::check, "union-of-distinct-rows"), @"
        Looking for duplicates among 81,714 rows (153.9 of 251.3 ms) removes none.
        Write UNION ALL where the parts cannot have the same row.
        ");
        insta::assert_snapshot!(said(super::check, "union-by-sort"), @"
        Looking for duplicates among 80,803 rows (75.7 of 173.8 ms) removes none.
        Write UNION ALL where the parts cannot have the same row.
        ");
    }

    #[test]
    fn quiet_when_there_are_duplicates() {
        assert_eq!(said(super::check, "union-of-same-rows"), "");
    }
}
