//! The lines below a node's heading.
//!
//! `explain.c` has an order for each type of node, but all of them are parts of one order, so a single list serves: a node prints
//! what it has. The one exception is the window's run condition, which PostgreSQL 18 moved before the filter.

use std::borrow::Cow;

use serde_json::Value;

use super::heading;
use super::statement;
use super::unqualify::without_alias;
use super::usage;
use super::writer::Writer;
use crate::plan::{GroupingSet, HashUse, KeySet, PlanNode, SortGroups, SortUse, Storage, Worker};

pub(super) fn write(w: &mut Writer, node: &PlanNode) {
    if node.disabled == Some(true) {
        w.property("Disabled", true);
    }
    if w.verbose {
        w.list("Output", &node.output);
        if node.inner_unique == Some(true) {
            w.property("Inner Unique", true);
        }
    }
    scan(w, node);
    join(w, node);
    group_and_filter(w, node);
    blocks_and_workers(w, node);
    sort(w, node);
    memory(w, node);
    modify(w, node);
    usage::buffers(w, node.buffers.as_ref(), node.io.as_ref());
    usage::wal(w, node.wal.as_ref());
    for worker in &node.workers {
        self::worker(w, worker);
    }
    w.positive("Subplans Removed", node.subplans_removed);
}

fn scan(w: &mut Writer, node: &PlanNode) {
    if let Some(sampling) = &node.sampling {
        let seed = sampling.repeatable_seed.as_ref().map(|seed| format!(" REPEATABLE ({seed})")).unwrap_or_default();
        w.line(format_args!("Sampling: {} ({}){seed}", sampling.method, sampling.parameters.join(", ")));
    }
    if w.options.verbose {
        condition(w, node, "Function Call", node.function_call.as_deref());
        condition(w, node, "Table Function Call", node.table_function_call.as_deref());
    }
    condition(w, node, "TID Cond", node.tid_cond.as_deref());
    condition(w, node, "Index Cond", node.index_cond.as_deref());
    condition(w, node, "Recheck Cond", node.recheck_cond.as_deref());
    w.positive("Rows Removed by Index Recheck", node.removed_by_index_recheck);
    condition(w, node, "Order By", node.order_by.as_deref());
}

fn join(w: &mut Writer, node: &PlanNode) {
    condition(w, node, "Hash Cond", node.hash_cond.as_deref());
    condition(w, node, "Merge Cond", node.merge_cond.as_deref());
    condition(w, node, "Join Filter", node.join_filter.as_deref());
    w.positive("Rows Removed by Join Filter", node.removed_by_join_filter);
    condition(w, node, "One-Time Filter", node.one_time_filter.as_deref());
}

fn group_and_filter(w: &mut Writer, node: &PlanNode) {
    let run_condition = |w: &mut Writer| condition(w, node, "Run Condition", node.run_condition.as_deref());
    if let Some(window) = &node.window {
        w.property("Window", window);
        run_condition(w);
    }
    keys(w, node, "Group Key", &node.group_key);
    for set in &node.grouping_sets {
        grouping_set(w, node, set);
    }
    condition(w, node, "Filter", node.filter.as_deref());
    hash_aggregate(w, node.planned_partitions, node.hashagg_batches, node.peak_memory_kb, node.disk_kb);
    w.positive("Rows Removed by Filter", node.removed_by_filter);
    if node.window.is_none() {
        run_condition(w);
    }
}

fn grouping_set(w: &mut Writer, node: &PlanNode, set: &GroupingSet) {
    keys(w, node, "Sort Key", &set.sort_key);
    let (label, lists) = match &set.keys {
        KeySet::Hash(lists) => ("Hash Key", lists),
        KeySet::Group(lists) => ("Group Key", lists),
    };
    let write = |w: &mut Writer| {
        for list in lists {
            if list.is_empty() { w.property(label, "()") } else { keys(w, node, label, list) }
        }
    };
    if set.sort_key.is_empty() { write(w) } else { w.indented(write) }
}

fn hash_aggregate(w: &mut Writer, partitions: Option<f64>, batches: Option<f64>, memory_kb: Option<f64>, disk_kb: Option<f64>) {
    let mut parts = Vec::new();
    if let Some(partitions) = partitions.filter(|n| *n > 0.0 && w.options.costs) {
        parts.push(format!("Planned Partitions: {partitions:.0}"));
    }
    if let Some(batches) = batches {
        parts.push(format!("Batches: {batches:.0}  Memory Usage: {:.0}kB", memory_kb.unwrap_or_default()));
        if let Some(disk) = disk_kb.filter(|_| batches > 1.0) {
            parts.push(format!("Disk Usage: {disk:.0}kB"));
        }
    }
    if !parts.is_empty() {
        w.line(format_args!("{}", parts.join("  ")));
    }
}

