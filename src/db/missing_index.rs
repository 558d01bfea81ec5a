//! The index that a foreign key's referencing columns lack.

use super::catalog::{Catalog, ForeignKey, Index};
use crate::sql::quote_ident;

/// The index by which the key's referencing rows could be found, as a statement; `None` when there is one: valid, and led by the
/// columns in any order. A partial index counts when it only leaves out rows whose key is NULL, which nobody looks for.
pub fn missing_index(catalog: &Catalog, key: &ForeignKey) -> Option<String> {
    let covered = catalog.indexes_of(&key.table).any(|index| serves(index, key));
    let columns: Vec<String> = key.columns.iter().map(|column| quote_ident(column)).collect();
    (!covered).then(|| format!("CREATE INDEX ON {} ({})", key.table.short_sql(), columns.join(", ")))
}

fn serves(index: &Index, key: &ForeignKey) -> bool {
    let mut leading = index.columns.iter().take(key.columns.len());
    let by_method = match index.method.as_str() {
        "btree" => true,
        "hash" => key.columns.len() == 1,
        _ => false,
    };
    index.valid
        && by_method
        && index.predicate.as_deref().is_none_or(|predicate| only_leaves_out_nulls(predicate, key))
        && index.columns.len() >= key.columns.len()
        && leading.all(|column| column.as_ref().is_some_and(|column| key.columns.contains(column)))
}

/// `(parent_id IS NOT NULL)`, as `pg_get_expr` prints it, of one of the key's columns.
fn only_leaves_out_nulls(predicate: &str, key: &ForeignKey) -> bool {
    key.columns.iter().any(|column| predicate == format!("({} IS NOT NULL)", quote_ident(column)))
}

#[cfg(test)]
mod tests {
    use super::super::catalog::{Action, TableName};
    use super::*;

    fn key() -> ForeignKey {
        ForeignKey {
            name: "child_fkey".into(),
            table: TableName::new("public", "child"),
            columns: vec!["a".into(), "b".into()],
            referenced: TableName::new("app", "Parent"),
            referenced_columns: vec!["x".into(), "y".into()],
            match_full: false,
            on_delete: Action::Cascade,
            on_update: Action::NoAction,
            delete_sets: Vec::new(),
            deferrable: false,
        }
    }

    fn missing(columns: &[&str], method: &str, predicate: Option<&str>) -> Option<String> {
        let index = Index {
            name: "i".into(),
            table: key().table,
            method: method.into(),
            definition: String::new(),
            columns: columns.iter().map(|column| Some((*column).to_owned())).collect(),
            keys: Vec::new(),
            included: Vec::new(),
            unique: false,
            nulls_not_distinct: false,
            primary: false,
            constraint: false,
            predicate: predicate.map(str::to_owned),
            valid: true,
            bytes: 0,
        };
        missing_index(&Catalog { indexes: vec![index], ..Catalog::default() }, &key())
    }

    #[test]
    fn an_index_led_by_the_columns_in_any_order_is_enough() {
        let lacking = Some("CREATE INDEX ON child (a, b)".to_owned());
        assert_eq!(missing(&["b", "a", "c"], "btree", None), None);
        assert_eq!(missing(&["a"], "btree", None), lacking);
        assert_eq!(missing(&["c", "a", "b"], "btree", None), lacking);
        assert_eq!(missing(&["a", "b"], "gin", None), lacking);
    }

    #[test]
    fn a_partial_index_is_enough_when_it_leaves_out_nulls_only() {
        assert_eq!(missing(&["a", "b"], "btree", Some("(b IS NOT NULL)")), None);
        assert!(missing(&["a", "b"], "btree", Some("(c IS NOT NULL)")).is_some());
        assert!(missing(&["a", "b"], "btree", Some("(a > 5)")).is_some());
    }
}
