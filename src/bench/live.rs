//! What a measurement tells while it runs, and how it is told to end early.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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
