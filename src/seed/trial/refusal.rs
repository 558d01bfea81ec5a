//! What the server says of a row, in the scenario's words.

use crate::db::{DbError, ServerMessage};
use crate::seed::plan::TablePlan;
use crate::seed::problem::{Problem, SeedProblem};
use crate::seed::text::append_text;
use crate::seed::values::Context;

/// Longer values are cut in messages.
const MOST_SHOWN: usize = 60;

/// The mistake behind an error of a COPY into the table, where `row_of` gives the number of the row in a line of it; both count from 1.
/// `None`: the server failed otherwise.
pub fn refused(table: &TablePlan, error: &DbError, row_of: impl Fn(u64) -> u64) -> Option<SeedProblem> {
    let message = error.server_message()?;
    // Classes 22, data exception, and 23, integrity constraint violation.
    if !matches!(message.sqlstate.get(..2), Some("22" | "23")) {
        return None;
    }
    let row = line_of(message).map(&row_of);
    let column = column_of(table, error);
    let shown = column.zip(row).and_then(|(place, row)| value(table, place, row));
    let detail = message.detail.as_ref().filter(|_| shown.is_none());
    let mut why = match row {
        Some(row) => format!("row {row} is refused: {}", message.message),
        None => message.message.clone(),
    };
    if let Some(value) = shown {
        why.push_str(&format!(", with the value {value}"));
    }
    if let Some(detail) = detail {
        why.push_str(&format!(" ({})", cut(detail)));
    }
    let problem = Problem::Refused {
        table: table.name.to_string(),
        column: column.map(|place| table.columns[place].clone()),
        why,
        next: column.map_or("describe the columns it speaks of", |_| "describe the column so that its values fit"),
    };
    Some(SeedProblem::new(column.map_or(table.at, |place| table.column_at[place]), problem))
}

/// The column that the message is about, by its place among those that are written.
pub fn column_of(table: &TablePlan, error: &DbError) -> Option<usize> {
    let message = error.server_message()?;
    let named = |name: &str| table.columns.iter().position(|column| column == name);
    message.column.as_deref().and_then(named).or_else(|| {
        // `COPY t, line 5, column age`, or `column age: "x"` with the value behind it.
        let context = message.context.as_deref()?.lines().find(|line| line.starts_with("COPY "))?;
        let (_, rest) = context.split_once(", column ")?;
        named(rest).or_else(|| named(rest.split(':').next()?))
    })
}

fn line_of(message: &ServerMessage) -> Option<u64> {
    let context = message.context.as_deref()?.lines().find(|line| line.starts_with("COPY "))?;
    let (_, rest) = context.split_once(", line ")?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// The value of a row (from 1), as a person would write it.
fn value(table: &TablePlan, place: usize, row: u64) -> Option<String> {
    // What stands in a file is shown by the server's own words.
    if table.file.is_some() {
        return None;
    }
    let mut field = Vec::new();
    table.write_field(place, row.checked_sub(1)?, &mut Context::rows(), &mut field).ok()?;
    if field.first() == Some(&0xff) {
        return Some("NULL".into());
    }
    let mut text = Vec::new();
    append_text(table.kinds[place], field.get(4..)?, &mut text);
    Some(format!("'{}'", cut(&String::from_utf8_lossy(&text))))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
