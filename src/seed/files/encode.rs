//! One record of a file as the fields of a row, or why it is none.

use crate::csv::Fields;
use crate::scenario::model::EpochUnit;
use crate::seed::encode::{EPOCH_US, put_bytes, put_integer, put_moment, put_null};
use crate::seed::text::{encode_text, integer};
use crate::seed::types::{Kind, PgType};

use super::columns::{FileColumn, Input};
use super::rejects::{Reason, Reject};

/// Encodes records, one after the other, into buffers that it keeps.
pub struct RowEncoder<'a> {
    columns: &'a [FileColumn],
    fields: Fields,
    /// The row's fields, each with its length in front, in the order of the columns.
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl<'a> RowEncoder<'a> {
    pub fn new(columns: &'a [FileColumn]) -> RowEncoder<'a> {
        RowEncoder { columns, fields: Fields::default(), bytes: Vec::new(), ends: Vec::with_capacity(columns.len()) }
    }

    /// Reads a record into the row at hand.
    pub fn read(&mut self, record: &[u8], input: &Input) -> Result<(), Reject> {
        self.bytes.clear();
        self.ends.clear();
        if !self.fields.read(record, input.dialect) {
            return Err(Reject::whole(Reason::Quote, "a quote is not closed"));
        }
        if self.fields.len() != input.width {
            let counted = format!("{} fields where {} were expected", self.fields.len(), input.width);
            return Err(Reject::whole(Reason::Fields, counted));
        }
        for (place, column) in input.places.iter().zip(self.columns) {
            let Some((text, quoted)) = self.fields.get(record, *place) else {
                return Err(Reject::whole(Reason::Fields, "too few fields"));
            };
            column.put(text, quoted, &mut self.bytes).map_err(|(reason, detail)| Reject {
                reason,
                column: Some(column.name.clone()),
                detail,
            })?;
            self.ends.push(self.bytes.len());
        }
        Ok(())
    }

    /// A field of the row at hand with its length in front.
    pub fn field(&self, column: usize) -> &[u8] {
        let start = if column == 0 { 0 } else { self.ends[column - 1] };
        &self.bytes[start..self.ends[column]]
    }
}

type Wrong = (Reason, String);

impl FileColumn {
    /// Appends the field that a text stands for.
    fn put(&self, text: &[u8], quoted: bool, out: &mut Vec<u8>) -> Result<(), Wrong> {
        let text = if self.trim { text.trim_ascii() } else { text };
        if (text.is_empty() && !quoted && self.nulls.empty) || self.nulls.words.iter().any(|word| word.as_bytes() == text) {
            if self.not_null {
                return Err((Reason::Null, "NULL, which the column does not take".to_owned()));
            }
            put_null(out);
            return Ok(());
        }
        let text = std::str::from_utf8(text).map_err(|error| (Reason::Encoding, format!("no UTF-8: {error}")))?;
        self.check(text)?;
        match (self.of.kind, self.time) {
            (Kind::Text, _) => self.put_text(text, out),
            (kind, Some(unit)) if kind.is_time() && put_epoch(text, unit, kind, out) => Ok(()),
            (kind, time) if kind.is_integer() => {
                let number = text.trim().parse::<i64>().ok().or_else(|| time.and_then(|unit| epoch_of(text, unit)));
                let (low, high) = kind.integer_bounds().unwrap_or((i64::MIN, i64::MAX));
                let number = number.filter(|number| (low..=high).contains(number)).ok_or_else(|| self.no_value(text))?;
                put_integer(out, kind, number);
                Ok(())
            }
            _ => {
                let value = encode_text(text, &self.of).map_err(|_| self.no_value(text))?;
                put_bytes(out, &value);
                Ok(())
            }
        }
    }

    fn put_text(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Wrong> {
        let max = self.of.max_chars.unwrap_or(usize::MAX);
        if text.contains('\0') {
            return Err((Reason::Encoding, "a zero byte, which no text holds".to_owned()));
        }
        if text.len() > max && encode_text(text, &self.of).is_err() {
            return Err((Reason::TooLong, format!("{} characters, the column holds {max}", text.chars().count())));
        }
        put_bytes(out, text.as_bytes());
        Ok(())
    }

    /// What CHECK constraints say, as far as it is understood.
    fn check(&self, text: &str) -> Result<(), Wrong> {
        let facts = &self.facts;
        if !facts.allowed.is_empty() && !facts.allowed.iter().any(|allowed| allowed == text.trim()) {
            return Err((Reason::Check, format!("`{}` is none of {}", shortened(text), facts.allowed.join(", "))));
        }
        if facts.low.is_none() && facts.high.is_none() {
            return Ok(());
        }
        let Ok(number) = text.trim().parse::<f64>() else { return Ok(()) };
        let below = facts.low.is_some_and(|(low, allowed)| number < low || (number == low && !allowed));
        let above = facts.high.is_some_and(|(high, allowed)| number > high || (number == high && !allowed));
        if below || above {
            return Err((Reason::Check, format!("{number} is outside of what the column's CHECK allows")));
        }
        Ok(())
    }

    fn no_value(&self, text: &str) -> Wrong {
        let PgType { name, .. } = &self.of;
        let epoch = self.of.kind.is_time() && self.time.is_none() && text.trim().parse::<i64>().is_ok();
        let help = if epoch { " (is it an epoch? say `time: epoch_ms`)" } else { "" };
        (Reason::NoValue, format!("`{}` is not a value of type {name}{help}", shortened(text)))
    }
}

/// A whole number as a moment.
fn put_epoch(text: &str, unit: EpochUnit, kind: Kind, out: &mut Vec<u8>) -> bool {
    let micros = text.trim().parse::<i64>().ok().and_then(|number| number.checked_mul(unit.micros()));
    // PostgreSQL's timestamps begin in 4713 BC; where they end, so do the microseconds of 64 bits.
    let known = micros.filter(|micros| *micros >= EPOCH_US - 211_813_488_000_000_000);
    if let Some(micros) = known {
        put_moment(out, kind, micros);
    }
    known.is_some()
}

/// A moment as a whole number.
fn epoch_of(text: &str, unit: EpochUnit) -> Option<i64> {
    let moment = PgType::named("timestamptz", -1, "timestamptz", &[])?;
    let since_2000 = integer(&encode_text(text, &moment).ok()?);
    Some(since_2000.checked_add(EPOCH_US)?.div_euclid(unit.micros()))
}

fn shortened(text: &str) -> String {
    if text.chars().count() > 40 { format!("{}…", text.chars().take(40).collect::<String>()) } else { text.to_owned() }
}
