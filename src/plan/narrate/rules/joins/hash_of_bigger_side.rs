//! `hash-of-bigger-side`: a hash join builds its table of the larger side.
//!
//! **Sees** a Hash Join (inner, left or right) whose hash table has over twice the rows of the other side, 10,000 at least.
//! **Evidence**: the rows of the Hash and of the outer side, and what the planner expected of both.
//! **Bad**: a hash table of 15,000 rows, asked 5,000 times.
//! **Good**: a hash table of 2,000 rows, asked 60,000 times.
//! A wrong estimate that explains it is a tip of its own.
//! **Wrong** when the smaller side is skewed to few values, which would make long chains: the planner then hashes the other one on purpose.

use crate::plan::PlanNode;
use crate::plan::narrate::context::{Context, tip};
use crate::plan::narrate::rules::{estimates::blame, sides};
use crate::plan::narrate::{Tip, words};

const NAME: &str = "hash-of-bigger-side";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let joins = context.executed().map(|visit| visit.node).filter(|node| node.node_type == "Hash Join");
    joins.filter_map(|join| say(context, join)).collect()
}

/// The sides of a hash join that are the wrong way round.
pub(in crate::plan::narrate::rules) struct Hashed<'a> {
    hash: &'a PlanNode,
    probe: &'a PlanNode,
    /// Rows in the hash table, and rows looked up in it.
    pub(in crate::plan::narrate::rules) built: f64,
    pub(in crate::plan::narrate::rules) asked: f64,
    /// What building the table took.
    pub(in crate::plan::narrate::rules) own_ms: f64,
}

impl Hashed<'_> {
    /// A table of the other side takes its share of that.
    pub(in crate::plan::narrate::rules) fn saves_ms(&self) -> f64 {
        self.own_ms * (1.0 - self.asked / self.built)
    }
}

/// Whether the join hashes a side of over twice the other's rows, though it could be turned round.
pub(in crate::plan::narrate::rules) fn bigger_side<'a>(context: &Context, join: &'a PlanNode) -> Option<Hashed<'a>> {
    let [probe, hash, ..] = sides(join)[..] else { return None };
    let swappable = join.node_type == "Hash Join" && matches!(join.join_type.as_deref(), Some("Inner" | "Left" | "Right"));
    let (built, asked) = (hash.rows(), probe.rows());
    let wrong = swappable && hash.node_type == "Hash" && built >= 10_000.0 && built > 2.0 * asked && join.loops() <= 1.0;
    wrong.then(|| Hashed { hash, probe, built, asked, own_ms: context.node(hash).exclusive_ms })
}

fn say(context: &Context, join: &PlanNode) -> Option<Tip> {
    let hashed = bigger_side(context, join).filter(|_| !blame::explains(context, join))?;
    let Hashed { hash, probe, own_ms, .. } = hashed;
    let expected = match (probe.plan_rows, hash.plan_rows) {
        (Some(probe_rows), Some(hash_rows)) if hash_rows <= probe_rows => {
            format!(" The planner expected {} against {}.", words::count(hash_rows), words::count(probe_rows))
        }
        _ => String::new(),
    };
    let sentence = format!(
        "The hash join builds its table of {} from {}{} to look up {} of {} in it.{expected}",
        words::rows(hashed.built),
        super::source(hash),
        context.aside(own_ms),
        words::rows(hashed.asked),
        super::source(probe),
    );
    let next = "Look for what makes the planner take this side for the smaller one: an estimate below it, or a skewed key on the other side."
        .to_owned();
    Some(tip(NAME, hash, sentence, hashed.saves_ms(), own_ms).next(next))
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_when_the_other_side_was_expected_to_be_larger() {
        insta::assert_snapshot!(shop_said(super::check, "hash-of-bigger-side"), @"
        The hash join builds its table of 15,000 rows from shop.visits (1.5 of 14.2 ms) to look up 5,000 rows of shop.purchases in it. The planner expected 15,000 against 20,000.
        Look for what makes the planner take this side for the smaller one: an estimate below it, or a skewed key on the other side.
        ");
    }

    #[test]
    fn quiet_when_the_smaller_side_is_hashed() {
        assert_eq!(shop_said(super::check, "or-tables"), "");
        assert_eq!(shop_said(super::check, "not-exists"), "");
    }
}
