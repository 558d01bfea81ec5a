//! What a seeding made: tables, asked and got, then the whole in a few lines.

use super::super::model::{SeedPhases, SeedRun, SeededTable};
use super::Screen;
use super::grid::{Grid, Paint, number, text, word};
use super::seed_files::files;
use super::seed_shapes::{checks, columns, fanouts, off};
use super::sheet::wrap;
use crate::units::{self, bytes, count, figure};

/// All of it: tables, fan-outs, claims and what is off; with `all_columns` every column.
pub fn seed_text(seed: &SeedRun, all_columns: bool, screen: Screen) -> String {
    let parts = [
        seed_table(seed, screen),
        files(seed, screen),
        fanouts(seed, screen),
        if all_columns { columns(seed, screen) } else { String::new() },
        off(seed, screen),
        checks(seed, screen),
        summary(seed, screen),
    ];
    let text = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n");
    // Of one width, so that columns stay where they are.
    if screen.ascii { text.replace(['…', '±'], "~") } else { text }
}

/// Table, rule, rows asked and got, size with indexes and seconds of its work, and what is missing or too many; the sum below when
/// there are several tables.
pub fn seed_table(seed: &SeedRun, screen: Screen) -> String {
    let columns = vec![
        text("table"),
        text("rule"),
        number("asked", 0),
        number("got", 0),
        number("size", 1),
        number("indexes", 3),
        number("s", 2),
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
            (some_bytes(table.index_bytes), Paint::Plain),
            (figure(table.seconds), Paint::Plain),
            (difference(table), paint),
        ]);
    }
    if seed.tables.len() > 1 {
        let sum = |of: fn(&SeededTable) -> u64| seed.tables.iter().fold(0u64, |sum, table| sum.saturating_add(of(table)));
        grid.row(vec![
            "all".to_owned(),
            String::new(),
            count(sum(|t| t.asked)),
            count(sum(|t| t.rows)),
            bytes(sum(|t| t.bytes)),
            some_bytes(sum(|t| t.index_bytes)),
        ]);
    }
    grid.render(screen)
}

fn some_bytes(n: u64) -> String {
    if n == 0 { String::new() } else { bytes(n) }
}

fn difference(table: &SeededTable) -> String {
    match table.rows.cmp(&table.asked) {
        std::cmp::Ordering::Equal => String::new(),
        std::cmp::Ordering::Greater => format!("{} too many", count(table.rows - table.asked)),
        std::cmp::Ordering::Less => format!("{} missing", count(table.asked - table.rows)),
    }
}

/// Time and rate, where the time went, the log, the hash.
fn summary(seed: &SeedRun, screen: Screen) -> String {
    let rate = match seed.rows_per_second {
        rate if rate.is_finite() && rate >= 1.0 => format!(", {} rows/s", units::amount(rate)),
        _ => String::new(),
    };
    let made = if seed.reused { "found in place; made in" } else { "made in" };
    let mut lines = vec![format!("{} {made} {}{rate}", units::counted(seed.rows, "row", "rows"), units::seconds(seed.seconds))];
    lines.extend(phases(&seed.phases));
    if let Some(wal) = &seed.wal {
        let written = wal.bytes.map_or(String::new(), |n| format!("{}; ", bytes(n)));
        lines.push(format!("log: {written}{}", wal.note));
    }
    if let Some(why) = &seed.not_a_prefix {
        lines.push(format!("the rows of scale 1 are not the first of these: {why}"));
    }
    lines.push(format!("hash {}, seed {}, scale {}", seed.hash, seed.seed, seed.scale));
    lines.iter().flat_map(|line| wrap(&units::printable(line), screen.width)).collect::<Vec<_>>().join("\n")
}

fn phases(phases: &SeedPhases) -> Option<String> {
    let all = [
        ("preparing", phases.preparing),
        ("rows", phases.rows),
        ("keys", phases.keys),
        ("foreign keys", phases.foreign_keys),
        ("VACUUM", phases.vacuum),
        ("counts", phases.counts),
    ];
    let told: Vec<String> =
        all.iter().filter(|(_, s)| *s >= 0.0005).map(|(name, s)| format!("{name} {}", units::seconds(*s))).collect();
    (!told.is_empty()).then(|| format!("sessions' time: {}", told.join(", ")))
}
