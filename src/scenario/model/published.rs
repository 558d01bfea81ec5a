//! `published:`, what somebody wrote about the speed of the system, for a report to set beside its own figures.

use std::time::Duration;

use super::Located;

/// The section.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// `source:`, where the figures are from.
    pub source: String,
    /// `note:`, what goes for all of them.
    pub note: Option<String>,
    pub figures: Vec<PublishedFigure>,
}

/// One figure, or a pair of before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedFigure {
    pub subject: PublishedSubject,
    /// `what:`, in the words of the one who published it.
    pub what: Option<String>,
    /// `note:`
    pub note: Option<String>,
}

/// What a figure is about; that decides which of ours is its counterpart.
#[derive(Debug, Clone, PartialEq)]
pub enum PublishedSubject {
    /// `endpoint:`
    Time(PublishedTime),
    /// `rows:`, of `table:` or of all.
    Rows { table: Option<Located<String>>, rows: u64 },
    /// `load:`, or none of the others.
    Load(PublishedLoad),
}

/// How long an endpoint takes.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedTime {
    /// Label, or the route of a single endpoint.
    pub endpoint: Located<String>,
    pub clock: PublishedClock,
    /// `statement:`, from 1, where the figure is of that one alone.
    pub statement: Option<Located<usize>>,
    /// `constraint:`, where it is of the trigger of that foreign key.
    pub constraint: Option<String>,
    /// `None`: its place was left blank.
    pub before: Option<Duration>,
    /// After whatever the author did; `None` when nothing is said.
    pub after: Option<Duration>,
}

/// Whose clock a published time is by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PublishedClock {
    /// Whoever called waited that long.
    #[default]
    Client,
    /// `Execution Time` of EXPLAIN ANALYZE.
    Explain,
    /// `Planning Time` of EXPLAIN.
    Planning,
}

/// What a load test showed, as far as it is told.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PublishedLoad {
    /// `load:`, the phase of the scenario that does the same.
    pub phase: Option<Located<String>>,
    /// Clients or virtual users.
    pub clients: Option<u64>,
    /// Time between a reply and the client's next call.
    pub think: Option<Duration>,
    /// Calls per second.
    pub rate: Option<f64>,
    /// Mean time from call to reply.
    pub latency: Option<Duration>,
    /// Share of the calls that failed, 0 to 1.
    pub errors: Option<f64>,
    /// `requests:` and `lasts:`, calls in all and the time they were made in.
    pub requests: Option<u64>,
    pub lasts: Option<Duration>,
}
