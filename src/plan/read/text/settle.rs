//! What follows from the rest once all lines are there: the tree, the children's relationships, and what the text left out because
//! it was zero.

use super::sets;
use super::tree::{Draft, Tree};
use crate::plan::node::{UNNAMED_ACTION, UNNAMED_CHECK};
use crate::plan::read::error::{PASTE_WHOLE, ReadError};
use crate::plan::{Buffers, Plan, PlanNode, TextForm, Trigger, Wal, walk};

pub(super) fn settle(tree: Tree, first: usize, last: usize) -> Result<Plan, ReadError> {
    let Tree { mut plan, mut nodes, relations_named, .. } = tree;
    related(&mut nodes);
    whole(&nodes, first, last)?;
    let seen = Seen::of(&plan, &nodes);
    let written = nodes.iter().find(|draft| draft.node.node_type == "ModifyTable").and_then(|draft| draft.node.relation.clone());
    plan.node_count = nodes.len();
    for (id, draft) in nodes.iter_mut().enumerate() {
        draft.node.id = id;
        sets::settle(&mut draft.node, std::mem::take(&mut draft.keys));
        seen.complete(&mut draft.node);
    }
    plan.root = assembled(nodes);
    if plan.analyzed() {
        let mut triggers = plan.triggers.take().unwrap_or_default();
        for trigger in triggers.iter_mut().filter(|trigger| trigger.relation.is_empty()) {
            // It is left out when one table alone is written to.
            trigger.relation = written.clone().unwrap_or_default();
        }
        for trigger in triggers.iter_mut().filter(|trigger| trigger.name.is_empty()) {
            trigger.name = kind_of_key_trigger(&plan, trigger).to_owned();
        }
        plan.triggers = Some(triggers);
    }
    plan.form = Some(TextForm { relations_named });
    Ok(plan)
}

/// The beginning of the name of a foreign key's trigger, which the text leaves out without VERBOSE: `a` acts when rows that are
/// pointed at go or change, `c` checks rows that point. A DELETE only acts and an INSERT only checks; else a constraint that is
/// called after the table (`links_song_id_fkey` on `links`, PostgreSQL's default) checks it.
fn kind_of_key_trigger(plan: &Plan, trigger: &Trigger) -> &'static str {
    let writes = |node: &&PlanNode| {
        node.node_type == "ModifyTable"
            && (node.relation.as_ref() == Some(&trigger.relation)
                || node.target_tables.iter().any(|table| table.relation == trigger.relation))
    };
    let operation = walk::nodes(&plan.root).find(writes).and_then(|node| node.operation.as_deref());
    let own = trigger.constraint.as_deref().and_then(|name| name.strip_prefix(&*trigger.relation));
    let checks = match operation {
        Some("Delete") => false,
        Some("Insert") => true,
        _ => own.is_some_and(|rest| rest.starts_with('_')),
    };
    if checks { UNNAMED_CHECK } else { UNNAMED_ACTION }
}

/// Gives each child its `Parent Relationship`, which follows from its name and its place.
fn related(nodes: &mut [Draft]) {
    let mut inputs = vec![0; nodes.len()];
    for i in 1..nodes.len() {
        let Some(parent) = nodes[i].parent else { continue };
        let relationship = match nodes[i].node.subplan_name.as_deref() {
            Some(name) if name.starts_with("SubPlan") => "SubPlan",
            // CTEs too: they run when somebody asks for their rows.
            Some(_) => "InitPlan",
            None => {
                inputs[parent] += 1;
                match (nodes[parent].node.node_type.as_str(), inputs[parent]) {
                    ("Append" | "Merge Append" | "BitmapAnd" | "BitmapOr", _) => "Member",
                    ("Subquery Scan", _) => "Subquery",
                    ("Custom Scan", _) => "child",
                    (_, 1) => "Outer",
                    (_, 2) => "Inner",
                    // ModifyTable before PostgreSQL 14.
                    _ => "Member",
                }
            }
        };
        nodes[i].node.parent_relationship = Some(relationship.to_owned());
    }
    // UPDATE of several tables, before PostgreSQL 14: all children are alike.
    for i in 1..nodes.len() {
        if let Some(parent) = nodes[i].parent.filter(|parent| inputs[*parent] > 1)
            && nodes[parent].node.node_type == "ModifyTable"
            && nodes[i].node.subplan_name.is_none()
        {
            nodes[i].node.parent_relationship = Some("Member".to_owned());
        }
    }
}

