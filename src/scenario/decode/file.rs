//! `from:`, of a table and of a column.

use std::path::PathBuf;

use super::fields::{Fields, entries, flag, located, read, text};
use crate::csv::Dialect;
use crate::scenario::error::{Fault, Problems};
use crate::scenario::grammar;
use crate::scenario::model::{
    Draw, EpochUnit, FileColumn, FileTable, FileValues, Ignore, Literal, Located, Location, NullWords, Orphans,
};
use crate::scenario::quantity;
use crate::scenario::yaml::{Node, Value};

/// The share of records that may be rejected where nothing is said: enough for the odd broken line, too few for a wrong delimiter.
const REJECTS: f64 = 0.01;

/// `from: reviews*.csv`, `from: [a.csv, b.csv]` or `from: {file: …, …}`
pub fn table(node: &Node, problems: &mut Problems) -> Option<FileTable> {
    let mut table = FileTable {
        files: Vec::new(),
        dialect: Dialect::default(),
        header: true,
        columns: Vec::new(),
        ignore: Ignore::default(),
        nulls: NullWords::default(),
        trim: false,
        time: None,
        orphans: Orphans::default(),
        limit: None,
        rejects: REJECTS,
        at: node.at,
    };
    let Value::Mapping(_) = &node.value else {
        table.files = files(node, problems)?;
        return Some(table);
    };
    let fields = Fields::described(node, &grammar::FILE_ROWS, problems)?;
    let files = fields.require("file", problems).and_then(|node| files(node, problems));
    table.dialect = dialect(&fields, problems);
    table.header = switch(&fields, "header", true, problems);
    table.trim = switch(&fields, "trim", false, problems);
    if let Some(node) = fields.get("columns") {
        table.columns = columns(node, table.header, problems);
    }
    table.ignore = fields.get("ignore").map(|node| ignore(node, problems)).unwrap_or_default();
    skip_unnamed(fields.get("columns"), &mut table.ignore);
    table.nulls = fields.get("null").and_then(|node| nulls(node, problems)).unwrap_or_default();
    table.time = fields.get("time").and_then(|node| epoch(node, problems));
    table.orphans = fields.get("orphans").and_then(|node| orphans(node, problems)).unwrap_or_default();
    table.limit = fields.get("limit").and_then(|node| read(node, "`limit`", records, problems));
    if let Some(share) = fields.get("rejects").and_then(|node| read(node, "`rejects`", quantity::share, problems)) {
        table.rejects = share;
    }
    table.files = files?;
    Some(table)
}

/// `{from: names.csv}` or `{from: {file: names.csv, column: name, …}}`
pub fn values(node: &Node, problems: &mut Problems) -> Option<FileValues> {
    let short = Value::Mapping(Vec::new());
    let long = matches!(node.value, Value::Mapping(_));
    let stand_in = Node { at: node.at, value: short };
    let fields = Fields::described(if long { node } else { &stand_in }, &grammar::FILE_VALUES, problems)?;
    let file = if long { fields.require("file", problems)? } else { node };
    let file = located(file, "a file", problems).map(path);
    let draw = match (fields.get("draw"), fields.get("weight")) {
        (Some(_), Some(_)) => {
            let at = fields.key_at("draw").unwrap_or(node.at);
            problems.report(at, Fault::with_help("`draw` beside `weight`", "`weight` alone says how values are drawn"));
            None
        }
        (None, Some(node)) => located(node, "`weight`", problems).map(Draw::Weighted),
        (Some(node), None) => draw(node, problems),
        (None, None) => Some(Draw::default()),
    };
    let column = fields.get("column").map(|node| located(node, "`column`", problems));
    Some(FileValues {
        file: file?,
        column: match column {
            Some(column) => Some(column?),
            None => None,
        },
        dialect: dialect(&fields, problems),
        header: switch(&fields, "header", true, problems),
        nulls: fields.get("null").and_then(|node| nulls(node, problems)).unwrap_or_default(),
        draw: draw?,
    })
}

