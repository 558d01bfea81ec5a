//! `offset-paging`: a page far behind is reached by reading all pages before it.
//!
//! **Sees** a Limit that returns under a tenth of what its child hands up, with at least 1,000 rows skipped.
//! **Evidence**: the rows of the child against those of the Limit; only OFFSET makes them differ.
//! **Bad**: `Limit … rows=20` over `Index Scan … rows=75020`.
//! **Good**: `Limit … rows=20` over `Index Scan … rows=20`, as keyset paging (`WHERE id > last_seen`) gives.
//! **Wrong** when users must jump to any page by its number; then at least the skipped part should be an index-only scan.

use crate::plan::PlanNode;
use crate::plan::narrate::context::{Context, tip};
use crate::plan::narrate::{Tip, words};
use crate::plan::walk::nodes;
use crate::units;

const NAME: &str = "offset-paging";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node).filter(|node| node.node_type == "Limit") {
        let Some(child) = node.children.iter().find(|child| !child.is_init_plan() && !child.is_sub_plan()) else { continue };
        let (handed, kept) = (child.rows(), node.rows());
        if handed < 10.0 * kept || handed - kept < 1_000.0 {
            continue;
        }
        let elapsed = context.node(node).elapsed_ms;
        let sentence = format!(
            "The OFFSET skips {} to return {}: they are read{} and thrown away.",
            words::rows(handed - kept),
            words::count(kept),
            if nodes(child).any(|node| node.node_type == "Sort") { ", sorted" } else { "" },
        );
        let next = format!(
            "Page by key: keep the last row's {} and ask for the rows after it instead of an OFFSET.",
            order(context, child).unwrap_or_else(|| "key".to_owned())
        );
        tips.push(tip(NAME, node, sentence, elapsed * (1.0 - kept / handed), elapsed).next(next));
    }
    tips
}

/// What the rows are ordered by, as far as the plan says.
fn order(context: &Context, child: &PlanNode) -> Option<String> {
    let keys = nodes(child).find(|node| !node.sort_key.is_empty()).map(|sort| units::listed(&sort.sort_key));
    keys.or_else(|| {
        let scan = nodes(child).find(|node| node.index.is_some())?;
        let index = scan.index.as_deref()?;
        let known = context.table(scan).and_then(|table| table.index(index)?.columns.iter().cloned().collect::<Option<Vec<_>>>());
        Some(known.map_or_else(|| format!("key in {index}"), |columns| units::listed(&columns)))
    })
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_on_a_late_page() {
        insta::assert_snapshot!(said(super::check, "library-offset"), @"
        The OFFSET skips 75,000 rows to return 20: they are read and thrown away.
        Page by key: keep the last row's key in songs_pkey and ask for the rows after it instead of an OFFSET.
        ");
    }

    #[test]
    fn quiet_on_a_limit_without_offset() {
        assert_eq!(said(super::check, "whole-aggregate"), "");
        assert_eq!(said(super::check, "search-infix"), "");
    }
}
