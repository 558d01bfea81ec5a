//! `from:`, rows and values that stand in files.

use std::path::PathBuf;

use super::{Located, Location};
use crate::csv::Dialect;

/// `from: reviews.csv` of a table, or the long form.
#[derive(Debug, Clone, PartialEq)]
pub struct FileTable {
    /// Patterns (`reviews*.csv.gz`), as written until they are resolved against the scenario's folder. All files together are the
    /// table, in the order given, those of one pattern by name.
    pub files: Vec<Located<PathBuf>>,
    pub dialect: Dialect,
    /// The first line of each file names its columns; else they are numbered from 1.
    pub header: bool,
    /// Columns of the file that are called otherwise in the table, or are written otherwise than the rest.
    pub columns: Vec<FileColumn>,
    /// Columns of the file that go nowhere.
    pub ignore: Ignore,
    pub nulls: NullWords,
    /// Spaces around a field do not count.
    pub trim: bool,
    /// What a number stands for in a column with a moment, and what a moment becomes in a column of whole numbers.
    pub time: Option<EpochUnit>,
    pub orphans: Orphans,
    /// Only this many records are read.
    pub limit: Option<u64>,
    /// The share of records, 0 to 1, that may be rejected before the seeding fails.
    pub rejects: f64,
    pub at: Location,
}

/// `columns: {csv_name: column}` or `{csv_name: {column: …, time: …, null: …}}`
#[derive(Debug, Clone, PartialEq)]
pub struct FileColumn {
    /// Of the file: a name of its header, or a number from 1.
    pub field: Located<String>,
    /// Of the table.
    pub column: Located<String>,
    pub nulls: Option<NullWords>,
    pub time: Option<EpochUnit>,
}

/// `null: ["", "null"]`
#[derive(Debug, Clone, PartialEq)]
pub struct NullWords {
    /// A field without a letter is NULL, unless it stands in quotes. So it is when nothing is said.
    pub empty: bool,
    /// Fields that are NULL, in quotes or not.
    pub words: Vec<String>,
}

impl Default for NullWords {
    /// As PostgreSQL's own COPY has it.
    fn default() -> Self {
        NullWords { empty: true, words: Vec::new() }
    }
}

/// `ignore: [etag, synced_at]` or `ignore: rest`
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Ignore {
    #[default]
    Nothing,
    /// All that the table lacks.
    Rest,
    Listed(Vec<Located<String>>),
}

/// `time: epoch_ms`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EpochUnit {
    Seconds,
    Milliseconds,
    Microseconds,
}

impl EpochUnit {
    /// Every unit with its name in scenarios.
    pub const ALL: [(&'static str, EpochUnit); 3] =
        [("epoch_s", EpochUnit::Seconds), ("epoch_ms", EpochUnit::Milliseconds), ("epoch_us", EpochUnit::Microseconds)];

    pub fn micros(self) -> i64 {
        match self {
            EpochUnit::Seconds => 1_000_000,
            EpochUnit::Milliseconds => 1_000,
            EpochUnit::Microseconds => 1,
        }
    }
}

/// `orphans:`, what becomes of a record whose parent is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Orphans {
    /// It goes to the rejects.
    #[default]
    Reject,
    /// It stays, and the foreign key is put back for new rows alone (NOT VALID).
    Keep,
    /// The seeding fails.
    Fail,
}

/// `{from: {file: names.csv, column: name}}` of a column: values that stand in a file.
#[derive(Debug, Clone, PartialEq)]
pub struct FileValues {
    /// As written until it is resolved against the scenario's folder.
    pub file: Located<PathBuf>,
    /// A name of the header, or a number from 1; `None`: the file has one column.
    pub column: Option<Located<String>>,
    pub dialect: Dialect,
    pub header: bool,
    pub nulls: NullWords,
    pub draw: Draw,
}

/// `draw:` and `weight:`, which of the file's values a row gets.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Draw {
    /// One after the other, then from the start again.
    #[default]
    Cycle,
    /// One after the other; too few are a mistake.
    InOrder,
    Uniform,
    /// `weight: population`: in proportion to that column.
    Weighted(Located<String>),
}
