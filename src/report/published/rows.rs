//! How many rows there were, as published and here.

use super::super::model::{Published, PublishedRows, Run};
use crate::units;

/// A published count with ours.
pub struct RowsBeside<'a> {
    pub published: &'a PublishedRows,
    /// `None` when nothing was seeded.
    pub here: Option<u64>,
}

/// All of them, in the order of the scenario. The count of all tables is compared with that of the tables that were published by name, or
/// of everything when none was: whoever published it did not count the others.
pub fn rows<'a>(run: &Run, published: &'a Published) -> Vec<RowsBeside<'a>> {
    let seed = run.seed.as_ref();
    let of_table = |name: &str| seed?.tables.iter().find(|table| same(&table.name, name)).map(|table| table.rows);
    let mut named: Vec<&str> = published.rows.iter().filter_map(|rows| rows.table.as_deref()).collect();
    named.sort_unstable();
    named.dedup();
    let of_all = || match named.is_empty() {
        true => seed.map(|seed| seed.rows),
        false => named.iter().map(|name| of_table(name)).sum(),
    };
    let here = |rows: &PublishedRows| rows.table.as_deref().map_or_else(of_all, of_table);
    published.rows.iter().map(|rows| RowsBeside { published: rows, here: here(rows) }).collect()
}

/// `public.users` and `users` are the same.
fn same(one: &str, other: &str) -> bool {
    let bare = |name: &str| name.strip_prefix("public.").unwrap_or(name).to_owned();
    bare(one) == bare(other)
}

/// What the counts say: one table counted twice, parts that do not make the whole.
pub(super) fn remarks(beside: &[RowsBeside]) -> Vec<String> {
    let mut said = Vec::new();
    let mut counts: Vec<(&str, Vec<u64>)> = Vec::new();
    for rows in beside {
        let Some(table) = rows.published.table.as_deref() else { continue };
        match counts.iter_mut().find(|(name, _)| *name == table) {
            Some((_, counts)) if counts.contains(&rows.published.rows) => {}
            Some((_, counts)) => counts.push(rows.published.rows),
            None => counts.push((table, vec![rows.published.rows])),
        }
    }
    for (table, counts) in counts.iter().filter(|(_, counts)| counts.len() > 1) {
        let numbers: Vec<String> = counts.iter().map(|rows| units::count(*rows)).collect();
        let here = beside.iter().find(|rows| rows.published.table.as_deref() == Some(table)).and_then(|rows| rows.here);
        let here =
            here.map_or_else(String::new, |here| format!(" Here there are {}, counted after the load.", units::count(here)));
        said.push(format!("The source contradicts itself: it gives {table} {} rows.{here}", units::listed(&numbers)));
    }
    said.extend(sum(beside, counts.iter().any(|(_, counts)| counts.len() > 1)));
    said.extend(size(beside));
    said
}

/// Whether the tables add up to the total, where both are given once.
fn sum(beside: &[RowsBeside], contradicted: bool) -> Option<String> {
    let total = beside.iter().find(|rows| rows.published.table.is_none())?.published.rows;
    let tables: Vec<u64> = beside.iter().filter(|rows| rows.published.table.is_some()).map(|rows| rows.published.rows).collect();
    if contradicted || tables.is_empty() {
        return None;
    }
    let sum: u64 = tables.iter().sum();
    let of = units::counted(tables.len() as u64, "table", "tables");
    Some(match sum == total {
        true => format!("The rows of the {of} add up to the total given, {}.", units::count(total)),
        false => format!(
            "The rows of the {of} add up to {}, not to the {} given as their total.",
            units::count(sum),
            units::count(total)
        ),
    })
}

/// How the sizes compare, over the tables whose count was published once.
fn size(beside: &[RowsBeside]) -> Option<String> {
    let once = |table: &str| beside.iter().filter(|rows| rows.published.table.as_deref() == Some(table)).count() == 1;
    let single = beside.iter().filter(|rows| rows.published.table.as_deref().is_some_and(once));
    let pairs: Vec<(u64, u64)> = single.filter_map(|rows| Some((rows.published.rows, rows.here?))).collect();
    let (theirs, ours) = pairs.iter().fold((0, 0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
    if theirs == 0 || ours == 0 {
        return None;
    }
    let alike = pairs.iter().all(|(theirs, ours)| theirs == ours);
    Some(match alike {
        true => "Every table whose count is given once holds exactly as many rows here.".to_owned(),
        false => format!(
            "The tables compared hold {} rows here for {} there: times compare less than ratios.",
            units::count(ours),
            units::count(theirs)
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(published: &[(Option<&str>, u64, u64)]) -> Vec<String> {
        let rows: Vec<PublishedRows> = published
            .iter()
            .map(|(table, rows, _)| PublishedRows { table: table.map(str::to_owned), rows: *rows, ..PublishedRows::default() })
            .collect();
        let beside: Vec<RowsBeside> =
            rows.iter().zip(published).map(|(rows, (.., here))| RowsBeside { published: rows, here: Some(*here) }).collect();
        remarks(&beside)
    }

    #[test]
    fn a_table_with_two_counts_is_a_contradiction() {
        let said = of(&[(Some("ledger"), 300_000, 300_000), (Some("ledger"), 500_000, 300_000), (Some("users"), 10, 10)]);
        assert_eq!(
            said,
            [
                "The source contradicts itself: it gives ledger 300,000 and 500,000 rows. Here there are 300,000, counted after the load.",
                "Every table whose count is given once holds exactly as many rows here."
            ]
        );
    }

    #[test]
    fn tables_are_added_up() {
        assert_eq!(
            of(&[(Some("a"), 3, 3), (Some("b"), 4, 4), (None, 7, 7)])[0],
            "The rows of the 2 tables add up to the total given, 7."
        );
        let said = of(&[(Some("a"), 3, 6), (Some("b"), 4, 4), (None, 9, 10)]);
        assert_eq!(said[0], "The rows of the 2 tables add up to 7, not to the 9 given as their total.");
        assert!(said[1].starts_with("The tables compared hold 10 rows here for 7 there"), "{said:?}");
    }
}
