//! `cold-reads`: much of what the statement touched was not in PostgreSQL's memory.
//!
//! **Sees** over 10% of the shared blocks, and over 1,000 (8 MB), read rather than hit.
//! **Evidence**: `Shared Read Blocks` against `Shared Hit Blocks` of the root; `I/O Read Time` where `track_io_timing` is on.
//! **Bad**: `Buffers: shared hit=12 read=8123`.
//! **Good**: `Buffers: shared hit=8135`.
//! **Wrong** after a fresh start: the second run tells whether the working set fits. Blocks read may still come from the system's
//! cache.

use super::super::context::{Context, tip};
use super::super::{Tip, words};

const NAME: &str = "cold-reads";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let (blocks, read) = (context.metrics.blocks as f64, context.metrics.blocks_read as f64);
    if read < 1_000.0 || read <= 0.1 * blocks {
        return Vec::new();
    }
    let root = &context.plan.root;
    let io_ms = root.io.and_then(|io| io.shared_read_ms.or(io.read_ms)).filter(|ms| *ms > 0.0);
    let sentence = format!(
        "{} of the {} blocks ({}) were not in shared_buffers{}.",
        words::count(read),
        words::count(blocks),
        words::kb(read * 8.0),
        io_ms.map(|ms| format!("; waiting for them took {}", context.of_total(ms))).unwrap_or_default()
    );
    let next = "Run it again: what is still read does not stay in shared_buffers (a sequential scan of a table over a quarter of it never does).".to_owned();
    // Without I/O times nobody knows what the reads cost: the statement as a whole is what the sentence speaks of.
    vec![tip(NAME, root, sentence, io_ms.unwrap_or(0.0), io_ms.unwrap_or(context.metrics.total_ms())).next(next)]
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    fn scan(hit: u32, read: u32) -> crate::plan::Plan {
        fixtures::json(
            serde_json::json!({"Plan": {"Node Type": "Seq Scan", "Relation Name": "t", "Actual Rows": 1, "Actual Loops": 1,
            "Actual Startup Time": 0.1, "Actual Total Time": 60.0, "Shared Hit Blocks": hit, "Shared Read Blocks": read,
            "I/O Read Time": 41.5}, "Execution Time": 60.5}),
        )
    }

    #[test]
    fn fires_with_the_time_waited() {
        insta::assert_snapshot!(said_of(super::check, &scan(12, 8123)), @"
        8,123 of the 8,135 blocks (63.5 MB) were not in shared_buffers; waiting for them took 41.5 of 60.5 ms.
        Run it again: what is still read does not stay in shared_buffers (a sequential scan of a table over a quarter of it never does).
        ");
    }

    #[test]
    fn quiet_when_warm() {
        assert_eq!(said_of(super::check, &scan(8123, 12)), "");
        assert_eq!(said_of(super::check, &scan(0, 3)), "");
    }
}
