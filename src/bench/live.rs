//! What a measurement tells while it runs, and how it is told to end early.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::recorder::Recorder;
use super::session::Call;
use super::workload::Workload;

/// How things stand, told a few times a second.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LiveTick {
    /// What is being measured: `8 clients`, `1,000/s`, `every endpoint, one client`.
    pub what: String,
    /// How far the whole measurement is, 0 to 1.
    pub share: f64,
    /// Seconds since the tick before.
    pub seconds: f64,
    /// Calls that arrived and were not sent yet.
    pub backlog: u64,
    /// In the order of the workload.
    pub endpoints: Vec<LiveEndpoint>,
}

/// One endpoint since the tick before; `errors` since the step began.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LiveEndpoint {
    pub label: String,
    pub calls: u64,
    pub errors: u64,
    /// Of response times (of service times, with one client), milliseconds; `None` without a call.
    pub p50_ms: Option<f64>,
    pub p95_ms: Option<f64>,
    pub p99_ms: Option<f64>,
}

/// Hears how things stand.
pub type Live<'a> = &'a mut dyn FnMut(&LiveTick);

/// Asks a measurement to end with what it has.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    pub fn ask(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked.
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Between two ticks.
pub const TICK: Duration = Duration::from_millis(250);

/// What one client has to tell: collects its calls and tells them every [`TICK`].
pub(super) struct Told<'a> {
    live: Live<'a>,
    since: Instant,
    times: Vec<Recorder>,
    tick: LiveTick,
    /// Where the stretch at hand begins in the whole measurement, and how long it is, both 0 to 1.
    pub part: (f64, f64),
    /// How far the stretch at hand is, 0 to 1.
    pub share: f64,
}

impl<'a> Told<'a> {
    pub fn new(workload: &Workload, live: Live<'a>) -> Told<'a> {
        let endpoint = |label: &String| LiveEndpoint { label: label.clone(), ..LiveEndpoint::default() };
        let endpoints: Vec<LiveEndpoint> = workload.endpoints.iter().map(|bound| endpoint(&bound.label)).collect();
        let times = endpoints.iter().map(|_| Recorder::default()).collect();
        let tick = LiveTick { what: "every endpoint, one client".into(), endpoints, ..LiveTick::default() };
        Told { live, since: Instant::now(), times, tick, part: (0.0, 1.0), share: 0.0 }
    }

    /// Counts a call, and tells how things stand when it is time.
    pub fn heard(&mut self, place: usize, call: &Call) {
        if call.failed.is_some() {
            self.tick.endpoints[place].errors += 1;
        } else {
            self.times[place].record(call.elapsed);
        }
        let passed = self.since.elapsed();
        if passed >= TICK {
            self.tell(passed);
            self.since = Instant::now();
        }
    }

    fn tell(&mut self, passed: Duration) {
        for (endpoint, times) in self.tick.endpoints.iter_mut().zip(&mut self.times) {
            endpoint.calls = times.count();
            let at = |quantile| (times.count() > 0).then(|| times.quantile_ms(quantile));
            (endpoint.p50_ms, endpoint.p95_ms, endpoint.p99_ms) = (at(0.5), at(0.95), at(0.99));
            times.reset();
        }
        self.tick.seconds = passed.as_secs_f64();
        self.tick.share = (self.part.0 + self.part.1 * self.share.min(1.0)).min(1.0);
        (self.live)(&self.tick);
    }
}
