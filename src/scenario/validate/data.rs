//! `data:`: tables and columns that name each other.

use super::names::{chain, find, known, rings};
use crate::scenario::error::{Fault, Problems};
use crate::scenario::model::{
    Assign, ColumnSource, ColumnSpec, Data, Literal, Pick, Reference, Rows, TableSpec, TemplatePart, ValueSpec,
};

pub fn check(data: &Data, problems: &mut Problems) {
    for table in &data.tables {
        if let Rows::Per { table: parent, .. } = &table.rows {
            known(data, &parent.value, parent.at, problems);
        }
        for column in &table.columns {
            self::column(data, table, column, problems);
        }
        column_rings(table, problems);
    }
    table_rings(data, problems);
    for table in data.expect.iter().flat_map(|expect| &expect.without) {
        known(data, &table.value, table.at, problems);
    }
}

fn column(data: &Data, table: &TableSpec, column: &ColumnSpec, problems: &mut Problems) {
    match &column.source {
        ColumnSource::Reference(reference) => self::reference(data, table, column, reference, problems),
        ColumnSource::Through(through) => {
            for hop in &through.hops {
                known(data, &hop.value.table, hop.at, problems);
            }
        }
        ColumnSource::Value(value) => {
            for other in columns_of(value) {
                if other == column.name.value {
                    let message = format!("the value of `{other}` depends on itself");
                    problems.report(column.name.at, Fault::new(message));
                }
            }
            if matches!(value, ValueSpec::Constant(Literal::Null)) && column.nulls > 0.0 {
                problems.report(column.name.at, Fault::new("`nulls` on a column that is always null"));
            }
        }
    }
}

fn reference(data: &Data, table: &TableSpec, column: &ColumnSpec, reference: &Reference, problems: &mut Problems) {
    let parent = known(data, &reference.table.value, reference.table.at, problems);
    if let (Some(parent), Assign::Pick(Pick::Weights(weights))) = (parent, &reference.assign)
        && let Rows::Exactly(rows) = parent.rows
        && rows != weights.len() as u64
    {
        let message = format!("{} weights for the {rows} rows of `{}`", weights.len(), parent.name.value);
        problems.report(reference.table.at, Fault::with_help(message, "give one weight per row"));
    }
    if let Some(per) = &reference.unique_per {
        let others = table.columns.iter().map(|other| other.name.value.as_str()).filter(|name| *name != column.name.value);
        if !others.clone().any(|name| name == per.value) {
            let mut fault = Fault::unknown("column", &per.value, others);
            fault.message.push_str(&format!(" in `unique_per` (`{}` must describe it)", table.name.value));
            problems.report(per.at, fault);
        }
    }
}

/// Other columns of the row that a value is made from.
pub fn columns_of(value: &ValueSpec) -> Vec<&str> {
    match value {
        ValueSpec::Template(template) => template
            .parts
            .iter()
            .filter_map(|part| if let TemplatePart::Column(name) = part { Some(name.as_str()) } else { None })
            .collect(),
        ValueSpec::By { column, cases, otherwise } => {
            let specs = cases.iter().map(|(_, spec)| spec).chain(otherwise.as_deref());
            std::iter::once(column.value.as_str()).chain(specs.flat_map(columns_of)).collect()
        }
        _ => Vec::new(),
    }
}

/// Notes tables whose row counts depend on each other in a ring.
fn table_rings(data: &Data, problems: &mut Problems) {
    let number =
        |name: &str| data.tables.iter().position(|table| find(data, name).is_some_and(|found| std::ptr::eq(found, table)));
    let edges: Vec<Vec<usize>> = data
        .tables
        .iter()
        .map(|table| match &table.rows {
            Rows::Per { table, .. } => number(&table.value).into_iter().collect(),
            Rows::Exactly(_) => Vec::new(),
        })
        .collect();
    for ring in rings(&edges) {
        let (Some(first), chain) = (ring.first(), chain(&ring, |node| data.tables[node].name.value.clone())) else { continue };
        let fault = Fault::with_help(format!("row counts in a ring: {chain}"), "give one of these tables a number of rows");
        problems.report(data.tables[*first].name.at, fault);
    }
}

/// Notes columns whose values are made from each other in a ring (of itself alone is noted where the column is checked).
fn column_rings(table: &TableSpec, problems: &mut Problems) {
    let number = |name: &str| table.columns.iter().position(|column| column.name.value == name);
    let edges: Vec<Vec<usize>> = table
        .columns
        .iter()
        .map(|column| match &column.source {
            ColumnSource::Value(value) => columns_of(value).into_iter().filter_map(number).collect(),
            ColumnSource::Reference(reference) => reference.unique_per.iter().filter_map(|per| number(&per.value)).collect(),
            ColumnSource::Through(_) => Vec::new(),
        })
        .collect();
    for ring in rings(&edges).into_iter().filter(|ring| ring.len() > 1) {
        let chain = chain(&ring, |node| table.columns[node].name.value.clone());
        problems.report(table.columns[ring[0]].name.at, Fault::new(format!("columns made from each other in a ring: {chain}")));
    }
}
