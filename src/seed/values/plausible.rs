//! Values of types that have no words of their own in a scenario: what a service would keep in such a column.
//!
//! Each type has a space of numbered values. A row draws its number, or gets one of its own where values must differ.

use std::sync::Arc;

use crate::seed::encode::{EPOCH_US, begin_field, end_field};
use crate::seed::permutation::Permutation;
use crate::seed::rng::{Key, Stream};
use crate::seed::text::{encode_text, interval_bytes, network_bytes};
use crate::seed::types::{Kind, PgType};

use super::fake::append_digits;
use super::problem::ValueProblem;
use super::spans::Spans;
use super::words::WORDS;

const DAY_US: u64 = 86_400_000_000;
const MINUTE_US: u64 = 60_000_000;
const DAYS: u64 = 30;
/// First octets of addresses on the Internet: 1 to 223 without 10 (private) and 127 (loopback).
const NETWORKS: u64 = 221;
/// Millionths of a degree around the globe and from pole to pole.
const AROUND: u64 = 360_000_000;
const UPWARDS: u64 = 180_000_000;

/// Numbered values of a type.
#[derive(Debug)]
pub struct Plausible {
    key: Key,
    of: Arc<PgType>,
    space: u64,
    /// Where values must differ: which one a row gets.
    order: Option<Permutation>,
    /// For ranges.
    spans: Option<Spans>,
}

impl Plausible {
    /// Values for `rows` rows. `Ok(None)`: the type is filled by other descriptions.
    ///
    /// # Errors
    /// A unique column whose type has too few values.
    pub fn new(of: &PgType, key: Key, rows: u64, unique: bool, until_us: i64) -> Result<Option<Plausible>, ValueProblem> {
        let spans = match of.kind {
            Kind::Range(bound) | Kind::Multirange(bound) => Spans::new(*bound, until_us, if unique { rows } else { 0 }),
            _ => None,
        };
        let Some(space) = spans.as_ref().map(Spans::starts).or_else(|| space(of, unique)) else { return Ok(None) };
        if unique && space < rows {
            let next = "make fewer rows, or describe the column";
            return Err(ValueProblem::TooFew { what: "its type", possible: space, rows, next });
        }
        let order = unique.then(|| Permutation::new(key, space));
        Ok(Some(Plausible { key, of: Arc::new(of.clone()), space, order, spans }))
    }

    /// Appends the row's field.
    pub fn write(&self, row: u64, out: &mut Vec<u8>) {
        let number = match &self.order {
            Some(order) => order.at(row),
            None => self.key.below(row, self.space),
        };
        let mut stream = self.key.part(1).stream(row);
        let start = begin_field(out);
        match (&self.spans, self.of.kind) {
            (Some(spans), Kind::Multirange(_)) => spans.write_many(number, &mut stream, out),
            (Some(spans), _) => spans.write(number, &mut stream, out),
            (None, _) => self.value(number, &mut stream, out),
        }
        end_field(out, start);
    }

    fn value(&self, number: u64, stream: &mut Stream, out: &mut Vec<u8>) {
        let unique = self.order.is_some();
        match self.of.kind {
            Kind::Char => out.push(if unique { b'!' + number as u8 } else { b'a' + number as u8 }),
            Kind::Inet => out.extend_from_slice(&network_bytes(&host(number), 32, false)),
            Kind::Cidr => out.extend_from_slice(&network_bytes(&host(number << 8), 24, true)),
            // Unicast addresses that no maker owns: the lowest bits of the first byte are 10 (IEEE 802).
            Kind::Macaddr => out.extend_from_slice(&(number >> 40 << 42 | 2 << 40 | number & 0xff_ffff_ffff).to_be_bytes()[2..]),
            Kind::Macaddr8 => out.extend_from_slice(&(number >> 56 << 58 | 2 << 56 | number & (u64::MAX >> 8)).to_be_bytes()),
            Kind::Interval => {
                let us = if unique { number } else { (number + 1) * MINUTE_US };
                out.extend_from_slice(&interval_bytes((us % DAY_US) as i64, (us / DAY_US) as i32, 0));
            }
            Kind::Bit | Kind::Varbit => bits(width(&self.of, unique), number, stream, out),
            Kind::PgLsn => out.extend_from_slice(&number.to_be_bytes()),
            Kind::Tsvector | Kind::Tsquery | Kind::Hstore | Kind::Ltree | Kind::Xml | Kind::Jsonpath => {
                let text = text(self.of.kind, unique.then_some(number), stream);
                // These texts are made to be read.
                out.extend_from_slice(&encode_text(&text, &self.of).unwrap_or_default());
            }
            kind => shape(kind, number, stream, out),
        }
    }
}

