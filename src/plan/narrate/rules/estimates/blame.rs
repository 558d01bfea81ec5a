//! The first bad node: where an estimate goes wrong, not where it is felt.
//!
//! A node is to blame when its rows per loop are off by ten and more, with 100 rows at least on the larger side, and no child of
//! it is off in the same direction by a third of that; what stands above only inherits the number. (Tenfold is where pev2 and the planner's
//! own rules of thumb begin to call an estimate bad.)

use crate::plan::condition::{Access, Expr, Target};
use crate::plan::narrate::context::{Conditions, Context, relation};
use crate::plan::narrate::rules::{joins::bigger_side, sides};
use crate::plan::narrate::words;
use crate::plan::text::type_name;
use crate::plan::{Estimate, PlanNode};

/// A node whose estimate is wrong by itself.
pub(in crate::plan::narrate::rules) struct Blamed<'a> {
    pub(super) node: &'a PlanNode,
    pub(super) estimate: Estimate,
    /// The step above that was chosen, ordered or given memory by the number.
    pub(super) decision: &'a PlanNode,
    pub(super) cause: Cause,
    /// At most so much came of it, ms.
    pub(super) harm_ms: f64,
    /// `the nested loop above ran its inner side 10,000 times (28.2 of 31.8 ms)`
    pub(super) harm: String,
}

/// Why the planner was wrong.
#[derive(Debug, PartialEq)]
pub(super) enum Cause {
    /// A function that does not say how many rows it returns.
    Function,
    /// Nobody analyzed the table, or much of it has changed since.
    Stale,
    /// Conditions on several columns, which the planner takes to be independent.
    Correlated(Vec<String>),
    /// A condition on an expression, of which nothing is known.
    Expression(Expr),
    Unknown,
}

/// The worst two that something depended on.
pub(in crate::plan::narrate::rules) fn blamed<'a>(context: &Context<'a>) -> Vec<Blamed<'a>> {
    let mut wrong: Vec<(&'a PlanNode, Estimate)> = context
        .executed()
        .filter(|visit| !stopped_early(visit.node, &visit.ancestors))
        .filter_map(|visit| Some((visit.node, context.node(visit.node).estimate?)))
        .filter(|(node, estimate)| is_wrong(estimate) && !inherited(context, node, estimate) && !makes_groups(node))
        .collect();
    wrong.sort_by(|(_, a), (_, b)| b.factor.total_cmp(&a.factor));
    wrong.into_iter().filter_map(|(node, estimate)| blame(context, node, estimate)).take(2).collect()
}

/// Whether a join was chosen for a number that a blamed node below got wrong.
pub(in crate::plan::narrate::rules) fn explains(context: &Context, join: &PlanNode) -> bool {
    let find = || blamed(context).iter().map(|blamed| blamed.decision.id).collect();
    context.misled.get_or_init(find).contains(&join.id)
}

fn blame<'a>(context: &Context<'a>, node: &'a PlanNode, estimate: Estimate) -> Option<Blamed<'a>> {
    let decisions: Vec<&PlanNode> = context.consumers(node).into_iter().filter(|above| is_decision(above)).collect();
    let first = *decisions.first()?;
    let worst = decisions.into_iter().map(|decision| (decision, harm(context, node, &estimate, decision)));
    let worst = worst.max_by(|(_, a), (_, b)| a.as_ref().map_or(0.0, |a| a.0).total_cmp(&b.as_ref().map_or(0.0, |b| b.0)));
    let (decision, harm_ms, harm) = match worst {
        Some((decision, Some((ms, harm)))) => (decision, ms, harm),
        _ => (first, 0.0, format!("the {} above was planned for the wrong number", type_name(first))),
    };
    Some(Blamed { node, estimate, decision, cause: cause(context, node, &estimate), harm_ms, harm })
}

pub(super) fn is_wrong(estimate: &Estimate) -> bool {
    estimate.factor >= 10.0 && estimate.planned.max(estimate.actual) >= 100.0
}

/// A child is off by nearly as much: it is to blame, or is a subplan's affair.
fn inherited(context: &Context, node: &PlanNode, estimate: &Estimate) -> bool {
    node.children
        .iter()
        .filter(|child| !child.is_sub_plan())
        .filter_map(|child| context.node(child).estimate)
        .any(|below| below.under == estimate.under && below.factor * 3.0 >= estimate.factor)
        || matches!(
            node.node_type.as_str(),
            "CTE Scan" | "WorkTable Scan" | "Materialize" | "Memoize" | "Limit" | "Gather" | "Gather Merge"
        )
}

/// The number of groups is estimated by itself, see `group-count-wrong`.
fn makes_groups(node: &PlanNode) -> bool {
    matches!(node.node_type.as_str(), "Aggregate" | "Group") && !node.group_key.is_empty()
}

