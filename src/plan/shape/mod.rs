//! What a plan does, without its figures and values: two executions of one statement have the same shape when the planner chose the
//! same nodes over the same tables and indexes.

mod node;
mod words;

pub use node::ShapeNode;

use super::Plan;

/// A plan as the planner chose it.
///
/// Estimates, measurements, output columns and the number of workers are no part of it, nor are the values in conditions, so that a
/// generic plan (`kind = $1`) can be held against a custom one (`kind = 'sale'`). The partition of a table that a value leads to is no
/// part of it either.
#[derive(Debug, Clone)]
pub struct Shape {
    pub root: ShapeNode,
}

impl Shape {
    pub fn of(plan: &Plan) -> Shape {
        Shape { root: ShapeNode::of(&plan.root) }
    }

    /// Whether both do the same. Scans of one alias over different tables are scans of two partitions of the same table; their indexes
    /// have different names, then.
    pub fn same_as(&self, other: &Shape) -> bool {
        self.root.same_as(&other.root)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::fixtures;

    fn shape(node: serde_json::Value) -> Shape {
        Shape::of(&fixtures::json(node))
    }

    #[test]
    fn a_plan_has_its_own_shape_whatever_was_measured_and_no_others() {
        let timed = fixtures::timed();
        let shapes: Vec<(&String, Shape)> = timed.iter().map(|(name, plan)| (name, Shape::of(plan))).collect();
        for (i, (name, one)) in shapes.iter().enumerate() {
            assert!(one.same_as(&Shape::of(&timed[i].1)), "{name}");
            for (other, two) in &shapes[i + 1..] {
                let alike = one.same_as(two);
                assert_eq!(alike, two.same_as(one), "{name} {other}");
            }
        }
        assert!(!shapes[0].1.same_as(&shapes[1].1), "{} {}", shapes[0].0, shapes[1].0);
    }

    #[test]
    fn figures_values_and_output_do_not_count() {
        let scan = |rows: f64, value: &str, output: &str| {
            shape(json!({"Node Type": "Index Scan", "Relation Name": "sale", "Alias": "s", "Index Name": "sale_kind",
                "Index Cond": format!("(s.kind = {value})"), "Plan Rows": rows, "Total Cost": rows, "Actual Rows": rows,
                "Actual Loops": 1, "Output": [output]}))
        };
        assert!(scan(1.0, "'a'::text", "id").same_as(&scan(9.0, "$1", "s.id")));
    }

    #[test]
    fn nodes_joins_indexes_conditions_and_order_count() {
        let base = json!({"Node Type": "Nested Loop", "Join Type": "Inner", "Plans": [
            {"Node Type": "Seq Scan", "Relation Name": "a", "Alias": "a", "Filter": "(x = 1)", "Parent Relationship": "Outer"},
            {"Node Type": "Index Scan", "Relation Name": "b", "Alias": "b", "Index Name": "b_x", "Index Cond": "(b.x = a.x)",
             "Scan Direction": "Forward", "Parent Relationship": "Inner"}]});
        let changed = |pointer: &str, value: &str| {
            let mut other = base.clone();
            *other.pointer_mut(pointer).unwrap() = json!(value);
            shape(other)
        };
        let same = shape(base.clone());
        assert!(same.same_as(&changed("/Plans/0/Filter", "(x = 2)")));
        for (pointer, value) in [
            ("/Node Type", "Hash Join"),
            ("/Join Type", "Left"),
            ("/Plans/0/Filter", "(y = 1)"),
            ("/Plans/1/Index Name", "b_y"),
            ("/Plans/1/Alias", "c"),
            ("/Plans/1/Scan Direction", "Backward"),
            ("/Plans/0/Parent Relationship", "InitPlan"),
        ] {
            assert!(!same.same_as(&changed(pointer, value)), "{pointer}");
        }
        let mut turned = base.clone();
        turned["Plans"].as_array_mut().unwrap().reverse();
        assert!(!same.same_as(&shape(turned)));
        let mut less = base;
        less["Plans"].as_array_mut().unwrap().pop();
        assert!(!same.same_as(&shape(less)));
    }

    #[test]
    fn partitions_of_one_table_are_the_same_scan() {
        let part = |table: &str, index: &str| {
            json!({"Node Type": "Bitmap Heap Scan", "Relation Name": table, "Alias": "event", "Recheck Cond": "(event.id = 1)",
                "Plans": [{"Node Type": "Bitmap Index Scan", "Index Name": index, "Index Cond": "(event.id = 1)"}]})
        };
        let one = shape(part("event_2024", "event_2024_id_idx"));
        assert!(one.same_as(&shape(part("event_2025", "event_2025_id_idx"))));
        assert!(!one.same_as(&shape(part("event_2024", "event_2024_other_idx"))), "the same table, another index");
        let child = json!({"Node Type": "Bitmap Heap Scan", "Relation Name": "event_2025", "Alias": "event_2", "Parent Relationship": "Member",
            "Recheck Cond": "(event_2.id = $1)",
            "Plans": [{"Node Type": "Bitmap Index Scan", "Index Name": "event_2025_id_idx", "Index Cond": "(event_2.id = $1)"}]});
        let generic = shape(json!({"Node Type": "Append", "Subplans Removed": 11, "Plans": [child.clone()]}));
        assert!(one.same_as(&generic), "what pruning at run time leaves is what planning would have left");
        let two = shape(json!({"Node Type": "Append", "Subplans Removed": 10, "Plans": [child.clone(), child]}));
        assert!(!one.same_as(&two));
    }
}
