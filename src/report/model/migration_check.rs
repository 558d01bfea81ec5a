//! What `perflab migrate-check` found.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DataIdentity, Environment, ErrorCount, Latency, PairedResult, ScenarioInfo};

/// A migration, tried on copies of a scenario's database.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct MigrationCheck {
    /// [`super::FORMAT_VERSION`]
    pub format: u32,
    /// Version of perflab that measured.
    pub perflab: String,
    pub scenario: ScenarioInfo,
    pub environment: Environment,
    pub data: DataIdentity,
    pub verdict: CheckVerdict,
    pub limits: CheckLimits,
    /// What speaks against running it as it is; the worst first.
    pub findings: Vec<CheckFinding>,
    pub advice: Vec<MigrationAdvice>,
    /// As named on the command line.
    pub files: Vec<String>,
    pub statements: Vec<MigrationStatement>,
    /// On a copy that nobody else uses.
    pub alone: MigrationRun,
    /// On a copy whose endpoints are called meanwhile; absent when it failed alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_use: Option<MigrationInUse>,
    /// Every endpoint that still fits, as seeded and after the migration; empty when it failed.
    pub endpoints: Vec<EndpointChange>,
    /// Endpoints whose statements the server refuses after the migration.
    pub broken: Vec<BrokenEndpoint>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback: Option<RollbackCheck>,
    /// What a reader must know before believing a figure.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    pub seconds: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckVerdict {
    Fine,
    Finding,
    /// No finding, and not enough data to say that there is none.
    Inconclusive,
}

/// From where on something is a finding.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheckLimits {
    /// Milliseconds that a call may be kept waiting.
    pub max_wait_ms: f64,
    /// Share by which an endpoint may be slower afterwards, 0 to 1: held against the low end of its interval.
    pub max_slower: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheckFinding {
    pub kind: FindingKind,
    /// From 1; absent when it is about no single one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<usize>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub endpoints: Vec<String>,
    pub sentence: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// A statement of the migration failed.
    Failed,
    /// An endpoint does not fit the new schema.
    Broken,
    /// Calls failed while it ran, or after it.
    CallsFailed,
    /// A call waited for a lock of the migration, or a lock was held that would have made it wait.
    Blocked,
    /// An endpoint is proven slower.
    Slower,
    /// A promise that was kept before is broken.
    Promise,
    /// An INVALID index is left behind.
    InvalidIndex,
    /// The rollback failed, or the schema is not as before.
    Rollback,
}

/// What would avoid a finding, or make it smaller.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MigrationAdvice {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<usize>,
    pub sentence: String,
    /// What to write instead, where that can be derived.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sql: Vec<String>,
    /// The other way on a copy of its own, endpoints called meanwhile; absent when nothing was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried: Option<TriedAlternative>,
}

/// The statement as written and another way to the same, both on copies in use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TriedAlternative {
    pub as_written: AlternativeFigures,
    pub other_way: AlternativeFigures,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlternativeFigures {
    /// Time of all its statements.
    pub ms: f64,
    /// The longest time that a lock which makes endpoints wait was held.
    pub blocked_ms: f64,
    /// The longest time that a call was seen waiting for one.
    pub longest_wait_ms: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MigrationStatement {
    /// From 1.
    pub number: usize,
    pub file: String,
    /// From 1.
    pub line: u32,
    pub sql: String,
    /// Whether it stands in a transaction block of the file.
    pub in_block: bool,
}

/// The statements, run one after the other.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MigrationRun {
    /// Of those that ran, the failed one included.
    pub statements: Vec<StatementRun>,
    pub ms: f64,
    /// How often another session looked at the locks.
    pub samples: u64,
    /// Median time between two looks.
    pub sampled_every_ms: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<StatementError>,
    /// INVALID indexes that were not there before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invalid_indexes: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StatementRun {
    /// From 1.
    pub statement: usize,
    /// From its sending to its reply; its own COMMIT is part of it where it has one.
    pub ms: f64,
    /// Of that, waiting for locks of others, by samples.
    pub waited_ms: f64,
    /// For whom it waited.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waited_for: Vec<String>,
    /// Relation locks that it was the first of its transaction to take.
    pub locks: Vec<HeldLock>,
    /// Tables whose file was written anew.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rewritten: Vec<String>,
    /// Indexes built anew.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reindexed: Vec<String>,
    /// Of all tables and indexes, when its transaction had ended; absent where it was not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_change: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wal_bytes: Option<u64>,
    /// How long it would have waited for a lock before giving up; absent when for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock_timeout: Option<String>,
    /// Columns whose statistics are gone until the next ANALYZE.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statistics_lost: Vec<String>,
}

