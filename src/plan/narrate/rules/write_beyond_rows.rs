//! `write-beyond-rows`: finding the rows is quick, writing each takes milliseconds.
//!
//! **Sees** a ModifyTable that takes half of the statement's time itself and 1 ms a row or more, after its tables' own triggers
//! are taken off (those that run before a row is written count as the node's time).
//! **Evidence**: the node's own time, the rows written, `Triggers[]`.
//! **Bad**: one document updated, 23 of 27 ms in the update itself: 4,000 words go to a GIN index.
//! **Good**: 20,000 rows inserted in 113 ms.
//! **Wrong** about the cause, which a plan does not tell: indexes, full pages, or waiting for another's lock.

use super::super::context::{Context, tip};
use super::super::{Tip, words};
use super::{rows_written, wal};
use crate::plan::PlanNode;
use crate::units;

const NAME: &str = "write-beyond-rows";

/// WAL records a row. Writing a row takes one, and one for each index with a key per row.
const MANY_RECORDS: f64 = 50.0;

pub(super) fn check(context: &Context) -> Vec<Tip> {
    if !context.plan.timed() {
        return Vec::new();
    }
    let writes = context.executed().map(|visit| visit.node).filter(|node| node.node_type == "ModifyTable");
    writes.filter_map(|node| say(context, node)).collect()
}

/// What writing takes itself and the rows written, when it takes that long.
pub(super) fn slow(context: &Context, node: &PlanNode) -> Option<(f64, f64)> {
    let own_triggers = context.plan.triggers().iter().filter(|trigger| !trigger.name.starts_with("RI_ConstraintTrigger_"));
    let triggers: f64 = own_triggers.filter_map(|trigger| trigger.time_ms).sum();
    let (own, rows) = ((context.node(node).exclusive_ms - triggers).max(0.0), rows_written(node));
    (rows >= 1.0 && own >= rows && own >= 0.5 * context.metrics.total_ms()).then_some((own, rows))
}

fn say(context: &Context, node: &PlanNode) -> Option<Tip> {
    let (own, rows) = slow(context, node)?;
    let records = wal(node).map_or(0.0, |wal| wal.records as f64 / rows);
    let logged = wal(node).filter(|wal| wal.records > 0);
    let logged = logged.map(|wal| {
        format!(
            ", with {} WAL records ({} of them whole blocks)",
            words::count(wal.records as f64),
            words::some(wal.full_page_images as f64)
        )
    });
    let sentence = format!(
        "{} {} takes {} beyond finding {}, {} a row{}.",
        super::writing(node),
        words::rows(rows),
        context.of_total(own),
        if rows == 1.0 { "it" } else { "them" },
        units::ms(own / rows),
        logged.unwrap_or_default()
    );
    let next = if records >= MANY_RECORDS {
        "Each record is an entry of an index or a block split for it: drop indexes that pg_stat_user_indexes shows unused, and let GIN \
         indexes collect (fastupdate)."
    } else {
        "Run it again, and look for locks (pg_stat_activity.wait_event) while it waits; if it stays slow, the table's indexes take \
         the time."
    };
    Some(tip(NAME, node, sentence, own, own).next(next.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_on_one_slow_row() {
        insta::assert_snapshot!(said(super::check, "update-one-document"), @"
        Updating 1 row takes 24.0 of 26.7 ms beyond finding it, 24.0 ms a row, with 4,036 WAL records (none of them whole blocks).
        Each record is an entry of an index or a block split for it: drop indexes that pg_stat_user_indexes shows unused, and let GIN indexes collect (fastupdate).
        ");
    }

    #[test]
    fn quiet_when_rows_are_quick_or_a_trigger_takes_the_time() {
        assert_eq!(said(super::check, "insert-checked"), "");
        assert_eq!(said(super::check, "trigger-counts"), "");
        let mut plan = fixtures::timed_plan("update-one-document");
        let trigger = crate::plan::Trigger { name: "note".into(), time_ms: Some(20.0), calls: 1.0, ..Default::default() };
        plan.triggers = Some(vec![trigger]);
        assert_eq!(said_of(super::check, &plan), "");
    }
}
