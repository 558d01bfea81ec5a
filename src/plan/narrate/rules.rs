//! The rules, one per file. Adding one is adding its file, its `mod` line and its place in [`RULES`].

mod bitmap_lossy;
mod cascade_without_index;
mod cold_reads;
mod cte_little_used;
mod hash_aggregate_spills;
mod hash_spills;
mod heap_fetches;
mod index_scan_filters;
mod inner_seq_scan;
mod jit_dominates;
mod join_filter;
mod memoize_misses;
mod nested_loop_many;
mod nested_loop_underestimated;
mod no_btree_serves_it;
mod offset_paging;
mod planning_dominates;
mod reads_to_return;
mod seq_scan_discards;
mod seq_scan_keeps;
mod sort_avoidable;
mod sort_on_disk;
mod subplan_per_row;
mod temporary_files;
#[cfg(test)]
mod testing;
mod user_trigger;
mod whole_table_aggregate;
mod whole_table_window;
mod workers_missing;
mod wrong_estimate;

use super::Tip;
use super::context::Context;
use crate::plan::PlanNode;

/// Looks at a plan and says what it has to say.
pub(super) type Rule = fn(&Context) -> Vec<Tip>;

/// In the order of the manual; tips are ranked by what they save, not by this.
pub(super) const RULES: &[Rule] = &[
    // Reading too much.
    seq_scan_discards::check,
    seq_scan_keeps::check,
    index_scan_filters::check,
    no_btree_serves_it::check,
    heap_fetches::check,
    bitmap_lossy::check,
    reads_to_return::check,
    offset_paging::check,
    whole_table_window::check,
    whole_table_aggregate::check,
    // Wrong estimates.
    wrong_estimate::check,
    nested_loop_underestimated::check,
    // Joins.
    nested_loop_many::check,
    inner_seq_scan::check,
    join_filter::check,
    hash_spills::check,
    memoize_misses::check,
    // Sorts, groups, temporary files.
    sort_on_disk::check,
    sort_avoidable::check,
    hash_aggregate_spills::check,
    temporary_files::check,
    // Subqueries.
    subplan_per_row::check,
    cte_little_used::check,
    // Writes.
    cascade_without_index::check,
    user_trigger::check,
    // Around the plan.
    cold_reads::check,
    workers_missing::check,
    jit_dominates::check,
    planning_dominates::check,
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
