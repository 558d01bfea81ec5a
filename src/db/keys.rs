//! Keys, indexes and triggers of tables that are about to be filled: remembered, taken away, put back.
//!
//! An index that exists while rows arrive costs as much as the rows ten times over; one that is built afterwards is sorted once.
//! Definitions are the server's own (`pg_get_constraintdef`, `pg_get_indexdef`), so what comes back is what was there, by the same
//! names. Comments on them and `CLUSTER` marks are not kept.

use crate::sql::quote_ident;

use super::catalog::TableName;
use super::connect::Connection;
use super::error::DbError;

/// SQLSTATE `dependent_objects_still_exist`.
const DEPENDED_ON: &str = "2BP01";

/// A constraint or an index that was taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub table: TableName,
    pub name: String,
    definition: String,
    /// A constraint; else an index of its own.
    constraint: bool,
    /// Of primary keys and UNIQUE constraints.
    index: Option<KeyIndex>,
    /// For foreign keys: on a table without partitions, where the check may come after the constraint.
    pub deferrable_check: bool,
}

/// The index of a constraint, which can be built before the constraint is put upon it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct KeyIndex {
    /// `CREATE UNIQUE INDEX …`
    definition: String,
    /// `PRIMARY KEY` or `UNIQUE`
    kind: &'static str,
    /// Empty, or ` DEFERRABLE …`.
    deferrable: String,
}

/// A trigger that was switched off.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Trigger {
    table: TableName,
    name: String,
    /// How it was switched on: `ENABLE`, `ENABLE REPLICA` or `ENABLE ALWAYS`.
    enable: &'static str,
}

/// What was taken away from tables, in the order to put it back.
#[derive(Debug, Default)]
pub struct Stripped {
    /// Primary keys, UNIQUE and EXCLUDE constraints, indexes.
    pub keys: Vec<Key>,
    pub foreign_keys: Vec<Key>,
    triggers: Vec<Trigger>,
}

type KeyRow = (String, String, String, String, String, bool, String, String, String, String);

/// Takes keys, indexes and foreign keys off the tables and switches their triggers off. Foreign keys of other tables that reference
/// them go too. What a view or something else depends on stays in place, and so do keys and indexes of partitioned tables.
///
/// # Errors
/// What the server says; the tables' owner may do it.
pub async fn strip(connection: &mut Connection, tables: &[&TableName]) -> Result<Stripped, DbError> {
    let mut stripped = Stripped::default();
    let ours = |schema: &str, name: &str| tables.iter().any(|table| table.schema == schema && table.name == name);
    let mut indexes = Vec::new();
    for row in connection.rows::<KeyRow>(include_str!("queries/keys.sql")).await? {
        let (kind, schema, table, name, definition, partitioned, other_schema, other_table, index, deferrable) = row;
        if !ours(&schema, &table) && !ours(&other_schema, &other_table) {
            continue;
        }
        let deferrable_check = !partitioned && !definition.ends_with("NOT VALID");
        let index = match kind.as_str() {
            // Others have no unique index that a constraint could be put upon.
            "p" | "u" if index.starts_with("CREATE UNIQUE INDEX") && index.contains(" USING btree ") => {
                let kind = if kind == "p" { "PRIMARY KEY" } else { "UNIQUE" };
                Some(KeyIndex { definition: index, kind, deferrable })
            }
            _ => None,
        };
        let table = TableName::new(schema, table);
        let key = Key { table, name, definition, constraint: kind != "i", index, deferrable_check };
        match kind.as_str() {
            "f" => stripped.foreign_keys.push(key),
            _ => indexes.push(key),
        }
    }
    for key in &stripped.foreign_keys {
        connection.batch(&key.drop_sql()).await.map_err(|error| key.during("taken away", error))?;
    }
    for key in indexes {
        match connection.batch(&key.drop_sql()).await {
            Ok(()) => stripped.keys.push(key),
            Err(error) if error.sqlstate() == DEPENDED_ON => {}
            Err(error) => return Err(key.during("taken away", error)),
        }
    }
    stripped.triggers = switch_off(connection, tables).await?;
    Ok(stripped)
}

