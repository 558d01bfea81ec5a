//! Numbers out of the server's binary form, compared as the server compares them.

use std::cmp::Ordering;

use super::value::{Value, oid};

const FLOAT4: u32 = 700;
const FLOAT8: u32 = 701;
const NUMERIC: u32 = 1700;

/// A number of any of the server's types.
#[derive(Debug, Clone, PartialEq)]
pub enum Number {
    /// An integer or a `numeric`.
    Exact(Decimal),
    /// A `real` or a `double precision`, or a `numeric` that is infinite or no number.
    Float(f64),
}

/// An exact number: digits to the base 10,000, as PostgreSQL has them (src/backend/utils/adt/numeric.c).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decimal {
    negative: bool,
    /// The first digit stands for digit × 10000^weight.
    weight: i32,
    /// Neither the first nor the last is 0; none for 0.
    digits: Vec<i16>,
}

/// Whether the values of a type are numbers.
pub fn is_number(type_oid: u32) -> bool {
    matches!(type_oid, oid::INT2 | oid::INT4 | oid::INT8 | FLOAT4 | FLOAT8 | NUMERIC)
}

impl Number {
    /// `None` for NULL, for values of other types, and for bytes that no server sends.
    pub fn of(value: &Value) -> Option<Number> {
        let bytes = value.bytes.as_deref()?;
        match value.oid {
            FLOAT4 => Some(Number::Float(f64::from(f32::from_be_bytes(bytes.try_into().ok()?)))),
            FLOAT8 => Some(Number::Float(f64::from_be_bytes(bytes.try_into().ok()?))),
            NUMERIC => numeric(bytes),
            _ => value.as_integer().map(|number| Number::Exact(Decimal::from(number))),
        }
    }

    /// Digits with at most one point and a sign; `None` for anything else.
    pub fn parse(text: &str) -> Option<Number> {
        Decimal::parse(text).map(Number::Exact)
    }

    /// Exact numbers exactly; as soon as one is a float both as floats, NaN the greatest and equal to itself.
    pub fn compare(&self, other: &Number) -> Ordering {
        match (self, other) {
            (Number::Exact(left), Number::Exact(right)) => left.compare(right),
            _ => {
                let (left, right) = (self.as_float(), other.as_float());
                left.partial_cmp(&right).unwrap_or_else(|| left.is_nan().cmp(&right.is_nan()))
            }
        }
    }

    fn as_float(&self) -> f64 {
        match self {
            Number::Exact(decimal) => decimal.to_string().parse().unwrap_or(f64::NAN),
            Number::Float(float) => *float,
        }
    }
}

/// `numeric` as it is sent: number of digits, weight, sign, scale, digits, 16 bits each.
fn numeric(bytes: &[u8]) -> Option<Number> {
    let word = |place: usize| Some(i16::from_be_bytes(bytes.get(2 * place..2 * place + 2)?.try_into().ok()?));
    let (count, weight, sign) = (usize::try_from(word(0)?).ok()?, i32::from(word(1)?), word(2)? as u16);
    let negative = match sign {
        0x0000 => false,
        0x4000 => true,
        0xC000 => return Some(Number::Float(f64::NAN)),
        0xD000 => return Some(Number::Float(f64::INFINITY)),
        0xF000 => return Some(Number::Float(f64::NEG_INFINITY)),
        _ => return None,
    };
    let digits: Vec<i16> = (0..count).map(|place| word(4 + place)).collect::<Option<_>>()?;
    digits.iter().all(|digit| (0..10_000).contains(digit)).then(|| Number::Exact(Decimal { negative, weight, digits }.normal()))
}

impl Decimal {
    fn parse(text: &str) -> Option<Decimal> {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !plain(whole) || !plain(fraction) {
            return None;
        }
        // Whole groups of four on both sides of the point.
        let before = format!("{}{whole}", "0".repeat((4 - whole.len() % 4) % 4));
        let after = format!("{fraction}{}", "0".repeat((4 - fraction.len() % 4) % 4));
        let weight = i32::try_from(before.len() / 4).ok()? - 1;
        let all = before + &after;
        let digits = all.as_bytes().chunks(4).map(|group| group.iter().fold(0, |sum, byte| sum * 10 + i16::from(byte - b'0')));
        Some(Decimal { negative, weight, digits: digits.collect() }.normal())
    }

    /// Without zeros at either end.
    fn normal(mut self) -> Decimal {
        let zeros = self.digits.iter().take_while(|digit| **digit == 0).count();
        self.digits.drain(..zeros);
        self.weight -= i32::try_from(zeros).unwrap_or(0);
        while self.digits.last() == Some(&0) {
            self.digits.pop();
        }
        if self.digits.is_empty() { Decimal::default() } else { self }
    }

