//! Indexes that are hidden from the side after: found by name, and what goes with them.

use std::collections::BTreeSet;

use super::head::identifier;
use crate::db::catalog::TableName;
use crate::db::{Connection, DbError};
use crate::report::model::DroppedIndex;
use crate::sql::quote_ident;
use crate::units;

/// An index to be dropped in a transaction that is rolled back.
#[derive(Debug, Clone)]
pub struct Hidden {
    pub dropped: DroppedIndex,
    /// The statement that drops it.
    pub sql: String,
    /// Its own name, by which plans know it.
    pub names: BTreeSet<String>,
}

/// What a name stands for.
#[derive(Debug)]
pub enum Found {
    One(Box<Hidden>),
    /// No index; the names that there are.
    None(Vec<String>),
    /// Indexes of that name in several schemas.
    Several(Vec<String>),
}

/// Looks for an index by its name, with its schema or without.
///
/// # Errors
/// When the server cannot be asked.
pub async fn find(connection: &mut Connection, wanted: &str) -> Result<Found, DbError> {
    let all: Vec<Row> = connection.rows::<Columns>(INDEXES).await?.into_iter().map(Row::from).collect();
    let (schema, name) = match split(wanted) {
        Some((schema, name)) => (Some(identifier(schema)), identifier(name)),
        None => (None, identifier(wanted)),
    };
    let mut named: Vec<&Row> =
        all.iter().filter(|row| row.name == name && schema.as_ref().is_none_or(|schema| *schema == row.schema)).collect();
    Ok(match (named.pop(), named.is_empty()) {
        (None, _) => Found::None(all.iter().map(|row| TableName::new(&row.schema, &row.name).to_string()).collect()),
        (Some(row), true) => Found::One(Box::new(row.hidden())),
        (Some(row), false) => {
            named.push(row);
            Found::Several(named.iter().map(|row| format!("{}.{}", row.schema, row.name)).collect())
        }
    })
}

/// At the first dot outside of quotes.
fn split(wanted: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let dot = wanted.char_indices().find(|(_, c)| {
        quoted ^= *c == '"';
        *c == '.' && !quoted
    })?;
    Some((&wanted[..dot.0], &wanted[dot.0 + 1..]))
}

struct Row {
    schema: String,
    name: String,
    table_schema: String,
    table_name: String,
    columns: Vec<String>,
    bytes: i64,
    definition: String,
    is_unique: bool,
    /// `p`, `u` or `x`, with its name.
    constraint_type: Option<String>,
    constraint_name: Option<String>,
    /// Foreign keys that reference what it keeps unique.
    foreign_keys: Vec<String>,
}

type Columns = (String, String, String, String, Vec<String>, i64, String, bool, Option<String>, Option<String>, Vec<String>);

impl From<Columns> for Row {
    fn from(row: Columns) -> Row {
        let (schema, name, table_schema, table_name, columns, bytes, definition, is_unique, kind, constraint, foreign_keys) = row;
        let (constraint_type, constraint_name) = (kind, constraint);
        Row {
            schema,
            name,
            table_schema,
            table_name,
            columns,
            bytes,
            definition,
            is_unique,
            constraint_type,
            constraint_name,
            foreign_keys,
        }
    }
}

impl Row {
    fn hidden(&self) -> Hidden {
        let table = TableName::new(&self.table_schema, &self.table_name);
        let cascade = if self.foreign_keys.is_empty() { "" } else { " CASCADE" };
        let sql = match &self.constraint_name {
            Some(name) => format!("ALTER TABLE {} DROP CONSTRAINT {}{cascade}", table.sql(), quote_ident(name)),
            None => format!("DROP INDEX {}{cascade}", TableName::new(&self.schema, &self.name).sql()),
        };
        let dropped = DroppedIndex {
            name: self.name.clone(),
            definition: self.definition.clone(),
            bytes: u64::try_from(self.bytes).unwrap_or(0),
            used_by: Vec::new(),
            lost: self.lost(&table),
        };
        Hidden { dropped, sql, names: BTreeSet::from([self.name.clone()]) }
    }

