//! `seq-scan-discards`: a sequential scan reads many rows and throws nearly all of them away.
//!
//! **Sees** a Seq Scan, run once, whose filter removed over 90% of what it read, and over 10,000 rows.
//! **Evidence**: `Rows Removed by Filter` and `Actual Rows`. The columns to index come from the filter: equalities first, then
//! one range.
//! **Bad**: `Seq Scan on song_history … rows=9 … Filter: (song_id = 27482) … Rows Removed by Filter: 919030`.
//! **Good**: the same with 300,000 rows kept of 919,039: an index would not be used.
//! **Wrong** when the statement is so rare that an index costs more in writes than it saves; that is measured, not guessed,
//! elsewhere. Conditions that no B-tree serves are left to `no-btree-serves-it`, scans in a loop to `inner-seq-scan`.

use crate::plan::metrics::rows_read;
use crate::plan::narrate::advice::{advise_index, index_to_try};
use crate::plan::narrate::context::{Conditions, Context, tip};
use crate::plan::narrate::{Tip, words};

const NAME: &str = "seq-scan-discards";

/// Fewer rows than this are read in about a millisecond.
const MINIMAL_ROWS: f64 = 10_000.0;

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node).filter(|node| node.node_type == "Seq Scan") {
        let (read, removed) = (rows_read(node), node.rows_removed());
        if context.repeats(node) > 1.0 || removed < MINIMAL_ROWS || removed / read <= 0.9 {
            continue;
        }
        let conditions = Conditions::of(node, false);
        if super::no_btree_serves_it::explains(&conditions) {
            continue;
        }
        let own = context.node(node).exclusive_ms;
        let sentence =
            format!("It reads {} to find {}{}.", context.rows_of(node, read), words::some(node.rows()), context.taking(own));
        let columns = conditions.btree_columns();
        let tip = tip(NAME, node, sentence, own * removed / read, own);
        tips.push(tip.next(advise_index(context, node, &columns)).remedy(index_to_try(context, node, &columns)));
    }
    tips
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_with_the_column_to_index() {
        insta::assert_snapshot!(said(super::check, "first-song"), @"
        It reads all 202,899 rows of playlist_songs to find 68, which takes 24.3 of 24.4 ms.
        An index on playlist_songs (playlist_id) finds them directly.
        ");
    }

    #[test]
    fn quiet_when_most_rows_are_kept_or_few_are_read() {
        assert_eq!(said(super::check, "hash-batches"), "");
        assert_eq!(said(super::check, "point-lookup"), "");
        assert_eq!(said(super::check, "search-infix"), "");
    }

    #[test]
    fn an_index_that_exists_is_not_advised_again() {
        let facts = Facts {
            tables: vec![TableFacts {
                name: "playlist_songs".into(),
                indexes: Some(vec![vec!["playlist_id".into()]]),
                ..Default::default()
            }],
            ..Default::default()
        };
        let tips = tips_with(super::check, "first-song", &facts);
        assert!(tips[0].next_step.as_ref().unwrap().starts_with("There is an index on playlist_songs (playlist_id) already"));
    }
}
