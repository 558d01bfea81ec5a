//! Why endpoints could not be timed at all. A statement that fails while it is timed is data, not an error.

use crate::db::DbError;
use crate::scenario::error::Problem;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BenchError {
    /// The scenario's endpoints do not fit the database: unknown columns, parameters nobody provides.
    #[error("{} of the scenario's endpoints do not fit the database", .0.len())]
    Problems(Vec<Problem>),
    #[error(transparent)]
    Db(#[from] DbError),
}
