//! The rules, one per file. Adding one is adding its file, its `mod` line and its place in [`RULES`].

mod blocks_per_row;
mod cascade_without_index;
mod cold_reads;
mod conflicts_wasted;
mod cte_little_used;
mod disabled_node;
mod distinct_aggregate;
mod estimates;
mod foreign_key_checks;
mod foreign_rows_discarded;
mod full_page_images;
mod hash_aggregate_spills;
mod incremental_sort_weak;
mod initplan_expensive;
mod jit_dominates;
mod joins;
mod many_trigger_calls;
mod memory_near_limit;
mod no_duplicates;
mod numbered_for_few;
mod parallel_blocked;
mod parallel_for_little;
mod planning_dominates;
mod reading;
mod recursion_without_index;
mod result_transfer;
mod select_writes;
mod settings_changed;
mod slow_function;
mod slow_storage;
mod sort_avoidable;
mod sort_on_disk;
mod sorted_for_groups;
mod storage_on_disk;
mod subplan_per_row;
mod temporary_files;
mod temporary_io;
#[cfg(test)]
mod testing;
mod user_trigger;
mod wal_heavy;
mod worker_skew;
mod workers_missing;
mod write_beyond_rows;

use super::Tip;
use super::context::Context;
use crate::plan::{PlanNode, Wal};

/// Looks at a plan and says what it has to say.
pub(super) type Rule = fn(&Context) -> Vec<Tip>;

/// In the order of the manual; tips are ranked by what they save, not by this.
pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    [reading::RULES, estimates::RULES, joins::RULES, RULES].into_iter().flatten()
}

/// What is not about reading, estimating or joining.
const RULES: &[Rule] = &[
    // Sorts, groups, temporary files.
    sort_on_disk::check,
    sort_avoidable::check,
    incremental_sort_weak::check,
    hash_aggregate_spills::check,
    sorted_for_groups::check,
    distinct_aggregate::check,
    no_duplicates::check,
    temporary_files::check,
    storage_on_disk::check,
    memory_near_limit::check,
    numbered_for_few::check,
    // Subqueries, CTEs, functions.
    subplan_per_row::check,
    cte_little_used::check,
    initplan_expensive::check,
    slow_function::check,
    recursion_without_index::check,
    // Blocks and files.
    cold_reads::check,
    blocks_per_row::check,
    select_writes::check,
    temporary_io::check,
    slow_storage::check,
    // Writes.
    cascade_without_index::check,
    foreign_key_checks::check,
    user_trigger::check,
    many_trigger_calls::check,
    wal_heavy::check,
    full_page_images::check,
    write_beyond_rows::check,
    conflicts_wasted::check,
    // Parallel plans, compiling, planning, settings, other servers.
    workers_missing::check,
    worker_skew::check,
    parallel_for_little::check,
    parallel_blocked::check,
    jit_dominates::check,
    planning_dominates::check,
    settings_changed::check,
    disabled_node::check,
    result_transfer::check,
    foreign_rows_discarded::check,
];

/// The outer and the inner side of a join.
pub(super) fn sides(join: &PlanNode) -> Vec<&PlanNode> {
    let side = |name: &str| join.children.iter().find(move |child| child.parent_relationship.as_deref() == Some(name));
    side("Outer").into_iter().chain(side("Inner")).collect()
}

/// Memory to ask for: the next megabyte, since nobody sets work_mem in kilobytes.
fn rounded_up(kb: f64) -> f64 {
    (kb / 1024.0).ceil() * 1024.0
}

/// Bytes of a group in a hash aggregate beside its row: 77,803 groups of 16 bytes took 11,281 kB (PostgreSQL 15).
const BYTES_PER_GROUP: f64 = 132.0;

/// Memory that a hash aggregate takes for so many groups, each so wide, kB.
fn hash_kb(groups: f64, width: f64) -> f64 {
    groups * (width + BYTES_PER_GROUP) / 1024.0
}

/// What a ModifyTable does, as a sentence begins with it.
fn writing(modify: &PlanNode) -> &'static str {
    match modify.operation.as_deref() {
        Some("Insert") => "Inserting",
        Some("Update") => "Updating",
        Some("Delete") => "Deleting",
        Some("Merge") => "Merging",
        _ => "Writing",
    }
}

/// Rows that a ModifyTable takes from below; PostgreSQL counts those that it hands up.
fn rows_written(modify: &PlanNode) -> f64 {
    modify.children.iter().filter(|child| !child.is_init_plan()).map(PlanNode::rows).sum()
}

/// The write-ahead log of a ModifyTable without its children's.
fn wal(modify: &PlanNode) -> Option<Wal> {
    let mut own = modify.wal?;
    for below in modify.children.iter().filter_map(|child| child.wal) {
        own.records = own.records.saturating_sub(below.records);
        own.full_page_images = own.full_page_images.saturating_sub(below.full_page_images);
        own.bytes = own.bytes.saturating_sub(below.bytes);
    }
    Some(own)
}
