//! What a worker thread counts, and how the counts of several threads become one.

use std::time::Duration;

use hdrhistogram::Histogram;

use crate::bench::recorder::Recorder;
use crate::report::model::ErrorCount;

use super::execute::{Called, Failed, Made};

/// All windows of a step on one thread.
pub struct Tally {
    pub windows: Vec<WindowTally>,
    /// Since the last tick, by endpoint.
    pub live: Vec<Interval>,
}

/// One window.
#[derive(Default)]
pub struct WindowTally {
    pub endpoints: Vec<EndpointTally>,
    /// Waiting for a connection.
    pub wait: Recorder,
    /// How late calls were handed over by the schedule's own loop.
    pub lag: Recorder,
    pub connect: Recorder,
    /// Calls that succeeded within the window, whenever they arrived.
    pub finished: u64,
    pub late: u64,
    pub backlog: u64,
    pub lost: u64,
    /// Nanoseconds that calls spent in the system within the window, added up over them.
    pub in_system_ns: f64,
}

/// One endpoint in a window. Histograms are made when the first call needs them: they are large, and most endpoints of a step of
/// one kind stay without.
#[derive(Default)]
pub struct EndpointTally {
    pub service: Option<Box<Recorder>>,
    /// `None` where it is the service time.
    pub response: Option<Box<Recorder>>,
    pub failures: Vec<ErrorCount>,
    pub retries: u64,
    pub used_up: bool,
}

/// The two clocks of a call.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    pub service: Duration,
    /// `None`: as the service time, for there was nothing to wait for.
    pub response: Option<Duration>,
}

impl Tally {
    pub fn new(windows: usize, endpoints: usize) -> Tally {
        let window =
            || WindowTally { endpoints: (0..endpoints).map(|_| EndpointTally::default()).collect(), ..WindowTally::default() };
        Tally { windows: (0..windows).map(|_| window()).collect(), live: vec![Interval::default(); endpoints] }
    }

    /// Counts a call; `window` is `None` outside of the measured time, when it is only shown.
    pub fn record(&mut self, window: Option<usize>, place: usize, times: Times, made: &Made) {
        self.live[place].record(times.response.unwrap_or(times.service), made.failed.is_some());
        let Some(window) = window.and_then(|window| self.windows.get_mut(window)) else { return };
        window.lost += u64::from(made.lost);
        if let Some(connect) = made.connect {
            window.connect.record(connect);
        }
        let endpoint = &mut window.endpoints[place];
        endpoint.retries += u64::from(made.retries);
        match &made.failed {
            Some(failed) => count(&mut endpoint.failures, failed),
            None => {
                endpoint.service.get_or_insert_default().record(times.service);
                if let Some(response) = times.response {
                    endpoint.response.get_or_insert_default().record(response);
                }
            }
        }
    }

    pub fn merge(&mut self, other: Tally) {
        for (mine, theirs) in self.windows.iter_mut().zip(other.windows) {
            mine.merge(theirs);
        }
    }
}

impl WindowTally {
    fn merge(&mut self, other: WindowTally) {
        self.wait.merge(&other.wait);
        self.lag.merge(&other.lag);
        self.connect.merge(&other.connect);
        self.finished += other.finished;
        self.late += other.late;
        self.backlog += other.backlog;
        self.lost += other.lost;
        self.in_system_ns += other.in_system_ns;
        for (mine, theirs) in self.endpoints.iter_mut().zip(other.endpoints) {
            mine.merge(theirs);
        }
    }
}

impl EndpointTally {
    fn merge(&mut self, other: EndpointTally) {
        for (mine, theirs) in [(&mut self.service, other.service), (&mut self.response, other.response)] {
            match (mine.as_mut(), theirs) {
                (Some(mine), Some(theirs)) => mine.merge(&theirs),
                (None, theirs) => *mine = theirs,
                (Some(_), None) => {}
            }
        }
        for failure in other.failures {
            match self.failures.iter_mut().find(|known| known.sqlstate == failure.sqlstate && known.step == failure.step) {
                Some(known) => known.count += failure.count,
                None => self.failures.push(failure),
            }
        }
        self.retries += other.retries;
        self.used_up |= other.used_up;
    }
}

fn count(failures: &mut Vec<ErrorCount>, failed: &Failed) {
    match failures.iter_mut().find(|known| known.sqlstate == failed.sqlstate && known.step == failed.step) {
        Some(known) => known.count += 1,
        None => failures.push(ErrorCount {
            sqlstate: failed.sqlstate.clone(),
            message: failed.message.clone(),
            step: failed.step,
            count: 1,
        }),
    }
}

/// One endpoint since the last tick: small, because it is emptied several times a second.
#[derive(Debug, Clone)]
pub struct Interval {
    /// Microseconds, two digits.
    histogram: Histogram<u32>,
    pub errors: u64,
}

impl Default for Interval {
    fn default() -> Self {
        // The bounds are constants that the library accepts; a plain histogram is its answer to any other.
        let histogram = Histogram::new_with_bounds(1, 3_600_000_000, 2).unwrap_or_else(|_| {
            Histogram::new(2).unwrap_or_else(|error| unreachable!("two significant digits are supported: {error}"))
        });
        Interval { histogram, errors: 0 }
    }
}

impl Interval {
    fn record(&mut self, response: Duration, failed: bool) {
        if failed {
            self.errors += 1;
        } else {
            self.histogram.saturating_record(u64::try_from(response.as_micros()).unwrap_or(u64::MAX).max(1));
        }
    }

    /// Adds `other` to this and empties it.
    pub fn take(&mut self, other: &mut Interval) {
        // Both have the same bounds.
        let _ = self.histogram.add(&other.histogram);
        self.errors += std::mem::take(&mut other.errors);
        other.histogram.reset();
    }

    pub fn calls(&self) -> u64 {
        self.histogram.len()
    }

    /// Milliseconds; `None` without a call.
    pub fn quantile_ms(&self, quantile: f64) -> Option<f64> {
        (self.calls() > 0).then(|| self.histogram.value_at_quantile(quantile) as f64 / 1e3)
    }
}

/// Reads a [`Called`] as what it made; `None` when nothing was sent.
pub fn made(called: Called) -> Option<Made> {
    match called {
        Called::Made(made) => Some(made),
        Called::UsedUp => None,
    }
}
