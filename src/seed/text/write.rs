//! Binary to text.

use std::io::Write;

use crate::seed::types::Kind;

use super::moment::civil;
use super::{array, geometry, interval, network, numeric, pairs, query, range, vector};

/// The text of a value in binary form, appended; nothing when the bytes are no value of the type. Close enough to
/// PostgreSQL's output to be compared with what a scenario says and to stand in a template.
pub fn append_text(kind: Kind, value: &[u8], out: &mut Vec<u8>) {
    let put = |text: String, out: &mut Vec<u8>| out.extend_from_slice(text.as_bytes());
    match kind {
        Kind::Text | Kind::Char | Kind::Enum | Kind::Json | Kind::Xml => out.extend_from_slice(value),
        Kind::Jsonb | Kind::Jsonpath | Kind::Ltree => out.extend_from_slice(value.get(1..).unwrap_or_default()),
        Kind::Numeric => put(numeric::print(value), out),
        Kind::Money => put(numeric::print_money(integer(value)), out),
        Kind::Inet | Kind::Cidr => network::print(value, out),
        Kind::Macaddr | Kind::Macaddr8 => network::print_hardware_address(value, out),
        Kind::Interval => {
            let part = |at: usize| i32::from_be_bytes(array(value.get(at..).unwrap_or_default()));
            put(interval::print(i64::from_be_bytes(array(value)), part(8), part(12)), out);
        }
        Kind::Point | Kind::Line | Kind::Lseg | Kind::Box | Kind::Path | Kind::Polygon | Kind::Circle => {
            put(geometry::print(kind, value), out);
        }
        Kind::Tsvector => put(vector::print(value), out),
        Kind::Tsquery => put(query::print(value), out),
        Kind::Hstore => put(pairs::print(value), out),
        Kind::Array(element) => array::print(*element, value, out),
        Kind::Range(bound) => range::print(*bound, value, out),
        Kind::Multirange(bound) => range::print_many(*bound, value, out),
        _ => {
            // Writing to a vector cannot fail.
            let _ = append_fixed(kind, value, out);
        }
    }
}

fn append_fixed(kind: Kind, value: &[u8], out: &mut Vec<u8>) -> std::io::Result<()> {
    match kind {
        Kind::Bool => write!(out, "{}", value.first().is_some_and(|byte| *byte != 0)),
        Kind::Int2 | Kind::Int4 | Kind::Int8 => write!(out, "{}", integer(value)),
        Kind::Oid => write!(out, "{}", u32::from_be_bytes(array(value))),
        Kind::Float4 => write!(out, "{}", f32::from_be_bytes(array(value))),
        Kind::Float8 => write!(out, "{}", f64::from_be_bytes(array(value))),
        Kind::Bytea => {
            out.extend_from_slice(b"\\x");
            value.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
        }
        Kind::Bit | Kind::Varbit => {
            let bits = u32::from_be_bytes(array(value)) as usize;
            let bit = |place: usize| value.get(4 + place / 8).is_some_and(|byte| byte >> (7 - place % 8) & 1 == 1);
            (0..bits).try_for_each(|place| write!(out, "{}", u8::from(bit(place))))
        }
        Kind::Uuid => {
            let hex = format!("{:032x}", u128::from_be_bytes(array(value)));
            write!(out, "{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
        }
        Kind::PgLsn => {
            let place = u64::from_be_bytes(array(value));
            write!(out, "{:X}/{:X}", place >> 32, place & 0xffff_ffff)
        }
        Kind::Date => match i32::from_be_bytes(array(value)) {
            i32::MAX => write!(out, "infinity"),
            i32::MIN => write!(out, "-infinity"),
            days => write!(out, "{}", civil(i64::from(days).saturating_mul(86_400_000_000)).date()),
        },
        Kind::Time => write!(out, "{}", civil(i64::from_be_bytes(array(value))).time()),
        Kind::Timetz => {
            let west = i32::from_be_bytes(array(value.get(8..).unwrap_or_default()));
            let (sign, east) = (if west > 0 { '-' } else { '+' }, west.unsigned_abs());
            write!(out, "{}{sign}{:02}", civil(i64::from_be_bytes(array(value))).time(), east / 3_600)?;
            if east % 3_600 == 0 { Ok(()) } else { write!(out, ":{:02}", east / 60 % 60) }
        }
        Kind::Timestamp | Kind::Timestamptz => match i64::from_be_bytes(array(value)) {
            i64::MAX => write!(out, "infinity"),
            i64::MIN => write!(out, "-infinity"),
            us => write!(out, "{}{}", civil(us), if kind == Kind::Timestamptz { "Z" } else { "" }),
        },
        _ => Ok(()),
    }
}

/// The first bytes of a value, zeros where there are too few.
pub fn array<const N: usize>(value: &[u8]) -> [u8; N] {
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
