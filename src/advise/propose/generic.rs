//! The plan for any parameters, which tells what of a statement's conditions is fixed.

use crate::db::explain::Explain;
use crate::db::{Connection, DbError, Value};
use crate::explain::plan_cache::prepared::{Execution, Prepared};
use crate::plan::Plan;

/// The generic plan of a statement; nothing is executed. `None` when the server prepares no such statement, or has no generic plans
/// (before PostgreSQL 12). The connection must be in no transaction.
///
/// # Errors
/// When the connection is lost.
pub async fn generic_plan(connection: &mut Connection, sql: &str, parameters: &[Value]) -> Result<Option<Plan>, DbError> {
    connection.batch("BEGIN").await?;
    let plan = in_transaction(connection, sql, parameters).await;
    connection.batch("ROLLBACK").await?;
    plan
}

async fn in_transaction(connection: &mut Connection, sql: &str, parameters: &[Value]) -> Result<Option<Plan>, DbError> {
    let Some(prepared) = Prepared::new(connection, "perflab_generic", sql, parameters).await? else { return Ok(None) };
    let settings = ["plan_cache_mode = force_generic_plan"];
    let execution = prepared.execute(connection, Explain::Estimate, &settings, None).await?;
    prepared.forget(connection).await?;
    Ok(match execution {
        Execution::Done(json) => Plan::from_json(&json).ok(),
        Execution::Stopped | Execution::Refused => None,
    })
}
