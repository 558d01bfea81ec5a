//! What can be wrong with a plan that somebody hands in.

/// Why a JSON value is no plan. Each message names the place as a JSON path.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    #[error("not a plan: {path} should be {expected}, but is {found}; pass what EXPLAIN (FORMAT JSON) printed, whole")]
    Unexpected { path: String, expected: &'static str, found: String },
    #[error("not a plan: {path} has no \"{key}\"; pass what EXPLAIN (FORMAT JSON) printed, whole")]
    Missing { path: String, key: &'static str },
    #[error(
        "no plan in the list: EXPLAIN printed an empty array, so the statement was rewritten to nothing; explain another statement"
    )]
    Empty,
    #[error("{count} plans in the list, because a rule rewrote the statement into several; explain them one at a time")]
    Several { count: usize },
    #[error("no plan: EXPLAIN says \"{message}\"; only SELECT, INSERT, UPDATE, DELETE, MERGE, VALUES and EXECUTE have one")]
    Utility { message: String },
    #[error("the plan is nested deeper than {limit} nodes at {path}; simplify the statement, or explain its parts")]
    TooDeep { limit: usize, path: String },
}
