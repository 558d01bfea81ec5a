//! What `perflab explain` changed beside building indexes, and what became of the plans and the times.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Equality, Verdict};

/// What is different on the side that is called after, beside the indexes that were built.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Changed {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<ChangedSetting>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dropped: Vec<DroppedIndex>,
    /// Another way to write a statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<TriedStatement>,
}

impl Changed {
    /// Whether nothing was.
    pub fn is_empty(&self) -> bool {
        self.settings.is_empty() && self.dropped.is_empty() && self.variant.is_none()
    }
}

/// A parameter of the session, as the server shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChangedSetting {
    pub name: String,
    pub before: String,
    pub after: String,
}

/// An index that was hidden from the side after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DroppedIndex {
    pub name: String,
    pub definition: String,
    pub bytes: u64,
    /// The statements whose plans used it before, those that foreign keys run included; empty when none did.
    pub used_by: Vec<String>,
    /// What goes with it, when it keeps a constraint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<String>,
}

/// A statement in place of the scenario's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TriedStatement {
    /// The statement of the endpoint that it replaces, from 1.
    pub step: usize,
    /// As the server takes it, with `$1` ….
    pub sql: String,
    pub equality: Equality,
    /// What the reader must know before believing it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// A statement before and after.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StatementChange {
    /// Absent when it could not be executed on both sides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timed: Option<TimedChange>,
    /// Every node of both plans, in the order of the plan after; what is gone stands behind the node that it hung below.
    pub nodes: Vec<NodeChange>,
    /// What became of the plans of the statements that foreign keys ran, those behind them included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub implied: Vec<ImpliedChange>,
}

/// A statement that a foreign key ran on both sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ImpliedChange {
    pub constraint: String,
    pub sql: String,
    pub nodes: Vec<NodeChange>,
}

/// Executions on both sides with the same parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TimedChange {
    /// On each side.
    pub runs: u32,
    /// Whether the two sides took turns; if not, all of the one came first.
    pub in_turn: bool,
    pub before: Spread,
    pub after: Spread,
    pub verdict: Verdict,
}

/// `Execution Time` under EXPLAIN ANALYZE with TIMING OFF, triggers included.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Spread {
    pub median_ms: f64,
    pub lowest_ms: f64,
    pub highest_ms: f64,
}

/// What became of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It is planned the same.
    Same,
    /// The same operation with another condition, key or number of workers.
    Altered,
    /// Another operation does its work.
    Replaced,
    /// Only the plan before has it.
    Gone,
    /// Only the plan after has it.
    New,
}

/// A node of the plan before, the node of the plan after that does its work, or both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NodeChange {
    pub kind: ChangeKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<NodeFigures>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<NodeFigures>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub altered: Vec<AlteredText>,
}

/// A condition, key or number that is planned otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlteredText {
    /// As EXPLAIN labels it: `Filter`.
    pub what: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// What a node did in the execution whose plan is shown, loops multiplied in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NodeFigures {
    /// Its place in a walk from the root, parents before children, from 0.
    pub node: usize,
    /// `Index Scan using songs_pkey on songs s`
    pub label: String,
    /// Whether it ran at all.
    pub executed: bool,
    /// By a scan, discarded rows included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_read: Option<f64>,
    /// Handed up.
    pub rows: f64,
    /// Shared blocks hit and read by the node itself.
    pub blocks: u64,
    /// Temporary blocks read and written by the node itself.
    pub temp_blocks: u64,
    /// Without its children.
    pub exclusive_ms: f64,
    /// How far the planner's estimate of its rows is off, at least 1; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate_factor: Option<f64>,
}

/// A database that is not perflab's, on which a statement was explained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ForeignDatabase {
    /// Host and database.
    pub described: String,
    /// Why the statement was planned and not executed; absent when it was executed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only_planned: Option<String>,
}
