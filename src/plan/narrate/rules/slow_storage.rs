//! `slow-storage`: a block takes long to come from the disk.
//!
//! **Sees** over 1 ms for each block that was not in shared_buffers, over 20 blocks or more, where `track_io_timing` is on.
//! **Evidence**: `Shared I/O Read Time` (`I/O Read Time` before PostgreSQL 17) over `Shared Read Blocks`.
//! **Bad**: 5,200 ms for 1,000 blocks: a busy or a spinning disk, or a network's.
//! **Good**: 0.1 ms a block from an SSD, 0.01 ms from the system's cache.
//! **Wrong** when something else on the machine read at that moment.

use super::super::context::{Context, tip};
use super::super::{Tip, words};
use crate::units;

const NAME: &str = "slow-storage";

/// A seek of a spinning disk takes 5 to 10 ms, an SSD 0.1 ms.
const SLOW_MS: f64 = 1.0;

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let root = &context.plan.root;
    let (Some(io), Some(buffers)) = (root.io, root.buffers) else { return Vec::new() };
    let Some(waited) = io.shared_read_ms.or(io.read_ms) else { return Vec::new() };
    let blocks = buffers.shared_read as f64;
    if blocks < 20.0 || waited <= SLOW_MS * blocks {
        return Vec::new();
    }
    let sentence = format!(
        "Each of {} blocks took {} to come from the disk: {}.",
        words::count(blocks),
        units::ms(waited / blocks),
        context.of_total(waited)
    );
    let next = "Look at the storage before the plan (`iostat -x 1` while it runs), and at what else reads from it.".to_owned();
    vec![tip(NAME, root, sentence, waited, waited).next(next)]
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    /// No disk of ours is slow enough; the figures of a captured plan are made so.
    fn cold(read_ms: f64) -> crate::plan::Plan {
        let mut plan = fixtures::timed_plan("temporary-io");
        let buffers = plan.root.buffers.as_mut().unwrap();
        (buffers.shared_hit, buffers.shared_read) = (6_658, 100);
        plan.root.io.as_mut().unwrap().read_ms = Some(read_ms);
        plan
    }

    #[test]
    fn fires_over_a_millisecond_a_block() {
        insta::assert_snapshot!(said_of(super::check, &cold(520.0)), @"
        Each of 100 blocks took 5.2 ms to come from the disk: 520.0 of 1,791 ms.
        Look at the storage before the plan (`iostat -x 1` while it runs), and at what else reads from it.
        ");
    }

    #[test]
    fn quiet_on_an_ssd_and_without_times() {
        assert_eq!(said_of(super::check, &cold(9.0)), "");
        assert_eq!(said(super::check, "sort-disk"), "");
    }
}
