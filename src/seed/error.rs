//! Why a database could not be filled.

use std::io;
use std::path::PathBuf;

use crate::db::DbError;

use super::plan::RowFailure;
use super::problem::SeedProblem;

/// A failure while rows are made or loaded. What is wrong with the scenario is found before: see [`super::SeedProblem`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SeedError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("the value of a template does not fit its column")]
    Row(#[from] RowFailure),
    #[error("`{}` could not be read", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("`{}` changed while its rows were loaded; seed again", path.display())]
    Changed { path: PathBuf },
    #[error("rejected records cannot be written down")]
    Rejects { source: io::Error },
    #[error(
        "{table}: {why}:\n  {examples}\nall of them are in {file}; correct the files, or allow more with `rejects:` under `from:`"
    )]
    TooManyRejects { table: String, why: String, examples: String, file: String },
    /// The server took no row like this.
    #[error("{table} cannot be filled")]
    Refused {
        table: String,
        #[source]
        problem: Box<SeedProblem>,
    },
    #[error("{table} took {arrived} of the {sent} rows that were sent")]
    Lost { table: String, sent: u64, arrived: u64 },
}

impl SeedError {
    /// The scenario's mistake behind it, if that is what it was.
    pub fn into_mistake(self) -> Result<SeedProblem, SeedError> {
        match self {
            SeedError::Row(failure) => Ok(failure.into()),
            SeedError::Refused { problem, .. } => Ok(*problem),
            other => Err(other),
        }
    }
}
