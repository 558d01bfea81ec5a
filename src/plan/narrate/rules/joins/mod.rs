//! Joins: loops that run too often, pairs made in vain, memory that does not suffice.

mod cartesian_join;
mod hash_of_bigger_side;
mod hash_spills;
mod inner_seq_scan;
mod join_collapse;
mod join_filter;
mod memoize_misses;
mod merge_join_sorts;
mod nested_loop_many;
mod not_in;

use super::Rule;
use crate::plan::PlanNode;
use crate::plan::narrate::context::relations_below;
use crate::plan::walk::nodes;
use crate::units;
pub(super) use hash_of_bigger_side::bigger_side;

pub(super) const RULES: &[Rule] = &[
    nested_loop_many::check,
    inner_seq_scan::check,
    join_filter::check,
    cartesian_join::check,
    hash_spills::check,
    hash_of_bigger_side::check,
    merge_join_sorts::check,
    memoize_misses::check,
    not_in::check,
    join_collapse::check,
];

/// What one side of a join reads: `songs and links`, `the CTE recent`.
fn source(side: &PlanNode) -> String {
    let tables = relations_below(side);
    let cte = || nodes(side).find_map(|node| node.cte.as_deref()).map(|name| format!("the CTE {name}"));
    if tables.is_empty() { cte().unwrap_or_else(|| "one side".to_owned()) } else { units::listed(&tables) }
}