/// Whether every node has the inputs that its type needs: a plan that was cut off has not, nor one that lost its indentation.
fn whole(nodes: &[Draft], first: usize, last: usize) -> Result<(), ReadError> {
    let mut inputs = vec![0; nodes.len()];
    for draft in nodes.iter().filter(|draft| draft.node.subplan_name.is_none()) {
        if let Some(parent) = draft.parent {
            inputs[parent] += 1;
        }
    }
    for (draft, has) in nodes.iter().zip(inputs) {
        let Some((least, most)) = needs(&draft.node) else { continue };
        if has < least || has > most {
            let needs = if has < least { least } else { most };
            let node = crate::plan::text::type_name(&draft.node);
            return Err(ReadError::Incomplete { first, last, node, at: draft.line, has, needs, next: PASTE_WHOLE });
        }
    }
    Ok(())
}

/// The fewest and the most inputs of a type of node; `None` when any number may be.
fn needs(node: &PlanNode) -> Option<(usize, usize)> {
    Some(match node.node_type.as_str() {
        "Nested Loop" | "Merge Join" | "Hash Join" | "Recursive Union" => (2, 2),
        "Sort" | "Incremental Sort" | "Limit" | "Unique" | "Materialize" | "Memoize" | "WindowAgg" | "Group" | "LockRows"
        | "Gather" | "Gather Merge" | "ProjectSet" | "Subquery Scan" | "Hash" | "Aggregate" | "Bitmap Heap Scan" => (1, 1),
        // From PostgreSQL 18 a set operation has both inputs itself.
        "SetOp" => (1, 2),
        "Result" => (0, 1),
        "Seq Scan"
        | "Sample Scan"
        | "Index Scan"
        | "Index Only Scan"
        | "Bitmap Index Scan"
        | "Tid Scan"
        | "Tid Range Scan"
        | "Function Scan"
        | "Table Function Scan"
        | "Values Scan"
        | "CTE Scan"
        | "Named Tuplestore Scan"
        | "WorkTable Scan" => (0, 0),
        "ModifyTable" | "BitmapAnd" | "BitmapOr" => (1, usize::MAX),
        _ => return None,
    })
}

/// Which options the plan was made with, as far as it shows.
struct Seen {
    analyzed: bool,
    timed: bool,
    buffers: bool,
    wal: bool,
    /// PostgreSQL 18: rows have decimals.
    fractional: bool,
}

impl Seen {
    fn of(plan: &Plan, nodes: &[Draft]) -> Self {
        let any = |test: fn(&PlanNode) -> bool| nodes.iter().any(|draft| test(&draft.node));
        let planning = plan.planning.as_ref().is_some_and(|planning| planning.buffers.is_some());
        Seen {
            analyzed: any(|node| node.actual_loops.is_some()),
            timed: any(|node| node.actual_total_ms.is_some()),
            buffers: planning || any(|node| node.buffers.is_some()),
            wal: any(|node| node.wal.is_some()),
            fractional: nodes.iter().any(|draft| draft.fractional),
        }
    }

    /// Puts in what JSON would have had: the text leaves zeros out.
    fn complete(&self, node: &mut PlanNode) {
        if self.timed && !node.executed() {
            (node.actual_startup_ms, node.actual_total_ms) = (Some(0.0), Some(0.0));
        }
        if self.analyzed && self.buffers {
            node.buffers.get_or_insert(Buffers::default());
        }
        if self.analyzed && self.wal {
            node.wal.get_or_insert(Wal::default());
        }
        if self.fractional {
            node.disabled.get_or_insert(false);
        }
        if node.node_type == "Gather" {
            node.single_copy.get_or_insert(false);
        }
    }
}

/// Puts the children into their parents. They stand behind them, so going backwards every node is whole before it moves.
fn assembled(mut nodes: Vec<Draft>) -> PlanNode {
    while let Some(mut draft) = nodes.pop() {
        draft.node.children.reverse();
        let Some(parent) = draft.parent else { return *draft.node };
        nodes[parent].node.children.push(*draft.node);
    }
    PlanNode::default()
}
