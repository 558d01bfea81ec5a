//! What the server did for an endpoint's calls. Counts come from its own counters and do not move with the machine.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The server's side of an endpoint, per call unless said, measured on a copy of the seeded rows of its own, one client.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServerSide {
    /// Calls the counters were read around: their number depends on what they touch, never on a clock.
    pub calls: u64,
    /// Calls that were timed, by both sides.
    pub timed_calls: u64,
    /// Milliseconds on the server, planning included, and on the client for the same calls.
    #[serde(default)]
    pub server_ms: Option<f64>,
    pub client_ms: f64,
    /// What `server_ms` is from.
    pub source: String,
    /// How often the server was asked what the calling session was at.
    pub samples: u64,
    /// Where the client's time went, largest first; shares add up to 1. Empty when there were too few samples.
    pub shares: Vec<TimeShare>,
    /// "71% CPU, 20% round trips, 9% WAL"
    pub sentence: String,
    pub touched: Touched,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n_plus_one: Option<NPlusOne>,
    /// Why something above is missing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// A part of an endpoint's time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TimeShare {
    /// `CPU`, `run queue`, `round trips`, `WAL`, `reading`, `locks`, …
    pub what: String,
    pub share: f64,
    /// Samples that showed it; none when it was read from a clock.
    pub samples: u64,
    /// The server's names of the wait events, e.g. `IO:WALSync`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
}

/// What a call touches, per call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Touched {
    /// Shared blocks found in PostgreSQL's cache, and those that were not.
    pub blocks_hit: f64,
    pub blocks_read: f64,
    /// Written to temporary files; absent where the server cannot tell.
    #[serde(default)]
    pub temp_bytes: Option<f64>,
    pub wal_bytes: f64,
    /// Whole pages in the WAL, for pages touched for the first time since a checkpoint: chance, not the statement's doing.
    #[serde(default)]
    pub wal_full_pages: Option<f64>,
    /// Rows that scans looked at: every row of a sequential scan, of index scans the entries they returned or the rows fetched for
    /// them, whichever is more; over all tables.
    pub rows_read: f64,
    /// Rows returned or changed.
    pub rows_returned: f64,
    pub rows_updated: f64,
    /// Of the updated, those that needed no index entry (HOT).
    pub rows_updated_hot: f64,
}

/// One query for a list, then one for each of its rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NPlusOne {
    /// From 1.
    pub step: usize,
    pub sql: String,
    /// How often the statement runs in a call.
    pub runs_per_call: f64,
    /// What the repetition costs a call: round trips that one statement would not need.
    pub costs_ms: f64,
    pub sentence: String,
}

impl Touched {
    /// Shared blocks, wherever they were found: the same on every run, unlike what was cached.
    pub fn blocks(&self) -> f64 {
        self.blocks_hit + self.blocks_read
    }
}
