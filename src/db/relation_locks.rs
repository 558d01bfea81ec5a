//! Locks on relations as `pg_locks` shows them, and the relations they are on.

use super::connect::Connection;
use super::error::DbError;

/// A relation of the user's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    pub oid: i64,
    /// `public` left out.
    pub name: String,
    /// `pg_class.relkind`
    pub kind: String,
    /// `pg_class.relfilenode`; another one means that the relation was written anew.
    pub file: i64,
    /// The table that an index is on; 0 for everything else.
    pub table: i64,
}

/// Tables, views, indexes and sequences that this session can see, those of its open transaction included.
///
/// # Errors
/// What the server says.
pub async fn relations(connection: &mut Connection) -> Result<Vec<Relation>, DbError> {
    let rows: Vec<(i64, String, String, i64, i64)> = connection.rows(include_str!("queries/relations.sql")).await?;
    Ok(rows.into_iter().map(|(oid, name, kind, file, table)| Relation { oid, name, kind, file, table }).collect())
}

/// Relations that this session has locked, by OID, each with the mode as `pg_locks` writes it. Only a transaction that is open has any.
///
/// # Errors
/// What the server says.
pub async fn own_locks(connection: &mut Connection) -> Result<Vec<(i64, String)>, DbError> {
    let own = "SELECT relation::int8, mode FROM pg_locks WHERE locktype = 'relation' AND pid = pg_backend_pid() AND granted";
    connection.rows(own).await
}

/// One lock that a session has or waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockRow {
    pub pid: i32,
    /// `relation`, `transactionid`, `virtualxid`, `tuple`, …
    pub kind: String,
    /// 0 when it is on no relation.
    pub relation: i64,
    pub mode: String,
    pub granted: bool,
    /// Sessions that it waits for, those before it in the queue included.
    pub blockers: Vec<i32>,
}

/// The relations that the session `pid` has locked in this database, and every lock that somebody waits for.
///
/// # Errors
/// What the server says.
pub async fn look(connection: &mut Connection, pid: i32) -> Result<Vec<LockRow>, DbError> {
    let sql = include_str!("queries/lock_sample.sql").replace("{pid}", &pid.to_string());
    let rows: Vec<(i32, String, i64, String, bool, Vec<i32>)> = connection.rows(&sql).await?;
    let row = |(pid, kind, relation, mode, granted, blockers)| LockRow { pid, kind, relation, mode, granted, blockers };
    Ok(rows.into_iter().map(row).collect())
}

/// Indexes that are written and never read: what a CREATE INDEX CONCURRENTLY that failed leaves behind.
///
/// # Errors
/// What the server says.
pub async fn invalid_indexes(connection: &mut Connection) -> Result<Vec<String>, DbError> {
    let sql = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid ORDER BY 1";
    Ok(connection.rows::<(String,)>(sql).await?.into_iter().map(|(name,)| name).collect())
}

/// Bytes of all tables of the user's with their indexes and TOAST. Locks each of them for a moment, like a reader.
///
/// # Errors
/// What the server says.
pub async fn total_bytes(connection: &mut Connection) -> Result<i64, DbError> {
    Ok(connection.row::<(i64,)>(include_str!("queries/total_bytes.sql")).await?.0)
}

/// Columns of tables, as `table.column`, and whether the planner has statistics of them.
///
/// # Errors
/// What the server says.
pub async fn analyzed_columns(connection: &mut Connection) -> Result<Vec<(String, bool)>, DbError> {
    connection.rows(include_str!("queries/analyzed_columns.sql")).await
}

/// The number by which other sessions know this one.
///
/// # Errors
/// What the server says.
pub async fn backend_pid(connection: &mut Connection) -> Result<i32, DbError> {
    Ok(connection.row::<(i32,)>("SELECT pg_backend_pid()").await?.0)
}