fn path(written: Located<String>) -> Located<PathBuf> {
    Located::new(PathBuf::from(written.value.trim()), written.at)
}

fn files(node: &Node, problems: &mut Problems) -> Option<Vec<Located<PathBuf>>> {
    let Value::Sequence(listed) = &node.value else {
        return located(node, "a file", problems).map(|file| vec![path(file)]);
    };
    if listed.is_empty() {
        problems.report(node.at, Fault::new("`from` names no file"));
        return None;
    }
    Some(listed.iter().filter_map(|item| located(item, "a file", problems).map(path)).collect())
}

fn switch(fields: &Fields<'_>, key: &str, otherwise: bool, problems: &mut Problems) -> bool {
    fields.get(key).and_then(|node| flag(node, &format!("`{key}`"), problems)).unwrap_or(otherwise)
}

fn dialect(fields: &Fields<'_>, problems: &mut Problems) -> Dialect {
    let mut dialect = Dialect::default();
    if let Some(node) = fields.get("delimiter")
        && let Some(letter) = letter(node, "`delimiter`", problems)
    {
        dialect.delimiter = letter;
    }
    if let Some(node) = fields.get("quote") {
        let none =
            matches!(&node.value, Value::Scalar(scalar) if scalar.plain && (scalar.text == "none" || scalar.text == "false"));
        dialect.quote = if none { None } else { letter(node, "`quote`", problems) };
        if dialect.quote == Some(dialect.delimiter) {
            problems.report(node.at, Fault::new("`quote` and `delimiter` are the same letter"));
        }
    }
    dialect
}

/// One letter that is one byte; a tab is also `tab` or `\t`.
fn letter(node: &Node, what: &str, problems: &mut Problems) -> Option<u8> {
    if let Value::Scalar(scalar) = &node.value {
        match scalar.text.as_bytes() {
            b"tab" | b"\\t" => return Some(b'\t'),
            [one] if !matches!(one, b'\n' | b'\r' | 0) => return Some(*one),
            _ => {}
        }
    }
    let help = "write one letter of ASCII in quotes, e.g. `\";\"`; `tab` for a tab";
    problems.report(node.at, Fault::with_help(format!("{what} cannot be {}", node.describe()), help));
    None
}

/// A mapping of the file's names to the table's, or, without a header, the table's columns in order.
fn columns(node: &Node, header: bool, problems: &mut Problems) -> Vec<FileColumn> {
    if let Value::Sequence(listed) = &node.value {
        if header {
            let help = "write `columns: {csv_name: column}`, or `header: false` for files without a first line of names";
            problems.report(node.at, Fault::with_help("a list of columns beside a header", help));
        }
        let numbered = (1..).zip(listed).filter(|(_, item)| !item.is_null());
        return numbered.filter_map(|(number, item)| column(number.to_string(), item.at, item, problems)).collect();
    }
    let listed = entries(node, "`columns`", problems).unwrap_or_default();
    listed.iter().filter_map(|(key, node)| column(key.value.text.clone(), key.at, node, problems)).collect()
}

/// `columns: [id, ~, name]` leaves the second column out.
fn skip_unnamed(columns: Option<&Node>, ignore: &mut Ignore) {
    let Some(Node { value: Value::Sequence(listed), .. }) = columns else { return };
    let skipped = (1..).zip(listed).filter(|(_, item)| item.is_null());
    let skipped = skipped.map(|(number, item)| Located::new(number.to_string(), item.at)).collect::<Vec<_>>();
    match ignore {
        Ignore::Listed(already) => already.extend(skipped),
        Ignore::Nothing if !skipped.is_empty() => *ignore = Ignore::Listed(skipped),
        _ => {}
    }
}

