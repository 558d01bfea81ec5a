//! What the triggers are that a plan names: their function and when they fire.

use super::catalog::TableName;
use super::connect::Connection;
use super::error::DbError;
use crate::sql::quote_literal;

/// One trigger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriggerInfo {
    pub name: String,
    /// The table or partition it is on.
    pub table: TableName,
    /// `app.note_change()`
    pub function: String,
    /// `plpgsql`
    pub language: String,
    /// `AFTER DELETE, FOR EACH ROW`
    pub fires: String,
}

/// The triggers with these names, on any table: triggers of different tables may share one.
///
/// # Errors
/// What the server says.
pub async fn trigger_infos(connection: &mut Connection, names: &[&str]) -> Result<Vec<TriggerInfo>, DbError> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let list: Vec<String> = names.iter().map(|name| quote_literal(name)).collect();
    let sql = include_str!("queries/fired_triggers.sql").replace("$1", &format!("ARRAY[{}]", list.join(", ")));
    let rows: Vec<(String, String, String, String, String, String)> = connection.rows(&sql).await?;
    let infos = rows.into_iter().map(|(name, table, schema, function, language, fires)| TriggerInfo {
        name,
        table: TableName::new(schema, table),
        function,
        language,
        fires,
    });
    Ok(infos.collect())
}
