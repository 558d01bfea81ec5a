//! `initplan-expensive`: a subquery that yields one value takes a good part of the time.
//!
//! **Sees** an InitPlan, not a CTE, that takes 30% of the statement's time, 1 ms at least.
//! **Evidence**: the InitPlan's time; the scan below it that takes most.
//! **Bad**: `InitPlan 1 … Seq Scan on song_history`: 131 of 132 ms for an average.
//! **Good**: `(SELECT max(id) FROM songs)`, one look into an index.
//! **Wrong** about nothing, but the value may be needed.

use super::super::context::{Conditions, Context, advise_index, index_to_try, relation, tip};
use super::super::{Tip, words};
use crate::plan::PlanNode;
use crate::plan::metrics::rows_read;
use crate::plan::walk::nodes;

const NAME: &str = "initplan-expensive";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node).filter(|node| yields_a_value(node)) {
        let elapsed = context.node(node).elapsed_ms;
        if !context.plan.timed() || elapsed < 1.0 || elapsed < 0.3 * context.metrics.total_ms() {
            continue;
        }
        let scan = nodes(node).filter(|node| node.reads_relation()).max_by(|a, b| rows_read(a).total_cmp(&rows_read(b)));
        let reads = scan.map(|scan| format!(", reading {} of {}", words::rows(rows_read(scan)), relation(scan)));
        let sentence = format!(
            "The subquery that yields one value ({}) takes {}{}.",
            name(node),
            context.of_total(elapsed),
            reads.unwrap_or_default()
        );
        let wants = scan.filter(|scan| scan.node_type == "Seq Scan");
        let columns = wants.map(|scan| Conditions::of(scan, false).btree_columns()).unwrap_or_default();
        let advice = scan.and_then(|scan| advise_index(context, scan, &columns));
        let remedy = scan.and_then(|scan| index_to_try(context, scan, &columns));
        let next =
            advice.unwrap_or_else(|| "If the value seldom changes, ask for it once and pass it as a parameter.".to_owned());
        tips.push(tip(NAME, node, sentence, elapsed, elapsed).next(next).remedy(remedy));
    }
    tips
}

fn yields_a_value(node: &PlanNode) -> bool {
    node.is_init_plan() && !node.subplan_name.as_deref().unwrap_or_default().starts_with("CTE ")
}

/// `InitPlan 1` of `InitPlan 1 (returns $0)`
fn name(node: &PlanNode) -> &str {
    let name = node.subplan_name.as_deref().unwrap_or("InitPlan");
    name.split(" (").next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_with_the_index_that_the_subquery_lacks() {
        insta::assert_snapshot!(said(super::check, "initplan-scan"), @"
        The subquery that yields one value (InitPlan 1) takes 131.2 of 131.8 ms, reading 919,039 rows of song_history.
        An index on song_history (user_id) finds them directly.
        ");
    }

    #[test]
    fn quiet_when_the_value_comes_cheap() {
        assert_eq!(said(super::check, "initplan"), "");
        assert_eq!(said(super::check, "cte-little-used"), "");
    }
}
