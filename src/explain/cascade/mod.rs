//! What foreign keys do behind a statement, which no plan shows.
//!
//! A plan names the constraint trigger and its time. The statement that the trigger runs follows from the constraint
//! (`ri_triggers.c`). Here it is derived, given a key that the parent statement really touched, and explained in turn, as deep as the
//! cascade goes.

mod action;
mod deferred;
mod fired;
mod footprint;
mod keys;
mod level;
mod proof;
mod user;

use std::collections::HashMap;

use crate::db::catalog::Catalog;
use crate::db::key_triggers::{KeyTrigger, key_triggers};
use crate::db::{Connection, DbError, Value};
use crate::plan::{Plan, Trigger};
use crate::report::model::{FiredTrigger, ImpliedStatement};

use super::ExplainError;
use deferred::Waiting;
use fired::fired;
pub use footprint::footprint;
use keys::{Keys, touched_keys};
pub use proof::prove;

/// Levels of cascade that are followed; deeper ones only repeat the lesson.
const DEEPEST: usize = 5;
/// Checks that a referenced row exists go by its key; below this share of the statement's time they are named, not explained.
/// What happens to referencing rows is always explained: how an index made it quick is the point.
const SMALLEST_CHECK: f64 = 0.05;

/// What ran behind a statement.
pub struct Behind {
    /// Largest time first, what waits for COMMIT last.
    pub implied: Vec<ImpliedStatement>,
    /// Triggers that are no foreign key's.
    pub triggers: Vec<FiredTrigger>,
}

/// The statements that foreign keys ran when `plan` was executed for `statement`, and those that they will run at COMMIT, with
/// the triggers that somebody wrote. The connection is inside a transaction in which the statement has not been run (or was undone).
///
/// # Errors
/// When the connection is lost or a plan cannot be read.
pub async fn behind(
    connection: &mut Connection,
    catalog: &Catalog,
    plan: &Plan,
    statement: &str,
    parameters: &[Value],
    depth: usize,
) -> Result<Behind, ExplainError> {
    let waiting = deferred::waiting(connection, catalog, plan, statement, parameters).await?;
    let known = known(connection, plan.triggers().iter().chain(&waiting.triggers)).await?;
    let mut all = fired(plan.triggers(), &known, plan, catalog, false);
    all.extend(fired(&waiting.triggers, &known, plan, catalog, true));
    let keys = match all.iter().any(|fired| fired.touched.is_some()) {
        true => touched_keys(connection, statement, parameters, &all).await?,
        false => Ok(Vec::new()),
    };
    let parent = level::Parent { statement, parameters, total_ms: plan.execution_ms.unwrap_or_default(), depth };
    let mut found = Vec::new();
    for (number, fired) in all.iter().enumerate() {
        let keys = keys.as_ref().map(|keys| keys.get(number));
        found.push(level::statement(connection, catalog, &parent, fired, keys).await?);
    }
    found.extend(refused(&waiting, catalog, plan));
    let triggers = user::user_triggers(connection, plan.triggers(), &waiting.triggers, &known).await?;
    Ok(Behind { implied: found, triggers })
}

async fn known<'a>(
    connection: &mut Connection,
    triggers: impl Iterator<Item = &'a Trigger>,
) -> Result<HashMap<String, KeyTrigger>, DbError> {
    let names: Vec<&str> = triggers.map(|trigger| trigger.name.as_str()).collect();
    key_triggers(connection, &names).await
}

/// The deferred keys of the changed tables, when nobody could make them act before COMMIT.
fn refused(waiting: &Waiting, catalog: &Catalog, plan: &Plan) -> Vec<ImpliedStatement> {
    let Some(reason) = &waiting.refused else { return Vec::new() };
    deferred::would_act(catalog, plan)
        .map(|(key, derived)| ImpliedStatement {
            constraint: key.name.clone(),
            table: key.table.to_string(),
            sql: derived.sql,
            level: 1,
            deferred: true,
            unexplained: Some(format!("it waits for COMMIT, and cannot run before: {reason}")),
            ..ImpliedStatement::default()
        })
        .collect()
}
