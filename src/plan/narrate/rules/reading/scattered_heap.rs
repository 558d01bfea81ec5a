//! `scattered-heap`: an index finds rows that lie all over the table, nearly each in a block of its own.
//!
//! **Sees** an Index Scan or Bitmap Heap Scan of at least 100 rows that visits a block for every two of them, ten times the blocks
//! that they would fill side by side.
//! **Evidence**: `Heap Blocks` or buffers, the width of a row (from the catalog, else the plan's), the correlation of the index's
//! first column with the order on disk.
//! **Bad**: 300 rows in 300 blocks, which would fill 4.
//! **Good**: the same rows in 5 blocks, as after CLUSTER, or when they were inserted one after the other.
//! **Wrong** when the blocks are in memory anyway: a block that is found there costs about a microsecond; read from disk, a
//! hundred times that. CLUSTER locks the table and lasts only until rows come and go.

use crate::plan::PlanNode;
use crate::plan::narrate::context::{Context, relation, sql_relation, tip};
use crate::plan::narrate::{Tip, words};

const NAME: &str = "scattered-heap";

/// Bytes of a block that rows may take (8 kB without its header).
pub(super) const BLOCK_BYTES: f64 = 8_168.0;

pub(super) fn check(context: &Context) -> Vec<Tip> {
    context.executed().map(|visit| visit.node).filter_map(|node| say(context, node)).collect()
}

fn say(context: &Context, node: &PlanNode) -> Option<Tip> {
    let (index, blocks) = match node.node_type.as_str() {
        "Bitmap Heap Scan" => (
            node.children.iter().find_map(|child| child.index.as_deref()),
            node.exact_heap_blocks.filter(|_| node.lossy_heap_blocks.unwrap_or(0.0) == 0.0)?,
        ),
        // Each loop also goes through the index.
        "Index Scan" => (node.index.as_deref(), node.buffers.map(|_| context.node(node).blocks as f64 - 3.0 * node.loops())?),
        _ => return None,
    };
    let rows = node.rows() + node.rows_removed();
    let table = context.table(node);
    let bytes = table.and_then(|table| table.row_bytes()).or(node.plan_width.map(|width| width + 28.0))?;
    let dense = (rows * bytes / BLOCK_BYTES).ceil();
    // Rows that are looked up one by one cannot lie side by side.
    let each = rows / node.loops();
    if each < 100.0 || blocks < rows / 2.0 || blocks < 10.0 * dense {
        return None;
    }
    let own = context.node(node).exclusive_ms;
    let correlation = index.and_then(|index| correlation(context, node, index)).unwrap_or_default();
    let sentence = format!(
        "The {} of {} lie in {}{}; side by side they would fill {}{correlation}.",
        words::rows(rows),
        relation(node),
        words::plural(blocks, "block", "blocks"),
        context.aside(own),
        words::count(dense),
    );
    let cluster = index
        .and_then(|index| Some(format!("CLUSTER {} USING {}", sql_relation(node)?, crate::plan::quote::quote_identifier(index))));
    let next = format!(
        "{} lays them side by side until rows come and go (it locks the table); an index that has all columns asked for needs no table \
         at all.",
        cluster.unwrap_or_else(|| "CLUSTER by that index".to_owned())
    );
    Some(tip(NAME, node, sentence, own * (1.0 - dense / blocks), own).next(next))
}

/// ` (the order of customer_id is not that on disk: correlation 0.01)`
fn correlation(context: &Context, node: &PlanNode, index: &str) -> Option<String> {
    let table = context.table(node)?;
    let first = table.index(index)?.columns.first()?.as_deref()?;
    let known = table.column(first)?.correlation?;
    // Without a sign before a zero.
    let known = (known * 100.0).round() / 100.0 + 0.0;
    Some(format!(" (correlation of {first} with the order on disk: {known:.2})"))
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_on_a_row_in_each_block() {
        insta::assert_snapshot!(shop_said(super::check, "scattered-heap"), @"
        The 300 rows of shop.purchases lie in 300 blocks (0.34 of 0.39 ms); side by side they would fill 4 (correlation of customer_id with the order on disk: 0.00).
        CLUSTER shop.purchases USING purchases_customer_idx lays them side by side until rows come and go (it locks the table); an index that has all columns asked for needs no table at all.
        ");
    }

    #[test]
    fn quiet_when_rows_share_blocks() {
        assert_eq!(shop_said(super::check, "bitmap-lossy"), "");
        assert_eq!(shop_said(super::check, "nested-loop-thousands"), "");
        assert_eq!(shop_said(super::check, "limit-fooled"), "");
    }
}
