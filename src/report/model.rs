//! [`Run`]: everything one run found, as one versioned value.
//!
//! It is saved as `reports/<name>/run.json`, and every page, table and picture is a pure function of it: no number may stand in
//! a report that is not here. Keys are `snake_case` and end in their unit; times are milliseconds unless the key says seconds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod bench;
mod cascade;
mod change;
mod classes;
mod comparison;
mod explain;
mod files;
mod load;
mod plan_classes;
mod seed;
mod server_side;
mod variant;

pub use bench::{
    BenchReport, BenchRun, Block, DataIdentity, Effect, EndpointResult, ErrorCount, Latency, Shard, SloResult, SloUnit,
    StepResult,
};
pub use cascade::{
    CascadeProof, FiredTrigger, Footprint, ImpliedKey, ImpliedStatement, ProvenIndex, ProvenTrigger, TableFootprint,
};
pub use change::{
    AlteredText, ChangeKind, Changed, ChangedSetting, DroppedIndex, ForeignDatabase, ImpliedChange, NodeChange, NodeFigures,
    Spread, StatementChange, TimedChange, TriedStatement,
};
pub use classes::{CacheEstimate, ClassResult, Classes};
pub use comparison::{Comparison, EndpointComparison, Mismatch, Noise};
pub use explain::{
    Clocks, Expectation, ExplainedEndpoint, ExplainedPlan, ExplainedStatement, Explanation, Finding, Parameter, TriedIndex,
    TriedRemedy,
};
pub use files::{FileLoad, RejectCount};
pub use load::{Clock, ConnectionUse, EndpointLoad, Knee, LittlesLaw, LoadRun, LoadStep, Placement, SearchOutcome, Tick, Usl};
pub use plan_classes::{CacheOutcome, CachedClass, PlanCache, PlanClass, PlanKind, PlanTime};
pub use seed::{
    CheckSeen, ColumnSeen, ExpectedRows, FanoutBucket, FanoutSeen, SeedPhases, SeedRun, SeedWal, SeededTable, ShareSeen,
};
pub use server_side::{NPlusOne, ServerSide, TimeShare, Touched};
pub use variant::{Equality, RefreshCost, VariantResult, VariantRun};

/// Version of this format; a change that an older reader would misread raises it.
pub const FORMAT_VERSION: u32 = 2;

/// One run of a scenario. Stages that did not run are absent.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// [`FORMAT_VERSION`] of the writer.
    pub format: u32,
    /// Version of perflab that measured.
    pub perflab: String,
    pub scenario: ScenarioInfo,
    pub environment: Environment,
    pub model: DataModel,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<SeedRun>,
    /// All endpoints on the seeded database as its schema leaves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<BenchRun>,
    /// The slowest endpoints, slowest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub explained: Vec<ExplainedEndpoint>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<AdviceRun>,
    /// Wall time of each stage, in the order they ran.
    pub stages: Vec<Stage>,
    /// What the reader must know before believing a number (a saturated client, a failed statement …).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

impl Run {
    /// The phases of load before any advice, then those with the kept indexes, whose [`LoadRun::varied`] says so.
    pub fn load(&self) -> Vec<LoadRun> {
        let before = self.before.iter().flat_map(|bench| &bench.load);
        before.chain(self.advice.iter().flat_map(|advice| &advice.load)).cloned().collect()
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioInfo {
    pub name: String,
    pub title: String,
    /// Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// The scenario file as given, with forward slashes.
    pub file: String,
}

/// Where the figures were measured.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Environment {
    /// RFC 3339, UTC.
    pub started_at: String,
    pub os: String,
    pub cpu: String,
    /// Logical processors this process may use.
    pub cores: u32,
    pub memory_bytes: u64,
    /// `server_version`, e.g. `15.18 (Debian …)`.
    pub server_version: String,
    /// `embedded` or `external`.
    pub server_kind: String,
    /// Where the embedded server's programs came from (`/usr/lib/postgresql/15/bin`), or host and database of an external one. No
    /// secret, ever.
    pub server_origin: String,
    /// Settings that perflab chose or that differ from PostgreSQL's defaults.
    pub settings: Vec<Setting>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Setting {
    pub name: String,
    /// With its unit, as `SHOW` prints it.
    pub value: String,
    /// Why perflab chose it; absent when it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// The tables as the catalog has them.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct DataModel {
    pub tables: Vec<ModelTable>,
    pub relations: Vec<Relation>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ModelTable {
    /// Without the schema when it is `public`.
    pub name: String,
    pub columns: Vec<ModelColumn>,
    /// Definitions of the indexes that do not stand for a constraint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ModelColumn {
    pub name: String,
    /// `format_type`
    #[serde(rename = "type")]
    pub type_name: String,
    pub not_null: bool,
    pub primary_key: bool,
    pub unique: bool,
}

/// A foreign key, or a reference that only the scenario knows of.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Relation {
    pub table: String,
    pub columns: Vec<String>,
    pub referenced: String,
    pub referenced_columns: Vec<String>,
    /// `CASCADE`, `SET NULL`, …; absent when the schema does not declare the foreign key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_delete: Option<String>,
}

/// What was tried, kept and refused.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct AdviceRun {
    /// Kept, in the order they were proven.
    pub keep: Vec<KeptIndex>,
    pub rejected: Vec<RejectedIndex>,
    /// Every endpoint of the scenario on two clones in turn, without and with the kept indexes.
    pub endpoints: Vec<PairedResult>,
    /// Endpoints that stay over their SLO (or over 10 ms without one), and why.
    pub unsolved: Vec<Unsolved>,
    /// The phases of [`BenchRun::load`] as they are written, with the kept indexes.
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

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
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
    pub bytes: u64,
    pub build_ms: f64,
    /// The endpoints that used it, with what taking it away alone does to them.
    pub serves: Vec<Served>,
    /// What each row written to the table costs more; absent when it could not be measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insert_cost: Option<InsertCost>,
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
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct PairedResult {
    pub label: String,
    pub before: Latency,
    /// Of the pairs; its p95 may rest on further calls without a partner, so that a slow endpoint gets one.
    pub after: Latency,
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Improved,
    Regressed,
    WithinNoise,
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

/// `seed`, `bench`, `explain`, `advise`, …
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Stage {
    pub name: String,
    pub seconds: f64,
}
