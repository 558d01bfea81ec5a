//! Moments, in whatever type a column keeps them.

use std::sync::Arc;
use std::time::Duration;

use crate::scenario::model::{GapSpec, TimeOrder, TimeSpec};
use crate::seed::types::{Kind, PgType};

use super::super::text::Body;
use super::super::{Gap, Moments, Peer, Source, Text, ValueProblem};
use super::{Site, mismatch};

/// Microseconds of the unit in which a type counts moments, or to which it rounds them.
fn unit_us(of: &PgType) -> Result<i64, ValueProblem> {
    match of.kind {
        Kind::Text => Ok(1),
        Kind::Date => Ok(86_400_000_000),
        kind if kind.is_time() => Ok(10_i64.pow(6 - of.fraction.unwrap_or(6).min(6))),
        Kind::Int8 => Ok(1_000),
        Kind::Int4 => Ok(1_000_000),
        _ => {
            let next = "; it fills dates, timestamps, text, and whole numbers (epoch milliseconds or seconds)";
            Err(mismatch("`time`", of, next))
        }
    }
}

/// `{time: {after: …}}`
pub(super) fn gap(spec: &GapSpec, of: &PgType, site: &mut Site) -> Result<Source, ValueProblem> {
    let unit_us = unit_us(of)?;
    if site.unique {
        return Err(ValueProblem::MayRepeat { what: "`time` with a gap", next: "use `{time: {last: …}}`" });
    }
    let name = &spec.from.value;
    let from = (site.peer)(name)?;
    if let Peer::Cell(_, other) = &from
        && !matches!(other.kind, Kind::Date | Kind::Timestamp | Kind::Timestamptz | Kind::Int8 | Kind::Int4 | Kind::Text)
    {
        let next = "a moment follows a date, a timestamp, a text of one, or an epoch";
        return Err(ValueProblem::Peer(format!("`{name}` is of type {}, which has no moment in it; {next}", other.name)));
    }
    let micros = |duration: std::time::Duration| i64::try_from(duration.as_micros()).unwrap_or(i64::MAX / 4);
    let within = spec.within.map(|(low, high)| (micros(low), micros(high)));
    // A whole unit later where the unit is that of an epoch; the day of a date may be the same.
    let least = if of.kind == Kind::Date { 1 } else { unit_us };
    let gap = Gap { key: site.key, from, before: spec.before, within, until_us: site.until_us, least_us: least };
    Ok(Source::Gap(Box::new(gap), unit_us, Arc::new(of.clone())))
}

pub(super) fn moments(time: &TimeSpec, of: &PgType, site: &Site) -> Result<Source, ValueProblem> {
    let unit_us = unit_us(of)?;
    let rising = match time.order {
        TimeOrder::AsRowsCome => site.rising,
        TimeOrder::Rising => true,
        TimeOrder::Random => false,
    };
    // Hours of different days may be the same time of day.
    let within_a_day = TimeSpec { span: time.span.min(Duration::from_secs(86_400)), ..time.clone() };
    let time = if site.unique && matches!(of.kind, Kind::Time | Kind::Timetz) { &within_a_day } else { time };
    if rising {
        site.growth.sized.set(true);
    }
    let rising = rising.then_some(site.growth.first..site.rows);
    let mut moments = Moments::new(time, site.until_us, site.key, rising);
    if site.unique {
        site.growth.must_not_grow("evenly spaced moments")?;
        let possible = u64::try_from(time.span.as_micros()).unwrap_or(u64::MAX) / unit_us.unsigned_abs();
        let too_few = || ValueProblem::TooFew { what: "`time`", possible, rows: site.rows, next: "take a longer span" };
        moments =
            Moments::distinct(time, site.until_us, site.key, site.rows).filter(|_| site.rows <= possible).ok_or_else(too_few)?;
    }
    Ok(match of.kind {
        Kind::Int4 | Kind::Int8 => Source::Epoch(moments, unit_us, of.kind),
        Kind::Text => {
            Source::Text(Text { key: site.key, body: Body::Moment(moments), code: None, max_chars: of.max_chars }, Kind::Text)
        }
        kind => Source::Moments(moments, kind),
    })
}
