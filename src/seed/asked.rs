//! What the scenario says of a table's columns, kept beside the plan so that it can stand next to what came out.

use crate::scenario::model::{ColumnSource, ColumnSpec, Literal, TableSpec, ValueSpec};

/// Longer lists of values are not counted one by one.
const MOST_VALUES: usize = 20;

/// One column as the scenario describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub column: String,
    pub words: String,
    /// Share of NULLs, 0 to 1.
    pub nulls: f64,
    /// Of a list of values: each as SQL text, and its share of the rows with a value.
    pub shares: Vec<(String, f64)>,
}

/// The columns that the scenario describes, in its order.
pub fn asked(table: &TableSpec, rows: u64) -> Vec<Asked> {
    let column = |spec: &ColumnSpec| Asked {
        column: spec.name.value.clone(),
        words: spec.words.clone(),
        nulls: spec.nulls,
        shares: shares(spec, rows),
    };
    table.columns.iter().map(column).collect()
}

fn shares(spec: &ColumnSpec, rows: u64) -> Vec<(String, f64)> {
    let ColumnSource::Value(ValueSpec::OneOf(values)) = &spec.source else { return Vec::new() };
    let sum: f64 = values.iter().map(|(_, weight)| weight).sum();
    let texts: Option<Vec<_>> = values.iter().map(|(value, weight)| Some((sql_text(value)?, weight / sum))).collect();
    // Where every row has a value of its own there is nothing to weigh.
    texts.filter(|texts| texts.len() <= MOST_VALUES && (texts.len() as u64) < rows).unwrap_or_default()
}

/// `None` for NULL, which is no value.
fn sql_text(literal: &Literal) -> Option<String> {
    match literal {
        Literal::Null => None,
        Literal::Bool(value) => Some(value.to_string()),
        Literal::Int(value) => Some(value.to_string()),
        Literal::Float(value) => Some(value.to_string()),
        Literal::Text(text) => Some(text.clone()),
    }
}
