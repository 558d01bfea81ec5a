//! Index advice that is measured: candidates from the plans of slow endpoints, built on a clone, timed, and kept only when taking
//! them away is felt.
//!
//! ```text
//! plans ─ propose ─> candidates ─ trial::build ─> all standing on one clone
//!   select: eliminate (drop one, time it, wide ones first) ─ merge pairs ─ spare the heaviest ─ budget ─ ledger (what writes pay)
//!           └─────────────── again from the plans that are left, until nothing new is asked for ───────────────┘
//!   verify: fresh clones with and without the set, A B B A ─ take back what harms readers ─> verdict per endpoint
//!   drops: indexes of the schema that nobody needs      beyond: what is no index      unsolved: what nothing helps, and why
//! estimate: the same question to a database that is only read
//! ```
//!
//! Nothing here prints, renders or decides how to connect; estimates of the planner are never evidence.

pub mod beyond;
mod blame;
pub mod candidate;
pub mod drops;
pub mod estimate;
pub mod ledger;
pub mod partitions;
pub mod propose;
pub mod select;
pub mod trial;
pub mod unsolved;
pub mod used;
pub mod verify;

use crate::db::DbError;
use crate::explain::ExplainError;

pub use beyond::{beyond, helps};
pub use blame::take_back;
pub use drops::drops;
pub use select::{Selection, select};
pub use trial::Trial;
pub use unsolved::unsolved;
pub use verify::{Verified, advice_run, kept_indexes, over_write_budget, slow_after, verify};

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
pub const WORTH_ADVISING_MS: f64 = 0.3;
