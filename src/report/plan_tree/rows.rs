//! The rows of the tree, from the plan and its metrics.

use super::details::{Detail, details};
use super::{Guides, Name, Row};
use crate::plan::{Plan, PlanMetrics, PlanNode};
use crate::units;

/// One row per node, parents before children.
pub(super) fn nodes(plan: &Plan) -> Vec<Row> {
    let metrics = PlanMetrics::of(plan);
    let mut rows = Vec::with_capacity(plan.node_count);
    let mut pending = vec![(&plan.root, Vec::new())];
    while let Some((node, follows)) = pending.pop() {
        let last = node.children.len().saturating_sub(1);
        for (i, child) in node.children.iter().enumerate().rev() {
            let mut below = follows.clone();
            below.push(i < last);
            pending.push((child, below));
        }
        let guides = Guides { follows, has_children: !node.children.is_empty() };
        rows.push(Row { guides, ..row(plan, &metrics, node) });
    }
    rows
}

fn row(plan: &Plan, metrics: &PlanMetrics, node: &PlanNode) -> Row {
    let figures = metrics.node(node);
    let timed = plan.timed() && node.executed();
    Row {
        node: Some(node.id),
        guides: Guides::default(),
        name: Name::of(node),
        own_ms: timed.then_some(figures.exclusive_ms),
        elapsed_ms: timed.then_some(figures.elapsed_ms),
        share: figures.share,
        cost: node.total_cost,
        rows: (plan.analyzed() && node.executed() && counts_rows(node)).then_some(figures.rows),
        planned: node.plan_rows.filter(|_| counts_rows(node)).map(|rows| rows * if plan.analyzed() { node.loops() } else { 1.0 }),
        estimate: figures.estimate,
        loops: node.loops(),
        processes: figures.processes,
        blocks: (node.buffers.is_some() && node.executed()).then_some(figures.blocks),
        details: details(node),
        tips: Vec::new(),
        worst: false,
        executed: node.executed(),
    }
}

/// PostgreSQL counts no rows of bitmaps, and none of a write that returns none.
fn counts_rows(node: &PlanNode) -> bool {
    match node.node_type.as_str() {
        "BitmapAnd" | "BitmapOr" => false,
        "ModifyTable" => node.plan_rows != Some(0.0),
        _ => true,
    }
}

/// One row per trigger, dearest first.
pub(super) fn triggers(plan: &Plan) -> Vec<Row> {
    let whole = plan.execution_ms.filter(|ms| *ms > 0.0);
    let mut fired: Vec<_> = plan.triggers().iter().collect();
    fired.sort_by(|a, b| b.time_ms.unwrap_or(0.0).total_cmp(&a.time_ms.unwrap_or(0.0)));
    let row = |trigger: &&crate::plan::Trigger| Row {
        name: Name::of_trigger(trigger),
        own_ms: trigger.time_ms,
        elapsed_ms: trigger.time_ms,
        share: trigger.time_ms.zip(whole).map_or(0.0, |(ms, whole)| (ms / whole).clamp(0.0, 1.0)),
        loops: 1.0,
        processes: 1.0,
        details: calls(trigger.calls),
        executed: true,
        ..Row::default()
    };
    fired.iter().map(row).collect()
}

fn calls(calls: f64) -> Vec<Detail> {
    let label = format!("{} calls", units::amount(calls));
    if calls > 1.0 { vec![Detail { label, text: String::new() }] } else { Vec::new() }
}

/// Marks the row with the largest own time, when there is one to choose.
pub(super) fn mark_worst(rows: &mut [Row]) {
    if rows.len() < 2 {
        return;
    }
    let own = |row: &Row| row.own_ms.unwrap_or(0.0);
    let most = rows.iter().map(own).fold(0.0, f64::max);
    if let Some(worst) = rows.iter_mut().find(|row| most > 0.0 && own(row) == most) {
        worst.worst = true;
    }
}
