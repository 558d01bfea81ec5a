//! Whether two plans of one statement do the same, whatever time they took.

use serde_json::Value;

use super::super::super::model::{ExplainedPlan, ImpliedStatement};

/// Texts in a plan's JSON that tell of one execution, not of the plan.
const MEASURED: [&str; 3] = ["Sort Method", "Sort Space Type", "Storage"];

/// Whether the nodes, their tables, indexes and conditions are the same, also in the statements that foreign keys run. Plans whose
/// JSON is missing are never the same.
pub(super) fn same_plan(before: &ExplainedPlan, after: &ExplainedPlan) -> bool {
    let nodes = root(before).zip(root(after)).is_some_and(|(before, after)| same_node(before, after));
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

fn root(plan: &ExplainedPlan) -> Option<&Value> {
    plan.json.get(0).unwrap_or(&plan.json).get("Plan")
}

/// All that is planned is text or a list of texts (node types, names, conditions, keys); numbers are costs and measurements.
fn same_node(before: &Value, after: &Value) -> bool {
    let (Some(before), Some(after)) = (before.as_object(), after.as_object()) else { return false };
    let planned = |value: &Value| match value {
        Value::String(_) => true,
        Value::Array(items) => items.iter().all(Value::is_string),
        _ => false,
    };
    let texts = |node: &serde_json::Map<String, Value>| {
        let kept = node.iter().filter(|(key, value)| planned(value) && !MEASURED.contains(&key.as_str()));
        let mut kept: Vec<(String, Value)> = kept.map(|(key, value)| (key.clone(), value.clone())).collect();
        kept.sort_by(|a, b| a.0.cmp(&b.0));
        kept
    };
    let children =
        |node: &serde_json::Map<String, Value>| node.get("Plans").and_then(Value::as_array).cloned().unwrap_or_default();
    let (inner, inner_after) = (children(before), children(after));
    texts(before) == texts(after)
        && inner.len() == inner_after.len()
        && inner.iter().zip(&inner_after).all(|(before, after)| same_node(before, after))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
            missing_index: None,
        }
    }

    #[test]
    fn only_what_is_planned_counts() {
        let before = plan(sort("(a = 1)", "quicksort", 9.0), Vec::new());
        assert!(same_plan(&before, &plan(sort("(a = 1)", "external merge", 2.0), Vec::new())));
        assert!(!same_plan(&before, &plan(sort("(a = 2)", "quicksort", 9.0), Vec::new())));
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
