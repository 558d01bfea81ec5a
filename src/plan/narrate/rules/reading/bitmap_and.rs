//! `bitmap-and`: two indexes are read for many rows each, to keep the few that are in both.
//!
//! **Sees** a BitmapAnd whose bitmaps found ten times the rows that the table's scan returned, and 1,000 at least.
//! **Evidence**: `Actual Rows` of each Bitmap Index Scan and of the heap scan.
//! **Bad**: 1,132 rows of one index and 1,463 of another, 28 in both.
//! **Good**: a single Bitmap Index Scan, or a BitmapAnd of two short lists.
//! **Wrong** when many pairs of columns are asked for in turn: then one index for each column serves all of them.

use crate::plan::PlanNode;
use crate::plan::narrate::advice::{advise_index, index_to_try};
use crate::plan::narrate::context::{Conditions, Context, relation, tip};
use crate::plan::narrate::{Tip, words};
use crate::units;

const NAME: &str = "bitmap-and";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    context.executed().map(|visit| visit.node).filter_map(|node| say(context, node)).collect()
}

fn say(context: &Context, heap: &PlanNode) -> Option<Tip> {
    let and = heap.children.iter().find(|child| child.node_type == "BitmapAnd")?;
    let bitmaps: Vec<&PlanNode> = and.children.iter().filter(|child| child.index.is_some()).collect();
    let found: f64 = bitmaps.iter().map(|bitmap| bitmap.rows()).sum();
    if bitmaps.len() < 2 || found < 1_000.0 || found < 10.0 * heap.rows() {
        return None;
    }
    let each: Vec<String> = bitmaps
        .iter()
        .map(|bitmap| format!("{} by {}", words::count(bitmap.rows()), bitmap.index.as_deref().unwrap_or("an index")))
        .collect();
    let elapsed = context.node(and).elapsed_ms;
    let sentence = format!(
        "{} of {} are looked up, {}, to keep {} that both have{}.",
        words::rows(found),
        relation(heap),
        units::listed(&each),
        words::some(heap.rows()),
        context.taking(elapsed)
    );
    let columns = Conditions::all_of(heap).btree_columns();
    let tip = tip(NAME, heap, sentence, elapsed * (1.0 - heap.rows() / found), elapsed);
    Some(tip.next(advise_index(context, heap, &columns)).remedy(index_to_try(context, heap, &columns)))
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_with_one_index_for_both() {
        insta::assert_snapshot!(shop_said(super::check, "bitmap-and"), @"
        2,595 rows of shop.purchases are looked up, 1,132 by purchases_desk_idx and 1,463 by purchases_channel_idx, to keep 28 that both have, which takes 0.17 of 0.22 ms.
        An index on shop.purchases (desk, channel) finds them directly.
        ");
        assert_eq!(
            shop_tips(super::check, "bitmap-and")[0].remedy.as_ref().unwrap().to_string(),
            "CREATE INDEX ON shop.purchases (desk, channel)"
        );
    }

    #[test]
    fn quiet_on_one_bitmap_or_an_or() {
        assert_eq!(shop_said(super::check, "filter-weak"), "");
        assert_eq!(said_of(super::check, &fixtures::plan("05-bitmap-or")), "");
    }
}
