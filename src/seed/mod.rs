//! Rows from ratios: a scenario's data section and a catalog in, a filled database out.
//!
//! ```text
//! Data + Catalog ─ layout ─ how many rows each table gets
//!        │         build ── one cell per column: values, references, walks, what the catalog implies
//!        └──────── SeedPlan ─ feed ─ binary COPY in chunks, on threads ─ load ─ tables, keys, VACUUM (ANALYZE)
//! ```
//!
//! A cell is a function of (seed, table, column, row): no row depends on the one before it, so rows are made in any order on any number of
//! threads, and memory grows with the parents of references, not with rows.

mod asked;
mod build;
pub(crate) mod check;
mod chooser;
mod claims;
mod count;
mod derive;
mod digest;
mod divided;
pub mod encode;
pub mod error;
pub mod fanout;
mod feed;
mod files;
#[cfg(test)]
mod fixture;
mod grouping;
pub(crate) mod infer;
mod infer_bounds;
pub mod layout;
mod load;
mod lookup;
mod param;
mod permutation;
pub mod pick;
pub mod plan;
pub mod problem;
mod progress;
pub mod rng;
mod seen;
mod steps;
#[cfg(test)]
mod tests;
pub mod text;
mod through;
mod total;
mod tree;
mod trial;
mod tuples;
pub mod types;
pub mod values;

pub use claims::unprovable;
pub use derive::{Derived, derived};
pub use error::SeedError;
pub use files::{Files, ReadOptions, Unread, content_digest};
pub use load::{add, load};
pub use param::{ParamMaker, ParamSetting};
pub use plan::{GENERATOR_VERSION, SeedPlan, TablePlan};
pub use problem::SeedProblem;
pub use progress::SeedEvent;
pub use text::encode_text;
pub use total::{NoScale, Solved, solve};
pub use trial::trial;
