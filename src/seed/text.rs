//! Text to binary and back: literals of a scenario, and values that decide about other values.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::encode::{EPOCH_US, put_decimal, put_integer, put_moment};
use super::types::{Kind, PgType};

/// A text that is no value of a type.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("`{text}` is not a value of type {type_name}{hint}")]
pub struct NotAValue {
    pub text: String,
    pub type_name: String,
    /// Empty, or the valid values after a semicolon.
    pub hint: String,
}

/// The binary form of a text, as PostgreSQL's own input would read it.
///
/// # Errors
/// [`NotAValue`] when the text is no value of the type or too long for it.
pub fn encode_text(text: &str, of: &PgType) -> Result<Vec<u8>, NotAValue> {
    binary(text, of).ok_or_else(|| NotAValue { text: text.to_owned(), type_name: of.name.clone(), hint: hint(of) })
}

fn hint(of: &PgType) -> String {
    match of.max_chars {
        _ if !of.labels.is_empty() => format!("; it has {}", of.labels.join(", ")),
        Some(max) => format!("; it holds {max} characters"),
        None => String::new(),
    }
}

fn binary(text: &str, of: &PgType) -> Option<Vec<u8>> {
    // The `put` functions write a length first, which a lone value does not have.
    let mut field = Vec::with_capacity(text.len() + 8);
    let trimmed = text.trim();
    match of.kind {
        Kind::Text => {
            let fits = of.max_chars.is_none_or(|max| text.chars().count() <= max);
            return (fits && !text.contains('\0')).then(|| text.as_bytes().to_vec());
        }
        Kind::Enum => return of.labels.iter().any(|label| label == text).then(|| text.as_bytes().to_vec()),
        Kind::Bytea => return bytes(text),
        Kind::Uuid => return uuid(trimmed),
        Kind::Json => return json(text).then(|| text.as_bytes().to_vec()),
        Kind::Jsonb => return json(text).then(|| [b"\x01", text.as_bytes()].concat()),
        Kind::Bool => put_integer(&mut field, Kind::Bool, i64::from(boolean(trimmed)?)),
        Kind::Int2 | Kind::Int4 | Kind::Int8 => {
            let number: i64 = trimmed.parse().ok()?;
            let (low, high) = of.kind.integer_bounds()?;
            if !(low..=high).contains(&number) {
                return None;
            }
            put_integer(&mut field, of.kind, number);
        }
        Kind::Float4 => return Some(trimmed.parse::<f32>().ok()?.to_be_bytes().to_vec()),
        Kind::Float8 => return Some(trimmed.parse::<f64>().ok()?.to_be_bytes().to_vec()),
        Kind::Numeric => {
            let (unscaled, scale) = decimal(trimmed)?;
            put_decimal(&mut field, unscaled, scale);
        }
        Kind::Date | Kind::Time | Kind::Timestamp | Kind::Timestamptz => put_moment(&mut field, of.kind, moment(trimmed)?),
    }
    Some(field.split_off(4))
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "on" | "1" => Some(true),
        "false" | "f" | "no" | "n" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// Digits without the point, and how many stand after it; at most 28 in all.
fn decimal(text: &str) -> Option<(i128, u32)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = [whole, fraction].concat();
    let plain = fraction.bytes().all(|byte| byte.is_ascii_digit()) && fraction.len() <= 28 && digits.len() <= 29;
    if plain { Some((digits.parse().ok()?, fraction.len() as u32)) } else { None }
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    let Some(hex) = text.strip_prefix("\\x") else { return Some(text.as_bytes().to_vec()) };
    let digits: Option<Vec<u8>> = hex.chars().map(|c| c.to_digit(16).map(|digit| digit as u8)).collect();
    let digits = digits?;
    (digits.len() % 2 == 0).then(|| digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

fn uuid(text: &str) -> Option<Vec<u8>> {
    let hex: String = text.chars().filter(|c| !matches!(c, '-' | '{' | '}')).collect();
    let number = (hex.len() == 32).then(|| u128::from_str_radix(&hex, 16).ok()).flatten()?;
    Some(number.to_be_bytes().to_vec())
}

fn json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// Microseconds since 1970; a moment without a zone is UTC, a time without a day is on the first one.
pub fn moment(text: &str) -> Option<i64> {
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Some(timestamp.as_microsecond());
    }
    let civil = text
        .parse::<DateTime>()
        .or_else(|_| text.parse::<Date>().map(|date| date.at(0, 0, 0, 0)))
        .or_else(|_| text.parse::<Time>().map(|time| jiff::civil::date(1970, 1, 1).to_datetime(time)))
        .ok()?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp().as_microsecond())
}

