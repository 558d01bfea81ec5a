//! Moments, in whatever type a column keeps them.

use crate::scenario::model::TimeSpec;
use crate::seed::types::{Kind, PgType};

use super::super::text::Body;
use super::super::{Moments, Source, Text, ValueProblem};
use super::{Site, mismatch};

pub(super) fn moments(time: &TimeSpec, of: &PgType, site: &Site) -> Result<Source, ValueProblem> {
    let unit_us: i64 = match of.kind {
        Kind::Timestamp | Kind::Timestamptz | Kind::Time | Kind::Text => 1,
        Kind::Date => 86_400_000_000,
        Kind::Int8 => 1_000,
        Kind::Int4 => 1_000_000,
        _ => {
            return Err(mismatch(
                "`time`",
                of,
                "; it fills dates, timestamps, text, and whole numbers (epoch milliseconds or seconds)",
            ));
        }
    };
    let rising = site.rising.then_some(site.rows);
    let mut moments = Moments::new(time, site.until_us, site.key, rising);
    if site.unique {
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
