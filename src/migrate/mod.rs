//! A migration tried on copies of the seeded database: what it locks and for how long, whom that keeps waiting, and what it does to
//! every endpoint.
//!
//! ```text
//! FILE.sql ─ script ─> statements with their lines, or every reason why they cannot be tried
//!   on a quiet copy:     run ─> time, locks, rewrites, size, WAL of each statement        (watch looks on from another session)
//!   on a copy in use:    run beside traffic ─> who waited for whom, errors of the calls
//!   that against the rows as seeded:  change ─> endpoints slower, faster, or refused by the server
//!   alternative ─ another way to the same schema, run beside traffic too       rollback ─ is the schema as it was?
//!                          └──────────── judge ─> findings, advice, verdict ────────────┘
//! ```
//!
//! Nothing here prints or renders. A lint knows words; what is said here was seen: a lock, a wait, a file that was written anew.

pub mod alternative;
pub mod calls;
pub mod change;
pub mod judge;
pub mod locks;
pub mod objects;
pub mod run;
pub mod script;
pub mod traffic;
pub mod uses;
pub mod watch;

use crate::bench::BenchError;
use crate::db::DbError;
use crate::explain::ExplainError;

pub use script::Script;

/// Why a migration could not be tried. A statement of it that fails is data, not an error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MigrateError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    Bench(#[from] BenchError),
    #[error(transparent)]
    Explain(#[from] ExplainError),
}
