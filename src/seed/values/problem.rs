//! Why values cannot be made as asked.

use super::pattern::PatternProblem;
use crate::scenario::model::Location;
use crate::seed::text::NotAValue;

/// A description of values that does not fit its column or parameter.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ValueProblem {
    #[error(transparent)]
    Literal(#[from] NotAValue),
    #[error(transparent)]
    Pattern(#[from] PatternProblem),
    #[error("{what} cannot fill the type {type_name}{next}")]
    Mismatch {
        what: &'static str,
        type_name: String,
        /// Empty, or what would fit, after a semicolon.
        next: &'static str,
    },
    #[error("it is unique, but {what} gives only {possible} different values for {rows} rows; {next}")]
    TooFew { what: &'static str, possible: u64, rows: u64, next: &'static str },
    #[error("it is unique, but {what} may give a value twice; {next}")]
    MayRepeat { what: &'static str, next: &'static str },
    #[error("the range {low} to {high} {why}")]
    Range { low: f64, high: f64, why: String },
    #[error("{0}")]
    Weights(&'static str),
    #[error("{0} rows are more than its type can number; take a wider type")]
    RowNumbers(u64),
    #[error("{0}")]
    Peer(String),
    #[error("{0}")]
    File(String),
    #[error("{why}")]
    Expression { at: Location, why: String },
    /// Rows cannot be added without changing those that are there.
    #[error("it is unique, and {0} leave no room for more rows beside those that are there")]
    Unsteady(&'static str),
    #[error("`default` leaves the value to the server, which parameters have no use for; give it a value")]
    Default,
}
