//! `wal-heavy`: much more is logged than is written.
//!
//! **Sees** a ModifyTable that makes 1 kB of write-ahead log a row or more, over 10 times the rows' own width and 100 kB in all,
//! full-page images not counted (those are [`full-page-images`](super::full_page_images)). Where each row takes long, too,
//! [`write-beyond-rows`](super::write_beyond_rows) says it with the time.
//! **Evidence**: `WAL Bytes`, `WAL FPI`, rows and their estimated width. What cascades write is not in a plan.
//! **Bad**: 300 documents of 88 bytes, 2.3 MB of WAL: every word of a text goes to a GIN index.
//! **Good**: 200 rows of 100 bytes, 32 kB.
//! **Wrong** when the width is the planner's guess of a text's (32 bytes) and the texts are long.

use super::super::context::{Context, tip};
use super::super::{Tip, words};
use super::{rows_written, wal, write_beyond_rows};
use crate::plan::PlanNode;

const NAME: &str = "wal-heavy";

/// `full_page_writes` logs a block without its hole, so that this is the most an image takes.
const BLOCK: f64 = 8192.0;

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let writes = context.executed().map(|visit| visit.node).filter(|node| node.node_type == "ModifyTable");
    writes.filter_map(|node| say(context, node)).collect()
}

fn say(context: &Context, node: &PlanNode) -> Option<Tip> {
    let (wal, rows) = (wal(node)?, rows_written(node));
    let bytes = (wal.bytes as f64 - wal.full_page_images as f64 * BLOCK).max(0.0);
    let width = node.children.iter().find(|child| !child.is_init_plan()).and_then(|child| child.plan_width).unwrap_or(0.0);
    let each = bytes / rows.max(1.0);
    if write_beyond_rows::slow(context, node).is_some() || bytes < 100_000.0 || each < 1024.0 || each <= 10.0 * width {
        return None;
    }
    let own = context.node(node).exclusive_ms;
    let sentence = format!(
        "{} {} logs {} of WAL{}: {} and {} records for each.",
        super::writing(node),
        words::rows(rows),
        words::kb(bytes / 1024.0),
        context.aside(own),
        words::kb(each / 1024.0),
        words::count(wal.records as f64 / rows.max(1.0))
    );
    let indexes = context.table(node).and_then(|table| table.indexes.as_ref()).map(Vec::len);
    let next = format!(
        "Every index adds records of its own{}: drop those that pg_stat_user_indexes shows unused, and let GIN indexes collect \
         (fastupdate).",
        indexes.map(|n| format!(" ({} here)", words::count(n as f64))).unwrap_or_default()
    );
    Some(tip(NAME, node, sentence, own, own).next(next))
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_on_an_index_of_words() {
        insta::assert_snapshot!(said(super::check, "insert-documents"), @"
        Inserting 300 rows logs 2.2 MB of WAL (106.6 of 123.5 ms): 7 kB and 44 records for each.
        Every index adds records of its own: drop those that pg_stat_user_indexes shows unused, and let GIN indexes collect (fastupdate).
        ");
    }

    #[test]
    fn quiet_on_lean_rows_and_on_full_pages() {
        assert_eq!(said(super::check, "insert-lean"), "");
        assert_eq!(said(super::check, "after-checkpoint"), "");
        assert_eq!(said(super::check, "update-one-document"), "", "each row takes long: that is said");
    }
}
