//! What can be wrong with a text that should hold a plan.

use crate::plan::PlanError;
use crate::units::counted;

/// Why no plan could be read. Each message names the line, what was expected there and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The text of a plan is broken at a place.
    #[error("line {line}, column {column}: {found} where {expected} was expected; {next}")]
    Broken {
        /// From 1, in the text as it was handed in.
        line: usize,
        /// From 1, in characters.
        column: usize,
        found: String,
        expected: String,
        next: &'static str,
    },
    /// The plan ends before its tree is whole.
    #[error("the plan of line {first} ends at line {last}, but {node} at line {at} needs {} and has {has}; {next}", counted(*needs as u64, "input", "inputs"))]
    Incomplete { first: usize, last: usize, node: String, at: usize, has: usize, needs: usize, next: &'static str },
    #[error("the plan is nested deeper than {limit} nodes at line {line}; simplify the statement, or explain its parts")]
    TooDeep { limit: usize, line: usize },
    /// JSON that ends early or is none.
    #[error("line {line}, column {column}: the JSON that begins at line {first} {what}; {next}")]
    Json { first: usize, line: usize, column: usize, what: String, next: &'static str },
    /// JSON, but no plan.
    #[error("the JSON that begins at line {line} cannot be used")]
    NoPlan {
        line: usize,
        #[source]
        source: PlanError,
    },
    #[error("the plan is in EXPLAIN's {format} format (line {line}); make it with FORMAT JSON or with FORMAT TEXT")]
    Format { format: &'static str, line: usize },
    #[error(
        "no plan found in {lines} lines; pass what EXPLAIN printed, as text (it begins with a line like \
         `Seq Scan on songs  (cost=0.00..4.10 rows=1 width=8)`) or as JSON"
    )]
    Nothing { lines: usize },
    #[error("nothing to read: the text is empty; pass what EXPLAIN printed")]
    Empty,
    #[error("{count} plans in the text, at the lines {lines}; pass one of them")]
    Several { count: usize, lines: String },
}

/// What to do about a plan that lost a part on its way.
pub(super) const PASTE_WHOLE: &str = "pass the plan whole, as EXPLAIN printed it";

/// What to do about a line that EXPLAIN would not print.
pub(super) const AS_PRINTED: &str = "pass the plan as EXPLAIN printed it, or make it with FORMAT JSON";

impl ReadError {
    /// The line it speaks of, from 1.
    pub fn line(&self) -> Option<usize> {
        match self {
            ReadError::Broken { line, .. }
            | ReadError::TooDeep { line, .. }
            | ReadError::Json { line, .. }
            | ReadError::NoPlan { line, .. }
            | ReadError::Format { line, .. } => Some(*line),
            ReadError::Incomplete { last, .. } => Some(*last),
            _ => None,
        }
    }
}

/// A text as a message quotes it: its beginning.
pub(super) fn quoted(text: &str) -> String {
    const SHOWN: usize = 40;
    if text.is_empty() {
        return "the end of the line".to_owned();
    }
    let mut shown: String = text.chars().take(SHOWN).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}
