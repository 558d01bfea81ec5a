//! What a scenario means, after its text was read and checked.
//!
//! Every name that a later stage may have to complain about keeps its [`Location`], so that an error found while
//! talking to the server (an unknown column, a parameter of the wrong type) still points at the line of the file.

mod data;
mod endpoint;
mod expect;
mod file;
mod load;
mod published;
mod shape;
mod slo;
mod value;
mod variant;

use std::collections::BTreeMap;
use std::path::PathBuf;

pub use data::*;
pub use endpoint::*;
pub use expect::*;
pub use file::*;
pub use load::*;
pub use published::*;
pub use shape::*;
pub use slo::*;
pub use value::*;
pub use variant::*;

/// A place in the scenario file, both counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Location {
    pub line: u32,
    pub column: u32,
}

/// A value and the place where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    pub value: T,
    pub at: Location,
}

impl<T> Located<T> {
    pub fn new(value: T, at: Location) -> Self {
        Located { value, at }
    }
}

/// One scenario file: how the data of a service grows and what its endpoints ask.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// `[a-z][a-z0-9_]*`; names the database (`perflab_<name>`) and the report's folder.
    pub name: String,
    /// Heading of the report; the name when absent.
    pub title: Option<String>,
    /// Markdown for the report's first paragraph.
    pub about: Option<String>,
    /// The DDL that makes the tables. `None`: the tables are expected to exist.
    pub schema: Option<Schema>,
    /// `server:`, settings the embedded server shall run with, e.g. `fsync: off`.
    pub server: BTreeMap<String, String>,
    /// `None`: a database that somebody else has filled.
    pub data: Option<Data>,
    pub endpoints: Vec<Endpoint>,
    /// `bench:`
    pub calls: CallOptions,
    /// In the order of the file.
    pub load: Vec<LoadPhase>,
    pub vary: Vary,
    pub advise: AdviseOptions,
    pub published: Option<Published>,
    /// The file itself, for messages.
    pub source: Source,
}

/// The file a scenario came from, kept so that messages can show its lines.
#[derive(Debug, Clone)]
pub struct Source {
    /// As the user typed it.
    pub path: PathBuf,
    pub text: String,
}

/// The DDL file of a scenario.
#[derive(Debug, Clone)]
pub struct Schema {
    /// Resolved against the scenario's folder.
    pub path: PathBuf,
    pub sql: String,
}

/// `advise: {budget: {size: 500MB, write_slowdown: 5%}, keep_if: 10%}`
#[derive(Debug, Clone, PartialEq)]
pub struct AdviseOptions {
    /// Bytes all kept indexes may take together.
    pub size_budget: Option<u64>,
    /// The share by which a writing endpoint may become slower, 0 to 1; what proves slower than that is said in the advice.
    pub write_slowdown: Option<f64>,
    /// The smallest gain (share of an endpoint's time) for which an index is kept, 0 to 1.
    pub keep_if: f64,
}

impl Default for AdviseOptions {
    fn default() -> Self {
        AdviseOptions { size_budget: None, write_slowdown: None, keep_if: 0.10 }
    }
}