/// The text of a value in binary form, appended; nothing when the bytes are no value of the type. Close enough to
/// PostgreSQL's output to be compared with what a scenario says and to stand in a template.
pub fn append_text(kind: Kind, value: &[u8], out: &mut Vec<u8>) {
    use std::io::Write;
    // Writing to a vector cannot fail.
    let _ = match kind {
        Kind::Text | Kind::Enum | Kind::Json => {
            out.extend_from_slice(value);
            Ok(())
        }
        Kind::Jsonb => {
            out.extend_from_slice(value.get(1..).unwrap_or_default());
            Ok(())
        }
        Kind::Bool => write!(out, "{}", value.first().is_some_and(|byte| *byte != 0)),
        Kind::Int2 | Kind::Int4 | Kind::Int8 => write!(out, "{}", integer(value)),
        Kind::Float4 => write!(out, "{}", f32::from_be_bytes(array(value))),
        Kind::Float8 => write!(out, "{}", f64::from_be_bytes(array(value))),
        Kind::Numeric => write!(out, "{}", numeric(value)),
        Kind::Bytea => {
            out.extend_from_slice(b"\\x");
            value.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
        }
        Kind::Uuid => {
            let hex = format!("{:032x}", u128::from_be_bytes(array(value)));
            write!(out, "{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
        }
        Kind::Date => {
            let days = i64::from(i32::from_be_bytes(array(value)));
            write!(out, "{}", civil(days.saturating_mul(86_400_000_000)).date())
        }
        Kind::Time => write!(out, "{}", civil(i64::from_be_bytes(array(value))).time()),
        Kind::Timestamp => write!(out, "{}", civil(i64::from_be_bytes(array(value)))),
        Kind::Timestamptz => write!(out, "{}Z", civil(i64::from_be_bytes(array(value)))),
    };
}

/// The moment that a value in binary form has in it, in microseconds since 1970; whole numbers are epochs, of milliseconds in 8
/// bytes and of seconds in 4. `None`: it has none.
pub fn moment_us(kind: Kind, value: &[u8]) -> Option<i64> {
    match kind {
        Kind::Timestamp | Kind::Timestamptz => Some(integer(value).saturating_add(EPOCH_US)),
        Kind::Date => Some(integer(value).saturating_mul(86_400_000_000).saturating_add(EPOCH_US)),
        Kind::Int8 => Some(integer(value).saturating_mul(1_000)),
        Kind::Int4 => Some(integer(value).saturating_mul(1_000_000)),
        Kind::Text => moment(std::str::from_utf8(value).ok()?),
        _ => None,
    }
}

/// The first bytes of a value, zeros where there are too few.
fn array<const N: usize>(value: &[u8]) -> [u8; N] {
    std::array::from_fn(|i| value.get(i).copied().unwrap_or(0))
}

/// A big-endian integer of 2, 4 or 8 bytes.
pub fn integer(value: &[u8]) -> i64 {
    match value.len() {
        2 => i64::from(i16::from_be_bytes(array(value))),
        4 => i64::from(i32::from_be_bytes(array(value))),
        _ => i64::from_be_bytes(array(value)),
    }
}

fn civil(us_since_2000: i64) -> DateTime {
    let start = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);
    start.checked_add(us_since_2000.saturating_add(EPOCH_US).microseconds()).unwrap_or(start)
}

fn numeric(value: &[u8]) -> String {
    let words: Vec<u16> = value.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    let [count, weight, sign, scale, digits @ ..] = words.as_slice() else { return String::new() };
    let (weight, scale) = (i32::from(*weight as i16), usize::from(*scale));
    let digit = |position: i32| usize::try_from(weight - position).ok().and_then(|i| digits.get(i)).copied().unwrap_or(0);
    let mut text: String = (0..=weight.max(0)).rev().map(|position| format!("{:04}", digit(position))).collect();
    text = match text.trim_start_matches('0') {
        "" => "0".to_owned(),
        whole => whole.to_owned(),
    };
    if scale > 0 {
        let fraction: String = (1..=scale.div_ceil(4) as i32).map(|place| format!("{:04}", digit(-place))).collect();
        text = format!("{text}.{}", &fraction[..scale]);
    }
    if *sign == 0x4000 && *count > 0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(base: &str, text: &str) -> String {
        let of = PgType::named(base, -1, base, &[]).unwrap();
        let mut out = Vec::new();
        append_text(of.kind, &encode_text(text, &of).unwrap(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn texts_come_back_as_they_went() {
        for (base, text) in [
            ("int2", "-7"),
            ("int8", "9000000000"),
            ("float8", "0.5"),
            ("numeric", "-12345.678"),
            ("numeric", "0.00010"),
            ("numeric", "100000000"),
            ("numeric", "0"),
            ("bool", "true"),
            ("uuid", "01234567-89ab-cdef-0123-456789abcdef"),
            ("date", "1999-12-31"),
            ("time", "23:59:59.5"),
            ("timestamp", "2025-03-01T12:30:00.25"),
            ("timestamptz", "2025-03-01T12:30:00Z"),
            ("bytea", "\\x00ff"),
            ("jsonb", "{\"a\": 1}"),
            ("varchar", "Zoë"),
        ] {
            assert_eq!(round_trip(base, text), text, "{base}");
        }
        assert_eq!(round_trip("timestamptz", "2025-03-01"), "2025-03-01T00:00:00Z");
    }

    #[test]
    fn what_is_no_value_is_refused_with_the_valid_ones() {
        let of = |base: &str, typmod, labels: &[&str]| {
            PgType::named(base, typmod, base, &labels.iter().map(|label| label.to_string()).collect::<Vec<_>>()).unwrap()
        };
        assert!(encode_text("40000", &of("int2", -1, &[])).is_err());
        assert!(encode_text("1e400x", &of("numeric", -1, &[])).is_err());
        assert!(encode_text("{", &of("jsonb", -1, &[])).is_err());
        assert!(encode_text("2025-13-01", &of("date", -1, &[])).is_err());
        let error = encode_text("GLAD", &of("mood", -1, &["HAPPY", "SAD"])).unwrap_err();
        assert_eq!(error.to_string(), "`GLAD` is not a value of type mood; it has HAPPY, SAD");
        let error = encode_text("abc", &of("varchar", 6, &[])).unwrap_err();
        assert_eq!(error.to_string(), "`abc` is not a value of type varchar; it holds 2 characters");
    }
}