/// A lock on a table, view or index that was there before.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HeldLock {
    /// `public` left out.
    pub relation: String,
    /// As the documentation writes it: `ACCESS EXCLUSIVE`.
    pub mode: String,
    /// What endpoints do that has to wait for it: `reads and writes`, `writes`, `nothing`.
    pub blocks: String,
    /// From the first sample that saw it granted to the end of its transaction.
    pub held_ms: f64,
    /// In the queue before that.
    pub waited_ms: f64,
    /// What let go of it: `its own COMMIT`, `COMMIT in line 9`, `ROLLBACK`.
    pub released_by: String,
    /// Whether it was read inside of its transaction; otherwise it was sampled, and one held for less than a sample may be missing.
    pub exact: bool,
    /// Endpoints that take a lock which does not go with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub endpoints: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StatementError {
    /// From 1.
    pub statement: usize,
    pub file: String,
    /// Of the place that the server names, else of the statement.
    pub line: u32,
    pub column: u32,
    /// Five characters; `connection` when the connection broke without any.
    pub sqlstate: String,
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Statements before this one stay done; those from it on were rolled back or never ran.
    pub undone_from: usize,
}

/// The migration beside calls.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MigrationInUse {
    pub run: MigrationRun,
    /// Calls that arrived per second.
    pub rate_per_s: f64,
    /// Connections that served them.
    pub connections: usize,
    /// How long a transaction that had read every table was kept open from just before the migration on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub long_reader_ms: Option<f64>,
    pub endpoints: Vec<EndpointInUse>,
    /// Calls that arrived during the migration and found every connection taken.
    pub calls_without_connection: u64,
}

/// An endpoint before, during and after the migration. Times are response times: from when the call was due.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EndpointInUse {
    pub label: String,
    pub before: Latency,
    pub during: Latency,
    pub after: Latency,
    /// Calls that were seen waiting for a lock behind the migration.
    pub calls_waited: u64,
    pub longest_wait_ms: f64,
    /// For what the longest one waited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<LockWait>,
    /// During and after the migration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ErrorCount>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LockWait {
    /// The statement of the migration that ran when the wait began, from 1.
    pub statement: usize,
    /// `ACCESS SHARE on purchase`, `a row`.
    pub wanted: String,
}

/// One endpoint as seeded and after the migration.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct EndpointChange {
    #[serde(flatten)]
    pub times: PairedResult,
    /// The same call under EXPLAIN on both sides; absent when it could not be explained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<WorkChange>,
}

/// What the server did for one call, without its clock.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WorkChange {
    pub rows_read_before: f64,
    pub rows_read_after: f64,
    pub blocks_before: u64,
    pub blocks_after: u64,
    /// Scans and joins that are planned otherwise: `Seq Scan on line → Index Scan using …`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plans: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BrokenEndpoint {
    pub label: String,
    /// Each with its line and column in the scenario's file.
    pub problems: Vec<String>,
}

/// The rollback, run behind the migration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RollbackCheck {
    pub file: String,
    pub statements: Vec<MigrationStatement>,
    pub run: MigrationRun,
    /// Objects of the schema that are not as before: `missing: index line_amount_idx …`.
    pub differences: Vec<String>,
}
