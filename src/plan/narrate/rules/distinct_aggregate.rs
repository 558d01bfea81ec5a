//! `distinct-aggregate`: `count(DISTINCT …)` sorts its rows inside the aggregate.
//!
//! **Sees** an Aggregate that computes something `DISTINCT` over 10,000 rows or more. PostgreSQL has no hash for it: up to
//! version 15 the aggregate sorts by itself, which no line of the plan shows; from 16 a Sort may stand below.
//! **Evidence**: `Output` (VERBOSE), the aggregate's own time with that of a Sort below.
//! **Bad**: `SELECT count(DISTINCT user_id)`: 458 of 613 ms in the aggregate.
//! **Good**: `SELECT count(*) FROM (SELECT DISTINCT user_id …)`, which hashes.
//! **Wrong** when nearly all values differ: then both ways are alike.

use super::super::context::{Context, tip};
use super::super::{Tip, words};
use crate::plan::PlanNode;

const NAME: &str = "distinct-aggregate";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node) {
        let Some(call) = of(node) else { continue };
        let Some(below) = node.children.first().filter(|below| below.rows() >= 10_000.0) else { continue };
        let sort = if below.node_type == "Sort" { context.node(below).exclusive_ms } else { 0.0 };
        let own = context.node(node).exclusive_ms + sort;
        let sentence = format!("{call} sorts {} to tell equal ones{}.", words::rows(below.rows()), context.aside(own));
        let next =
            "Take the distinct rows in a subquery (SELECT DISTINCT … or GROUP BY) and aggregate those: that can be hashed.";
        tips.push(tip(NAME, node, sentence, own, own).next(next.to_owned()));
    }
    tips
}

/// The call with DISTINCT in it that an aggregate computes.
pub(super) fn of(node: &PlanNode) -> Option<&str> {
    let computes = matches!(node.node_type.as_str(), "Aggregate") && node.partial_mode.as_deref() != Some("Finalize");
    node.output.iter().map(String::as_str).find(|text| computes && text.contains("(DISTINCT "))
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_on_the_sort_that_no_line_shows() {
        insta::assert_snapshot!(said(super::check, "distinct-by-sort"), @"
        count(DISTINCT user_id) sorts 919,039 rows to tell equal ones (457.9 of 613.2 ms).
        Take the distinct rows in a subquery (SELECT DISTINCT … or GROUP BY) and aggregate those: that can be hashed.
        ");
    }

    #[test]
    fn quiet_without_distinct() {
        assert_eq!(said(super::check, "whole-aggregate"), "");
    }
}
