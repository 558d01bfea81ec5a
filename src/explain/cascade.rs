//! What foreign keys do behind a statement, which no plan shows.
//!
//! A plan names the constraint trigger and its time. The statement that the trigger runs follows from the constraint
//! (`ri_triggers.c`): ON DELETE CASCADE deletes the referencing rows, SET NULL and SET DEFAULT update them, RESTRICT and NO ACTION look
//! for one of them. Here that statement is derived, given a key that the parent statement really touched, and explained in turn, as
//! deep as the cascade goes.

use std::collections::HashMap;
use std::pin::Pin;

use crate::db::catalog::{Action, Catalog, ForeignKey, TableName};
use crate::db::explain::{Explain, explain};
use crate::db::key_triggers::{KeyTrigger, key_triggers};
use crate::db::{Connection, DbError, Value};
use crate::plan::{Plan, Trigger, walk};
use crate::report::model::{ExplainedPlan, ImpliedStatement};
use crate::sql::quote_ident;

use super::ExplainError;
use super::facts::facts;
use super::narrated::narrated;

/// Levels of cascade that are followed; deeper ones only repeat the lesson.
const DEEPEST: usize = 5;
/// Checks that a referenced row exists go by its key; below this share of the statement's time they are named, not explained.
/// What happens to referencing rows is always explained: how an index made it quick is the point.
const SMALLEST_CHECK: f64 = 0.05;

/// A foreign key's trigger as found in a plan.
struct Fired<'a> {
    key: &'a ForeignKey,
    /// Whether the referenced row goes or changes, rather than a referencing one being written.
    parent_side: bool,
    /// False for what fired a level further down: its row is not one that the statement returns.
    direct: bool,
    statement: String,
    /// The columns of the row at the other end whose values are `$1` ….
    source_columns: &'a [String],
    time_ms: f64,
    calls: u64,
}

impl Fired<'_> {
    /// The index whose lack this look-up felt. Only a look for referencing rows can: a check goes by the referenced row's key.
    fn missing_index(&self, catalog: &Catalog) -> Option<String> {
        self.parent_side.then(|| missing_index(catalog, self.key)).flatten()
    }
}

/// The statements that foreign keys ran when `plan` was executed for `statement`, largest time first. The connection is inside
/// a transaction in which the statement has not been run (or was undone).
///
/// # Errors
/// When the connection is lost or a plan cannot be read.
pub async fn implied(
    connection: &mut Connection,
    catalog: &Catalog,
    plan: &Plan,
    statement: &str,
    parameters: &[Value],
    depth: usize,
) -> Result<Vec<ImpliedStatement>, ExplainError> {
    let names: Vec<&str> = plan.triggers().iter().map(|trigger| trigger.name.as_str()).collect();
    let known = key_triggers(connection, &names).await?;
    let mut fired: Vec<Fired> = plan.triggers().iter().filter_map(|trigger| recognised(trigger, &known, plan, catalog)).collect();
    fired.sort_by(|a, b| b.time_ms.total_cmp(&a.time_ms));
    if fired.is_empty() {
        return Ok(Vec::new());
    }
    let total_ms = plan.execution_ms.unwrap_or_default();
    let touched = touched_row(connection, statement, parameters).await?;
    let mut found = Vec::new();
    for trigger in fired {
        let worth_it = depth < DEEPEST && (trigger.parent_side || trigger.time_ms >= total_ms * SMALLEST_CHECK);
        let values = touched.as_ref().filter(|_| trigger.direct).and_then(|row| row.key(trigger.source_columns));
        let explained = match (worth_it, values) {
            (true, Some(values)) => explained(connection, catalog, &trigger.statement, &values, depth).await?,
            _ => None,
        };
        found.push(ImpliedStatement {
            constraint: trigger.key.name.clone(),
            table: trigger.key.table.to_string(),
            missing_index: trigger.missing_index(catalog),
            sql: trigger.statement,
            trigger_ms: trigger.time_ms,
            trigger_calls: trigger.calls,
            plan: explained,
        });
    }
    Ok(found)
}

/// Explaining a cascade calls itself for the next level, so its future needs a size.
type Explaining<'a> = Pin<Box<dyn Future<Output = Result<Option<Box<ExplainedPlan>>, ExplainError>> + 'a>>;