fn blocks_and_workers(w: &mut Writer, node: &PlanNode) {
    if let Some(fetches) = node.heap_fetches {
        w.count("Heap Fetches", fetches);
    }
    if let Some(searches) = node.index_searches {
        w.count("Index Searches", searches);
    }
    heap_blocks(w, node.exact_heap_blocks, node.lossy_heap_blocks);
    if let Some(planned) = node.workers_planned {
        w.count("Workers Planned", planned);
    }
    w.list("Params Evaluated", &node.params_evaluated);
    if let Some(launched) = node.workers_launched {
        w.count("Workers Launched", launched);
    }
    if node.single_copy == Some(true) {
        w.property("Single Copy", true);
    }
}

fn heap_blocks(w: &mut Writer, exact: Option<f64>, lossy: Option<f64>) {
    let shown: Vec<String> = [("exact", exact), ("lossy", lossy)]
        .into_iter()
        .filter_map(|(what, blocks)| blocks.filter(|n| *n > 0.0).map(|n| format!("{what}={n:.0}")))
        .collect();
    if !shown.is_empty() {
        w.property("Heap Blocks", shown.join(" "));
    }
}

fn sort(w: &mut Writer, node: &PlanNode) {
    keys(w, node, "Sort Key", &node.sort_key);
    keys(w, node, "Presorted Key", &node.presorted_key);
    sort_use(w, node.sort.as_ref());
    sort_groups(w, "Full-sort", node.full_sort_groups.as_ref());
    sort_groups(w, "Pre-sorted", node.presorted_groups.as_ref());
}

fn sort_use(w: &mut Writer, sort: Option<&SortUse>) {
    if let Some(sort) = sort {
        w.line(format_args!("Sort Method: {}  {}: {:.0}kB", sort.method, sort.space_type, sort.space_kb));
    }
}

fn sort_groups(w: &mut Writer, label: &str, groups: Option<&SortGroups>) {
    let Some(groups) = groups else { return };
    let plural = if groups.methods.len() > 1 { "s" } else { "" };
    w.margin();
    w.add(format_args!("{label} Groups: {:.0}  Sort Method{plural}: {}", groups.count, groups.methods.join(", ")));
    for (what, space) in [("Memory", groups.memory), ("Disk", groups.disk)] {
        if let Some(space) = space {
            w.add(format_args!("  Average {what}: {:.0}kB  Peak {what}: {:.0}kB", space.average_kb, space.peak_kb));
        }
    }
    w.out.push('\n');
}

fn memory(w: &mut Writer, node: &PlanNode) {
    if let Some(hash) = &node.hash {
        self::hash(w, hash, node.peak_memory_kb.unwrap_or_default());
    }
    if let Some(key) = &node.cache_key {
        let key = without_verbose(w, node, key, false);
        w.property("Cache Key", key);
    }
    if let Some(mode) = &node.cache_mode {
        w.property("Cache Mode", mode);
    }
    if let Some(cache) = &node.cache {
        self::cache(w, cache, node.peak_memory_kb);
    }
    if let Some(Storage { kind, maximum_kb }) = &node.storage {
        w.line(format_args!("Storage: {kind}  Maximum Storage: {maximum_kb:.0}kB"));
    }
}

fn hash(w: &mut Writer, hash: &HashUse, memory_kb: f64) {
    let HashUse { buckets, original_buckets, batches, original_batches } = *hash;
    if buckets != original_buckets || batches != original_batches {
        w.line(format_args!(
            "Buckets: {buckets:.0} (originally {original_buckets:.0})  Batches: {batches:.0} (originally {original_batches:.0})  \
             Memory Usage: {memory_kb:.0}kB"
        ));
    } else {
        w.line(format_args!("Buckets: {buckets:.0}  Batches: {batches:.0}  Memory Usage: {memory_kb:.0}kB"));
    }
}

fn cache(w: &mut Writer, cache: &crate::plan::CacheUse, memory_kb: Option<f64>) {
    w.line(format_args!(
        "Hits: {:.0}  Misses: {:.0}  Evictions: {:.0}  Overflows: {:.0}  Memory Usage: {:.0}kB",
        cache.hits,
        cache.misses,
        cache.evictions,
        cache.overflows,
        memory_kb.unwrap_or_default()
    ));
}

