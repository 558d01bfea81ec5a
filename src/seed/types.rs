//! The types whose values can be made, each with what limits it.

use crate::db::catalog::Column;

/// How a value looks on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Bool,
    Int2,
    Int4,
    Int8,
    Float4,
    Float8,
    Numeric,
    /// `text`, `varchar`, `char(n)`, `name`, `citext`.
    Text,
    Bytea,
    Uuid,
    Date,
    Time,
    Timestamp,
    Timestamptz,
    Json,
    Jsonb,
    Enum,
}

impl Kind {
    /// The bounds of an integer type.
    pub fn integer_bounds(self) -> Option<(i64, i64)> {
        match self {
            Kind::Int2 => Some((i64::from(i16::MIN), i64::from(i16::MAX))),
            Kind::Int4 => Some((i64::from(i32::MIN), i64::from(i32::MAX))),
            Kind::Int8 => Some((i64::MIN, i64::MAX)),
            _ => None,
        }
    }

    pub fn is_integer(self) -> bool {
        self.integer_bounds().is_some()
    }

    /// Integers, floating point and numeric.
    pub fn is_number(self) -> bool {
        self.is_integer() || matches!(self, Kind::Float4 | Kind::Float8 | Kind::Numeric)
    }

    /// Has a moment in it.
    pub fn is_time(self) -> bool {
        matches!(self, Kind::Date | Kind::Time | Kind::Timestamp | Kind::Timestamptz)
    }
}

/// A type with its modifier resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct PgType {
    pub kind: Kind,
    /// As PostgreSQL writes it, for messages: `character varying(64)`.
    pub name: String,
    /// `varchar(n)`, `char(n)`: characters, not bytes.
    pub max_chars: Option<usize>,
    /// `numeric(p, s)`: digits in all and after the point.
    pub digits: Option<(u32, u32)>,
    /// Of an enum, in order.
    pub labels: Vec<String>,
}

impl PgType {
    /// The type of a column; `None` when its values cannot be made.
    pub fn of(column: &Column) -> Option<PgType> {
        PgType::named(&column.base_name, column.typmod, &column.type_name, &column.enum_labels)
    }

    /// From `pg_type.typname`, the modifier (-1: none), the name for messages and the labels of an enum (empty for others).
    pub fn named(base_name: &str, typmod: i32, display: &str, labels: &[String]) -> Option<PgType> {
        let kind = match base_name {
            _ if !labels.is_empty() => Kind::Enum,
            "bool" => Kind::Bool,
            "int2" => Kind::Int2,
            "int4" => Kind::Int4,
            "int8" => Kind::Int8,
            "float4" => Kind::Float4,
            "float8" => Kind::Float8,
            "numeric" => Kind::Numeric,
            "text" | "varchar" | "bpchar" | "name" | "citext" => Kind::Text,
            "bytea" => Kind::Bytea,
            "uuid" => Kind::Uuid,
            "date" => Kind::Date,
            "time" => Kind::Time,
            "timestamp" => Kind::Timestamp,
            "timestamptz" => Kind::Timestamptz,
            "json" => Kind::Json,
            "jsonb" => Kind::Jsonb,
            _ => return None,
        };
        Some(PgType {
            kind,
            name: display.to_owned(),
            max_chars: max_chars(base_name, typmod),
            digits: (kind == Kind::Numeric).then(|| numeric_digits(typmod)).flatten(),
            labels: labels.to_vec(),
        })
    }
}

/// The modifier of `varchar` and `bpchar` is their length plus the four bytes of a varlena header (PostgreSQL's `VARHDRSZ`);
/// `name` holds 63 bytes.
fn max_chars(base_name: &str, typmod: i32) -> Option<usize> {
    match base_name {
        "varchar" | "bpchar" if typmod >= 4 => usize::try_from(typmod - 4).ok(),
        "name" => Some(63),
        _ => None,
    }
}

/// Precision in the upper half, an 11-bit scale in the lower one, plus 4 (`numeric_typmod_precision`, PostgreSQL 15). A negative
/// scale, which rounds to tens or hundreds, counts as 0.
fn numeric_digits(typmod: i32) -> Option<(u32, u32)> {
    let packed = u32::try_from(typmod - 4).ok()?;
    let scale = packed & 0x7ff;
    Some((packed >> 16, if scale >= 1024 { 0 } else { scale }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modifiers_give_lengths_and_digits() {
        let varchar = PgType::named("varchar", 68, "character varying(64)", &[]).unwrap();
        assert_eq!((varchar.kind, varchar.max_chars), (Kind::Text, Some(64)));
        let price = PgType::named("numeric", (10 << 16 | 2) + 4, "numeric(10,2)", &[]).unwrap();
        assert_eq!(price.digits, Some((10, 2)));
        assert_eq!(PgType::named("numeric", -1, "numeric", &[]).unwrap().digits, None);
        assert_eq!(PgType::named("_text", -1, "text[]", &[]), None);
    }
}
