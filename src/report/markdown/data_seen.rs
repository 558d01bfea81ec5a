//! The data looked at closely: shapes, columns, claims.

use super::super::model::{CheckSeen, ColumnSeen, SeedRun};
use super::super::sparkline::sparkline;
use super::table::{Lean, Table};
use super::text::{code, fold, plain, prose, shortened};
use crate::units::{self, amount, count};

/// Longer tables are folded.
const SHOWN: usize = 6;
/// Characters of what was asked for; the table of the columns has all of it.
const ASKED_SHOWN: usize = 30;

/// How many children the parents have, per reference.
pub(super) fn shapes(seed: &SeedRun) -> String {
    let columns = [
        ("rows of", Lean::Left),
        ("per", Lean::Left),
        ("asked", Lean::Left),
        ("shape", Lean::Left),
        ("parents with any", Lean::Right),
        ("mean", Lean::Right),
        ("p50", Lean::Right),
        ("p99", Lean::Right),
        ("max", Lean::Right),
    ];
    let mut table = Table::new(columns);
    for seeded in &seed.tables {
        for seen in &seeded.fanouts {
            table.row([
                plain(&seeded.name),
                format!("{} ({})", plain(&seen.parent), plain(&seen.column)),
                seen.asked.as_deref().map(|asked| plain(&shortened(asked, ASKED_SHOWN))).unwrap_or_default(),
                sparkline(&seen.histogram, false).replace(' ', "\u{2005}"),
                match seen.without {
                    0 => count(seen.parents),
                    without => format!("{} of {}", count(seen.parents), count(seen.parents.saturating_add(without))),
                },
                amount(seen.mean),
                count(seen.p50),
                count(seen.p99),
                count(seen.max),
            ]);
        }
    }
    match table.len() {
        0 => String::new(),
        n if n > SHOWN => fold(&format!("How many rows hang on each parent: {n} references, as counted"), &table.render()),
        _ => format!("How many rows hang on each parent, as counted:\n\n{}", table.render()),
    }
}

/// Every column, folded, and before it those that are not as asked.
pub(super) fn columns(seed: &SeedRun) -> String {
    let mut table = Table::new([
        ("column", Lean::Left),
        ("asked", Lean::Left),
        ("null", Lean::Right),
        ("distinct", Lean::Right),
        ("smallest", Lean::Left),
        ("largest", Lean::Left),
    ]);
    let (mut estimated, mut off) = (false, Vec::new());
    for seeded in &seed.tables {
        for column in &seeded.columns {
            estimated |= column.estimated;
            let name = format!("{}.{}", seeded.name, column.name);
            off.extend(column.off.as_ref().map(|off| format!("- {}: {}\n", plain(&name), prose(off))));
            table.row([
                plain(&name),
                column.asked.as_deref().map(plain).unwrap_or_default(),
                nulls(column, seeded.rows),
                column.distinct.map_or_else(String::new, |n| about(column, count(n))),
                column.min.as_deref().map(code).unwrap_or_default(),
                column.max.as_deref().map(code).unwrap_or_default(),
            ]);
        }
    }
    if table.len() == 0 {
        return String::new();
    }
    let note = if estimated { "\n~ from the sample of the rows that ANALYZE takes.\n" } else { "" };
    let told = fold(
        &format!("{} columns: NULLs, distinct values, smallest and largest", count(table.len() as u64)),
        &format!("{}{note}", table.render()),
    );
    match off.as_slice() {
        [] => told,
        off => format!("Not as asked, beyond chance:\n\n{}\n{told}", off.concat()),
    }
}

fn nulls(column: &ColumnSeen, rows: u64) -> String {
    match column.nulls {
        0 if column.nulls_asked.is_none() => String::new(),
        nulls => about(column, units::percent(nulls as f64 / rows.max(1) as f64)),
    }
}

fn about(column: &ColumnSeen, figure: String) -> String {
    if column.estimated { format!("~{figure}") } else { figure }
}

/// Counts and claims that the scenario holds against the data.
pub(super) fn checks(seed: &SeedRun) -> String {
    let columns = [("claim", Lean::Left), ("expected", Lean::Right), ("got", Lean::Right), ("verdict", Lean::Left)];
    let mut table = Table::new(columns);
    for check in &seed.checks {
        table.row([prose(&check.claim), check.expected(), check.got_text(), verdict(check)]);
    }
    match table.len() {
        0 => String::new(),
        _ => format!("What the scenario claims of its data, asked of the server:\n\n{}", table.render()),
    }
}

fn verdict(check: &CheckSeen) -> String {
    match (check.held, &check.error) {
        (_, Some(error)) => format!("**failed:** {}", plain(error)),
        (Some(true), None) => "holds".to_owned(),
        (Some(false), None) => "**does not hold**".to_owned(),
        (None, None) => "speaks of the data unscaled".to_owned(),
    }
}
