//! What a node does, in words that are the same in every plan that does it.

use std::collections::BTreeSet;

use crate::plan::walk::{Visit, nodes, walk};
use crate::plan::{Plan, PlanNode};

/// What a node does; nodes of two plans that agree in it do the same work.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Work {
    /// The kind of operation: all ways to read a relation are one, and all ways to join.
    pub role: &'static str,
    /// What it is done to: the relation, the CTE, the function, the index of a bitmap.
    pub object: String,
    /// The names by which the statement knows the relations read below, itself included; partitions count as the table they are of.
    pub aliases: String,
    /// The relations themselves, which do not change when the statement is written with other aliases.
    pub relations: String,
    /// The subquery or CTE that it is part of.
    pub scope: String,
    /// Beyond its own planned texts, those of all nodes below: equal for equal subtrees.
    pub subtree: u64,
    pub own: u64,
}

/// By node id.
pub(super) fn works(plan: &Plan) -> Vec<Work> {
    let visits: Vec<Visit<'_>> = walk(plan).collect();
    let family: Vec<Option<String>> = visits.iter().map(family).collect();
    let mut works: Vec<Work> = visits
        .iter()
        .map(|visit| Work {
            role: role(visit.node),
            object: object(visit),
            aliases: String::new(),
            relations: String::new(),
            scope: scope(visit),
            subtree: 0,
            own: super::planned::fingerprint(visit.node),
        })
        .collect();
    // Children have larger ids than their parents.
    for visit in visits.iter().rev() {
        let id = visit.node.id;
        let below = || nodes(visit.node).filter(|node| node.reads_relation());
        let named = |node: &PlanNode| family[node.id].clone().or_else(|| node.called().map(str::to_owned));
        works[id].aliases = joined(below().filter_map(named).collect::<BTreeSet<_>>());
        works[id].relations = joined(below().filter_map(|node| family[node.id].clone().or_else(|| node.relation.clone())));
        let children = visit.node.children.iter().map(|child| works[child.id].subtree);
        works[id].subtree = children.fold(works[id].own, |sum, child| sum.rotate_left(5).wrapping_mul(31) ^ child);
    }
    works
}

fn joined(names: impl IntoIterator<Item = String>) -> String {
    let mut names: Vec<String> = names.into_iter().collect();
    names.sort_unstable();
    names.join("\u{1f}")
}

/// PostgreSQL names the partitions of `sales s` below their Append `s_1`, `s_2` …; `None` for what is no partition.
fn family(visit: &Visit<'_>) -> Option<String> {
    let of_append = visit.ancestors.iter().any(|node| node.node_type.ends_with("Append"));
    let (name, number) = visit.node.called().filter(|_| of_append)?.rsplit_once('_')?;
    (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then(|| name.to_owned())
}

fn role(node: &PlanNode) -> &'static str {
    match node.node_type.as_str() {
        "ModifyTable" => "write",
        "Nested Loop" | "Hash Join" | "Merge Join" => "join",
        "Sort" | "Incremental Sort" => "sort",
        "Aggregate" if node.partial_mode.as_deref() == Some("Partial") => "aggregate a part",
        // Unique and Group are what DISTINCT and GROUP BY become when their input is sorted.
        "Aggregate" | "Group" | "Unique" => "aggregate",
        "Append" | "Merge Append" => "append",
        "Gather" | "Gather Merge" => "gather",
        "Bitmap Index Scan" => "bitmap of an index",
        "BitmapAnd" | "BitmapOr" => "combine bitmaps",
        "Materialize" | "Memoize" => "keep rows for the loop",
        _ if node.reads_relation() => "read",
        "Hash" => "hash",
        "Limit" => "limit",
        "Result" => "result",
        "ProjectSet" => "project set",
        "LockRows" => "lock",
        "SetOp" => "set operation",
        "WindowAgg" => "window",
        "Recursive Union" => "recursion",
        "WorkTable Scan" => "work table",
        "CTE Scan" => "read a CTE",
        "Subquery Scan" => "read a subquery",
        "Function Scan" | "Table Function Scan" => "call",
        "Values Scan" => "values",
        "Foreign Scan" => "foreign",
        _ => "other",
    }
}

/// A bitmap's relation is that of the heap scan above it.
fn object(visit: &Visit<'_>) -> String {
    let node = visit.node;
    let heap = || visit.ancestors.iter().rev().find_map(|node| node.called());
    let name = match node.node_type.as_str() {
        "Bitmap Index Scan" => node.index.as_deref().or_else(heap),
        "BitmapAnd" | "BitmapOr" => heap(),
        "ModifyTable" => node.relation.as_deref(),
        _ => node.called().or(node.cte.as_deref()).or(node.function.as_deref()).or(node.table_function.as_deref()),
    };
    let kind = if role(node) == "other" { node.node_type.as_str() } else { node.operation.as_deref().unwrap_or_default() };
    format!("{kind}\u{1f}{}", name.unwrap_or_default())
}

fn scope(visit: &Visit<'_>) -> String {
    let own = visit.node.subplan_name.as_deref();
    own.or_else(|| visit.ancestors.iter().rev().find_map(|node| node.subplan_name.as_deref())).unwrap_or_default().to_owned()
}
