//! `wrong-estimate`: the planner expected ten times more or fewer rows than came, and everything above was planned for the wrong
//! number.
//!
//! **Sees** the lowest node whose rows per loop are off by a factor of ten or more, at least 100 rows on the larger side; the
//! nodes above are not blamed. The worst two.
//! **Evidence**: `Plan Rows` against `Actual Rows`.
//! **Bad**: `rows=428` planned, `rows=28505` counted.
//! **Good**: 2,000 planned and 1,300 counted.
//! **Wrong** for nodes that a LIMIT or a semi-join stops early (they are skipped), and without consequence when there is nothing
//! to choose.

use super::super::context::{Conditions, Context, relation, tip};
use super::super::{Tip, words};
use crate::plan::condition::Target;
use crate::plan::quote::quote_identifier;
use crate::plan::text::type_name;
use crate::plan::{Estimate, PlanNode};

const NAME: &str = "wrong-estimate";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut wrong: Vec<(&PlanNode, Estimate)> = context
        .executed()
        .filter(|visit| !stopped_early(visit.node, &visit.ancestors))
        .filter_map(|visit| Some((visit.node, context.node(visit.node).estimate?)))
        .filter(|(node, estimate)| is_wrong(estimate) && !inherited(context, node, estimate))
        .collect();
    wrong.sort_by(|(_, a), (_, b)| b.factor.total_cmp(&a.factor));
    wrong.truncate(2);
    wrong.into_iter().filter_map(|(node, estimate)| say(context, node, estimate)).collect()
}

fn is_wrong(estimate: &Estimate) -> bool {
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

/// Something above took only the first rows: a LIMIT, a semi-join, an EXISTS, one side of a merge.
fn stopped_early(node: &PlanNode, ancestors: &[&PlanNode]) -> bool {
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

fn say(context: &Context, node: &PlanNode, estimate: Estimate) -> Option<Tip> {
    let decision = context.consumers(node).into_iter().find(|above| is_decision(above))?;
    let sentence = format!(
        "The planner expected {} from {} and {} came, {} times {}; the {} above was planned for the wrong number.",
        words::rows(estimate.planned),
        source(node),
        words::some(estimate.actual),
        words::count(estimate.factor),
        if estimate.under { "more" } else { "fewer" },
        type_name(decision)
    );
    Some(tip(NAME, node, sentence, 0.0, context.node(decision).elapsed_ms).next(remedy(node)))
}

/// Steps that the planner chooses, or orders, or gives memory by the number of rows.
fn is_decision(node: &PlanNode) -> bool {
    matches!(node.node_type.as_str(), "Nested Loop" | "Hash Join" | "Merge Join" | "Sort" | "Gather" | "Gather Merge")
        || node.strategy.as_deref() == Some("Hashed")
}

fn source(node: &PlanNode) -> String {
    match (&node.relation, &node.function) {
        (Some(_), _) => format!("the {} of {}", node.node_type.to_lowercase(), relation(node)),
        (None, Some(function)) => format!("the function {function}"),
        _ => format!("the {}", type_name(node).to_lowercase()),
    }
}

/// PostgreSQL before 16 wants statistics to have a name.
fn statistics_name(node: &PlanNode) -> String {
    quote_identifier(&format!("{}_statistics", node.relation.as_deref().unwrap_or_default())).into_owned()
}

/// Statistics that the planner lacks for this condition.
fn remedy(node: &PlanNode) -> Option<String> {
    if node.function.is_some() {
        return Some("Give the function a ROWS clause with the usual number.".to_owned());
    }
    if !node.reads_relation() {
        return None;
    }
    let conditions = Conditions::of(node, true);
    let mut columns: Vec<&str> = Vec::new();
    for predicate in conditions.predicates().into_iter().flatten() {
        match predicate.target {
            Target::Expression(expr) => {
                let (table, expr) = (relation(node), expr.unqualified());
                return Some(format!(
                    "CREATE STATISTICS {} ON {expr} FROM {table}, then ANALYZE {table}: an expression has none of its own (PostgreSQL 14 \
                     and later).",
                    statistics_name(node)
                ));
            }
            Target::Column { column, .. } if !columns.contains(&column.name.as_str()) => columns.push(&column.name),
            Target::Column { .. } => {}
        }
    }
    Some(match columns.as_slice() {
        [_, _, ..] => format!(
            "ANALYZE {0}; if that does not help, the columns depend on each other: CREATE STATISTICS {1} (dependencies, mcv) ON {2} FROM {0}.",
            relation(node),
            statistics_name(node),
            columns.join(", ")
        ),
        _ => format!("ANALYZE {}.", relation(node)),
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    fn join(planned: u32, filter: &str) -> crate::plan::Plan {
        fixtures::json(
            serde_json::json!({"Plan": {"Node Type": "Hash Join", "Plan Rows": planned, "Actual Rows": 25_000, "Actual Loops": 1,
            "Actual Startup Time": 0.1, "Actual Total Time": 60.0, "Plans": [
            {"Node Type": "Seq Scan", "Parent Relationship": "Outer", "Relation Name": "t", "Alias": "t", "Filter": filter,
             "Plan Rows": planned, "Actual Rows": 25_000, "Actual Loops": 1, "Actual Startup Time": 0.0, "Actual Total Time": 5.0}]},
            "Execution Time": 61.0}),
        )
    }

    #[test]
    fn fires_at_the_lowest_wrong_node() {
        insta::assert_snapshot!(said_of(super::check, &join(25, "((t.city = 'Ulm'::text) AND (t.zip = '89073'::text))")), @"
        The planner expected 25 rows from the seq scan of t and 25,000 came, 1,000 times more; the Hash Join above was planned for the wrong number.
        ANALYZE t; if that does not help, the columns depend on each other: CREATE STATISTICS t_statistics (dependencies, mcv) ON city, zip FROM t.
        ");
        insta::assert_snapshot!(said_of(super::check, &join(125, "((t.id % 3) = 1)")), @"
        The planner expected 125 rows from the seq scan of t and 25,000 came, 200 times more; the Hash Join above was planned for the wrong number.
        CREATE STATISTICS t_statistics ON (id % 3) FROM t, then ANALYZE t: an expression has none of its own (PostgreSQL 14 and later).
        ");
    }

    #[test]
    fn quiet_when_right_or_stopped_by_a_limit_or_without_consequence() {
        assert_eq!(said_of(super::check, &join(20_000, "(t.a = 1)")), "");
        assert_eq!(said(super::check, "library-offset"), "");
        // 428 expected, 28,505 came, into a plain aggregate: nothing was decided by it.
        assert_eq!(said(super::check, "jit"), "");
    }
}
