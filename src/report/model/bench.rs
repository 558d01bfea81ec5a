//! What `perflab bench` found: every endpoint with one client, and what was asked for beyond that.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units;

use super::{Classes, Comparison, Environment, LoadRun, Noise, Placement, ScenarioInfo, ServerSide, VariantRun};

/// A bench with all that another machine or another day needs to judge it; what `perflab bench` saves and prints as JSON.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct BenchReport {
    /// [`super::FORMAT_VERSION`] of the writer.
    pub format: u32,
    /// Version of perflab that measured.
    pub perflab: String,
    pub scenario: ScenarioInfo,
    pub environment: Environment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<DataIdentity>,
    #[serde(flatten)]
    pub bench: BenchRun,
    /// The part of the load this was, when several machines share it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// True when Ctrl-C ended the run early: the figures are of what had been done by then.
    #[serde(default)]
    pub interrupted: bool,
    /// What the reader must know before believing a number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Against the run of `--baseline`; not in the file of `--output`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Comparison>,
}

/// Which rows were there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DataIdentity {
    /// [`super::SeedRun::hash`]
    pub hash: String,
    pub rows: u64,
}

/// `--shard 2/5`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shard {
    /// From 1.
    pub number: u32,
    pub of: u32,
}

/// Every endpoint, one client, closed loop.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct BenchRun {
    /// In the order of the scenario.
    pub endpoints: Vec<EndpointResult>,
    pub seconds: f64,
    /// CPU time of perflab itself while it measured, as a share of the wall time (one client: at most 1).
    pub client_cpu: f64,
    /// Where client and server ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placement: Option<Placement>,
    /// The scenario's `load:` or the load asked for on the command line, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub load: Vec<LoadRun>,
    /// Other ways to get an endpoint's result.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<VariantRun>,
    /// What two measurements of the same differed by on this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<Noise>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct EndpointResult {
    /// Route and case, unique in the run.
    pub label: String,
    pub route: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    pub weight: f64,
    /// `reads`, `writes` or `deletes`
    pub effect: Effect,
    /// Timed calls that succeeded.
    pub calls: u64,
    /// Calls that failed, all kinds together.
    #[serde(default)]
    pub errors: u64,
    /// Service time of a call: first statement sent to last reply read, BEGIN and COMMIT included.
    #[serde(flatten)]
    pub latency: Latency,
    pub rows_per_call: f64,
    /// Statements of the scenario, BEGIN and COMMIT not counted.
    pub statements_per_call: f64,
    pub round_trips_per_call: f64,
    pub steps: Vec<StepResult>,
    /// [`EndpointResult::errors`] by SQLSTATE and statement.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<ErrorCount>,
    /// Calls made again after a serialization failure or a deadlock, as `bench: {retries: …}` asks; each is in no count above.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub retries: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slo: Vec<SloResult>,
    /// Sentences a reader needs before believing the figures, e.g. that no sampled parameter returned a row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The latencies, as HdrHistogram's compressed V2 format in base64 (nanoseconds, three digits).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub histogram: Option<String>,
    /// The same calls in the order they were made, cut into stretches, so that two runs can be compared without taking
    /// neighbouring calls for independent ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<Block>,
    /// What the server did for a call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_side: Option<ServerSide>,
    /// The endpoint under other choices of parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classes: Option<Classes>,
}

/// Consecutive calls of an endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Block {
    pub n: u64,
    pub mean_ms: f64,
    pub p50_ms: f64,
}

/// What an endpoint does to the data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    #[default]
    Reads,
    Writes,
    Deletes,
}

/// A latency distribution. A percentile that the number of calls cannot support is absent: p95 needs 20, p99 needs 100.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Latency {
    pub n: u64,
    pub min_ms: f64,
    pub mean_ms: f64,
    pub p50_ms: f64,
    #[serde(default)]
    pub p95_ms: Option<f64>,
    #[serde(default)]
    pub p99_ms: Option<f64>,
    pub max_ms: f64,
}

/// One step of an endpoint.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct StepResult {
    /// From 1.
    pub step: usize,
    /// As written in the scenario.
    pub sql: String,
    /// How often the step's statement ran per call: 0.3 under a `when`, 12 under a `for_each`.
    pub runs_per_call: f64,
    pub rows_per_call: f64,
    /// Of one execution.
    pub latency: Latency,
    /// Of [`StepResult::latency`], as [`EndpointResult::histogram`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub histogram: Option<String>,
    /// Of the endpoint's time, 0 to 1.
    pub share: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorCount {
    /// Five characters; `connection` when the connection broke without any; `client` when the failure was on this side of the
    /// wire.
    pub sqlstate: String,
    /// The first message seen.
    pub message: String,
    /// Which step failed, from 1.
    pub step: usize,
    pub count: u64,
}

/// A promise and whether it was kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SloResult {
    /// `p95`
    pub metric: String,
    /// As a scenario could have it: `p95 < 20 ms`.
    #[serde(default)]
    pub promise: String,
    /// What `bound` and `measured` count.
    #[serde(default)]
    pub unit: SloUnit,
    #[serde(alias = "below_ms")]
    pub bound: f64,
    /// Absent when there were too few calls to know, or when nothing measured it.
    #[serde(default, alias = "measured_ms", skip_serializing_if = "Option::is_none")]
    pub measured: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub met: Option<bool>,
    /// Why it cannot be told, or where the figure is from: the step of the load, the statement of the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl SloResult {
    /// What was measured, with its unit: `44.4 ms`, `0.3%`, `25,890/s`, `12`, `7.8 kB`. `None` when nothing was.
    pub fn shown(&self) -> Option<String> {
        let measured = self.measured?;
        Some(match self.unit {
            SloUnit::Ms => units::ms(measured),
            SloUnit::Share => units::percent(measured),
            SloUnit::PerSecond => format!("{}/s", units::amount(measured)),
            SloUnit::Count => units::amount(measured),
            SloUnit::Bytes => units::bytes(measured.max(0.0).round() as u64),
        })
    }
}

/// What the figures of an SLO count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SloUnit {
    /// Milliseconds.
    #[default]
    Ms,
    /// 0 to 1.
    Share,
    PerSecond,
    Count,
    Bytes,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}
