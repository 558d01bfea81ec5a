//! Figures that a plan implies: exclusive times, rows over all loops, estimate factors, blocks.
//!
//! **Elapsed time of a node** is `Actual Total Time × Actual Loops`, divided by the number of processes that ran it: below a
//! Gather the loops of all processes are added up and the time is their average. The number of processes is the loops of the
//! Gather's child over the Gather's own, which also tells whether the leader took part.
//!
//! **Exclusive time** is a node's elapsed time without its children's. CTEs and other InitPlans hang below the node that declares
//! them but run inside the nodes that ask for their rows; their time is taken from those. Clocks and averages disagree a little,
//! so children that claim more than their parent had are scaled down. Exclusive times are therefore never negative and add up to
//! [`PlanMetrics::nodes_ms`] exactly.

mod time;

use super::walk::nodes;
use super::{Plan, PlanNode};

/// What [`PlanMetrics::of`] found.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanMetrics {
    /// By [`PlanNode::id`].
    nodes: Vec<NodeMetrics>,
    /// The statement's time: `Execution Time`, else that of the nodes. `None` without timing.
    pub execution_ms: Option<f64>,
    /// What the nodes took together, ms: the root, and data-modifying CTEs that ran after it. 0 without timing.
    pub nodes_ms: f64,
    /// All triggers together, ms.
    pub triggers_ms: f64,
    /// Rows that the scans of stored relations read over all loops, discarded ones included.
    pub rows_read: f64,
    /// Rows that the statement returned; of a statement that writes without RETURNING, the rows it wrote.
    pub rows_returned: f64,
    /// Shared blocks hit and read, of the whole plan.
    pub blocks: u64,
    /// Of these, the ones that were not in the buffer cache.
    pub blocks_read: u64,
}

/// Figures of one node.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct NodeMetrics {
    /// Wall time with its children, ms.
    pub elapsed_ms: f64,
    /// Wall time without its children, ms.
    pub exclusive_ms: f64,
    /// Exclusive time over the statement's time, 0 to 1.
    pub share: f64,
    /// Rows handed up over all loops.
    pub rows: f64,
    /// `None` when the plan was not analyzed, or the node never ran, or estimates do not apply to it.
    pub estimate: Option<Estimate>,
    /// Shared blocks hit and read by the node itself.
    pub blocks: u64,
    /// Temporary blocks read and written by the node itself.
    pub temp_blocks: u64,
    /// Processes that ran the node at a time; 1 outside of Gather.
    pub processes: f64,
}

/// How far the planner's row estimate is off, per loop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    pub planned: f64,
    pub actual: f64,
    /// The larger over the smaller, each at least 1; at least 1.
    pub factor: f64,
    /// More rows came than planned.
    pub under: bool,
}

impl Estimate {
    fn new(planned: f64, actual: f64) -> Estimate {
        let (low, high) = (planned.min(actual).max(1.0), planned.max(actual).max(1.0));
        Estimate { planned, actual, factor: high / low, under: actual > planned }
    }
}

impl PlanMetrics {
    /// Works the figures out. Without ANALYZE all of them are 0 or `None`.
    pub fn of(plan: &Plan) -> PlanMetrics {
        let times = time::times(plan);
        let execution_ms = plan.timed().then(|| plan.execution_ms.unwrap_or(times.total_ms));
        let mut metrics = vec![NodeMetrics::default(); plan.node_count];
        for node in nodes(&plan.root) {
            let exclusive_ms = times.exclusive_ms[node.id];
            metrics[node.id] = NodeMetrics {
                elapsed_ms: times.elapsed_ms[node.id],
                exclusive_ms,
                share: execution_ms.filter(|ms| *ms > 0.0).map_or(0.0, |ms| (exclusive_ms / ms).min(1.0)),
                rows: node.rows(),
                estimate: estimate(node),
                blocks: own_blocks(node, |b| b.shared_hit.saturating_add(b.shared_read)),
                temp_blocks: own_blocks(node, |b| b.temp_read.saturating_add(b.temp_written)),
                processes: times.processes[node.id],
            };
        }
        let root = plan.root.buffers.unwrap_or_default();
        PlanMetrics {
            nodes: metrics,
            execution_ms,
            nodes_ms: times.total_ms,
            triggers_ms: plan.triggers().iter().filter_map(|trigger| trigger.time_ms).sum(),
            rows_read: nodes(&plan.root).filter(|node| node.reads_relation()).map(rows_read).sum(),
            rows_returned: rows_returned(&plan.root),
            blocks: root.shared_hit.saturating_add(root.shared_read),
            blocks_read: root.shared_read,
        }
    }

