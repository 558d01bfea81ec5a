//! Which foreign key an internal trigger stands for.
//!
//! A plan names the trigger and the constraint, but constraints of different tables may share a name; the trigger's own name
//! has its OID in it and is shared by none.

use std::collections::HashMap;

use super::catalog::TableName;
use super::connect::Connection;
use super::error::DbError;
use crate::sql::quote_literal;

/// One trigger of a foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyTrigger {
    pub constraint: String,
    /// The referencing table.
    pub table: TableName,
    /// Fires when the referenced row is deleted, rather than when a row is changed or inserted.
    pub on_delete: bool,
    /// The table or partition whose rows fire it.
    pub relation: TableName,
}

/// The foreign keys of the triggers with these names; those of other kinds are left out.
///
/// # Errors
/// What the server says.
pub async fn key_triggers(connection: &mut Connection, names: &[&str]) -> Result<HashMap<String, KeyTrigger>, DbError> {
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let list: Vec<String> = names.iter().map(|name| quote_literal(name)).collect();
    let sql = include_str!("queries/key_triggers.sql").replace("$1", &format!("ARRAY[{}]", list.join(", ")));
    let rows: Vec<(String, bool, String, String, String, String, String)> = connection.rows(&sql).await?;
    let by_name = rows.into_iter().map(|(name, on_delete, constraint, schema, table, fired_schema, fired)| {
        let relation = TableName::new(fired_schema, fired);
        (name, KeyTrigger { constraint, table: TableName::new(schema, table), on_delete, relation })
    });
    Ok(by_name.collect())
}
