//! A remedy put into force inside a transaction.

use crate::bench::variants::{Cell, Sameness, compare_rows};
use crate::db::{Connection, DbError, Reply, Value};
use crate::plan::{Remedy, Rewrite};
use crate::sql::{quote_ident, quote_literal};

/// What came of it.
pub(super) enum Applied {
    Done,
    /// The statement to run in place of the first.
    Instead(String),
    Refused(String),
    /// It cannot be tried in a transaction, or the statement has nothing of the form.
    Impossible,
}

/// Building an index or reading a table's statistics takes no longer than this, ms.
const BUILD_LIMIT_MS: u64 = 60_000;

/// Extensions by the operator classes they bring: an index may need one that the database lacks.
const BROUGHT_BY: [(&str, &str); 2] = [("_trgm_ops", "pg_trgm"), ("gist_btree", "btree_gist")];

/// # Errors
/// What the server says.
pub(super) async fn apply(
    connection: &mut Connection,
    remedy: &Remedy,
    (sql, parameters): (&str, &[Value]),
) -> Result<Applied, DbError> {
    connection.batch(&format!("SET LOCAL statement_timeout = {BUILD_LIMIT_MS}")).await?;
    match remedy {
        Remedy::Index(definition) => build(connection, definition).await?,
        Remedy::Setting { name, value } => {
            connection.batch(&format!("SET LOCAL {} = {}", quote_ident(name), quote_literal(value))).await?;
        }
        Remedy::Analyze { table } => connection.batch(&format!("ANALYZE {table}")).await?,
        Remedy::Statistics { definition, table } => {
            connection.batch(definition).await?;
            connection.batch(&format!("ANALYZE {table}")).await?;
        }
        Remedy::Vacuum { .. } => return Ok(Applied::Impossible),
        Remedy::Rewrite(rewrite) => return rewritten(connection, rewrite, sql, parameters).await,
    }
    Ok(Applied::Done)
}

/// Of an index on an expression the planner knows nothing before the table is analyzed.
async fn build(connection: &mut Connection, definition: &str) -> Result<(), DbError> {
    for (_, extension) in BROUGHT_BY.iter().filter(|(class, _)| definition.contains(class)) {
        connection.batch(&format!("CREATE EXTENSION IF NOT EXISTS {}", quote_ident(extension))).await?;
    }
    connection.batch(definition).await?;
    // The newest index has the largest number.
    let newest = "SELECT indrelid::regclass::text, indexprs IS NOT NULL FROM pg_index ORDER BY indexrelid DESC LIMIT 1";
    let (table, of_expression): (String, bool) = connection.row(newest).await?;
    if of_expression {
        connection.batch(&format!("ANALYZE {table}")).await?;
    }
    Ok(())
}

/// The statement written another way, if it returns the same rows with these parameters.
async fn rewritten(connection: &mut Connection, rewrite: &Rewrite, sql: &str, parameters: &[Value]) -> Result<Applied, DbError> {
    let Some(other) = rewrite.apply(sql) else { return Ok(Applied::Impossible) };
    let own = undone(connection, sql, parameters).await?;
    let others = undone(connection, &other, parameters).await?;
    Ok(match compare_rows(&cells(&own), &cells(&others)) {
        Sameness::InOrder | Sameness::Reordered => Applied::Instead(other),
        Sameness::Different { .. } => Applied::Refused(format!(
            "written that way it returns other rows ({} in place of {}), so the tip does not hold here",
            others.len(),
            own.len()
        )),
    })
}

async fn undone(connection: &mut Connection, sql: &str, parameters: &[Value]) -> Result<Reply, DbError> {
    connection.batch("SAVEPOINT perflab_rows").await?;
    let reply = connection.query(sql, parameters).await;
    connection.batch("ROLLBACK TO perflab_rows").await?;
    reply
}

fn cells(reply: &Reply) -> Vec<Vec<Cell>> {
    let row =
        |row| (0..reply.fields().len()).map(|column| Cell::of(&reply.value_at(row, column).unwrap_or(Value::null(0)))).collect();
    (0..reply.len()).map(row).collect()
}
