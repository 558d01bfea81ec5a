//! `temporary-io`: the statement waits for its own temporary files.
//!
//! **Sees** temporary reads and writes that take 8% of the statement's time or more, where `track_io_timing` is on (PostgreSQL
//! 15 and later tell them apart).
//! **Evidence**: `Temp I/O Read Time` and `Temp I/O Write Time` of the root, and its temporary blocks.
//! **Bad**: 37 MB sorted on disk at 1 MB of work_mem: 150 of 1,791 ms of waiting.
//! **Good**: no temporary blocks.
//! **Wrong** about nothing; the processor's part of spilling is not in these figures.

use super::super::context::{Context, tip};
use super::super::{Tip, words};
use crate::units;

const NAME: &str = "temporary-io";

/// Of the statement's time.
const SHARE: f64 = 0.08;

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let root = &context.plan.root;
    let (Some(io), Some(buffers)) = (root.io, root.buffers) else { return Vec::new() };
    let (read, write) = (io.temp_read_ms.unwrap_or(0.0), io.temp_write_ms.unwrap_or(0.0));
    let waited = read + write;
    if waited <= 0.0 || waited < SHARE * context.metrics.total_ms() {
        return Vec::new();
    }
    let sentence = format!(
        "Waiting for temporary files takes {}: {} to write {}, {} to read them.",
        context.of_total(waited),
        units::ms(write),
        words::kb(buffers.temp_written as f64 * 8.0),
        units::ms(read)
    );
    let next = "Keep them from being written: the tips about each node say how much work_mem that takes.".to_owned();
    vec![tip(NAME, root, sentence, waited, waited).next(next)]
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_with_the_time_waited() {
        insta::assert_snapshot!(said(super::check, "temporary-io"), @"
        Waiting for temporary files takes 150.1 of 1,791 ms: 76.1 ms to write 111 MB, 74.1 ms to read them.
        Keep them from being written: the tips about each node say how much work_mem that takes.
        ");
    }

    #[test]
    fn quiet_without_files_and_without_their_times() {
        assert_eq!(said(super::check, "sort-near-limit"), "");
        assert_eq!(said(super::check, "sort-disk"), "");
    }
}