    fn compare(&self, other: &Decimal) -> Ordering {
        let sign = |decimal: &Decimal| match (decimal.digits.is_empty(), decimal.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let size = || self.weight.cmp(&other.weight).then_with(|| self.digits.cmp(&other.digits));
        match (sign(self), sign(other)) {
            (left, right) if left != right => left.cmp(&right),
            (0, _) => Ordering::Equal,
            (1, _) => size(),
            _ => size().reverse(),
        }
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Decimal {
        Decimal::parse(&number.to_string()).unwrap_or_default()
    }
}

/// Digits with a point where there is a fraction, and no zeros at either end.
impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.digits.is_empty() {
            return f.write_str("0");
        }
        // Groups of four before the point; those the number has none of are zeros.
        let before = usize::try_from(self.weight + 1).unwrap_or(0);
        let group = |place: usize| format!("{:04}", self.digits.get(place).copied().unwrap_or(0));
        let whole: String = (0..before).map(group).collect();
        let zeros = "0000".repeat(usize::try_from(-(self.weight + 1)).unwrap_or(0));
        let fraction: String = (before..self.digits.len()).map(group).collect();
        let whole = whole.trim_start_matches('0');
        write!(f, "{}{}", if self.negative { "-" } else { "" }, if whole.is_empty() { "0" } else { whole })?;
        match (zeros + &fraction).trim_end_matches('0') {
            "" => Ok(()),
            fraction => write!(f, ".{fraction}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sent(words: &[u16]) -> Value {
        Value::new(NUMERIC, words.iter().flat_map(|word| word.to_be_bytes()).collect())
    }

    fn compared(left: &Value, right: &str) -> Ordering {
        Number::of(left).expect("a number").compare(&Number::parse(right).expect("a literal"))
    }

    #[test]
    fn numerics_are_read_as_the_server_sends_them() {
        // 12345.678: digits 1, 2345, 6780; -0.05: digit 500 at weight -1; 20000 without its zeros.
        assert_eq!(compared(&sent(&[3, 1, 0, 3, 1, 2345, 6780]), "12345.678"), Ordering::Equal);
        assert_eq!(compared(&sent(&[1, 0xFFFF, 0x4000, 2, 500]), "-0.05"), Ordering::Equal);
        assert_eq!(compared(&sent(&[1, 1, 0, 0, 2]), "20000"), Ordering::Equal);
        assert_eq!(compared(&sent(&[0, 0, 0, 0]), "0.000"), Ordering::Equal);
        assert_eq!(compared(&sent(&[0, 0, 0xC000, 0]), "99999999"), Ordering::Greater);
        assert_eq!(compared(&sent(&[0, 0, 0xF000, 0]), "-99999999"), Ordering::Less);
        assert_eq!(Number::of(&sent(&[9, 0, 0, 0, 1])), None);
    }

    #[test]
    fn integers_are_exact_beyond_what_a_float_holds() {
        let large = Value::int8(9_007_199_254_740_993);
        assert_eq!(compared(&large, "9007199254740992"), Ordering::Greater);
        assert_eq!(compared(&Value::int8(i64::MIN), "-9223372036854775807.5"), Ordering::Less);
        assert_eq!(compared(&Value::new(FLOAT8, 0.5_f64.to_be_bytes().to_vec()), "0.5"), Ordering::Equal);
        assert_eq!(Number::of(&Value::text("5")), None);
    }

    #[test]
    fn numbers_are_written_as_people_do() {
        let written = |words: &[u16]| match Number::of(&sent(words)) {
            Some(Number::Exact(decimal)) => decimal.to_string(),
            other => format!("{other:?}"),
        };
        assert_eq!(written(&[3, 1, 0, 3, 1, 2345, 6780]), "12345.678");
        assert_eq!(written(&[1, 0xFFFF, 0x4000, 2, 500]), "-0.05");
        assert_eq!(written(&[1, 0xFFFE, 0, 8, 7]), "0.00000007");
        assert_eq!(written(&[1, 1, 0, 0, 2]), "20000");
        assert_eq!(written(&[0, 0, 0, 0]), "0");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(n in any::<i64>(), places in 0_u32..9) {
            let literal = format!("{}{}.{:09}", if n < 0 { "-" } else { "" }, n.unsigned_abs() / 10_u64.pow(places), n.unsigned_abs() % 10_u64.pow(places));
            let decimal = Decimal::parse(&literal).expect("a literal");
            prop_assert_eq!(Decimal::parse(&decimal.to_string()), Some(decimal));
        }

        #[test]
        fn exact_numbers_compare_as_their_thousandths(left in -10_000_000_000_i64..10_000_000_000, right in -10_000_000_000_i64..10_000_000_000) {
            let literal = |n: i64| format!("{}{}.{:03}", if n < 0 { "-" } else { "" }, n.abs() / 1000, n.abs() % 1000);
            let read = |n: i64| Number::parse(&literal(n)).expect("a literal");
            prop_assert_eq!(read(left).compare(&read(right)), left.cmp(&right));
            prop_assert_eq!(read(left).compare(&read(left)), Ordering::Equal);
        }

        #[test]
        fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..24), text in "[-0-9.x]{0,12}") {
            let _ = (Number::of(&Value::new(NUMERIC, bytes)), Number::parse(&text));
        }
    }
}