    /// The figures of a node of the same plan.
    pub fn node(&self, node: &PlanNode) -> NodeMetrics {
        self.nodes.get(node.id).copied().unwrap_or_default()
    }

    /// The statement's time, or 0 without timing.
    pub fn total_ms(&self) -> f64 {
        self.execution_ms.unwrap_or(0.0)
    }
}

/// Rows that a scan looked at over all loops: those it handed up and those it discarded.
pub fn rows_read(scan: &PlanNode) -> f64 {
    scan.rows() + scan.rows_removed()
}

/// A ModifyTable without RETURNING hands up no row: what it wrote is what came from below.
fn rows_returned(root: &PlanNode) -> f64 {
    if root.node_type == "ModifyTable" && root.rows() == 0.0 {
        root.children.iter().filter(|child| !child.is_init_plan()).map(PlanNode::rows).sum()
    } else {
        root.rows()
    }
}

/// Nodes whose rows PostgreSQL does not count (bitmaps), or does not plan (writes without RETURNING), have no estimate to be
/// wrong.
fn estimate(node: &PlanNode) -> Option<Estimate> {
    let counted = !matches!(node.node_type.as_str(), "BitmapAnd" | "BitmapOr" | "ModifyTable" | "Hash");
    match (node.plan_rows, node.actual_rows) {
        (Some(planned), Some(actual)) if counted && node.loops() > 0.0 => Some(Estimate::new(planned, actual)),
        _ => None,
    }
}

