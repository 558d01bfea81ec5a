//! What stands below a node's name: its conditions, and what went on in it that costs time.

use crate::plan::PlanNode;
use crate::plan::text::without_alias;
use crate::units;

/// A line below a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// `Filter`, with what it threw away: `Filter, drops 919,030`.
    pub label: String,
    /// The condition or the keys. May be as long as its author made it; empty when the label says all.
    pub text: String,
}

/// The lines of a node, conditions first.
pub(super) fn details(node: &PlanNode) -> Vec<Detail> {
    let mut lines = Vec::new();
    conditions(node, &mut lines);
    keys(node, &mut lines);
    if node.executed() {
        facts(node, &mut lines);
    }
    lines
}

fn conditions(node: &PlanNode, lines: &mut Vec<Detail>) {
    for (label, text) in node.conditions() {
        let removed = match label {
            "Filter" => node.removed_by_filter,
            "Join Filter" => node.removed_by_join_filter,
            "Recheck Cond" => node.removed_by_index_recheck,
            // The same call stands in the statement.
            "Function Call" | "Table Function Call" => continue,
            _ => None,
        };
        // The index looked at it already, unless it forgot which rows of a block it meant.
        if label == "Recheck Cond" && removed.unwrap_or(0.0) == 0.0 {
            continue;
        }
        let removed = removed.map_or(0.0, |rows| rows * node.loops());
        let label = if removed > 0.0 { format!("{label}, drops {}", units::amount(removed)) } else { label.to_owned() };
        lines.push(Detail { label, text: unqualified(node, text) });
    }
    // Only an index scan says what the index itself does not look at.
    if let (None, Some(removed), "Index Scan" | "Index Only Scan") =
        (&node.recheck_cond, node.removed_by_index_recheck.filter(|rows| *rows > 0.0), node.node_type.as_str())
    {
        lines.push(fact(format!("Index recheck drops {}", units::amount(removed * node.loops()))));
    }
}

/// VERBOSE names the table of every column, which a scan's own name says already.
fn unqualified(scan: &PlanNode, text: &str) -> String {
    match scan.alias.as_deref().filter(|_| scan.reads_relation() && !scan.output.is_empty()) {
        Some(alias) => without_alias(text, alias),
        None => text.to_owned(),
    }
}

fn keys(node: &PlanNode, lines: &mut Vec<Detail>) {
    let sort = match node.presorted_key.as_slice() {
        [] => node.sort_key.join(", "),
        presorted => format!("{} (sorted already: {})", node.sort_key.join(", "), presorted.join(", ")),
    };
    for (label, text) in [("Sort Key", sort), ("Group Key", node.group_key.join(", "))] {
        if !text.is_empty() {
            lines.push(Detail { label: label.to_owned(), text });
        }
    }
    let sets = node.grouping_sets.len();
    if sets > 0 {
        lines.push(fact(units::counted(sets as u64, "group of grouping sets", "groups of grouping sets")));
    }
}

/// What a reader of plans looks for: disk, memory, heap fetches, caches, workers.
fn facts(node: &PlanNode, lines: &mut Vec<Detail>) {
    let kb = |kb: f64| units::bytes((kb.max(0.0) * 1024.0) as u64);
    if let Some(sort) = &node.sort {
        lines.push(fact(format!("{}, {} {}", sort.method, kb(sort.space_kb), place(&sort.space_type))));
    }
    if let Some(hash) = node.hash.filter(|hash| hash.batches > 1.0) {
        let memory = node.peak_memory_kb.map(|memory| format!(", {} in memory", kb(memory))).unwrap_or_default();
        lines.push(fact(format!("{} batches, all but one on disk{memory}", units::amount(hash.batches))));
    }
    if let Some(batches) = node.hashagg_batches.filter(|batches| *batches > 1.0) {
        let disk = node.disk_kb.map(|disk| format!(", {} on disk", kb(disk))).unwrap_or_default();
        lines.push(fact(format!("{} batches{disk}", units::amount(batches))));
    }
    if let Some(fetches) = node.heap_fetches.filter(|fetches| *fetches > 0.0) {
        lines.push(fact(format!("Heap Fetches: {}", units::amount(fetches))));
    }
    if let Some(lossy) = node.lossy_heap_blocks.filter(|blocks| *blocks > 0.0) {
        lines.push(fact(format!("{} heap blocks kept without their rows", units::amount(lossy))));
    }
    if let Some(cache) = &node.cache {
        let (hits, misses) = (units::amount(cache.hits), units::amount(cache.misses));
        lines.push(fact(format!("cache: {hits} hits, {misses} misses, {} evictions", units::amount(cache.evictions))));
    }
    if let Some(planned) = node.workers_planned {
        let launched = node.workers_launched.unwrap_or(0.0);
        lines.push(fact(format!("{} of {} workers launched", units::amount(launched), units::amount(planned))));
    }
    if let Some(removed) = node.subplans_removed.filter(|n| *n > 0.0) {
        lines.push(fact(format!("{} more pruned at run time", units::amount(removed))));
    }
}

fn place(space_type: &str) -> &str {
    match space_type {
        "Disk" => "on disk",
        "Memory" => "in memory",
        other => other,
    }
}

fn fact(label: String) -> Detail {
    Detail { label, text: String::new() }
}
