//! `foreign-rows-discarded`: another server sends rows that this one throws away.
//!
//! **Sees** a Foreign Scan whose own filter removes 1,000 rows or more, 10 for each that it keeps.
//! **Evidence**: `Rows Removed by Filter`, and `Remote SQL` (VERBOSE), which lacks the condition.
//! **Bad**: `Remote SQL: SELECT id, song_name FROM public.songs`, 77,563 rows removed here.
//! **Good**: `Remote SQL: SELECT id FROM public.songs WHERE ((id = 77))`.
//! **Wrong** about nothing; a condition that the other server cannot compute alike must be computed here.

use super::super::context::{Context, relation, tip};
use super::super::{Tip, words};

const NAME: &str = "foreign-rows-discarded";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node).filter(|node| node.node_type == "Foreign Scan") {
        let (removed, kept) = (node.rows_removed(), node.rows());
        let Some(filter) = node.filter.as_deref().filter(|_| removed >= 1_000.0 && removed > 10.0 * kept) else { continue };
        let elapsed = context.node(node).elapsed_ms;
        let sentence = format!(
            "The other server sends {} of {}, of which {} {} kept here{}.",
            words::rows(removed + kept),
            relation(node),
            words::some(kept),
            if kept == 1.0 { "is" } else { "are" },
            context.taking(elapsed)
        );
        let next = format!(
            "{filter} is computed here: write it with built-in functions and operators, or declare its extension in the server's \
             option extensions, so that it is sent."
        );
        tips.push(tip(NAME, node, sentence, elapsed * removed / (removed + kept), elapsed).next(next));
    }
    tips
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_on_a_function_that_stays_here() {
        insta::assert_snapshot!(said(super::check, "foreign-filter"), @"
        The other server sends 77,803 rows of songs_elsewhere, of which 240 are kept here, which takes 217.2 of 217.4 ms.
        is_hit(songs_elsewhere.song_name) is computed here: write it with built-in functions and operators, or declare its extension in the server's option extensions, so that it is sent.
        ");
    }

    #[test]
    fn quiet_when_the_condition_was_sent() {
        assert_eq!(said(super::check, "foreign-pushed"), "");
    }
}