fn column(field: String, at: Location, node: &Node, problems: &mut Problems) -> Option<FileColumn> {
    let field = Located::new(field, at);
    let Value::Mapping(_) = &node.value else {
        let column = located(node, "a column", problems)?;
        return Some(FileColumn { field, column, nulls: None, time: None });
    };
    let fields = Fields::described(node, &grammar::FILE_COLUMN, problems)?;
    let column = match fields.get("column") {
        Some(node) => located(node, "`column`", problems)?,
        None => field.clone(),
    };
    let nulls = fields.get("null").and_then(|node| nulls(node, problems));
    let time = fields.get("time").and_then(|node| epoch(node, problems));
    Some(FileColumn { field, column, nulls, time })
}

fn ignore(node: &Node, problems: &mut Problems) -> Ignore {
    if let Value::Sequence(listed) = &node.value {
        return Ignore::Listed(listed.iter().filter_map(|item| located(item, "a column", problems)).collect());
    }
    match text(node, "`ignore`", problems) {
        Some("rest") => Ignore::Rest,
        Some(_) => located(node, "a column", problems).map_or(Ignore::Nothing, |one| Ignore::Listed(vec![one])),
        None => Ignore::Nothing,
    }
}

/// `null: null`, `null: ["", "null"]`; `null: []` for files where nothing is.
fn nulls(node: &Node, problems: &mut Problems) -> Option<NullWords> {
    let listed = match &node.value {
        Value::Sequence(listed) => listed.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let mut nulls = NullWords { empty: false, words: Vec::new() };
    for item in listed {
        match &item.value {
            Value::Scalar(scalar) if scalar.text.is_empty() => nulls.empty = true,
            // `null` without quotes means the word here.
            Value::Scalar(scalar) => nulls.words.push(scalar.text.clone()),
            _ => problems.report(item.at, Fault::new(format!("a spelling of NULL must be a word, not {}", item.describe()))),
        }
    }
    Some(nulls)
}

fn epoch(node: &Node, problems: &mut Problems) -> Option<EpochUnit> {
    one_of(node, "`time`", &EpochUnit::ALL, problems)
}

fn orphans(node: &Node, problems: &mut Problems) -> Option<Orphans> {
    let known = [("reject", Orphans::Reject), ("keep", Orphans::Keep), ("fail", Orphans::Fail)];
    one_of(node, "`orphans`", &known, problems)
}

fn draw(node: &Node, problems: &mut Problems) -> Option<Draw> {
    let known = [("cycle", Draw::Cycle), ("in_order", Draw::InOrder), ("uniform", Draw::Uniform)];
    one_of(node, "`draw`", &known, problems)
}

fn one_of<T: Clone>(node: &Node, what: &str, known: &[(&str, T)], problems: &mut Problems) -> Option<T> {
    let word = text(node, what, problems)?;
    let found = known.iter().find(|(name, _)| *name == word);
    if found.is_none() {
        let message = format!("{what} cannot be `{word}`");
        let help = Fault::unknown("", word, known.iter().map(|(name, _)| *name)).help;
        problems.report(node.at, Fault { message, help });
    }
    found.map(|(_, value)| value.clone())
}

/// `100000`, `100k`, `2m`
pub(super) fn records(text: &str) -> Result<u64, Fault> {
    let lower = text.to_ascii_lowercase();
    let (digits, factor) = match lower.strip_suffix(['k', 'm']) {
        Some(digits) => (digits, if lower.ends_with('k') { 1_000.0 } else { 1_000_000.0 }),
        None => return quantity::whole(text),
    };
    let records = quantity::number(digits)? * factor;
    if records >= 1.0 && records.fract() == 0.0 {
        return Ok(records as u64);
    }
    Err(Fault::with_help(format!("`{text}` is no number of records"), "write `100000`, `100k` or `2m`"))
}

/// The text of a statement; what stands in it is the server's to judge.
pub fn query(node: &Node, problems: &mut Problems) -> Option<Located<String>> {
    match &node.value {
        Value::Scalar(scalar) if matches!(scalar.literal(), Literal::Text(_)) => located(node, "`sql`", problems),
        _ => {
            problems.report(node.at, Fault::new(format!("`sql` must be a statement, not {}", node.describe())));
            None
        }
    }
}
