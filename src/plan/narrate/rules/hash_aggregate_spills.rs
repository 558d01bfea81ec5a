//! `hash-aggregate-spills`: the groups of a hash aggregate do not fit into work_mem.
//!
//! **Sees** an Aggregate with `HashAgg Batches` over 1 or `Disk Usage` over 0.
//! **Evidence**: `HashAgg Batches`, `Disk Usage`, `Peak Memory Usage`.
//! **Bad**: `Batches: 341  Memory Usage: 177kB  Disk Usage: 28424kB`.
//! **Good**: `Batches: 1  Memory Usage: 11281kB`.
//! **Wrong** when many sessions run it at once: each takes that memory.

use super::super::context::{Context, tip};
use super::super::settings::set_work_mem;
use super::super::{Tip, words};
use super::{hash_kb, rounded_up};

const NAME: &str = "hash-aggregate-spills";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node).filter(|node| node.node_type == "Aggregate") {
        let workers = || node.workers.iter();
        let batches = workers().filter_map(|w| w.hashagg_batches).chain(node.hashagg_batches).fold(0.0, f64::max);
        let disk: f64 = workers().filter_map(|w| w.disk_kb).chain(node.disk_kb).sum();
        if batches <= 1.0 || disk == 0.0 {
            continue;
        }
        let own = context.node(node).exclusive_ms;
        let sentence = format!(
            "Grouping into {}{} does not fit into work_mem: the hash aggregate spilled {} to disk in {} batches.",
            words::plural(node.rows(), "group", "groups"),
            context.aside(own),
            words::kb(disk),
            words::count(batches)
        );
        // hash_mem_multiplier doubles what a hash may take from PostgreSQL 15 on, and is 1 before.
        let needed = rounded_up(hash_kb(node.rows(), node.plan_width.unwrap_or(0.0)));
        let next = format!("About {} of work_mem keeps the groups in memory, where the plan shows one batch.", words::kb(needed));
        tips.push(tip(NAME, node, sentence, own / 2.0, own).next(next).remedy(set_work_mem(needed)));
    }
    tips
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_on_spilled_groups() {
        insta::assert_snapshot!(said(super::check, "hashagg-spills"), @"
        Grouping into 77,803 groups (680.0 of 755.4 ms) does not fit into work_mem: the hash aggregate spilled 27.8 MB to disk in 341 batches.
        About 11.0 MB of work_mem keeps the groups in memory, where the plan shows one batch.
        ");
    }

    #[test]
    fn quiet_in_memory() {
        assert_eq!(said_of(super::check, &fixtures::plan("20-hash-aggregate-having")), "");
    }
}
