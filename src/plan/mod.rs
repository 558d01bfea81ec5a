//! What a plan says: EXPLAIN's output in, a typed [`Plan`], its figures, PostgreSQL's own text and sentences out.
//!
//! ```text
//! any text ─ read ─> JSON or text
//! JSON ─ parse ─> Plan ─┬─ metrics ──> exclusive times, rows, blocks        (derived numbers live there, never in the plan)
//!                       ├─ text ─────> the lines that EXPLAIN itself prints
//!                       ├─ condition ─> filters as expression trees
//!                       ├─ shape ────> what the planner chose, to hold one plan against another
//!                       ├─ change ───> two plans held against each other
//!                       └─ narrate ──> tips, one rule per file, and a summary
//! ```
//!
//! Nothing here knows how the plan was obtained: no database, no scenario, no report. What the tables look like comes in as
//! [`Facts`], and every sentence that goes out is made of the plan's own numbers.

pub mod change;
pub mod condition;
mod detail;
mod error;
pub mod metrics;
pub mod narrate;

mod node;
mod parse;
mod quote;
mod read;
mod rewrite;
pub mod shape;
pub mod text;
mod to_json;
pub mod walk;

pub use detail::{
    Buffers, CacheUse, Conflict, GroupingSet, HashUse, IoTimes, Jit, KeySet, MergeCounts, Sampling, Serialization, SortGroups,
    SortSpace, SortUse, Storage, TargetTable, Wal, Worker,
};
pub use error::PlanError;
pub use metrics::{Estimate, NodeMetrics, PlanMetrics};

pub use narrate::{ClockFacts, ColumnFacts, Facts, ForeignKeyFacts, IndexFacts, Remedy, TableFacts, Tip, narrate, summary};
pub use node::{Plan, PlanNode, Planning, TextForm, Trigger};
pub use parse::MAX_DEPTH;
pub(crate) use quote::quote_identifier;
pub use read::{Findings, FoundPlan, ReadError, read_plans};
pub use rewrite::{Rewrite, outline};
pub use shape::Shape;
pub use text::{TextOptions, to_text};
pub use to_json::to_json;
pub use walk::{IndexRef, Visit, scans, used_indexes, walk};

#[cfg(test)]
pub(crate) mod fixtures;