/// How many values are told apart; `None` for types that are described otherwise.
fn space(of: &PgType, unique: bool) -> Option<u64> {
    Some(match of.kind {
        Kind::Char => {
            if unique {
                94
            } else {
                26
            }
        }
        Kind::Inet => NETWORKS << 24,
        Kind::Cidr => NETWORKS << 16,
        Kind::Macaddr => 1 << 46,
        Kind::Macaddr8 => 1 << 62,
        Kind::Interval => {
            if unique {
                DAYS * DAY_US
            } else {
                DAYS * DAY_US / MINUTE_US
            }
        }
        Kind::Bit | Kind::Varbit => 1 << width(of, unique).min(63),
        Kind::PgLsn => 1 << 40,
        Kind::Point | Kind::Line | Kind::Lseg | Kind::Box | Kind::Path | Kind::Polygon | Kind::Circle => AROUND * UPWARDS,
        Kind::Tsvector | Kind::Tsquery | Kind::Hstore | Kind::Ltree | Kind::Xml | Kind::Jsonpath => 1 << 32,
        _ => return None,
    })
}

/// Bits of a string: all that `bit(n)` has, enough for people or for many rows of one that varies.
fn width(of: &PgType, unique: bool) -> usize {
    let usual = if unique { 40 } else { 16 };
    match of.kind {
        Kind::Bit => of.max_chars.unwrap_or(1),
        _ => of.max_chars.map_or(usual, |most| most.min(usual)),
    }
}

fn bits(width: usize, number: u64, stream: &mut Stream, out: &mut Vec<u8>) {
    out.extend_from_slice(&(width as u32).to_be_bytes());
    let mut left = width;
    let mut word = number << (64 - width.clamp(1, 63));
    while left > 0 {
        let count = left.min(if left == width { 63 } else { 64 });
        // Whole bytes of this word, the last one padded with zeros; a longer string goes on after 56 bits.
        let take = if left > count { 56 } else { count };
        let masked = if take == 64 { word } else { word >> (64 - take) << (64 - take) };
        out.extend_from_slice(&masked.to_be_bytes()[..take.div_ceil(8)]);
        left -= take;
        word = stream.bits();
    }
}

fn host(number: u64) -> [u8; 4] {
    let mut bytes = (number as u32).to_be_bytes();
    bytes[0] = (number >> 24) as u8 + 1;
    bytes[0] += u8::from(bytes[0] >= 10);
    bytes[0] += u8::from(bytes[0] >= 127);
    bytes
}

/// Points of the globe in degrees, and figures of about a hundredth of one around them.
fn shape(kind: Kind, number: u64, stream: &mut Stream, out: &mut Vec<u8>) {
    let degrees = |millionths: u64, half: u64| (millionths as f64 - half as f64) / 1e6;
    let x = degrees(number % AROUND, AROUND / 2);
    let y = degrees(number / AROUND, UPWARDS / 2);
    let mut beside = |from: f64| from + (stream.below(20_001) as f64 - 10_000.0) / 1e6;
    let numbers: Vec<f64> = match kind {
        Kind::Point => vec![x, y],
        // Through the point, neither level nor upright.
        Kind::Line => vec![1.0, -1.0, y - x],
        Kind::Circle => vec![x, y, 0.001 + beside(0.01)],
        Kind::Lseg | Kind::Box => vec![x.max(beside(x)), y, x, beside(y)],
        _ => (0..4).flat_map(|corner| if corner == 0 { [x, y] } else { [beside(x), beside(y)] }).collect(),
    };
    match kind {
        Kind::Path => {
            out.push(1);
            out.extend_from_slice(&4_u32.to_be_bytes());
        }
        Kind::Polygon => out.extend_from_slice(&4_u32.to_be_bytes()),
        _ => {}
    }
    numbers.iter().for_each(|number| out.extend_from_slice(&number.to_be_bytes()));
}

/// A text in the type's own notation; with a number in it where texts must differ.
fn text(kind: Kind, number: Option<u64>, stream: &mut Stream) -> String {
    let mut word = || WORDS[stream.below(WORDS.len() as u64) as usize];
    let (first, second, third) = (word(), word(), word());
    let code = number.map(|number| {
        let mut code = Vec::new();
        append_digits(&mut code, number, 1, 36);
        format!("n{}", String::from_utf8_lossy(&code))
    });
    let code = code.as_deref();
    match kind {
        Kind::Tsvector => {
            let count = 5 + stream.below(16);
            let words = (0..count).map(|_| WORDS[stream.below(WORDS.len() as u64) as usize]).chain(code).enumerate();
            words.map(|(place, word)| format!("{word}:{}", place + 1)).collect::<Vec<_>>().join(" ")
        }
        Kind::Tsquery => format!("{first} & {}", code.unwrap_or(second)),
        Kind::Hstore => format!("\"{first}\"=>\"{second}\", \"code\"=>\"{}\"", code.unwrap_or(third)),
        Kind::Ltree => format!("top.{first}.{}", code.unwrap_or(second)),
        Kind::Xml => format!("<item code=\"{}\"><name>{first}</name><note>{second}</note></item>", code.unwrap_or(third)),
        _ => format!("$.{first}.{}", code.unwrap_or(second)),
    }
}

/// Where moments are counted from, on the server's own scale.
pub(super) fn since_2000(unix_us: i64) -> i64 {
    unix_us.saturating_sub(EPOCH_US)
}