fn own_blocks(node: &PlanNode, count: impl Fn(&super::Buffers) -> u64) -> u64 {
    let of = |node: &PlanNode| node.buffers.as_ref().map_or(0, &count);
    let children = node.children.iter().filter(|child| !child.is_init_plan());
    children.fold(of(node), |rest, child| rest.saturating_sub(of(child)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::fixtures;

    fn named<'a>(plan: &'a Plan, node_type: &str) -> &'a PlanNode {
        nodes(&plan.root).find(|node| node.node_type == node_type).unwrap()
    }

    #[test]
    fn exclusive_times_add_up_and_are_never_negative() {
        for (name, plan) in fixtures::timed() {
            let metrics = PlanMetrics::of(&plan);
            let exclusive: Vec<f64> = nodes(&plan.root).map(|node| metrics.node(node).exclusive_ms).collect();
            assert!(exclusive.iter().all(|ms| *ms >= 0.0), "{name}: {exclusive:?}");
            let (sum, root) = (exclusive.iter().sum::<f64>(), metrics.nodes_ms);
            assert!((sum - root).abs() <= root * 0.01, "{name}: {sum} of {root}");
            assert!(root >= plan.root.actual_total_ms.unwrap(), "{name}");
            // The server's own clock agrees, up to starting and stopping the executor.
            let whole = root + metrics.triggers_ms;
            assert!(whole <= metrics.total_ms() * 1.01 + 0.1, "{name}: {whole} of {}", metrics.total_ms());
        }
    }

    /// 1,000 loops of 0.0015 ms, which PostgreSQL rounds to 0.002 ms, claim 2 ms of the 1.6 ms that their parent had.
    #[test]
    fn children_that_claim_too_much_are_scaled_down() {
        let child = json!({"Node Type": "Index Scan", "Parent Relationship": "Inner", "Actual Startup Time": 0.0,
            "Actual Total Time": 0.002, "Actual Rows": 1, "Actual Loops": 1000});
        let plan = fixtures::json(json!({"Node Type": "Nested Loop", "Actual Startup Time": 0.0, "Actual Total Time": 1.6,
            "Actual Rows": 1000, "Actual Loops": 1, "Plans": [child]}));
        let metrics = PlanMetrics::of(&plan);
        let of = |node: &PlanNode| metrics.node(node);
        assert!((of(&plan.root.children[0]).exclusive_ms - 1.6).abs() < 1e-9);
        assert_eq!((of(&plan.root).exclusive_ms, metrics.nodes_ms), (0.0, 1.6));
    }

    /// Scaling is for rounding, not for hiding a wrong model: outside of parallel plans it must hardly be needed.
    #[test]
    fn a_leaf_keeps_its_own_time() {
        for (name, plan) in fixtures::timed() {
            let metrics = PlanMetrics::of(&plan);
            for leaf in nodes(&plan.root).filter(|node| node.children.is_empty() && metrics.node(node).processes == 1.0) {
                let own = leaf.actual_total_ms.unwrap() * leaf.loops();
                let ours = metrics.node(leaf).exclusive_ms;
                // An InitPlan's time may sit in its asker; nothing else may move more than the clock's resolution per loop.
                let slack = 0.02 * own + 0.001 * leaf.loops() + 0.05;
                let asks = leaf.node_type == "CTE Scan" || leaf.conditions().any(|(_, text)| text.contains('$'));
                assert!(asks || (own - ours).abs() <= slack, "{name} #{}: {own} but {ours}", leaf.id);
            }
        }
    }

    #[test]
    fn a_cte_is_charged_to_the_scan_that_pulls_it() {
        let plan = fixtures::timed_plan("cte-little-used");
        let metrics = PlanMetrics::of(&plan);
        let (scan, seq) = (named(&plan, "CTE Scan"), nodes(&plan.root).find(|node| node.relation.is_some()).unwrap());
        // The CTE Scan is the root here and claims all the time; its own is what storing and filtering takes.
        assert!(metrics.node(seq).exclusive_ms > 0.2 * metrics.nodes_ms);
        assert!(metrics.node(scan).exclusive_ms + metrics.node(seq).exclusive_ms <= metrics.nodes_ms * 1.0001);
    }

    #[test]
    fn parallel_time_is_wall_time() {
        let plan = fixtures::timed_plan("parallel");
        let metrics = PlanMetrics::of(&plan);
        let gather = named(&plan, "Gather");
        let child = &gather.children[0];
        assert_eq!(metrics.node(child).processes, child.loops());
        assert!(metrics.node(child).elapsed_ms <= metrics.node(gather).elapsed_ms);
        assert_eq!(metrics.node(named(&plan, "Hash Join")).rows, named(&plan, "Hash Join").rows());
    }

    #[test]
    fn data_modifying_ctes_count_beside_the_root() {
        let plan = fixtures::timed_plan("modifying-cte");
        assert!(PlanMetrics::of(&plan).nodes_ms > plan.root.actual_total_ms.unwrap() * 1.2);
    }

    #[test]
    fn rows_read_include_the_discarded() {
        let metrics = PlanMetrics::of(&fixtures::plan("01-seq-scan"));
        assert_eq!(metrics.rows_read, 919_039.0);
        assert!(metrics.rows_returned > 0.0 && metrics.rows_returned < 20.0);
        assert_eq!(PlanMetrics::of(&fixtures::plan("45-delete-cascade")).rows_returned, 1.0);
    }

    #[test]
    fn estimates_have_a_factor_and_a_direction() {
        let plan = fixtures::json(json!({"Node Type": "Seq Scan", "Plan Rows": 10, "Actual Rows": 2000, "Actual Loops": 3}));
        let estimate = PlanMetrics::of(&plan).node(&plan.root).estimate.unwrap();
        assert_eq!((estimate.factor, estimate.under), (200.0, true));
        let plan = fixtures::json(json!({"Node Type": "Seq Scan", "Plan Rows": 10, "Actual Rows": 0, "Actual Loops": 1}));
        let estimate = PlanMetrics::of(&plan).node(&plan.root).estimate.unwrap();
        assert_eq!((estimate.factor, estimate.under), (10.0, false));
        let plan = fixtures::json(json!({"Node Type": "Seq Scan", "Plan Rows": 10, "Actual Rows": 0, "Actual Loops": 0}));
        assert_eq!(PlanMetrics::of(&plan).node(&plan.root).estimate, None);
    }

    #[test]
    fn a_plan_that_was_not_executed_has_no_figures() {
        let metrics = PlanMetrics::of(&fixtures::plan("65-estimates-only"));
        assert_eq!((metrics.execution_ms, metrics.nodes_ms, metrics.rows_read), (None, 0.0, 0.0));
    }
}
