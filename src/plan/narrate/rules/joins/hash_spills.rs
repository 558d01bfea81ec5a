//! `hash-spills`: a hash join's table does not fit into work_mem and goes through temporary files.
//!
//! **Sees** a Hash with `Hash Batches` over 1.
//! **Evidence**: `Hash Batches`, `Original Hash Batches`, `Peak Memory Usage`; the memory needed is peak × batches.
//! **Bad**: `Buckets: 65536  Batches: 4  Memory Usage: 1352kB`.
//! **Good**: `Batches: 1`.
//! **Wrong** when many sessions run it at once: work_mem is taken by each, `hash_mem_multiplier` times.

use crate::plan::narrate::advice::work_mem;
use crate::plan::narrate::context::{Context, relations_below, tip};
use crate::plan::narrate::rules::rounded_up;
use crate::plan::narrate::settings::hash_mem_multiplier;
use crate::plan::narrate::{Tip, words};
use crate::units;

const NAME: &str = "hash-spills";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for visit in context.executed() {
        let Some((hash, memory)) = visit.node.hash.zip(visit.node.peak_memory_kb).filter(|(hash, _)| hash.batches > 1.0) else {
            continue;
        };
        let join = visit.parent().unwrap_or(visit.node);
        let own = context.node(join).exclusive_ms + context.node(visit.node).exclusive_ms;
        let grown = if hash.original_batches < hash.batches {
            format!(" (planned: {})", words::count(hash.original_batches))
        } else {
            String::new()
        };
        let sentence = format!(
            "The hash table of {} from {} does not fit into work_mem: the join{} runs in {} batches{grown} through temporary files.",
            words::rows(visit.node.rows()),
            units::listed(&relations_below(visit.node)),
            context.aside(own),
            words::count(hash.batches)
        );
        let next = format!(
            "work_mem × hash_mem_multiplier of {} keeps it in memory; whether that is faster must be measured.",
            words::kb(rounded_up(memory * hash.batches))
        );
        // Reading and writing the batches is part of the join's own time; half of it is the most that such a change has been seen
        // to save.
        let remedy = work_mem(rounded_up(memory * hash.batches / hash_mem_multiplier(context.plan).unwrap_or(1.0)));
        tips.push(tip(NAME, visit.node, sentence, own / 2.0, own).next(next).remedy(remedy));
    }
    tips
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_with_the_memory_needed() {
        insta::assert_snapshot!(said(super::check, "hash-batches"), @"
        The hash table of 77,803 rows from songs does not fit into work_mem: the join (268.8 of 407.6 ms) runs in 4 batches through temporary files.
        work_mem × hash_mem_multiplier of 5.0 MB keeps it in memory; whether that is faster must be measured.
        ");
    }

    #[test]
    fn quiet_in_one_batch() {
        assert_eq!(said(super::check, "next-song"), "");
    }
}
