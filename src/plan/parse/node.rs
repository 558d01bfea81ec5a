//! One node with its children.

use super::slot::Slot;
use super::{MAX_DEPTH, details, keep};
use crate::plan::detail::{Sampling, Storage};
use crate::plan::{PlanError, PlanNode};

type Read<T> = Result<T, PlanError>;

/// Reads a node at `depth` (the root's is 1), giving it and its children the next ids.
///
/// A node is some kilobytes large, so the recursion keeps only boxes on the stack.
pub(super) fn read(slot: Slot, depth: usize, next_id: &mut usize) -> Read<Box<PlanNode>> {
    if depth > MAX_DEPTH {
        return Err(PlanError::TooDeep { limit: MAX_DEPTH, path: slot.path.to_string() });
    }
    let mut node = own_fields(slot, *next_id)?;
    *next_id += 1;
    if let Some(value) = slot.value.get("Plans") {
        let slot = Slot::new(value, slot.path.key("Plans"));
        for (i, value) in slot.array()?.iter().enumerate() {
            let child = read(Slot::new(value, slot.path.index(i)), depth + 1, next_id)?;
            adopt(&mut node, child);
        }
    }
    Ok(node)
}

#[inline(never)]
fn adopt(node: &mut PlanNode, child: Box<PlanNode>) {
    node.children.push(*child);
}

#[inline(never)]
fn own_fields(slot: Slot, id: usize) -> Read<Box<PlanNode>> {
    let map = slot.object()?;
    if !map.contains_key("Node Type") {
        return Err(PlanError::Missing { path: slot.path.to_string(), key: "Node Type" });
    }
    let mut node = Box::new(PlanNode { id, ..PlanNode::default() });
    for (key, value) in map {
        let slot = Slot::new(value, slot.path.key(key));
        if key != "Plans" && !take(&mut node, key, slot)? {
            keep(&mut node.other, key, value);
        }
    }
    Ok(node)
}

/// Takes a field; says whether it is one that we know.
fn take(node: &mut PlanNode, key: &str, slot: Slot) -> Read<bool> {
    Ok(identity(node, key, slot)?
        || figures(node, key, slot)?
        || conditions(node, key, slot)?
        || work(node, key, slot)?
        || writes(node, key, slot)?
        || details::usage(&mut node.buffers, &mut node.io, key, slot)?
        || details::wal(&mut node.wal, key, slot)?)
}

fn identity(node: &mut PlanNode, key: &str, slot: Slot) -> Read<bool> {
    let field = match key {
        "Node Type" => {
            node.node_type = slot.text()?;
            return Ok(true);
        }
        "Parallel Aware" => {
            node.parallel_aware = slot.flag()?;
            return Ok(true);
        }
        "Async Capable" => {
            node.async_capable = slot.flag()?;
            return Ok(true);
        }
        "Inner Unique" => {
            node.inner_unique = Some(slot.flag()?);
            return Ok(true);
        }
        "Disabled" => {
            node.disabled = Some(slot.flag()?);
            return Ok(true);
        }
        "Parent Relationship" => &mut node.parent_relationship,
        "Strategy" => &mut node.strategy,
        "Partial Mode" => &mut node.partial_mode,
        "Operation" => &mut node.operation,
        "Subplan Name" => &mut node.subplan_name,
        "Custom Plan Provider" => &mut node.custom_provider,
        "Relation Name" => &mut node.relation,
        "Schema" => &mut node.schema,
        "Alias" => &mut node.alias,
        "Index Name" => &mut node.index,
        "Scan Direction" => &mut node.scan_direction,
        "Function Name" => &mut node.function,
        "Table Function Name" => &mut node.table_function,
        "CTE Name" => &mut node.cte,
        "Tuplestore Name" => &mut node.tuplestore,
        "Join Type" => &mut node.join_type,
        "Command" => &mut node.command,
        _ => return Ok(false),
    };
    *field = Some(slot.text()?);
    Ok(true)
}

fn figures(node: &mut PlanNode, key: &str, slot: Slot) -> Read<bool> {
    let field = match key {
        "Startup Cost" => &mut node.startup_cost,
        "Total Cost" => &mut node.total_cost,
        "Plan Rows" => &mut node.plan_rows,
        "Plan Width" => &mut node.plan_width,
        "Actual Startup Time" => &mut node.actual_startup_ms,
        "Actual Total Time" => &mut node.actual_total_ms,
        "Actual Rows" => &mut node.actual_rows,
        "Actual Loops" => &mut node.actual_loops,
        "Rows Removed by Filter" => &mut node.removed_by_filter,
        "Rows Removed by Index Recheck" => &mut node.removed_by_index_recheck,
        "Rows Removed by Join Filter" => &mut node.removed_by_join_filter,
        "Planned Partitions" => &mut node.planned_partitions,
        "HashAgg Batches" => &mut node.hashagg_batches,
        "Peak Memory Usage" => &mut node.peak_memory_kb,
        "Disk Usage" => &mut node.disk_kb,
        "Exact Heap Blocks" => &mut node.exact_heap_blocks,
        "Lossy Heap Blocks" => &mut node.lossy_heap_blocks,
        "Heap Fetches" => &mut node.heap_fetches,
        "Index Searches" => &mut node.index_searches,
        "Workers Planned" => &mut node.workers_planned,
        "Workers Launched" => &mut node.workers_launched,
        "Subplans Removed" => &mut node.subplans_removed,
        _ => return Ok(false),
    };
    *field = Some(slot.number()?);
    Ok(true)
}

