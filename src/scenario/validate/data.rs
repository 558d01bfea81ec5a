//! `data:`: tables and columns that name each other.

use super::names::{chain, find, known, rings};
use crate::scenario::error::{Fault, Problems};
use crate::scenario::model::{
    Assign, ColumnSource, ColumnSpec, Data, Literal, Pick, Reference, Rows, TableSpec, TemplatePart, ValueSpec,
};

pub fn check(data: &Data, problems: &mut Problems) {
    for table in &data.tables {
        match &table.rows {
            Rows::Exactly(_) | Rows::File(_) | Rows::Query(_) => {}
            Rows::Per { table: parent, .. } => {
                if known(data, &parent.value, parent.at, problems).is_some_and(is_derived) {
                    let help = "write the ratio to a table that is counted";
                    problems.report(parent.at, Fault::with_help(derived_last(&parent.value), help));
                }
            }
            Rows::Summed => summed(table, problems),
        }
        for column in &table.columns {
            self::column(data, table, column, problems);
        }
    }
    column_rings(data, problems);
    table_rings(data, problems);
    for table in data.expect.iter().flat_map(|expect| expect.without.iter().chain(expect.tables.iter().map(|(name, _)| name))) {
        known(data, &table.value, table.at, problems);
    }
}

/// A table without `rows` needs one fan-out that determines how many there are.
fn summed(table: &TableSpec, problems: &mut Problems) {
    let columns: Vec<&str> = table.summed_fanouts().map(|(column, ..)| column.name.value.as_str()).collect();
    let name = &table.name.value;
    let fault = match columns.as_slice() {
        [_] => return,
        [] => Fault::with_help(
            format!("`{name}` has no `rows`"),
            "give a number, a ratio such as `2.5 per users`, or a fan-out that says how many, such as `fanout: 1-5`",
        ),
        [first, second, ..] => Fault::with_help(
            format!("`{name}` has no `rows`, and both `{first}` and `{second}` say how many"),
            "give `rows`, or let one of them be `even` or `poisson`",
        ),
    };
    problems.report(table.name.at, fault);
}

/// Filled by a statement over the other tables.
fn is_derived(table: &TableSpec) -> bool {
    matches!(table.rows, Rows::Query(_))
}

fn derived_last(table: &str) -> String {
    format!("`{table}` is derived by `sql` when all other tables are filled")
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
    if parent.is_some_and(is_derived) {
        let fault =
            Fault::with_help(derived_last(&reference.table.value), "refer to a table that is not, or derive this one too");
        problems.report(reference.table.at, fault);
    }
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

/// Other columns that a value is made from: names, or paths over references.
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
        ValueSpec::Gap(gap) => vec![gap.from.value.as_str()],
        ValueSpec::Expression(expression) => expression.columns(),
        ValueSpec::Copy(column) => vec![column.value.as_str()],
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
            Rows::Summed => table.summed_fanouts().filter_map(|(_, reference, _)| number(&reference.table.value)).collect(),
            Rows::Exactly(_) | Rows::File(_) | Rows::Query(_) => Vec::new(),
        })
        .collect();
    for ring in rings(&edges) {
        let (Some(first), chain) = (ring.first(), chain(&ring, |node| data.tables[node].name.value.clone())) else { continue };
        let fault = Fault::with_help(format!("row counts in a ring: {chain}"), "give one of these tables a number of rows");
        problems.report(data.tables[*first].name.at, fault);
    }
}

/// Notes columns whose values are made from each other in a ring (of itself alone is noted where the column is checked).
fn column_rings(data: &Data, problems: &mut Problems) {
    let all: Vec<ColumnPlace> = data
        .tables
        .iter()
        .enumerate()
        .flat_map(|(table, spec)| (0..spec.columns.len()).map(move |column| (table, column)))
        .collect();
    let number = |place: ColumnPlace| all.binary_search(&place).ok();
    let needs = |(table, column): &ColumnPlace| -> Vec<usize> {
        let paths = match &data.tables[*table].columns[*column].source {
            ColumnSource::Value(value) => columns_of(value),
            ColumnSource::Reference(reference) => reference.unique_per.iter().map(|per| per.value.as_str()).collect(),
            ColumnSource::Through(_) => Vec::new(),
        };
        paths.into_iter().flat_map(|path| along(data, *table, path)).filter_map(number).collect()
    };
    let edges: Vec<Vec<usize>> = all.iter().map(needs).collect();
    for ring in rings(&edges) {
        let (first, column) = all[ring[0]];
        if ring.len() == 1 {
            let column = &data.tables[first].columns[column];
            let direct =
                matches!(&column.source, ColumnSource::Value(value) if columns_of(value).contains(&column.name.value.as_str()));
            if !direct {
                let message = format!("the value of `{}` depends on itself in another row", column.name.value);
                problems.report(column.name.at, Fault::new(message));
            }
            continue;
        }
        let name = |node: usize| {
            let (table, column) = (&data.tables[all[node].0], all[node].1);
            let column = &table.columns[column].name.value;
            let within = ring.iter().all(|node| all[*node].0 == first);
            if within { column.clone() } else { format!("{}.{column}", table.name.value) }
        };
        let place = data.tables[first].columns[all[ring[0]].1].name.at;
        problems.report(place, Fault::new(format!("columns made from each other in a ring: {}", chain(&ring, name))));
    }
}

/// A column by its table's place in the file and its own place in the table.
type ColumnPlace = (usize, usize);

/// The columns that a path leads over and to, as far as the scenario describes them: `user_id.country` over `user_id`.
fn along(data: &Data, mut table: usize, path: &str) -> Vec<ColumnPlace> {
    let named = |table: usize, name: &str| data.tables[table].columns.iter().position(|column| column.name.value == name);
    let mut places = Vec::new();
    let mut rest = path;
    loop {
        if let Some(column) = named(table, rest) {
            places.push((table, column));
            return places;
        }
        let Some((first, further)) = rest.split_once('.') else { return places };
        let Some(column) = named(table, first) else { return places };
        places.push((table, column));
        let ColumnSource::Reference(reference) = &data.tables[table].columns[column].source else { return places };
        let Some(parent) = find(data, &reference.table.value) else { return places };
        let Some(next) = data.tables.iter().position(|other| std::ptr::eq(other, parent)) else { return places };
        (table, rest) = (next, further);
    }
}
