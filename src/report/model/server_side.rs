//! What the server did for an endpoint's calls. Counts come from its own counters and do not move with the machine.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The server's side of an endpoint, per call unless said.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServerSide {
    /// Calls the counters were read around.
    pub calls: u64,
    /// Milliseconds on the server, planning included, and on the client for the same calls.
    #[serde(default)]
    pub server_ms: Option<f64>,
    pub client_ms: f64,
    /// `pg_stat_statements` or what else `server_ms` is from.
    pub source: String,
    /// Where the client's time went, largest first; shares add up to 1.
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
    /// `CPU`, `round trips`, `WAL`, `reading`, `locks`, …
    pub what: String,
    pub share: f64,
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
    pub temp_bytes: f64,
    pub wal_bytes: f64,
    /// Rows that scans fetched, over all tables.
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
