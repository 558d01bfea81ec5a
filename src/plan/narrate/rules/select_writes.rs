//! `select-writes`: a statement that only reads leaves changed blocks behind.
//!
//! **Sees** a statement without writes and row locks that dirtied 100 shared blocks or more, or wrote so many itself.
//! **Evidence**: `Shared Dirtied Blocks` and `Shared Written Blocks` of the root and of the scan with most.
//! **Bad**: `Seq Scan on fresh … Buffers: shared hit=1725 dirtied=1725`, the first time after the load.
//! **Good**: no `dirtied` in `Buffers`.
//! **Wrong** as a figure for every execution: the next one finds the work done.

use super::super::context::{Context, relation, table_name, tip};
use super::super::{Remedy, Tip, words};
use crate::plan::{Buffers, PlanNode};

const NAME: &str = "select-writes";

/// Blocks; fewer are noise of the catalogue.
const LEAST: u64 = 100;

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let Some(root) = context.plan.root.buffers else { return Vec::new() };
    let writes = |node: &PlanNode| matches!(node.node_type.as_str(), "ModifyTable" | "LockRows");
    if root.shared_dirtied.max(root.shared_written) < LEAST || context.visits.iter().any(|visit| writes(visit.node)) {
        return Vec::new();
    }
    let scans = context.executed().map(|visit| visit.node).filter(|node| node.reads_relation());
    let Some(scan) = scans.max_by_key(|node| changed(node)) else { return Vec::new() };
    let figures = context.node(scan);
    let written = if root.shared_written > 0 {
        format!(" and wrote {} to make room in shared_buffers", words::count(root.shared_written as f64))
    } else {
        String::new()
    };
    let sentence = format!(
        "Reading {}{} changed {} of {} blocks{written}: the first to see rows after they were written notes on each whether it is \
         committed.",
        relation(scan),
        context.aside(figures.exclusive_ms),
        words::count(root.shared_dirtied as f64),
        words::count(context.metrics.blocks as f64)
    );
    let next = format!("VACUUM {} after loading it, so that no reader pays; the next execution is quicker, too.", relation(scan));
    let share = changed(scan) as f64 / (figures.blocks as f64).max(1.0);
    let remedy = Remedy::Vacuum { table: table_name(scan) };
    vec![tip(NAME, scan, sentence, figures.exclusive_ms * share.min(1.0), figures.exclusive_ms).next(next).remedy(remedy)]
}

fn changed(node: &PlanNode) -> u64 {
    node.buffers.as_ref().map_or(0, |buffers: &Buffers| buffers.shared_dirtied)
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_on_the_first_reader_after_a_load() {
        insta::assert_snapshot!(said(super::check, "first-readers-write"), @"
        Reading fresh (36.7 of 50.1 ms) changed 1,725 of 1,725 blocks: the first to see rows after they were written notes on each whether it is committed.
        VACUUM fresh after loading it, so that no reader pays; the next execution is quicker, too.
        ");
    }

    #[test]
    fn quiet_on_the_second_and_on_writes() {
        assert_eq!(said(super::check, "even-workers"), "");
        assert_eq!(said(super::check, "after-checkpoint"), "");
    }
}
