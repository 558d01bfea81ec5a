//! What a seeding says about itself: rows, shapes and times, asked and got.
//!
//! Added fields have defaults, so that what an earlier version stored is still read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::files::FileLoad;

/// What was made.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct SeedRun {
    /// Rows in all tables.
    pub rows: u64,
    /// All that a person waits for: database and tables, files, COPY, keys, VACUUM (ANALYZE), counts. Of the run that made the rows, when this one found them in place.
    pub seconds: f64,
    /// Of all rows in their binary form, in order; equal on any machine and any number of threads.
    #[serde(alias = "data_hash")]
    pub hash: String,
    /// True when the rows of an earlier run were found unchanged and kept.
    pub reused: bool,
    pub seed: u64,
    pub scale: f64,
    /// The scales through which the rows grew, the last being `scale`: the rows of each are the first of the next.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scales: Vec<f64>,
    /// Why the rows of scale 1 are not the first of these, where that could not be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_a_prefix: Option<String>,
    /// `rows` by `seconds`.
    #[serde(default)]
    pub rows_per_second: f64,
    /// Heap and TOAST of all tables, bytes.
    #[serde(default)]
    pub bytes: u64,
    /// Indexes of all tables, bytes.
    #[serde(default)]
    pub index_bytes: u64,
    /// Two sessions work at once, so these add up to more than `seconds`.
    #[serde(default)]
    pub phases: SeedPhases,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wal: Option<SeedWal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<ExpectedRows>,
    /// `data.check`, in the order of the scenario.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<CheckSeen>,
    /// In the order of the scenario, those without rows too.
    pub tables: Vec<SeededTable>,
}

impl SeedRun {
    /// The same with the seconds that passed before the first table was touched.
    pub fn prepared_in(mut self, seconds: f64) -> SeedRun {
        self.phases.preparing += seconds;
        self.seconds += seconds;
        self.rows_per_second = self.rows as f64 / self.seconds;
        self
    }
}

/// Session seconds by what they went into.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SeedPhases {
    /// Until the first row: database and tables, files read, rows planned and tried, keys, indexes and triggers taken away. Of the whole
    /// seeding only.
    #[serde(default, alias = "schema")]
    pub preparing: f64,
    /// Making rows and COPY, the commit included.
    pub rows: f64,
    /// Primary keys, UNIQUE and other indexes.
    pub keys: f64,
    /// Declaring and checking.
    pub foreign_keys: f64,
    /// VACUUM (ANALYZE).
    pub vacuum: f64,
    /// Counting what came out.
    pub counts: f64,
}

/// The write-ahead log of the seeding.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SeedWal {
    /// `wal_level`
    pub level: String,
    /// Written by the whole server while the seeding ran; absent when the server does not let this role ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// What was avoided and what was not, in a sentence.
    pub note: String,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct SeededTable {
    pub name: String,
    /// As the scenario puts it: `3,000`, `0.3037 per playlists`.
    pub rule: String,
    pub asked: u64,
    /// `count(*)` after the load.
    pub rows: u64,
    /// All work on this table, seconds.
    pub seconds: f64,
    #[serde(default)]
    pub phases: SeedPhases,
    /// Heap and TOAST, bytes.
    pub bytes: u64,
    #[serde(default)]
    pub index_bytes: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<ColumnSeen>,
    /// For tables from files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<FileLoad>,
    /// For tables that a statement derived: the statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
    /// Per reference: how many children the parents got.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fanouts: Vec<FanoutSeen>,
}

/// A column as the server counts it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ColumnSeen {
    pub name: String,
    /// What the scenario says of it, in words; absent when it says nothing and perflab inferred the values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<String>,
    /// Share of NULLs that was asked for, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nulls_asked: Option<f64>,
    /// Rows without a value.
    pub nulls: u64,
    /// Different values; absent for types the server cannot compare.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distinct: Option<u64>,
    /// The smallest and the largest value as text, cut where long; absent for types without an order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<String>,
    /// True when the figures are ANALYZE's, from a sample of the rows; min and max are then those of the sample.
    #[serde(default)]
    pub estimated: bool,
    /// Of a list of values with weights: asked and got, in the order of the scenario.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<ShareSeen>,
    /// Where asked and got disagree beyond chance: a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off: Option<String>,
}

/// How often one value of a list came, 0 to 1, of the rows with a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShareSeen {
    pub value: String,
    pub asked: f64,
    pub got: f64,
}

/// Children per parent as counted in the seeded table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FanoutSeen {
    pub column: String,
    pub parent: String,
    /// What the scenario says of it, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<String>,
    /// Parents with at least one child.
    pub parents: u64,
    /// Parents without any.
    #[serde(default)]
    pub without: u64,
    /// Of the parents with a child, like the percentiles.
    pub mean: f64,
    pub p50: u64,
    pub p99: u64,
    pub max: u64,
    /// All parents by how many children they have; the first bucket is `0-0` when there are parents without any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub histogram: Vec<FanoutBucket>,
}

/// Parents with `from` to `to` children, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FanoutBucket {
    pub from: u64,
    pub to: u64,
    pub parents: u64,
}

/// `data.expect`, held against the counts.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ExpectedRows {
    pub total_rows: u64,
    pub got: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
}

/// A claim about the data, and what its statement says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheckSeen {
    pub claim: String,
    pub sql: String,
    /// As the scenario writes it: `9`, `80%`, `20-30`.
    pub expect: String,
    /// How far off it may be, as a share of what is expected; absent when not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<f64>,
    /// Absent when the statement returned NULL or no row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub got: Option<f64>,
    /// Absent when the claim speaks of the data unscaled and these are scaled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<bool>,
    /// What the server said when the statement failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl CheckSeen {
    /// `9`, or `9 ± 5%`.
    pub fn expected(&self) -> String {
        match self.within {
            Some(within) => format!("{} ± {}", self.expect, crate::units::percent(within)),
            None => self.expect.clone(),
        }
    }

    /// In the form of what is expected: a share as a percentage, a count whole.
    pub fn got_text(&self) -> String {
        match self.got {
            None => "nothing".to_owned(),
            Some(got) if self.expect.ends_with('%') => format!("{}%", crate::units::figure(got * 100.0)),
            Some(got) if got >= 0.0 && got.fract() == 0.0 && got < 1e15 => crate::units::count(got as u64),
            Some(got) => crate::units::figure(got),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_earlier_version_stored_is_read() {
        let stored = r#"{"tables": [{"name": "t", "rule": "2", "asked": 2, "rows": 2, "bytes": 8192, "seconds": 0.1,
            "fanouts": [{"column": "u", "parent": "users", "parents": 2, "mean": 1.0, "p50": 1, "p99": 1, "max": 1}]}],
            "rows": 2, "seconds": 0.5, "reused": false, "data_hash": "ab", "seed": 42, "scale": 1.0}"#;
        let run: SeedRun = serde_json::from_str(stored).unwrap();
        assert_eq!((run.hash.as_str(), run.tables[0].fanouts[0].without), ("ab", 0));
        let written = serde_json::to_value(&run).unwrap();
        assert_eq!((written["hash"].as_str(), written.get("data_hash")), (Some("ab"), None));
    }
}
