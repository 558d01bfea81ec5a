//! The service under load: phases, their steps, both clocks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ErrorCount, Latency, SloResult};

/// What [`LoadRun::varied`] says of a phase on the kept indexes.
pub const WITH_INDEXES: &str = "with the kept indexes";

/// One phase of `load:`, or one value of `vary:` on it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct LoadRun {
    pub name: String,
    /// `closed`, `open` or `search`.
    pub model: String,
    /// In words: `connections: pool of 20`, `pick: repeat 11`; empty for the phase as it is written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub varied: Vec<String>,
    pub steps: Vec<LoadStep>,
    /// Fitted to a sweep over at least four numbers of clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usl: Option<Usl>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub knee: Option<Knee>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<SearchOutcome>,
    /// Sentences about the phase as a whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// One number of clients, or one rate (or one stage of a schedule), held for a time.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct LoadStep {
    /// Closed loop: clients (virtual users).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clients: Option<u32>,
    /// Closed loop: mean of the time a client waits between reply and next call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub think_ms: Option<f64>,
    /// Open loop: target rate in calls per second; of a ramp the mean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// Measured time, warm-up not counted.
    pub seconds: f64,
    /// Warm-up before it, and whether the rate was steady at its end.
    pub warm_up_seconds: f64,
    pub steady: bool,
    /// Calls that succeeded within the measured time.
    pub calls: u64,
    /// Calls that failed.
    pub errors: u64,
    /// Calls that succeeded, per second.
    pub throughput_per_s: f64,
    /// Of all endpoints: first statement sent to last reply read.
    pub service: Clock,
    /// From the intended start (open loop), or from the wish for a connection (closed loop) to the last reply read.
    pub response: Clock,
    /// Waiting for a connection that others used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<Clock>,
    pub connections: ConnectionUse,
    /// Open loop: how late calls were sent through perflab's own doing (its timer and its loop), not the server's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule_lag: Option<Clock>,
    /// Open loop: calls that arrived before the step ended and were not finished in it.
    #[serde(default)]
    pub backlog: u64,
    /// Open loop: calls that were sent later than their time because the one before was not finished (no free connection).
    #[serde(default)]
    pub late: u64,
    /// CPU time of perflab itself as a share of one core (two busy threads: 2).
    pub client_cpu: f64,
    /// CPU time of perflab itself per call.
    pub client_cpu_us_per_call: f64,
    /// How late perflab's event loops ran their timers: a client that is late itself measures itself.
    pub loop_delay: Clock,
    pub littles_law: LittlesLaw,
    /// Why the step proves nothing: a saturated client, a schedule that could not be kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invalid: Vec<String>,
    pub endpoints: Vec<EndpointLoad>,
    /// What went on second by second.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ticks: Vec<Tick>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slo: Vec<SloResult>,
}

/// A distribution of times with all that its count supports, and the histogram it is from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Clock {
    #[serde(flatten)]
    pub latency: Latency,
    /// Needs 1,000 calls.
    #[serde(default)]
    pub p999_ms: Option<f64>,
    /// HdrHistogram's compressed V2 format in base64 (nanoseconds, three digits).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub histogram: Option<String>,
}

/// How calls came by their connections.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ConnectionUse {
    /// `kept`, `pool` or `per call`.
    pub policy: String,
    /// Connections open at the same time, at most.
    pub open: u32,
    /// Connections lost and made again.
    #[serde(default)]
    pub lost: u64,
    /// Time to connect, for `per call`; part of the service time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect: Option<Clock>,
}

/// One endpoint within a step.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct EndpointLoad {
    pub label: String,
    pub route: String,
    pub calls: u64,
    pub errors: u64,
    pub throughput_per_s: f64,
    pub service: Clock,
    pub response: Clock,
    #[serde(default)]
    pub retries: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<ErrorCount>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slo: Vec<SloResult>,
    /// e.g. that its rows were used up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// One second of a step.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tick {
    /// End of the second, from the start of the step's measured time.
    pub at_s: f64,
    pub calls: u64,
    pub errors: u64,
    pub p50_ms: f64,
    pub p95_ms: f64,
}

/// Little's law, L = λ · W (Little, Operations Research 9(3), 1961), held against what was measured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LittlesLaw {
    /// Calls in the system on average, counted while they were there.
    pub counted: f64,
    /// Throughput times mean response time.
    pub computed: f64,
    /// Whether the two agree as well as the length of the step lets them.
    pub holds: bool,
    /// Says so when they do not, and what that means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sentence: Option<String>,
}

/// The Universal Scalability Law (Gunther, Guerrilla Capacity Planning, 2007): X(n) = λn / (1 + σ(n − 1) + κn(n − 1)).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Usl {
    /// λ: calls per second of one client.
    pub lambda: f64,
    /// σ: contention, the share that waits in line.
    pub contention: f64,
    /// κ: coherence, the cost of agreeing with each other.
    pub coherence: f64,
    /// R² of the fit.
    pub r2: f64,
    /// Clients at which throughput is highest by the law; absent when it never falls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_clients: Option<f64>,
    /// Highest throughput by the law.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_per_s: Option<f64>,
}

impl Usl {
    /// Throughput by the law, in calls per second.
    pub fn throughput_at(&self, clients: f64) -> f64 {
        self.lambda * clients / (1.0 + self.contention * (clients - 1.0) + self.coherence * clients * (clients - 1.0))
    }
}

/// Where more clients stop paying.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Knee {
    /// Where the sweep did not reach the knee: the most clients that were tried.
    pub clients: u32,
    /// Whether the sweep went far enough to see throughput level off.
    pub reached: bool,
    pub throughput_per_s: f64,
    pub p95_ms: Option<f64>,
    /// What the next client would bring, with figures.
    pub sentence: String,
}

/// What `search` found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SearchOutcome {
    /// As written: `p95 < 50ms`.
    pub slo: Vec<String>,
    /// The highest rate that kept the promise, in calls per second; absent when none did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// The lowest rate that broke it; absent when none was tried that did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken_at: Option<f64>,
    /// Which promise broke first, with its figure, or why the search ended.
    pub sentence: String,
}

/// Where client and server ran.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Placement {
    /// Whether the server is on this machine.
    pub same_machine: bool,
    /// Logical processors perflab may use.
    pub client_cpus: String,
    /// Logical processors the server may use; absent when it cannot be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_cpus: Option<String>,
    /// `apart` or `same` when perflab placed them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned: Option<String>,
}

impl Placement {
    /// `client on processors 0-1, server on 0-1`
    pub fn described(&self) -> String {
        let server = match (&self.server_cpus, self.same_machine) {
            (Some(cpus), _) => format!("server on {cpus}"),
            (None, true) => "server on unknown ones".to_owned(),
            (None, false) => "server elsewhere".to_owned(),
        };
        let pinned = self.pinned.as_ref().map_or(String::new(), |how| format!(" (--pin {how})"));
        format!("client on processors {}, {server}{pinned}", self.client_cpus)
    }
}
