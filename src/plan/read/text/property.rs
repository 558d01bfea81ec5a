//! The lines below a node's heading: `Filter: (a = 1)`.

use serde_json::{Value, json};

use super::figures;
use super::list;
use super::measures::{batches, heap_blocks, sampling, sort, sort_groups};
use super::number::{Mistake, fields, kilobytes, number, parts};
use super::worker;
use crate::plan::{Plan, PlanNode, Storage};

type Taken = Result<bool, Mistake>;

/// Labels of a node's lines, beside those whose value is a number or a condition; what begins with one is a plan's line.
const OTHERS: &[&str] = &[
    "Output",
    "Inner Unique",
    "Disabled",
    "Sort Key",
    "Presorted Key",
    "Params Evaluated",
    "Group Key",
    "Hash Key",
    "Sort Method",
    "Full-sort Groups",
    "Pre-sorted Groups",
    "Buckets",
    "Batches",
    "Planned Partitions",
    "Peak Memory Usage",
    "Hits",
    "Storage",
    "Heap Blocks",
    "Single Copy",
    "Sampling",
    "Buffers",
    "I/O Timings",
    "WAL",
    "Tuples",
    "Conflict Resolution",
    "Conflict Arbiter Indexes",
    "Conflict Filter",
    "Functions",
    "Options",
    "Timing",
    "Memory",
    "Remote SQL",
    "Relations",
    "Foreign File",
    "JIT",
];

/// Whether a label is one of a node's lines.
pub(super) fn is_known(label: &str) -> bool {
    let mut node = PlanNode::default();
    OTHERS.contains(&label)
        || condition(&mut node, label).is_some()
        || figure(&mut node, label).is_some()
        || worker::number_of(label).is_some()
}

/// Takes a line of a node. What nobody knows is kept as it came.
pub(super) fn take(node: &mut PlanNode, label: &str, value: &str, text: &str) -> Result<(), Mistake> {
    if let Some(field) = condition(node, label) {
        *field = Some(value.to_owned());
        return Ok(());
    }
    if let Some(field) = figure(node, label) {
        *field = Some(number(text, value)?);
        return Ok(());
    }
    let known = keys(node, label, value, text)?
        || work(node, label, value, text)?
        || writes(node, label, value, text)?
        || figures::usage(&mut node.buffers, &mut node.io, label, value, text)?
        || figures::wal(&mut node.wal, label, value, text)?;
    if !known {
        if !is_free(label) {
            return Err(Mistake::at(text, label, "a label that EXPLAIN's text has"));
        }
        node.other.insert(label.to_owned(), Value::String(value.to_owned()));
    }
    Ok(())
}

/// Whether a label that the text layout does not have is none of the JSON's keys either, so that it can stand among them.
fn is_free(label: &str) -> bool {
    let node = json!({"Plan": {"Node Type": "Result", label: ""}});
    label != "Plans" && Plan::from_json(&node).is_ok_and(|plan| plan.root.other.contains_key(label))
}

fn condition<'n>(node: &'n mut PlanNode, label: &str) -> Option<&'n mut Option<String>> {
    Some(match label {
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
        _ => return None,
    })
}

fn figure<'n>(node: &'n mut PlanNode, label: &str) -> Option<&'n mut Option<f64>> {
    Some(match label {
        "Rows Removed by Filter" => &mut node.removed_by_filter,
        "Rows Removed by Index Recheck" => &mut node.removed_by_index_recheck,
        "Rows Removed by Join Filter" => &mut node.removed_by_join_filter,
        "Rows Removed by Conflict Filter" => &mut node.conflict.get_or_insert_default().removed_by_filter,
        "Tuples Inserted" => &mut node.merge.get_or_insert_default().inserted,
        "Conflicting Tuples" => &mut node.conflict.get_or_insert_default().conflicting,
        "Heap Fetches" => &mut node.heap_fetches,
        "Index Searches" => &mut node.index_searches,
        "Workers Planned" => &mut node.workers_planned,
        "Workers Launched" => &mut node.workers_launched,
        "Subplans Removed" => &mut node.subplans_removed,
        _ => return None,
    })
}

