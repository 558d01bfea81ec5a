//! What a session does to each table, read in the session itself and inside of its transaction (`pg_stat_get_xact_…`), and how far the
//! server's WAL has come.

use super::catalog::TableName;
use super::connect::Connection;
use super::error::DbError;

/// Counts of a table, its TOAST and indexes; those of partitions are their table's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableCounts {
    pub table: TableName,
    /// Asked for, found in shared buffers or not.
    pub blocks: u64,
    /// By sequential scans, or through indexes.
    pub rows_read: u64,
    pub inserted: u64,
    pub updated: u64,
    /// Of `updated`, those that needed no index entry.
    pub updated_hot: u64,
    pub deleted: u64,
}

/// Schema, table and counts.
type Row = (String, String, i64, i64, i64, i64, i64, i64);

/// The counts of every user table, those not touched included, in the order of their names. Only a difference of two readings within
/// one transaction says something.
///
/// # Errors
/// What the server says.
pub async fn table_counts(connection: &mut Connection) -> Result<Vec<TableCounts>, DbError> {
    let rows: Vec<Row> = connection.rows(include_str!("queries/touched_tables.sql")).await?;
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    let counts = rows.into_iter().map(|(schema, table, blocks, rows_read, inserted, updated, hot, deleted)| TableCounts {
        table: TableName::new(schema, table),
        blocks: count(blocks),
        rows_read: count(rows_read),
        inserted: count(inserted),
        updated: count(updated),
        updated_hot: count(hot),
        deleted: count(deleted),
    });
    Ok(counts.collect())
}

impl TableCounts {
    /// What was added since an earlier reading.
    #[must_use]
    pub fn since(&self, before: &TableCounts) -> TableCounts {
        TableCounts {
            table: self.table.clone(),
            blocks: self.blocks.saturating_sub(before.blocks),
            rows_read: self.rows_read.saturating_sub(before.rows_read),
            inserted: self.inserted.saturating_sub(before.inserted),
            updated: self.updated.saturating_sub(before.updated),
            updated_hot: self.updated_hot.saturating_sub(before.updated_hot),
            deleted: self.deleted.saturating_sub(before.deleted),
        }
    }

    /// Whether nothing happened to the table.
    pub fn is_nothing(&self) -> bool {
        self.blocks + self.rows_read + self.inserted + self.updated + self.deleted == 0
    }
}

/// Where the server's WAL ends, in bytes from its beginning: that of all sessions.
///
/// # Errors
/// What the server says; a standby has none.
pub async fn wal_position(connection: &mut Connection) -> Result<u64, DbError> {
    let (position,): (i64,) = connection.row("SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::int8").await?;
    Ok(u64::try_from(position).unwrap_or(0))
}

/// Whether a function that somebody wrote may write when a SELECT calls it: only VOLATILE ones may, and those of triggers are called
/// by what writes anyway.
///
/// # Errors
/// What the server says.
pub async fn functions_may_write(connection: &mut Connection) -> Result<bool, DbError> {
    Ok(connection.row::<(bool,)>(include_str!("queries/writing_functions.sql")).await?.0)
}
