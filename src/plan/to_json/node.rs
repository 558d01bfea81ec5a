//! One node with its children; deeper than [`MAX_DEPTH`](crate::plan::MAX_DEPTH) there are none.

use serde_json::Value;

use super::{Object, details};
use crate::plan::PlanNode;

pub(super) fn write(node: &PlanNode) -> Value {
    let mut into = Object::default();
    identity(&mut into, node);
    figures(&mut into, node);
    conditions(&mut into, node);
    work(&mut into, node);
    writes(&mut into, node);
    details::usage(&mut into, node.buffers.as_ref(), node.io.as_ref());
    details::wal(&mut into, node.wal.as_ref());
    if !node.workers.is_empty() {
        into.value("Workers", Some(node.workers.iter().map(details::worker).collect()));
    }
    into.rest(&node.other);
    if !node.children.is_empty() {
        into.value("Plans", Some(node.children.iter().map(write).collect()));
    }
    Value::Object(into.0)
}

fn identity(into: &mut Object, node: &PlanNode) {
    into.text("Node Type", Some(&node.node_type));
    for (key, value) in [
        ("Strategy", &node.strategy),
        ("Partial Mode", &node.partial_mode),
        ("Operation", &node.operation),
        ("Parent Relationship", &node.parent_relationship),
        ("Subplan Name", &node.subplan_name),
        ("Custom Plan Provider", &node.custom_provider),
    ] {
        into.text(key, value.as_ref());
    }
    into.flag("Parallel Aware", Some(node.parallel_aware));
    into.flag("Async Capable", Some(node.async_capable));
    for (key, value) in [
        ("Scan Direction", &node.scan_direction),
        ("Index Name", &node.index),
        ("Relation Name", &node.relation),
        ("Function Name", &node.function),
        ("Table Function Name", &node.table_function),
        ("CTE Name", &node.cte),
        ("Tuplestore Name", &node.tuplestore),
        ("Schema", &node.schema),
        ("Alias", &node.alias),
        ("Join Type", &node.join_type),
        ("Command", &node.command),
    ] {
        into.text(key, value.as_ref());
    }
}

fn figures(into: &mut Object, node: &PlanNode) {
    for (key, value) in [
        ("Startup Cost", node.startup_cost),
        ("Total Cost", node.total_cost),
        ("Plan Rows", node.plan_rows),
        ("Plan Width", node.plan_width),
        ("Actual Startup Time", node.actual_startup_ms),
        ("Actual Total Time", node.actual_total_ms),
        ("Actual Rows", node.actual_rows),
        ("Actual Loops", node.actual_loops),
    ] {
        into.number(key, value);
    }
    into.flag("Disabled", node.disabled);
    into.texts("Output", &node.output);
    into.flag("Inner Unique", node.inner_unique);
}

fn conditions(into: &mut Object, node: &PlanNode) {
    for (key, value) in [
        ("Function Call", &node.function_call),
        ("Table Function Call", &node.table_function_call),
        ("TID Cond", &node.tid_cond),
        ("Index Cond", &node.index_cond),
        ("Recheck Cond", &node.recheck_cond),
        ("Order By", &node.order_by),
        ("Hash Cond", &node.hash_cond),
        ("Merge Cond", &node.merge_cond),
        ("Join Filter", &node.join_filter),
        ("One-Time Filter", &node.one_time_filter),
        ("Window", &node.window),
        ("Filter", &node.filter),
        ("Run Condition", &node.run_condition),
        ("Cache Key", &node.cache_key),
        ("Cache Mode", &node.cache_mode),
    ] {
        into.text(key, value.as_ref());
    }
    for (key, value) in [
        ("Rows Removed by Index Recheck", node.removed_by_index_recheck),
        ("Rows Removed by Join Filter", node.removed_by_join_filter),
        ("Rows Removed by Filter", node.removed_by_filter),
        ("Planned Partitions", node.planned_partitions),
        ("HashAgg Batches", node.hashagg_batches),
        ("Peak Memory Usage", node.peak_memory_kb),
        ("Disk Usage", node.disk_kb),
        ("Heap Fetches", node.heap_fetches),
        ("Index Searches", node.index_searches),
        ("Exact Heap Blocks", node.exact_heap_blocks),
        ("Lossy Heap Blocks", node.lossy_heap_blocks),
        ("Workers Planned", node.workers_planned),
        ("Workers Launched", node.workers_launched),
        ("Subplans Removed", node.subplans_removed),
    ] {
        into.number(key, value);
    }
}

fn work(into: &mut Object, node: &PlanNode) {
    into.texts("Params Evaluated", &node.params_evaluated);
    into.flag("Single Copy", node.single_copy);
    into.texts("Sort Key", &node.sort_key);
    into.texts("Presorted Key", &node.presorted_key);
    into.texts("Group Key", &node.group_key);
    if !node.grouping_sets.is_empty() {
        into.value("Grouping Sets", Some(node.grouping_sets.iter().map(details::grouping_set).collect()));
    }
    details::sort(into, node.sort.as_ref());
    into.value("Full-sort Groups", node.full_sort_groups.as_ref().map(details::sort_groups));
    into.value("Pre-sorted Groups", node.presorted_groups.as_ref().map(details::sort_groups));
    if let Some(hash) = &node.hash {
        into.number("Hash Buckets", Some(hash.buckets));
        into.number("Original Hash Buckets", Some(hash.original_buckets));
        into.number("Hash Batches", Some(hash.batches));
        into.number("Original Hash Batches", Some(hash.original_batches));
    }
    details::cache(into, node.cache.as_ref());
    if let Some(storage) = &node.storage {
        into.text("Storage", Some(&storage.kind));
        into.number("Maximum Storage", Some(storage.maximum_kb));
    }
    if let Some(sampling) = &node.sampling {
        into.text("Sampling Method", Some(&sampling.method));
        into.texts("Sampling Parameters", &sampling.parameters);
        into.text("Repeatable Seed", sampling.repeatable_seed.as_ref());
    }
}

/// What INSERT, UPDATE, DELETE and MERGE say of themselves.
fn writes(into: &mut Object, node: &PlanNode) {
    if !node.target_tables.is_empty() {
        into.value("Target Tables", Some(node.target_tables.iter().map(details::target_table).collect()));
    }
    if let Some(conflict) = &node.conflict {
        into.text("Conflict Resolution", conflict.resolution.as_ref());
        into.texts("Conflict Arbiter Indexes", &conflict.arbiter_indexes);
        into.text("Conflict Filter", conflict.filter.as_ref());
        into.number("Rows Removed by Conflict Filter", conflict.removed_by_filter);
        into.number("Conflicting Tuples", conflict.conflicting);
    }
    if let Some(merge) = &node.merge {
        into.number("Tuples Inserted", merge.inserted);
        into.number("Tuples Updated", merge.updated);
        into.number("Tuples Deleted", merge.deleted);
        into.number("Tuples Skipped", merge.skipped);
    }
}
