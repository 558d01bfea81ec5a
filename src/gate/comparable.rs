//! May two sides be compared at all?

use crate::report::model::ci::{Baseline, RowsSeen};
use crate::report::model::{Environment, SeedRun};

/// What stands between two sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rows {
    Same,
    /// As many rows in every table that both have, but not the very same: a column more, another distribution.
    OtherValues,
    /// Other numbers of rows, in words.
    OtherCounts(String),
}

/// What a seeding made, as a baseline has it.
pub fn rows_seen(seeded: &SeedRun) -> RowsSeen {
    RowsSeen {
        hash: seeded.hash.clone(),
        seed: seeded.seed,
        scale: seeded.scale,
        rows: seeded.tables.iter().map(|table| (table.name.clone(), table.rows)).collect(),
    }
}

/// Holds the rows of two sides against each other.
pub fn rows(before: &RowsSeen, after: &RowsSeen) -> Rows {
    if before.hash == after.hash {
        return Rows::Same;
    }
    if before.scale != after.scale {
        return Rows::OtherCounts(format!("scale {} → {}", before.scale, after.scale));
    }
    if before.seed != after.seed {
        return Rows::OtherCounts(format!("seed {} → {}", before.seed, after.seed));
    }
    let both = before.rows.iter().filter_map(|(table, from)| Some((table, from, after.rows.get(table)?)));
    let other = both.filter(|(_, from, to)| from != to).map(|(table, from, to)| format!("{table} {from} → {to} rows"));
    let other: Vec<String> = other.collect();
    if other.is_empty() { Rows::OtherValues } else { Rows::OtherCounts(other.join(", ")) }
}

/// Major version of a server: 15 of `15.18 (Debian …)`.
pub fn major(environment: &Environment) -> u32 {
    let digits: String = environment.server_version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

/// Why a stored baseline cannot be held against this run, in words; empty when it can.
pub fn refusals(baseline: &Baseline, scenario: &str, after: &RowsSeen, environment: &Environment) -> Vec<String> {
    let mut found = Vec::new();
    if baseline.scenario != scenario {
        found.push(format!("it is of the scenario `{}`, this is `{scenario}`", baseline.scenario));
    }
    if baseline.server_major != major(environment) {
        found.push(format!(
            "it was written on PostgreSQL {}, which plans otherwise than {}",
            baseline.server_major,
            major(environment)
        ));
    }
    if let Rows::OtherCounts(said) = rows(&baseline.data, after) {
        found.push(format!("it was written on other rows: {said}"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(hash: &str, users: u64) -> RowsSeen {
        RowsSeen { hash: hash.into(), seed: 42, scale: 1.0, rows: [("users".to_owned(), users)].into() }
    }

    #[test]
    fn a_column_more_is_another_value_and_a_row_more_is_another_count() {
        assert_eq!(rows(&seen("a", 3), &seen("a", 3)), Rows::Same);
        assert_eq!(rows(&seen("a", 3), &seen("b", 3)), Rows::OtherValues);
        assert_eq!(rows(&seen("a", 3), &seen("b", 4)), Rows::OtherCounts("users 3 → 4 rows".into()));
        let mut more = seen("b", 3);
        more.rows.insert("likes".into(), 9);
        assert_eq!(rows(&seen("a", 3), &more), Rows::OtherValues, "a new table takes nothing from the others");
        let scaled = RowsSeen { scale: 2.0, ..seen("b", 6) };
        assert_eq!(rows(&seen("a", 3), &scaled), Rows::OtherCounts("scale 1 → 2".into()));
    }
}
