//! Ranges: bookings, prices from and to, days of validity.

use crate::seed::encode::{put_fixed, put_integer, put_scaled};
use crate::seed::rng::Stream;
use crate::seed::types::Kind;

use super::plausible::since_2000;

const MINUTE_US: i64 = 60_000_000;
const DAY_US: i64 = 86_400_000_000;

/// Ranges by the number of their start.
#[derive(Debug, Clone)]
pub struct Spans {
    kind: Kind,
    /// Of the last start, in units.
    base: i64,
    starts: u64,
    /// Lengths run from 1 to this many units.
    longest: u64,
    /// Lengths are counted in so many units.
    step: i64,
}

impl Spans {
    /// Ranges between values of a kind; at least `distinct` starts, which may reach further back. `None`: of that kind there are none.
    pub fn new(kind: Kind, until_us: i64, distinct: u64) -> Option<Spans> {
        let now = since_2000(until_us);
        let (base, usual, longest, step) = match kind {
            Kind::Date => (now.div_euclid(DAY_US), 365, 14, 1),
            // To the quarter of an hour.
            Kind::Timestamp | Kind::Timestamptz => (now.div_euclid(MINUTE_US), 365 * 24 * 60, 32, 15),
            Kind::Time => (20 * 60, 20 * 60, 16, 15),
            Kind::Numeric | Kind::Money => (100_000, 100_000, 10_000, 1),
            kind if kind.is_number() => (10_000.max(i64::try_from(distinct).ok()?), 10_000, 100, 1),
            _ => return None,
        };
        // More starts than usual: numbers run on, moments start earlier.
        let starts = distinct.max(usual);
        let most = match kind {
            Kind::Time => 20 * 60,
            Kind::Int2 => 30_000,
            Kind::Date => 2_000_000,
            _ => 2_000_000_000,
        };
        let base = if kind == Kind::Numeric { base.max(starts as i64) } else { base };
        Some(Spans { kind, base, starts: starts.min(most), longest, step })
    }

    /// How many different starts there are.
    pub fn starts(&self) -> u64 {
        self.starts
    }

    pub fn write(&self, number: u64, stream: &mut Stream, out: &mut Vec<u8>) {
        let start = self.base - number as i64;
        self.range(start, start + self.length(stream), out);
    }

    /// One to three ranges, one after the other with gaps between.
    pub fn write_many(&self, number: u64, stream: &mut Stream, out: &mut Vec<u8>) {
        let count = if self.kind == Kind::Time { 1 } else { stream.between(1, 3) };
        out.extend_from_slice(&(count as u32).to_be_bytes());
        let mut start = self.base - number as i64;
        for _ in 0..count {
            let end = start + self.length(stream);
            let field = crate::seed::encode::begin_field(out);
            self.range(start, end, out);
            crate::seed::encode::end_field(out, field);
            start = end + self.length(stream);
        }
    }

    fn length(&self, stream: &mut Stream) -> i64 {
        stream.between(1, self.longest) as i64 * self.step
    }

    /// From `start` up to and without `end`.
    fn range(&self, start: i64, end: i64, out: &mut Vec<u8>) {
        out.push(crate::seed::text::LOW_INCLUDED);
        self.bound(start, out);
        self.bound(end, out);
    }

    fn bound(&self, value: i64, out: &mut Vec<u8>) {
        match self.kind {
            Kind::Date => put_fixed(out, (value as i32).to_be_bytes()),
            Kind::Time | Kind::Timestamp | Kind::Timestamptz => put_fixed(out, (value * MINUTE_US).to_be_bytes()),
            Kind::Numeric | Kind::Money => put_scaled(out, self.kind, i128::from(value), 2),
            kind => put_integer(out, kind, value),
        }
    }
}
