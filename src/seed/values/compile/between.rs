//! Moments and intervals between two of them.

use crate::seed::permutation::Permutation;
use crate::seed::text::encode_text;
use crate::seed::types::{Kind, PgType};

use super::super::{Between, Source, ValueProblem};
use super::{Site, mismatch};

const SECOND_US: i64 = 1_000_000;
const DAY_US: i64 = 86_400 * SECOND_US;

pub(super) fn between(low: &str, high: &str, of: &PgType, site: &Site) -> Result<Source, ValueProblem> {
    if !of.kind.is_time() && of.kind != Kind::Interval {
        return Err(mismatch(
            "a `range` of moments",
            of,
            "; it fills dates, times and intervals; a range of numbers fills numbers",
        ));
    }
    let (mut unit, mut months) = (if of.kind == Kind::Date { 1 } else { SECOND_US }, false);
    let (first, mut last) = (number(low, of)?, number(high, of)?);
    if let (Counted::Months(_), Counted::Months(_)) = (&first, &last) {
        (unit, months) = (1, true);
    } else if matches!(of.kind, Kind::Timestamp | Kind::Timestamptz) && !high.contains(':') {
        // A day without an hour ends at midnight.
        last = last.plus(DAY_US - SECOND_US);
    }
    let (Some(first), Some(last)) = (first.in_unit(months), last.in_unit(months)) else {
        return Err(ValueProblem::Peer(format!("the range {low} to {high} mixes months with days; give both in days")));
    };
    if first > last {
        return Err(ValueProblem::Peer(format!("the range {low} to {high} ends before it starts; write the earlier one first")));
    }
    let whole = first % unit == 0 && last % unit == 0;
    let enough = |unit: i64| last.abs_diff(first) / unit.unsigned_abs() + 1 >= site.rows;
    if !whole || (site.unique && !enough(unit) && of.kind != Kind::Date && !months) {
        unit = 1;
    }
    let width = last.abs_diff(first) / unit.unsigned_abs();
    let possible = width.saturating_add(1);
    if site.unique && possible < site.rows {
        return Err(ValueProblem::TooFew { what: "the range", possible, rows: site.rows, next: "widen it, or make fewer rows" });
    }
    let unique = site.unique.then(|| Permutation::new(site.key, possible));
    Ok(Source::Between(Between { key: site.key, first, unit, width, unique, kind: of.kind, months }))
}

/// A bound in the smallest unit of its type.
enum Counted {
    Units(i64),
    Months(i64),
    /// An interval of months and more.
    Both,
}

impl Counted {
    fn in_unit(&self, months: bool) -> Option<i64> {
        match self {
            Counted::Units(number) if !months => Some(*number),
            Counted::Months(number) if months => Some(*number),
            Counted::Months(0) => Some(0),
            _ => None,
        }
    }

    fn plus(self, more: i64) -> Counted {
        match self {
            Counted::Units(number) => Counted::Units(number.saturating_add(more)),
            other => other,
        }
    }
}

fn number(text: &str, of: &PgType) -> Result<Counted, ValueProblem> {
    let value = encode_text(text, of)?;
    let long = |at: usize| value.get(at..at + 8).map_or(0, |bytes| i64::from_be_bytes(std::array::from_fn(|place| bytes[place])));
    let short =
        |at: usize| value.get(at..at + 4).map_or(0, |bytes| i32::from_be_bytes(std::array::from_fn(|place| bytes[place])));
    Ok(match of.kind {
        Kind::Date => Counted::Units(i64::from(short(0))),
        Kind::Interval => {
            let us = long(0).saturating_add(i64::from(short(8)).saturating_mul(DAY_US));
            match (us, short(12)) {
                (us, 0) if us != 0 => Counted::Units(us),
                (0, months) => Counted::Months(i64::from(months)),
                _ => Counted::Both,
            }
        }
        _ => Counted::Units(long(0)),
    })
}
