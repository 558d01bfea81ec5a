//! CHECK constraints and partitions, asked of the rows that are tried.

use std::collections::BTreeSet;

use crate::db::{Connection, DbError};
use crate::scenario::model::Location;
use crate::seed::plan::TablePlan;
use crate::seed::problem::{Problem, SeedProblem};
use crate::sql::{quote_ident, quote_literal};

use super::NAME;

/// Something that every row must keep.
struct Rule {
    /// `constraint "x"`, for messages.
    name: String,
    definition: String,
    expression: String,
    columns: Vec<String>,
}

/// What of the tried rows breaks a CHECK constraint or belongs to no partition.
pub async fn broken(
    table: &TablePlan,
    there: &BTreeSet<&str>,
    tried: usize,
    connection: &mut Connection,
) -> Result<Vec<SeedProblem>, DbError> {
    let mut problems = Vec::new();
    for rule in rules(table, connection).await? {
        // A column that was refused already is not there to be asked.
        let lost = |column: &String| table.columns.contains(column) && !there.contains(column.as_str());
        if rule.columns.iter().any(lost) {
            continue;
        }
        let shown: Vec<String> = rule
            .columns
            .iter()
            .map(|column| {
                let quoted = quote_ident(column);
                format!("{} || ' = ' || coalesce(quote_literal(left({quoted}::text, 60)), 'NULL')", quote_literal(column))
            })
            .collect();
        let example = if shown.is_empty() { "''".to_owned() } else { format!("concat_ws(', ', {})", shown.join(", ")) };
        let sql = format!(
            "SELECT count(*)::int8, coalesce(min(example), '') FROM (SELECT {example} AS example FROM pg_temp.{NAME} WHERE NOT ({})) AS s",
            rule.expression
        );
        connection.batch("SAVEPOINT rule").await?;
        let (rows, example) = match connection.row::<(i64, String)>(&sql).await {
            Ok(found) => found,
            // An expression that fails is as good as broken: the load would fail by it.
            Err(error) => {
                connection.batch("ROLLBACK TO SAVEPOINT rule").await?;
                let Some(message) = error.server_message() else { return Err(error) };
                (1, message.message.clone())
            }
        };
        if rows > 0 {
            let problem = Problem::Broken {
                table: table.name.to_string(),
                rule: rule.name,
                definition: rule.definition,
                rows: rows.unsigned_abs(),
                tried: tried as u64,
                example,
                columns: rule.columns.iter().map(|column| format!("`{column}`")).collect::<Vec<_>>().join(" and "),
            };
            problems.push(SeedProblem::new(location(table, &rule.columns), problem));
        }
    }
    Ok(problems)
}

/// Where the scenario speaks of one of the columns, else of the table.
fn location(table: &TablePlan, columns: &[String]) -> Location {
    let places = columns.iter().filter_map(|name| table.columns.iter().position(|column| column == name));
    places.map(|place| table.column_at[place]).find(|at| *at != table.at).unwrap_or(table.at)
}

async fn rules(table: &TablePlan, connection: &mut Connection) -> Result<Vec<Rule>, DbError> {
    let sql = include_str!("rules.sql").replace("$table", &quote_literal(&table.name.sql()));
    let rows = connection.rows::<(bool, String, String, String, Vec<String>)>(&sql).await?;
    Ok(rows
        .into_iter()
        .map(|(partitions, name, definition, expression, columns)| Rule {
            name: if partitions { "the bounds of its partitions".into() } else { format!("the constraint `{name}`") },
            definition,
            expression,
            columns,
        })
        .collect())
}
