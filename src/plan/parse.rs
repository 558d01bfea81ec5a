//! `EXPLAIN (FORMAT JSON)` of PostgreSQL 12 to 18 into a [`Plan`].
//!
//! Every key is looked at once. A key that nobody knows goes into the `other` map of its node, so a newer server loses nothing; a
//! key that we know with a value of another kind is an error that names its JSON path.

mod details;
mod node;
mod slot;

use serde_json::{Map, Value};

use super::{Plan, PlanError};
use slot::{Path, Slot};

/// Plans nested deeper than this are refused: reading, copying and printing go down the tree, and threads may have as little as 2
/// MB of stack. Nothing real is lost, since serde_json reads no JSON nested deeper than 128, which is 63 nodes.
pub const MAX_DEPTH: usize = 100;

impl Plan {
    /// Reads what `EXPLAIN (FORMAT JSON)` returned: the array of one plan, or the object inside it (as `auto_explain` logs it).
    ///
    /// # Errors
    /// When the value is something else, with the path of the first thing that is wrong; when it holds no plan or several; when
    /// it is nested deeper than [`MAX_DEPTH`].
    pub fn from_json(value: &Value) -> Result<Plan, PlanError> {
        let path = Path::root();
        match value {
            Value::Array(plans) => match plans.as_slice() {
                [] => Err(PlanError::Empty),
                [Value::String(message)] => Err(PlanError::Utility { message: message.clone() }),
                [plan] => statement(Slot::new(plan, path.index(0))),
                several => Err(PlanError::Several { count: several.len() }),
            },
            value => statement(Slot::new(value, path)),
        }
    }
}

fn statement(slot: Slot) -> Result<Plan, PlanError> {
    let map = slot.object()?;
    let Some(root) = map.get("Plan") else {
        return Err(PlanError::Missing { path: slot.path.to_string(), key: "Plan" });
    };
    let mut count = 0;
    let mut plan = Plan { root: *node::read(Slot::new(root, slot.path.key("Plan")), 1, &mut count)?, ..Plan::default() };
    plan.node_count = count;
    for (key, value) in map {
        let slot = Slot::new(value, slot.path.key(key));
        match key.as_str() {
            "Plan" => {}
            "Planning Time" => plan.planning_ms = Some(slot.number()?),
            "Execution Time" => plan.execution_ms = Some(slot.number()?),
            "Planning" => plan.planning = Some(details::planning(slot)?),
            "Triggers" => plan.triggers = Some(slot.list(details::trigger)?),
            "Settings" => plan.settings = Some(details::settings(slot)?),
            "JIT" => plan.jit = Some(details::jit(slot)?),
            "Serialization" => plan.serialization = Some(details::serialization(slot)?),
            "Query Identifier" => plan.query_id = Some(slot.scalar()?),
            "Query Text" => plan.query_text = Some(slot.text()?),
            _ => keep(&mut plan.other, key, value),
        }
    }
    Ok(plan)
}

