//! Nodes of a formula, typed when they were built.

use crate::scenario::expression::Binary;
use crate::seed::rng::Key;

use super::Type;
use crate::seed::values::context::{Context, Peer};

/// A piece of a formula. Which of [`Node::number`], [`Node::micros`], [`Node::truth`] and [`Node::text`] applies follows from the type it
/// was given when it was built; the others give NULL.
#[derive(Debug)]
pub enum Node {
    Null,
    Number(f64),
    Truth(bool),
    /// A moment or an interval.
    Micros(i64),
    Text(Box<[u8]>),
    Peer(Peer),
    /// The row number from 1.
    Row,
    /// In [0, 1), the same whenever this row is made.
    Random(Key),
    /// Whole numbers between two, both included.
    RandomBetween(Key, Box<[Node; 2]>),
    Negate(Box<Node>),
    Arithmetic(Binary, Box<[Node; 2]>),
    Power(Box<[Node; 2]>),
    /// To so many digits after the point.
    Rounded(Box<[Node; 2]>),
    Applied(fn(f64) -> f64, Box<Node>),
    /// Characters of a text.
    Length(Box<Node>),
    /// A number from its text.
    Parsed(Box<Node>),
    Part(Part, Box<Node>),
    /// An interval in units of so many microseconds.
    Units(Box<Node>, i64),
    /// A moment or interval and an interval; or two moments, which give an interval.
    Sum(Box<[Node; 2]>),
    Difference(Box<[Node; 2]>),
    /// An interval times a number.
    Times(Box<[Node; 2]>),
    /// The start of a moment's day.
    Midnight(Box<Node>),
    Not(Box<Node>),
    And(Box<[Node; 2]>),
    Or(Box<[Node; 2]>),
    IsNull(Type, Box<Node>),
    Compare(Binary, Type, Box<[Node; 2]>),
    Case(Box<[(Node, Node)]>, Box<Node>),
    /// The first that is not NULL.
    First(Type, Box<[Node]>),
    /// The greatest or the least that is not NULL, of numbers, moments or intervals.
    Extreme {
        greatest: bool,
        of: Box<[Node]>,
    },
    Join(Box<[Node; 2]>),
    Printed(Type, Box<Node>),
    Upper(Box<Node>),
    Lower(Box<Node>),
    /// A text, the first character from 1, and how many.
    Substring(Box<[Node; 3]>),
    /// So many characters from the end.
    Right(Box<[Node; 2]>),
}

/// A part of a moment, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    /// 1 is Monday.
    Weekday,
}

const DAY_US: i64 = 86_400_000_000;

impl Node {
    pub fn number(&self, context: &mut Context) -> Option<f64> {
        match self {
            Node::Number(value) => Some(*value),
            Node::Peer(peer) => peer.number(context),
            Node::Row => Some(context.row as f64 + 1.0),
            Node::Random(key) => Some(key.unit(context.row)),
            Node::RandomBetween(key, bounds) => {
                let (low, high) = (bounds[0].number(context)?.ceil(), bounds[1].number(context)?.floor());
                (low <= high).then(|| low + (key.unit(context.row) * (high - low + 1.0)).floor())
            }
            Node::Negate(inner) => inner.number(context).map(|value| -value),
            Node::Arithmetic(sign, sides) => {
                arithmetic(*sign, sides[0].number(context)?, sides[1].number(context)?).filter(|value| value.is_finite())
            }
            Node::Power(sides) => {
                let (base, exponent) = (sides[0].number(context)?, sides[1].number(context)?);
                Some(libm::pow(base, exponent)).filter(|value| value.is_finite())
            }
            Node::Rounded(sides) => Some(rounded(sides[0].number(context)?, sides[1].number(context)?)),
            Node::Applied(function, inner) => inner.number(context).map(function).filter(|value| value.is_finite()),
            Node::Length(inner) => inner.with_text(context, |text, _| Some(characters(text) as f64)),
            Node::Parsed(inner) => inner.with_text(context, |text, _| std::str::from_utf8(text).ok()?.trim().parse().ok()),
            Node::Part(part, inner) => inner.micros(context).map(|moment| part_of(*part, moment)),
            Node::Units(inner, unit) => inner.micros(context).map(|interval| interval as f64 / *unit as f64),
            Node::Case(branches, otherwise) => chosen(branches, otherwise, context).number(context),
            Node::First(_, of) => of.iter().find_map(|node| node.number(context)),
            Node::Extreme { greatest, of } => {
                let values = of.iter().filter_map(|node| node.number(context));
                values.reduce(|best, value| if (value > best) == *greatest { value } else { best })
            }
            _ => None,
        }
    }

