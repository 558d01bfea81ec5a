//! The file of `perflab ci --write-baseline`: what a later run is held against.
//!
//! What follows from rows, schema and statements stands first and is the same on every machine; what hangs on the machine stands at the
//! end, under `times`. Lines are short, so that a difference between two files shows what changed.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::report::model::{Block, Effect, Environment};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Baseline {
    /// [`super::CI_FORMAT_VERSION`] of the writer.
    pub format: u32,
    /// Version of perflab that wrote it.
    pub perflab: String,
    /// Name of the scenario.
    pub scenario: String,
    pub data: RowsSeen,
    /// Major version of the server, e.g. 15: another one plans otherwise.
    pub server_major: u32,
    /// Definitions of all indexes, by name.
    pub indexes: Vec<IndexSeen>,
    /// In the order of the scenario.
    pub endpoints: Vec<Observed>,
    /// Absent when no times were measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<BaselineTimes>,
}

/// The rows that were there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RowsSeen {
    /// [`SeedRun::hash`](crate::report::model::SeedRun::hash)
    pub hash: String,
    pub seed: u64,
    pub scale: f64,
    /// By table.
    pub rows: BTreeMap<String, u64>,
}

/// An index of the schema.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct IndexSeen {
    pub table: String,
    /// `btree (user_id, created_at) WHERE …`: what it is, whatever it is called.
    pub keys: String,
    pub unique: bool,
    pub name: String,
}

/// What calls of fixed numbers of an endpoint ask for and touch; figures are per call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Observed {
    pub label: String,
    pub effect: Effect,
    /// Calls that were counted.
    pub calls: u64,
    /// Of the parameters of those calls: equal digests mean equal parameters.
    pub parameters: String,
    pub statements_per_call: f64,
    pub round_trips_per_call: f64,
    pub rows_read: f64,
    pub blocks: f64,
    pub wal_bytes: f64,
    /// Whole pages in the WAL; absent before version 15.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wal_full_pages: Option<f64>,
    /// Absent where the server cannot tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temp_bytes: Option<f64>,
    /// Of the counted calls, those that failed, each kind in a sentence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<String>,
    pub statements: Vec<ObservedStatement>,
}

/// A statement in the calls that were explained.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ObservedStatement {
    /// From 1.
    pub step: usize,
    /// As the scenario has it, blanks and line breaks made one.
    pub sql: String,
    /// How often it runs in a call.
    pub runs_per_call: f64,
    /// Of one execution, with what foreign keys run behind it.
    pub rows_read: f64,
    pub blocks: u64,
    /// What was planned, most frequent first. Empty for a statement that never ran.
    pub plans: Vec<SeenPlan>,
}

/// One way in which a statement was planned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SeenPlan {
    /// Calls that were explained and planned this way.
    pub calls: u32,
    /// A line for each node, set in below its parent. Indexes are named by what they are over, parallel workers left out.
    pub plan: Vec<String>,
}

/// How long calls took, and where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BaselineTimes {
    /// Of the machine's own identity: times are compared on the very machine alone.
    pub host: String,
    pub os: String,
    pub cpu: String,
    pub cores: u32,
    pub memory_bytes: u64,
    pub server_version: String,
    pub endpoints: Vec<TimesSeen>,
}

impl BaselineTimes {
    /// The machine and the server as the file has them, without times.
    pub fn of(environment: &Environment, host: String) -> BaselineTimes {
        BaselineTimes {
            host,
            os: environment.os.clone(),
            cpu: environment.cpu.clone(),
            cores: environment.cores,
            memory_bytes: environment.memory_bytes,
            server_version: environment.server_version.clone(),
            endpoints: Vec::new(),
        }
    }
}

/// An endpoint's times.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TimesSeen {
    pub label: String,
    pub calls: u64,
    pub p50_ms: f64,
    /// Promises that were broken then, e.g. `p95 < 20 ms`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missed: Vec<String>,
    pub blocks: Vec<Block>,
}