/// The implied statement's own plan with its own cascade, undone.
fn explained<'a>(
    connection: &'a mut Connection,
    catalog: &'a Catalog,
    statement: &'a str,
    values: &'a [Value],
    depth: usize,
) -> Explaining<'a> {
    Box::pin(async move {
        connection.batch("SAVEPOINT perflab_implied").await?;
        let json = explain(connection, statement, values, Explain::Analyze).await;
        connection.batch("ROLLBACK TO perflab_implied").await?;
        let json = match json {
            Ok(json) => json,
            // A refused statement (a RESTRICT elsewhere, a permission) has no plan to show; a lost connection ends everything.
            Err(error) if error.server_message().is_some() => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let (plan, mut explained) = narrated(json, &facts(catalog))?;
        explained.implied = implied(connection, catalog, &plan, statement, values, depth + 1).await?;
        Ok(Some(Box::new(explained)))
    })
}

fn recognised<'a>(
    trigger: &Trigger,
    known: &HashMap<String, KeyTrigger>,
    plan: &Plan,
    catalog: &'a Catalog,
) -> Option<Fired<'a>> {
    let KeyTrigger { constraint, table, on_delete } = known.get(&trigger.name)?;
    let key = catalog.foreign_keys.iter().find(|key| &key.name == constraint && &key.table == table)?;
    let parent_side = !trigger.name.starts_with("RI_ConstraintTrigger_c_");
    let (statement, source_columns) = match (parent_side, on_delete) {
        (true, true) => (on_parent_change(key, key.on_delete), &key.referenced_columns),
        (true, false) => (on_parent_change(key, key.on_update), &key.referenced_columns),
        (false, _) => (check_of_child(key), &key.columns),
    };
    let direct = is_changed_by(plan, if parent_side { &key.referenced } else { &key.table });
    let (time_ms, calls) = (trigger.time_ms.unwrap_or_default(), trigger.calls as u64);
    Some(Fired { key, parent_side, direct, statement, source_columns, time_ms, calls })
}

/// Whether the statement itself changes the table, rather than what a foreign key ran for it.
fn is_changed_by(plan: &Plan, table: &TableName) -> bool {
    walk(plan).any(|visit| {
        visit.node.node_type == "ModifyTable"
            && visit.node.relation.as_ref() == Some(&table.name)
            && visit.node.schema.as_ref().is_none_or(|schema| *schema == table.schema)
    })
}

/// What the referencing table goes through when the referenced row goes or changes.
pub fn on_parent_change(key: &ForeignKey, action: Action) -> String {
    let table = key.table.short_sql();
    let condition = conditions(&key.columns);
    match action {
        Action::Cascade => format!("DELETE FROM {table} WHERE {condition}"),
        Action::SetNull | Action::SetDefault => {
            let to = if action == Action::SetNull { "NULL" } else { "DEFAULT" };
            let sets: Vec<String> = key.columns.iter().map(|column| format!("{} = {to}", quote_ident(column))).collect();
            format!("UPDATE {table} SET {} WHERE {condition}", sets.join(", "))
        }
        Action::NoAction | Action::Restrict => format!("SELECT 1 FROM {table} WHERE {condition} FOR KEY SHARE"),
    }
}

fn check_of_child(key: &ForeignKey) -> String {
    format!("SELECT 1 FROM {} WHERE {} FOR KEY SHARE", key.referenced.short_sql(), conditions(&key.referenced_columns))
}

fn conditions(columns: &[String]) -> String {
    let parts: Vec<String> =
        columns.iter().enumerate().map(|(i, column)| format!("{} = ${}", quote_ident(column), i + 1)).collect();
    parts.join(" AND ")
}

/// The index the referencing columns lack: none that is valid, whole and led by them, in any order.
pub fn missing_index(catalog: &Catalog, key: &ForeignKey) -> Option<String> {
    let covered = catalog.indexes_of(&key.table).any(|index| {
        let leading = index.columns.iter().take(key.columns.len());
        index.valid
            && index.predicate.is_none()
            && index.method == "btree"
            && index.columns.len() >= key.columns.len()
            && leading.clone().all(|column| column.as_ref().is_some_and(|column| key.columns.contains(column)))
    });
    let columns: Vec<String> = key.columns.iter().map(|column| quote_ident(column)).collect();
    (!covered).then(|| format!("CREATE INDEX ON {} ({})", key.table.short_sql(), columns.join(", ")))
}

