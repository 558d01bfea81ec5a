//! Foreign keys whose check waits for COMMIT: their time is in no plan, but the application waits for it all the same.
//!
//! `SET CONSTRAINTS ALL IMMEDIATE` makes them act at the end of the statement, where EXPLAIN sees them.

use crate::db::catalog::{Action, Catalog, ForeignKey};
use crate::db::explain::{Explain, explain};
use crate::db::{Connection, DbError, Value};
use crate::plan::{Plan, Trigger, walk};

use super::super::{ExplainError, undo};
use super::action::{Derived, Event, derived};
use super::fired::changed_tables;

/// Triggers that wait for COMMIT.
#[derive(Default)]
pub(super) struct Waiting {
    pub triggers: Vec<Trigger>,
    /// Why they could not be made to act before.
    pub refused: Option<String>,
}

/// What `plan`'s statement leaves for COMMIT.
///
/// # Errors
/// When the connection is lost or a plan cannot be read.
pub(super) async fn waiting(
    connection: &mut Connection,
    catalog: &Catalog,
    plan: &Plan,
    statement: &str,
    parameters: &[Value],
) -> Result<Waiting, ExplainError> {
    let writes = walk(plan).any(|visit| visit.node.node_type == "ModifyTable");
    if !writes || !can_wait(connection).await? {
        return Ok(Waiting::default());
    }
    connection.batch("SAVEPOINT perflab_deferred").await?;
    let json = at_once(connection, statement, parameters).await;
    undo(connection, "perflab_deferred").await?;
    match json {
        Ok(json) => {
            let seen: Vec<&str> = plan.triggers().iter().map(|trigger| trigger.name.as_str()).collect();
            let all = Plan::from_json(&json)?;
            let triggers = all.triggers().iter().filter(|trigger| !seen.contains(&trigger.name.as_str())).cloned().collect();
            Ok(Waiting { triggers, refused: None })
        }
        Err(error) => match error.server_message() {
            Some(_) if would_act(catalog, plan).next().is_none() => Ok(Waiting::default()),
            Some(message) => Ok(Waiting { triggers: Vec::new(), refused: Some(message.message.clone()) }),
            None => Err(error.into()),
        },
    }
}

async fn can_wait(connection: &mut Connection) -> Result<bool, DbError> {
    let (any,): (bool,) = connection.row("SELECT EXISTS (SELECT FROM pg_trigger WHERE tgdeferrable)").await?;
    Ok(any)
}

async fn at_once(connection: &mut Connection, statement: &str, parameters: &[Value]) -> Result<serde_json::Value, DbError> {
    connection.batch("SET CONSTRAINTS ALL IMMEDIATE").await?;
    explain(connection, statement, parameters, Explain::Analyze).await
}

/// The deferrable foreign keys of the tables that the statement changes, with what they will run. Only looking can wait: what a key
/// does to rows happens with the statement.
pub(super) fn would_act<'a>(catalog: &'a Catalog, plan: &Plan) -> impl Iterator<Item = (&'a ForeignKey, Derived)> {
    let changed = changed_tables(plan);
    let events: Vec<Event> = walk(plan)
        .filter_map(|visit| match visit.node.operation.as_deref() {
            Some("Delete") => Some(Event::ParentDeleted),
            Some("Update" | "Merge") => Some(Event::ParentUpdated),
            Some("Insert") => Some(Event::ChildWritten),
            _ => None,
        })
        .collect();
    catalog.foreign_keys.iter().filter(|key| key.deferrable).filter_map(move |key| {
        let looks = |event: &&Event| match event {
            Event::ParentDeleted => key.on_delete == Action::NoAction && changed.contains(&key.referenced),
            Event::ParentUpdated => key.on_update == Action::NoAction && changed.contains(&key.referenced),
            Event::ChildWritten => changed.contains(&key.table),
        };
        events.iter().find(looks).map(|event| (key, derived(key, *event)))
    })
}
