//! What runs behind a statement's triggers and stands in no plan: the statements of foreign keys, triggers that somebody wrote, the
//! blocks and the WAL of it all, and what the statement takes once nothing lacks an index.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::explain::{ExplainedPlan, Parameter};

/// A statement that a foreign key's trigger runs, which no plan shows.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ImpliedStatement {
    pub constraint: String,
    /// The table whose rows are changed or checked.
    pub table: String,
    /// `DELETE FROM song_history WHERE song_id = $1`
    pub sql: String,
    /// As the plan attributes it; of a deferred one, as the plan does once it must not wait.
    pub trigger_ms: f64,
    pub trigger_calls: u64,
    /// 1 when rows of the statement itself fired it, 2 when those of a level-1 statement did, and so on. 0 in files of before.
    #[serde(default)]
    pub level: u32,
    /// It waits for COMMIT, so that its time is in no plan and not part of the statement's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deferred: bool,
    /// The key it was explained with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<ImpliedKey>,
    /// The implied statement's own plan, explained with a value that the parent really had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Box<ExplainedPlan>>,
    /// Why there is no plan, when there should be one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unexplained: Option<String>,
    /// The index that the referencing columns lack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_index: Option<String>,
}

/// The key that an implied statement was explained with, out of those that the statement above it touched.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ImpliedKey {
    pub values: Vec<Parameter>,
    /// Distinct keys that were compared.
    pub of: u64,
    /// The statement touched more keys than were compared.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
    /// Rows that reference it, more than any other key compared has; absent when there was nothing to choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
}

/// A trigger that somebody wrote, fired by the statement or by what foreign keys ran for it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FiredTrigger {
    pub name: String,
    pub table: String,
    /// `app.note_change()`
    pub function: String,
    /// `plpgsql`
    pub language: String,
    /// `AFTER DELETE, FOR EACH ROW`
    pub fires: String,
    pub time_ms: f64,
    pub calls: u64,
    /// It waits for COMMIT, so that its time is in no plan and not part of the statement's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deferred: bool,
}

/// Blocks and WAL of a statement with all that its triggers ran, counted around it; and what its plan says of itself alone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Footprint {
    /// Executions; the figures are of the one with the least WAL, since other sessions' WAL and that of first touches is in it too.
    pub runs: u32,
    /// Bytes by which the server's WAL grew meanwhile.
    pub wal_bytes: u64,
    /// `WAL Bytes` of the plan's root; absent before PostgreSQL 13.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_wal_bytes: Option<u64>,
    /// Blocks of tables, TOAST and indexes that the session asked for, found in shared buffers or not.
    pub blocks: u64,
    /// Shared blocks hit and read by the plan's root.
    pub plan_blocks: u64,
    /// Tables that were touched, most blocks first.
    pub tables: Vec<TableFootprint>,
}

/// A table's part of a [`Footprint`], its indexes and TOAST included.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TableFootprint {
    pub table: String,
    pub blocks: u64,
    /// Rows read by sequential scans or fetched through indexes.
    pub rows_read: u64,
    pub inserted: u64,
    pub updated: u64,
    pub deleted: u64,
}

/// A statement before and after all indexes that its cascade lacks were built, in a transaction that was rolled back.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CascadeProof {
    pub indexes: Vec<ProvenIndex>,
    /// Executions on each side, `EXPLAIN ANALYZE` with timing; times are medians.
    pub runs: u32,
    pub before_ms: f64,
    /// Absent when the indexes could not be built.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_ms: Option<f64>,
    /// Each foreign key that lacked an index, before and after.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<ProvenTrigger>,
    /// Why it could not be proven.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// An index that a cascade lacked, built.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProvenIndex {
    /// `CREATE INDEX ON song_history (song_id)`
    pub statement: String,
    pub bytes: u64,
    pub build_ms: f64,
    /// Whether a statement behind the foreign keys went by it.
    pub used: bool,
}

/// A foreign key's trigger without and with the index.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProvenTrigger {
    pub constraint: String,
    pub table: String,
    pub before_ms: f64,
    pub after_ms: f64,
}
