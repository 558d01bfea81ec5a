//! Tables that a call reads from end to end.

use std::collections::BTreeMap;

use crate::plan::{Plan, PlanNode, walk};
use crate::report::model::ExplainedPlan;

use super::endpoint::StatementPlan;

/// Rows read by the sequential scans of one table in one statement.
#[derive(Debug, Clone, PartialEq)]
pub struct SeqScan {
    pub table: String,
    /// Over all loops, workers and partitions; rows that a filter threw away included.
    pub rows: f64,
    /// From 1.
    pub step: usize,
    /// The foreign key that ran the statement, when none of the scenario's did.
    pub constraint: Option<String>,
}

/// The scan that reads most; `None` when no statement scans a table.
pub fn largest(plans: &[StatementPlan]) -> Option<SeqScan> {
    let own = plans.iter().flat_map(|statement| named(&statement.plan, statement.step + 1, None));
    let implied = plans.iter().flat_map(|statement| {
        let keys =
            statement.explained.implied.iter().filter_map(|one| Some((one.constraint.as_str(), read(one.plan.as_deref()?)?)));
        keys.flat_map(|(constraint, plan)| named(&plan, statement.step + 1, Some(constraint))).collect::<Vec<_>>()
    });
    own.chain(implied).max_by(|one, other| one.rows.total_cmp(&other.rows))
}

/// It was read once before, so it can be read again.
fn read(explained: &ExplainedPlan) -> Option<Plan> {
    Plan::from_json(&explained.json).ok()
}

fn named(plan: &Plan, step: usize, constraint: Option<&str>) -> Vec<SeqScan> {
    let scan = |(table, rows)| SeqScan { table, rows, step, constraint: constraint.map(str::to_owned) };
    of_plan(plan).into_iter().map(scan).collect()
}

/// By table (of partitions, by the alias they share below their Append) the rows that sequential scans read.
fn of_plan(plan: &Plan) -> Vec<(String, f64)> {
    let mut found: BTreeMap<(Option<usize>, String), (String, f64)> = BTreeMap::new();
    for visit in walk(plan).filter(|visit| visit.node.node_type == "Seq Scan" && visit.node.executed()) {
        let append = visit.ancestors.iter().rev().find(|node| node.node_type.ends_with("Append")).map(|node| node.id);
        let relation = visit.node.relation.clone().unwrap_or_default();
        let shared = append.map_or_else(|| visit.node.id.to_string(), |_| family(visit.node));
        let entry = found.entry((append, shared)).or_insert((relation, 0.0));
        entry.1 += visit.node.rows() + visit.node.rows_removed();
    }
    found.into_values().collect()
}

/// PostgreSQL names the partitions of `sales s` `s_1`, `s_2` …
fn family(node: &PlanNode) -> String {
    let alias = node.alias.as_deref().or(node.relation.as_deref()).unwrap_or_default();
    match alias.rsplit_once('_') {
        Some((name, number)) if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => name.to_owned(),
        _ => alias.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn scans(plan: serde_json::Value) -> Vec<(String, f64)> {
        of_plan(&Plan::from_json(&json!([{"Plan": plan}])).unwrap())
    }

    fn scan(relation: &str, alias: &str, rows: f64, removed: f64, loops: f64) -> serde_json::Value {
        json!({
            "Node Type": "Seq Scan", "Relation Name": relation, "Alias": alias, "Actual Rows": rows,
            "Rows Removed by Filter": removed, "Actual Loops": loops, "Parent Relationship": "Member",
        })
    }

    #[test]
    fn workers_loops_and_filtered_rows_count() {
        let gather = json!({"Node Type": "Gather", "Actual Rows": 3, "Actual Loops": 1, "Plans": [scan("songs", "songs", 1.0, 999.0, 3.0)]});
        assert_eq!(scans(gather), [("songs".to_owned(), 3000.0)]);
        assert_eq!(scans(scan("songs", "s", 20.0, 0.0, 0.0)), [], "it never ran");
    }

    #[test]
    fn partitions_are_one_table_and_two_tables_are_two() {
        let of =
            |plans: Vec<serde_json::Value>| json!({"Node Type": "Append", "Actual Rows": 3, "Actual Loops": 1, "Plans": plans});
        let found = scans(of(vec![scan("sales_2024", "sales_1", 60.0, 0.0, 1.0), scan("sales_2025", "sales_2", 70.0, 0.0, 1.0)]));
        assert_eq!(found, [("sales_2024".to_owned(), 130.0)]);
        assert_eq!(scans(of(vec![scan("a", "a", 60.0, 0.0, 1.0), scan("b", "b", 70.0, 0.0, 1.0)])).len(), 2);
    }
}
