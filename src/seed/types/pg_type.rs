//! [`PgType`]: a type with its modifier resolved.

use std::sync::Arc;

use super::Kind;
use super::builtin::{FIRST_USER_OID, inside_of, kind_of, name_of, oid_of};
use crate::db::catalog::{Column, Container, ElementType};

/// A type with its modifier resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct PgType {
    pub kind: Kind,
    /// As PostgreSQL writes it, for messages: `character varying(64)`.
    pub name: String,
    /// `varchar(n)`, `char(n)`: characters, not bytes. `bit(n)`, `bit varying(n)`: bits.
    pub max_chars: Option<usize>,
    /// `numeric(p, s)`: digits in all and after the point; a negative scale counts the zeros before it.
    pub digits: Option<(u32, i32)>,
    /// `timestamp(p)` and its like: digits of the second's fraction.
    pub fraction: Option<u32>,
    /// Of an enum, in order.
    pub labels: Vec<String>,
    /// What an array holds, or between which values a range runs.
    pub element: Option<Arc<PgType>>,
    /// As it stands in front of an array's elements; 0 when it is not known.
    pub oid: u32,
    /// Brackets behind an array's declaration; 0 for other types.
    pub dimensions: u32,
    /// CHECK constraints of the domain that an element was declared as.
    pub checks: Vec<String>,
}

/// What is said about a type, of a column or inside another type.
struct Said<'a> {
    base_name: &'a str,
    base_oid: u32,
    oid: u32,
    typmod: i32,
    display: &'a str,
    labels: &'a [String],
    element: Option<&'a ElementType>,
    dimensions: u32,
    checks: &'a [String],
}

impl PgType {
    /// The type of a column; `None` when its values cannot be made.
    pub fn of(column: &Column) -> Option<PgType> {
        PgType::resolve(&Said {
            base_name: &column.base_name,
            base_oid: column.base_oid,
            oid: column.type_oid,
            typmod: column.typmod,
            display: &column.type_name,
            labels: &column.enum_labels,
            element: column.element.as_deref(),
            dimensions: column.dimensions,
            checks: &[],
        })
    }

    fn inside(element: &ElementType) -> Option<PgType> {
        PgType::resolve(&Said {
            base_name: &element.base_name,
            base_oid: element.base_oid,
            oid: element.oid,
            typmod: element.typmod,
            display: &element.type_name,
            labels: &element.enum_labels,
            element: element.element.as_deref(),
            dimensions: 1,
            checks: &element.domain_checks,
        })
    }

    /// From `pg_type.typname`, the modifier (-1: none), the name for messages and the labels of an enum (empty for others).
    pub fn named(base_name: &str, typmod: i32, display: &str, labels: &[String]) -> Option<PgType> {
        let oid = oid_of(base_name);
        PgType::resolve(&Said {
            base_name,
            base_oid: oid,
            oid,
            typmod,
            display,
            labels,
            element: None,
            dimensions: 1,
            checks: &[],
        })
    }

    /// A built-in type, or an array of one, by its OID.
    pub fn builtin(oid: u32) -> Option<PgType> {
        let name = name_of(oid)?;
        PgType::named(&name, -1, &name, &[])
    }

    fn resolve(said: &Said) -> Option<PgType> {
        let element = match said.element {
            Some(element) => Some(PgType::inside(element)?),
            // The catalog says what is inside; a name alone says it for built-in types.
            None => inside_of(said.base_name)
                .and_then(|name| PgType::named(name, if said.base_name.starts_with('_') { said.typmod } else { -1 }, name, &[])),
        };
        let kind = match &element {
            _ if !said.labels.is_empty() => Kind::Enum,
            None => kind_of(said.base_name, said.base_oid)?,
            Some(element) => compound(said, element.kind)?,
        };
        let digits = match kind {
            Kind::Numeric => numeric_digits(said.typmod),
            // 64 bits of hundredths hold 16 digits before the point.
            Kind::Money => Some((18, 2)),
            _ => None,
        };
        Some(PgType {
            kind,
            name: said.display.to_owned(),
            max_chars: max_chars(said.base_name, kind, said.typmod),
            digits,
            fraction: fraction(kind, said.typmod),
            labels: said.labels.to_vec(),
            element: element.map(Arc::new),
            oid: said.oid,
            dimensions: if matches!(kind, Kind::Array(_)) { said.dimensions.max(1) } else { 0 },
            checks: said.checks.to_vec(),
        })
    }

    /// Digits after the point that a number of the type keeps; `None` when that is not fixed.
    pub fn scale(&self) -> Option<i32> {
        self.digits.map(|(_, scale)| scale)
    }

    /// The largest number of `numeric(p, s)`: `10^(p - s) - 10^-s`.
    pub fn largest(&self) -> Option<f64> {
        let (precision, scale) = self.digits?;
        let whole = i64::from(precision) - i64::from(scale);
        Some(power_of_ten(whole.clamp(-300, 300) as i32) - power_of_ten(-scale))
    }

