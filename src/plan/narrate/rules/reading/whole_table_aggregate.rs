//! `whole-table-aggregate`: all rows are read because the question is about all rows.
//!
//! **Sees** an Aggregate whose input is nearly all rows of at least one scanned table, 10,000 at least, read without any
//! condition (or one that keeps over half), and which takes half of the statement's time with what is below it.
//! **Evidence**: rows kept and removed at the scans below the aggregate.
//! **Bad**: `SELECT song_id, count(*) FROM song_history GROUP BY song_id`.
//! **Good**: the same with `WHERE song_id = 7`.
//! **Wrong** about `min` and `max` alone, which an index answers (the planner does so by itself), and when an index-only scan on
//! the grouped columns reads fewer blocks.

use crate::plan::PlanNode;
use crate::plan::metrics::rows_read;
use crate::plan::narrate::Tip;
use crate::plan::narrate::context::{Context, tip};
use crate::plan::walk::nodes;

const NAME: &str = "whole-table-aggregate";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let aggregates = context.executed().filter(|visit| is_aggregate(visit.node) && context.repeats(visit.node) <= 1.0);
    // The highest one speaks for those below.
    let topmost = aggregates.filter(|visit| !visit.ancestors.iter().any(|above| is_aggregate(above)));
    topmost.filter_map(|visit| say(context, visit.node)).collect()
}

fn is_aggregate(node: &PlanNode) -> bool {
    matches!(node.node_type.as_str(), "Aggregate" | "Group")
}

fn say(context: &Context, aggregate: &PlanNode) -> Option<Tip> {
    let elapsed = context.node(aggregate).elapsed_ms;
    if context.plan.timed() && elapsed < 0.5 * context.metrics.total_ms() {
        return None;
    }
    let whole = nodes(aggregate).filter(|node| node.node_type == "Seq Scan" && context.repeats(node) <= 1.0);
    let scan = whole.max_by(|a, b| rows_read(a).total_cmp(&rows_read(b)))?;
    if rows_read(scan) < 10_000.0 || scan.rows() < 0.5 * rows_read(scan) || dropped_before(context, scan) {
        return None;
    }
    let sentence = format!(
        "It reads {} because the question is about {} of them: no index makes that fewer{}.",
        context.rows_of(scan, rows_read(scan)),
        if scan.rows() == rows_read(scan) { "all" } else { "most" },
        if context.plan.timed() { format!(" ({} with the aggregate)", context.of_total(elapsed)) } else { String::new() }
    );
    let next = "If the answer may be a little old, keep it in a summary table or a materialized view.".to_owned();
    Some(tip(NAME, aggregate, sentence, 0.0, elapsed).next(next))
}

/// A join or filter on the way threw most rows away, so the question was not about all of them.
fn dropped_before(context: &Context, scan: &PlanNode) -> bool {
    let between = context.consumers(scan).into_iter().take_while(|above| !is_aggregate(above));
    between.filter(|above| above.node_type != "Hash").any(|above| above.rows() < 0.1 * scan.rows())
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_on_a_group_by_over_everything() {
        insta::assert_snapshot!(said(super::check, "whole-aggregate"), @"
        It reads all 919,039 rows of song_history because the question is about all of them: no index makes that fewer (328.0 of 338.2 ms with the aggregate).
        If the answer may be a little old, keep it in a summary table or a materialized view.
        ");
    }

    #[test]
    fn quiet_when_a_condition_narrows_it() {
        assert_eq!(said(super::check, "workers-missing"), "");
        assert_eq!(said(super::check, "join-filter"), "");
        assert_eq!(said(super::check, "join-discards"), "");
    }
}
