//! Files of comma-separated values, as people have them: `.csv` and `.csv.gz`, one or many, read as a stream.
//!
//! The grammar is that of RFC 4180, read leniently: a quote is special only where a field starts, two of them inside stand for one,
//! what follows a closing quote belongs to the field. Unlike most readers this one keeps whether a field was quoted (`""` is a text,
//! nothing at all is a NULL), and goes on after a quote that nobody closed.
//!
//! ```text
//! pattern ─ paths ─ files ─ Blocks ─ whole records in pieces of 256 KB ─ Fields ─ one record's fields
//! ```

mod blocks;
mod paths;
mod record;

pub use blocks::{Block, Blocks, LONGEST_RECORD, header};
pub use paths::{NoFiles, expand};
pub use record::{Dialect, Fields, record_end};
