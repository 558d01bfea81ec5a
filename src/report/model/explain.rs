//! What explaining found: statements with their plans, what the plans mean, and what was tried.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cascade::{CascadeProof, FiredTrigger, Footprint, ImpliedStatement};
use super::{Changed, ForeignDatabase, PlanCache, PlanClass, StatementChange};

/// An endpoint whose statements were explained.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ExplainedEndpoint {
    pub label: String,
    /// Statements in the order of their share; those that ran in under 1% of the endpoint's time are left out.
    pub statements: Vec<ExplainedStatement>,
    /// What the statements say together, largest saving per call first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// What the classes of its parameters could not show.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub class_notes: Vec<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ExplainedStatement {
    /// From 1.
    pub step: usize,
    /// As the server takes it, with `$1` ….
    pub sql: String,
    pub parameters: Vec<Parameter>,
    /// Of the endpoint's time before, 0 to 1.
    pub share: f64,
    pub before: ExplainedPlan,
    /// With the advised indexes, the same parameters; absent when none was advised for this endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<ExplainedPlan>,
    /// What the plan before says must remain once its cause is gone, computed from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expectation: Option<Expectation>,
    /// Its plans for typical, heaviest and missing rows; the first is the one that others are held against.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<PlanClass>,
    /// What becomes of it when it is prepared; absent for a statement without parameters, and when nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_cache: Option<PlanCache>,
    /// What became of the plan and the time, where somebody asked for a change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<StatementChange>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Parameter {
    /// `$1`
    pub number: usize,
    pub name: String,
    pub value: String,
}

/// A plan with what it means.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ExplainedPlan {
    /// PostgreSQL's text layout.
    pub text: String,
    /// `EXPLAIN (ANALYZE, FORMAT JSON)` as the server sent it.
    pub json: serde_json::Value,
    /// Server's time of the statement under EXPLAIN with timing, triggers included.
    pub execution_ms: f64,
    pub planning_ms: f64,
    /// Rows read by the leaves of the plan, loops multiplied in, discarded rows included.
    pub rows_read: f64,
    pub rows_returned: f64,
    /// Shared blocks hit and read by the plan's root.
    pub blocks: u64,
    /// Ranked by the milliseconds that could be saved.
    pub findings: Vec<Finding>,
    /// Statements that foreign keys ran, largest time first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub implied: Vec<ImpliedStatement>,
    /// Triggers that somebody wrote, largest time first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<FiredTrigger>,
    /// What the statement did with all that its triggers ran, which the plan's own figures leave out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub footprint: Option<Footprint>,
    /// The statement with all indexes that its cascade lacks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<CascadeProof>,
    /// What the statement takes without EXPLAIN and with less of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clocks: Option<Clocks>,
}

/// One statement under three clocks, the same parameters: medians of executions that took turns.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Clocks {
    /// Executions under each clock.
    pub runs: u32,
    /// Half of the difference between the quickest and the slowest execution under one clock, as a share of their median; that of the
    /// clock where it is largest. Of one execution nobody knows it.
    #[serde(default)]
    pub noise: f64,
    /// As the application runs it, from sending to the last row, by perflab's clock: planning and the way there and back included.
    pub plain_ms: f64,
    /// `Planning Time` of the same executions; `Execution Time` leaves it out, the application waits for it.
    #[serde(default)]
    pub planning_ms: f64,
    /// `Execution Time` under ANALYZE with TIMING OFF.
    pub timing_off_ms: f64,
    /// `Execution Time` under ANALYZE with TIMING ON: what the plan's figures are made of.
    pub timing_on_ms: f64,
}

/// One sentence or two about a plan, from the plan's own figures.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Name of the rule, e.g. `seq-scan-discards`.
    pub rule: String,
    pub sentence: String,
    /// What to do next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_step: Option<String>,
    /// At most this much of the execution time can be saved.
    pub saves_ms: f64,
    /// Milliseconds that the sentence speaks of.
    #[serde(default)]
    pub about_ms: f64,
    /// It is not about time: something is not as it should be.
    #[serde(default)]
    pub correctness: bool,
    /// The node it speaks of: its place in a walk from the root, parents before children, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<usize>,
    /// What came of doing what it says, in a transaction that was rolled back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried: Option<TriedRemedy>,
}

/// A finding's remedy, tried: what was predicted of it and what it achieved.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct TriedRemedy {
    /// What was done, as SQL.
    pub statement: String,
    /// The finding says that at least this much remains.
    pub predicted_ms: f64,
    /// Server's time before, the median of `runs`.
    pub before_ms: f64,
    /// Server's time with the remedy, the median of `runs`; absent when it could not be tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_ms: Option<f64>,
    /// Executions on each side, in turn.
    pub runs: u32,
    /// Two standard deviations of one side's executions as a share of the time before, of the more restless side.
    pub noise: f64,
    /// Every execution on one side took longer than every one on the other, and there were enough to tell: then it is no noise, however
    /// much they differ among themselves.
    #[serde(default)]
    pub apart: bool,
    /// Of an index: the plan stayed as it was.
    #[serde(default)]
    pub ignored: bool,
    /// Why it could not be tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// Of the time before: a change by less than this is worth no word, even where no execution of one side took as long as any of the other.
const SMALLEST_SHARE: f64 = 0.1;

impl TriedRemedy {
    /// Whether the statement became quicker by more than the noise of its executions.
    pub fn helped(&self) -> bool {
        self.after_ms.is_some_and(|after| self.is_change(self.before_ms - after))
    }

    /// Whether the statement became slower by more than the noise of its executions.
    pub fn hurt(&self) -> bool {
        self.after_ms.is_some_and(|after| self.is_change(after - self.before_ms))
    }

    fn is_change(&self, by_ms: f64) -> bool {
        let least = if self.apart { self.noise.min(SMALLEST_SHARE) } else { self.noise };
        by_ms > least * self.before_ms
    }
}

/// How much of a statement's time must remain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Expectation {
    /// At most this many milliseconds, server time.
    pub at_most_ms: f64,
    /// Why, in a sentence.
    pub sentence: String,
    /// Filled in once the after plan is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<bool>,
}

/// An index that `perflab explain --index` tried.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct TriedIndex {
    pub name: String,
    /// As the server reads it back.
    pub definition: String,
    pub bytes: u64,
    /// As long as this CREATE INDEX held its SHARE lock, for which writes to the table wait.
    pub build_ms: f64,
    /// What was locked; empty in runs of older versions.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub table: String,
    /// CREATE INDEX CONCURRENTLY was asked for, and CREATE INDEX run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub concurrently_left_out: bool,
    /// The seeded database has it now (`--keep`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub kept: bool,
    /// What the reader must know, e.g. why no plan could use it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The statements whose plans use it, those that foreign keys run included; empty when none does.
    pub used_by: Vec<String>,
}

/// What `perflab explain` found.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    /// [`FORMAT_VERSION`](super::FORMAT_VERSION)
    pub format: u32,
    pub endpoints: Vec<ExplainedEndpoint>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<TriedIndex>,
    #[serde(default, skip_serializing_if = "Changed::is_empty")]
    pub changed: Changed,
    /// Absent on a lab.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<ForeignDatabase>,
    /// What the reader must know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}