/// Lists of expressions; those of grouping sets are put together when the plan is whole.
fn keys(node: &mut PlanNode, label: &str, value: &str, text: &str) -> Taken {
    match label {
        "Output" => node.output = list::expressions(value),
        "Sort Key" => node.sort_key = list::expressions(value),
        "Params Evaluated" => node.params_evaluated = list::expressions(value),
        "Presorted Key" => node.presorted_key = list::expressions(value),
        "Inner Unique" => node.inner_unique = Some(flag(text, value)?),
        "Disabled" => node.disabled = Some(flag(text, value)?),
        "Single Copy" => node.single_copy = Some(flag(text, value)?),
        _ => return Ok(false),
    }
    Ok(true)
}

pub(super) fn flag(text: &str, value: &str) -> Result<bool, Mistake> {
    match value {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Mistake::at(text, value, "true or false")),
    }
}

fn work(node: &mut PlanNode, label: &str, value: &str, text: &str) -> Taken {
    match label {
        "Sort Method" => node.sort = Some(sort(text, value)?),
        "Full-sort Groups" => node.full_sort_groups = Some(sort_groups(text, value)?),
        "Pre-sorted Groups" => node.presorted_groups = Some(sort_groups(text, value)?),
        "Buckets" => {
            let (hash, memory) = figures::hash(text, value)?;
            (node.hash, node.peak_memory_kb) = (Some(hash), Some(memory));
        }
        "Planned Partitions" => {
            let end = value.find(char::is_whitespace).unwrap_or(value.len());
            node.planned_partitions = Some(number(text, &value[..end])?);
            if let Some(batches) = value[end..].trim_start().strip_prefix("Batches:") {
                work(node, "Batches", batches.trim(), text)?;
            }
        }
        "Batches" => (node.hashagg_batches, node.peak_memory_kb, node.disk_kb) = batches(text, value)?,
        "Peak Memory Usage" => node.peak_memory_kb = Some(kilobytes(text, value)?),
        "Hits" => {
            let (cache, memory) = figures::cache(text, value)?;
            (node.cache, node.peak_memory_kb) = (Some(cache), Some(memory));
        }
        "Storage" => {
            let (kind, [maximum]) = parts(text, label, value, ["Maximum Storage"])?;
            node.storage = Some(Storage { kind: kind.to_owned(), maximum_kb: kilobytes(text, maximum)? });
        }
        "Heap Blocks" => (node.exact_heap_blocks, node.lossy_heap_blocks) = heap_blocks(text, value)?,
        "Sampling" => node.sampling = Some(sampling(text, value)?),
        _ => return Ok(false),
    }
    Ok(true)
}

/// What INSERT … ON CONFLICT and MERGE say of themselves.
fn writes(node: &mut PlanNode, label: &str, value: &str, text: &str) -> Taken {
    match label {
        "Conflict Resolution" => node.conflict.get_or_insert_default().resolution = Some(value.to_owned()),
        "Conflict Arbiter Indexes" => node.conflict.get_or_insert_default().arbiter_indexes = list::expressions(value),
        "Conflict Filter" => node.conflict.get_or_insert_default().filter = Some(value.to_owned()),
        "Tuples" if node.operation.as_deref() == Some("Merge") => {
            let merge = node.merge.get_or_insert_default();
            fields(text, value, |key, value| {
                let field = match key {
                    "inserted" => &mut merge.inserted,
                    "updated" => &mut merge.updated,
                    "deleted" => &mut merge.deleted,
                    "skipped" => &mut merge.skipped,
                    _ => return Err(Mistake::at(text, key, "inserted=, updated=, deleted= or skipped=")),
                };
                *field = Some(number(text, value)?);
                Ok(())
            })?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}
