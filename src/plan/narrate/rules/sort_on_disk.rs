//! `sort-on-disk`: a sort does not fit into work_mem.
//!
//! **Sees** a Sort with `Sort Space Type: Disk`.
//! **Evidence**: `Sort Method`, `Sort Space Used`. In memory the same rows take two to three times what they take on disk (85,515
//! rows: 4.6 MB on disk, 10.4 MB in memory, PostgreSQL 15).
//! **Bad**: `Sort Method: external merge  Disk: 5176kB`.
//! **Good**: `Sort Method: quicksort  Memory: 74kB`.
//! **Wrong** more often than one thinks: merging runs from the page cache can be as fast as one large quicksort.

use super::super::context::{Context, relations_below, tip};
use super::super::{Remedy, Tip, words};
use crate::units;

const NAME: &str = "sort-on-disk";

/// Memory needed over disk used.
const MEMORY_PER_DISK: f64 = 2.5;

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node) {
        let on_disk = node
            .sort
            .iter()
            .chain(node.workers.iter().filter_map(|worker| worker.sort.as_ref()))
            .filter(|sort| sort.space_type == "Disk");
        let used: f64 = on_disk.map(|sort| sort.space_kb).sum();
        if used == 0.0 {
            continue;
        }
        let own = context.node(node).exclusive_ms;
        let sentence = format!(
            "Sorting {} of {}{} does not fit into work_mem and goes through {} of temporary files.",
            words::rows(node.rows()),
            units::listed(&relations_below(node)),
            context.aside(own),
            words::kb(used)
        );
        let needed = super::rounded_up(used * MEMORY_PER_DISK);
        let next =
            format!("About {} of work_mem keeps it in memory; whether that is faster must be measured.", words::kb(needed));
        let remedy = Remedy::Setting { name: "work_mem", value: format!("{needed:.0}kB") };
        tips.push(tip(NAME, node, sentence, own / 2.0, own).next(next).remedy(remedy));
    }
    tips
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_with_the_memory_needed() {
        insta::assert_snapshot!(said(super::check, "sort-disk"), @"
        Sorting 85,515 rows of links (34.7 of 47.0 ms) does not fit into work_mem and goes through 4.5 MB of temporary files.
        About 12.0 MB of work_mem keeps it in memory; whether that is faster must be measured.
        ");
    }

    #[test]
    fn quiet_in_memory() {
        assert_eq!(said(super::check, "first-song"), "");
    }
}
