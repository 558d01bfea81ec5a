//! `join-collapse`: so many tables are joined that the planner does not try every order.
//!
//! **Sees** a plan of more tables than join_collapse_limit (8) in one tree of joins, some join of which makes over ten times the rows
//! of the last one, 10,000 at least.
//! **Evidence**: the scans under the topmost join, `Settings`, the rows of each join.
//! **Bad**: ten tables joined in the order of the text, 147,010 rows in between for 1,285 in the end.
//! **Good**: ten tables that are looked up by key, a few rows at each step.
//! **Wrong** when the large result in between is unavoidable. Trying more orders makes planning longer, and from geqo_threshold (12) on, a
//! search by chance takes over.

use crate::plan::PlanNode;
use crate::plan::narrate::context::{Context, relations_below, tip};
use crate::plan::narrate::settings::named;
use crate::plan::narrate::{Remedy, Tip, words};
use crate::plan::walk::nodes;
use crate::units;

const NAME: &str = "join-collapse";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let joins = context.executed().filter(|visit| is_join(visit.node) && !visit.ancestors.iter().any(|above| is_join(above)));
    joins.filter_map(|visit| say(context, visit.node)).collect()
}

fn is_join(node: &PlanNode) -> bool {
    matches!(node.node_type.as_str(), "Nested Loop" | "Hash Join" | "Merge Join")
}

fn say(context: &Context, top: &PlanNode) -> Option<Tip> {
    let limit: f64 = named(context.plan, "join_collapse_limit").and_then(|value| value.parse().ok()).unwrap_or(8.0);
    let tables = nodes(top).filter(|node| node.reads_relation()).count();
    let widest = nodes(top).filter(|node| is_join(node)).max_by(|a, b| a.rows().total_cmp(&b.rows()))?;
    if tables as f64 <= limit || widest.rows() < 10_000.0 || widest.rows() <= 10.0 * top.rows() {
        return None;
    }
    let elapsed = context.node(widest).elapsed_ms;
    let sentence = format!(
        "{} tables are joined, more than join_collapse_limit ({limit:.0}): the planner keeps to the order of the text between groups of them. \
         The join of {} makes {}{}, of which {} are left in the end.",
        units::capitalized(&units::in_words(tables)),
        units::listed(&relations_below(widest)),
        words::rows(widest.rows()),
        context.aside(elapsed),
        words::some(top.rows())
    );
    let next = format!(
        "Raise join_collapse_limit (and from_collapse_limit) to {tables}, or write the join that leaves fewest rows first."
    );
    let remedy = Remedy::Setting { name: "join_collapse_limit", value: tables.to_string() };
    Some(tip(NAME, top, sentence, elapsed * (1.0 - top.rows() / widest.rows()), elapsed).next(next).remedy(remedy))
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_on_ten_tables_in_the_order_of_the_text() {
        insta::assert_snapshot!(shop_said(super::check, "join-order"), @"
        Ten tables are joined, more than join_collapse_limit (8): the planner keeps to the order of the text between groups of them. The join of shop.visits and shop.customers makes 147,010 rows (190.3 of 228.2 ms), of which 1,285 are left in the end.
        Raise join_collapse_limit (and from_collapse_limit) to 10, or write the join that leaves fewest rows first.
        ");
    }

    #[test]
    fn quiet_on_few_tables() {
        assert_eq!(shop_said(super::check, "correlated-columns"), "");
        assert_eq!(said(super::check, "next-song"), "");
    }
}
