//! Whether two results are the same rows, in whatever order.
//!
//! Rows are compared as a multiset: a row that stands twice on one side must stand twice on the other. Columns are compared by
//! position and by value: the integer 7 is the bigint 7, the numeric 1.0 is 1.00, NULL is NULL and is not the empty text.

use std::collections::HashMap;

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
    fn another_number_of_columns_is_a_difference() {
        let own = vec![vec![Cell::number("1"), Cell::Null]];
        assert!(matches!(compare(&own, &numbers(&["1"])), Sameness::Different { .. }));
    }
}
