//! What may not get worse: two sides of a scenario, observed alike and held against each other.
//!
//! ```text
//! observe ── calls of fixed numbers counted, a few of them explained ── Observed
//!               │
//! comparable ── may the two sides be compared at all
//!               │
//! statements ── plans ── work       the same on every machine, so they come first
//! slo ── times                      proven on this machine, and measured again before anybody is told
//! ```
//!
//! Every gate takes both sides and returns [`GateCheck`](crate::report::model::ci::GateCheck)s; what is measured, and how often, is for the
//! command to say.

pub mod align;
pub mod comparable;
mod drawn;
pub mod observe;
pub mod plans;
pub mod sides;
pub mod slo;
pub mod statements;
#[cfg(test)]
mod testing;
pub mod times;
pub mod work;
mod writing;

use crate::db::DbError;
use crate::explain::ExplainError;

/// Why a side could not be observed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GateError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("{label} cannot be explained")]
    Explain { label: String, source: ExplainError },
}
