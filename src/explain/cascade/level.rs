//! One implied statement: its key, its plan, and what it fires itself.

use std::pin::Pin;

use crate::db::catalog::{Action, Catalog};
use crate::db::explain::{Explain, explain};
use crate::db::{Connection, DbError, Value};
use crate::report::model::{ExplainedPlan, ImpliedKey, ImpliedStatement, Parameter};
use crate::sql::quote_ident;

use super::super::facts::facts;
use super::super::narrated::narrated;
use super::super::{ExplainError, undo};
use super::action::{Event, Row};
use super::fired::Fired;
use super::keys::{Chosen, costliest};
use super::{DEEPEST, Keys, SMALLEST_CHECK, behind};

/// The statement above.
pub(super) struct Parent<'a> {
    pub statement: &'a str,
    pub parameters: &'a [Value],
    pub total_ms: f64,
    pub depth: usize,
}

/// What a foreign key ran, with its plan where it is worth one.
///
/// # Errors
/// When the connection is lost or a plan cannot be read.
pub(super) async fn statement(
    connection: &mut Connection,
    catalog: &Catalog,
    parent: &Parent<'_>,
    fired: &Fired<'_>,
    keys: Result<Option<&Keys>, &DbError>,
) -> Result<ImpliedStatement, ExplainError> {
    let mut found = ImpliedStatement {
        constraint: fired.key.name.clone(),
        table: fired.key.table.to_string(),
        sql: fired.derived.sql.clone(),
        trigger_ms: fired.time_ms,
        trigger_calls: fired.calls,
        level: fired.level,
        deferred: fired.deferred,
        missing_index: fired.missing_index(catalog),
        ..ImpliedStatement::default()
    };
    let worth_it = fired.event.of_parent() || fired.time_ms >= parent.total_ms * SMALLEST_CHECK;
    if fired.touched.is_none() || !worth_it || parent.depth >= DEEPEST {
        return Ok(found);
    }
    let chosen = match keys {
        Ok(Some(keys)) => costliest(connection, fired, keys).await?,
        Ok(None) => None,
        Err(error) => {
            found.unexplained = Some(format!("the keys cannot be read: {}", message(error)));
            return Ok(found);
        }
    };
    let Some(chosen) = chosen else {
        found.unexplained = Some("none of the rows looked at has a key for it".to_owned());
        return Ok(found);
    };
    match explained(connection, catalog, parent, fired, &chosen.values).await? {
        Ok(plan) => found.plan = Some(plan),
        Err(error) => found.unexplained = Some(format!("run by itself it is refused: {}", message(&error))),
    }
    found.key = Some(key(connection, fired, chosen).await?);
    Ok(found)
}

fn message(error: &DbError) -> String {
    error.server_message().map_or_else(|| error.to_string(), |server| server.message.clone())
}

/// The key as a report has it; a new value is told from the old one of the same column.
async fn key(connection: &mut Connection, fired: &Fired<'_>, chosen: Chosen) -> Result<ImpliedKey, DbError> {
    let texts = connection.texts(&chosen.values).await?;
    let both = fired.derived.parameters.iter().any(|(row, _)| *row == Row::New) && fired.event == Event::ParentUpdated;
    let name = |(row, column): &(Row, String)| match (both, row) {
        (true, Row::New) => format!("new {column}"),
        (true, Row::Old) => format!("old {column}"),
        _ => column.clone(),
    };
    let named = fired.derived.parameters.iter().map(name).zip(texts).enumerate();
    let values = named.map(|(i, (name, value))| Parameter { number: i + 1, name, value }).collect();
    Ok(ImpliedKey { values, of: chosen.of, more: chosen.more, rows: chosen.rows })
}

/// Explaining a cascade calls itself for the next level, so its future needs a size. The inner error is the server's refusal.
type Explaining<'a> = Pin<Box<dyn Future<Output = Result<Result<Box<ExplainedPlan>, DbError>, ExplainError>> + 'a>>;

/// The implied statement's own plan with its own cascade, undone.
fn explained<'a>(
    connection: &'a mut Connection,
    catalog: &'a Catalog,
    parent: &'a Parent<'a>,
    fired: &'a Fired<'a>,
    values: &'a [Value],
) -> Explaining<'a> {
    Box::pin(async move {
        connection.batch("SAVEPOINT perflab_implied").await?;
        let found = in_place(connection, catalog, parent, fired, values).await;
        match found {
            Err(ExplainError::Db(error)) if error.server_message().is_some() => {
                undo(connection, "perflab_implied").await?;
                Ok(Err(error))
            }
            Err(error) => Err(error),
            Ok(plan) => {
                undo(connection, "perflab_implied").await?;
                Ok(Ok(Box::new(plan)))
            }
        }
    })
}

async fn in_place(
    connection: &mut Connection,
    catalog: &Catalog,
    parent: &Parent<'_>,
    fired: &Fired<'_>,
    values: &[Value],
) -> Result<ExplainedPlan, ExplainError> {
    if fired.event == Event::ParentUpdated && fired.key.on_update == Action::Cascade {
        set_new_keys(connection, parent, fired).await?;
    }
    connection.batch("SAVEPOINT perflab_explain").await?;
    let json = explain(connection, &fired.derived.sql, values, Explain::Analyze).await?;
    undo(connection, "perflab_explain").await?;
    let (plan, mut explained) = narrated(json, &facts(catalog))?;
    let behind = behind(connection, catalog, &plan, &fired.derived.sql, values, parent.depth + 1).await?;
    (explained.implied, explained.triggers) = (behind.implied, behind.triggers);
    Ok(explained)
}

/// Rows may only be given a key that is there, so the statement above comes first, with the foreign key kept from acting.
async fn set_new_keys(connection: &mut Connection, parent: &Parent<'_>, fired: &Fired<'_>) -> Result<(), DbError> {
    for (table, trigger) in &fired.triggers {
        connection.batch(&format!("ALTER TABLE {} DISABLE TRIGGER {}", table.sql(), quote_ident(trigger))).await?;
    }
    connection.query(parent.statement, parent.parameters).await?;
    Ok(())
}
