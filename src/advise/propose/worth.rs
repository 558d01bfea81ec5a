//! What an index could save at most: the time of the nodes it shortens, by the share of their rows that are read for nothing.

use super::names::own_ancestors;
use super::relation::Relation;
use crate::plan::metrics::rows_read;
use crate::plan::{PlanMetrics, PlanNode, Visit};

/// A scan looks at fewer rows and blocks: it reads a page or two, and descending an index costs as much.
const FEWEST_ROWS: f64 = 100.0;
const FEWEST_BLOCKS: u64 = 100;

/// The weight of a scan in its plan. Times are ms; of a plan that was not executed they are the planner's cost.
#[derive(Debug, Clone, Copy, Default)]
pub struct Worth {
    pub scan: f64,
    /// Sorting and grouping above, and joining.
    pub above: f64,
    pub examined: f64,
    pub returned: f64,
    /// Rows that the nearest join or limit above leaves.
    pub left: f64,
}

impl Worth {
    pub fn of(visit: &Visit<'_>, relation: &Relation<'_>, metrics: &PlanMetrics) -> Worth {
        let node = visit.node;
        let below: f64 = node.children.iter().map(|child| own(child, metrics)).sum();
        let above = own_ancestors(visit).iter().copied();
        let working = |above: &&PlanNode| {
            matches!(
                above.node_type.as_str(),
                "Sort" | "Incremental Sort" | "Aggregate" | "Hash" | "Hash Join" | "Merge Join" | "Nested Loop"
            )
        };
        let (returned, examined) = rows(node, relation);
        let left = above
            .clone()
            .filter(|above| above.node_type.ends_with("Join") || matches!(above.node_type.as_str(), "Nested Loop" | "Limit"));
        Worth {
            scan: own(node, metrics) + below,
            above: above.clone().filter(working).map(|above| own(above, metrics)).sum(),
            examined,
            returned,
            left: left.map(returned_by).fold(returned, f64::min),
        }
    }

    /// Whether there is too little to save.
    pub fn is_nothing(&self, node: &PlanNode, metrics: &PlanMetrics) -> bool {
        self.examined < FEWEST_ROWS && node.loops() < FEWEST_ROWS && metrics.node(node).blocks < FEWEST_BLOCKS
    }

    /// By finding the rows that the scan's own conditions leave.
    pub fn of_lookup(&self) -> f64 {
        self.scan * self.share_without(self.returned)
    }

    /// By finding the rows that a join or a limit above leaves.
    pub fn of_all(&self) -> f64 {
        (self.scan + self.above) * self.share_without(self.left)
    }

    /// By not visiting the table for rows that the index has: half of the scan at a guess.
    pub fn of_table(&self) -> f64 {
        self.scan / 2.0
    }

    fn share_without(&self, rows: f64) -> f64 {
        1.0 - (rows / self.examined.max(1.0)).clamp(0.0, 1.0)
    }
}

fn own(node: &PlanNode, metrics: &PlanMetrics) -> f64 {
    match metrics.execution_ms {
        Some(_) => metrics.node(node).exclusive_ms,
        None => {
            let below: f64 = node.children.iter().filter_map(|child| child.total_cost).sum();
            (node.total_cost.unwrap_or(0.0) - below).max(0.0)
        }
    }
}

fn returned_by(node: &PlanNode) -> f64 {
    if node.actual_loops.is_some() { node.rows() } else { node.plan_rows.unwrap_or(0.0) }
}

/// Handed up, and looked at.
fn rows(node: &PlanNode, relation: &Relation<'_>) -> (f64, f64) {
    if node.actual_loops.is_some() {
        return (node.rows(), rows_read(node));
    }
    let planned = node.plan_rows.unwrap_or(0.0);
    let whole = node.node_type == "Seq Scan" || node.filter.is_some();
    (planned, if whole { relation.table.estimated_rows.max(planned) } else { planned })
}
