//! `whole-table-window`: a window function runs over far more rows than are wanted, because the condition stands above it.
//!
//! **Sees** a WindowAgg over at least 10,000 rows from which something above (a filter, a join, a scan of its CTE) keeps under
//! 1%.
//! **Evidence**: the rows of the WindowAgg and of the nodes that take them, up to the first that drops them.
//! **Bad**: `LEAD(id) OVER (PARTITION BY playlist_id ORDER BY id)` in a CTE over all of playlist_songs, joined to one position
//! afterwards.
//! **Good**: a window over one playlist's rows, the condition on the partition inside; or `ORDER BY … LIMIT 1` in a LATERAL.
//! **Wrong** when the rows above really depend on the whole numbering, such as a rank among all.

use crate::plan::PlanNode;
use crate::plan::narrate::context::{Context, relations_below, tip};
use crate::plan::narrate::{Tip, words};
use crate::units;

const NAME: &str = "whole-table-window";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node).filter(|node| node.node_type == "WindowAgg" && node.rows() >= 10_000.0)
    {
        let Some(dropper) = dropper(context, node) else { continue };
        let elapsed = context.node(node).elapsed_ms;
        let sentence = format!(
            "The window function numbers all {} of {}{}; only then {}. No index changes that: the window must have seen every row \
             before anything above it can discard one.",
            words::rows(node.rows()),
            units::listed(&relations_below(node)),
            context.taking(elapsed),
            keeps(dropper)
        );
        let next = format!(
            "The condition {}stands above the window: restrict the window's own rows to the {} in question, or look up the neighbour alone, \
             with LATERAL (… ORDER BY … LIMIT 1).",
            condition(dropper),
            partition(node).unwrap_or("partition")
        );
        let saved = elapsed * (1.0 - dropper.rows() / node.rows());
        tips.push(tip(NAME, node, sentence, saved, elapsed).next(next));
    }
    tips
}

/// The first node above that keeps under 1% of the window's rows. An aggregate uses all of them, and a second window is judged
/// itself.
fn dropper<'a>(context: &Context<'a>, window: &PlanNode) -> Option<&'a PlanNode> {
    context
        .consumers(window)
        .into_iter()
        .take_while(|above| !matches!(above.node_type.as_str(), "Aggregate" | "Group" | "WindowAgg"))
        .find(|above| above.node_type != "Hash" && above.rows() < 0.01 * window.rows())
}

fn keeps(dropper: &PlanNode) -> String {
    let how = match dropper.node_type.as_str() {
        "Hash Join" | "Merge Join" | "Nested Loop" => "the join keeps",
        "Limit" => "the LIMIT keeps",
        _ => "the filter keeps",
    };
    format!("{how} {}", words::some(dropper.rows()))
}

/// The first key that the window's rows are sorted by: its partition, when it has one.
fn partition(window: &PlanNode) -> Option<&str> {
    let sort = window.children.first().filter(|child| child.sort_key.len() > 1)?;
    sort.sort_key.first().map(String::as_str)
}

/// `(q.id = 77) `, with a space for what follows.
fn condition(dropper: &PlanNode) -> String {
    dropper.conditions().next().map(|(_, text)| format!("{text} ")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_on_the_music_services_next_song() {
        insta::assert_snapshot!(said(super::check, "next-song"), @"
        The window function numbers all 202,899 rows of playlist_songs, which takes 219.0 of 236.5 ms; only then the join keeps 1. No index changes that: the window must have seen every row before anything above it can discard one.
        The condition (playlist_songs.id = p.playlist_song_position) stands above the window: restrict the window's own rows to the playlist_songs.playlist_id in question, or look up the neighbour alone, with LATERAL (… ORDER BY … LIMIT 1).
        ");
    }

    #[test]
    fn fires_on_a_filter_above() {
        let tips = crate::plan::narrate(&fixtures::plan("25-window-over-all"), &Facts::default());
        assert_eq!(tips[0].rule, super::NAME);
        assert!(
            tips[0].sentence.contains("202,899 rows of playlist_songs; only then the filter keeps 1."),
            "{}",
            tips[0].sentence
        );
    }

    #[test]
    fn quiet_when_few_rows_or_all_are_wanted() {
        assert_eq!(said_of(super::check, &fixtures::plan("26-window-run-condition")), "");
        assert_eq!(said(super::check, "whole-aggregate"), "");
    }
}
