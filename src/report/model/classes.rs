//! An endpoint under different choices of its parameters.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Latency;

/// The same endpoint asked for rows chosen in different ways.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Classes {
    pub classes: Vec<ClassResult>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caches: Vec<CacheEstimate>,
    /// What the classes show, e.g. that the heaviest parameters take 40 times the typical ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// One choice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClassResult {
    /// `uniform`, `zipf 1.1`, `repeat 11`, `typical`, `heaviest`, `missing`; the scenario's own choice by the same words.
    pub class: String,
    /// Whether the scenario chooses the endpoint's parameters in this way.
    #[serde(default, skip_serializing_if = "is_false")]
    pub own: bool,
    /// The parameters, where all calls had the same: `playlist_id 1702`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<String>,
    /// Calls that failed; none of them is among the times.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub errors: u64,
    #[serde(flatten)]
    pub latency: Latency,
    pub rows_per_call: f64,
    /// Different parameters among the calls.
    pub distinct: u64,
}

/// What a cache in front of the endpoint could give under one choice of parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CacheEstimate {
    /// The class whose repetitions the cache lives on.
    pub class: String,
    /// Entries the cache holds.
    pub entries: u64,
    /// Share of the calls that it would answer, 0 to 1, counted over the class's own sequence of parameters (least recently used goes first).
    pub hit_rate: f64,
    /// Mean time of a call then, with hits taking no time at all: the best it could be.
    pub mean_ms: f64,
}

fn is_false(yes: &bool) -> bool {
    !yes
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}
