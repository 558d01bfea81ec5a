//! What came out: rows, sizes, columns and shapes, counted on the server after the load.

mod chance;
mod columns;
mod fanout;

use crate::db::{Connection, DbError};
use crate::report::model::SeededTable;
use crate::sql::quote_literal;

use super::derive::{Derived, RULE};
use super::plan::{EmptyTable, TablePlan};

/// A loaded table; seconds and phases are the loader's to fill in.
///
/// # Errors
/// What the server says.
pub async fn table_seen(table: &TablePlan, session: &mut Connection) -> Result<SeededTable, DbError> {
    let (rows, bytes, index_bytes) = size(&table.name.sql(), session).await?;
    let columns = columns::columns_seen(session, &table.name, rows, &table.asked)
        .await
        .map_err(|error| error.during(format!("the columns of {} cannot be counted", table.name)))?;
    let words = |column: &str| {
        let asked = table.asked.iter().find(|asked| asked.column == column)?;
        Some(asked.words.clone()).filter(|words| !words.is_empty())
    };
    let fanouts = table.references.iter();
    Ok(SeededTable {
        name: table.name.to_string(),
        rule: table.rule.clone(),
        asked: table.rows,
        rows,
        bytes,
        index_bytes,
        because: table.because.clone(),
        from: table.file.as_ref().map(|file| file.rows.load.clone()),
        columns,
        fanouts: fanouts.filter_map(|reference| fanout::fanout_seen(reference, words(&reference.column))).collect(),
        ..SeededTable::default()
    })
}

/// A table that a statement filled; seconds and phases are the loader's to fill in.
///
/// # Errors
/// What the server says.
pub async fn derived_seen(table: &Derived, session: &mut Connection) -> Result<SeededTable, DbError> {
    let (rows, bytes, index_bytes) = size(&table.name.sql(), session).await?;
    let columns = columns::columns_seen(session, &table.name, rows, &[]).await?;
    let (name, rule, because) = (table.name.to_string(), RULE.to_owned(), table.because.clone());
    let sql = Some(table.sql.clone());
    Ok(SeededTable { name, rule, asked: rows, rows, bytes, index_bytes, because, columns, sql, ..SeededTable::default() })
}

/// A table that was asked to stay empty.
///
/// # Errors
/// What the server says.
pub async fn empty_seen(table: &EmptyTable, session: &mut Connection) -> Result<SeededTable, DbError> {
    let (rows, bytes, index_bytes) = size(&table.name.sql(), session).await?;
    let (name, rule, because) = (table.name.to_string(), table.rule.clone(), table.because.clone());
    Ok(SeededTable { name, rule, because, rows, bytes, index_bytes, ..SeededTable::default() })
}

/// Rows, bytes of heap and TOAST, bytes of indexes; partitions together.
async fn size(table: &str, session: &mut Connection) -> Result<(u64, u64, u64), DbError> {
    // Of a table that others inherit from, its own rows.
    let kind = format!(
        "SELECT CASE relkind WHEN 'r' THEN 'ONLY ' ELSE '' END FROM pg_class WHERE oid = {}::regclass",
        quote_literal(table)
    );
    let (only,): (String,) = session.row(&kind).await?;
    let sql = format!(
        "SELECT (SELECT count(*) FROM {only}{table}), sum(pg_table_size(oid))::int8, sum(pg_indexes_size(oid))::int8 \
         FROM (SELECT {0}::regclass AS oid UNION SELECT relid FROM pg_partition_tree({0}::regclass)) AS parts",
        quote_literal(table)
    );
    let (rows, bytes, index_bytes): (i64, i64, i64) = session.row(&sql).await?;
    Ok((rows.unsigned_abs(), bytes.unsigned_abs(), index_bytes.unsigned_abs()))
}
