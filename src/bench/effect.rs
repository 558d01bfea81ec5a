//! What a statement does to the rows, as the planner says.

use crate::db::explain::{Explain, explain};
use crate::db::{Connection, DbError, Value};
use crate::report::model::Effect;

use super::workload::BoundStep;

/// The effect of an endpoint with these steps.
pub fn severest<'s>(steps: impl IntoIterator<Item = &'s BoundStep>) -> Effect {
    let effects = steps.into_iter().map(|step| step.effect);
    effects.max_by_key(|effect| severity(*effect)).unwrap_or(Effect::Reads)
}

fn severity(effect: Effect) -> u8 {
    match effect {
        Effect::Reads => 0,
        Effect::Writes => 1,
        Effect::Deletes => 2,
    }
}

/// What the planner says the statement does: its ModifyTable nodes, data-modifying CTEs included.
pub async fn effect_of(connection: &mut Connection, sql: &str, types: &[u32]) -> Result<Effect, DbError> {
    let nulls: Vec<Value> = types.iter().map(|oid| Value::null(*oid)).collect();
    let plan = match explain(connection, sql, &nulls, Explain::Estimate).await {
        Ok(plan) => plan,
        // What EXPLAIN does not take (CALL, LOCK …) may do anything.
        Err(error) if error.sqlstate() == "42601" => return Ok(if is_truncate(sql) { Effect::Deletes } else { Effect::Writes }),
        Err(error) => return Err(error),
    };
    let mut effect = Effect::Reads;
    visit(&plan, &mut |node| {
        if node.get("Node Type").and_then(|kind| kind.as_str()) == Some("ModifyTable") {
            let deletes = node.get("Operation").and_then(|operation| operation.as_str()) == Some("Delete");
            let found = if deletes { Effect::Deletes } else { Effect::Writes };
            if severity(found) > severity(effect) {
                effect = found;
            }
        }
    });
    Ok(effect)
}

/// TRUNCATE empties a table for everybody else, and EXPLAIN does not take it.
fn is_truncate(sql: &str) -> bool {
    sql.split_whitespace().next().is_some_and(|word| word.eq_ignore_ascii_case("truncate"))
}

fn visit(value: &serde_json::Value, see: &mut impl FnMut(&serde_json::Map<String, serde_json::Value>)) {
    match value {
        serde_json::Value::Object(map) => {
            see(map);
            map.values().for_each(|inner| visit(inner, see));
        }
        serde_json::Value::Array(list) => list.iter().for_each(|inner| visit(inner, see)),
        _ => {}
    }
}
