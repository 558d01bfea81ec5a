//! Two runs held against each other.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Verdict;

/// What `perflab compare A B` found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// [`super::FORMAT_VERSION`]
    pub format: u32,
    /// The two files as given.
    pub before: String,
    pub after: String,
    pub endpoints: Vec<EndpointComparison>,
    /// Why the two are not, or not quite, comparable.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mismatches: Vec<Mismatch>,
    /// Endpoints that only one of the runs has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
}

/// One endpoint, or one step of a load phase, in both runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EndpointComparison {
    pub label: String,
    /// What was compared: `p50_ms`, `throughput_per_s`, `statements_per_call`, `rows_read` …
    pub metric: String,
    pub before: f64,
    pub after: f64,
    /// after ÷ before with its interval, widened for the number of endpoints compared.
    pub ratio: f64,
    pub ratio_low: f64,
    pub ratio_high: f64,
    /// Probability of such a difference between two runs of the same, adjusted by Holm's method; absent for counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p_value: Option<f64>,
    pub verdict: Verdict,
    /// Why, when it is not plain from the figures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A difference between the circumstances of two runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Mismatch {
    /// `data`, `server version`, `settings`, `machine`, …
    pub what: String,
    pub before: String,
    pub after: String,
    /// True when times must not be compared at all.
    pub refuses: bool,
}

/// What two measurements of the same differ by on this machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Noise {
    /// Share by which the medians of two halves of the same calls differ, the 95th percentile over endpoints and splits.
    pub share: f64,
    /// Likewise in milliseconds.
    pub ms: f64,
}
