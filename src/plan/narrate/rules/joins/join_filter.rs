//! `join-filter`: pairs of rows are made only to be thrown away by the join's filter.
//!
//! **Sees** a join whose `Join Filter` removed more than ten times the rows it kept, and over 10,000.
//! **Evidence**: `Rows Removed by Join Filter` × loops.
//! **Bad**: `Nested Loop … Join Filter: (p.name = (u.username || 'x')) … Rows Removed by Join Filter: 2733000`.
//! **Good**: `Hash Cond` or `Index Cond` with the same condition.
//! **Wrong** for conditions that are no equality and have no index that helps: ranges that overlap, distances.

use crate::plan::PlanNode;
use crate::plan::narrate::context::{Context, relations_below, tip};
use crate::plan::narrate::{Tip, words};
use crate::units;

const NAME: &str = "join-filter";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node) {
        let (Some(filter), removed) = (&node.join_filter, node.removed_by_join_filter.unwrap_or(0.0) * node.loops()) else {
            continue;
        };
        if removed <= 10_000.0 || removed <= 10.0 * node.rows() {
            continue;
        }
        let own = context.node(node).exclusive_ms;
        let sentence = format!(
            "The join of {} compares {} by {filter} and keeps {}{}.",
            units::listed(&relations_below(node)),
            words::plural(removed + node.rows(), "pair", "pairs"),
            words::some(node.rows()),
            context.taking(own)
        );
        let next =
            "Join on an equality of one column (or one expression) of each side: only that can be hashed, merged or looked up."
                .to_owned();
        tips.push(tip(NAME, node, sentence, own * removed / (removed + node.rows()), own).next(next));
    }
    tips
}

fn removed(node: &PlanNode) -> f64 {
    node.removed_by_join_filter.unwrap_or(0.0) * node.loops()
}

/// Whether this rule speaks of the join.
pub(super) fn is_wasteful(node: &PlanNode) -> bool {
    removed(node) > 10_000.0 && removed(node) > 10.0 * node.rows()
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_on_millions_of_pairs() {
        insta::assert_snapshot!(said(super::check, "join-filter"), @"
        The join of playlists and users compares 2,733,000 pairs by ((u.username || 'x'::text) = p.name) and keeps none, which takes 300.6 of 430.0 ms.
        Join on an equality of one column (or one expression) of each side: only that can be hashed, merged or looked up.
        ");
    }

    #[test]
    fn quiet_when_the_join_has_a_condition() {
        assert_eq!(said(super::check, "nested-loop-many"), "");
    }
}
