//! Why nothing could be learned.

/// What stands in the way, and the next step.
#[derive(Debug, thiserror::Error, PartialEq)]
#[non_exhaustive]
pub enum LearnError {
    #[error("the database has no tables to learn from; end the URL in the database of the service")]
    NoTables,
    #[error("there is no table `{name}` in the database{suggestion}")]
    UnknownTable { name: String, suggestion: String },
    #[error(
        "no table was ever analyzed, so the server knows neither their rows nor their values; run ANALYZE in the database and try again"
    )]
    NeverAnalyzed,
}
