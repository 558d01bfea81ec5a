//! `data:`, the rows to make.

use super::fields::{Fields, entries, flag, read, text};
use super::{column, expect, file};
use crate::scenario::error::{Fault, Problems};
use crate::scenario::grammar;
use crate::scenario::model::{Data, Located, Location, Order, Rows, TableSpec};
use crate::scenario::quantity;
use crate::scenario::yaml::{Node, Scalar};

/// 2026-01-01 in microseconds since 1970-01-01 UTC: where generated times end unless `until:` says otherwise.
const UNTIL_US: i64 = 1_767_225_600_000_000;

/// The seed when none is written: any fixed number serves.
const SEED: u64 = 42;

pub fn data(node: &Node, problems: &mut Problems) -> Option<Data> {
    let fields = Fields::described(node, &grammar::DATA, problems)?;
    let seed = fields.get("seed").and_then(|node| read(node, "`seed`", quantity::whole, problems)).unwrap_or(SEED);
    let until_us = fields.get("until").and_then(|node| read(node, "`until`", quantity::moment_us, problems)).unwrap_or(UNTIL_US);
    let locale = fields.get("locale").and_then(|node| super::value::locale(node, problems)).unwrap_or_default();
    let because = because(&fields, problems);
    let rows = fields.get("rows").and_then(|node| read(node, "`rows`", quantity::many, problems));
    let tables = fields.require("tables", problems).and_then(|node| entries(node, "`tables`", problems)).unwrap_or_default();
    let tables = tables.iter().map(|(key, node)| table(key, node, problems)).collect();
    let expect = fields.get("expect").and_then(|node| expect::expect(node, problems));
    let checks = fields.get("check").map(|node| expect::claims(node, problems)).unwrap_or_default();
    Some(Data { seed, until_us, locale, because, rows, tables, expect, checks })
}

fn because(fields: &Fields<'_>, problems: &mut Problems) -> Option<String> {
    fields.get("because").and_then(|node| text(node, "`because`", problems)).map(|text| text.trim().to_owned())
}

/// A table; what could not be understood of it is left out, so that references to it still find it.
fn table(key: &Located<Scalar>, node: &Node, problems: &mut Problems) -> TableSpec {
    let name = Located::new(key.value.text.clone(), key.at);
    let mut spec =
        TableSpec { name, rows: Rows::Exactly(0), fixed: false, because: None, order: Order::Grouped, columns: Vec::new() };
    let Some(fields) = Fields::described(node, &grammar::TABLE, problems) else {
        return spec;
    };
    if let Some(rows) = source(&fields, problems) {
        spec.rows = rows;
    }
    spec.fixed = fields.get("fixed").and_then(|node| flag(node, "`fixed`", problems)).unwrap_or(false);
    if spec.fixed && !matches!(spec.rows, Rows::Exactly(_)) {
        let help = "leave `fixed` out, or give a number of rows";
        problems
            .report(fields.key_at("fixed").unwrap_or(key.at), Fault::with_help("a ratio to another table cannot be fixed", help));
    }
    spec.because = because(&fields, problems);
    spec.order = fields.get("order").and_then(|node| order(node, problems)).unwrap_or_default();
    if let Some(node) = fields.get("columns") {
        let columns = entries(node, "`columns`", problems).unwrap_or_default();
        spec.columns = columns.iter().map(|(key, node)| column::column(key, node, problems)).collect();
    }
    spec
}

/// `rows`, `from` or `sql`: one of them says how many rows there are.
fn source(fields: &Fields<'_>, problems: &mut Problems) -> Option<Rows> {
    let said = fields.present(&["rows", "from", "sql"]);
    if let [(first, _), (second, at), ..] = said.as_slice() {
        let help = "rows are counted (`rows`), read (`from`) or derived (`sql`)";
        problems.report(*at, Fault::with_help(format!("`{second}` beside `{first}`"), help));
        return None;
    }
    if let Some(node) = fields.get("from") {
        for key in ["fixed", "order"] {
            if let Some(at) = fields.key_at(key) {
                let help = "a file's rows are neither scaled nor mixed";
                problems.report(at, Fault::with_help(format!("`{key}` beside `from`"), help));
            }
        }
        return file::table(node, problems).map(|table| Rows::File(Box::new(table)));
    }
    if let Some(node) = fields.get("sql") {
        for key in ["fixed", "order", "columns"] {
            if let Some(at) = fields.key_at(key) {
                let help = "the statement alone says what the rows are";
                problems.report(at, Fault::with_help(format!("`{key}` beside `sql`"), help));
            }
        }
        return file::query(node, problems).map(Rows::Query);
    }
    match fields.get("rows") {
        Some(node) => rows(node, problems),
        None => Some(Rows::Summed),
    }
}

fn rows(node: &Node, problems: &mut Problems) -> Option<Rows> {
    let text = text(node, "`rows`", problems)?;
    if text.contains(" per ") {
        let (ratio, table, offset) = problems.keep(node.at, quantity::ratio(text))?;
        let column = node.at.column.saturating_add(u32::try_from(offset).unwrap_or_default());
        let table = Located::new(table.to_owned(), Location { column, ..node.at });
        return Some(Rows::Per { ratio, table });
    }
    match quantity::whole(text) {
        Ok(rows) => Some(Rows::Exactly(rows)),
        // The fault of a ratio explains both forms.
        Err(_) => problems.keep(node.at, quantity::ratio(text)).and(None),
    }
}

fn order(node: &Node, problems: &mut Problems) -> Option<Order> {
    match text(node, "`order`", problems)? {
        "grouped" => Some(Order::Grouped),
        "shuffled" => Some(Order::Shuffled),
        other => {
            problems.report(node.at, Fault::unknown("order", other, ["grouped", "shuffled"]));
            None
        }
    }
}