/// Keeps a field that we do not know.
fn keep(other: &mut Map<String, Value>, key: &str, value: &Value) {
    other.insert(key.to_owned(), value.clone());
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(value: Value) -> String {
        Plan::from_json(&value).unwrap_err().to_string()
    }

    #[test]
    fn garbage_is_refused_with_the_path() {
        insta::assert_snapshot!(message(json!(7)), @r#"not a plan: $ should be an object, but is 7; pass what EXPLAIN (FORMAT JSON) printed, whole"#);
        insta::assert_snapshot!(message(json!([])), @"no plan in the list: EXPLAIN printed an empty array, so the statement was rewritten to nothing; explain another statement");
        insta::assert_snapshot!(message(json!([{"plan": {}}])), @r#"not a plan: $[0] has no "Plan"; pass what EXPLAIN (FORMAT JSON) printed, whole"#);
        insta::assert_snapshot!(message(json!(["Utility Statement"])), @r#"no plan: EXPLAIN says "Utility Statement"; only SELECT, INSERT, UPDATE, DELETE, MERGE, VALUES and EXECUTE have one"#);
        insta::assert_snapshot!(message(json!([{}, {}])), @"2 plans in the list, because a rule rewrote the statement into several; explain them one at a time");
        let inner =
            json!([{"Plan": {"Node Type": "Limit", "Plans": [{"Node Type": "Result"}, {"Node Type": "Sort", "Sort Key": [1]}]}}]);
        insta::assert_snapshot!(message(inner), @r#"not a plan: $[0].Plan.Plans[1]["Sort Key"][0] should be a string, but is 1; pass what EXPLAIN (FORMAT JSON) printed, whole"#);
        insta::assert_snapshot!(message(json!({"Plan": {"Node Type": "Result", "Actual Rows": "many"}})), @r#"not a plan: $.Plan["Actual Rows"] should be a number, but is "many"; pass what EXPLAIN (FORMAT JSON) printed, whole"#);
        insta::assert_snapshot!(message(json!({"Plan": {"Strategy": "Plain"}})), @r#"not a plan: $.Plan has no "Node Type"; pass what EXPLAIN (FORMAT JSON) printed, whole"#);
    }

    fn nested(depth: usize) -> Value {
        let mut plan = json!({"Node Type": "Result"});
        for _ in 1..depth {
            plan = json!({"Node Type": "Limit", "Plans": [plan]});
        }
        json!([{ "Plan": plan }])
    }

    #[test]
    fn depth_is_limited_by_an_error() {
        let plan = Plan::from_json(&nested(MAX_DEPTH)).unwrap();
        assert_eq!(plan.node_count, MAX_DEPTH);
        assert_eq!(plan.clone(), plan);
        assert!(format!("{plan:?}").contains("Limit"));
        assert!(crate::plan::to_text(&plan, crate::plan::TextOptions::default()).contains("Result"));
        assert!(message(nested(MAX_DEPTH + 1)).starts_with("the plan is nested deeper than 100 nodes at $[0].Plan.Plans[0]"));
    }

    #[test]
    fn unknown_fields_are_kept() {
        let plan =
            Plan::from_json(&json!({"Plan": {"Node Type": "Result", "Quantum Leaps": 3, "Astral I/O Time": 7}, "Moon": "full"}))
                .unwrap();
        assert_eq!(plan.root.other["Quantum Leaps"], 3);
        assert_eq!(plan.other["Moon"], "full");
        assert_eq!((&plan.root.io, &plan.root.other["Astral I/O Time"]), (&None, &json!(7)), "times of another kind");
    }

    #[test]
    fn later_versions_send_other_fields() {
        // As PostgreSQL 18 sends them: fractional rows, Disabled, Index Searches, Storage, split I/O times.
        let plan = Plan::from_json(&json!([{"Plan": {
            "Node Type": "WindowAgg", "Parallel Aware": false, "Async Capable": false, "Actual Rows": 2.00, "Actual Loops": 1,
            "Disabled": false, "Window": "w1 AS (PARTITION BY a)", "Storage": "Memory", "Maximum Storage": 17,
            "Shared I/O Read Time": 0.25, "Plans": [{"Node Type": "Index Scan", "Parent Relationship": "Outer", "Actual Rows": 0.33,
            "Actual Loops": 3, "Index Searches": 3, "Disabled": true}]}, "Planning": {"Memory Used": 12, "Memory Allocated": 16}}]))
        .unwrap();
        let child = &plan.root.children[0];
        assert_eq!(plan.root.storage.as_ref().unwrap().maximum_kb, 17.0);
        assert_eq!(plan.root.io.unwrap().shared_read_ms, Some(0.25));
        assert_eq!((child.actual_rows, child.index_searches, child.disabled), (Some(0.33), Some(3.0), Some(true)));
        assert_eq!(plan.planning.unwrap().memory_allocated_kb, Some(16.0));
        assert!(plan.root.other.is_empty());
    }
}