fn conditions(node: &mut PlanNode, key: &str, slot: Slot) -> Read<bool> {
    let field = match key {
        "Filter" => &mut node.filter,
        "Index Cond" => &mut node.index_cond,
        "Recheck Cond" => &mut node.recheck_cond,
        "Hash Cond" => &mut node.hash_cond,
        "Merge Cond" => &mut node.merge_cond,
        "Join Filter" => &mut node.join_filter,
        "One-Time Filter" => &mut node.one_time_filter,
        "TID Cond" => &mut node.tid_cond,
        "Run Condition" => &mut node.run_condition,
        "Order By" => &mut node.order_by,
        "Function Call" => &mut node.function_call,
        "Table Function Call" => &mut node.table_function_call,
        "Window" => &mut node.window,
        "Cache Key" => &mut node.cache_key,
        "Cache Mode" => &mut node.cache_mode,
        _ => return Ok(false),
    };
    *field = Some(slot.text()?);
    Ok(true)
}

/// Sorting, grouping, hashing and parallel work.
fn work(node: &mut PlanNode, key: &str, slot: Slot) -> Read<bool> {
    match key {
        "Output" => node.output = slot.texts()?,
        "Sort Key" => node.sort_key = slot.texts()?,
        "Params Evaluated" => node.params_evaluated = slot.texts()?,
        "Presorted Key" => node.presorted_key = slot.texts()?,
        "Group Key" => node.group_key = slot.texts()?,
        "Grouping Sets" => node.grouping_sets = slot.list(details::grouping_set)?,
        "Full-sort Groups" => node.full_sort_groups = Some(details::sort_groups(slot)?),
        "Pre-sorted Groups" => node.presorted_groups = Some(details::sort_groups(slot)?),
        "Hash Buckets" => node.hash.get_or_insert_default().buckets = slot.number()?,
        "Original Hash Buckets" => node.hash.get_or_insert_default().original_buckets = slot.number()?,
        "Hash Batches" => node.hash.get_or_insert_default().batches = slot.number()?,
        "Original Hash Batches" => node.hash.get_or_insert_default().original_batches = slot.number()?,
        "Single Copy" => node.single_copy = Some(slot.flag()?),
        "Workers" => node.workers = slot.list(details::worker)?,
        "Sampling Method" => node.sampling.get_or_insert_with(Sampling::default).method = slot.text()?,
        "Sampling Parameters" => node.sampling.get_or_insert_with(Sampling::default).parameters = slot.texts()?,
        "Repeatable Seed" => node.sampling.get_or_insert_with(Sampling::default).repeatable_seed = Some(slot.text()?),
        "Storage" => node.storage.get_or_insert_with(Storage::default).kind = slot.text()?,
        "Maximum Storage" => node.storage.get_or_insert_with(Storage::default).maximum_kb = slot.number()?,
        _ => return Ok(details::sort(&mut node.sort, key, slot)? || details::cache(&mut node.cache, key, slot)?),
    }
    Ok(true)
}

/// What INSERT, UPDATE, DELETE and MERGE say of themselves.
fn writes(node: &mut PlanNode, key: &str, slot: Slot) -> Read<bool> {
    match key {
        "Target Tables" => node.target_tables = slot.list(details::target_table)?,
        "Conflict Resolution" => node.conflict.get_or_insert_default().resolution = Some(slot.text()?),
        "Conflict Arbiter Indexes" => node.conflict.get_or_insert_default().arbiter_indexes = slot.texts()?,
        "Conflict Filter" => node.conflict.get_or_insert_default().filter = Some(slot.text()?),
        "Rows Removed by Conflict Filter" => node.conflict.get_or_insert_default().removed_by_filter = Some(slot.number()?),
        "Conflicting Tuples" => node.conflict.get_or_insert_default().conflicting = Some(slot.number()?),
        "Tuples Inserted" => node.merge.get_or_insert_default().inserted = Some(slot.number()?),
        "Tuples Updated" => node.merge.get_or_insert_default().updated = Some(slot.number()?),
        "Tuples Deleted" => node.merge.get_or_insert_default().deleted = Some(slot.number()?),
        "Tuples Skipped" => node.merge.get_or_insert_default().skipped = Some(slot.number()?),
        _ => return Ok(false),
    }
    Ok(true)
}
