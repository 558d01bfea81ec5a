//! Why a database could not be filled.

use crate::db::DbError;

use super::plan::RowFailure;

/// A failure while rows are made or loaded. What is wrong with the scenario is found before: see [`super::SeedProblem`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SeedError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("the value of a template does not fit its column")]
    Row(#[from] RowFailure),
    #[error("{table} took {arrived} of the {sent} rows that were sent")]
    Lost { table: String, sent: u64, arrived: u64 },
}
