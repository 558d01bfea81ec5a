//! What a seeding says about tables that were read from files.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The files of a table, and what was in them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FileLoad {
    pub files: Vec<String>,
    /// Of the files as they are on disk.
    pub bytes: u64,
    /// Records read, rejected ones included.
    pub records: u64,
    pub rejected: u64,
    /// By reason and column.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rejects: Vec<RejectCount>,
    /// Where the rejected records are, each with its file, line and reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejects_file: Option<String>,
    /// Rows that were kept though their parent is not there; their foreign key holds for new rows alone.
    #[serde(default)]
    pub orphans_kept: u64,
}

/// Records rejected for one reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RejectCount {
    /// `orphan`, `duplicate key`, `wrong number of fields`, …
    pub reason: String,
    /// Several columns of a key are joined by commas; absent when the record as a whole is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    pub records: u64,
}
