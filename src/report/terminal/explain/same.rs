//! Whether two plans of one statement do the same, whatever time they took.

use super::super::super::model::{ExplainedPlan, ImpliedStatement};
use crate::plan::{Plan, Shape};

/// Whether the nodes, their tables, indexes and conditions are the same, also in the statements that foreign keys run. Plans whose
/// JSON is missing are never the same.
pub(super) fn same_plan(before: &ExplainedPlan, after: &ExplainedPlan) -> bool {
    let nodes = shape(before).zip(shape(after)).is_some_and(|(before, after)| before.same_as(&after));
    nodes
        && before.implied.len() == after.implied.len()
        && after.implied.iter().all(|now| counterpart(before, now).is_some_and(|earlier| same_implied(earlier, now)))
}

/// Neither was worth a plan, or both have the same.
pub(super) fn same_implied(before: &ImpliedStatement, after: &ImpliedStatement) -> bool {
    match (&before.plan, &after.plan) {
        (Some(before), Some(after)) => same_plan(before, after),
        (None, None) => true,
        _ => false,
    }
}

/// The statement of the same foreign key in the plan before.
pub(super) fn counterpart<'a>(before: &'a ExplainedPlan, now: &ImpliedStatement) -> Option<&'a ImpliedStatement> {
    before.implied.iter().find(|earlier| earlier.constraint == now.constraint && earlier.sql == now.sql)
}

/// `None` when there is no plan, or one that only a later perflab can read.
fn shape(plan: &ExplainedPlan) -> Option<Shape> {
    Plan::from_json(&plan.json).ok().map(|plan| Shape::of(&plan))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn plan(json: Value, implied: Vec<ImpliedStatement>) -> ExplainedPlan {
        ExplainedPlan {
            text: String::new(),
            json,
            execution_ms: 1.0,
            planning_ms: 0.1,
            rows_read: 1.0,
            rows_returned: 1.0,
            blocks: 1,
            findings: Vec::new(),
            implied,
            ..ExplainedPlan::default()
        }
    }

    fn sort(filter: &str, method: &str, ms: f64) -> Value {
        let scan = json!({"Node Type": "Seq Scan", "Relation Name": "t", "Filter": filter, "Actual Total Time": ms});
        json!([{"Plan": {"Node Type": "Sort", "Sort Key": ["a"], "Sort Method": method, "Plans": [scan]}, "Execution Time": ms}])
    }

    fn implied(json: Option<Value>) -> ImpliedStatement {
        ImpliedStatement {
            constraint: "t_fkey".into(),
            table: "t".into(),
            sql: "DELETE FROM t WHERE a = $1".into(),
            trigger_ms: 1.0,
            trigger_calls: 1,
            plan: json.map(|json| Box::new(plan(json, Vec::new()))),
            ..ImpliedStatement::default()
        }
    }

    #[test]
    fn only_what_is_planned_counts() {
        let before = plan(sort("(a = 1)", "quicksort", 9.0), Vec::new());
        assert!(same_plan(&before, &plan(sort("(a = 1)", "external merge", 2.0), Vec::new())));
        assert!(!same_plan(&before, &plan(sort("(b = 1)", "quicksort", 9.0), Vec::new())));
        assert!(!same_plan(&plan(Value::Null, Vec::new()), &plan(Value::Null, Vec::new())), "nothing to compare is no sameness");
    }

    #[test]
    fn a_cascade_counts_with_its_statement() {
        let delete = || json!([{"Plan": {"Node Type": "ModifyTable"}}]);
        let with = |inner: Option<Value>| plan(delete(), vec![implied(inner)]);
        let slow = with(Some(sort("(a = 1)", "quicksort", 9.0)));
        assert!(same_plan(&slow, &with(Some(sort("(a = 1)", "quicksort", 3.0)))));
        assert!(!same_plan(&slow, &with(Some(json!([{"Plan": {"Node Type": "Index Scan"}}])))));
        assert!(!same_plan(&slow, &with(None)));
    }
}
