//! EXPLAIN, run on a server.

use super::connect::Connection;
use super::error::DbError;
use super::reply::Reply;
use super::value::Value;

/// How a statement is explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Explain {
    /// Planned, not run.
    Estimate,
    /// Run, with the times of every node. Writes happen: put it into a transaction that is rolled back.
    Analyze,
    /// Run, with the time of the whole alone: reading the clock at every node can double a statement's time.
    Untimed,
}

/// EXPLAIN (FORMAT JSON) of a statement with these parameters.
///
/// # Errors
/// The server's, at the position within the EXPLAIN statement moved back to the statement's own.
pub async fn explain(
    connection: &mut Connection,
    statement: &str,
    parameters: &[Value],
    how: Explain,
) -> Result<serde_json::Value, DbError> {
    // WAL came with PostgreSQL 13, which is also the oldest version still common; 12 does without.
    let wal = if connection.version() >= 130_000 { "WAL, " } else { "" };
    let options = match how {
        Explain::Estimate => String::new(),
        Explain::Untimed => format!("ANALYZE, TIMING OFF, BUFFERS, {wal}SETTINGS, "),
        Explain::Analyze => format!("ANALYZE, BUFFERS, {wal}SETTINGS, "),
    };
    let prefix = format!("EXPLAIN ({options}VERBOSE, FORMAT JSON) ");
    let reply = connection.query(&format!("{prefix}{statement}"), parameters).await;
    plan_json(&reply.map_err(|error| error.moved_back(prefix.len(), statement.chars().count()))?)
}

fn plan_json(reply: &Reply) -> Result<serde_json::Value, DbError> {
    let plan = reply.bytes_at(0, 0).flatten().ok_or_else(|| DbError::Unexpected("EXPLAIN returned no row".into()))?;
    serde_json::from_slice(plan).map_err(|error| DbError::Unexpected(format!("EXPLAIN returned no JSON: {error}")))
}
