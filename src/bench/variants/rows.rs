//! Whether two results are the same rows, in whatever order.
//!
//! Rows are compared as a multiset: a row that stands twice on one side must stand twice on the other. Columns are compared by
//! position and by value: the integer 7 is the bigint 7, the numeric 1.0 is 1.00, NULL is NULL and is not the empty text.

use std::collections::HashMap;
use std::fmt;

use crate::db::Value;
use crate::db::number::Number;

/// One value of a result, in the form in which it is compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Cell {
    Null,
    /// An integer or a numeric, without leading and trailing zeros.
    Number(String),
    /// A float as its bits; zero has no sign, and there is one NaN.
    Float(u64),
    /// Everything else, as the server writes it.
    Text(String),
}

/// Floats that differ by less are the same: sums over the same numbers in another order differ in their last digits.
pub const FLOAT_TOLERANCE: f64 = 1e-12;

impl Cell {
    /// An integer or a numeric as the server writes it: `7`, `-0.50`, `NaN`.
    pub fn number(written: &str) -> Cell {
        let (sign, digits) = written.strip_prefix('-').map_or(("", written), |digits| ("-", digits));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        let whole = if whole.is_empty() { "0" } else { whole };
        Cell::Number(match fraction {
            "" if whole == "0" => "0".to_owned(),
            "" => format!("{sign}{whole}"),
            _ => format!("{sign}{whole}.{fraction}"),
        })
    }

    pub fn float(value: f64) -> Cell {
        let value = if value.is_nan() { f64::NAN } else { value + 0.0 };
        Cell::Float(value.to_bits())
    }

    /// A number of any type as the server sends it, a text, JSON without regard to blanks and the order of its keys, true and false; of
    /// all other types the bytes.
    pub fn of(value: &Value) -> Cell {
        let Some(bytes) = &value.bytes else { return Cell::Null };
        match Number::of(value) {
            Some(Number::Exact(decimal)) => return Cell::number(&decimal.to_string()),
            Some(Number::Float(float)) => return Cell::float(float),
            None => {}
        }
        if let Some(json) = json(value) {
            return Cell::Text(ordered(json).to_string());
        }
        match (value.oid, value.as_text()) {
            (_, Some(text)) => Cell::Text(text),
            (BOOL, None) => Cell::Text(if bytes == &[1] { "true" } else { "false" }.to_owned()),
            _ => Cell::Text(bytes.iter().fold("\\x".to_owned(), |hex, byte| hex + &format!("{byte:02x}"))),
        }
    }

    /// The values in a value: itself, or what JSON holds at its leaves. NULL is none.
    pub fn leaves(value: &Value, into: &mut Vec<Cell>) {
        match (json(value), &value.bytes) {
            (Some(json), _) => leaves(&json, into),
            (None, Some(_)) => into.push(Cell::of(value)),
            (None, None) => {}
        }
    }

    fn is_close(&self, other: &Cell) -> bool {
        match (self, other) {
            (Cell::Float(one), Cell::Float(two)) if one != two => {
                let (one, two) = (f64::from_bits(*one), f64::from_bits(*two));
                // Infinities are only themselves: their difference is no finite number.
                (one - two).abs() <= FLOAT_TOLERANCE * one.abs().max(two.abs()) && one.is_finite() && two.is_finite()
            }
            _ => self == other,
        }
    }
}

const BOOL: u32 = 16;
const JSON: u32 = 114;
const JSONB: u32 = 3802;

/// A value that is JSON, as both sides of the wire have it: jsonb is sent with the number of its format in front.
fn json(value: &Value) -> Option<serde_json::Value> {
    let bytes = value.bytes.as_deref()?;
    match value.oid {
        JSON => serde_json::from_slice(bytes).ok(),
        JSONB => serde_json::from_slice(bytes.get(1..)?).ok(),
        _ => None,
    }
}

/// Objects with their keys in order.
fn ordered(json: serde_json::Value) -> serde_json::Value {
    match json {
        serde_json::Value::Object(entries) => {
            let mut entries: Vec<_> = entries.into_iter().map(|(key, value)| (key, ordered(value))).collect();
            entries.sort_by(|one, two| one.0.cmp(&two.0));
            serde_json::Value::Object(entries.into_iter().collect())
        }
        serde_json::Value::Array(items) => serde_json::Value::Array(items.into_iter().map(ordered).collect()),
        other => other,
    }
}

