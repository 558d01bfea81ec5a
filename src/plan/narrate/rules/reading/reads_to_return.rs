//! `reads-to-return`: the whole statement reads a thousand rows for each one that it returns.
//!
//! **Sees** a plan without aggregates whose scans read over 1,000 times the rows it returns, and over 10,000.
//! **Evidence**: rows handed up and removed at the scans × loops, against the rows of the root.
//! **Bad**: three scans that read 500,000 rows together for 5 results.
//! **Good**: `SELECT count(*)`, which must read all.
//! **Wrong** for anti-joins and existence checks that have to look at everything. When one scan alone explains it, its own tip
//! says so.

use crate::plan::metrics::rows_read;
use crate::plan::narrate::context::{Context, relation, tip};
use crate::plan::narrate::{Tip, words};
use crate::plan::walk::scans;
use crate::units;

const NAME: &str = "reads-to-return";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let (read, returned) = (context.metrics.rows_read, context.metrics.rows_returned);
    let summarizes =
        context.visits.iter().any(|visit| matches!(visit.node.node_type.as_str(), "Aggregate" | "Group" | "WindowAgg"));
    if summarizes || read < 10_000.0 || read <= 1_000.0 * returned.max(1.0) {
        return Vec::new();
    }
    let mut largest: Vec<_> = scans(context.plan).filter(|node| node.loops() > 0.0).collect();
    largest.sort_by(|a, b| rows_read(b).total_cmp(&rows_read(a)));
    let Some(first) = largest.first() else { return Vec::new() };
    if rows_read(first) > 0.9 * read {
        return Vec::new();
    }
    let parts: Vec<String> =
        largest.iter().take(3).map(|node| format!("{} of {}", words::count(rows_read(node)), relation(node))).collect();
    let time: f64 = largest.iter().map(|node| context.node(node).exclusive_ms).sum();
    let sentence = format!("It reads {} to return {}: {}.", words::rows(read), words::some(returned), units::listed(&parts));
    let next = format!(
        "Narrow {} before it is joined: by a condition of its own, or an index on the columns that it is joined by.",
        relation(first)
    );
    vec![tip(NAME, &context.plan.root, sentence, time, time).next(next)]
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_on_two_large_scans() {
        insta::assert_snapshot!(shop_said(super::check, "reads-to-return"), @"
        It reads 80,000 rows to return none: 60,000 of shop.purchases and 20,000 of shop.visits.
        Narrow shop.purchases before it is joined: by a condition of its own, or an index on the columns that it is joined by.
        ");
    }

    #[test]
    fn quiet_under_an_aggregate_or_when_one_scan_explains_it() {
        assert_eq!(shop_said(super::check, "hash-of-bigger-side"), "");
        assert_eq!(said(super::check, "first-song"), "");
    }
}
