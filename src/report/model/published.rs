//! What somebody published about the system, as the scenario quotes it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Figures that the report sets beside its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Published {
    /// Where they are from.
    pub source: String,
    /// What goes for all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// In the order of the scenario, as are the others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub times: Vec<PublishedTime>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<PublishedRows>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub loads: Vec<PublishedLoad>,
}

/// How long an endpoint took.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PublishedTime {
    /// Label of the endpoint.
    pub label: String,
    pub clock: PublishedClock,
    /// From 1; of all statements of a call together when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<usize>,
    /// Of the trigger of this foreign key alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constraint: Option<String>,
    /// Absent where its place was left blank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_ms: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_ms: Option<f64>,
    /// The same by the same clock here, where the endpoint is not among those that the run explains.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explained_before_ms: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explained_after_ms: Option<f64>,
    /// What it is, in the words of the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Whose clock a time is by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PublishedClock {
    /// Whoever called waited that long.
    #[default]
    Client,
    /// `Execution Time` of EXPLAIN ANALYZE.
    Explain,
    /// `Planning Time` of EXPLAIN.
    Planning,
}

/// How many rows there were.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PublishedRows {
    /// All tables when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    pub rows: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What a load test showed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PublishedLoad {
    /// The phase of the scenario's load that does the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clients: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub think_ms: Option<f64>,
    /// Calls per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_per_s: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<f64>,
    /// 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_share: Option<f64>,
    /// Calls in all …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<u64>,
    /// … and the time they were made in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What Little's law says of the figures together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}