fn leaves(json: &serde_json::Value, into: &mut Vec<Cell>) {
    match json {
        serde_json::Value::Null => {}
        serde_json::Value::Bool(truth) => into.push(Cell::Text(truth.to_string())),
        serde_json::Value::Number(number) => into.push(json_number(&number.to_string())),
        serde_json::Value::String(text) => into.push(Cell::Text(text.clone())),
        serde_json::Value::Array(items) => items.iter().for_each(|item| leaves(item, into)),
        serde_json::Value::Object(entries) => entries.values().for_each(|value| leaves(value, into)),
    }
}

/// Large and small numbers of JSON come back with an exponent.
fn json_number(written: &str) -> Cell {
    match written.contains(['e', 'E']) {
        true => Cell::float(written.parse().unwrap_or(f64::NAN)),
        false => Cell::number(written),
    }
}

/// As people write it, cut where it is long.
impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 40;
        match self {
            Cell::Null => f.write_str("NULL"),
            Cell::Number(number) => f.write_str(number),
            Cell::Float(bits) => write!(f, "{}", f64::from_bits(*bits)),
            Cell::Text(text) => match text.char_indices().nth(LONGEST) {
                Some((end, _)) => write!(f, "'{}…'", &text[..end]),
                None => write!(f, "'{text}'"),
            },
        }
    }
}

/// How two results compare.
#[derive(Debug, Clone, PartialEq)]
pub enum Sameness {
    /// The same rows in the same order.
    InOrder,
    /// The same rows, in another order.
    Reordered,
    /// A row of each side that the other lacks, where there is one.
    Different { own: Option<Vec<Cell>>, variant: Option<Vec<Cell>> },
}

/// Compares all rows of two results.
pub fn compare(own: &[Vec<Cell>], variant: &[Vec<Cell>]) -> Sameness {
    if own.len() == variant.len() && own.iter().zip(variant).all(|(one, two)| close(one, two)) {
        return Sameness::InOrder;
    }
    let mut surplus: HashMap<&[Cell], i64> = HashMap::new();
    own.iter().for_each(|row| *surplus.entry(row).or_default() += 1);
    variant.iter().for_each(|row| *surplus.entry(row).or_default() -= 1);
    let missing_of_variant = left_over(own, &surplus, 1);
    let mut missing_of_own = left_over(variant, &surplus, -1);
    // What is left differs, or only in the last digits of its floats.
    for row in missing_of_variant {
        match missing_of_own.iter().position(|other| close(row, other)) {
            Some(place) => drop(missing_of_own.swap_remove(place)),
            None => {
                return Sameness::Different { own: Some(row.to_vec()), variant: missing_of_own.first().map(|row| row.to_vec()) };
            }
        }
    }
    match missing_of_own.first() {
        Some(row) => Sameness::Different { own: None, variant: Some(row.to_vec()) },
        None => Sameness::Reordered,
    }
}

/// The rows that this side has more often than the other, as often as it has them more, in their order.
fn left_over<'a>(rows: &'a [Vec<Cell>], surplus: &HashMap<&[Cell], i64>, side: i64) -> Vec<&'a [Cell]> {
    let mut left = surplus.clone();
    let mut found = Vec::new();
    for row in rows {
        if let Some(count) = left.get_mut(row.as_slice()).filter(|count| **count * side > 0) {
            *count -= side;
            found.push(row.as_slice());
        }
    }
    found
}

