//! What can go wrong between a run and its file.

use thiserror::Error;

/// Why a stored run could not be written or read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The file was written by a newer perflab.
    #[error(
        "this run is in format {found}, but this perflab reads formats up to {known}: read it with perflab {writer} or newer"
    )]
    Newer { found: u32, known: u32, writer: String },
    /// The file was written by an older perflab, whose keys mean something else.
    #[error(
        "this run is in format {found}, and this perflab reads format {known}: run the scenario again to write the file anew"
    )]
    Older { found: u32, known: u32 },
    /// The text is JSON, but not that of a run.
    #[error("not a stored run: the key `format` with its version is missing; run the scenario again to write the file anew")]
    NoFormat,
    /// A run that ended before its endpoints were timed.
    #[error("the run has no endpoints timed")]
    NotTimed,
    /// The text is no JSON, or a key of the run is missing or of another type.
    #[error("not a stored run; run the scenario again to write the file anew")]
    Unreadable(#[source] serde_json::Error),
    /// A figure of the run is infinite or not a number, which JSON cannot say.
    #[error("the run holds a figure that is no number, which its file could not give back")]
    NotANumber,
    /// The run could not be put into JSON.
    #[error("the run cannot be written as JSON")]
    Unwritable(#[source] serde_json::Error),
}
