//! What the partitions of a table can hold, from their bounds as the server prints them.
//!
//! A partition becomes one or more [`Part`]s: what each column of its keys may be, all columns at once. Hash partitions and those of a
//! key that is an expression confine nothing (but `date_trunc` of a column divides as the column does). A default partition is left to
//! rows that somebody describes, unless there is no other.

use std::collections::BTreeMap;

use crate::db::catalog::PartitionBound;

/// What a column may be in a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Set {
    /// One of these.
    Listed(Vec<String>),
    /// From a value on, up to another; each with whether it is allowed itself.
    Stretch { low: Option<(String, bool)>, high: Option<(String, bool)> },
}

/// What the columns of a row in a partition may be, by name.
pub type Part = BTreeMap<String, Set>;

/// A value of a bound.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Limit {
    Least,
    Most,
    Null,
    Is(String),
}

/// The parts of a table that undescribed rows may go to; empty when they may go anywhere.
pub fn parts(partitions: &[Vec<PartitionBound>]) -> Vec<Part> {
    let named = |path: &&Vec<PartitionBound>| path.iter().all(|bound| bound.bound != "DEFAULT");
    let chosen: Vec<_> = if partitions.iter().any(|path| named(&path)) {
        partitions.iter().filter(named).collect()
    } else {
        partitions.iter().collect()
    };
    let mut parts: Vec<Part> = Vec::new();
    for part in chosen.into_iter().flat_map(|path| parts_of(path)) {
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    parts
}

/// Level by level: what a partition holds is what it can hold of what its parent does.
fn parts_of(path: &[PartitionBound]) -> Vec<Part> {
    let mut parts = vec![Part::new()];
    for bound in path {
        let below = of_bound(bound);
        parts = parts.iter().flat_map(|part| below.iter().filter_map(|below| both(part, below))).collect();
    }
    parts
}

fn both(one: &Part, other: &Part) -> Option<Part> {
    let mut both = one.clone();
    for (column, set) in other {
        let set = match (both.get(column), set) {
            (Some(Set::Listed(one)), Set::Listed(other)) => {
                let common: Vec<String> = one.iter().filter(|value| other.contains(value)).cloned().collect();
                if common.is_empty() {
                    return None;
                }
                Set::Listed(common)
            }
            // A stretch within a stretch is the narrower one; of a list within a stretch the list.
            (Some(Set::Listed(one)), Set::Stretch { .. }) => Set::Listed(one.clone()),
            (_, set) => set.clone(),
        };
        both.insert(column.clone(), set);
    }
    Some(both)
}

/// One part for a list; one or two for a range over several columns.
fn of_bound(bound: &PartitionBound) -> Vec<Part> {
    let columns: Vec<Option<String>> =
        bound.columns.iter().map(|column| column.clone().or_else(|| truncated(&bound.key))).collect();
    let confining =
        |column: &Option<String>, set: Set| column.iter().map(|column| (column.clone(), set.clone())).collect::<Part>();
    if let Some(list) = bound.bound.strip_prefix("FOR VALUES IN ") {
        let values: Vec<String> = limits(list).0.into_iter().filter_map(Limit::value).collect();
        return match (values.is_empty(), columns.first()) {
            // Only for NULL.
            (true, _) | (_, None) => Vec::new(),
            (false, Some(column)) => vec![confining(column, Set::Listed(values))],
        };
    }
    let Some(range) = bound.bound.strip_prefix("FOR VALUES FROM ") else { return vec![Part::new()] };
    let (low, rest) = limits(range);
    let (high, _) = limits(rest.trim_start().strip_prefix("TO ").unwrap_or_default());
    between(&columns, &low, &high)
}

/// Rows from `low` on, up to but without `high`, compared column by column. The rows that equal `high` in the first column are left
/// out, since what they may be in the others is seldom what one would put there.
fn between(columns: &[Option<String>], low: &[Limit], high: &[Limit]) -> Vec<Part> {
    let (Some(column), [first, lows @ ..], [last, highs @ ..]) = (columns.first(), low, high) else { return vec![Part::new()] };
    let with = |set: Set, part: Part| -> Part { column.iter().map(|column| (column.clone(), set.clone())).chain(part).collect() };
    let exactly =
        |limit: &Limit| limit.clone().value().map_or(Set::Stretch { low: None, high: None }, |value| Set::Listed(vec![value]));
    if first == last {
        return between(&columns[1..], lows, highs).into_iter().map(|part| with(exactly(first), part)).collect();
    }
    let whole = lows.iter().all(|limit| *limit == Limit::Least) || *first == Limit::Least;
    let high = last.clone().value().map(|value| (value, false));
    if whole || column.is_none() {
        return vec![with(Set::Stretch { low: first.clone().value().map(|value| (value, true)), high }, Part::new())];
    }
    let open = vec![Limit::Most; lows.len()];
    let mut parts: Vec<Part> = between(&columns[1..], lows, &open).into_iter().map(|part| with(exactly(first), part)).collect();
    if has_room(first, last) {
        parts.push(with(Set::Stretch { low: first.clone().value().map(|value| (value, false)), high }, Part::new()));
    }
    parts
}

/// Something fits between two whole numbers; of other values something always does.
fn has_room(low: &Limit, high: &Limit) -> bool {
    let number = |limit: &Limit| limit.clone().value().and_then(|value| value.parse::<i64>().ok());
    match (number(low), number(high)) {
        (Some(low), Some(high)) => high.saturating_sub(low) > 1,
        _ => true,
    }
}

impl Limit {
    fn value(self) -> Option<String> {
        match self {
            Limit::Is(value) => Some(value),
            Limit::Least | Limit::Most | Limit::Null => None,
        }
    }
}

/// The column of a key like `RANGE (date_trunc('month'::text, created_at))`, whose partitions begin where a month does.
fn truncated(key: &str) -> Option<String> {
    let (_, arguments) = key.split_once("(date_trunc('")?;
    let (_, column) = arguments.split_once(", ")?;
    let column = column.trim_end_matches(')').split("::").next()?.trim_start_matches('(').trim_end_matches(')');
    let column = column.trim_matches('"');
    column.chars().all(|c| c.is_alphanumeric() || c == '_').then(|| column.to_owned())
}

/// The values in a pair of brackets, and what follows it.
fn limits(text: &str) -> (Vec<Limit>, &str) {
    let mut limits = Vec::new();
    let mut rest = text.trim_start().strip_prefix('(').unwrap_or_default();
    loop {
        rest = rest.trim_start_matches([' ', ',']);
        if rest.is_empty() {
            return (limits, rest);
        }
        if let Some(after) = rest.strip_prefix(')') {
            return (limits, after);
        }
        if let Some(quoted) = rest.strip_prefix('\'') {
            let (value, after) = quoted_value(quoted);
            // A cast behind it changes nothing.
            rest = &after[after.find([',', ')']).unwrap_or(after.len())..];
            limits.push(Limit::Is(value));
            continue;
        }
        let end = rest.find([',', ')']).unwrap_or(rest.len());
        limits.push(match rest[..end].trim() {
            "MINVALUE" => Limit::Least,
            "MAXVALUE" => Limit::Most,
            "NULL" => Limit::Null,
            value => Limit::Is(value.to_owned()),
        });
        rest = &rest[end..];
    }
}

/// Up to the closing quote; a doubled one is one of the value's own.
fn quoted_value(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\'') {
        value.push_str(before);
        match after.strip_prefix('\'') {
            Some(further) => {
                value.push('\'');
                rest = further;
            }
            None => return (value, after),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(columns: &[&str], bound: &str) -> PartitionBound {
        let columns = columns.iter().map(|column| Some((*column).to_owned())).collect();
        PartitionBound { columns, key: String::new(), bound: bound.to_owned() }
    }

    fn listed(values: &[&str]) -> Set {
        Set::Listed(values.iter().map(|value| (*value).to_owned()).collect())
    }

    fn stretch(low: &str, included: bool, high: &str) -> Set {
        let end = |value: &str, included| Some((value.to_owned(), included)).filter(|(value, _)| !value.is_empty());
        Set::Stretch { low: end(low, included), high: end(high, false) }
    }

    fn part(sets: &[(&str, Set)]) -> Part {
        sets.iter().map(|(column, set)| ((*column).to_owned(), set.clone())).collect()
    }

    #[test]
    fn lists_and_ranges_are_read_level_by_level() {
        let eu = bound(&["region"], "FOR VALUES IN ('de', 'côte d''or', NULL)");
        let old = bound(&["at"], "FOR VALUES FROM (MINVALUE) TO ('2025-01-01 00:00:00+00')");
        let new = bound(&["at"], "FOR VALUES FROM ('2025-01-01 00:00:00+00') TO ('2026-01-01 00:00:00+00')");
        let us = bound(&["region"], "FOR VALUES IN ('us')");
        let hash = bound(&["id"], "FOR VALUES WITH (modulus 2, remainder 0)");
        let other = bound(&["region"], "DEFAULT");
        let found = parts(&[vec![eu.clone(), old], vec![eu, new], vec![us.clone(), hash.clone()], vec![us, hash], vec![other]]);
        let region = listed(&["de", "côte d'or"]);
        assert_eq!(
            found,
            [
                part(&[("region", region.clone()), ("at", stretch("", true, "2025-01-01 00:00:00+00"))]),
                part(&[("region", region), ("at", stretch("2025-01-01 00:00:00+00", true, "2026-01-01 00:00:00+00"))]),
                part(&[("region", listed(&["us"]))]),
            ]
        );
    }

    #[test]
    fn a_range_over_two_columns_is_compared_from_the_left() {
        let of = |text: &str| parts(&[vec![bound(&["year", "month"], text)]]);
        assert_eq!(
            of("FOR VALUES FROM (2024, 1) TO (2024, 7)"),
            [part(&[("year", listed(&["2024"])), ("month", stretch("1", true, "7"))])]
        );
        assert_eq!(
            of("FOR VALUES FROM (2024, 7) TO (2026, 1)"),
            [
                part(&[("year", listed(&["2024"])), ("month", stretch("7", true, ""))]),
                part(&[("year", stretch("2024", false, "2026"))]),
            ]
        );
        assert_eq!(
            of("FOR VALUES FROM (2024, MINVALUE) TO (2026, MINVALUE)"),
            [part(&[("year", stretch("2024", true, "2026"))])]
        );
    }

    #[test]
    fn months_of_a_column_divide_as_the_column_does() {
        assert_eq!(truncated("RANGE (date_trunc('month'::text, created_at))").as_deref(), Some("created_at"));
        assert_eq!(truncated("RANGE (lower(name))"), None);
        let other = PartitionBound { columns: vec![None], key: "LIST (lower(name))".into(), bound: "FOR VALUES IN ('a')".into() };
        assert_eq!(parts(&[vec![other]]), [Part::new()]);
    }
}
