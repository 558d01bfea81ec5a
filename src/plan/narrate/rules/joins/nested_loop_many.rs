//! `nested-loop-many`: a nested loop looks into its inner side very often.
//!
//! **Sees** a Nested Loop whose inner side ran over 1,000 times and takes over 30% of the statement's time. Whole-table scans
//! inside a loop are left to `inner-seq-scan`.
//! **Evidence**: `Actual Loops` and `Actual Total Time` of the inner child.
//! **Bad**: `Index Scan using songs_pkey … loops=202899` with 300 of 383 ms.
//! **Good**: 20 look-ups by primary key.
//! **Wrong** when the outer rows cannot be fewer and the inner table is too large to hash.

use crate::plan::PlanNode;
use crate::plan::narrate::advice::off;
use crate::plan::narrate::context::{Context, relations_below, tip};
use crate::plan::narrate::rules::{estimates::blame, sides};
use crate::plan::narrate::{Tip, words};
use crate::units;

const NAME: &str = "nested-loop-many";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node).filter(|node| node.node_type == "Nested Loop") {
        let [outer, inner, ..] = sides(node)[..] else { continue };
        let (loops, inner_ms) = (context.repeats(inner), context.node(inner).elapsed_ms);
        if loops <= 1_000.0 || inner_ms <= 0.3 * context.metrics.total_ms() || others_speak(context, node, inner) {
            continue;
        }
        let table = units::listed(&relations_below(inner));
        let sentence = format!(
            "The nested loop looks into {} {}, once for each row of {}; together that takes {}.",
            if table.is_empty() { "its inner side".to_owned() } else { table },
            words::times(loops),
            outer_name(outer),
            context.of_total(inner_ms)
        );
        // A hash join reads the inner table once: what can be saved is at most all the look-ups.
        let next = format!(
            "Fewer outer rows, or one pass over the inner side by a hash join, instead of {} look-ups.",
            words::count(loops)
        );
        tips.push(tip(NAME, node, sentence, inner_ms, inner_ms).next(next).remedy(off("enable_nestloop")));
    }
    tips
}

/// Scans of whole tables, pairs compared in vain and wrong estimates have tips of their own.
fn others_speak(context: &Context, join: &PlanNode, inner: &PlanNode) -> bool {
    super::inner_seq_scan::repeated_below(context, inner)
        || super::join_filter::is_wasteful(join)
        || blame::explains(context, join)
}

fn outer_name(outer: &PlanNode) -> String {
    match relations_below(outer) {
        tables if tables.is_empty() => "its outer side".to_owned(),
        tables => units::listed(&tables),
    }
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_on_two_hundred_thousand_look_ups() {
        insta::assert_snapshot!(said(super::check, "nested-loop-many"), @"
        The nested loop looks into songs 202,899 times, once for each row of playlist_songs; together that takes 202.9 of 383.6 ms.
        Fewer outer rows, or one pass over the inner side by a hash join, instead of 202,899 look-ups.
        ");
    }

    #[test]
    fn quiet_when_hashed_or_few() {
        assert_eq!(said(super::check, "hash-batches"), "");
        assert_eq!(said(super::check, "next-song"), "");
        assert_eq!(said(super::check, "join-filter"), "");
    }
}
