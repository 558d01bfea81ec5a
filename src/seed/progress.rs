//! How far a load has come.

use std::cell::RefCell;
use std::time::Instant;

use crate::units;

/// What is going on, for whoever waits.
#[derive(Debug, Clone, PartialEq)]
pub struct SeedEvent {
    /// Of the whole load, 0 to 1.
    pub share: f64,
    /// `song_history: 412,000 of 919,039 rows, 2.1 M rows/s`.
    pub what: String,
}

/// The share of a load's time that COPY takes; keys, foreign keys, VACUUM and counting take the rest. Measured on the music
/// service, and good enough for a bar.
const COPY_SHARE: f64 = 0.5;

/// Counts what several connections have done and tells it in one voice.
pub struct Progress<'a> {
    tell: RefCell<&'a mut dyn FnMut(SeedEvent)>,
    rows: RefCell<u64>,
    of: u64,
    steps: RefCell<u64>,
    of_steps: u64,
}

impl<'a> Progress<'a> {
    /// For `rows` rows to copy and `steps` steps after them.
    pub fn new(tell: &'a mut dyn FnMut(SeedEvent), rows: u64, steps: u64) -> Progress<'a> {
        Progress { tell: RefCell::new(tell), rows: RefCell::new(0), of: rows, steps: RefCell::new(0), of_steps: steps }
    }

    /// More rows of a table were sent; `sent` of `of` in all, since `start`.
    pub fn copied(&self, table: &str, rows: u64, sent: u64, of: u64, start: Instant) {
        *self.rows.borrow_mut() += rows;
        let seconds = start.elapsed().as_secs_f64();
        let rate =
            if seconds > 0.05 { format!(", {} rows/s", units::count((sent as f64 / seconds) as u64)) } else { String::new() };
        self.tell(format!("{table}: {} of {} rows{rate}", units::count(sent), units::count(of)));
    }

    /// A step after the copying begins.
    pub fn step(&self, what: String) {
        *self.steps.borrow_mut() += 1;
        self.tell(what);
    }

    fn tell(&self, what: String) {
        let part = |done: u64, of: u64| if of == 0 { 1.0 } else { (done as f64 / of as f64).min(1.0) };
        let copied = part(*self.rows.borrow(), self.of);
        let stepped = part(*self.steps.borrow(), self.of_steps);
        let share = copied * COPY_SHARE + stepped * (1.0 - COPY_SHARE);
        (self.tell.borrow_mut())(SeedEvent { share, what });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_grows_from_copying_and_from_steps() {
        let mut told = Vec::new();
        let mut tell = |event: SeedEvent| told.push(event);
        let progress = Progress::new(&mut tell, 100, 2);
        progress.copied("songs", 50, 50, 100, Instant::now());
        progress.step("keys".into());
        progress.copied("songs", 50, 100, 100, Instant::now());
        progress.step("vacuum".into());
        let shares: Vec<f64> = told.iter().map(|event| event.share).collect();
        assert_eq!(shares, [0.25, 0.5, 0.75, 1.0]);
        assert_eq!(told[0].what, "songs: 50 of 100 rows");
    }
}
