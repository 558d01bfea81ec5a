//! `total-for-paging`: all rows are counted to show one page of them.
//!
//! **Sees** a step that aggregates a table to one row, beside one that returns the first rows (LIMIT) of the same table, when the
//! counting takes as long as the page or longer.
//! **Evidence**: both plans.
//! **Bad**: `SELECT count(*) FROM songs` for `page 1 of 3,891`.
//! **Good**: `LIMIT 21` to know whether there is another page; an estimate (`pg_class.reltuples`) for the total.
//! **Wrong** when the total is what the caller came for.

use super::{Call, finding};
use crate::plan::walk::nodes;
use crate::plan::{Plan, PlanNode};
use crate::report::model::Finding;
use crate::units::{count, ms};

const NAME: &str = "total-for-paging";

pub(super) fn check(call: &Call) -> Vec<Finding> {
    let steps = 0..call.written.len();
    let plans: Vec<_> = steps.filter_map(|place| Some((place, call.explained(place)?))).collect();
    let mut found = Vec::new();
    for (counting, total) in plans.iter().filter(|(_, explained)| counts(&explained.plan.root)) {
        let shares = |page: &Plan| tables(page).iter().any(|table| tables(&total.plan).contains(table));
        let Some((paging, page)) = plans.iter().find(|(_, other)| has_limit(&other.plan.root) && shares(&other.plan)) else {
            continue;
        };
        let (counted, paged) = (total.statement.before.execution_ms, page.statement.before.execution_ms);
        if counted < paged {
            continue;
        }
        let sentence = format!(
            "Statement {} goes through {} rows to count what statement {} shows a page of: {} against {}.",
            counting + 1,
            count(total.statement.before.rows_read as u64),
            paging + 1,
            ms(counted),
            ms(paged)
        );
        let next = "Fetch one row more than a page to know whether there is another, or show an estimate (pg_class.reltuples).";
        found.push(finding(NAME, sentence, next, counted));
    }
    found
}

/// One row of aggregates over all rows.
fn counts(root: &PlanNode) -> bool {
    root.node_type == "Aggregate" && root.strategy.as_deref() == Some("Plain")
}

fn has_limit(root: &PlanNode) -> bool {
    nodes(root).any(|node| node.node_type == "Limit" && node.rows() > 1.0)
}

fn tables(plan: &Plan) -> Vec<&str> {
    nodes(&plan.root).filter_map(|node| node.relation.as_deref()).collect()
}
