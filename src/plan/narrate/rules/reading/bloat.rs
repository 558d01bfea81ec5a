//! `bloat`: a sequential scan reads many blocks for few rows, because dead rows left their room behind.
//!
//! **Sees** a Seq Scan over at least 100 blocks, twice as many as its rows would fill.
//! **Evidence**: the blocks of the scan, the rows it read, the width of a row by the catalog's statistics (28 bytes for header and
//! pointer, values padded to 8).
//! **Bad**: 561 blocks for 6,000 rows that would fill 65.
//! **Good**: 861 blocks for 60,000 rows.
//! **Wrong** for tables with a small fillfactor, which leave room on purpose, and for rows that were just deleted and not yet
//! vacuumed.

use super::scattered_heap::BLOCK_BYTES;
use crate::plan::PlanNode;
use crate::plan::metrics::rows_read;
use crate::plan::narrate::context::{Context, relation, sql_relation, tip};
use crate::plan::narrate::{Tip, words};
use crate::units;

const NAME: &str = "bloat";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    context.executed().map(|visit| visit.node).filter_map(|node| say(context, node)).collect()
}

fn say(context: &Context, node: &PlanNode) -> Option<Tip> {
    if node.node_type != "Seq Scan" || node.buffers.is_none() {
        return None;
    }
    let (rows, blocks) = (rows_read(node), context.node(node).blocks as f64);
    let dense = (rows * context.table(node)?.row_bytes()? / BLOCK_BYTES).ceil();
    if blocks < 100.0 || blocks < 2.0 * dense {
        return None;
    }
    let own = context.node(node).exclusive_ms;
    let sentence = format!(
        "It reads {} of {}{} for {} that would fill {}: {} of it is room that other rows left.",
        words::plural(blocks, "block", "blocks"),
        relation(node),
        context.aside(own),
        words::rows(rows),
        words::count(dense),
        units::percent(1.0 - dense / blocks)
    );
    let table = sql_relation(node)?;
    let next = format!(
        "VACUUM FULL {table} (it locks the table) or pg_repack gives the room back; an earlier autovacuum keeps it from growing again."
    );
    Some(tip(NAME, node, sentence, own * (1.0 - dense / blocks), own).next(next))
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_where_nine_of_ten_rows_were_deleted() {
        insta::assert_snapshot!(shop_said(super::check, "bloat"), @"
        It reads 561 blocks of shop.sessions (1.0 of 1.1 ms) for 6,000 rows that would fill 56: 90% of it is room that other rows left.
        VACUUM FULL shop.sessions (it locks the table) or pg_repack gives the room back; an earlier autovacuum keeps it from growing again.
        ");
    }

    #[test]
    fn quiet_on_a_full_table_or_when_nobody_knows_the_width() {
        assert_eq!(shop_said(super::check, "or-columns"), "");
        assert_eq!(said_of(super::check, &fixtures::reading_plan("bloat")), "");
    }
}
