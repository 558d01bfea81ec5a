//! `sorted-for-groups`: rows are sorted for no other reason than to find those that are equal.
//!
//! **Sees** a Sort below a grouping (GroupAggregate, Group, Unique) that makes under a tenth as many groups as there are rows,
//! 1,000 at least.
//! **Evidence**: rows into and out of the grouping, the sort's own time; `enable_hashagg` among the settings.
//! **Bad**: `GroupAggregate rows=911 -> Sort rows=919039`.
//! **Good**: `HashAggregate rows=911 -> Seq Scan rows=919039`; a sort of 85,515 rows into as many groups.
//! **Wrong** when the result must be in that order and sorting the groups afterwards would not be cheaper, which it nearly
//! always is.

use super::super::context::{Context, relations_below, tip};
use super::super::settings::{named, set, set_work_mem};
use super::super::{Tip, words};
use super::{hash_kb, rounded_up};
use crate::plan::PlanNode;
use crate::units;

const NAME: &str = "sorted-for-groups";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let groupings = context.executed().map(|visit| visit.node).filter(|node| groups(node));
    groupings.filter_map(|node| say(context, node)).collect()
}

fn groups(node: &PlanNode) -> bool {
    match node.node_type.as_str() {
        "Aggregate" => node.strategy.as_deref() == Some("Sorted"),
        "Group" | "Unique" => true,
        _ => false,
    }
}

fn say(context: &Context, node: &PlanNode) -> Option<Tip> {
    let sort = node.children.first().filter(|child| child.node_type == "Sort" && child.rows() >= 1_000.0)?;
    // DISTINCT inside of an aggregate wants its rows in order and has a tip of its own.
    if node.rows() >= 0.1 * sort.rows() || super::distinct_aggregate::of(node).is_some() {
        return None;
    }
    let own = context.node(sort).exclusive_ms;
    let sentence = format!(
        "It sorts {} of {}{} only to find the {} among them.",
        words::rows(sort.rows()),
        units::listed(&relations_below(sort)),
        context.aside(own),
        words::plural(node.rows(), "group", "groups")
    );
    let (next, remedy) = if named(context.plan, "enable_hashagg") == Some("off") {
        ("enable_hashagg is off; a hash aggregate needs no order.".to_owned(), set("enable_hashagg", "on"))
    } else {
        let needed = rounded_up(hash_kb(node.plan_rows.unwrap_or(0.0).max(node.rows()), node.plan_width.unwrap_or(0.0)) / 2.0);
        let next = format!(
            "A hash aggregate needs no order. The planner expected {} and so much memory for them: about {} of work_mem lets it, a better \
             estimate (ANALYZE, extended statistics) too.",
            words::plural(node.plan_rows.unwrap_or(0.0), "group", "groups"),
            words::kb(needed)
        );
        (next, set_work_mem(needed))
    };
    Some(tip(NAME, sort, sentence, own, own).next(next).remedy(remedy))
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_on_many_rows_and_few_groups() {
        insta::assert_snapshot!(said(super::check, "group-by-sort"), @"
        It sorts 919,039 rows of song_history (474.5 of 861.6 ms) only to find the 911 groups among them.
        enable_hashagg is off; a hash aggregate needs no order.
        ");
    }

    #[test]
    fn quiet_when_each_row_is_a_group_or_nothing_is_sorted() {
        assert_eq!(said(super::check, "group-by-sort-many-groups"), "");
        assert_eq!(said(super::check, "whole-aggregate"), "");
    }
}
