//! Calls in a row, timed by the client and by the server.

use std::time::{Duration, Instant};

use crate::bench::session::Session;
use crate::bench::workload::Workload;
use crate::db::DbError;
use crate::db::counters::Counters;

use super::backend::{Backend, Scheduled};

/// How long the calls of an endpoint go on …
const SHARE: Duration = Duration::from_millis(60);
const MOST_CALLS: u64 = 200;
/// … but this many are made in any case, unless the parameters are used up.
const LEAST_CALLS: u64 = 3;

/// What the clocks of both sides said, over all calls together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Clocked {
    pub calls: u64,
    pub round_trips: u64,
    /// First statement sent to last reply read.
    pub client: Duration,
    /// Of the server's process, by the kernel.
    pub process: Option<Scheduled>,
    /// Milliseconds in which the session was active, by the server. The time of Bind, where plans are made, is not in it.
    pub active_ms: Option<f64>,
}

impl Clocked {
    pub fn per_call(&self, sum: f64) -> f64 {
        if self.calls == 0 { 0.0 } else { sum / self.calls as f64 }
    }

    /// Of a call.
    pub fn client_ms(&self) -> f64 {
        self.per_call(self.client.as_secs_f64() * 1e3)
    }
}

/// Makes calls from number `next_call` on, which is moved on.
///
/// # Errors
/// When the connection is lost.
pub async fn clock(
    workload: &Workload,
    place: usize,
    next_call: &mut u64,
    session: &mut Session,
    counters: &Counters,
    backend: &Backend,
) -> Result<Clocked, DbError> {
    let mut clocked = Clocked::default();
    let published = if counters.publishes() { Some(counters.read(session.connection()).await?) } else { None };
    let started = Instant::now();
    let before = backend.scheduled();
    while clocked.calls < MOST_CALLS && (clocked.calls < LEAST_CALLS || started.elapsed() < SHARE) {
        let Some(draw) = workload.endpoints[place].draws.draw(*next_call) else { break };
        *next_call += 1;
        let call = session.call(workload, place, &draw).await?;
        clocked.calls += 1;
        clocked.round_trips += u64::from(call.round_trips);
        clocked.client += call.elapsed;
    }
    clocked.process = before.zip(backend.scheduled()).map(|(before, after)| Scheduled {
        on_cpu: after.on_cpu.saturating_sub(before.on_cpu),
        in_queue: after.in_queue.saturating_sub(before.in_queue),
    });
    if let Some(before) = published {
        // The two readings themselves are active for a moment, which is measured by reading once more.
        let after = counters.read(session.connection()).await?;
        let again = counters.read(session.connection()).await?;
        let reading = counters.between(&after, &again).active_ms.unwrap_or(0.0);
        clocked.active_ms = counters.between(&before, &after).active_ms.map(|active| (active - reading).max(0.0));
    }
    Ok(clocked)
}
