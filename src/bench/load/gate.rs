//! When the clock counts: the windows of a step, shared by all its threads.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// The measured time of a step, in one window or (stages of a schedule) several that follow each other.
#[derive(Debug)]
pub struct Gate {
    base: Instant,
    /// Nanoseconds from `base`; [`CLOSED`] until measuring starts.
    start: AtomicU64,
    /// Nanoseconds from `base` at which everything ends.
    end: AtomicU64,
    /// Ends of the windows, from the start.
    bounds: Vec<Duration>,
}

const CLOSED: u64 = u64::MAX;

impl Gate {
    /// A gate that is still closed, for windows of these lengths.
    pub fn new(lengths: &[Duration]) -> Gate {
        let mut end = Duration::ZERO;
        let bounds = lengths.iter().map(|length| {
            end += *length;
            end
        });
        Gate { base: Instant::now(), start: AtomicU64::new(CLOSED), end: AtomicU64::new(CLOSED), bounds: bounds.collect() }
    }

    /// The first window starts at `at`.
    pub fn open(&self, at: Instant) {
        let start = self.since_base(at);
        self.end.store(start + nanos(self.bounds.last().copied().unwrap_or_default()), Ordering::Relaxed);
        self.start.store(start, Ordering::Release);
    }

    /// Ends the step now, whatever was planned.
    pub fn shut(&self) {
        let now = self.since_base(Instant::now());
        self.end.fetch_min(now, Ordering::Relaxed);
        self.start.fetch_min(now, Ordering::Release);
    }

    /// `None` while the gate is closed.
    pub fn start(&self) -> Option<Instant> {
        let start = self.start.load(Ordering::Acquire);
        (start != CLOSED).then(|| self.base + Duration::from_nanos(start))
    }

    /// `None` while the gate is closed.
    pub fn end(&self) -> Option<Instant> {
        let end = self.end.load(Ordering::Relaxed);
        (end != CLOSED).then(|| self.base + Duration::from_nanos(end))
    }

    /// True once the measured time is over.
    pub fn over(&self, now: Instant) -> bool {
        self.since_base(now) >= self.end.load(Ordering::Relaxed)
    }

    /// The window a moment falls in.
    pub fn window(&self, at: Instant) -> Option<usize> {
        let at = self.since_base(at);
        let start = self.start.load(Ordering::Acquire);
        if at < start || at >= self.end.load(Ordering::Relaxed) {
            return None;
        }
        let within = Duration::from_nanos(at - start);
        self.bounds.iter().position(|bound| within < *bound)
    }

    /// How long a window really was: shorter than planned when the step was ended early.
    pub fn length(&self, window: usize) -> Duration {
        let planned_start = if window == 0 { Duration::ZERO } else { self.bounds[window - 1] };
        let total = match (self.start(), self.end()) {
            (Some(start), Some(end)) => end.saturating_duration_since(start),
            _ => Duration::ZERO,
        };
        self.bounds[window].min(total).saturating_sub(planned_start)
    }

    fn since_base(&self, at: Instant) -> u64 {
        nanos(at.saturating_duration_since(self.base))
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(CLOSED - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn calls_count_from_the_opening_to_the_end_by_window() {
        let second = Duration::from_secs(1);
        let gate = Gate::new(&[second, second * 2]);
        let now = Instant::now();
        assert_eq!((gate.window(now), gate.over(now)), (None, false));
        gate.open(now + second);
        let at = |half_seconds: u32| gate.window(now + second / 2 * half_seconds);
        assert_eq!([at(1), at(2), at(3), at(4), at(7), at(8)], [None, Some(0), Some(0), Some(1), Some(1), None]);
        assert_eq!((gate.length(0), gate.length(1)), (second, second * 2));
        tokio::time::advance(second * 5 / 2).await;
        gate.shut();
        assert_eq!((gate.length(0), gate.length(1)), (second, second / 2));
        assert!(gate.over(Instant::now()));
    }
}
