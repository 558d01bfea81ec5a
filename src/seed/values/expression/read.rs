//! Other columns as numbers, moments and truths.

use crate::seed::text::{integer, moment, moment_us};
use crate::seed::types::{Kind, PgType, power_of_ten};
use crate::seed::values::context::{Context, Peer, known};

use super::Type;

/// What a column of a type gives to a formula; `None`: nothing that a formula could use.
pub fn type_of(of: &PgType) -> Option<Type> {
    Some(match of.kind {
        kind if kind.is_number() => Type::Number,
        Kind::Bool => Type::Truth,
        Kind::Date | Kind::Timestamp | Kind::Timestamptz => Type::Moment,
        // A time of day is the interval since midnight.
        Kind::Interval | Kind::Time => Type::Interval,
        Kind::Text | Kind::Char | Kind::Enum | Kind::Uuid | Kind::Json | Kind::Jsonb | Kind::Xml | Kind::Ltree => Type::Text,
        Kind::Inet | Kind::Cidr | Kind::Macaddr | Kind::Macaddr8 => Type::Text,
        _ => return None,
    })
}

impl Peer {
    /// The number in it; of a parameter, in its text.
    pub fn number(&self, context: &mut Context) -> Option<f64> {
        match self {
            Peer::Parameter(name) => context.other(name)?.trim().parse().ok(),
            Peer::Cell(_, of) => {
                let kind = of.kind;
                self.with_value(context, |value| match kind {
                    Kind::Float4 => Some(f64::from(f32::from_be_bytes(value.try_into().ok()?))),
                    Kind::Float8 => Some(f64::from_be_bytes(value.try_into().ok()?)),
                    Kind::Numeric => numeric(value),
                    Kind::Money => Some(integer(value) as f64 / 100.0),
                    Kind::Oid => Some(f64::from(u32::from_be_bytes(value.try_into().ok()?))),
                    _ => Some(integer(value) as f64),
                })
            }
        }
    }

    pub fn truth(&self, context: &mut Context) -> Option<bool> {
        match self {
            Peer::Parameter(name) => match context.other(name)?.as_str() {
                "true" | "t" => Some(true),
                "false" | "f" => Some(false),
                _ => None,
            },
            Peer::Cell(..) => self.with_value(context, |value| value.first().map(|byte| *byte != 0)),
        }
    }

    /// A moment since 1970, or an interval.
    pub fn micros(&self, context: &mut Context) -> Option<i64> {
        match self {
            Peer::Parameter(name) => moment(&context.other(name)?),
            Peer::Cell(_, of) => {
                let kind = of.kind;
                self.with_value(context, |value| match kind {
                    Kind::Time => Some(integer(value)),
                    Kind::Interval => interval(value),
                    kind => moment_us(kind, value),
                })
            }
        }
    }

    fn with_value<T>(&self, context: &mut Context, read: impl FnOnce(&[u8]) -> Option<T>) -> Option<T> {
        let Peer::Cell(cell, _) = self else { return None };
        let mut field = context.buffer();
        cell.write(context, &mut field);
        let result = known(&field).and_then(read);
        context.put_buffer(field);
        result
    }
}

/// Months count as 30 days, as where PostgreSQL compares intervals.
fn interval(value: &[u8]) -> Option<i64> {
    let us = integer(value.get(..8)?);
    let days = i64::from(i32::from_be_bytes(value.get(8..12)?.try_into().ok()?));
    let months = i64::from(i32::from_be_bytes(value.get(12..16)?.try_into().ok()?));
    us.checked_add(days.checked_add(months.checked_mul(30)?)?.checked_mul(86_400_000_000)?)
}

/// The nearest number to a `numeric` of at most 32 digits: one exact division or product.
fn numeric(value: &[u8]) -> Option<f64> {
    let word = |at: usize| Some(i16::from_be_bytes(value.get(2 * at..2 * at + 2)?.try_into().ok()?));
    let (count, weight, sign) = (word(0)?, word(1)?, word(2)?);
    let mut digits: u128 = 0;
    let used = count.clamp(0, 8);
    for place in 0..used {
        digits = digits * 10_000 + u128::from(word(4 + place as usize)?.unsigned_abs());
    }
    let exponent = 4 * (i32::from(weight) - i32::from(used) + 1);
    let number = if exponent < 0 { digits as f64 / power_of_ten(-exponent) } else { digits as f64 * power_of_ten(exponent) };
    match sign {
        0 => Some(number),
        0x4000 => Some(-number),
        // NaN and the infinities.
        _ => None,
    }
}
