//! Index advice that is measured: candidates from the plans of slow endpoints, built on a clone, timed, and kept only when taking
//! them away is felt.
//!
//! ```text
//! plans ─ propose ─> candidates ─ build ─> used? ─ ablation ─> set ─ fresh clones, A B B A ─> verdict per endpoint
//! ```
//!
//! Nothing here prints, renders or decides how to connect; estimates of the planner are never evidence.

pub mod candidate;
pub mod ledger;
pub mod propose;
pub mod select;
pub mod trial;
pub mod unsolved;
pub mod used;
pub mod verify;

use crate::db::DbError;
use crate::explain::ExplainError;

pub use select::{Selection, Trial, select};
pub use unsolved::unsolved;
pub use verify::{Verified, advice_run, kept_indexes, over_write_budget, verify};

/// Why no advice could be given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdviseError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    Explain(#[from] ExplainError),
}

/// Without a promise of its own, an endpoint should answer within this many milliseconds: what is left of a 100 ms page, the
/// limit of what feels instant (Nielsen, Usability Engineering, 1993), when it needs ten such calls.
pub const DEFAULT_TARGET_MS: f64 = 10.0;
/// Endpoints below this median are left alone: most of their time is round trips, which no index shortens.
pub const WORTH_ADVISING_MS: f64 = 1.0;
