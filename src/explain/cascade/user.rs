//! Triggers that are no foreign key's. What their functions run cannot be derived; what they are and take can be said.

use std::collections::HashMap;

use crate::db::fired_triggers::{TriggerInfo, trigger_infos};
use crate::db::key_triggers::KeyTrigger;
use crate::db::{Connection, DbError};
use crate::plan::Trigger;
use crate::report::model::FiredTrigger;

/// The triggers of a plan, and of what waits for COMMIT, that `known` has no foreign key for; largest time first.
///
/// # Errors
/// What the server says.
pub(super) async fn user_triggers(
    connection: &mut Connection,
    own: &[Trigger],
    waiting: &[Trigger],
    known: &HashMap<String, KeyTrigger>,
) -> Result<Vec<FiredTrigger>, DbError> {
    let other = |trigger: &&Trigger| !known.contains_key(&trigger.name);
    let all: Vec<(&Trigger, bool)> = own
        .iter()
        .filter(other)
        .map(|trigger| (trigger, false))
        .chain(waiting.iter().filter(other).map(|trigger| (trigger, true)))
        .collect();
    let names: Vec<&str> = all.iter().map(|(trigger, _)| trigger.name.as_str()).collect();
    let infos = trigger_infos(connection, &names).await?;
    let mut found: Vec<FiredTrigger> = all.iter().map(|(trigger, deferred)| told(trigger, *deferred, &infos)).collect();
    found.sort_by(|a, b| b.time_ms.total_cmp(&a.time_ms));
    Ok(found)
}

fn told(trigger: &Trigger, deferred: bool, infos: &[TriggerInfo]) -> FiredTrigger {
    // A plan gives the table without its schema.
    let info = infos.iter().find(|info| info.name == trigger.name && info.table.name == trigger.relation);
    FiredTrigger {
        name: trigger.name.clone(),
        table: info.map_or_else(|| trigger.relation.clone(), |info| info.table.to_string()),
        function: info.map(|info| info.function.clone()).unwrap_or_default(),
        language: info.map(|info| info.language.clone()).unwrap_or_default(),
        fires: info.map(|info| info.fires.clone()).unwrap_or_default(),
        time_ms: trigger.time_ms.unwrap_or_default(),
        calls: trigger.calls as u64,
        deferred,
    }
}