/// One row that a statement changes.
struct Touched {
    reply: crate::db::Reply,
}

impl Touched {
    fn key(&self, columns: &[String]) -> Option<Vec<Value>> {
        columns.iter().map(|column| self.reply.value(0, column)).collect()
    }
}

/// Runs the statement with RETURNING and undoes it, to learn a key its triggers are called with. `None` when it changes no row or
/// has a RETURNING of its own.
async fn touched_row(connection: &mut Connection, statement: &str, parameters: &[Value]) -> Result<Option<Touched>, DbError> {
    connection.batch("SAVEPOINT perflab_touched").await?;
    let reply = connection.query(&format!("{statement}\nRETURNING *"), parameters).await;
    connection.batch("ROLLBACK TO perflab_touched").await?;
    match reply {
        Ok(reply) if !reply.is_empty() => Ok(Some(Touched { reply })),
        Ok(_) => Ok(None),
        Err(error) if error.server_message().is_some() => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::catalog::{Index, TableName};

    fn key(columns: &[&str], on_delete: Action) -> ForeignKey {
        ForeignKey {
            name: "child_fkey".into(),
            table: TableName::new("public", "child"),
            columns: columns.iter().map(|column| (*column).to_owned()).collect(),
            referenced: TableName::new("app", "Parent"),
            referenced_columns: vec!["id".into()],
            match_full: false,
            on_delete,
            on_update: Action::NoAction,
        }
    }

    #[test]
    fn every_action_has_its_statement() {
        let one = key(&["parent_id"], Action::Cascade);
        assert_eq!(on_parent_change(&one, Action::Cascade), "DELETE FROM child WHERE parent_id = $1");
        assert_eq!(on_parent_change(&one, Action::SetNull), "UPDATE child SET parent_id = NULL WHERE parent_id = $1");
        assert_eq!(on_parent_change(&one, Action::SetDefault), "UPDATE child SET parent_id = DEFAULT WHERE parent_id = $1");
        assert_eq!(on_parent_change(&one, Action::Restrict), "SELECT 1 FROM child WHERE parent_id = $1 FOR KEY SHARE");
        assert_eq!(check_of_child(&one), "SELECT 1 FROM app.\"Parent\" WHERE id = $1 FOR KEY SHARE");
    }

    #[test]
    fn only_a_look_for_referencing_rows_misses_an_index() {
        let one = key(&["parent_id"], Action::Cascade);
        let fired = |parent_side| Fired {
            key: &one,
            parent_side,
            direct: true,
            statement: String::new(),
            source_columns: &one.columns,
            time_ms: 1.0,
            calls: 1,
        };
        assert_eq!(fired(true).missing_index(&Catalog::default()).as_deref(), Some("CREATE INDEX ON child (parent_id)"));
        assert_eq!(fired(false).missing_index(&Catalog::default()), None);
    }

    #[test]
    fn an_index_led_by_the_columns_in_any_order_is_enough() {
        let two = key(&["a", "b"], Action::Cascade);
        let index = |columns: &[&str]| Index {
            name: "i".into(),
            table: two.table.clone(),
            method: "btree".into(),
            definition: String::new(),
            columns: columns.iter().map(|column| Some((*column).to_owned())).collect(),
            unique: false,
            nulls_not_distinct: false,
            primary: false,
            constraint: false,
            predicate: None,
            valid: true,
            bytes: 0,
        };
        let with = |columns: &[&str]| Catalog { indexes: vec![index(columns)], ..Catalog::default() };
        assert_eq!(missing_index(&with(&["b", "a", "c"]), &two), None);
        assert_eq!(missing_index(&with(&["a"]), &two).as_deref(), Some("CREATE INDEX ON child (a, b)"));
        assert_eq!(missing_index(&with(&["c", "a", "b"]), &two).as_deref(), Some("CREATE INDEX ON child (a, b)"));
    }
}
