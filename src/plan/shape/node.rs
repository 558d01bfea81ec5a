//! One node of a shape.

use crate::plan::PlanNode;
use crate::plan::condition::{unnumbered, without_values};

/// A node as the planner chose it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShapeNode {
    /// `Hash Join`, `Seq Scan` …
    pub node_type: String,
    /// `Hash Join Left`, `Aggregate Sorted Partial`, `Parallel Seq Scan`: all words that say what kind of node it is.
    pub kind: String,
    /// `InitPlan`, `Outer` …; absent at the root.
    pub role: Option<String>,
    /// The table scanned, or the name of the CTE or function.
    pub relation: Option<String>,
    /// What conditions call it.
    pub alias: Option<String>,
    pub index: Option<String>,
    /// Conditions and keys, each with its label, `?` for every value.
    pub terms: Vec<(&'static str, String)>,
    pub children: Vec<ShapeNode>,
}

impl ShapeNode {
    pub(super) fn of(node: &PlanNode) -> ShapeNode {
        if let Some(child) = only_part(node) {
            let mut left = ShapeNode::of(child);
            left.alias = left.alias.map(|alias| unnumbered(&alias).to_owned());
            left.role.clone_from(&node.parent_relationship);
            return left;
        }
        ShapeNode {
            node_type: node.node_type.clone(),
            kind: kind(node),
            role: node.parent_relationship.clone(),
            relation: [&node.relation, &node.cte, &node.function, &node.table_function, &node.tuplestore]
                .into_iter()
                .flatten()
                .next()
                .cloned(),
            alias: node.alias.clone(),
            index: node.index.clone(),
            terms: terms(node),
            children: node.children.iter().map(ShapeNode::of).collect(),
        }
    }

    pub(super) fn same_as(&self, other: &ShapeNode) -> bool {
        // Pairs that wait for their turn, and whether they are below scans of two partitions.
        let mut pending = vec![(self, other, false)];
        while let Some((one, two, apart)) = pending.pop() {
            let apart = apart || (one.relation != two.relation && one.alias.is_some() && one.alias == two.alias);
            if !one.same_node(two, apart) || one.children.len() != two.children.len() {
                return false;
            }
            pending.extend(one.children.iter().zip(&two.children).map(|(one, two)| (one, two, apart)));
        }
        true
    }

    fn same_node(&self, other: &ShapeNode, apart: bool) -> bool {
        self.kind == other.kind
            && self.role == other.role
            && self.alias == other.alias
            && self.terms == other.terms
            && if apart {
                self.relation.is_some() == other.relation.is_some() && self.index.is_some() == other.index.is_some()
            } else {
                self.relation == other.relation && self.index == other.index
            }
    }
}

/// The one partition that pruning at run time left. Planned with the value, there would be no Append above it.
fn only_part(node: &PlanNode) -> Option<&PlanNode> {
    let pruned = node.node_type == "Append" || node.node_type == "MergeAppend";
    match node.children.as_slice() {
        [only] if pruned && only.parent_relationship.as_deref() == Some("Member") => Some(only),
        _ => None,
    }
}

fn kind(node: &PlanNode) -> String {
    let parallel = node.parallel_aware.then_some("Parallel");
    let words = [
        parallel,
        Some(node.node_type.as_str()),
        node.custom_provider.as_deref(),
        node.operation.as_deref(),
        node.join_type.as_deref(),
        node.strategy.as_deref(),
        node.partial_mode.as_deref().filter(|mode| *mode != "Simple"),
        node.command.as_deref(),
        node.scan_direction.as_deref().filter(|direction| *direction == "Backward"),
        node.conflict.as_ref().and_then(|conflict| conflict.resolution.as_deref()),
    ];
    words.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn terms(node: &PlanNode) -> Vec<(&'static str, String)> {
    let conditions = node.conditions().map(|(label, text)| (label, without_values(text)));
    let keys = [("Sort Key", &node.sort_key), ("Presorted Key", &node.presorted_key), ("Group Key", &node.group_key)]
        .into_iter()
        .flat_map(|(label, keys)| keys.iter().map(move |key| (label, without_values(key))));
    let sets = node.grouping_sets.iter().map(|set| ("Grouping Set", format!("{set:?}")));
    let arbiters = node.conflict.iter().flat_map(|conflict| &conflict.arbiter_indexes).map(|name| ("Arbiter", name.clone()));
    conditions.chain(keys).chain(sets).chain(arbiters).collect()
}
