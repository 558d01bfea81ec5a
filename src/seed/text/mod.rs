//! Text to binary and back: literals of a scenario, and values that decide about other values.
//!
//! What the server's own input functions read is read here, as far as people write it; the binary forms are those of the types' `recv`
//! and `send` functions in PostgreSQL 15.

mod array;
mod bits;
mod geometry;
mod interval;
mod moment;
mod network;
mod numeric;
mod pairs;
mod query;
mod range;
mod vector;
mod write;

#[cfg(test)]
mod tests;

use super::encode::put_integer;
use super::types::{Kind, PgType};

pub use array::put_head as put_array_head;
pub use interval::binary as interval_bytes;
pub use moment::{moment, moment_us};
pub use network::binary as network_bytes;
pub use range::LOW_INCLUDED;
pub use write::{append_text, integer};

/// A text that is no value of a type.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("`{text}` is not a value of type {type_name}{hint}")]
pub struct NotAValue {
    pub text: String,
    pub type_name: String,
    /// Empty, or the valid values after a semicolon.
    pub hint: String,
}

impl NotAValue {
    pub fn new(text: &str, of: &PgType) -> NotAValue {
        NotAValue { text: text.to_owned(), type_name: of.name.clone(), hint: hint(of) }
    }
}

/// The binary form of a text, as PostgreSQL's own input would read it.
///
/// # Errors
/// [`NotAValue`] when the text is no value of the type or too long for it.
pub fn encode_text(text: &str, of: &PgType) -> Result<Vec<u8>, NotAValue> {
    binary(text, of).ok_or_else(|| NotAValue::new(text, of))
}

fn hint(of: &PgType) -> String {
    let bits = matches!(of.kind, Kind::Bit | Kind::Varbit);
    match (of.max_chars, of.digits, of.kind) {
        _ if !of.labels.is_empty() => format!("; it has {}", of.labels.join(", ")),
        (Some(max), ..) if bits => format!("; it holds {max} bits"),
        (Some(max), ..) => format!("; it holds {max} characters"),
        (_, Some((precision, scale)), Kind::Numeric) => {
            format!("; it holds {} digits before the point", (i64::from(precision) - i64::from(scale)).max(0))
        }
        (.., Kind::Array(_)) => "; an array is written as {a,b,\"c d\"}".to_owned(),
        (.., Kind::Range(_)) => "; a range is written as [low,high)".to_owned(),
        (.., Kind::Multirange(_)) => "; a multirange is written as {[low,high),[low,high)}".to_owned(),
        (.., Kind::Interval) => "; an interval is written as 3 days 04:05:06".to_owned(),
        _ => String::new(),
    }
}

fn binary(text: &str, of: &PgType) -> Option<Vec<u8>> {
    let trimmed = text.trim();
    match of.kind {
        Kind::Text => fitting(text, of).then(|| text.as_bytes().to_vec()),
        Kind::Char => (text.len() == 1).then(|| text.as_bytes().to_vec()),
        Kind::Enum => of.labels.iter().any(|label| label == text).then(|| text.as_bytes().to_vec()),
        Kind::Xml => (!text.contains('\0')).then(|| text.as_bytes().to_vec()),
        Kind::Json => json(text).then(|| text.as_bytes().to_vec()),
        Kind::Jsonb => json(text).then(|| [b"\x01", text.as_bytes()].concat()),
        Kind::Jsonpath => (!trimmed.is_empty()).then(|| [b"\x01", text.as_bytes()].concat()),
        Kind::Ltree => labels(trimmed).then(|| [b"\x01", trimmed.as_bytes()].concat()),
        Kind::Bytea => bits::bytes(text),
        Kind::Uuid => bits::uuid(trimmed),
        Kind::Bit | Kind::Varbit => bits::bits(trimmed, of),
        Kind::PgLsn => bits::lsn(trimmed),
        Kind::Bool | Kind::Int2 | Kind::Int4 | Kind::Int8 | Kind::Oid => whole(trimmed, of.kind),
        Kind::Float4 => Some(float(trimmed)?.0.to_be_bytes().to_vec()),
        Kind::Float8 => Some(float(trimmed)?.1.to_be_bytes().to_vec()),
        Kind::Numeric => numeric::read(trimmed, of.digits),
        Kind::Money => numeric::read_money(trimmed),
        Kind::Date | Kind::Time | Kind::Timetz | Kind::Timestamp | Kind::Timestamptz => moment::read(trimmed, of.kind),
        Kind::Interval => interval::read(trimmed),
        Kind::Inet | Kind::Cidr => network::address(trimmed, of.kind == Kind::Cidr),
        Kind::Macaddr | Kind::Macaddr8 => network::hardware_address(trimmed, of.kind == Kind::Macaddr8),
        Kind::Point | Kind::Line | Kind::Lseg | Kind::Box | Kind::Path | Kind::Polygon | Kind::Circle => {
            geometry::read(trimmed, of.kind)
        }
        Kind::Tsvector => vector::read(text),
        Kind::Tsquery => query::read(text),
        Kind::Hstore => pairs::read(text),
        Kind::Array(_) => array::read(trimmed, of.element.as_ref()?),
        Kind::Range(_) => range::read(trimmed, of.element.as_ref()?),
        Kind::Multirange(_) => range::read_many(trimmed, of.element.as_ref()?),
    }
}

fn fitting(text: &str, of: &PgType) -> bool {
    // `name` counts bytes, the others characters.
    let length = || if of.name == "name" { text.len() } else { text.chars().count() };
    of.max_chars.is_none_or(|max| text.len() <= max || length() <= max) && !text.contains('\0')
}

fn whole(text: &str, kind: Kind) -> Option<Vec<u8>> {
    let number = match kind {
        Kind::Bool => i64::from(boolean(text)?),
        _ => text.parse::<i64>().ok()?,
    };
    if kind.integer_bounds().is_some_and(|(low, high)| !(low..=high).contains(&number)) {
        return None;
    }
    // The `put` functions write a length first, which a lone value does not have.
    let mut field = Vec::with_capacity(12);
    put_integer(&mut field, kind, number);
    Some(field.split_off(4))
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "on" | "1" => Some(true),
        "false" | "f" | "no" | "n" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// Both widths, each rounded once; what is too large for the one is infinite there, which the server would refuse.
fn float(text: &str) -> Option<(f32, f64)> {
    Some((text.parse().ok()?, text.parse().ok()?))
}

fn json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// Labels of `ltree`: letters, digits, `_` and `-`, with dots between.
fn labels(text: &str) -> bool {
    let label = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    text.is_empty() || text.split('.').all(label)
}
