//! The change of a plan as a report has it.

use crate::plan::{Plan, change};
use crate::report::model::{AlteredText, ChangeKind, ExplainedPlan, ImpliedChange, NodeChange, NodeFigures, StatementChange};

/// What became of a statement's plan, and of the plans behind its foreign keys; `None` when one of the two cannot be read.
pub fn statement_change(before: &ExplainedPlan, after: &ExplainedPlan) -> Option<StatementChange> {
    let mut implied = Vec::new();
    implied_changes(before, after, &mut implied);
    Some(StatementChange { timed: None, nodes: of_json(before, after)?, implied })
}

/// It was read once before, so it can be read again.
fn of_json(before: &ExplainedPlan, after: &ExplainedPlan) -> Option<Vec<NodeChange>> {
    Some(node_changes(&Plan::from_json(&before.json).ok()?, &Plan::from_json(&after.json).ok()?))
}

fn implied_changes(before: &ExplainedPlan, after: &ExplainedPlan, into: &mut Vec<ImpliedChange>) {
    for now in &after.implied {
        let earlier = before.implied.iter().find(|earlier| earlier.constraint == now.constraint && earlier.sql == now.sql);
        let Some((before, after)) = earlier.and_then(|earlier| earlier.plan.as_deref()).zip(now.plan.as_deref()) else {
            continue;
        };
        if let Some(nodes) = of_json(before, after) {
            into.push(ImpliedChange { constraint: now.constraint.clone(), sql: now.sql.clone(), nodes });
        }
        implied_changes(before, after, into);
    }
}

/// Every node of both plans, matched.
pub fn node_changes(before: &Plan, after: &Plan) -> Vec<NodeChange> {
    change::changes(before, after).into_iter().map(node_change).collect()
}

fn node_change(change: change::NodeChange) -> NodeChange {
    let altered = change.altered.into_iter();
    NodeChange {
        kind: match change.kind {
            change::ChangeKind::Same => ChangeKind::Same,
            change::ChangeKind::Altered => ChangeKind::Altered,
            change::ChangeKind::Replaced => ChangeKind::Replaced,
            change::ChangeKind::Gone => ChangeKind::Gone,
            change::ChangeKind::New => ChangeKind::New,
        },
        before: change.before.map(figures),
        after: change.after.map(figures),
        altered: altered.map(|text| AlteredText { what: text.what, before: text.before, after: text.after }).collect(),
    }
}

fn figures(figures: change::NodeFigures) -> NodeFigures {
    NodeFigures {
        node: figures.node,
        label: figures.label,
        executed: figures.executed,
        rows_read: figures.rows_read,
        rows: figures.rows,
        blocks: figures.blocks,
        temp_blocks: figures.temp_blocks,
        exclusive_ms: figures.exclusive_ms,
        estimate_factor: figures.estimate.map(|estimate| estimate.factor),
    }
}
