//! What is planned of a node, apart from what it cost.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::plan::PlanNode;
use crate::plan::text::type_name;

/// A condition, key or number that differs between two nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Altered {
    /// As EXPLAIN labels it: `Filter`, `Sort Key`, `Workers Planned`.
    pub what: String,
    /// `None` where there is none.
    pub before: Option<String>,
    pub after: Option<String>,
}

/// The node as EXPLAIN's first line has it, without figures: `Index Scan using songs_pkey on songs s`.
pub fn label(node: &PlanNode) -> String {
    let mut text = operation(node);
    let object = node.relation.as_ref().or(node.function.as_ref()).or(node.table_function.as_ref()).or(node.cte.as_ref());
    let alias = node.alias.as_ref().filter(|alias| Some(*alias) != object);
    if object.is_some() || alias.is_some() {
        text.push_str(" on");
    }
    for name in object.into_iter().chain(alias) {
        text.push(' ');
        text.push_str(name);
    }
    text
}

/// `Parallel Index Scan Backward using songs_pkey`
fn operation(node: &PlanNode) -> String {
    let parallel = if node.parallel_aware { "Parallel " } else { "" };
    let backward = if node.scan_direction.as_deref() == Some("Backward") { " Backward" } else { "" };
    let index = match (&node.index, node.node_type.as_str()) {
        (Some(index), "Bitmap Index Scan") => format!(" on {index}"),
        (Some(index), _) => format!(" using {index}"),
        (None, _) => String::new(),
    };
    format!("{parallel}{}{backward}{index}", type_name(node))
}

/// Whether both do the same in the same way, to the same object, under whatever alias.
pub(super) fn same_operation(before: &PlanNode, after: &PlanNode) -> bool {
    operation(before) == operation(after) && before.relation == after.relation
}

/// What differs in the planned texts of two nodes.
pub(super) fn altered(before: &PlanNode, after: &PlanNode) -> Vec<Altered> {
    let (old, new) = (texts(before), texts(after));
    let mut labels: Vec<&str> = old.iter().chain(&new).map(|(label, _)| *label).collect();
    labels.dedup();
    let mut found: Vec<Altered> = Vec::new();
    for what in labels {
        let of = |texts: &[(&str, String)]| texts.iter().find(|(label, _)| *label == what).map(|(_, text)| text.clone());
        let (before, after) = (of(&old), of(&new));
        if before != after && found.iter().all(|altered| altered.what != what) {
            found.push(Altered { what: what.to_owned(), before, after });
        }
    }
    found
}

/// Conditions, keys and workers, by EXPLAIN's labels.
fn texts(node: &PlanNode) -> Vec<(&'static str, String)> {
    let mut texts: Vec<(&'static str, String)> = node.conditions().map(|(label, text)| (label, text.to_owned())).collect();
    for (label, keys) in [("Sort Key", &node.sort_key), ("Presorted Key", &node.presorted_key), ("Group Key", &node.group_key)] {
        if !keys.is_empty() {
            texts.push((label, keys.join(", ")));
        }
    }
    texts.extend(node.workers_planned.map(|workers| ("Workers Planned", format!("{workers:.0}"))));
    texts.extend(node.inner_unique.filter(|unique| *unique).map(|_| ("Inner Unique", "true".to_owned())));
    texts
}

/// Equal for nodes that are planned the same.
pub(super) fn fingerprint(node: &PlanNode) -> u64 {
    let mut hasher = DefaultHasher::new();
    label(node).hash(&mut hasher);
    texts(node).hash(&mut hasher);
    node.parent_relationship.hash(&mut hasher);
    hasher.finish()
}