fn modify(w: &mut Writer, node: &PlanNode) {
    for table in &node.target_tables {
        w.margin();
        w.add(format_args!("{}", node.operation.as_deref().unwrap_or_default()));
        heading::relation(w, table.schema.as_deref(), Some(&table.relation), Some(&table.alias));
        w.out.push('\n');
        w.indented(|w| table.other.iter().for_each(|(key, value)| foreign(w, key, value)));
    }
    let adds = matches!(node.node_type.as_str(), "Foreign Scan" | "Custom Scan" | "ModifyTable");
    if adds || w.plan.form.is_some() {
        node.other.iter().for_each(|(key, value)| foreign(w, key, value));
    }
    let merge = node.merge.unwrap_or_default();
    if let Some(conflict) = &node.conflict {
        if let Some(resolution) = &conflict.resolution {
            w.property("Conflict Resolution", resolution);
        }
        w.list("Conflict Arbiter Indexes", &conflict.arbiter_indexes);
        condition(w, node, "Conflict Filter", conflict.filter.as_deref());
        w.positive("Rows Removed by Conflict Filter", conflict.removed_by_filter);
        for (label, count) in [("Tuples Inserted", merge.inserted), ("Conflicting Tuples", conflict.conflicting)] {
            if let Some(count) = count {
                w.count(label, count);
            }
        }
    } else if node.merge.is_some() {
        let counts =
            [("inserted", merge.inserted), ("updated", merge.updated), ("deleted", merge.deleted), ("skipped", merge.skipped)];
        let shown: Vec<String> =
            counts.into_iter().filter_map(|(what, count)| count.filter(|n| *n > 0.0).map(|n| format!("{what}={n:.0}"))).collect();
        if !shown.is_empty() {
            w.property("Tuples", shown.join(" "));
        }
    }
}

/// What foreign data wrappers and extensions add: strings and numbers as properties.
fn foreign(w: &mut Writer, key: &str, value: &Value) {
    match value {
        Value::String(text) => w.property(key, text),
        Value::Number(number) => w.property(key, number),
        Value::Bool(flag) => w.property(key, flag),
        _ => {}
    }
}

/// `Worker 0:  actual rows=3 loops=1`, further lines one step in.
fn worker(w: &mut Writer, worker: &Worker) {
    let start = w.out.len();
    w.indent += 1;
    if let (true, Some(rows), Some(loops)) = (w.options.verbose, worker.rows, worker.loops) {
        w.margin();
        w.add(format_args!("actual "));
        heading::times(w, worker.startup_ms, worker.total_ms);
        heading::rows_and_loops(w, rows, loops);
        w.out.push('\n');
    }
    sort_use(w, worker.sort.as_ref());
    sort_groups(w, "Full-sort", worker.full_sort_groups.as_ref());
    sort_groups(w, "Pre-sorted", worker.presorted_groups.as_ref());
    if let Some(cache) = &worker.cache {
        self::cache(w, cache, worker.peak_memory_kb);
    }
    hash_aggregate(w, None, worker.hashagg_batches, worker.peak_memory_kb, worker.disk_kb);
    heap_blocks(w, worker.exact_heap_blocks, worker.lossy_heap_blocks);
    if w.options.verbose {
        if let Some(jit) = worker.jit.as_ref().filter(|_| w.options.costs) {
            statement::jit(w, jit);
        }
        usage::buffers(w, worker.buffers.as_ref(), worker.io.as_ref());
        usage::wal(w, worker.wal.as_ref());
    }
    w.indent -= 1;
    // The first line carries the worker's number, at the node's own indentation.
    if w.out.len() > start {
        let margin = "  ".repeat(w.indent);
        w.out.replace_range(start..start + margin.len() + 2, &format!("{margin}Worker {:.0}:  ", worker.number));
    }
}

/// `Label: expression`
fn condition(w: &mut Writer, node: &PlanNode, label: &str, text: Option<&str>) {
    if let Some(text) = text {
        let scans = node.alias.is_some() || node.node_type == "Bitmap Index Scan";
        let of_scan = scans && !matches!(node.node_type.as_str(), "Subquery Scan" | "ModifyTable");
        let text = without_verbose(w, node, text, of_scan);
        w.property(label, text);
    }
}

fn keys(w: &mut Writer, node: &PlanNode, label: &str, keys: &[String]) {
    let keys: Vec<String> = keys.iter().map(|key| without_verbose(w, node, key, false).into_owned()).collect();
    w.list(label, &keys);
}

/// Without VERBOSE, scans do not qualify their own columns, and upper nodes qualify only where there is more than one relation.
fn without_verbose<'t>(w: &Writer, node: &PlanNode, text: &'t str, of_scan: bool) -> Cow<'t, str> {
    // A bitmap index scan names no relation: it is that of the heap scan above it.
    let alias = if of_scan { node.alias.as_deref().or(w.heap_alias) } else { w.only_alias };
    match alias.filter(|_| w.unqualify && node.node_type != "Subquery Scan") {
        Some(alias) => Cow::Owned(without_alias(text, alias)),
        None => Cow::Borrowed(text),
    }
}
