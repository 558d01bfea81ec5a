//! The data: its model, how many rows each table got and why, and the shape of what hangs on what.

use super::super::model::{DataModel, ExpectedRows, SeedRun, SeededTable};
use super::data_seen::{checks, columns, shapes};
use super::diagram::diagram;
use super::table::{Lean, Table};
use super::text::{embedded, fold, paragraphs, plain, prose};
use super::{Page, Section, joined};
use crate::units::{self, count};

pub(super) fn section(page: &Page) -> Option<Section> {
    let run = page.run;
    let mut blocks: Vec<String> = run.scenario.about.iter().map(|about| embedded(about)).collect();
    if !run.model.tables.is_empty() {
        blocks.push(diagram(&run.model));
        blocks.extend(dotted(&run.model));
        blocks.push(own_indexes(&run.model));
    }
    if let Some(seed) = &run.seed {
        blocks.extend([seed.because.as_deref().map(paragraphs).unwrap_or_default(), counts(seed), totals(seed)]);
        blocks.push(seed.expected.as_ref().map(expectation).unwrap_or_default());
        blocks.extend([checks(seed), shapes(seed), columns(seed), log(seed)]);
    }
    let body = joined(&blocks);
    (!body.is_empty()).then_some(Section { title: "The data", body })
}

/// What the dotted lines of the diagram mean, when there are any.
fn dotted(model: &DataModel) -> Option<String> {
    let hidden: Vec<String> = model
        .relations
        .iter()
        .filter(|relation| relation.on_delete.is_none())
        .map(|relation| format!("{}.{}", relation.table, relation.columns.join(", ")))
        .map(|reference| plain(&reference))
        .collect();
    match hidden.len() {
        0 => None,
        1 => Some(format!(
            "The dotted line is a reference that only the scenario knows; the schema declares no foreign key on {}.",
            hidden[0]
        )),
        _ => Some(format!(
            "Dotted lines are references that only the scenario knows; the schema declares no foreign key on {}.",
            units::listed(&hidden)
        )),
    }
}

fn own_indexes(model: &DataModel) -> String {
    let indexes: Vec<&str> = model.tables.iter().flat_map(|table| &table.indexes).map(String::as_str).collect();
    match indexes.len() {
        0 => "Apart from its keys, the schema has no index.".to_owned(),
        n => fold(
            &format!("Apart from its keys, the schema has {}", units::counted_in_words(n, "index", "indexes")),
            &super::text::block(
                "sql",
                &indexes.iter().map(|index| format!("{};", index.trim_end_matches(';'))).collect::<Vec<_>>().join("\n"),
            ),
        ),
    }
}

fn counts(seed: &SeedRun) -> String {
    let explained = seed.tables.iter().any(|table| table.because.is_some());
    let mut columns = vec![
        ("table", Lean::Left),
        ("rule", Lean::Left),
        ("asked", Lean::Right),
        ("got", Lean::Right),
        ("size", Lean::Right),
        ("seconds", Lean::Right),
    ];
    if explained {
        columns.push(("why", Lean::Left));
    }
    let mut table = Table::new(columns);
    for seeded in &seed.tables {
        let mut row = vec![
            plain(&seeded.name),
            plain(&seeded.rule),
            count(seeded.asked),
            count(seeded.rows),
            units::bytes(seeded.bytes),
            units::figure(seeded.seconds),
        ];
        if explained {
            row.push(seeded.because.as_deref().map(prose).unwrap_or_default());
        }
        table.row(row);
    }
    table.render()
}

/// Rows in all, whether they are what was asked for, and how long they took.
fn totals(seed: &SeedRun) -> String {
    let bytes = seed.tables.iter().fold(0u64, |sum, table| sum.saturating_add(table.bytes));
    let made = format!("{} in all, {}", units::counted(seed.rows, "row", "rows"), units::bytes(bytes));
    let off: Vec<String> = seed.tables.iter().filter(|table| table.rows != table.asked).map(difference).collect();
    let exact = match (seed.tables.len(), off.as_slice()) {
        (0, _) => String::new(),
        (1, []) => " The table got exactly what was asked.".to_owned(),
        (_, []) => " Every table got exactly what was asked.".to_owned(),
        (_, off) => format!(" Not as asked: {}.", units::listed(off)),
    };
    let rate = seed.rows as f64 / seed.seconds;
    let pace =
        if rate.is_finite() && rate >= 1.0 { format!(" ({} rows per second)", units::amount(rate)) } else { String::new() };
    let time = units::seconds(seed.seconds);
    let when = match seed.reused {
        true => format!(
            "They were found in place, unchanged, from an earlier run that made them in {time}{pace}, keys and statistics included."
        ),
        false => format!("They were made in {time}{pace}, keys and statistics included."),
    };
    let apart = seed.not_a_prefix.as_deref().map_or(String::new(), |why| {
        format!(" The rows of scale 1 are not the first of these: {}.", plain(why.trim_end_matches('.')))
    });
    format!("{made}.{exact} {when}{apart}")
}

/// What the load wrote to the server's log.
fn log(seed: &SeedRun) -> String {
    let Some(wal) = &seed.wal else { return String::new() };
    let written = wal.bytes.map_or(String::new(), |n| format!("{} of log were written: ", units::bytes(n)));
    format!(
        "{}{}.",
        units::capitalized(&written),
        if written.is_empty() { units::capitalized(&plain(&wal.note)) } else { plain(&wal.note) }
    )
}

fn difference(table: &SeededTable) -> String {
    let far = table.rows.abs_diff(table.asked);
    let way = if table.rows > table.asked { "more" } else { "fewer" };
    format!("{} ({} {way})", plain(&table.name), units::counted(far, "row", "rows"))
}

fn expectation(expected: &ExpectedRows) -> String {
    let leaving_out = match expected.without.as_slice() {
        [] => String::new(),
        tables => format!(" without {}", units::listed(&tables.iter().map(|name| plain(name)).collect::<Vec<_>>())),
    };
    let got = match expected.got {
        got if got == expected.total_rows => "exactly that many were made".to_owned(),
        got => {
            let way = if got > expected.total_rows { "more" } else { "fewer" };
            format!("{} were made, {} {way}", count(got), count(got.abs_diff(expected.total_rows)))
        }
    };
    format!("The scenario expects {}{leaving_out}; {got}.", units::counted(expected.total_rows, "row", "rows"))
}
