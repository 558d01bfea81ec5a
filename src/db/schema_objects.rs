//! The schema as a list of objects with their definitions, so that two states of it can be held against each other.

use super::connect::Connection;
use super::error::DbError;

/// An object: kind and name, and everything that defines it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SchemaObject {
    /// `column song.title`
    pub name: String,
    pub definition: String,
}

/// Tables, columns, constraints, indexes, views, routines, triggers, types, sequences, statistics, policies, rights, comments and
/// extensions, in the order of their names. What belongs to an extension is left to it.
///
/// # Errors
/// What the server says.
pub async fn schema_objects(connection: &mut Connection) -> Result<Vec<SchemaObject>, DbError> {
    let rows: Vec<(String, String)> = connection.rows(include_str!("queries/schema_objects.sql")).await?;
    let mut objects: Vec<SchemaObject> = rows.into_iter().map(|(name, definition)| SchemaObject { name, definition }).collect();
    objects.sort();
    Ok(objects)
}
