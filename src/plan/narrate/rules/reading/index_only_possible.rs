//! `index-only-possible`: an index finds many rows, and the table is visited for one or two narrow columns that the index could carry.
//!
//! **Sees** an Index Scan, or a heap scan above one bitmap, of at least 1,000 rows and a block of the table for every three of them, whose columns
//! are those of the index and at most two others of 32 bytes at most.
//! **Evidence**: `Output` (VERBOSE), `Heap Blocks` or buffers, the columns of the index and their widths.
//! **Bad**: 2,100 rows in 861 blocks, of which only `customer_id` and `total` are used.
//! **Good**: `Index Only Scan … Heap Fetches: 0`.
//! **Wrong** for columns that change often: an index that carries them ends HOT updates, and the pages that changed are visited
//! all the same.

use super::needed;
use crate::plan::PlanNode;
use crate::plan::narrate::advice::create_index;
use crate::plan::narrate::context::{Context, relation, tip};
use crate::plan::narrate::{Tip, words};
use crate::plan::quote::quote_identifier;
use crate::units;

const NAME: &str = "index-only-possible";

/// Columns to carry along, and bytes of each.
const MOST_COLUMNS: usize = 2;
const MOST_BYTES: f64 = 32.0;

pub(super) fn check(context: &Context) -> Vec<Tip> {
    context.executed().map(|visit| visit.node).filter_map(|node| say(context, node)).collect()
}

fn say(context: &Context, node: &PlanNode) -> Option<Tip> {
    let index = context.table(node)?.index(index_name(node)?)?;
    let (rows, blocks) = (node.rows(), heap_blocks(context, node)?);
    if rows < 1_000.0 || blocks < rows / 3.0 {
        return None;
    }
    let has = |column: &String| index.columns.iter().flatten().chain(&index.included).any(|known| known == column);
    let extra: Vec<String> = needed::columns(context, node)?.into_iter().filter(|column| !has(column)).collect();
    let narrow = |column: &String| context.table(node)?.column(column)?.width.filter(|bytes| *bytes <= MOST_BYTES);
    if extra.len() > MOST_COLUMNS || !extra.iter().all(|column| narrow(column).is_some()) {
        return None;
    }
    let keys: Option<Vec<String>> = index.columns.iter().cloned().collect();
    let own = context.node(node).exclusive_ms;
    let sentence = format!(
        "For {} that {} finds, {} of {} are visited{}{}.",
        words::rows(rows),
        index.name,
        words::plural(blocks, "block", "blocks"),
        relation(node),
        if extra.is_empty() {
            ", though the index has every column".to_owned()
        } else {
            format!(", only to fetch {}", units::listed(&extra))
        },
        context.taking(own)
    );
    let keys = keys?;
    let list = |columns: &[String]| columns.iter().map(|column| quote_identifier(column)).collect::<Vec<_>>().join(", ");
    let next = if extra.is_empty() {
        format!("VACUUM {}: an index-only scan pays once its pages are marked all-visible.", relation(node))
    } else {
        format!(
            "An index on {} ({}) INCLUDE ({}) answers it without the table, once VACUUM has marked its pages all-visible.",
            relation(node),
            list(&keys),
            list(&extra)
        )
    };
    let remedy = if extra.is_empty() { None } else { create_index(node, &keys, &extra) };
    Some(tip(NAME, node, sentence, own, own).next(next).remedy(remedy))
}

fn index_name(node: &PlanNode) -> Option<&str> {
    match node.node_type.as_str() {
        "Index Scan" => node.index.as_deref(),
        "Bitmap Heap Scan" => node.children.iter().find(|child| child.node_type == "Bitmap Index Scan")?.index.as_deref(),
        _ => None,
    }
}

/// Blocks of the table; those of an index scan include a few of the index.
fn heap_blocks(context: &Context, node: &PlanNode) -> Option<f64> {
    match node.node_type.as_str() {
        "Bitmap Heap Scan" => node.exact_heap_blocks,
        _ => node.buffers.map(|_| context.node(node).blocks as f64 - 3.0 * node.loops()),
    }
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_with_the_column_to_carry() {
        insta::assert_snapshot!(shop_said(super::check, "index-only-possible"), @"
        For 2,100 rows that purchases_customer_idx finds, 861 blocks of shop.purchases are visited, only to fetch total, which takes 0.97 of 1.7 ms.
        An index on shop.purchases (customer_id) INCLUDE (total) answers it without the table, once VACUUM has marked its pages all-visible.
        ");
        let remedy = shop_tips(super::check, "index-only-possible")[0].remedy.clone();
        insta::assert_snapshot!(remedy.unwrap(), @"CREATE INDEX ON shop.purchases (customer_id) INCLUDE (total)");
    }

    #[test]
    fn quiet_when_wide_columns_are_asked_for_or_few_rows() {
        assert_eq!(shop_said(super::check, "filter-weak"), "");
        assert_eq!(shop_said(super::check, "scattered-heap"), "");
        assert_eq!(shop_said(super::check, "limit-fooled"), "");
    }
}