async fn switch_off(connection: &mut Connection, tables: &[&TableName]) -> Result<Vec<Trigger>, DbError> {
    let mut triggers = Vec::new();
    for (schema, table, name, enabled) in
        connection.rows::<(String, String, String, String)>(include_str!("queries/triggers.sql")).await?
    {
        let table = TableName::new(schema, table);
        if !tables.contains(&&table) {
            continue;
        }
        let enable = match enabled.as_str() {
            "R" => "ENABLE REPLICA",
            "A" => "ENABLE ALWAYS",
            _ => "ENABLE",
        };
        connection.batch(&format!("ALTER TABLE {} DISABLE TRIGGER {}", table.sql(), quote_ident(&name))).await?;
        triggers.push(Trigger { table, name, enable });
    }
    Ok(triggers)
}

impl Stripped {
    /// Keys and indexes of one table.
    pub fn keys_of<'a>(&'a self, table: &'a TableName) -> impl Iterator<Item = &'a Key> {
        self.keys.iter().filter(move |key| key.table == *table)
    }

    /// Switches the triggers on as they were.
    pub async fn switch_on(&self, connection: &mut Connection) -> Result<(), DbError> {
        for Trigger { table, name, enable } in &self.triggers {
            connection.batch(&format!("ALTER TABLE {} {enable} TRIGGER {}", table.sql(), quote_ident(name))).await?;
        }
        Ok(())
    }
}

impl Key {
    fn drop_sql(&self) -> String {
        let (schema, name) = (quote_ident(&self.table.schema), quote_ident(&self.name));
        if self.constraint {
            format!("ALTER TABLE {} DROP CONSTRAINT {name}", self.table.sql())
        } else {
            format!("DROP INDEX {schema}.{name}")
        }
    }

    /// Builds a key's index, under a lock that lets other indexes of the table be built beside it; [`Key::attach`] makes a key of
    /// it. What has no such index (EXCLUDE) is put back whole.
    pub async fn build(&self, connection: &mut Connection) -> Result<(), DbError> {
        let sql = match &self.index {
            Some(index) => index.definition.clone(),
            None if self.constraint => self.add_sql(),
            None => self.definition.clone(),
        };
        connection.batch(&sql).await.map_err(|error| self.during("put back", error))
    }

    /// Puts a primary key or UNIQUE constraint upon its index, which takes no time.
    pub async fn attach(&self, connection: &mut Connection) -> Result<(), DbError> {
        let Some(KeyIndex { kind, deferrable, .. }) = &self.index else { return Ok(()) };
        let name = quote_ident(&self.name);
        let sql = format!("ALTER TABLE {} ADD CONSTRAINT {name} {kind} USING INDEX {name}{deferrable}", self.table.sql());
        connection.batch(&sql).await.map_err(|error| self.during("put back", error))
    }

    /// Puts a foreign key back for rows to come, which takes no time but an exclusive lock on both tables. [`Key::check`] holds the
    /// rows that are there against it, under a lock that lets checks of other tables run beside it. Where the server cannot part
    /// the two, this does both.
    pub async fn declare(&self, connection: &mut Connection) -> Result<(), DbError> {
        let later = if self.deferrable_check { " NOT VALID" } else { "" };
        let sql = format!("{}{later}", self.add_sql());
        connection.batch(&sql).await.map_err(|error| self.during("put back", error))
    }

    /// Checks a foreign key that was declared.
    pub async fn check(&self, connection: &mut Connection) -> Result<(), DbError> {
        if !self.deferrable_check {
            return Ok(());
        }
        let sql = format!("ALTER TABLE {} VALIDATE CONSTRAINT {}", self.table.sql(), quote_ident(&self.name));
        connection.batch(&sql).await.map_err(|error| self.during("put back", error))
    }

    fn add_sql(&self) -> String {
        format!("ALTER TABLE {} ADD CONSTRAINT {} {}", self.table.sql(), quote_ident(&self.name), self.definition)
    }

    fn during(&self, what: &str, error: DbError) -> DbError {
        error.during(format!("`{}` of {} cannot be {what}", self.name, self.table))
    }
}