    /// Of moments and intervals.
    pub fn micros(&self, context: &mut Context) -> Option<i64> {
        match self {
            Node::Micros(value) => Some(*value),
            Node::Peer(peer) => peer.micros(context),
            Node::Negate(inner) => inner.micros(context)?.checked_neg(),
            Node::Sum(sides) => sides[0].micros(context)?.checked_add(sides[1].micros(context)?),
            Node::Difference(sides) => sides[0].micros(context)?.checked_sub(sides[1].micros(context)?),
            Node::Times(sides) => {
                let product = sides[0].micros(context)? as f64 * sides[1].number(context)?;
                // Beyond this there are no moments (290,000 years).
                (product.abs() < 9e18).then_some(product as i64)
            }
            Node::Midnight(inner) => inner.micros(context).map(|moment| moment.div_euclid(DAY_US) * DAY_US),
            Node::Case(branches, otherwise) => chosen(branches, otherwise, context).micros(context),
            Node::First(_, of) => of.iter().find_map(|node| node.micros(context)),
            Node::Extreme { greatest, of } => {
                let values = of.iter().filter_map(|node| node.micros(context));
                if *greatest { values.max() } else { values.min() }
            }
            _ => None,
        }
    }

    pub fn truth(&self, context: &mut Context) -> Option<bool> {
        match self {
            Node::Truth(value) => Some(*value),
            Node::Peer(peer) => peer.truth(context),
            Node::Not(inner) => inner.truth(context).map(|value| !value),
            Node::And(sides) => match sides[0].truth(context) {
                Some(false) => Some(false),
                Some(true) => sides[1].truth(context),
                None => sides[1].truth(context).filter(|value| !value),
            },
            Node::Or(sides) => match sides[0].truth(context) {
                Some(true) => Some(true),
                Some(false) => sides[1].truth(context),
                None => sides[1].truth(context).filter(|value| *value),
            },
            Node::IsNull(of, inner) => Some(!inner.is_known(*of, context)),
            Node::Compare(sign, of, sides) => {
                let order = compare(*of, &sides[0], &sides[1], context)?;
                Some(match sign {
                    Binary::Equal => order.is_eq(),
                    Binary::Unequal => order.is_ne(),
                    Binary::Less => order.is_lt(),
                    Binary::AtMost => order.is_le(),
                    Binary::More => order.is_gt(),
                    _ => order.is_ge(),
                })
            }
            Node::Case(branches, otherwise) => chosen(branches, otherwise, context).truth(context),
            Node::First(_, of) => of.iter().find_map(|node| node.truth(context)),
            _ => None,
        }
    }

    /// True unless the value is NULL.
    pub fn is_known(&self, of: Type, context: &mut Context) -> bool {
        match of {
            Type::Number => self.number(context).is_some(),
            Type::Truth => self.truth(context).is_some(),
            Type::Moment | Type::Interval => self.micros(context).is_some(),
            Type::Text | Type::Any => self.with_text(context, |_, _| Some(())).is_some(),
        }
    }
}

/// The first branch whose condition is true.
pub fn chosen<'n>(branches: &'n [(Node, Node)], otherwise: &'n Node, context: &mut Context) -> &'n Node {
    branches.iter().find(|(when, _)| when.truth(context) == Some(true)).map_or(otherwise, |(_, then)| then)
}

fn arithmetic(sign: Binary, left: f64, right: f64) -> Option<f64> {
    Some(match sign {
        Binary::Add => left + right,
        Binary::Subtract => left - right,
        Binary::Multiply => left * right,
        Binary::Divide => left / right,
        Binary::Remainder => left % right,
        _ => return None,
    })
}

/// Half away from zero, as PostgreSQL rounds `numeric`; digits below zero round to tens and hundreds.
fn rounded(value: f64, digits: f64) -> f64 {
    let unit = crate::seed::types::power_of_ten(digits.clamp(-15.0, 15.0) as i32);
    let rounded = (value * unit).round() / unit;
    if rounded.is_finite() { rounded } else { value }
}

fn compare(of: Type, left: &Node, right: &Node, context: &mut Context) -> Option<std::cmp::Ordering> {
    match of {
        Type::Number => left.number(context)?.partial_cmp(&right.number(context)?),
        Type::Truth => Some(left.truth(context)?.cmp(&right.truth(context)?)),
        Type::Moment | Type::Interval => Some(left.micros(context)?.cmp(&right.micros(context)?)),
        Type::Text | Type::Any => {
            left.with_text(context, |left, context| right.with_text(context, |right, _| Some(left.cmp(right))))
        }
    }
}

/// Characters of UTF-8.
pub fn characters(text: &[u8]) -> usize {
    text.iter().filter(|byte| (**byte as i8) >= -64).count()
}

fn part_of(part: Part, moment: i64) -> f64 {
    let day = moment.div_euclid(DAY_US);
    let within = moment.rem_euclid(DAY_US);
    match part {
        Part::Hour => (within / 3_600_000_000) as f64,
        Part::Minute => (within / 60_000_000 % 60) as f64,
        // 1970-01-01 was a Thursday.
        Part::Weekday => ((day + 3).rem_euclid(7) + 1) as f64,
        Part::Year | Part::Month | Part::Day => {
            let (year, month, day) = civil(day);
            f64::from(match part {
                Part::Year => year,
                Part::Month => month,
                _ => day,
            })
        }
    }
}

fn civil(days_since_1970: i64) -> (i32, i32, i32) {
    let seconds = jiff::Timestamp::from_second(days_since_1970.saturating_mul(86_400)).unwrap_or_default();
    let date = jiff::tz::Offset::UTC.to_datetime(seconds).date();
    (i32::from(date.year()), i32::from(date.month()), i32::from(date.day()))
}
