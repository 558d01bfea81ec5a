//! Endpoints explained: each statement under EXPLAIN ANALYZE with the parameters of one call, what its plan means, and the
//! statements that foreign keys run behind it.
//!
//! Everything happens inside a transaction that is rolled back, on a database that may be worn (a clone).

pub mod before_after;
pub mod cascade;
pub mod change;
pub mod classes;
pub mod clocks;
pub mod effects;
pub mod endpoint;
pub mod endpoint_tips;
pub mod expectation;
pub mod facts;
pub mod narrated;
pub mod plan_cache;
pub mod seq_scans;
pub mod study;
pub mod tried;
mod walk;

use crate::db::{Connection, DbError};
use crate::plan::PlanError;

/// Why nothing could be explained.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExplainError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("the server's plan could not be read")]
    Plan(#[from] PlanError),
}

/// Takes back all that happened since the savepoint, and the savepoint.
async fn undo(connection: &mut Connection, savepoint: &str) -> Result<(), DbError> {
    connection.batch(&format!("ROLLBACK TO {savepoint}; RELEASE {savepoint}")).await
}
