//! Whether statements can fill their tables, and in which order.

use serde_json::Value;

use crate::db::catalog::{Catalog, Identity, Table, TableName};
use crate::db::explain::{Explain, explain};
use crate::db::{Connection, DbError};
use crate::scenario::model::{Data, Located, Location, Rows, TableSpec};
use crate::scenario::place_in;
use crate::seed::layout::{find_table, unknown_column};
use crate::seed::problem::{Problem, SeedProblem};

use super::Derived;

/// A statement that is well, and the tables it reads.
struct Planned {
    derived: Derived,
    reads: Vec<TableName>,
    at: Location,
}

/// The derived tables of the data so that each comes after those it reads. The tables must exist; `file` is the scenario's text, for
/// the places of mistakes.
///
/// # Errors
/// A lost connection; what is wrong with the statements are problems, all of them at once.
pub async fn derived(
    data: &Data,
    catalog: &Catalog,
    file: &str,
    connection: &mut Connection,
) -> Result<Result<Vec<Derived>, Vec<SeedProblem>>, DbError> {
    let mut planned = Vec::new();
    let mut problems = Vec::new();
    for (place, spec) in data.tables.iter().enumerate() {
        let Rows::Query(sql) = &spec.rows else { continue };
        match find_table(catalog, &spec.name) {
            Err(problem) => problems.push(problem),
            Ok(table) => match plan(spec, sql, catalog, table, file, connection).await? {
                Ok(mut one) => {
                    one.derived.place = place;
                    planned.push(one);
                }
                Err(wrong) => problems.extend(wrong),
            },
        }
    }
    if problems.is_empty() {
        return Ok(in_order(planned));
    }
    Ok(Err(problems))
}

async fn plan(
    spec: &TableSpec,
    sql: &Located<String>,
    catalog: &Catalog,
    table: usize,
    file: &str,
    connection: &mut Connection,
) -> Result<Result<Planned, Vec<SeedProblem>>, DbError> {
    let wrong = |at: Location, why: String| vec![SeedProblem::new(at, Problem::File { table: spec.name.value.clone(), why })];
    let text = sql.value.trim_end().trim_end_matches(';').trim_end().to_owned();
    let refused = |error: DbError, before: usize| match error.server_message() {
        Some(message) => {
            let place = message.position.and_then(|position| position.checked_sub(before)).filter(|place| *place > 0);
            let at = place.map_or(sql.at, |place| place_in(file, sql, place));
            let hint = message.hint.as_ref().map_or(String::new(), |hint| format!("; {hint}"));
            Ok(Err(wrong(at, format!("its `sql` is refused: {}{hint}", message.message))))
        }
        None => Err(error),
    };
    let prepared = match connection.prepare(&text).await {
        Ok(prepared) => prepared,
        Err(error) => return refused(error, 0),
    };
    if !prepared.parameters.is_empty() {
        return Ok(Err(wrong(sql.at, "its `sql` has parameters, but nothing gives them values; write the values".into())));
    }
    let found = &catalog.tables[table];
    let mismatched = columns_match(spec, sql, catalog, table, &prepared.columns);
    if !mismatched.is_empty() {
        return Ok(Err(mismatched));
    }
    let derived =
        Derived { name: found.name.clone(), sql: text, columns: prepared.columns, because: spec.because.clone(), place: 0 };
    let plan = match explain(connection, &derived.insert(), &[], Explain::Estimate).await {
        Ok(plan) => plan,
        Err(error) => return refused(error, derived.insert_head().chars().count()),
    };
    let mut reads = Vec::new();
    relations(&plan, &mut reads);
    // The INSERT itself is at the top.
    let own = reads.iter().filter(|name| **name == found.name).count();
    if own > 1 {
        return Ok(Err(wrong(sql.at, "its `sql` reads the table that it fills; derive it from other tables".into())));
    }
    reads.retain(|name| *name != found.name);
    Ok(Ok(Planned { derived, reads, at: sql.at }))
}

/// What does not fit between the columns of a statement and those of the table.
fn columns_match(
    spec: &TableSpec,
    sql: &Located<String>,
    catalog: &Catalog,
    table: usize,
    columns: &[String],
) -> Vec<SeedProblem> {
    let found = &catalog.tables[table];
    let wrong = |why: String| SeedProblem::new(sql.at, Problem::File { table: spec.name.value.clone(), why });
    let mut problems = Vec::new();
    if columns.is_empty() {
        problems.push(wrong("its `sql` returns no columns; write a SELECT".into()));
        return problems;
    }
    for (place, name) in columns.iter().enumerate() {
        match found.column(name) {
            _ if name == "?column?" => {
                let why =
                    format!("column {} of its `sql` has no name; give it one with AS, that of a column of the table", place + 1);
                problems.push(wrong(why));
            }
            None => problems.push(unknown_column(catalog, table, name, sql.at)),
            Some(column) if column.generated => {
                problems.push(wrong(format!("`{name}` is generated by the server; leave it out of the `sql`")));
            }
            Some(_) if columns[..place].contains(name) => {
                problems.push(wrong(format!("its `sql` returns `{name}` twice; leave one out")));
            }
            Some(_) => {}
        }
    }
    problems.extend(missing(found, columns).map(|name| {
        wrong(format!("its `sql` returns no `{name}`, which is NOT NULL and has no default; add it with AS {name}"))
    }));
    problems
}

fn missing<'t>(table: &'t Table, columns: &'t [String]) -> impl Iterator<Item = &'t str> {
    let needed = table
        .columns
        .iter()
        .filter(|column| column.not_null && column.default.is_none() && column.identity == Identity::No && !column.generated);
    needed.map(|column| column.name.as_str()).filter(|name| !columns.iter().any(|column| column == name))
}

/// The tables of a plan, as often as they are read.
fn relations(plan: &Value, found: &mut Vec<TableName>) {
    match plan {
        Value::Array(items) => items.iter().for_each(|item| relations(item, found)),
        Value::Object(node) => {
            if let (Some(Value::String(schema)), Some(Value::String(name))) = (node.get("Schema"), node.get("Relation Name")) {
                found.push(TableName::new(schema, name));
            }
            node.values().for_each(|value| relations(value, found));
        }
        _ => {}
    }
}

/// Each after those it reads; else as the scenario has them.
fn in_order(mut left: Vec<Planned>) -> Result<Vec<Derived>, Vec<SeedProblem>> {
    let mut order = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waits = |one: &Planned| left.iter().any(|other| one.reads.contains(&other.derived.name));
        let Some(next) = left.iter().position(|one| !waits(one)) else {
            let names = left.iter().map(|one| format!("`{}`", one.derived.name)).collect::<Vec<_>>().join(", ");
            let why = format!("{names} are derived from each other; derive one of them from other tables");
            let problem = Problem::File { table: left[0].derived.name.to_string(), why };
            return Err(vec![SeedProblem::new(left[0].at, problem)]);
        };
        order.push(left.remove(next).derived);
    }
    Ok(order)
}
