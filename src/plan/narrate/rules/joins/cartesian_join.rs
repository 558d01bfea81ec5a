//! `cartesian-join`: every row of one side is joined to every row of the other.
//!
//! **Sees** a Nested Loop without a `Join Filter`, whose inner side asks for nothing of the outer one, that makes all pairs of two sides with
//! several rows each, 10,000 pairs at least.
//! **Evidence**: rows of both sides and of the join; the names in the conditions of the inner side.
//! **Bad**: `FROM customers a, customers b WHERE a.id < 1000`: 2,000 × 999 pairs.
//! **Good**: an inner side with `Index Cond: (id = a.referred_by)`.
//! **Wrong** when all pairs are wanted, as with a calendar or a list of sizes. It is said even when it takes no time: a forgotten
//! condition also returns wrong rows.

use crate::plan::PlanNode;
use crate::plan::condition::SortKey;
use crate::plan::narrate::context::{Context, tip};
use crate::plan::narrate::rules::sides;
use crate::plan::narrate::{Tip, words};
use crate::plan::walk::nodes;

const NAME: &str = "cartesian-join";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let joins = context.executed().map(|visit| visit.node).filter(|node| node.node_type == "Nested Loop");
    joins.filter_map(|join| say(context, join)).collect()
}

fn say(context: &Context, join: &PlanNode) -> Option<Tip> {
    let [outer, inner, ..] = sides(join)[..] else { return None };
    let (outer_rows, inner_rows, pairs) = (outer.rows() / join.loops(), inner.actual_rows?, join.rows());
    let all = outer_rows > 1.0 && inner_rows > 1.0 && pairs >= 0.99 * outer_rows * inner_rows * join.loops();
    if !all || pairs < 10_000.0 || join.join_filter.is_some() || !is_independent(inner) {
        return None;
    }
    let elapsed = context.node(join).elapsed_ms;
    let sentence = format!(
        "Every one of {} of {} is joined to every one of {} of {}: {}{}.",
        words::rows(outer_rows),
        super::source(outer),
        words::rows(inner_rows),
        super::source(inner),
        words::plural(pairs, "pair", "pairs"),
        context.aside(elapsed)
    );
    let next = "No condition joins the two: if one was forgotten, the result is wrong, too.".to_owned();
    let mut tip = tip(NAME, join, sentence, context.node(join).exclusive_ms + context.node(inner).elapsed_ms, elapsed).next(next);
    tip.correctness = true;
    Some(tip)
}

/// Whether nothing below names a table or parameter from outside. What VERBOSE would show, such as the arguments of a function, must be
/// there.
fn is_independent(inner: &PlanNode) -> bool {
    let own: Vec<&str> =
        nodes(inner).filter_map(PlanNode::called).chain(nodes(inner).filter_map(|node| node.cte.as_deref())).collect();
    nodes(inner).all(|node| {
        let known = !matches!(node.node_type.as_str(), "Function Scan" | "Table Function Scan" | "ProjectSet" | "Result")
            || !node.output.is_empty();
        let mut texts = node.conditions().map(|(_, text)| text).chain(node.output.iter().map(String::as_str));
        known && texts.all(|text| names_only(text, &own))
    })
}

/// Whether a text has no parameter and no column of another table.
fn names_only(text: &str, own: &[&str]) -> bool {
    let expr = SortKey::parse(text).expr;
    let ours = |qualifier: Option<&str>| qualifier.is_none_or(|name| own.contains(&name));
    !text.contains('$') && !expr.has_unknown() && expr.columns().iter().all(|column| ours(column.qualifier.as_deref()))
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_on_two_tables_without_a_condition() {
        insta::assert_snapshot!(shop_said(super::check, "cartesian"), @"
        Every one of 2,000 rows of shop.customers is joined to every one of 999 rows of shop.customers: 1,998,000 pairs (1,101 of 1,456 ms).
        No condition joins the two: if one was forgotten, the result is wrong, too.
        ");
        assert!(shop_tips(super::check, "cartesian")[0].correctness);
    }

    #[test]
    fn quiet_when_the_inner_side_asks_for_the_outer_row() {
        assert_eq!(shop_said(super::check, "nested-loop-thousands"), "");
        assert_eq!(shop_said(super::check, "correlated-columns"), "");
        assert_eq!(said(super::check, "join-filter"), "");
    }
}
