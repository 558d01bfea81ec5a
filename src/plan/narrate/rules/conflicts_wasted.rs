//! `conflicts-wasted`: most rows of an INSERT … ON CONFLICT are there already.
//!
//! **Sees** an ON CONFLICT with 100 conflicting rows or more, half of all at least.
//! **Evidence**: `Conflicting Tuples` and `Tuples Inserted`.
//! **Bad**: 10,020 rows offered, 20 inserted.
//! **Good**: 5,000 rows inserted, no conflict.
//! **Wrong** for an UPDATE that really changes each of the rows.

use super::super::context::{Context, relation, tip};
use super::super::{Tip, words};
use crate::plan::PlanNode;

const NAME: &str = "conflicts-wasted";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    context.executed().filter_map(|visit| say(context, visit.node)).collect()
}

fn say(context: &Context, node: &PlanNode) -> Option<Tip> {
    let conflict = node.conflict.as_ref()?;
    let conflicting = conflict.conflicting?;
    let inserted = node.merge.and_then(|counts| counts.inserted).unwrap_or(0.0);
    let offered = conflicting + inserted;
    if conflicting < 100.0 || conflicting < 0.5 * offered {
        return None;
    }
    let own = context.node(node).exclusive_ms;
    let sentence = format!(
        "Of {} offered to {}{}, {} {} there already.",
        words::rows(offered),
        relation(node),
        context.aside(own),
        words::count(conflicting),
        if conflicting == 1.0 { "was" } else { "were" }
    );
    let next = match conflict.resolution.as_deref() {
        Some("UPDATE") if conflict.filter.is_none() => {
            "Add WHERE … IS DISTINCT FROM excluded.… to DO UPDATE, so that equal rows are not written again."
        }
        Some("UPDATE") => "Update the rows that are there by an UPDATE … FROM of its own, and insert the others.",
        _ => {
            "Leave out what is there (WHERE NOT EXISTS …) before the INSERT: each conflict has still taken a row's defaults and a look into the index."
        }
    };
    Some(tip(NAME, node, sentence, own * conflicting / offered, own).next(next.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_on_both_resolutions() {
        insta::assert_snapshot!(said(super::check, "conflicts-ignored"), @"
        Of 10,020 rows offered to orders (32.4 of 34.1 ms), 10,000 were there already.
        Leave out what is there (WHERE NOT EXISTS …) before the INSERT: each conflict has still taken a row's defaults and a look into the index.
        ");
        insta::assert_snapshot!(said(super::check, "conflicts-updated"), @"
        Of 5,000 rows offered to orders (71.6 of 80.8 ms), 5,000 were there already.
        Add WHERE … IS DISTINCT FROM excluded.… to DO UPDATE, so that equal rows are not written again.
        ");
    }

    #[test]
    fn quiet_without_conflicts() {
        assert_eq!(said(super::check, "no-conflicts"), "");
    }
}
