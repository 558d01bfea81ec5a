//! `disabled-node`: a way to run the statement was switched off, and the planner had no other.
//!
//! **Sees** `Disabled: true` (PostgreSQL 18), or before that a node whose cost passes 10,000,000,000 while none of its children's
//! does: that is what PostgreSQL up to 17 adds to what is disabled.
//! **Evidence**: these; the node's type, which names the setting.
//! **Bad**: `enable_seqscan = off` and `Seq Scan on users  (cost=10000000000.00..10000000018.39 …)`.
//! **Good**: the index scan that the setting was to bring.
//! **Wrong** for a plan whose honest cost is that high.

use super::super::context::{Context, relation, tip};
use super::super::settings::{named, set};
use super::super::{Remedy, Tip};
use crate::plan::PlanNode;
use crate::plan::text::type_name;

const NAME: &str = "disabled-node";

/// `disable_cost` of PostgreSQL up to 17.
const DISABLE_COST: f64 = 1.0e10;

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node).filter(|node| disabled(node)) {
        let setting = setting(node).filter(|name| named(context.plan, name) != Some("on"));
        let name = if node.reads_relation() { format!("{} of {}", type_name(node), relation(node)) } else { type_name(node) };
        let sentence = format!(
            "The {name} runs although {} off: there was no other way{}.",
            setting.map_or_else(|| "its kind is switched".to_owned(), |setting| format!("{setting} is")),
            if node.disabled.is_none() {
                ", and its cost of ten thousand millions makes every estimate above it useless"
            } else {
                ""
            }
        );
        let remedy = setting.map(|setting| set(setting, "on"));
        let next = match &remedy {
            Some(Remedy::Setting { name, .. }) => {
                format!("Reset {name}; what it was to bring needs an index or another statement.")
            }
            _ => "Reset the setting; what it was to bring needs an index or another statement.".to_owned(),
        };
        let mut tip = tip(NAME, node, sentence, 0.0, context.node(node).exclusive_ms);
        tip.correctness = true;
        tips.push(tip.next(next).remedy(remedy));
    }
    tips
}

fn disabled(node: &PlanNode) -> bool {
    let dear = |node: &PlanNode| node.total_cost.is_some_and(|cost| cost >= DISABLE_COST);
    match node.disabled {
        Some(disabled) => disabled,
        None => dear(node) && !node.children.iter().any(dear),
    }
}

fn setting(node: &PlanNode) -> Option<&'static str> {
    Some(match node.node_type.as_str() {
        "Seq Scan" => "enable_seqscan",
        "Index Scan" => "enable_indexscan",
        "Index Only Scan" => "enable_indexonlyscan",
        "Bitmap Heap Scan" => "enable_bitmapscan",
        "Tid Scan" | "Tid Range Scan" => "enable_tidscan",
        "Sort" => "enable_sort",
        "Incremental Sort" => "enable_incremental_sort",
        "Nested Loop" => "enable_nestloop",
        "Hash Join" => "enable_hashjoin",
        "Merge Join" => "enable_mergejoin",
        "Materialize" => "enable_material",
        "Memoize" => "enable_memoize",
        "Aggregate" if node.strategy.as_deref() == Some("Hashed") => "enable_hashagg",
        "Gather Merge" => "enable_gathermerge",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_by_cost_and_from_eighteen_by_its_flag() {
        insta::assert_snapshot!(said(super::check, "scans-forbidden"), @"
        The Seq Scan of users runs although enable_seqscan is off: there was no other way, and its cost of ten thousand millions makes every estimate above it useless.
        Reset enable_seqscan; what it was to bring needs an index or another statement.
        ");
        insta::assert_snapshot!(said(super::check, "disabled-node"), @"
        The Seq Scan of users runs although enable_seqscan is off: there was no other way.
        Reset enable_seqscan; what it was to bring needs an index or another statement.
        ");
        assert_eq!(tried(&tips_with(super::check, "disabled-node", &Facts::default())[0]), "SET enable_seqscan = 'on'");
    }

    #[test]
    fn quiet_when_nothing_was_disabled() {
        assert_eq!(said(super::check, "storage-on-disk"), "", "PostgreSQL 18 says so of each node");
        assert_eq!(said(super::check, "nested-loop-many"), "", "there was another way");
    }
}
