//! A scenario's data section from a live database, without reading a row.
//!
//! ```text
//! Catalog + Statistics ─ known ─ facts: per column, partitions joined
//!        │               reference ─ which columns point where, and their fan-out    ┐
//!        │               ratio ───── rows of the roots, ratios of all others         ├─ fit: quantiles, least squares
//!        └────────────── describe ── values, ranges, distributions, moments, text    ┘
//!                             └─ Sketch ─ prove: read back and planned, what cannot be seeded is taken out ─ text: YAML
//! ```
//!
//! What is read is what the planner reads: `pg_class.reltuples`, `pg_stats`, and the catalog. What is written says how many, how different, how
//! skewed, how long, and how old; **no value of a row** unless it is asked for. What counts as a value is decided so:
//!
//! - Labels of enums, of CHECK constraints and booleans are the schema's, which the scenario refers to anyway: written.
//! - Most common values are values: numbered instead (`value_1`, `1`, `2` …), in the order of their frequency.
//! - Bounds of a histogram are values of rows, the first and the last most of all: rounded outward to a step of at most a tenth of the width
//!   ([`round::step`]), moments likewise. Whole numbers that span ten or less stay as they are, and so does a bound that is that round already.
//! - Shares, counts, means, medians, deviations, exponents, average lengths and the form that all values share (so many digits, a UUID) are
//!   figures about rows and none of theirs: written.

mod describe;
mod error;
mod facts;
mod fit;
mod known;
mod prove;
mod ratio;
mod reference;
pub mod round;
mod scenario;
mod sketch;
mod yaml;

pub use error::LearnError;
pub use scenario::{ColumnLearned, Learned, Options, TableLearned, learn};
