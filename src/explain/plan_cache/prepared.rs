//! Statements prepared by SQL, and explained as they are executed.

use std::time::Duration;

use serde_json::Value as Json;

use crate::db::explain::{Explain, explain};
use crate::db::value::oid;
use crate::db::{Connection, DbError, Value};
use crate::report::model::PlanKind;
use crate::sql::quote_literal;

/// SQLSTATE of a statement that `statement_timeout` ended (`query_canceled`).
pub const STOPPED: &str = "57014";

/// Executions that PostgreSQL plans for their own values before it thinks of a generic plan (`choose_custom_plan` in plancache.c).
const CUSTOM_FIRST: usize = 5;

/// A statement that the session knows under a name.
pub struct Prepared {
    name: String,
    /// As EXECUTE takes it, `(…)` included; empty for a statement without parameters.
    arguments: String,
}

/// What came of an execution.
pub enum Execution {
    /// What EXPLAIN says of it.
    Done(Json),
    /// It took longer than it may.
    Stopped,
    Refused,
}

impl Prepared {
    /// Prepares a statement in the transaction at hand. `None` when the server prepares no statement of this kind.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn new(
        connection: &mut Connection,
        name: &str,
        sql: &str,
        parameters: &[Value],
    ) -> Result<Option<Prepared>, DbError> {
        let arguments = arguments(connection, parameters).await?;
        connection.batch("SAVEPOINT perflab_prepare").await?;
        match connection.batch(&format!("PREPARE {name} AS {sql}")).await {
            Ok(()) => {
                connection.batch("RELEASE perflab_prepare").await?;
                Ok(Some(Prepared { name: name.to_owned(), arguments }))
            }
            Err(error) if error.server_message().is_some() => {
                connection.batch("ROLLBACK TO perflab_prepare; RELEASE perflab_prepare").await?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Explains an execution in the transaction at hand, and undoes it. It may take so long; `None` leaves the session's own limit.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn execute(
        &self,
        connection: &mut Connection,
        how: Explain,
        settings: &[&str],
        longest: Option<Duration>,
    ) -> Result<Execution, DbError> {
        let limit = longest.map(|longest| format!("statement_timeout = {}", longest.as_millis().max(1)));
        let set: Vec<String> =
            settings.iter().map(|set| (*set).to_owned()).chain(limit).map(|set| format!("; SET LOCAL {set}")).collect();
        connection.batch(&format!("SAVEPOINT perflab_plan{}", set.concat())).await?;
        let outcome = explain(connection, &format!("EXECUTE {}{}", self.name, self.arguments), &[], how).await;
        if let Err(error) = &outcome
            && error.server_message().is_none()
        {
            return outcome.map(Execution::Done);
        }
        connection.batch("ROLLBACK TO perflab_plan; RELEASE perflab_plan").await?;
        Ok(match outcome {
            Ok(json) => Execution::Done(json),
            Err(error) if error.sqlstate() == STOPPED => Execution::Stopped,
            Err(_) => Execution::Refused,
        })
    }

    /// The plan that PostgreSQL takes by itself after five executions with these parameters; nothing is executed, since planning is
    /// what is counted. `None` when the server does not tell (before PostgreSQL 14), or refuses them. To be asked of a statement that
    /// was prepared for this.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn sixth(&self, connection: &mut Connection) -> Result<Option<PlanKind>, DbError> {
        if connection.version() < 140_000 {
            return Ok(None);
        }
        for _ in 0..=CUSTOM_FIRST {
            let planned = self.execute(connection, Explain::Estimate, &["plan_cache_mode = auto"], None).await?;
            let Execution::Done(_) = planned else { return Ok(None) };
        }
        let name = quote_literal(&self.name);
        let counts = format!("SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE name = {name}");
        let (generic, _): (i64, i64) = connection.row(&counts).await?;
        Ok(Some(if generic > 0 { PlanKind::Generic } else { PlanKind::Custom }))
    }

    /// Makes the session forget it.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn forget(self, connection: &mut Connection) -> Result<(), DbError> {
        connection.batch(&format!("DEALLOCATE {}", self.name)).await
    }
}

/// The values as literals, which EXECUTE turns into the parameters' types.
async fn arguments(connection: &mut Connection, parameters: &[Value]) -> Result<String, DbError> {
    if parameters.is_empty() {
        return Ok(String::new());
    }
    // A type that nobody made a text of yet is unknown to the server's cast.
    let known = |value: &Value| if value.oid == oid::UNKNOWN { Value { oid: oid::TEXT, ..value.clone() } } else { value.clone() };
    let texts = connection.texts(&parameters.iter().map(known).collect::<Vec<_>>()).await?;
    let literals = parameters.iter().zip(texts).map(|(value, text)| match value.bytes {
        None => "NULL".to_owned(),
        Some(_) => quote_literal(&text),
    });
    Ok(format!("({})", literals.collect::<Vec<_>>().join(", ")))
}
