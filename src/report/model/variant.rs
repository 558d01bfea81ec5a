//! Other ways to get an endpoint's result, side by side with its own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ErrorCount, PairedResult};

/// The variants of one endpoint.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct VariantRun {
    /// Of the endpoint.
    pub label: String,
    /// Both sides were called where the indexes were that the advice keeps.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub with_kept_indexes: bool,
    pub variants: Vec<VariantResult>,
}

/// One variant against the endpoint's own steps: the same parameters, in turn.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct VariantResult {
    pub name: String,
    pub equality: Equality,
    /// The endpoint's own steps (`before`) and the variant (`after`), called in turn with the same parameters. Absent when their
    /// results differ or one of them fails: what does something else is not faster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timed: Option<PairedResult>,
    /// Statements that the endpoint's own steps ran for a call, and the variant.
    pub own_statements_per_call: f64,
    pub variant_statements_per_call: f64,
    /// Time of `setup:`, once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setup_ms: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh: Option<RefreshCost>,
    /// Of either side, while results were compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<ErrorCount>,
    /// What the reader must know before believing it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// Whether the variant returns what the endpoint does, shown on many parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Equality {
    /// Calls with the same parameters whose results were compared.
    pub compared: u64,
    /// … and were the same rows, in whatever order.
    pub equal: u64,
    /// … and in the same order.
    pub in_order: u64,
    /// Of the compared, those that returned nothing on either side: they prove little.
    pub both_empty: u64,
    /// The first parameters whose results differ, and how, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_difference: Option<String>,
}

/// What keeping a materialized result up to date costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RefreshCost {
    pub sql: String,
    /// Median of three, or of fewer when they take long.
    pub ms: f64,
    /// Written by the server as a whole meanwhile.
    pub wal_bytes: u64,
    /// Calls after which the refresh has paid for itself; absent when the variant is not faster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pays_after_calls: Option<f64>,
}

impl Equality {
    /// Whether the variant may be called another way to the same result.
    pub fn proven(&self) -> bool {
        self.compared > 0 && self.equal == self.compared
    }
}
