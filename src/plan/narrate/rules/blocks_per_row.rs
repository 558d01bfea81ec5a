//! `blocks-per-row`: a handful of rows costs thousands of blocks.
//!
//! **Sees** a statement without aggregates that touches over 1,000 blocks for each row it returns, and 10 for each row that its
//! scans read, dead ones not counted: the scans step over what is no longer there.
//! **Evidence**: `Shared Hit Blocks` and `Shared Read Blocks` of the root and of the scan that touches most; rows.
//! **Bad**: `SELECT … FROM jobs ORDER BY id LIMIT 1`: 3,306 blocks for one row, after 99,989 were deleted.
//! **Good**: the same look-up in 4 blocks.
//! **Wrong** when rows are so wide that each fills many blocks (TOAST).

use super::super::context::{Context, relation, table_name, tip};
use super::super::{Remedy, Tip, words};
use crate::plan::metrics::rows_read;
use crate::plan::text::type_name;

const NAME: &str = "blocks-per-row";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let metrics = &context.metrics;
    let (blocks, read, returned) = (metrics.blocks as f64, metrics.rows_read.max(1.0), metrics.rows_returned.max(1.0));
    let counts = |name: &str| matches!(name, "Aggregate" | "Group" | "WindowAgg" | "ModifyTable" | "Append" | "MergeAppend");
    if context.visits.iter().any(|visit| counts(&visit.node.node_type)) || blocks <= 1_000.0 * returned || blocks <= 10.0 * read {
        return Vec::new();
    }
    let scans = context.executed().map(|visit| visit.node).filter(|node| node.reads_relation());
    let Some(scan) = scans.max_by_key(|node| context.node(node).blocks) else { return Vec::new() };
    let own = context.node(scan);
    let sentence = format!(
        "The {} of {} touches {} blocks ({}) for {}{}: most of what it steps over is dead.",
        type_name(scan),
        relation(scan),
        words::count(own.blocks as f64),
        words::kb(own.blocks as f64 * 8.0),
        words::rows(rows_read(scan)),
        context.aside(own.exclusive_ms)
    );
    let next = format!("VACUUM {} and see that autovacuum keeps up with its deletes and updates.", relation(scan));
    let remedy = Remedy::Vacuum { table: table_name(scan) };
    vec![tip(NAME, scan, sentence, own.exclusive_ms, own.exclusive_ms).next(next).remedy(remedy)]
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_on_a_queue_that_was_emptied() {
        insta::assert_snapshot!(said(super::check, "dead-entries"), @"
        The Index Scan of jobs touches 3,306 blocks (25.8 MB) for 1 row (7.6 of 7.7 ms): most of what it steps over is dead.
        VACUUM jobs and see that autovacuum keeps up with its deletes and updates.
        ");
        assert_eq!(tried(&tips_with(super::check, "dead-entries", &Facts::default())[0]), "VACUUM jobs");
    }

    #[test]
    fn quiet_on_look_ups_and_on_scans() {
        assert_eq!(said(super::check, "point-lookup"), "");
        assert_eq!(said(super::check, "library-offset"), "");
    }
}