    /// A value's bytes are the same in both types, as far as lengths and labels allow it to be one.
    pub fn shares_form(&self, other: &PgType) -> bool {
        let named = |of: &PgType| of.element.as_ref().map_or(0, |element| element.portable_oid());
        self.kind == other.kind && (!matches!(self.kind, Kind::Array(_)) || named(self) == named(other))
    }

    /// The OID where it is the same in every database, else 0.
    pub fn portable_oid(&self) -> u32 {
        if self.oid < FIRST_USER_OID { self.oid } else { 0 }
    }

    /// An array whose elements' type somebody made: its OID differs from database to database.
    pub fn holds_user_type(&self) -> Option<u32> {
        let element = self.element.as_ref().filter(|_| matches!(self.kind, Kind::Array(_)))?;
        (element.oid >= FIRST_USER_OID).then_some(element.oid)
    }
}

/// `powi` is not exact for negative powers; a quotient of exact powers is rounded once.
pub fn power_of_ten(exponent: i32) -> f64 {
    if exponent < 0 { 1.0 / 10_f64.powi(-exponent) } else { 10_f64.powi(exponent) }
}

/// Arrays are named after their elements with `_` in front, ranges and multiranges as it pleases; an array of arrays is no type.
fn compound(said: &Said, element: Kind) -> Option<Kind> {
    let inside = element.inside()?;
    if let Some(kind) = kind_of(said.base_name, said.base_oid) {
        return Some(kind);
    }
    let bound = element.is_number() || matches!(element, Kind::Date | Kind::Time | Kind::Timestamp | Kind::Timestamptz);
    match said.element.map(|element| element.of) {
        Some(Container::Range) if bound => Some(Kind::Range(inside)),
        Some(Container::Multirange) if bound => Some(Kind::Multirange(inside)),
        Some(Container::Array) | None => Some(Kind::Array(inside)),
        _ => None,
    }
}

/// The modifier of `varchar` and `bpchar` is their length plus the four bytes of a varlena header (PostgreSQL's `VARHDRSZ`);
/// `name` holds 63 bytes. That of bit strings is their length.
fn max_chars(base_name: &str, kind: Kind, typmod: i32) -> Option<usize> {
    match (base_name, kind) {
        ("varchar" | "bpchar", _) if typmod >= 4 => usize::try_from(typmod - 4).ok(),
        ("name", _) => Some(63),
        (_, Kind::Char) => Some(1),
        (_, Kind::Bit) => Some(usize::try_from(typmod).unwrap_or(1)),
        (_, Kind::Varbit) => usize::try_from(typmod).ok(),
        _ => None,
    }
}

/// Precision in the upper half, plus 4, and a scale of 11 bits with a sign in the lower one (`numeric_typmod_scale`, PostgreSQL 15).
fn numeric_digits(typmod: i32) -> Option<(u32, i32)> {
    let packed = u32::try_from(typmod - 4).ok()?;
    let scale = ((packed & 0x7ff) ^ 1024) as i32 - 1024;
    Some((packed >> 16, scale))
}

/// The modifier is the number of digits; that of `interval` has the fields that it keeps in the upper half.
fn fraction(kind: Kind, typmod: i32) -> Option<u32> {
    match kind {
        Kind::Time | Kind::Timetz | Kind::Timestamp | Kind::Timestamptz => u32::try_from(typmod).ok(),
        Kind::Interval => u32::try_from(typmod).ok().map(|packed| packed & 0xffff).filter(|digits| *digits <= 6),
        _ => None,
    }
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
        let thousands = PgType::named("numeric", (5 << 16 | (0x7ff & -3)) + 4, "numeric(5,-3)", &[]).unwrap();
        assert_eq!((thousands.digits, thousands.largest()), (Some((5, -3)), Some(99_999_000.0)));
        let small = PgType::named("numeric", (3 << 16 | 5) + 4, "numeric(3,5)", &[]).unwrap();
        assert!((small.largest().unwrap() - 0.00999).abs() < 1e-12);
        assert_eq!(PgType::named("timestamptz", 3, "timestamp(3) with time zone", &[]).unwrap().fraction, Some(3));
    }

    #[test]
    fn arrays_and_ranges_know_what_is_inside() {
        let tags = PgType::named("_varchar", 24, "character varying(20)[]", &[]).unwrap();
        assert_eq!(tags.kind, Kind::Array(&Kind::Text));
        let element = tags.element.unwrap();
        assert_eq!((element.max_chars, element.oid), (Some(20), 1043));
        let period = PgType::builtin(3910).unwrap();
        assert_eq!((period.kind, period.element.unwrap().kind), (Kind::Range(&Kind::Timestamptz), Kind::Timestamptz));
        assert_eq!(PgType::builtin(3911).unwrap().kind, Kind::Array(&Kind::Range(&Kind::Timestamptz)));
        assert_eq!(PgType::builtin(2249), None, "record");
        assert_eq!(PgType::named("address", -1, "address", &[]), None, "a composite type");
    }
}
