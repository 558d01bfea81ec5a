//! `merge-join-sorts`: a merge join sorts both of its sides first.
//!
//! **Sees** a Merge Join over two Sorts of 10,000 rows together at least, which take a twentieth of the statement's time.
//! **Evidence**: the Sorts under the join and their own times; the inner side's rows handed up again for equal keys.
//! **Bad**: `Merge Join -> Sort -> Seq Scan`, twice.
//! **Good**: a merge join whose sides come from indexes in order, or a hash join.
//! **Wrong** when the sides are too large to hash in memory, or the order is needed above.

use crate::plan::PlanNode;
use crate::plan::narrate::advice::off;
use crate::plan::narrate::context::{Context, tip};
use crate::plan::narrate::rules::{estimates::blame, sides};
use crate::plan::narrate::settings::named;
use crate::plan::narrate::{Remedy, Tip, words};
use crate::units;

const NAME: &str = "merge-join-sorts";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let joins = context.executed().map(|visit| visit.node).filter(|node| node.node_type == "Merge Join");
    joins.filter_map(|join| say(context, join)).collect()
}

fn say(context: &Context, join: &PlanNode) -> Option<Tip> {
    let [outer, inner, ..] = sides(join)[..] else { return None };
    let sorts = [sort(outer)?, sort(inner)?];
    // What a sort hands up again for equal keys it did not sort again.
    let inputs: Vec<f64> = sorts.iter().filter_map(|sort| sort.children.first()).map(PlanNode::rows).collect();
    let sorted: f64 = inputs.iter().sum();
    let own: f64 = sorts.iter().map(|sort| context.node(sort).exclusive_ms).sum();
    if sorted < 10_000.0 || (context.plan.timed() && own < 0.05 * context.metrics.total_ms()) || blame::explains(context, join) {
        return None;
    }
    let again = inner.rows() - inputs.get(1)?;
    let side = |sort: &PlanNode, rows: f64| format!("{} of {}", words::rows(rows), super::source(sort));
    let sentence = format!(
        "The merge join sorts both sides, {} and {}{}{}.",
        side(sorts[0], *inputs.first()?),
        side(sorts[1], *inputs.get(1)?),
        context.aside(own),
        if again >= 1_000.0 {
            format!(", and goes back over {} of the second for equal keys", words::rows(again))
        } else {
            String::new()
        }
    );
    let (next, remedy) = match named(context.plan, "enable_hashjoin") {
        Some("off") => (
            "enable_hashjoin is off; a hash join needs no order.".to_owned(),
            Remedy::Setting { name: "enable_hashjoin", value: "on".to_owned() },
        ),
        _ => (
            format!(
                "An index on {} gives one side in order; try enable_mergejoin = off to see what a hash join takes.",
                units::listed(&sorts[1].sort_key)
            ),
            off("enable_mergejoin"),
        ),
    };
    Some(tip(NAME, join, sentence, own, context.node(join).elapsed_ms).next(next).remedy(remedy))
}

/// The Sort of a side, below what keeps its rows.
fn sort(side: &PlanNode) -> Option<&PlanNode> {
    match side.node_type.as_str() {
        "Sort" => Some(side),
        "Materialize" => side.children.first().and_then(sort),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_when_hash_joins_are_off() {
        insta::assert_snapshot!(shop_said(super::check, "merge-join-sorts"), @"
        The merge join sorts both sides, 6,000 rows of shop.sessions and 20,000 rows of shop.visits (6.5 of 64.6 ms), and goes back over 57,921 rows of the second for equal keys.
        enable_hashjoin is off; a hash join needs no order.
        ");
    }

    #[test]
    fn quiet_when_an_index_gives_the_order() {
        assert_eq!(said_of(super::check, &fixtures::plan("13-merge-left-join")), "");
        assert_eq!(shop_said(super::check, "not-exists"), "");
    }
}
