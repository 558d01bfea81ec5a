//! `memory-near-limit`: a sort or a hash fits into memory, but only just.
//!
//! **Sees** a quicksort, a Hash or a HashAggregate in memory that takes 80% or more of what it may: `work_mem`, for hashes times
//! `hash_mem_multiplier`.
//! **Evidence**: `Sort Space Used`, `Peak Memory Usage`; the settings that the plan names, and PostgreSQL's defaults for those
//! it does not name. Silent without SETTINGS.
//! **Bad**: `Sort Method: quicksort  Memory: 9763kB` of 11 MB.
//! **Good**: a top-N heapsort, which never takes more than its N rows.
//! **Wrong** when the table has stopped growing.

use super::super::context::{Context, tip};
use super::super::settings::{hash_memory_kb, set_work_mem, work_mem_kb};
use super::super::{Tip, words};
use super::rounded_up;
use crate::plan::PlanNode;
use crate::plan::text::type_name;

const NAME: &str = "memory-near-limit";

/// Of the limit. With a fifth more rows it is reached.
const NEAR: f64 = 0.8;

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let (Some(sort_limit), Some(hash_limit)) = (work_mem_kb(context.plan), hash_memory_kb(context.plan)) else {
        return Vec::new();
    };
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node) {
        let Some((used, limit)) = used(node, sort_limit, hash_limit) else { continue };
        if used < NEAR * limit || used > limit {
            continue;
        }
        let sentence = format!(
            "The {} takes {} of the {} that work_mem allows it: when there are a few more rows, it goes to disk.",
            type_name(node),
            words::kb(used),
            words::kb(limit)
        );
        let needed = rounded_up(2.0 * sort_limit);
        let mut tip = tip(NAME, node, sentence, 0.0, 0.0);
        tip.correctness = true;
        tips.push(
            tip.next(format!("Have {} of work_mem for it before the table grows.", words::kb(needed)))
                .remedy(set_work_mem(needed)),
        );
    }
    tips
}

/// Memory taken and its limit, kB; nothing for what is on disk already.
fn used(node: &PlanNode, sort_limit: f64, hash_limit: f64) -> Option<(f64, f64)> {
    if let Some(sort) = &node.sort {
        return (sort.method == "quicksort" && sort.space_type == "Memory").then_some((sort.space_kb, sort_limit));
    }
    let in_memory = match node.node_type.as_str() {
        "Hash" => node.hash.is_some_and(|hash| hash.batches <= 1.0),
        "Aggregate" => node.hashagg_batches.is_some_and(|batches| batches <= 1.0),
        _ => false,
    };
    node.peak_memory_kb.filter(|_| in_memory).map(|used| (used, hash_limit))
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_on_a_sort_and_on_a_hash() {
        insta::assert_snapshot!(said(super::check, "sort-near-limit"), @"
        The Sort takes 9.5 MB of the 11.0 MB that work_mem allows it: when there are a few more rows, it goes to disk.
        Have 22.0 MB of work_mem for it before the table grows.
        ");
        insta::assert_snapshot!(said(super::check, "hash-near-limit"), @"
        The Hash takes 4.0 MB of the 4.7 MB that work_mem allows it: when there are a few more rows, it goes to disk.
        Have 5.0 MB of work_mem for it before the table grows.
        ");
    }

    #[test]
    fn quiet_with_room_on_disk_and_without_settings() {
        assert_eq!(said(super::check, "group-by-sort"), "");
        assert_eq!(said(super::check, "sort-disk"), "");
        let mut plan = fixtures::timed_plan("sort-near-limit");
        plan.settings = None;
        assert_eq!(said_of(super::check, &plan), "");
    }
}
