//! `recursion-without-index`: each round of a recursive query reads a whole table.
//!
//! **Sees** a Seq Scan in the recursive part of a Recursive Union that ran 5 times or more and read 10,000 rows or more.
//! **Evidence**: `Actual Loops` and rows of the scan; the join's condition, which names the link.
//! **Bad**: `Recursive Union -> Hash Join -> Seq Scan on folders rows=20000 loops=12`.
//! **Good**: `Nested Loop -> WorkTable Scan, Index Scan using folders_parent_id_idx`.
//! **Wrong** when the rounds are few and each finds a good part of the table.

use super::super::context::{Conditions, Context, advise_index, index_to_try, relation, tip};
use super::super::{Tip, words};
use crate::plan::PlanNode;
use crate::plan::metrics::rows_read;

const NAME: &str = "recursion-without-index";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for visit in context.executed().filter(|visit| visit.node.node_type == "Seq Scan") {
        let scan = visit.node;
        let Some(union) = visit.ancestors.iter().rposition(|above| above.node_type == "Recursive Union") else { continue };
        let recursive = visit.ancestors.get(union + 1).copied().unwrap_or(scan).parent_relationship.as_deref() == Some("Inner");
        let rounds = context.repeats(scan);
        if !recursive || rounds < 5.0 || rows_read(scan) < 10_000.0 {
            continue;
        }
        let (recursion, join) = (visit.ancestors[union], visit.parent());
        let elapsed = context.node(recursion).elapsed_ms;
        let sentence = format!(
            "Each of the {} rounds of the recursion reads {} from its beginning to its end: {} to find {}{}.",
            words::count(rounds),
            relation(scan),
            words::rows(rows_read(scan)),
            words::count(recursion.rows()),
            context.aside(elapsed)
        );
        let columns = join.map(|join| link(scan, join)).unwrap_or_default();
        let next = advise_index(context, scan, &columns)
            .map(|advice| advice.replace("finds them directly", "finds the next round's rows"));
        tips.push(tip(NAME, scan, sentence, elapsed, elapsed).next(next).remedy(index_to_try(context, scan, &columns)));
    }
    tips
}

/// The columns of the scanned table that the join, or one above a Hash, compares with the round before.
fn link(scan: &PlanNode, join: &PlanNode) -> Vec<String> {
    let condition = [&join.hash_cond, &join.merge_cond, &join.join_filter].into_iter().flatten().next().cloned();
    let joined = PlanNode {
        filter: condition,
        index_cond: None,
        alias: scan.alias.clone(),
        relation: scan.relation.clone(),
        ..PlanNode::default()
    };
    Conditions::of(&joined, false).equality_columns()
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_with_the_link() {
        insta::assert_snapshot!(said(super::check, "recursive-scan"), @"
        Each of the 12 rounds of the recursion reads folders from its beginning to its end: 240,000 rows to find 4,095 (109.8 of 110.8 ms).
        An index on folders (parent_id) finds the next round's rows.
        ");
        let tips = tips_with(super::check, "recursive-scan", &Facts::default());
        assert_eq!(tried(&tips[0]), "CREATE INDEX ON folders (parent_id)");
    }

    #[test]
    fn quiet_with_an_index_and_without_a_table() {
        assert_eq!(said(super::check, "recursive-indexed"), "");
        assert_eq!(said(super::check, "recursive"), "");
    }
}
