//! Moments and intervals between two of them, each as likely.

use crate::seed::encode::{put_bytes, put_fixed};
use crate::seed::permutation::Permutation;
use crate::seed::rng::Key;
use crate::seed::text::interval_bytes;
use crate::seed::types::Kind;

const DAY_US: i64 = 86_400_000_000;

/// `first`, then steps of `unit`, `width` of them.
#[derive(Debug, Clone)]
pub struct Between {
    pub key: Key,
    /// As the server counts: days of a date, microseconds of the others.
    pub first: i64,
    pub unit: i64,
    pub width: u64,
    /// Where the values must differ: which one a row gets.
    pub unique: Option<Permutation>,
    pub kind: Kind,
    /// Of an interval: months are counted.
    pub months: bool,
}

impl Between {
    pub fn write(&self, row: u64, out: &mut Vec<u8>) {
        let step = match &self.unique {
            Some(order) => order.at(row),
            None => self.key.below(row, self.width.saturating_add(1)),
        };
        let value = self.first.wrapping_add((step as i64).wrapping_mul(self.unit));
        match self.kind {
            Kind::Date => put_fixed(out, (value as i32).to_be_bytes()),
            Kind::Interval if self.months => put_bytes(out, &interval_bytes(0, 0, value as i32)),
            Kind::Interval => put_bytes(out, &interval_bytes(value % DAY_US, (value / DAY_US) as i32, 0)),
            Kind::Timetz => put_bytes(out, &[&value.to_be_bytes()[..], &[0; 4]].concat()),
            _ => put_fixed(out, value.to_be_bytes()),
        }
    }
}
