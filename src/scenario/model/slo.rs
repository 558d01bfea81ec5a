//! `slo:`, what an endpoint promises of its calls.

use std::fmt;

use super::Location;

/// One promise: `p95 < 20ms`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slo {
    pub metric: Metric,
    pub comparison: Comparison,
    /// In the base unit of the metric's [`Unit`]; finite, not negative.
    pub bound: f64,
    /// Where it is written.
    pub at: Location,
}

/// What can be promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    P50,
    P90,
    P95,
    P99,
    /// `p99.9`
    P999,
    Mean,
    Max,
    /// Calls that failed, of all calls.
    ErrorRate,
    /// Calls that succeeded, per second.
    Rps,
    /// Statements per call.
    Queries,
    /// Times per call that the client waited for the server, BEGIN and COMMIT included.
    RoundTrips,
    /// Rows per call that the plans' scans read, thrown away ones included.
    RowsRead,
    /// The same, per row that the call returned or changed.
    RowsReadPerReturned,
    /// Blocks per call, from memory or from disk.
    Blocks,
    /// Write-ahead log per call.
    Wal,
    /// Temporary files per call.
    Temp,
    /// Rows of the largest table that a plan reads from end to end.
    PlanSeqScan,
}

/// What a bound counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds.
    Time,
    /// 0 to 1.
    Share,
    PerSecond,
    /// Statements, rows, blocks, a ratio.
    Count,
    Bytes,
}

/// How the measured figure has to stand to the bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Below,
    AtMost,
    Above,
    AtLeast,
}

impl Metric {
    /// Every metric with its name in scenarios and reports.
    pub const ALL: [(&'static str, Metric); 17] = [
        ("p50", Metric::P50),
        ("p90", Metric::P90),
        ("p95", Metric::P95),
        ("p99", Metric::P99),
        ("p99.9", Metric::P999),
        ("mean", Metric::Mean),
        ("max", Metric::Max),
        ("error_rate", Metric::ErrorRate),
        ("rps", Metric::Rps),
        ("queries", Metric::Queries),
        ("round_trips", Metric::RoundTrips),
        ("rows_read", Metric::RowsRead),
        ("rows_read_per_returned", Metric::RowsReadPerReturned),
        ("blocks", Metric::Blocks),
        ("wal", Metric::Wal),
        ("temp", Metric::Temp),
        ("plan", Metric::PlanSeqScan),
    ];

    pub fn name(self) -> &'static str {
        Metric::ALL.iter().find(|(_, metric)| *metric == self).map_or("", |(name, _)| name)
    }

    pub fn unit(self) -> Unit {
        match self {
            Metric::P50 | Metric::P90 | Metric::P95 | Metric::P99 | Metric::P999 | Metric::Mean | Metric::Max => Unit::Time,
            Metric::ErrorRate => Unit::Share,
            Metric::Rps => Unit::PerSecond,
            Metric::Wal | Metric::Temp => Unit::Bytes,
            Metric::Queries | Metric::RoundTrips | Metric::RowsRead | Metric::RowsReadPerReturned => Unit::Count,
            Metric::Blocks | Metric::PlanSeqScan => Unit::Count,
        }
    }

    /// What is meant where only a bound is written, as in `{p95: 20ms, rps: 1000, queries: 3}`.
    pub fn usual(self) -> Comparison {
        match self.unit() {
            Unit::PerSecond => Comparison::AtLeast,
            Unit::Count => Comparison::AtMost,
            Unit::Time | Unit::Share | Unit::Bytes => Comparison::Below,
        }
    }

    /// Whether a smaller figure is the better one: true for all but the rate.
    pub fn smaller_is_better(self) -> bool {
        self.unit() != Unit::PerSecond
    }

    /// Whether calls alone tell it, so that it can be held against every second of a load.
    pub fn is_of_calls(self) -> bool {
        matches!(self.unit(), Unit::Time | Unit::Share | Unit::PerSecond)
    }
}

impl Comparison {
    pub const ALL: [(&'static str, Comparison); 4] =
        [("<", Comparison::Below), ("<=", Comparison::AtMost), (">", Comparison::Above), (">=", Comparison::AtLeast)];

    pub fn sign(self) -> &'static str {
        Comparison::ALL.iter().find(|(_, comparison)| *comparison == self).map_or("", |(sign, _)| sign)
    }

    pub fn holds(self, measured: f64, bound: f64) -> bool {
        match self {
            Comparison::Below => measured < bound,
            Comparison::AtMost => measured <= bound,
            Comparison::Above => measured > bound,
            Comparison::AtLeast => measured >= bound,
        }
    }

    pub fn wants_small(self) -> bool {
        matches!(self, Comparison::Below | Comparison::AtMost)
    }
}

impl Slo {
    pub fn holds(&self, measured: f64) -> bool {
        self.comparison.holds(measured, self.bound)
    }
}

/// As a scenario could have it: `p95 < 20 ms`.
impl fmt::Display for Slo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bound = self.bound;
        if self.metric == Metric::PlanSeqScan {
            return write!(f, "plan: no seq scan over {bound} rows");
        }
        write!(f, "{} {} ", self.metric.name(), self.comparison.sign())?;
        match self.metric.unit() {
            Unit::Time => write!(f, "{bound} ms"),
            Unit::Share => match hundredths(bound) {
                Some(percent) => write!(f, "{percent}%"),
                None => write!(f, "{bound}"),
            },
            Unit::PerSecond => write!(f, "{bound}/s"),
            Unit::Count => write!(f, "{bound}"),
            Unit::Bytes => {
                let (unit, bytes) = SIZES.iter().find(|(_, bytes)| bound > 0.0 && bound % bytes == 0.0).unwrap_or(&("B", 1.0));
                write!(f, "{} {unit}", bound / bytes)
            }
        }
    }
}

const SIZES: [(&str, f64); 3] = [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)];

/// A share in percent, without the digits that only come from counting in twos: 0.003 × 100 is 0.3. `None`: it is no such number.
fn hundredths(share: f64) -> Option<f64> {
    let rounded = (share * 1e14).round() / 1e12;
    (rounded / 100.0 == share).then_some(rounded)
}
