//! Formulas at work: a tree of typed nodes, evaluated for each row, and its result in the type of a column.
//!
//! Numbers are double precision, moments and intervals whole microseconds. NULL spreads as in SQL; what SQL refuses row by row (a division
//! by zero, the root of a negative number) is NULL here, since one row in a million must not end the load.

mod node;
mod read;
mod text;

use std::sync::Arc;

use crate::seed::encode::{begin_field, end_field, put_fixed, put_integer, put_moment, put_null, put_scaled};
use crate::seed::text::{NotAValue, append_text};
use crate::seed::types::{Kind, PgType, power_of_ten};

use super::context::Context;
pub use node::{Node, Part};
pub use read::type_of;

/// What a formula or a piece of it gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    Number,
    Text,
    Truth,
    Moment,
    Interval,
    /// NULL, or a parameter, whose type its use decides.
    Any,
}

impl Type {
    /// For messages.
    pub fn name(self) -> &'static str {
        match self {
            Type::Number => "a number",
            Type::Text => "a text",
            Type::Truth => "true or false",
            Type::Moment => "a moment",
            Type::Interval => "an interval",
            Type::Any => "anything",
        }
    }
}

/// A formula with the type it gives and the type it is written in.
#[derive(Debug)]
pub struct Formula {
    pub root: Node,
    pub gives: Type,
    pub of: Arc<PgType>,
}

impl Formula {
    /// True when the type can hold what the formula gives.
    pub fn fits(gives: Type, of: &PgType) -> bool {
        match gives {
            Type::Number => of.kind.is_number() || of.kind == Kind::Text,
            Type::Truth => matches!(of.kind, Kind::Bool | Kind::Text),
            Type::Moment => matches!(
                of.kind,
                Kind::Date | Kind::Time | Kind::Timestamp | Kind::Timestamptz | Kind::Int4 | Kind::Int8 | Kind::Text
            ),
            Type::Interval => matches!(of.kind, Kind::Interval | Kind::Time),
            Type::Text | Type::Any => true,
        }
    }

    /// Appends the field of the context's row.
    pub fn write(&self, context: &mut Context, out: &mut Vec<u8>) {
        let start = out.len();
        let written = match self.gives {
            _ if self.of.kind == Kind::Text => self.write_text(context, out),
            Type::Number => self.root.number(context).map(|value| self.put_number(value, context, out)),
            Type::Truth => self.root.truth(context).map(|value| put_integer(out, Kind::Bool, i64::from(value))),
            Type::Moment => self.root.micros(context).map(|moment| self.put_moment(moment, out)),
            Type::Interval => self.root.micros(context).map(|interval| self.put_interval(interval, out)),
            Type::Text | Type::Any => self.write_parsed(context, out),
        };
        if written.is_none() {
            out.truncate(start);
            put_null(out);
        }
    }

    fn put_number(&self, value: f64, context: &mut Context, out: &mut Vec<u8>) {
        let of = &self.of;
        let fits = match (of.kind.integer_bounds(), of.largest()) {
            (Some((least, most)), _) => (least as f64..=most as f64).contains(&value.round()),
            (None, Some(most)) => value.abs() <= most + 0.5 * power_of_ten(-of.scale().unwrap_or(0)),
            (None, None) => value.abs() < 1e20,
        };
        match of.kind {
            _ if !fits => {
                context.fail(NotAValue::new(&value.to_string(), of));
                put_null(out);
            }
            Kind::Float4 => put_fixed(out, (value as f32).to_be_bytes()),
            Kind::Float8 => put_fixed(out, value.to_be_bytes()),
            kind @ (Kind::Numeric | Kind::Money) => {
                let scale = of.scale().map_or_else(|| decimals(value), |scale| scale.min(15));
                put_scaled(out, kind, (value * power_of_ten(scale)).round() as i128, scale);
            }
            kind => put_integer(out, kind, value.round() as i64),
        }
    }

    fn put_moment(&self, moment: i64, out: &mut Vec<u8>) {
        match self.of.kind {
            Kind::Int8 => put_integer(out, Kind::Int8, moment.div_euclid(1_000)),
            Kind::Int4 => put_integer(out, Kind::Int4, moment.div_euclid(1_000_000)),
            kind => put_moment(out, kind, moment),
        }
    }

    /// Whole days apart from the rest of a day, as people write them; the day's hours for a time of day.
    fn put_interval(&self, interval: i64, out: &mut Vec<u8>) {
        const DAY_US: i64 = 86_400_000_000;
        if self.of.kind == Kind::Time {
            return put_fixed(out, interval.rem_euclid(DAY_US).to_be_bytes());
        }
        let start = begin_field(out);
        out.extend_from_slice(&(interval % DAY_US).to_be_bytes());
        out.extend_from_slice(&((interval / DAY_US) as i32).to_be_bytes());
        out.extend_from_slice(&0_i32.to_be_bytes());
        end_field(out, start);
    }

    /// Text straight into the field; too long a one is the row's mistake.
    fn write_text(&self, context: &mut Context, out: &mut Vec<u8>) -> Option<()> {
        let start = begin_field(out);
        if !self.root.print(self.gives, context, out) {
            return None;
        }
        let text = &out[start..];
        let chars = || text.iter().filter(|byte| (**byte as i8) >= -64).count();
        if self.of.max_chars.is_some_and(|most| text.len() > most && chars() > most) {
            context.fail(NotAValue::new(&String::from_utf8_lossy(text), &self.of));
            return None;
        }
        end_field(out, start);
        Some(())
    }

    fn write_parsed(&self, context: &mut Context, out: &mut Vec<u8>) -> Option<()> {
        let mut text = context.buffer();
        let known = self.root.text(context, &mut text);
        if known {
            super::put_encoded(&text, &self.of, context, out);
        }
        context.put_buffer(text);
        known.then_some(())
    }
}

/// As few digits after the point as show the number, at most six: what `numeric` without a scale gets.
fn decimals(value: f64) -> i32 {
    (0..6).find(|digits| (value * power_of_ten(*digits)).round() / power_of_ten(*digits) == value).unwrap_or(6)
}

/// Appends a moment as the server writes it in ISO form.
fn print_moment(moment: i64, out: &mut Vec<u8>) {
    append_text(Kind::Timestamptz, &moment.saturating_sub(crate::seed::encode::EPOCH_US).to_be_bytes(), out);
}
