//! Two plans held against each other, node by node: which nodes do the same work, what took whose place, and what that saved.
//!
//! ```text
//! Plan, Plan ─ align ─> who stands for whom ─> NodeChange: kind, what is planned otherwise, figures of both sides
//! ```
//!
//! Nodes are matched by what they do (the relation that they read, the relations that they join, the operation), not by where they
//! stand, so that a plan whose join order turned round is not all new. Plans of two ways to write a statement can be compared, too.

mod align;
mod planned;
mod work;

use std::collections::HashMap;

use super::metrics::{Estimate, PlanMetrics, rows_read};
use super::walk::{Visit, walk};
use super::{Plan, PlanNode};

pub use align::{Alignment, align};
pub use planned::{Altered, label};

/// What became of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is planned the same.
    Same,
    /// The same operation with another condition, key or number of workers.
    Altered,
    /// Another operation does its work.
    Replaced,
    /// Only the plan before has it.
    Gone,
    /// Only the plan after has it.
    New,
}

/// A node of the plan before, the node of the plan after that does its work, or both.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeChange {
    pub kind: ChangeKind,
    /// `None` for a node that is new.
    pub before: Option<NodeFigures>,
    /// `None` for a node that is gone.
    pub after: Option<NodeFigures>,
    /// What is planned otherwise on the two sides.
    pub altered: Vec<Altered>,
}

/// A node and what it did, loops multiplied in; the figures are 0 where the plan was not executed.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeFigures {
    /// [`PlanNode::id`]
    pub node: usize,
    /// `Index Scan using songs_pkey on songs s`
    pub label: String,
    /// Whether it ran at all.
    pub executed: bool,
    /// Rows that a scan looked at, discarded ones included; `None` for nodes that read no relation.
    pub rows_read: Option<f64>,
    /// Rows handed up.
    pub rows: f64,
    /// Shared blocks hit and read by the node itself.
    pub blocks: u64,
    /// Temporary blocks read and written by the node itself.
    pub temp_blocks: u64,
    /// Time without its children, ms.
    pub exclusive_ms: f64,
    /// `None` when nothing was executed, estimates do not apply, or fewer rows came than planned because nobody asked for more.
    pub estimate: Option<Estimate>,
}

/// Every node of both plans, each once: in the order of the plan after, what is gone behind the node that it hung below.
pub fn changes(before: &Plan, after: &Plan) -> Vec<NodeChange> {
    let sides = [Side::of(before), Side::of(after)];
    let alignment = align(before, after);
    let mut found = Vec::new();
    for now in &sides[1].nodes {
        found.push(match alignment.before_of(now.id) {
            Some(id) => pair((&sides[0], sides[0].nodes[id]), (&sides[1], now)),
            None => NodeChange { kind: ChangeKind::New, before: None, after: Some(sides[1].figures(now)), altered: Vec::new() },
        });
    }
    with_gone(found, before, &sides[0], &alignment)
}

/// Whether nothing is planned otherwise, whatever time it took.
pub fn same_plan(changes: &[NodeChange]) -> bool {
    changes.iter().all(|change| change.kind == ChangeKind::Same)
}

fn pair((old_side, old): (&Side<'_>, &PlanNode), (new_side, new): (&Side<'_>, &PlanNode)) -> NodeChange {
    let altered = planned::altered(old, new);
    let kind = match (planned::same_operation(old, new), altered.is_empty()) {
        (false, _) => ChangeKind::Replaced,
        (true, false) => ChangeKind::Altered,
        (true, true) => ChangeKind::Same,
    };
    NodeChange { kind, before: Some(old_side.figures(old)), after: Some(new_side.figures(new)), altered }
}

/// Puts the nodes that are gone behind what became of the nearest node above them that is still there.
fn with_gone(kept: Vec<NodeChange>, before: &Plan, side: &Side<'_>, alignment: &Alignment) -> Vec<NodeChange> {
    let mut behind: HashMap<Option<usize>, Vec<NodeChange>> = HashMap::new();
    for visit in walk(before).filter(|visit| alignment.after_of(visit.node.id).is_none()) {
        let above = visit.ancestors.iter().rev().find_map(|node| alignment.after_of(node.id));
        let gone =
            NodeChange { kind: ChangeKind::Gone, before: Some(side.figures(visit.node)), after: None, altered: Vec::new() };
        behind.entry(above).or_default().push(gone);
    }
    let mut all = behind.remove(&None).unwrap_or_default();
    for change in kept {
        let id = change.after.as_ref().map(|figures| figures.node);
        all.push(change);
        all.extend(behind.remove(&id).unwrap_or_default());
    }
    all
}

/// A plan with its figures.
struct Side<'a> {
    /// By id.
    nodes: Vec<&'a PlanNode>,
    /// By id, whether somebody above may have stopped asking for rows before the node had handed up all of them.
    cut_short: Vec<bool>,
    metrics: PlanMetrics,
}

impl<'a> Side<'a> {
    fn of(plan: &'a Plan) -> Side<'a> {
        Side {
            nodes: walk(plan).map(|visit| visit.node).collect(),
            cut_short: walk(plan).map(|visit| cut_short(&visit)).collect(),
            metrics: PlanMetrics::of(plan),
        }
    }

    fn figures(&self, node: &PlanNode) -> NodeFigures {
        let metrics = self.metrics.node(node);
        NodeFigures {
            node: node.id,
            label: label(node),
            executed: node.executed(),
            rows_read: node.reads_relation().then(|| rows_read(node)),
            rows: metrics.rows,
            blocks: metrics.blocks,
            temp_blocks: metrics.temp_blocks,
            exclusive_ms: metrics.exclusive_ms,
            // Rows that nobody asked for are no mistake of the planner.
            estimate: metrics.estimate.filter(|estimate| estimate.under || !self.cut_short[node.id]),
        }
    }
}

/// A Limit takes as many rows as it needs, a merge join ends with the shorter side, a semi join with the first match; what collects all
/// of its input first shields the nodes below.
fn cut_short(visit: &Visit<'_>) -> bool {
    let mut below = visit.node;
    for above in visit.ancestors.iter().rev() {
        match above.node_type.as_str() {
            "Limit" | "Merge Join" => return true,
            "Nested Loop" | "Hash Join" => {
                let first_only = above.join_type.as_deref().is_some_and(|join| join.contains("Semi") || join.contains("Anti"));
                if (first_only || above.inner_unique == Some(true)) && below.parent_relationship.as_deref() == Some("Inner") {
                    return true;
                }
            }
            "Sort" | "Hash" | "Aggregate" | "BitmapAnd" | "BitmapOr" | "ModifyTable" | "SetOp" => return false,
            _ => {}
        }
        below = above;
    }
    false
}

#[cfg(test)]
mod tests;