/// Something above took only the first rows: a LIMIT, a semi-join, an EXISTS, one side of a merge.
pub(super) fn stopped_early(node: &PlanNode, ancestors: &[&PlanNode]) -> bool {
    let mut below = node;
    for above in ancestors.iter().rev() {
        let blocks = matches!(above.node_type.as_str(), "Sort" | "Hash" | "Aggregate" | "SetOp" | "ModifyTable");
        let stops = match above.node_type.as_str() {
            "Limit" | "Merge Join" | "Merge Append" => true,
            "Nested Loop" | "Hash Join" => {
                matches!(above.join_type.as_deref(), Some("Semi" | "Anti"))
                    && below.parent_relationship.as_deref() == Some("Inner")
                    || above.inner_unique == Some(true) && below.parent_relationship.as_deref() == Some("Inner")
            }
            _ => below.is_sub_plan() || below.is_init_plan(),
        };
        if stops || blocks {
            return stops && !blocks;
        }
        below = above;
    }
    false
}

/// Steps that the planner chooses, or orders, or gives memory by the number of rows.
fn is_decision(node: &PlanNode) -> bool {
    matches!(node.node_type.as_str(), "Nested Loop" | "Hash Join" | "Merge Join" | "Sort" | "Gather" | "Gather Merge")
        || node.strategy.as_deref() == Some("Hashed")
}

/// What the decision cost, as far as the plan shows it.
fn harm(context: &Context, node: &PlanNode, estimate: &Estimate, decision: &PlanNode) -> Option<(f64, String)> {
    let above = context.consumers(node);
    let below = |side: &PlanNode| side.id == node.id || above.iter().any(|above| above.id == side.id);
    let [outer, inner, ..] = sides(decision)[..] else { return None };
    if decision.node_type == "Nested Loop" && estimate.under && below(outer) && context.repeats(inner) >= 100.0 {
        let (ms, often) = (context.node(inner).elapsed_ms, words::times(context.repeats(inner)));
        return Some((ms, format!("the nested loop above ran its inner side {often}{}", context.aside(ms))));
    }
    if let Some(hashed) = bigger_side(context, decision) {
        let (built, asked) = (words::rows(hashed.built), words::count(hashed.asked));
        let aside = context.aside(hashed.own_ms);
        return Some((hashed.saves_ms(), format!("the hash join above built its table of {built}{aside} to look up {asked}")));
    }
    let hash = inner.hash.filter(|hash| below(inner) && hash.batches > hash.original_batches)?;
    let ms = (context.node(decision).exclusive_ms + context.node(inner).exclusive_ms) / 2.0;
    let (batches, planned) = (words::count(hash.batches), words::count(hash.original_batches));
    Some((ms, format!("the hash table above went through temporary files in {batches} parts, not {planned}")))
}

/// What in the plan and the facts explains it.
fn cause(context: &Context, node: &PlanNode, estimate: &Estimate) -> Cause {
    if node.node_type == "Function Scan" {
        return Cause::Function;
    }
    if !node.reads_relation() {
        return Cause::Unknown;
    }
    if is_stale(context, node) {
        return Cause::Stale;
    }
    let conditions = Conditions::all_of(node);
    let mut columns: Vec<String> = Vec::new();
    for predicate in conditions.predicates().into_iter().flatten() {
        match (predicate.target, predicate.access) {
            (Target::Expression(expr), _) => return Cause::Expression(expr.unqualified()),
            (
                Target::Column { column, .. },
                Access::Equality(_) | Access::Any(_) | Access::Null { .. } | Access::Truth { .. },
            ) if !columns.contains(&column.name) => columns.push(column.name.clone()),
            _ => {}
        }
    }
    if estimate.under && columns.len() >= 2 { Cause::Correlated(columns) } else { Cause::Unknown }
}

/// Never analyzed, or over a tenth of the rows changed since: what autovacuum_analyze_scale_factor and _threshold call enough.
fn is_stale(context: &Context, node: &PlanNode) -> bool {
    let Some(table) = context.table(node) else { return false };
    let changed = table.modified.zip(table.rows).is_some_and(|(modified, rows)| modified > 50.0 + 0.1 * rows);
    table.analyzed == Some(false) || changed
}

/// `The planner expected 6 rows from the bitmap heap scan of shop.purchases and 600 came, 100 times more`
pub(super) fn mistake(blamed: &Blamed) -> String {
    let Blamed { node, estimate, .. } = blamed;
    format!(
        "The planner expected {} from {} and {} came, {} times {}",
        words::rows(estimate.planned),
        source(node),
        words::some(estimate.actual),
        words::count(estimate.factor),
        if estimate.under { "more" } else { "fewer" }
    )
}

fn source(node: &PlanNode) -> String {
    match (&node.relation, &node.function) {
        (Some(_), _) => format!("the {} of {}", node.node_type.to_lowercase(), relation(node)),
        (None, Some(function)) => format!("the function {function}"),
        _ => format!("the {}", type_name(node).to_lowercase()),
    }
}
