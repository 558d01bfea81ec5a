//! A plan as a tree for people: one row per node with the figures that matter, before anybody decides how it is drawn.
//!
//! ```text
//! ExplainedPlan ─ of ─> PlanTree ─┬─ layout ──> lines of text, for the terminal and for code blocks of a page
//!                                 ├─ svg ─────> a picture of where the time goes
//!                                 └─ mermaid ─> a flowchart that GitHub draws
//! ```
//!
//! Figures are a node's own: its time and its blocks are without those of the nodes below it, so that a column adds up. Rows are
//! those of all loops together, what came as well as what was planned.

mod details;
mod guides;
pub mod layout;
pub mod mermaid;
mod name;
mod pictures;
mod rows;
pub mod svg;

pub use details::Detail;
pub use guides::{Guides, Strokes};
pub use name::Name;
pub use pictures::{PlanPicture, pictures};

use super::model::{ExplainedPlan, Finding};
use crate::plan::{Estimate, Plan};

/// What is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanTree {
    /// The nodes, parents before children, then the triggers.
    pub rows: Vec<Row>,
    /// Without ANALYZE there are costs and planned rows alone.
    pub analyzed: bool,
    /// Nodes have times. Off with TIMING OFF.
    pub timed: bool,
    /// Blocks were counted.
    pub buffers: bool,
    /// The statement's time, ms.
    pub execution_ms: Option<f64>,
    pub planning_ms: Option<f64>,
    /// Just-in-time compilation, which is part of the nodes' times, ms.
    pub jit_ms: Option<f64>,
}

/// A node, or a trigger below them all.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    /// Its place in a walk from the root; `None` for a trigger.
    pub node: Option<usize>,
    pub guides: Guides,
    pub name: Name,
    /// Wall time without its children, ms. `None` without timing.
    pub own_ms: Option<f64>,
    /// Wall time with its children, ms. `None` without timing.
    pub elapsed_ms: Option<f64>,
    /// Own time over the statement's, 0 to 1.
    pub share: f64,
    /// The planner's, with its children.
    pub cost: Option<f64>,
    /// Over all loops. `None` where PostgreSQL counts none.
    pub rows: Option<f64>,
    /// Over all loops; over one when not analyzed.
    pub planned: Option<f64>,
    /// How far the one is from the other.
    pub estimate: Option<Estimate>,
    /// 0 when it never ran. A trigger's calls.
    pub loops: f64,
    /// Processes that ran it at a time; 1 outside of Gather.
    pub processes: f64,
    /// Hit and read by itself.
    pub blocks: Option<u64>,
    pub details: Vec<Detail>,
    /// Numbers of the tips that speak of it, from 1.
    pub tips: Vec<usize>,
    /// The largest own time of all.
    pub worst: bool,
    pub executed: bool,
}

impl PlanTree {
    /// The tree of a plan; `tips` are the findings in the order in which they are numbered beside it. `None` when the plan's JSON
    /// is not there or is no plan.
    pub fn of(explained: &ExplainedPlan, tips: &[&Finding]) -> Option<PlanTree> {
        let plan = Plan::from_json(&explained.json).ok()?;
        Some(PlanTree::of_plan(&plan, tips))
    }

    /// The same of a plan that was read already.
    pub fn of_plan(plan: &Plan, tips: &[&Finding]) -> PlanTree {
        let mut rows = rows::nodes(plan);
        for (i, tip) in tips.iter().enumerate() {
            if let Some(row) = rows.iter_mut().find(|row| tip.node.is_some() && row.node == tip.node) {
                row.tips.push(i + 1);
            }
        }
        rows.extend(rows::triggers(plan));
        rows::mark_worst(&mut rows);
        PlanTree {
            rows,
            analyzed: plan.analyzed(),
            timed: plan.timed(),
            buffers: plan.root.buffers.is_some(),
            execution_ms: plan.execution_ms,
            planning_ms: plan.planning_ms,
            jit_ms: plan.jit.as_ref().and_then(|jit| jit.total_ms),
        }
    }

    /// The place of each row's parent; none of the root and of triggers.
    pub fn parents(&self) -> Vec<Option<usize>> {
        let mut line: Vec<usize> = Vec::new();
        let mut parents = Vec::with_capacity(self.rows.len());
        for (place, row) in self.rows.iter().enumerate() {
            line.truncate(if row.node.is_some() { row.guides.depth() } else { 0 });
            parents.push(line.last().copied().filter(|_| row.node.is_some()));
            line.push(place);
        }
        parents
    }
}
