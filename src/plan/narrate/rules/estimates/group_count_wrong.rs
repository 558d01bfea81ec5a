//! `group-count-wrong`: a grouping makes ten times more or fewer groups than planned.
//!
//! **Sees** an aggregate with `Group Key` whose number of groups is off by a factor of ten, 100 groups at least on the larger side, while its
//! input, all rows of a table, was estimated right.
//! **Evidence**: `Plan Rows` against `Actual Rows` of the aggregate and of its child.
//! **Bad**: `HashAggregate … Group Key: code`, `rows=10` planned, `rows=30000` counted.
//! **Good**: 200 planned and 190 counted.
//! **Wrong** without consequence when the groups fit into memory and nothing is joined to them; then only the number is wrong.

use super::blame::{is_wrong, stopped_early};
use super::wrong_estimate::statistics;
use crate::plan::condition::{Expr, parse};
use crate::plan::narrate::context::{Context, relation, sql_relation, tip};
use crate::plan::narrate::{Remedy, Tip, words};
use crate::plan::quote::quote_identifier;
use crate::plan::walk::nodes;
use crate::plan::{Estimate, PlanNode};
use crate::units;

const NAME: &str = "group-count-wrong";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let groups =
        context.executed().filter(|visit| !visit.node.group_key.is_empty() && !stopped_early(visit.node, &visit.ancestors));
    groups.filter_map(|visit| say(context, visit.node)).collect()
}

fn say(context: &Context, node: &PlanNode) -> Option<Tip> {
    let estimate = context.node(node).estimate.filter(is_wrong)?;
    let input = node.children.iter().find(|child| !child.is_sub_plan() && !child.is_init_plan())?;
    // A partial aggregate counts a group once per process, and wrong input makes wrong groups.
    let partial = node.partial_mode.as_deref().is_some_and(|mode| mode != "Simple");
    if partial || !context.node(input).estimate.is_none_or(|below| below.factor < 3.0) {
        return None;
    }
    let (scan, columns) = keys(node)?;
    // The statistics are about the whole table: of some of its rows they must not know.
    if scan.conditions().next().is_some() || input.rows() < 0.9 * scan.rows() {
        return None;
    }
    let own = context.node(node).exclusive_ms;
    let spills = node.hashagg_batches.is_some_and(|batches| batches > 1.0);
    let sentence = format!(
        "The planner expected {} of {} by {} and {} came, {} times {}{}.",
        words::plural(estimate.planned, "group", "groups"),
        relation(scan),
        units::listed(&columns),
        words::count(estimate.actual),
        words::count(estimate.factor),
        if estimate.under { "more" } else { "fewer" },
        consequence(context, node, &estimate, own)
    );
    let table = sql_relation(scan)?;
    let definition = match columns.as_slice() {
        [one] => format!(
            "ALTER TABLE {table} ALTER COLUMN {} SET (n_distinct = {:.0})",
            quote_identifier(one),
            estimate.actual.max(1.0)
        ),
        several => {
            let list: Vec<_> = several.iter().map(|column| quote_identifier(column)).collect();
            statistics(scan, " (ndistinct)", &list.join(", "), &table)
        }
    };
    let next = format!("{definition}, then ANALYZE {table}.");
    let saves = if spills { own / 2.0 } else { 0.0 };
    Some(tip(NAME, node, sentence, saves, own).next(next).remedy(Remedy::Statistics { definition, table }))
}

/// The columns that are grouped by, when all are plain ones of a single scanned table.
fn keys(node: &PlanNode) -> Option<(&PlanNode, Vec<String>)> {
    let mut columns: Vec<String> = Vec::new();
    let mut scan: Option<&PlanNode> = None;
    for key in &node.group_key {
        let Expr::Column(column) = parse(key) else { return None };
        let of = nodes(node).find(|below| below.reads_relation() && column.is_of(below.called().unwrap_or_default()))?;
        if scan.is_some_and(|scan| scan.id != of.id) {
            return None;
        }
        scan = Some(of);
        columns.push(column.name);
    }
    Some((scan?, columns))
}

fn consequence(context: &Context, node: &PlanNode, estimate: &Estimate, own: f64) -> String {
    let hashed = node.strategy.as_deref() == Some("Hashed");
    match (hashed, estimate.under) {
        (true, true) if node.hashagg_batches.is_some_and(|batches| batches > 1.0) => {
            format!("; its hash table{} outgrew its memory and spilled", context.aside(own))
        }
        (true, true) => format!("; its hash table{} was made too small and had to grow", context.aside(own)),
        (false, false) => "; with so few, hashing them would need no sort".to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_on_one_column_and_on_two() {
        insta::assert_snapshot!(shop_said(super::check, "group-count-low"), @"
    The planner expected 10 groups of shop.keys by code and 30,000 came, 3,000 times more; its hash table (21.3 of 24.6 ms) was made too small and had to grow.
    ALTER TABLE shop.keys ALTER COLUMN code SET (n_distinct = 30000), then ANALYZE shop.keys.
    ");
        insta::assert_snapshot!(shop_said(super::check, "group-count-high"), @"
        The planner expected 6,000 groups of shop.purchases by city and zip and 100 came, 60 times fewer.
        CREATE STATISTICS shop.purchases_statistics (ndistinct) ON city, zip FROM shop.purchases, then ANALYZE shop.purchases.
        ");
    }

    #[test]
    fn quiet_when_the_number_is_about_right() {
        assert_eq!(said(super::check, "whole-aggregate"), "");
        assert_eq!(shop_said(super::check, "index-only-possible"), "");
    }
}
