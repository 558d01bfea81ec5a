//! Dates and times of day, with and without a zone.

use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::temporal::DateTimeParser;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};

use crate::seed::encode::{EPOCH_US, put_moment};
use crate::seed::types::Kind;

use super::write::integer;

const DAY_US: i64 = 86_400_000_000;

/// A moment in the form of its type. Without a zone it is UTC; a type without a zone takes the hour as it is written, whatever zone
/// follows it.
pub fn read(text: &str, kind: Kind) -> Option<Vec<u8>> {
    if let Some(bytes) = endless(text, kind) {
        return Some(bytes);
    }
    let mut field = Vec::with_capacity(16);
    match kind {
        Kind::Time => field.extend_from_slice(&time_of_day(text)?.to_be_bytes()),
        Kind::Timetz => {
            let (clock, offset) = zoned_time(text)?;
            field.extend_from_slice(&time_of_day(clock)?.to_be_bytes());
            // The server counts seconds west of Greenwich.
            field.extend_from_slice(&(-offset.seconds()).to_be_bytes());
        }
        _ => {
            put_moment(&mut field, kind, unix_us(text, kind)?);
            return Some(field.split_off(4));
        }
    }
    Some(field)
}

/// The largest and the smallest number stand for the infinities.
fn endless(text: &str, kind: Kind) -> Option<Vec<u8>> {
    let later = match text.to_ascii_lowercase().as_str() {
        "infinity" => true,
        "-infinity" => false,
        _ => return None,
    };
    match kind {
        Kind::Date => Some((if later { i32::MAX } else { i32::MIN }).to_be_bytes().to_vec()),
        Kind::Timestamp | Kind::Timestamptz => Some((if later { i64::MAX } else { i64::MIN }).to_be_bytes().to_vec()),
        _ => None,
    }
}

/// Microseconds since 1970.
fn unix_us(text: &str, kind: Kind) -> Option<i64> {
    let zoned = || text.parse::<Timestamp>().ok().map(|moment| moment.as_microsecond());
    let written = || {
        let text = text.strip_suffix(['Z', 'z']).unwrap_or(text);
        let date = || text.parse::<Date>().map(|date| date.at(0, 0, 0, 0));
        let civil = text.parse::<DateTime>().or_else(|_| date()).ok()?;
        Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp().as_microsecond())
    };
    if kind == Kind::Timestamptz { zoned().or_else(written) } else { written().or_else(zoned) }
}

/// Microseconds since 1970; a moment without a zone is UTC.
pub fn moment(text: &str) -> Option<i64> {
    unix_us(text.trim(), Kind::Timestamptz)
}

/// The moment that a value in binary form has in it, in microseconds since 1970; whole numbers are epochs, of milliseconds in 8
/// bytes and of seconds in 4. `None`: it has none.
pub fn moment_us(kind: Kind, value: &[u8]) -> Option<i64> {
    match kind {
        Kind::Timestamp | Kind::Timestamptz => Some(integer(value).saturating_add(EPOCH_US)),
        Kind::Date => Some(integer(value).saturating_mul(DAY_US).saturating_add(EPOCH_US)),
        Kind::Int8 => Some(integer(value).saturating_mul(1_000)),
        Kind::Int4 => Some(integer(value).saturating_mul(1_000_000)),
        Kind::Text => moment(std::str::from_utf8(value).ok()?),
        _ => None,
    }
}

/// Microseconds since midnight; of a date with a time, its time.
fn time_of_day(text: &str) -> Option<i64> {
    if matches!(text, "24:00" | "24:00:00") {
        return Some(DAY_US);
    }
    let time =
        text.parse::<Time>().or_else(|_| text.trim_end_matches(['Z', 'z']).parse::<DateTime>().map(DateTime::time)).ok()?;
    let seconds = i64::from(time.hour()) * 3_600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    Some(seconds * 1_000_000 + i64::from(time.subsec_nanosecond()) / 1_000)
}

/// `12:30:00+02`: the time, and how far its zone is east of Greenwich.
fn zoned_time(text: &str) -> Option<(&str, Offset)> {
    let start = text.find(':')?;
    let Some(at) = text[start..].find(['+', '-', 'Z', 'z']) else { return Some((text, Offset::UTC)) };
    let (clock, zone) = text.split_at(start + at);
    if zone.eq_ignore_ascii_case("z") {
        return Some((clock, Offset::UTC));
    }
    let zone = DateTimeParser::new().parse_time_zone(zone).ok()?;
    Some((clock.trim_end(), zone.to_fixed_offset().ok()?))
}

/// Microseconds since 2000 as a date and a time of day; where the server keeps an infinity or what no calendar reaches, 1970.
pub fn civil(us_since_2000: i64) -> DateTime {
    let start = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);
    start.checked_add(us_since_2000.saturating_add(EPOCH_US).microseconds()).unwrap_or(start)
}
