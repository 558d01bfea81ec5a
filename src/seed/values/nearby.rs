//! Numbers below or above that of another column.

use std::sync::Arc;

use crate::seed::encode::{put_fixed, put_null, put_scaled};
use crate::seed::rng::Key;
use crate::seed::text::append_text;
use crate::seed::types::{Kind, power_of_ten};

use super::{Cell, Context};

/// How far away a number is at most, where no bound is nearer.
const FARTHEST: f64 = 100.0;

/// A number tied to another one of the row.
#[derive(Debug)]
pub struct Nearby {
    pub key: Key,
    pub other: Arc<Cell>,
    pub from: Kind,
    pub below: bool,
    /// Equal will not do.
    pub strict: bool,
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// Digits after the point.
    pub scale: i32,
    pub kind: Kind,
}

impl Nearby {
    /// NULL where the other number is.
    pub fn write(&self, context: &mut Context, out: &mut Vec<u8>) {
        let (mut field, mut text) = (context.buffer(), context.buffer());
        self.other.write(context, &mut field);
        if field.first() != Some(&0xff) {
            append_text(self.from, field.get(4..).unwrap_or_default(), &mut text);
        }
        let other = std::str::from_utf8(&text).ok().and_then(|text| text.parse::<f64>().ok());
        match other {
            Some(other) => self.put(self.beside(other, self.key.unit(context.row)), out),
            None => put_null(out),
        }
        context.put_buffer(field);
        context.put_buffer(text);
    }

    /// `share` of the way from the nearest number allowed to the farthest; in units of the last digit.
    fn beside(&self, other: f64, share: f64) -> f64 {
        let floating = matches!(self.kind, Kind::Float4 | Kind::Float8);
        let unit = if self.kind.is_integer() || floating { 1.0 } else { power_of_ten(-self.scale) };
        let step = if self.strict { unit } else { 0.0 };
        let reach = FARTHEST.max(other.abs() / 2.0);
        let (low, high) = if self.below {
            // Numbers of life are seldom negative where the other one is not.
            let floor = self
                .low
                .map_or(if other > 0.0 { 0.0 } else { f64::MIN }, |low| low + if low < other - 2.0 * unit { unit } else { 0.0 });
            (floor.max(other - reach).min(other - step), other - step)
        } else {
            let ceiling = self.high.map_or(f64::MAX, |high| high - if high > other + 2.0 * unit { unit } else { 0.0 });
            (other + step, ceiling.min(other + reach).max(other + step))
        };
        if floating {
            return low + share * (high - low);
        }
        let (first, last) = ((low / unit).ceil(), (high / unit + 1e-9).floor());
        first + (share * (last - first + 1.0)).floor().clamp(0.0, (last - first).max(0.0))
    }

    fn put(&self, value: f64, out: &mut Vec<u8>) {
        match self.kind {
            Kind::Float4 => put_fixed(out, (value as f32).to_be_bytes()),
            Kind::Float8 => put_fixed(out, value.to_be_bytes()),
            kind if kind.is_integer() => put_scaled(out, kind, value as i128, 0),
            kind => put_scaled(out, kind, value as i128, self.scale),
        }
    }
}
