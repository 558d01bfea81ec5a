//! The statement that a foreign key's trigger runs, as `ri_triggers.c` puts it together from the constraint.

use crate::db::catalog::{Action, ForeignKey};
use crate::sql::quote_ident;

/// What makes a foreign key act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// A referenced row goes.
    ParentDeleted,
    /// A referenced row gets another key.
    ParentUpdated,
    /// A referencing row is written.
    ChildWritten,
}

impl Event {
    /// Whether it happens to the referenced row.
    pub fn of_parent(self) -> bool {
        self != Event::ChildWritten
    }
}

/// Which version of the row that fired the trigger a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Row {
    Old,
    New,
}

/// The implied statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Derived {
    pub sql: String,
    /// Where `$1` … come from: a column of the row that fired the trigger.
    pub parameters: Vec<(Row, String)>,
}

/// What the foreign key runs when `event` happens.
pub(super) fn derived(key: &ForeignKey, event: Event) -> Derived {
    let old = || key.referenced_columns.iter().map(|column| (Row::Old, column.clone()));
    match event {
        Event::ParentDeleted => {
            let sets = if key.delete_sets.is_empty() { &key.columns } else { &key.delete_sets };
            let sql = match key.on_delete {
                Action::Cascade => format!("DELETE FROM {} WHERE {}", key.table.short_sql(), conditions(&key.columns, 1)),
                other => not_cascading(key, other, sets),
            };
            Derived { sql, parameters: old().collect() }
        }
        Event::ParentUpdated if key.on_update == Action::Cascade => {
            let to = |(i, column): (usize, &String)| format!("{} = ${}", quote_ident(column), i + 1);
            let sets: Vec<String> = key.columns.iter().enumerate().map(to).collect();
            let condition = conditions(&key.columns, key.columns.len() + 1);
            let sql = format!("UPDATE {} SET {} WHERE {condition}", key.table.short_sql(), sets.join(", "));
            let new = key.referenced_columns.iter().map(|column| (Row::New, column.clone()));
            Derived { sql, parameters: new.chain(old()).collect() }
        }
        Event::ParentUpdated => Derived { sql: not_cascading(key, key.on_update, &key.columns), parameters: old().collect() },
        Event::ChildWritten => {
            let condition = conditions(&key.referenced_columns, 1);
            Derived {
                sql: format!("SELECT 1 FROM {} WHERE {condition} FOR KEY SHARE", key.referenced.short_sql()),
                parameters: key.columns.iter().map(|column| (Row::New, column.clone())).collect(),
            }
        }
    }
}

/// SET NULL and SET DEFAULT; RESTRICT and NO ACTION look for a row that still references.
fn not_cascading(key: &ForeignKey, action: Action, sets: &[String]) -> String {
    let table = key.table.short_sql();
    let condition = conditions(&key.columns, 1);
    let to = match action {
        Action::SetNull => "NULL",
        Action::SetDefault => "DEFAULT",
        _ => return format!("SELECT 1 FROM {table} WHERE {condition} FOR KEY SHARE"),
    };
    let sets: Vec<String> = sets.iter().map(|column| format!("{} = {to}", quote_ident(column))).collect();
    format!("UPDATE {table} SET {} WHERE {condition}", sets.join(", "))
}

/// `a = $1 AND b = $2`, numbered from `first`.
fn conditions(columns: &[String], first: usize) -> String {
    let parts: Vec<String> =
        columns.iter().enumerate().map(|(i, column)| format!("{} = ${}", quote_ident(column), first + i)).collect();
    parts.join(" AND ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::catalog::TableName;

    fn key(on_delete: Action, on_update: Action) -> ForeignKey {
        ForeignKey {
            name: "child_fkey".into(),
            table: TableName::new("public", "child"),
            columns: vec!["tenant".into(), "parent_id".into()],
            referenced: TableName::new("app", "Parent"),
            referenced_columns: vec!["tenant".into(), "id".into()],
            match_full: false,
            on_delete,
            on_update,
            delete_sets: Vec::new(),
            deferrable: false,
        }
    }

    fn sql(key: &ForeignKey, event: Event) -> String {
        derived(key, event).sql
    }

    #[test]
    fn every_action_has_its_statement() {
        let found = "WHERE tenant = $1 AND parent_id = $2";
        let of = |action| key(action, action);
        let deleted = |action| sql(&of(action), Event::ParentDeleted);
        let updated = |action| sql(&of(action), Event::ParentUpdated);
        assert_eq!(deleted(Action::Cascade), format!("DELETE FROM child {found}"));
        assert_eq!(updated(Action::Cascade), "UPDATE child SET tenant = $1, parent_id = $2 WHERE tenant = $3 AND parent_id = $4");
        for event in [Event::ParentDeleted, Event::ParentUpdated] {
            let both = |action| sql(&of(action), event);
            assert_eq!(both(Action::SetNull), format!("UPDATE child SET tenant = NULL, parent_id = NULL {found}"));
            assert_eq!(both(Action::SetDefault), format!("UPDATE child SET tenant = DEFAULT, parent_id = DEFAULT {found}"));
            assert_eq!(both(Action::Restrict), format!("SELECT 1 FROM child {found} FOR KEY SHARE"));
            assert_eq!(both(Action::NoAction), both(Action::Restrict));
        }
        let check = "SELECT 1 FROM app.\"Parent\" WHERE tenant = $1 AND id = $2 FOR KEY SHARE";
        assert_eq!(sql(&of(Action::Cascade), Event::ChildWritten), check);
    }

    #[test]
    fn a_new_key_is_set_and_the_old_one_looked_for() {
        let parameters = derived(&key(Action::NoAction, Action::Cascade), Event::ParentUpdated).parameters;
        let rows: Vec<Row> = parameters.iter().map(|(row, _)| *row).collect();
        assert_eq!(rows, [Row::New, Row::New, Row::Old, Row::Old]);
        assert_eq!(parameters[3].1, "id");
    }

    #[test]
    fn a_column_list_of_set_null_is_kept_to_on_delete_and_unknown_to_on_update() {
        let one = ForeignKey { delete_sets: vec!["parent_id".into()], ..key(Action::SetNull, Action::SetNull) };
        assert_eq!(sql(&one, Event::ParentDeleted), "UPDATE child SET parent_id = NULL WHERE tenant = $1 AND parent_id = $2");
        assert!(sql(&one, Event::ParentUpdated).contains("SET tenant = NULL, parent_id = NULL"));
    }
}
