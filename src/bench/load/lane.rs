//! What the workers of one thread share.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::execute::Made;
use super::gate::Gate;
use super::mix::Mix;
use super::tally::{Tally, Times};

/// One thread's part of a step.
pub struct Lane {
    pub gate: Arc<Gate>,
    pub mix: RefCell<Mix>,
    pub tally: RefCell<Tally>,
    in_system: Cell<u64>,
    counted_to: Cell<Instant>,
}

impl Lane {
    pub fn new(gate: Arc<Gate>, mix: Mix, tally: Tally) -> Lane {
        Lane {
            gate,
            mix: RefCell::new(mix),
            tally: RefCell::new(tally),
            in_system: Cell::new(0),
            counted_to: Cell::new(Instant::now()),
        }
    }

    /// A call has come into the system.
    pub fn enter(&self, now: Instant) {
        self.count_up_to(now);
        self.in_system.set(self.in_system.get() + 1);
    }

    /// It has left it, finished or not.
    pub fn leave(&self, now: Instant) {
        self.count_up_to(now);
        self.in_system.set(self.in_system.get().saturating_sub(1));
    }

    /// Calls in the system.
    pub fn in_system(&self) -> u64 {
        self.in_system.get()
    }

    /// Adds the time that calls have spent in the system to the window it fell in. A stretch that begins and ends in different
    /// windows goes to the later one: such stretches are as short as the time between two calls.
    fn count_up_to(&self, now: Instant) {
        let from = self.counted_to.replace(now);
        let present = self.in_system.get();
        if present == 0 {
            return;
        }
        let Some(start) = self.gate.start() else { return };
        let end = self.gate.end().unwrap_or(now);
        let (from, to) = (from.max(start), now.min(end));
        if from < to
            && let Some(window) = self.gate.window(to - Duration::from_nanos(1))
        {
            self.tally.borrow_mut().windows[window].in_system_ns += present as f64 * (to - from).as_nanos() as f64;
        }
    }

    /// Counts a finished call under the window it belongs to.
    pub fn record(&self, window: Option<usize>, place: usize, times: Times, made: &Made, done: Instant) {
        let mut tally = self.tally.borrow_mut();
        tally.record(window, place, times, made);
        if made.failed.is_none()
            && let Some(finished) = self.gate.window(done)
        {
            tally.windows[finished].finished += 1;
        }
    }

    /// The endpoint's parameters are used up: it is called no more.
    pub fn used_up(&self, place: usize) {
        let rest = self.mix.borrow().without(place);
        *self.mix.borrow_mut() = rest;
        for window in &mut self.tally.borrow_mut().windows {
            window.endpoints[place].used_up = true;
        }
    }
}