fn close(one: &[Cell], two: &[Cell]) -> bool {
    one.len() == two.len() && one.iter().zip(two).all(|(one, two)| one.is_close(two))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(cells: &[Cell]) -> Vec<Vec<Cell>> {
        cells.iter().map(|cell| vec![cell.clone()]).collect()
    }

    fn numbers(written: &[&str]) -> Vec<Vec<Cell>> {
        rows(&written.iter().map(|number| Cell::number(number)).collect::<Vec<_>>())
    }

    #[test]
    fn order_does_not_matter_and_is_told() {
        assert_eq!(compare(&numbers(&["1", "2"]), &numbers(&["1", "2"])), Sameness::InOrder);
        assert_eq!(compare(&numbers(&["1", "2"]), &numbers(&["2", "1"])), Sameness::Reordered);
        assert_eq!(compare(&[], &[]), Sameness::InOrder);
    }

    #[test]
    fn a_row_counts_as_often_as_it_stands_there() {
        let difference = compare(&numbers(&["1", "1", "2"]), &numbers(&["2", "2", "1"]));
        let expected = Sameness::Different { own: Some(vec![Cell::number("1")]), variant: Some(vec![Cell::number("2")]) };
        assert_eq!(difference, expected);
        assert_eq!(
            compare(&numbers(&["1"]), &numbers(&["1", "1"])),
            Sameness::Different { own: None, variant: Some(vec![Cell::number("1")]) }
        );
    }

    #[test]
    fn the_scale_of_a_number_is_not_its_value() {
        for (one, two) in [("1.0", "1.00"), ("7", "7.0"), ("-0.50", "-0.5"), ("-0.0", "0"), ("100", "100.00")] {
            assert_eq!(Cell::number(one), Cell::number(two));
        }
        assert_ne!(Cell::number("100"), Cell::number("1"));
        assert_ne!(Cell::number("-1"), Cell::number("1"));
    }

    #[test]
    fn null_is_null_and_nothing_else() {
        assert_eq!(compare(&rows(&[Cell::Null]), &rows(&[Cell::Null])), Sameness::InOrder);
        assert!(matches!(compare(&rows(&[Cell::Null]), &rows(&[Cell::Text(String::new())])), Sameness::Different { .. }));
    }

    #[test]
    fn floats_may_differ_in_their_last_digits() {
        let sum = 0.1 + 0.2;
        let (own, variant) = (rows(&[Cell::float(sum), Cell::float(5.0)]), rows(&[Cell::float(5.0), Cell::float(0.3)]));
        assert_eq!(compare(&own, &variant), Sameness::Reordered);
        assert!(matches!(compare(&rows(&[Cell::float(1.0)]), &rows(&[Cell::float(1.000001)])), Sameness::Different { .. }));
        assert!(matches!(compare(&rows(&[Cell::float(1.0)]), &rows(&[Cell::float(f64::INFINITY)])), Sameness::Different { .. }));
        assert_eq!(Cell::float(-0.0), Cell::float(0.0));
        assert_eq!(Cell::float(f64::NAN), Cell::float(-f64::NAN));
    }

    #[test]
    fn values_of_the_server_are_read_by_what_they_mean() {
        let json = |text: &str| Value::new(JSON, text.as_bytes().to_vec());
        let jsonb = |text: &str| Value::new(JSONB, [&[1], text.as_bytes()].concat());
        assert_eq!(Cell::of(&Value::int8(-70)), Cell::number("-70"));
        assert_eq!(Cell::of(&Value::new(1700, [1, 0, 0, 2, 3].iter().flat_map(|word: &u16| word.to_be_bytes()).collect())), {
            // One digit, weight 0, sign 0, scale 2: 3.00.
            Cell::number("3")
        });
        assert_eq!(Cell::of(&json(r#"{"b": 1,"a": [true]}"#)), Cell::of(&jsonb(r#"{"a":[true],"b":1}"#)));
        assert_ne!(Cell::of(&json(r#"{"a": 1}"#)), Cell::of(&json(r#"{"a": 2}"#)));
        assert_eq!(Cell::of(&Value::new(BOOL, vec![1])), Cell::Text("true".into()));
        assert_eq!(Cell::of(&Value::new(1082, vec![0, 17])).to_string(), r"'\x0011'");
        assert_eq!(Cell::of(&Value::null(25)), Cell::Null);
    }

    #[test]
    fn leaves_are_the_same_in_columns_and_in_json() {
        let mut nested = Vec::new();
        let json = r#"{"count": 3, "of": [{"name": "Fit", "value": 3.50}, {"name": null}]}"#;
        Cell::leaves(&Value::new(JSON, json.as_bytes().to_vec()), &mut nested);
        let mut flat = Vec::new();
        let rating = [1_u16, 0, 0, 1, 3].iter().flat_map(|word| word.to_be_bytes()).collect();
        for value in [Value::int8(3), Value::text("Fit"), Value::new(1700, rating), Value::null(20)] {
            Cell::leaves(&value, &mut flat);
        }
        assert_eq!(nested, [Cell::number("3"), Cell::Text("Fit".into()), Cell::number("3.5")]);
        assert_eq!(flat, [Cell::number("3"), Cell::Text("Fit".into()), Cell::number("3")]);
    }

    #[test]
    fn another_number_of_columns_is_a_difference() {
        let own = vec![vec![Cell::number("1"), Cell::Null]];
        assert!(matches!(compare(&own, &numbers(&["1"])), Sameness::Different { .. }));
    }
}
