//! Ways through a plan: every node with its ancestors, the scans, the indexes used.

use std::collections::BTreeSet;

use super::{Plan, PlanNode};

/// A node on the way through the tree.
#[derive(Debug, Clone)]
pub struct Visit<'a> {
    pub node: &'a PlanNode,
    /// From the root down to the parent; empty at the root.
    pub ancestors: Vec<&'a PlanNode>,
}

impl<'a> Visit<'a> {
    /// The node that this one is a child of.
    pub fn parent(&self) -> Option<&'a PlanNode> {
        self.ancestors.last().copied()
    }
}

/// Every node, parents before children, in the order of their ids.
pub fn walk(plan: &Plan) -> impl Iterator<Item = Visit<'_>> {
    let mut pending = vec![Visit { node: &plan.root, ancestors: Vec::new() }];
    std::iter::from_fn(move || {
        let visit = pending.pop()?;
        for child in visit.node.children.iter().rev() {
            let mut ancestors = visit.ancestors.clone();
            ancestors.push(visit.node);
            pending.push(Visit { node: child, ancestors });
        }
        Some(visit)
    })
}

/// The nodes that read rows of a stored relation.
pub fn scans(plan: &Plan) -> impl Iterator<Item = &PlanNode> {
    nodes(&plan.root).filter(|node| node.reads_relation())
}

/// A node and everything below it, parents before children.
pub fn nodes(root: &PlanNode) -> impl Iterator<Item = &PlanNode> {
    let mut pending = vec![root];
    std::iter::from_fn(move || {
        let node = pending.pop()?;
        pending.extend(node.children.iter().rev());
        Some(node)
    })
}

/// An index by name; the schema only when the plan tells it (VERBOSE), and then the one of its table, where PostgreSQL keeps it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IndexRef {
    pub schema: Option<String>,
    pub name: String,
}

/// The indexes that some executed node looks into (planned nodes, when the plan was not executed), and those that ON CONFLICT
/// asks.
pub fn used_indexes(plan: &Plan) -> BTreeSet<IndexRef> {
    let mut used = BTreeSet::new();
    for visit in walk(plan).filter(|visit| visit.node.executed()) {
        let node = visit.node;
        // A bitmap index scan names no table: the schema is that of the heap scan above it.
        let heap = std::iter::once(node).chain(visit.ancestors.iter().rev().copied()).find(|node| node.relation.is_some());
        let schema = heap.and_then(|heap| heap.schema.clone());
        let arbiters = node.conflict.iter().flat_map(|conflict| &conflict.arbiter_indexes);
        used.extend(node.index.iter().chain(arbiters).map(|name| IndexRef { schema: schema.clone(), name: name.clone() }));
    }
    used
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::fixtures;

    #[test]
    fn walks_in_the_order_of_the_ids() {
        for (name, plan) in fixtures::all() {
            let ids: Vec<usize> = walk(&plan).map(|visit| visit.node.id).collect();
            assert_eq!(ids, (0..plan.node_count).collect::<Vec<_>>(), "{name}");
        }
    }

    #[test]
    fn bitmap_scans_count_once_as_scans_and_by_each_index() {
        let plan = fixtures::plan("04-bitmap-and");
        assert_eq!(scans(&plan).map(|node| node.node_type.as_str()).collect::<Vec<_>>(), ["Bitmap Heap Scan"]);
        let names: Vec<String> = used_indexes(&plan).into_iter().map(|index| index.name).collect();
        assert_eq!(names, ["tagged_a_idx", "tagged_b_idx"]);
    }

    #[test]
    fn an_index_that_never_ran_is_not_used() {
        let plan = fixtures::plan("52-never-executed");
        assert!(nodes(&plan.root).any(|node| node.index.is_some()));
        assert!(used_indexes(&plan).is_empty());
    }

    #[test]
    fn verbose_plans_tell_the_schema() {
        let used = used_indexes(&fixtures::plan("60-verbose-modify"));
        assert_eq!(used.first().unwrap(), &IndexRef { schema: Some("public".into()), name: "playlist_songs_pkey".into() });
    }
}
