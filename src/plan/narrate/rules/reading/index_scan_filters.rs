//! `index-scan-filters`: an index finds rows, and the filter throws most of them away again.
//!
//! **Sees** an Index Scan (or the heap scan above a bitmap) whose filter removed more than ten times what it kept, and over 1,000
//! rows.
//! **Evidence**: `Rows Removed by Filter` against `Actual Rows`; the columns of `Index Cond` and `Filter`.
//! **Bad**: `Index Scan using h_user_idx … Index Cond: (user_id = 3) … Filter: (song_id = 7) … Rows Removed by Filter: 1008`, one
//! row kept.
//! **Good**: a filter that removes two of three rows.
//! **Wrong** when the filter's column changes with every write: the wider index would end HOT updates.

use crate::plan::PlanNode;
use crate::plan::narrate::advice::{advise_index, index_to_try};
use crate::plan::narrate::context::{Conditions, Context, relation, tip};
use crate::plan::narrate::{Tip, words};

const NAME: &str = "index-scan-filters";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node) {
        if !matches!(node.node_type.as_str(), "Index Scan" | "Index Only Scan" | "Bitmap Heap Scan") {
            continue;
        }
        let removed = node.removed_by_filter.unwrap_or(0.0) * node.loops();
        if removed <= 1_000.0 || removed <= 10.0 * node.rows() {
            continue;
        }
        let figures = context.node(node);
        let found = removed + node.rows();
        let sentence = format!(
            "{} finds {} of {}, and the filter keeps {}.",
            index(node),
            words::rows(found),
            relation(node),
            words::count(node.rows())
        );
        let columns = Conditions::all_of(node).btree_columns();
        let useful = !Conditions::of(node, false).btree_columns().is_empty();
        let tip = tip(NAME, node, sentence, figures.elapsed_ms * removed / found, figures.elapsed_ms);
        tips.push(match useful {
            true => tip.next(advise_index(context, node, &columns)).remedy(index_to_try(context, node, &columns)),
            false => tip,
        });
    }
    tips
}

fn index(node: &PlanNode) -> String {
    node.index.as_ref().map_or_else(|| "The bitmap".to_owned(), |index| format!("The index {index}"))
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_with_the_composite_index() {
        insta::assert_snapshot!(shop_said(super::check, "filter-weak"), @"
        The bitmap finds 1,463 rows of shop.purchases, and the filter keeps 0.
        An index on shop.purchases (channel, note, total) finds them directly.
        ");
        let remedy = shop_tips(super::check, "filter-weak")[0].remedy.clone();
        insta::assert_snapshot!(remedy.unwrap(), @"CREATE INDEX ON shop.purchases (channel, note, total)");
    }

    #[test]
    fn quiet_when_the_filter_takes_little() {
        assert_eq!(shop_said(super::check, "correlated-columns"), "");
        assert_eq!(said(super::check, "index-filter"), "");
    }
}
