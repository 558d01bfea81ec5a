//! EXPLAIN, run on a server.

use super::connect::Connection;
use super::error::DbError;
use super::reply::Reply;
use super::value::Value;
use crate::sql::quote_ident;

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

/// Keeps a statement under a name for [`explain_generic`]; its parameters have the types that the server infers.
///
/// # Errors
/// The server's, at the position within the statement.
pub async fn prepare_generic(connection: &mut Connection, name: &str, statement: &str) -> Result<(), DbError> {
    let prefix = format!("PREPARE {} AS ", quote_ident(name));
    let prepared = connection.batch(&format!("{prefix}{statement}")).await;
    prepared.map_err(|error| error.moved_back(prefix.chars().count(), statement.chars().count()))
}

/// EXPLAIN (FORMAT JSON) of a statement of [`prepare_generic`] for any values of its parameters, planned anew and not run.
///
/// # Errors
/// The server's.
pub async fn explain_generic(connection: &mut Connection, name: &str, parameters: usize) -> Result<serde_json::Value, DbError> {
    // A plan that is kept would not see an index that exists in the planner alone.
    connection.batch("DISCARD PLANS; SET plan_cache_mode = force_generic_plan").await?;
    let values = vec!["NULL"; parameters].join(", ");
    let values = if parameters == 0 { values } else { format!(" ({values})") };
    let reply = connection.query(&format!("EXPLAIN (VERBOSE, FORMAT JSON) EXECUTE {}{values}", quote_ident(name)), &[]).await;
    connection.batch("RESET plan_cache_mode").await?;
    plan_json(&reply?)
}

/// `Execution Time` of EXPLAIN's JSON, ms; 0 when it does not say.
pub fn execution_ms(json: &serde_json::Value) -> f64 {
    json.pointer("/0/Execution Time").and_then(serde_json::Value::as_f64).unwrap_or(0.0)
}

/// `Planning Time` of EXPLAIN's JSON, ms; 0 when it does not say.
pub fn planning_ms(json: &serde_json::Value) -> f64 {
    json.pointer("/0/Planning Time").and_then(serde_json::Value::as_f64).unwrap_or(0.0)
}

fn plan_json(reply: &Reply) -> Result<serde_json::Value, DbError> {
    let plan = reply.bytes_at(0, 0).flatten().ok_or_else(|| DbError::Unexpected("EXPLAIN returned no row".into()))?;
    serde_json::from_slice(plan).map_err(|error| DbError::Unexpected(format!("EXPLAIN returned no JSON: {error}")))
}
