//! `numbered-for-few`: a window function sees all rows and gives up the first few of each partition.
//!
//! **Sees** a WindowAgg that gives up under 1% of 10,000 rows or more: its `Run Condition` (`row_number() … <= 3`) stops the
//! counting, but not the reading and sorting below it. Where the condition stands above the window,
//! [`whole-table-window`](super::whole_table_window) speaks.
//! **Evidence**: rows into and out of the WindowAgg, the keys of the Sort below.
//! **Bad**: `WindowAgg rows=2733 -> Sort rows=919039`.
//! **Good**: `WindowAgg rows=20 -> Index Scan rows=22`.
//! **Wrong** when the partitions are so many that asking each by an index costs more than one sort.

use super::super::context::{Context, table_name, tip};
use super::super::{Remedy, Tip, words};
use crate::plan::PlanNode;
use crate::plan::condition::{Expr, SortKey};
use crate::plan::quote::quote_identifier;

const NAME: &str = "numbered-for-few";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node).filter(|node| node.node_type == "WindowAgg") {
        let Some(below) = node.children.first().filter(|below| below.rows() >= 10_000.0) else { continue };
        if node.rows() >= 0.01 * below.rows() {
            continue;
        }
        let elapsed = context.node(node).elapsed_ms;
        let sentence = format!(
            "The window function goes through {} to keep {}{}.",
            words::rows(below.rows()),
            words::count(node.rows()),
            context.taking(elapsed)
        );
        let index = ordering_index(below);
        let next = match &index {
            Some(on) => format!(
                "An index on {on} has them in order; with LATERAL (… ORDER BY … LIMIT n) for each partition only the first rows are read."
            ),
            None => "Ask each partition for its first rows alone: LATERAL (… ORDER BY … LIMIT n) with an index that has them in order.".to_owned(),
        };
        let saves = elapsed * (1.0 - node.rows() / below.rows());
        let remedy = index.map(|on| Remedy::Index(format!("CREATE INDEX ON {on}")));
        tips.push(tip(NAME, node, sentence, saves, elapsed).next(next).remedy(remedy));
    }
    tips
}

/// `song_history (user_id, created_at DESC)`: what gives the order that a Sort below makes of one table's rows.
fn ordering_index(below: &PlanNode) -> Option<String> {
    let scan = below.children.first().filter(|scan| below.node_type == "Sort" && scan.reads_relation())?;
    let mut keys = Vec::new();
    for key in below.sort_key.iter().map(|key| SortKey::parse(key)) {
        let Expr::Column(column) = &key.expr else { return None };
        let nulls = match key.nulls_first {
            Some(true) => " NULLS FIRST",
            Some(false) => " NULLS LAST",
            None => "",
        };
        keys.push(format!("{}{}{nulls}", quote_identifier(&column.name), if key.descending { " DESC" } else { "" }));
    }
    Some(format!("{} ({})", table_name(scan), keys.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_on_the_last_three_of_each() {
        insta::assert_snapshot!(said(super::check, "top-of-each"), @"
        The window function goes through 919,039 rows to keep 2,733, which takes 2,189 of 2,200 ms.
        An index on song_history (user_id, created_at DESC) has them in order; with LATERAL (… ORDER BY … LIMIT n) for each partition only the first rows are read.
        ");
    }

    #[test]
    fn quiet_when_an_index_ends_it_early() {
        assert_eq!(said(super::check, "numbered-page"), "");
        assert_eq!(said(super::check, "next-song"), "");
    }
}
