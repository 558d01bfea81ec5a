//! `parallel-blocked`: a large table is read by one process, and the plan tells why no other could help.
//!
//! **Sees** a Seq Scan of 1,024 blocks or more (8 MB, `min_parallel_table_scan_size`) that takes 20 ms or more in a plan without a
//! Gather and of which an index could not pick the few rows wanted, where the statement writes or locks rows (PostgreSQL never reads in parallel then), or where
//! `max_parallel_workers_per_gather` is 0. Silent when none of these is seen: a function that is PARALLEL UNSAFE blocks, too, but
//! a plan does not show it.
//! **Evidence**: ModifyTable, LockRows, the settings.
//! **Bad**: `SELECT … FOR UPDATE` over 919,039 rows.
//! **Good**: the same rows found by an index.
//! **Wrong** on a server whose processors are busy with other clients.

use super::super::context::{Conditions, Context, relation, tip};
use super::super::settings::{named, set};
use super::super::{Remedy, Tip};
use crate::plan::PlanNode;
use crate::plan::metrics::rows_read;

const NAME: &str = "parallel-blocked";

const LEAST_BLOCKS: u64 = 1_024;
const LEAST_MS: f64 = 20.0;
/// PostgreSQL's default of `max_parallel_workers_per_gather`; with the leader, three processes.
const WORKERS: f64 = 2.0;

pub(super) fn check(context: &Context) -> Vec<Tip> {
    if context.visits.iter().any(|visit| visit.node.workers_planned.is_some()) {
        return Vec::new();
    }
    let scans = context.executed().map(|visit| visit.node).filter(|node| node.node_type == "Seq Scan");
    let scans = scans.filter(|node| context.repeats(node) <= 1.0 && !wants_an_index(node));
    let scans = scans.filter(|node| context.node(node).blocks >= LEAST_BLOCKS && context.node(node).exclusive_ms >= LEAST_MS);
    let largest = scans.max_by(|a, b| context.node(a).exclusive_ms.total_cmp(&context.node(b).exclusive_ms));
    largest.and_then(|scan| say(context, scan)).into_iter().collect()
}

/// Few of its rows are wanted and a column tells which: an index saves far more than other processes could.
fn wants_an_index(scan: &PlanNode) -> bool {
    scan.rows() < 0.1 * rows_read(scan) && !Conditions::of(scan, false).btree_columns().is_empty()
}

fn say(context: &Context, scan: &PlanNode) -> Option<Tip> {
    let (why, next, remedy) = reason(context)?;
    let own = context.node(scan).exclusive_ms;
    let sentence = format!("One process alone reads {}{}: {why}.", relation(scan), context.aside(own));
    Some(tip(NAME, scan, sentence, own * WORKERS / (WORKERS + 1.0), own).next(next.to_owned()).remedy(remedy))
}

fn reason(context: &Context) -> Option<(&'static str, &'static str, Option<Remedy>)> {
    let has = |name: &str| context.visits.iter().any(|visit| visit.node.node_type == name);
    if has("ModifyTable") {
        return Some((
            "a statement that writes never reads in parallel",
            "Find the rows by an index, or select their keys first, in parallel, and write those.",
            None,
        ));
    }
    if has("LockRows") {
        return Some((
            "a statement that locks its rows (FOR UPDATE, FOR SHARE) never reads in parallel",
            "Find the rows by an index, or select their keys first, in parallel, and lock those.",
            None,
        ));
    }
    (named(context.plan, "max_parallel_workers_per_gather") == Some("0")).then(|| {
        (
            "max_parallel_workers_per_gather is 0",
            "Two workers (the default) share such a scan with the leader, where processors are free.",
            Some(set("max_parallel_workers_per_gather", "2")),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_with_each_reason() {
        insta::assert_snapshot!(said(super::check, "parallel-write"), @"
        One process alone reads song_history (116.3 of 125.2 ms): a statement that writes never reads in parallel.
        Find the rows by an index, or select their keys first, in parallel, and write those.
        ");
        insta::assert_snapshot!(said(super::check, "parallel-locks"), @"
        One process alone reads song_history (193.1 of 193.4 ms): a statement that locks its rows (FOR UPDATE, FOR SHARE) never reads in parallel.
        Find the rows by an index, or select their keys first, in parallel, and lock those.
        ");
        insta::assert_snapshot!(said(super::check, "parallel-off"), @"
        One process alone reads song_history (134.7 of 157.6 ms): max_parallel_workers_per_gather is 0.
        Two workers (the default) share such a scan with the leader, where processors are free.
        ");
    }

    #[test]
    fn quiet_when_small_or_parallel() {
        assert_eq!(said(super::check, "parallel"), "");
        assert_eq!(said(super::check, "parallel-function"), "", "the plan does not tell why");
        assert_eq!(said(super::check, "scans-forbidden"), "");
        assert_eq!(said(super::check, "first-song"), "", "an index serves it");
    }
}
