//! What the text layout calls the types of nodes, and what JSON calls them: `HashAggregate` is an `Aggregate` that hashes.
//!
//! The names are those of `ExplainNode` in `src/backend/commands/explain.c`, PostgreSQL 12 to 18.

use crate::plan::PlanNode;

/// Types that both formats call the same; a name that begins with another stands before it.
const PLAIN: &[&str] = &[
    "Append",
    "Bitmap Heap Scan",
    "Bitmap Index Scan",
    "BitmapAnd",
    "BitmapOr",
    "CTE Scan",
    "Foreign Scan",
    "Function Scan",
    "Gather Merge",
    "Gather",
    "Group",
    "Hash",
    "Incremental Sort",
    "Index Only Scan",
    "Index Scan",
    "Limit",
    "LockRows",
    "Materialize",
    "Memoize",
    "Merge Append",
    "Named Tuplestore Scan",
    "ProjectSet",
    "Recursive Union",
    "Result",
    "Sample Scan",
    "Seq Scan",
    "Sort",
    "Subquery Scan",
    "Table Function Scan",
    "Tid Range Scan",
    "Tid Scan",
    "Unique",
    "Values Scan",
    "WindowAgg",
    "WorkTable Scan",
];

const AGGREGATES: [(&str, &str); 4] =
    [("GroupAggregate", "Sorted"), ("HashAggregate", "Hashed"), ("MixedAggregate", "Mixed"), ("Aggregate", "Plain")];

const JOIN_TYPES: [&str; 7] = ["Right Semi", "Right Anti", "Left", "Full", "Right", "Semi", "Anti"];

/// What is left of a name after its type.
pub(super) struct Rest<'a> {
    pub(super) rest: &'a str,
    /// The type is one of PostgreSQL's.
    pub(super) known: bool,
}

/// Takes the type from the start of a heading's name.
pub(super) fn take<'a>(node: &mut PlanNode, name: &'a str) -> Rest<'a> {
    let mut rest = name;
    if let Some(after) = rest.strip_prefix("Parallel ") {
        (node.parallel_aware, rest) = (true, after.trim_start());
    }
    if let Some(after) = rest.strip_prefix("Async ") {
        (node.async_capable, rest) = (true, after.trim_start());
    }
    let known = aggregate(node, rest)
        .or_else(|| join(node, rest))
        .or_else(|| set_operation(node, rest))
        .or_else(|| modification(node, rest))
        .or_else(|| custom(node, rest))
        .or_else(|| plain(node, rest));
    match known {
        Some(rest) => Rest { rest, known: true },
        None => Rest { rest: unknown(node, rest), known: false },
    }
}

/// What follows a word, if the text begins with it.
fn after<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let rest = text.strip_prefix(word)?;
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then(|| rest.trim_start())
}

fn aggregate<'a>(node: &mut PlanNode, name: &'a str) -> Option<&'a str> {
    let (mode, rest) = ["Partial", "Finalize"]
        .into_iter()
        .find_map(|mode| after(name, mode).map(|rest| (mode, rest)))
        .unwrap_or(("Simple", name));
    let (strategy, rest) = AGGREGATES.into_iter().find_map(|(word, strategy)| after(rest, word).map(|rest| (strategy, rest)))?;
    node.node_type = "Aggregate".into();
    node.partial_mode = Some(mode.into());
    node.strategy = Some(strategy.into());
    Some(rest)
}

/// `Nested Loop`, `Nested Loop Left Join`, `Hash Join`, `Merge Right Anti Join`
fn join<'a>(node: &mut PlanNode, name: &'a str) -> Option<&'a str> {
    let (node_type, rest) = [("Nested Loop", "Nested Loop"), ("Merge", "Merge Join"), ("Hash", "Hash Join")]
        .into_iter()
        .find_map(|(word, node_type)| after(name, word).map(|rest| (node_type, rest)))?;
    let special = JOIN_TYPES.into_iter().find_map(|join| Some((join, after(after(rest, join)?, "Join")?)));
    let (join_type, rest) = match (special, node_type) {
        (Some((join_type, rest)), _) => (join_type, rest),
        (None, "Nested Loop") => ("Inner", rest),
        (None, _) => ("Inner", after(rest, "Join")?),
    };
    node.node_type = node_type.into();
    node.join_type = Some(join_type.into());
    Some(rest)
}

/// `SetOp Intersect`, `HashSetOp Except All`
fn set_operation<'a>(node: &mut PlanNode, name: &'a str) -> Option<&'a str> {
    let (strategy, rest) = [("HashSetOp", "Hashed"), ("SetOp", "Sorted")]
        .into_iter()
        .find_map(|(word, strategy)| after(name, word).map(|rest| (strategy, rest)))?;
    node.node_type = "SetOp".into();
    node.strategy = Some(strategy.into());
    node.command = (!rest.is_empty()).then(|| rest.to_owned());
    Some("")
}

/// `Insert on songs`, `Foreign Update on songs`
fn modification<'a>(node: &mut PlanNode, name: &'a str) -> Option<&'a str> {
    let (node_type, name) = after(name, "Foreign").map_or(("ModifyTable", name), |rest| ("Foreign Scan", rest));
    let (operation, rest) = ["Insert", "Update", "Delete", "Merge"]
        .into_iter()
        .find_map(|operation| after(name, operation).map(|rest| (operation, rest)))
        .filter(|(_, rest)| after(rest, "on").is_some() || rest.is_empty() && node_type == "Foreign Scan")?;
    node.node_type = node_type.into();
    node.operation = Some(operation.into());
    Some(rest)
}

/// `Custom Scan (ChunkAppend) on metrics`
fn custom<'a>(node: &mut PlanNode, name: &'a str) -> Option<&'a str> {
    let rest = after(name, "Custom Scan")?;
    node.node_type = "Custom Scan".into();
    match rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
        Some((provider, rest)) => {
            node.custom_provider = Some(provider.to_owned());
            Some(rest.trim_start())
        }
        None => Some(rest),
    }
}

fn plain<'a>(node: &mut PlanNode, name: &'a str) -> Option<&'a str> {
    let (node_type, rest) = PLAIN.iter().find_map(|word| after(name, word).map(|rest| (*word, rest)))?;
    node.node_type = node_type.into();
    if node_type == "Foreign Scan" {
        node.operation = Some("Select".into());
    }
    Some(rest)
}

/// A type of an extension or of a version to come: everything before its target.
fn unknown<'a>(node: &mut PlanNode, name: &'a str) -> &'a str {
    let end = [" on ", " using "].into_iter().filter_map(|word| name.find(word)).min().unwrap_or(name.len());
    node.node_type = name[..end].to_owned();
    name[end..].trim_start()
}
