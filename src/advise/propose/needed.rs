//! Which columns of a scan the plan really uses: those that an index must have to answer alone.

use std::collections::BTreeSet;

use super::names::Names;
use super::relation::Relation;
use crate::plan::walk::nodes;
use crate::plan::{PlanNode, Visit};

/// Nodes that hand on the rows they get: what they and the scan name is what somebody above may use.
const PASSING: &[&str] = &[
    "Append",
    "Gather",
    "Gather Merge",
    "Hash",
    "Incremental Sort",
    "Limit",
    "Materialize",
    "Memoize",
    "Merge Append",
    "Sort",
    "Unique",
];

/// The columns, in the order of the table. `None` when the plan does not tell (no VERBOSE), or when the row itself is needed: it is to
/// be locked or changed, or taken as a whole.
pub fn columns(visit: &Visit<'_>, names: &Names, relation: &Relation<'_>) -> Option<Vec<String>> {
    let scan = visit.node;
    let own = named(scan.output.iter().map(String::as_str), names)?;
    if scan.output.is_empty() || own.iter().any(|column| relation.table.column(column).is_none()) {
        return None;
    }
    let above = visit.ancestors.iter().rev().find(|node| !PASSING.contains(&node.node_type.as_str()));
    // A scan hands up all columns where that costs nothing, so what stands above tells more.
    let mut used = match above {
        Some(above) if !matches!(above.node_type.as_str(), "ModifyTable" | "LockRows") => {
            let told = used_by(above, scan, names);
            own.into_iter().filter(|column| told.as_ref().is_none_or(|told| told.contains(column))).collect()
        }
        Some(_) => return None,
        None => own,
    };
    used.extend(named(scan.filter.iter().chain(&scan.index_cond).chain(&scan.recheck_cond).map(String::as_str), names)?);
    Some(relation.table.columns.iter().map(|column| column.name.clone()).filter(|name| used.contains(name)).collect())
}

/// What a node makes its own rows of, and what the nodes below it, beside the scan, take from the scan's row. `None` when some text
/// cannot be read.
fn used_by(above: &PlanNode, scan: &PlanNode, names: &Names) -> Option<BTreeSet<String>> {
    let mut texts: Vec<&str> = above.output.iter().map(String::as_str).collect();
    for node in nodes(above).filter(|node| node.id != scan.id) {
        texts.extend(node.conditions().map(|(_, text)| text));
        texts.extend(node.sort_key.iter().chain(&node.group_key).map(String::as_str));
    }
    named(texts.into_iter(), names)
}

/// The columns of the relation in some texts.
fn named<'a>(texts: impl Iterator<Item = &'a str>, names: &Names) -> Option<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for text in texts {
        let text =
            text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).filter(|t| t.starts_with("PARTIAL ")).unwrap_or(text);
        let expr = names.sort_key(text.strip_prefix("PARTIAL ").unwrap_or(text)).expr;
        if expr.has_unknown() {
            return None;
        }
        let own = expr.columns().into_iter().filter(|column| column.is_of(&names.alias)).map(|column| column.name.clone());
        found.extend(own);
    }
    Some(found)
}
