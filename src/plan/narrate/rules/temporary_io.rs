//! `temporary-io`: the statement waits for its own temporary files.
//!
//! **Sees** temporary reads and writes that take 8% of the statement's time or more, where `track_io_timing` is on (PostgreSQL
//! 15 and later tell them apart).
//! **Evidence**: `Temp I/O Read Time` and `Temp I/O Write Time` of the root, and its temporary blocks.
//! **Bad**: 37 MB sorted on disk at 1 MB of work_mem: 150 of 1,791 ms of waiting.
//! **Good**: no temporary blocks.
//! **Wrong** about nothing; the processor's part of spilling is not in these figures.

use super::super::context::{Context, tip};
use super::super::settings::set_work_mem;
use super::super::{Tip, words};
use super::rounded_up;
use crate::units;

const NAME: &str = "temporary-io";

/// Memory needed over disk used, as [`sort-on-disk`](super::sort_on_disk) measured it.
const MEMORY_PER_DISK: f64 = 2.5;

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let root = &context.plan.root;
    let (Some(io), Some(buffers)) = (root.io, root.buffers) else { return Vec::new() };
    let (read, write) = (io.temp_read_ms.unwrap_or(0.0), io.temp_write_ms.unwrap_or(0.0));
    let waited = read + write;
    if waited <= 0.0 || waited < 0.08 * context.metrics.total_ms() {
        return Vec::new();
    }
    let sentence = format!(
        "Waiting for temporary files takes {}: {} to write {}, {} to read them.",
        context.of_total(waited),
        units::ms(write),
        words::kb(buffers.temp_written as f64 * 8.0),
        units::ms(read)
    );
    let needed = rounded_up(buffers.temp_written as f64 * 8.0 * MEMORY_PER_DISK);
    let next = format!("With about {} of work_mem there are no such files.", words::kb(needed));
    vec![tip(NAME, root, sentence, waited, waited).next(next).remedy(set_work_mem(needed))]
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_with_the_time_waited() {
        insta::assert_snapshot!(said(super::check, "temporary-io"), @"
        Waiting for temporary files takes 150.1 of 1,791 ms: 76.1 ms to write 111 MB, 74.1 ms to read them.
        With about 279 MB of work_mem there are no such files.
        ");
    }

    #[test]
    fn quiet_without_files_and_without_their_times() {
        assert_eq!(said(super::check, "sort-near-limit"), "");
        assert_eq!(said(super::check, "sort-disk"), "");
    }
}
