//! Estimated plans read as if they had come true, so that what proposes indexes from executed plans works on them.

use std::collections::HashMap;

use crate::db::{Connection, DbError};
use crate::plan::{Plan, PlanNode};

/// `reltuples` of every table, partitions included.
pub struct RowCounts(HashMap<(String, String), f64>);

impl RowCounts {
    /// # Errors
    /// When the connection is lost.
    pub async fn read(connection: &mut Connection) -> Result<RowCounts, DbError> {
        let sql = "SELECT n.nspname::text, c.relname::text, c.reltuples::float8 FROM pg_class AS c \
                   JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm') AND c.reltuples > 0";
        let rows: Vec<(String, String, f64)> = connection.rows(sql).await?;
        Ok(RowCounts(rows.into_iter().map(|(schema, name, rows)| ((schema, name), rows)).collect()))
    }

    fn of(&self, node: &PlanNode) -> Option<f64> {
        let name = (node.schema.clone()?, node.relation.clone()?);
        self.0.get(&name).copied()
    }
}

/// The plan with actual rows and loops as the planner expects them, and without times.
pub fn as_if_executed(plan: &Plan, rows: &RowCounts) -> Plan {
    let mut plan = plan.clone();
    assume(&mut plan.root, 1.0, rows);
    plan
}

fn assume(node: &mut PlanNode, loops: f64, rows: &RowCounts) {
    let returned = node.plan_rows.unwrap_or(0.0);
    node.actual_loops = Some(loops);
    node.actual_rows = Some(returned);
    // A scan of the whole table looks at every row; how many an index scan throws away, nobody knows.
    if node.filter.is_some() && node.node_type == "Seq Scan" {
        node.removed_by_filter = rows.of(node).map(|all| (all - returned).max(0.0));
    }
    let repeats = node.node_type == "Nested Loop";
    let outer = node.children.iter().find(|child| child.parent_relationship.as_deref() == Some("Outer"));
    let outer_rows = outer.and_then(|outer| outer.plan_rows).unwrap_or(1.0).max(1.0);
    for child in &mut node.children {
        let own = match child.parent_relationship.as_deref() {
            // An inner side that is kept (Materialize, Memoize) is read more seldom than this.
            Some("Inner") if repeats => loops * outer_rows,
            Some("SubPlan") => loops * returned.max(1.0),
            _ => loops,
        };
        assume(child, own, rows);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_scan_looks_at_all_rows_and_an_inner_side_at_each_outer_one() {
        let outer = json!({"Node Type": "Seq Scan", "Parent Relationship": "Outer", "Schema": "public", "Relation Name": "t", "Alias": "t",
            "Filter": "(t.a = 1)", "Plan Rows": 20});
        let inner = json!({"Node Type": "Index Scan", "Parent Relationship": "Inner", "Schema": "public", "Relation Name": "u", "Alias": "u",
            "Filter": "(u.b = 1)", "Plan Rows": 2});
        let plan =
            Plan::from_json(&json!([{"Plan": {"Node Type": "Nested Loop", "Plan Rows": 40, "Plans": [outer, inner]}}])).unwrap();
        let rows = RowCounts(HashMap::from([(("public".to_owned(), "t".to_owned()), 1000.0)]));
        let assumed = as_if_executed(&plan, &rows);
        let [outer, inner] = assumed.root.children.as_slice() else { panic!("two children") };
        assert_eq!((outer.loops(), outer.rows(), outer.rows_removed()), (1.0, 20.0, 980.0));
        assert_eq!((inner.loops(), inner.rows(), inner.rows_removed()), (20.0, 40.0, 0.0));
    }
}
