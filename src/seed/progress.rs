//! How far a load has come.

use std::cell::{Cell, RefCell};
use std::time::Instant;

use crate::units;

/// What is going on, for whoever waits.
#[derive(Debug, Clone, PartialEq)]
pub struct SeedEvent {
    /// Of the whole load, 0 to 1.
    pub share: f64,
    /// `412,000 of 1,292,816 rows, 2,100,000 rows/s, 3.2 s left: song_history`.
    pub what: String,
}

/// The share of a load's time that COPY takes; keys, foreign keys, VACUUM and counting take the rest. Measured on the music
/// service, and good enough for a bar.
const COPY_SHARE: f64 = 0.5;

/// Seconds before a rate or a remaining time is worth saying.
const SETTLED: f64 = 0.3;

/// Counts what several connections have done and tells it in one voice.
pub struct Progress<'a> {
    tell: RefCell<&'a mut dyn FnMut(SeedEvent)>,
    start: Instant,
    rows: Cell<u64>,
    finished: Cell<u64>,
    of: u64,
}

impl<'a> Progress<'a> {
    /// For `rows` rows to copy.
    pub fn new(tell: &'a mut dyn FnMut(SeedEvent), rows: u64) -> Progress<'a> {
        Progress { tell: RefCell::new(tell), start: Instant::now(), rows: Cell::new(0), finished: Cell::new(0), of: rows }
    }

    /// More rows of a table were sent.
    pub fn copied(&self, table: &str, rows: u64) {
        self.rows.set(self.rows.get() + rows);
        let sent = self.rows.get();
        let seconds = self.start.elapsed().as_secs_f64();
        let rate = if seconds > SETTLED && sent < self.of {
            format!(", {} rows/s", units::count((sent as f64 / seconds) as u64))
        } else {
            String::new()
        };
        self.tell(format!("{} of {} rows{rate}{}: {table}", units::count(sent), units::count(self.of), self.left()));
    }

    /// A step after the copying begins.
    pub fn begins(&self, what: String) {
        self.tell(format!("{what}{}", self.left()));
    }

    /// A table of this many rows has its keys and is vacuumed.
    pub fn finished(&self, rows: u64) {
        self.finished.set(self.finished.get() + rows);
    }

    fn share(&self) -> f64 {
        let part = |done: u64| if self.of == 0 { 1.0 } else { (done as f64 / self.of as f64).min(1.0) };
        part(self.rows.get()) * COPY_SHARE + part(self.finished.get()) * (1.0 - COPY_SHARE)
    }

    /// `, 3 s left`, once it can be known.
    fn left(&self) -> String {
        let (seconds, share) = (self.start.elapsed().as_secs_f64(), self.share());
        if seconds < SETTLED || !(0.02..1.0).contains(&share) {
            return String::new();
        }
        format!(", {} left", units::seconds((seconds / share * (1.0 - share)).ceil()))
    }

    fn tell(&self, what: String) {
        (self.tell.borrow_mut())(SeedEvent { share: self.share(), what });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_grows_from_copying_and_from_what_follows() {
        let mut told = Vec::new();
        let mut tell = |event: SeedEvent| told.push(event);
        let progress = Progress::new(&mut tell, 100);
        progress.copied("songs", 50);
        progress.begins("songs: songs_pkey".into());
        progress.finished(50);
        progress.copied("plays", 50);
        progress.finished(50);
        progress.begins("plays: VACUUM".into());
        let shares: Vec<f64> = told.iter().map(|event| event.share).collect();
        assert_eq!(shares, [0.25, 0.25, 0.75, 1.0]);
        assert_eq!((told[0].what.as_str(), told[1].what.as_str()), ("50 of 100 rows: songs", "songs: songs_pkey"));
    }
}