    fn lost(&self, table: &TableName) -> Option<String> {
        let over = if self.columns.is_empty() { String::new() } else { format!(" ({})", self.columns.join(", ")) };
        let unique = "nothing keeps these values unique";
        let without = match (self.constraint_type.as_deref(), self.is_unique) {
            (Some("p"), _) => format!("It is the primary key of {table}{over}: without it {unique}"),
            (Some("x"), _) => format!("It is an exclusion constraint of {table}: without it nothing keeps its rows apart"),
            (Some(_), _) => format!("It is a unique constraint of {table}{over}: without it {unique}"),
            (None, true) => format!("It is unique: without it {unique}"),
            (None, false) => return None,
        };
        let upsert = if self.is_unique { ", and ON CONFLICT finds no index to ask" } else { "" };
        let keys = match self.foreign_keys.as_slice() {
            [] => String::new(),
            [only] => format!(
                ". The foreign key {only}, which references it, goes with it: what it checks and cascades does not run after"
            ),
            several => format!(
                ". The foreign keys {}, which reference it, go with it: what they check and cascade does not run after",
                units::listed(several)
            ),
        };
        Some(format!("{without}{upsert}{keys}."))
    }
}

const INDEXES: &str = "SELECT n.nspname::text, c.relname::text, tn.nspname::text, t.relname::text, \
     ARRAY(SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY AS u (attnum, place) \
           JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.attnum AND u.attnum <> 0 \
           WHERE u.place <= i.indnkeyatts ORDER BY u.place), \
     pg_relation_size(c.oid)::int8, pg_get_indexdef(c.oid), i.indisunique, \
     k.contype::text, k.conname::text, \
     ARRAY(SELECT f.conname::text FROM pg_constraint f WHERE f.contype = 'f' AND f.conindid = c.oid AND f.conparentid = 0 \
           ORDER BY f.conname) \
     FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
     JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace \
     LEFT JOIN pg_constraint k ON k.conindid = c.oid AND k.contype IN ('p', 'u', 'x') \
     WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%' ORDER BY 1, 2";

#[cfg(test)]
mod tests {
    use super::*;

    fn row(constraint: Option<&str>, is_unique: bool, keys: &[&str]) -> Row {
        Row {
            schema: "public".into(),
            name: "i".into(),
            table_schema: "public".into(),
            table_name: "songs".into(),
            columns: vec!["id".into()],
            bytes: 8192,
            definition: String::new(),
            is_unique,
            constraint_type: constraint.map(str::to_owned),
            constraint_name: constraint.map(|_| "i".to_owned()),
            foreign_keys: keys.iter().map(|key| (*key).to_owned()).collect(),
        }
    }

    #[test]
    fn what_goes_with_an_index_is_said() {
        let plain = row(None, false, &[]).hidden();
        assert_eq!((plain.dropped.lost, plain.sql.as_str()), (None, "DROP INDEX public.i"));
        let key = row(Some("p"), true, &["a_fkey", "b_fkey"]).hidden();
        assert_eq!(key.sql, "ALTER TABLE public.songs DROP CONSTRAINT i CASCADE");
        let lost = key.dropped.lost.unwrap();
        assert!(lost.starts_with("It is the primary key of songs (id)") && lost.contains("a_fkey and b_fkey"), "{lost}");
        assert!(row(None, true, &[]).hidden().dropped.lost.unwrap().contains("unique"));
    }

    #[test]
    fn a_schema_stands_in_front_of_a_dot_outside_of_quotes() {
        assert_eq!(split("music.songs_pkey"), Some(("music", "songs_pkey")));
        assert_eq!(split("\"a.b\""), None);
        assert_eq!(split("\"a.b\".c"), Some(("\"a.b\"", "c")));
    }
}
