//! `incremental-sort-weak`: rows come half sorted, which spares next to no work.
//!
//! **Sees** an Incremental Sort whose groups of rows with the same presorted key have 1,000 rows or more on average: sorting
//! each takes nearly what sorting all takes.
//! **Evidence**: `Pre-sorted Groups`, rows into the node, its keys.
//! **Bad**: `Presorted Key: platform_id`, `Pre-sorted Groups: 2`, 85,515 rows.
//! **Good**: `Presorted Key: song_id` with `Full-sort Groups` alone, each of a few dozen rows.
//! **Wrong** when the first group alone satisfies a LIMIT.

use super::super::context::{Context, advise_index, index_to_try, relations_below, tip};
use super::super::{Tip, words};
use super::sort_avoidable::ordered_columns;
use crate::units;

const NAME: &str = "incremental-sort-weak";

/// With n rows a group, sorting compares log2(n) times a row: 10 times here, where sorting a million at once takes 20.
const LARGE_GROUP: f64 = 1_000.0;

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node).filter(|node| node.node_type == "Incremental Sort") {
        let groups: f64 =
            node.workers.iter().filter_map(|w| w.presorted_groups.as_ref()).chain(&node.presorted_groups).map(|g| g.count).sum();
        let Some(below) = node.children.first().filter(|below| groups >= 1.0 && below.rows() >= LARGE_GROUP * groups) else {
            continue;
        };
        let own = context.node(node).exclusive_ms;
        let sentence = format!(
            "{} of {} come in the order of {} and are sorted by {} too{}, but groups of {} on average have the same {}: little is \
             spared.",
            words::rows(below.rows()),
            units::listed(&relations_below(node)),
            node.presorted_key.join(", "),
            node.sort_key[node.presorted_key.len().min(node.sort_key.len())..].join(", "),
            context.aside(own),
            words::count(below.rows() / groups),
            node.presorted_key.join(", ")
        );
        let columns = if below.reads_relation() { ordered_columns(node, below).unwrap_or_default() } else { Vec::new() };
        let next =
            advise_index(context, below, &columns).map(|advice| advice.replace("finds them directly", "has them in order"));
        tips.push(tip(NAME, node, sentence, own, own).next(next).remedy(index_to_try(context, below, &columns)));
    }
    tips
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_on_two_large_groups() {
        insta::assert_snapshot!(said(super::check, "incremental-sort-large-groups"), @"
        85,515 rows of links come in the order of links.platform_id and are sorted by links.song_url too (189.7 of 225.1 ms), but groups of 42,758 on average have the same links.platform_id: little is spared.
        An index on links (platform_id, song_url) has them in order.
        ");
        let tips = tips_with(super::check, "incremental-sort-large-groups", &Facts::default());
        assert_eq!(tried(&tips[0]), "CREATE INDEX ON links (platform_id, song_url)");
    }

    #[test]
    fn quiet_when_the_groups_are_small() {
        assert_eq!(said(super::check, "incremental-sort-small-groups"), "");
        assert_eq!(said(super::check, "incremental-sort"), "");
    }
}
