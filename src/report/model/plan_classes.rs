//! A statement under parameters of several classes, and under the two kinds of plan that a prepared statement can have.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ExplainedPlan, Parameter};

/// A statement, planned for parameters of one class.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct PlanClass {
    /// `typical`, `heaviest`, `missing` …
    pub class: String,
    pub parameters: Vec<Parameter>,
    /// Server's time under EXPLAIN with timing; absent when it was stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_ms: Option<f64>,
    /// It did not end within this time, and was not waited for again. The plan is an estimate, then, and nothing was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_after_ms: Option<f64>,
    pub rows_read: f64,
    pub rows_returned: f64,
    pub blocks: u64,
    /// What the plan does otherwise than that of the first class; empty when both have the same shape.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<String>,
    /// What that means, in sentences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consequence: Option<String>,
    /// The plan, where it is another than that of the first class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Box<ExplainedPlan>>,
}

/// What becomes of a statement that is prepared once and executed often.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct PlanCache {
    /// `plan_cache_mode` in the sessions of the scenario.
    pub mode: String,
    pub classes: Vec<CachedClass>,
    /// What that means, in sentences.
    pub says: Vec<String>,
    /// What to do about it; absent when nothing is lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// The generic plan, where it is another than the custom one of some class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generic: Option<Box<ExplainedPlan>>,
}

impl PlanCache {
    /// Whether the figures of the classes tell more than the sentences.
    pub fn differs(&self) -> bool {
        let plain = |class: &CachedClass| class.changes.is_empty() && class.outcome != CacheOutcome::Unknown;
        !self.classes.iter().all(plain)
    }
}

/// Generic against custom plan, for parameters of one class.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CachedClass {
    /// As in [`PlanClass`]; `as above` when there are no classes.
    pub class: String,
    /// Planned for these values in each execution.
    pub custom: PlanTime,
    /// Planned once for all values.
    pub generic: PlanTime,
    /// What the generic plan does otherwise than the custom one; empty when both have the same shape.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<String>,
    /// What PostgreSQL takes for the sixth execution when the five before had parameters of this class; absent before PostgreSQL 14,
    /// which does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto: Option<PlanKind>,
    pub outcome: CacheOutcome,
}

/// What a statement takes under one kind of plan: medians of executions that took turns, without the timing of nodes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlanTime {
    pub planning_ms: f64,
    /// 0 when it was stopped.
    pub execution_ms: f64,
    /// Between the first and the third quartile of planning and execution together.
    pub noise_ms: f64,
    pub runs: u32,
    /// It did not end within this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_after_ms: Option<f64>,
}

impl PlanTime {
    /// Planning and execution, or the time after which it was stopped, ms.
    pub fn total_ms(&self) -> f64 {
        self.stopped_after_ms.unwrap_or(self.planning_ms + self.execution_ms)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanKind {
    Generic,
    Custom,
}

/// What the generic plan is to the parameters of a class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CacheOutcome {
    /// It takes longer.
    Loses,
    /// It saves time, mostly that of planning.
    Gains,
    /// The difference is within noise, or too small to be felt.
    #[default]
    NoMatter,
    /// Nobody waited for it.
    Unknown,
}
