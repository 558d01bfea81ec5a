//! Advice: which indexes to build and which to drop, what they cost, what else helps, and what nothing saves.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ErrorCount, Latency, LoadRun, SloResult};

/// What was tried, kept and refused.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct AdviceRun {
    /// Whether anything was executed.
    #[serde(default)]
    pub evidence: Evidence,
    /// Kept, in the order they were proven.
    pub keep: Vec<KeptIndex>,
    /// Indexes of the schema that the workload does not need.
    #[serde(default)]
    pub drop: Vec<DroppedAdvice>,
    pub rejected: Vec<RejectedIndex>,
    /// What helps beside indexes, measured with the kept indexes in place; what helps most comes first.
    #[serde(default)]
    pub rewrites: Vec<OtherAdvice>,
    /// What was tried beside indexes and did not help.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rewrites_rejected: Vec<OtherAdvice>,
    /// Every endpoint of the scenario on two clones in turn, without and with the kept indexes.
    pub endpoints: Vec<PairedResult>,
    /// In place of [`AdviceRun::endpoints`] where nothing was executed: the planner's costs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub estimates: Vec<EstimatedEndpoint>,
    /// Endpoints that stay over their SLO (or over 10 ms without one), and why.
    pub unsolved: Vec<Unsolved>,
    /// The phases of [`BenchRun::load`](super::BenchRun::load) as they are written, with the kept indexes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub load: Vec<LoadRun>,
    /// Rounds of candidates until nothing more helped.
    pub rounds: u32,
    pub seconds: f64,
    /// Of the kept indexes.
    pub total_bytes: u64,
    pub total_build_ms: f64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct KeptIndex {
    pub name: String,
    pub table: String,
    /// `CREATE INDEX …`
    pub definition: String,
    /// The extension that must be there first, e.g. `pg_trgm`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<String>,
    /// Why it was proposed.
    pub because: String,
    /// Why it is kept: a sentence with figures.
    #[serde(default)]
    pub reason: String,
    pub bytes: u64,
    pub build_ms: f64,
    /// The endpoints that used it, with what taking it away alone does to them.
    pub serves: Vec<Served>,
    /// What each row written to the table costs more; absent when it could not be measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insert_cost: Option<InsertCost>,
    /// What it gains and costs under the scenario's mix; absent when nothing was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger: Option<Ledger>,
    /// Of a partitioned table, whose index cannot be built concurrently as one: all partitions below it, those that are divided further
    /// before their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partitions: Vec<Partition>,
}

/// A partition that an index is built on by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Partition {
    /// Its name as SQL needs it, with the schema.
    pub table: String,
    /// Name of its index, without the schema.
    pub index: String,
    /// The index that its own is attached to, as SQL needs it, with the schema.
    pub of: String,
    /// It is divided further: its index is made of those of its partitions.
    pub divided: bool,
}

/// What the planner expects of an endpoint. Costs are in the planner's unit (a page read in sequence is 1), not in milliseconds, and say
/// nothing of what happens behind a foreign key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EstimatedEndpoint {
    pub label: String,
    /// The endpoint's route, without the case that [`EstimatedEndpoint::label`] may name.
    pub route: String,
    /// Of all its statements, each planned once per call; the mean of the calls.
    pub before_cost: f64,
    /// With the proposed indexes.
    pub after_cost: f64,
}

/// Whether figures were measured or are the planner's estimates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Built, executed and timed.
    #[default]
    Measured,
    /// Planned only; nothing was built, executed or changed. Times, sizes and builds are then 0 and stand for nothing.
    Estimated,
}

/// What an index gains and costs in the calls of the scenario's mix.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ledger {
    pub reads: Vec<LedgerRead>,
    /// Endpoints that write to its table.
    pub writes: Vec<LedgerWrite>,
    /// Milliseconds that 1,000 calls of the mix take less with the index (its gains less its costs).
    pub net_ms: f64,
    /// While `CREATE INDEX` (not `CONCURRENTLY`) keeps writers waiting, ms.
    pub lock_ms: f64,
}

/// An endpoint that gains.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LedgerRead {
    pub label: String,
    /// Of all calls of the mix, 0 to 1.
    pub share: f64,
    /// Of one call, with the whole set against the set without this index.
    pub gain_ms: f64,
}

