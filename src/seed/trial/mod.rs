//! A trial before the first row is loaded: some rows of every table, held against everything the server will hold them against.
//!
//! The rows go into a temporary copy of the table in a transaction that is rolled back: what no column takes, COPY refuses; what a CHECK
//! constraint or the partitions do not take is counted by asking for it. Keys and foreign keys are left out: which rows meet is
//! known from the plan.

mod checks;
mod refusal;
mod rows;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::db::{Connection, CopyIn, DbError, RowSink, catalog::TableName};
use crate::sql::{quote_ident, quote_literal};

use super::check::is_plain_constant;
use super::encode::{COPY_HEADER, COPY_TRAILER};
use super::feed::Feed;
use super::plan::{SeedPlan, TablePlan};
use super::problem::SeedProblem;

pub use refusal::refused;
use rows::Sample;

/// The temporary copy.
const NAME: &str = "perflab_trial";

/// Tries rows of every table and says what is wrong with them, once per column and constraint. Nothing is left behind.
///
/// # Errors
/// A server that fails otherwise.
pub async fn trial(plan: &SeedPlan, connection: &mut Connection) -> Result<Vec<SeedProblem>, DbError> {
    let mut problems = Vec::new();
    for table in &plan.tables {
        connection.batch("BEGIN").await?;
        let found = try_table(table, connection).await;
        let undone = connection.batch("ROLLBACK").await;
        // Of a connection that broke, the first failure tells more than that nothing could be undone.
        problems.extend(found.map_err(|error| error.during(format!("rows of {} cannot be tried", table.name)))?);
        undone?;
        table.forget_counts();
    }
    Ok(problems)
}

async fn try_table(table: &Arc<TablePlan>, connection: &mut Connection) -> Result<Vec<SeedProblem>, DbError> {
    copy_table(table, connection).await?;
    if table.file.is_some() {
        return try_file(table, connection).await;
    }
    let (mut sample, mut problems) = Sample::make(table);
    let lost: Vec<usize> = (0..table.columns.len()).filter(|place| !sample.has(*place)).collect();
    for place in lost {
        drop_column(&table.columns[place], connection).await?;
    }
    loop {
        connection.batch("SAVEPOINT rows").await?;
        let columns = sample.columns(table);
        let Err(error) = copy_rows(&columns, &sample.bytes(table), connection).await else { break };
        connection.batch("ROLLBACK TO SAVEPOINT rows").await?;
        let Some(problem) = refused(table, &error, |line| sample.row(line)) else { return Err(error) };
        problems.push(problem);
        // The other columns are tried without the one that was refused.
        let column = refusal::column_of(table, &error).filter(|place| sample.has(*place));
        let Some(place) = column else { return Ok(problems) };
        sample.leave_out(place);
        drop_column(&table.columns[place], connection).await?;
    }
    let there: BTreeSet<&str> =
        table.columns.iter().enumerate().filter(|(place, _)| sample.has(*place)).map(|(_, name)| name.as_str()).collect();
    problems.extend(checks::broken(table, &there, sample.len(), connection).await?);
    Ok(problems)
}

/// Makes the temporary table. What the load leaves to the server is NULL there unless it is the same for every row: a default that
/// counts must not count for a trial.
async fn copy_table(table: &TablePlan, connection: &mut Connection) -> Result<(), DbError> {
    let like = format!("CREATE TEMP TABLE {NAME} (LIKE {} INCLUDING DEFAULTS INCLUDING GENERATED)", table.name.sql());
    connection.batch(&like).await?;
    let columns = format!(
        "SELECT a.attname::text, coalesce(pg_get_expr(d.adbin, d.adrelid), 'NULL')
         FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         WHERE a.attrelid = {}::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''",
        quote_literal(&format!("pg_temp.{NAME}"))
    );
    let mut changes = Vec::new();
    for (name, default) in connection.rows::<(String, String)>(&columns).await? {
        if table.columns.contains(&name) || is_plain_constant(&default) {
            continue;
        }
        let column = quote_ident(&name);
        changes.push(format!("ALTER COLUMN {column} DROP DEFAULT, ALTER COLUMN {column} DROP NOT NULL"));
    }
    if changes.is_empty() {
        return Ok(());
    }
    connection.batch(&format!("ALTER TABLE pg_temp.{NAME} {}", changes.join(", "))).await
}

async fn drop_column(column: &str, connection: &mut Connection) -> Result<(), DbError> {
    connection.batch(&format!("ALTER TABLE pg_temp.{NAME} DROP COLUMN {} CASCADE", quote_ident(column))).await
}

/// Of a table from files: the first rows of the first file.
async fn try_file(table: &Arc<TablePlan>, connection: &mut Connection) -> Result<Vec<SeedProblem>, DbError> {
    let chunk = match Feed::start(table, 1).next().await {
        Some(Ok(chunk)) => chunk,
        // A file that cannot be read any more is found by the load, which says so.
        Some(Err(error)) => return Ok(error.into_mistake().into_iter().collect()),
        None => return Ok(Vec::new()),
    };
    connection.batch("SAVEPOINT rows").await?;
    if let Err(error) = copy_rows(&table.columns, &chunk.bytes, connection).await {
        connection.batch("ROLLBACK TO SAVEPOINT rows").await?;
        return refused(table, &error, |line| line).map(|problem| vec![problem]).ok_or(error);
    }
    let there: BTreeSet<&str> = table.columns.iter().map(String::as_str).collect();
    checks::broken(table, &there, chunk.rows as usize, connection).await
}

async fn copy_rows(columns: &[String], rows: &[u8], connection: &mut Connection) -> Result<(), DbError> {
    let mut sink = CopyIn::begin(connection, &TableName::new("pg_temp", NAME), columns, false).await?;
    sink.send(COPY_HEADER).await?;
    sink.send(rows).await?;
    sink.send(COPY_TRAILER).await?;
    sink.finish().await.map(|_| ())
}
