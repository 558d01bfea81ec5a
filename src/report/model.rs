//! [`Run`]: everything one run found, as one versioned value.
//!
//! It is saved as `reports/<name>/run.json`, and every page, table and picture is a pure function of it: no number may stand in
//! a report that is not here. Keys are `snake_case` and end in their unit; times are milliseconds unless the key says seconds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod advice;
mod bench;
mod cascade;
mod change;
pub mod ci;
mod classes;
mod comparison;
mod explain;
mod files;
mod load;
mod migration_check;
mod plan_classes;
mod published;
mod seed;
mod server_side;
mod variant;

pub use advice::{
    AdviceRun, DroppedAdvice, EstimatedEndpoint, Evidence, InsertCost, KeptIndex, Ledger, LedgerRead, LedgerWrite, OtherAdvice,
    OtherKind, PairedResult, Partition, RejectedIndex, Served, Unsolved, Verdict,
};
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
pub use load::{
    Clock, ConnectionUse, EndpointLoad, Knee, LittlesLaw, LoadRun, LoadStep, Placement, SearchOutcome, Tick, Usl, WITH_INDEXES,
};
pub use migration_check::{
    AlternativeFigures, BrokenEndpoint, CheckFinding, CheckLimits, CheckVerdict, EndpointChange, EndpointInUse, FindingKind,
    HeldLock, LockWait, MigrationAdvice, MigrationCheck, MigrationInUse, MigrationRun, MigrationStatement, RollbackCheck,
    StatementError, StatementRun, TriedAlternative, WorkChange,
};
pub use plan_classes::{CacheOutcome, CachedClass, PlanCache, PlanClass, PlanKind, PlanTime};
pub use published::{Published, PublishedClock, PublishedLoad, PublishedRows, PublishedTime};
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
    /// What somebody else published about the system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Published>,
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

#[cfg(test)]
impl Environment {
    /// That of values which tests make up.
    pub fn made_up() -> Environment {
        Environment {
            started_at: "2026-01-01T00:00:00Z".into(),
            os: "Linux".into(),
            cpu: "A processor".into(),
            cores: 2,
            memory_bytes: 8 << 30,
            server_version: "15.4".into(),
            server_kind: "embedded".into(),
            server_origin: "/usr/lib/postgresql/15/bin".into(),
            settings: Vec::new(),
        }
    }
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

/// `seed`, `bench`, `explain`, `advise`, …
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Stage {
    pub name: String,
    pub seconds: f64,
}
