//! `load:`, how the service is driven when more than one client calls it, and `vary:`, what is changed between runs of it.

use std::time::Duration;

use super::shape::Pick;
use super::{Located, Location, Slo};

/// One phase of `load:`.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadPhase {
    /// Where the phase starts.
    pub at: Location,
    /// `name:`, for tables and charts; made from the model when absent.
    pub name: Option<String>,
    pub model: LoadModel,
    /// `for:`, of each step, warm-up not counted. The stages of an open loop bring their own.
    pub lasts: Duration,
    /// `warm_up:`, the longest that a step is driven before its clock counts; it ends earlier when the rate is steady.
    pub warm_up: Duration,
    /// `endpoints:`, labels or routes; all of the scenario, by their weights, when empty.
    pub endpoints: Vec<Located<String>>,
    /// `connections:`
    pub connections: Connections,
}

/// `for:` when nothing is said.
pub const LASTS: Duration = Duration::from_secs(10);
/// `warm_up:` when nothing is said.
pub const WARM_UP: Duration = Duration::from_secs(2);

/// When calls start (Schroeder, Wierman and Harchol-Balter, Open Versus Closed: A Cautionary Tale, NSDI 2006).
#[derive(Debug, Clone, PartialEq)]
pub enum LoadModel {
    /// Each client calls, waits for the reply, thinks, and calls again. One step per number of clients.
    Closed { clients: Vec<u32>, think: Think },
    /// Calls arrive on a schedule, whatever became of those before.
    Open { stages: Vec<RateStage>, arrivals: Arrivals },
    /// Open loops at rates between `from` and `up_to` (calls per second) until the highest that keeps the promises is known.
    Search { promises: Vec<Slo>, from: Option<f64>, up_to: f64, arrivals: Arrivals },
}

/// How long a client of a closed loop waits between reply and next call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Think {
    None,
    /// Always this long.
    Fixed(Duration),
    /// Exponential with this mean, as pgbench's and TPC's think times.
    Exponential(Duration),
}

/// A part of an open loop's schedule: the rate goes evenly from one to the other (calls per second).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateStage {
    pub from: f64,
    pub to: f64,
    pub lasts: Duration,
}

/// How the calls of an open loop are spaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Arrivals {
    /// All gaps alike.
    Constant,
    /// Exponential gaps: independent users.
    #[default]
    Poisson,
}

/// Whose connection a call uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Connections {
    /// Closed loop: every client keeps its own. Open loop: as many as the schedule turns out to need, up to [`MOST_KEPT`].
    #[default]
    Kept,
    /// Clients share this many; the wait for a free one is measured apart from the service.
    Pool(u32),
    /// Connected before each call and closed after it.
    PerCall,
}

/// PostgreSQL's `max_connections` is 100 unless set; some are reserved, and perflab itself needs a few.
pub const MOST_KEPT: u32 = 64;

/// `vary:`, dimensions in which the load is run again; each value is one more run of every phase it applies to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Vary {
    /// Where it is written.
    pub at: Location,
    /// Instead of each endpoint's own `pick`.
    pub pick: Vec<Pick>,
    /// Instead of each phase's own `connections`.
    pub connections: Vec<Connections>,
}

/// `bench:`, how calls are made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallOptions {
    /// `retries:`, how often a call that failed for serialization (40001) or a deadlock (40P01) is made again; 0 unless said.
    pub retries: u32,
    /// `statement_timeout:`; the server's own when absent.
    pub statement_timeout: Option<Duration>,
}