/// An endpoint that pays. All figures are of one call and of this index alone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LedgerWrite {
    pub label: String,
    /// Of all calls of the mix, 0 to 1.
    pub share: f64,
    pub cost_ms: f64,
    pub wal_bytes: f64,
    /// Updates that were heap-only (HOT) without the index and are not with it.
    pub hot_lost: f64,
    /// Where the cost comes from when calls with and without the index do not tell: a clause.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// An index of the schema that may go.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DroppedAdvice {
    pub name: String,
    pub table: String,
    /// As the server prints it.
    pub definition: String,
    /// Why it may go: a sentence with figures.
    pub reason: String,
    pub bytes: u64,
    /// What writing endpoints save per call without it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub writes: Vec<LedgerWrite>,
    /// Endpoints that were called with it and without it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tried: Vec<Served>,
}

/// What else than an index was tried for a statement.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OtherAdvice {
    pub kind: OtherKind,
    /// The endpoint.
    pub label: String,
    /// The statement, from 1; absent when it is about the endpoint or a table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// What to do: a clause, e.g. `look up the page by its key instead of OFFSET`.
    pub what: String,
    /// The statement written the other way, or the commands.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sql: String,
    /// Median of the statement as it is, ms.
    pub before_ms: f64,
    /// Median of it that way, ms; absent when it could not be run or returned other rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_ms: Option<f64>,
    /// Executions on each side.
    pub runs: u32,
    /// What was compared to see that the rows are the same: `rows of 8 calls compared, all the same`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub proof: String,
    /// What it costs: `refreshing takes 120 ms and reads 300,000 rows`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub costs: String,
    /// Why it is offered or refused: a sentence with figures.
    pub reason: String,
}

/// A way to help that is no index.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OtherKind {
    /// The statement written another way, same parameters, same rows.
    #[default]
    Rewrite,
    /// A page by the key of the row before it instead of `OFFSET`.
    Keyset,
    /// One statement instead of one for each row of another.
    OneStatement,
    /// A materialized view in place of an aggregate that is computed anew each time.
    MaterializedView,
    /// `CREATE STATISTICS`
    Statistics,
    Analyze,
    Vacuum,
    /// Room in pages, so that updates stay heap-only (HOT).
    Fillfactor,
    /// `work_mem`, `jit`, `random_page_cost` …
    Setting,
}

/// An index taken away from the final set while all others stay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Served {
    pub label: String,
    /// Median with the whole set.
    pub with_ms: f64,
    /// Median without this index.
    pub without_ms: f64,
}

/// Inserting the same rows into the full table without and with one index.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InsertCost {
    pub rows: u64,
    pub without_us_per_row: f64,
    pub with_us_per_row: f64,
    pub without_wal_bytes_per_row: f64,
    pub with_wal_bytes_per_row: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RejectedIndex {
    pub definition: String,
    /// Why it was proposed.
    pub because: String,
    /// Why it was not kept: a sentence with figures.
    pub reason: String,
}

/// An endpoint before and after: the same parameters, on two clones, in turn (A B B A …).
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct PairedResult {
    pub label: String,
    /// The endpoint's route, without the case that [`PairedResult::label`] may name.
    #[serde(default)]
    pub route: String,
    /// Median without the kept indexes, ms: [`Latency::p50_ms`] of `before`.
    #[serde(default)]
    pub before_ms: f64,
    /// Median with them, ms: [`Latency::p50_ms`] of `after`.
    #[serde(default)]
    pub after_ms: f64,
    pub before: Latency,
    /// Of the pairs; its p95 may rest on further calls without a partner, so that a slow endpoint gets one.
    pub after: Latency,
    /// Of the pairs' calls before, as [`EndpointResult::histogram`](super::EndpointResult::histogram).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_histogram: Option<String>,
    /// Of the pairs' calls after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_histogram: Option<String>,
    /// Median of after ÷ before over the pairs, with its 95% confidence interval (bootstrap).
    pub ratio: f64,
    pub ratio_low: f64,
    pub ratio_high: f64,
    pub verdict: Verdict,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slo: Vec<SloResult>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ErrorCount>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Improved,
    Regressed,
    WithinNoise,
    #[default]
    NotEnoughData,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Unsolved {
    pub label: String,
    /// The statement that takes most of what is left, from 1.
    pub step: usize,
    pub sql: String,
    /// Median of the endpoint with the kept indexes.
    pub after_ms: f64,
    /// What it should have met.
    pub target_ms: f64,
    /// Why no index saves it, from the plan after.
    pub reason: String,
}
