//! `full-page-images`: whole blocks go to the write-ahead log, since each is changed for the first time after a checkpoint.
//!
//! **Sees** a ModifyTable that logged 10 full-page images or more, one for every 10 of its records or two rows at least.
//! **Evidence**: `WAL FPI`, `WAL Records`, `WAL Bytes`.
//! **Bad**: 160 rows updated after a checkpoint: 642 images in 5.2 MB of WAL.
//! **Good**: the same a moment later.
//! **Wrong** about the average: the next execution on the same blocks logs none until the next checkpoint.

use super::super::context::{Context, tip};
use super::super::{Tip, words};
use super::{rows_written, wal};
use crate::plan::PlanNode;

const NAME: &str = "full-page-images";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let writes = context.executed().map(|visit| visit.node).filter(|node| node.node_type == "ModifyTable");
    writes.filter_map(|node| say(context, node)).collect()
}

fn say(context: &Context, node: &PlanNode) -> Option<Tip> {
    let (wal, rows) = (wal(node)?, rows_written(node));
    let images = wal.full_page_images as f64;
    if images < 10.0 || (images < 0.1 * wal.records as f64 && images < 0.5 * rows) {
        return None;
    }
    let own = context.node(node).exclusive_ms;
    let sentence = format!(
        "{} {} logs {} whole blocks in {} of WAL{}: each was changed for the first time since the last checkpoint.",
        super::writing(node),
        words::rows(rows),
        words::count(images),
        words::kb(wal.bytes as f64 / 1024.0),
        context.aside(own)
    );
    let next = "Checkpoint less often (max_wal_size, checkpoint_timeout), and prefer keys that grow (identity, uuidv7) to random ones, \
                which spread over all blocks of an index.";
    Some(tip(NAME, node, sentence, own, own).next(next.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_after_a_checkpoint() {
        insta::assert_snapshot!(said(super::check, "after-checkpoint"), @"
        Updating 160 rows logs 642 whole blocks in 4.9 MB of WAL (75.7 of 75.9 ms): each was changed for the first time since the last checkpoint.
        Checkpoint less often (max_wal_size, checkpoint_timeout), and prefer keys that grow (identity, uuidv7) to random ones, which spread over all blocks of an index.
        ");
    }

    #[test]
    fn quiet_between_checkpoints() {
        assert_eq!(said(super::check, "insert-documents"), "");
        assert_eq!(said(super::check, "insert-lean"), "");
    }
}
