//! Rows asked and got.

use super::super::model::{SeedRun, SeededTable};
use super::Screen;
use super::grid::{Grid, Paint, number, text, word};
use crate::units::{bytes, count, figure};

/// Table, rule, rows asked and got, size and the seconds of its COPY, and what is missing or too many; the sum below when there are
/// several tables.
pub fn seed_table(seed: &SeedRun, screen: Screen) -> String {
    let columns = vec![
        text("table"),
        text("rule"),
        number("asked", 0),
        number("got", 0),
        number("size", 1),
        number("COPY s", 2),
        word("", 0),
    ];
    let mut grid = Grid::new(columns);
    for table in &seed.tables {
        let paint = if table.rows == table.asked { Paint::Plain } else { Paint::Bad };
        grid.painted(vec![
            (table.name.clone(), Paint::Plain),
            (table.rule.clone(), Paint::Plain),
            (count(table.asked), Paint::Plain),
            (count(table.rows), paint),
            (bytes(table.bytes), Paint::Plain),
            (figure(table.seconds), Paint::Plain),
            (difference(table), paint),
        ]);
    }
    if seed.tables.len() > 1 {
        let sum = |of: fn(&SeededTable) -> u64| seed.tables.iter().fold(0u64, |sum, table| sum.saturating_add(of(table)));
        let total = ["all".to_owned(), String::new(), count(sum(|t| t.asked)), count(sum(|t| t.rows)), bytes(sum(|t| t.bytes))];
        grid.row(total.into());
    }
    grid.render(screen)
}

fn difference(table: &SeededTable) -> String {
    match table.rows.cmp(&table.asked) {
        std::cmp::Ordering::Equal => String::new(),
        std::cmp::Ordering::Greater => format!("{} too many", count(table.rows - table.asked)),
        std::cmp::Ordering::Less => format!("{} missing", count(table.asked - table.rows)),
    }
}
