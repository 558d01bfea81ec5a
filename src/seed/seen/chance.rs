//! Whether asked and got disagree beyond chance.

use crate::report::model::ColumnSeen;
use crate::units;

/// Standard deviations that chance is allowed: beyond five it happens once in 1.7 million columns.
const SIGMAS: f64 = 5.0;

/// True when `got` of `looked_at` rows is no likely outcome of a share `asked`.
fn beyond_chance(asked: f64, got: f64, looked_at: u64) -> bool {
    let n = looked_at as f64;
    // One row of slack: shares of a few rows come in steps.
    (got - asked).abs() * n > SIGMAS * (n * asked * (1.0 - asked)).max(0.0).sqrt() + 1.0
}

/// Where a column's NULLs or listed values are off, in a sentence. `sampled` of its `rows` were looked at.
pub fn off(column: &ColumnSeen, nulls_asked: f64, rows: u64, sampled: u64) -> Option<String> {
    let nulls = column.nulls as f64 / (rows.max(1)) as f64;
    let mut wrong = Vec::new();
    if beyond_chance(nulls_asked, nulls, sampled) && (nulls_asked > 0.0 || !column.shares.is_empty()) {
        wrong.push(format!("null in {} of the rows rather than {}", units::percent(nulls), units::percent(nulls_asked)));
    }
    let filled = ((1.0 - nulls) * sampled as f64).round() as u64;
    for share in column.shares.iter().filter(|share| beyond_chance(share.asked, share.got, filled)) {
        wrong.push(format!("`{}` {} rather than {}", share.value, units::percent(share.got), units::percent(share.asked)));
    }
    (!wrong.is_empty()).then(|| wrong.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::ShareSeen;

    #[test]
    fn chance_is_told_from_mistake() {
        // 5% of 10,000: one sigma is 21.8 rows.
        assert!(!beyond_chance(0.05, 0.0599, 10_000));
        assert!(beyond_chance(0.05, 0.0615, 10_000));
        assert!(!beyond_chance(0.5, 1.0, 2), "two rows say nothing");
        assert!(beyond_chance(0.0, 0.01, 1000) && !beyond_chance(1.0, 1.0, 1000));
    }

    #[test]
    fn what_is_off_is_named() {
        let share = |value: &str, asked, got| ShareSeen { value: value.into(), asked, got };
        let column = ColumnSeen { nulls: 200, shares: vec![share("a", 0.8, 0.6), share("b", 0.2, 0.2)], ..ColumnSeen::default() };
        let said = off(&column, 0.05, 1000, 1000).unwrap();
        assert_eq!(said, "null in 20% of the rows rather than 5%, `a` 60% rather than 80%");
        assert_eq!(off(&ColumnSeen { nulls: 52, ..ColumnSeen::default() }, 0.05, 1000, 1000), None);
    }
}
