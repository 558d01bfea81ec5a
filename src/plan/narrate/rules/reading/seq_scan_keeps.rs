//! `seq-scan-keeps`: a sequential scan that an index would not make faster, because it keeps so much.
//!
//! **Sees** a Seq Scan with a filter that keeps over 20% of at least 10,000 rows, and takes at least 20% of the statement's time.
//! **Evidence**: `Actual Rows` against `Rows Removed by Filter`.
//! **Bad**: `Seq Scan on songs … rows=40697 … Filter: (year > 1990) … Rows Removed by Filter: 37106`.
//! **Good**: 9 rows kept of 919,039, which is another tip.
//! **Wrong** when the rows wanted lie together on disk: then an index range, or BRIN, may still win.

use crate::plan::metrics::rows_read;
use crate::plan::narrate::context::{Context, relation, tip};
use crate::plan::narrate::{Tip, words};
use crate::units;

const NAME: &str = "seq-scan-keeps";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node).filter(|node| node.node_type == "Seq Scan" && node.filter.is_some()) {
        let read = rows_read(node);
        let (kept, figures) = (node.rows() / read, context.node(node));
        if read < 10_000.0 || node.rows_removed() == 0.0 || kept <= 0.2 || (context.plan.timed() && figures.share < 0.2) {
            continue;
        }
        let sentence = format!(
            "Its condition keeps {} of the {} that it reads of {}, {}: an index does not make reading that much faster.",
            words::count(node.rows()),
            words::rows(read),
            relation(node),
            units::percent(kept)
        );
        tips.push(tip(NAME, node, sentence, 0.0, figures.exclusive_ms));
    }
    tips
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_on_a_third_kept() {
        insta::assert_snapshot!(said(super::check, "cte-little-used"), @"Its condition keeps 619,039 of the 919,039 rows that it reads of song_history, 67%: an index does not make reading that much faster.");
    }

    #[test]
    fn quiet_when_little_is_kept_or_nothing_filtered() {
        assert_eq!(said(super::check, "history-last-five"), "");
        assert_eq!(said(super::check, "whole-aggregate"), "");
    }
}
