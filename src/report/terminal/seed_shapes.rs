//! What a seeding made, looked at closely: fan-outs, columns, claims.

use super::super::model::{CheckSeen, ColumnSeen, SeedRun};
use super::super::sparkline::sparkline;
use super::Screen;
use super::grid::{Grid, Paint, number, spare_text, text, word};
use crate::units::{self, amount, count};

/// Characters of a smallest or largest value in a table.
const MOST_CHARS: usize = 22;

/// Per reference: how many rows hang on each parent.
pub(super) fn fanouts(seed: &SeedRun, screen: Screen) -> String {
    let mut grid = Grid::new(vec![
        text("rows per"),
        word("parent", 4),
        spare_text("asked", 3),
        word("shape", 1),
        number("none", 5),
        number("mean", 2),
        number("p50", 0),
        number("p99", 0),
        number("max", 0),
    ]);
    let mut any = false;
    for table in &seed.tables {
        for seen in &table.fanouts {
            any = true;
            grid.row(vec![
                format!("{}.{}", table.name, seen.column),
                seen.parent.clone(),
                seen.asked.clone().unwrap_or_default(),
                sparkline(&seen.histogram, screen.ascii),
                if seen.without > 0 { count(seen.without) } else { String::new() },
                amount(seen.mean),
                count(seen.p50),
                count(seen.p99),
                count(seen.max),
            ]);
        }
    }
    if any { grid.render(screen) } else { String::new() }
}

/// Every column that the server could say something of.
pub(super) fn columns(seed: &SeedRun, screen: Screen) -> String {
    let mut grid =
        Grid::new(vec![text("column"), text("asked"), number("null", 0), number("distinct", 0), word("min", 2), word("max", 2)]);
    let mut estimated = false;
    for table in &seed.tables {
        for column in &table.columns {
            estimated |= column.estimated;
            let paint = if column.off.is_some() { Paint::Bad } else { Paint::Plain };
            grid.painted(vec![
                (format!("{}.{}", table.name, column.name), paint),
                (column.asked.clone().unwrap_or_default(), Paint::Plain),
                (nulls(column, table.rows), Paint::Plain),
                (column.distinct.map_or_else(String::new, |n| about(column, count(n))), Paint::Plain),
                (end(column.min.as_deref()), Paint::Plain),
                (end(column.max.as_deref()), Paint::Plain),
            ]);
        }
    }
    if seed.tables.iter().all(|table| table.columns.is_empty()) {
        return String::new();
    }
    let note = if estimated { "\n~ from ANALYZE's sample of the rows" } else { "" };
    format!("{}{note}", grid.render(screen))
}

fn nulls(column: &ColumnSeen, rows: u64) -> String {
    if column.nulls == 0 && column.nulls_asked.is_none() {
        return String::new();
    }
    about(column, units::percent(column.nulls as f64 / rows.max(1) as f64))
}

fn about(column: &ColumnSeen, figure: String) -> String {
    if column.estimated { format!("~{figure}") } else { figure }
}

fn end(value: Option<&str>) -> String {
    let value = units::printable(value.unwrap_or_default());
    match value.char_indices().nth(MOST_CHARS) {
        Some((at, _)) => format!("{}…", &value[..at]),
        None => value,
    }
}

/// Columns where asked and got disagree beyond chance.
pub(super) fn off(seed: &SeedRun, screen: Screen) -> String {
    let mut grid = Grid::new(vec![text("not as asked"), text("")]);
    let mut any = false;
    for table in &seed.tables {
        for column in &table.columns {
            if let Some(off) = &column.off {
                any = true;
                grid.painted(vec![(format!("{}.{}", table.name, column.name), Paint::Bad), (off.clone(), Paint::Plain)]);
            }
        }
    }
    if any { grid.render(screen) } else { String::new() }
}

/// Counts and claims that the scenario holds against the data.
pub(super) fn checks(seed: &SeedRun, screen: Screen) -> String {
    let mut grid = Grid::new(vec![text("check"), word("expected", 0), number("got", 0), text("")]);
    for check in &seed.checks {
        let (verdict, paint) = verdict(check);
        grid.painted(vec![
            (check.claim.clone(), Paint::Plain),
            (check.expected(), Paint::Plain),
            (check.got_text(), paint),
            (verdict, paint),
        ]);
    }
    if seed.checks.is_empty() { String::new() } else { grid.render(screen) }
}

fn verdict(check: &CheckSeen) -> (String, Paint) {
    match (check.held, &check.error) {
        (_, Some(error)) => (error.clone(), Paint::Bad),
        (Some(true), None) => ("holds".to_owned(), Paint::Good),
        (Some(false), None) => ("does not hold".to_owned(), Paint::Bad),
        (None, None) => ("speaks of the data unscaled".to_owned(), Paint::Faint),
    }
}
