//! Two states of a schema held against each other.

use std::collections::BTreeMap;

use crate::db::schema_objects::SchemaObject;
use crate::db::{Connection, DbError, Target};

pub use crate::db::schema_objects::schema_objects;

/// The objects of a database.
///
/// # Errors
/// When the server cannot be reached or refuses.
pub async fn of(target: &Target) -> Result<Vec<SchemaObject>, DbError> {
    let mut connection = Connection::open(target).await?;
    let objects = schema_objects(&mut connection).await?;
    connection.close().await;
    Ok(objects)
}

/// What is not as it was, each in words: `missing: index public.a_b_idx`.
pub fn differences(before: &[SchemaObject], after: &[SchemaObject]) -> Vec<String> {
    let by_name = |objects: &[SchemaObject]| -> BTreeMap<String, String> {
        objects.iter().map(|object| (object.name.clone(), object.definition.clone())).collect()
    };
    let (before, after) = (by_name(before), by_name(after));
    let mut found = Vec::new();
    for (name, definition) in &before {
        match after.get(name) {
            None => found.push(format!("missing: {name}")),
            Some(now) if now != definition => found.push(format!("changed: {name}: `{definition}` is now `{now}`")),
            Some(_) => {}
        }
    }
    found.extend(after.keys().filter(|name| !before.contains_key(*name)).map(|name| format!("left over: {name}")));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_changed_or_left_over_is_named() {
        let of = |pairs: &[(&str, &str)]| -> Vec<SchemaObject> {
            pairs
                .iter()
                .map(|(name, definition)| SchemaObject { name: (*name).into(), definition: (*definition).into() })
                .collect()
        };
        let before = of(&[("column t.a", "integer"), ("index i", "x"), ("table t", "p")]);
        assert_eq!(differences(&before, &before), Vec::<String>::new());
        let after = of(&[("column t.a", "bigint"), ("column t.b", "text"), ("table t", "p")]);
        assert_eq!(
            differences(&before, &after),
            ["changed: column t.a: `integer` is now `bigint`", "missing: index i", "left over: column t.b"]
        );
    }
}
