//! Which columns of the catalog the names in a statement mean.

use crate::db::catalog::{Catalog, Column, Table};
use crate::plan::outline::{ColumnRef, Outline, Select};

/// The table's column that a name in this SELECT means, and under which alias; `None` when it may be another's, or no table's.
pub(super) fn resolve<'c>(
    outline: &Outline<'_>,
    select: &Select,
    column: &ColumnRef,
    catalog: &'c Catalog,
) -> Option<(String, &'c Table, &'c Column)> {
    let of = |relation: &crate::plan::outline::Relation| {
        let table = table_of(outline, relation.table.as_deref()?, catalog)?;
        Some((relation.alias.clone(), table, table.column(&column.name)?))
    };
    if let Some(alias) = &column.table {
        return select.relations.iter().find(|relation| &relation.alias == alias).and_then(of);
    }
    // A query of WITH or in brackets may have a column of that name, too; then the server refuses the name, or it is the only one.
    let mut found = select.relations.iter().filter_map(of);
    match (found.next(), found.next()) {
        (Some(one), None) => Some(one),
        _ => None,
    }
}

/// The table of that name, unless a query of WITH has it.
pub(super) fn table_of<'c>(outline: &Outline<'_>, written: &str, catalog: &'c Catalog) -> Option<&'c Table> {
    let hidden = outline.query.ctes.iter().any(|cte| cte.name == written);
    catalog.find(written).filter(|_| !hidden)
}

/// Keys of the table, none of whose columns can be NULL: no two rows share their values.
pub(super) fn unique_keys(table: &Table) -> impl Iterator<Item = &Vec<String>> {
    let never_null = |key: &&Vec<String>| key.iter().all(|name| table.column(name).is_some_and(|column| column.not_null));
    table.primary_key.iter().chain(&table.uniques).filter(never_null)
}

/// Whether ORDER BY leaves no ties: it holds all of a key of the only table that is read.
pub(super) fn total_order(outline: &Outline<'_>, catalog: &Catalog) -> bool {
    let select = &outline.query.select;
    let [relation] = select.relations.as_slice() else { return false };
    let Some(table) = relation.table.as_deref().and_then(|name| table_of(outline, name, catalog)) else { return false };
    let keys: Vec<String> = select
        .order_by
        .iter()
        .filter_map(|key| outline.column(&key.expression))
        .filter_map(|column| resolve(outline, select, &column, catalog).map(|(_, _, found)| found.name.clone()))
        .collect();
    unique_keys(table).any(|key| key.iter().all(|name| keys.contains(name)))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::db::catalog::{Identity, TableName};

    /// Tables by name with their columns; `!` behind a name stands for NOT NULL, the first column is the primary key.
    pub(in crate::advise::beyond) fn catalog(tables: &[(&str, &[&str])]) -> Catalog {
        let column = |written: &&str| Column {
            name: written.trim_end_matches('!').to_owned(),
            type_oid: 20,
            type_name: "bigint".into(),
            base_oid: 20,
            base_name: "int8".into(),
            typmod: -1,
            not_null: written.ends_with('!'),
            default: None,
            identity: Identity::No,
            generated: false,
            sequence: None,
            enum_labels: Vec::new(),
            domain_checks: Vec::new(),
            element: None,
            dimensions: 0,
        };
        let table = |(name, columns): &(&str, &[&str])| Table {
            name: TableName::new("public", *name),
            columns: columns.iter().map(column).collect(),
            primary_key: Some(vec![columns[0].trim_end_matches('!').to_owned()]),
            uniques: Vec::new(),
            checks: Vec::new(),
            exclusions: Vec::new(),
            partitions: Vec::new(),
            estimated_rows: 1000.0,
            bytes: 0,
        };
        Catalog { tables: tables.iter().map(table).collect(), ..Catalog::default() }
    }

    #[test]
    fn an_order_is_total_when_it_holds_a_key() {
        let catalog = catalog(&[("t", &["id!", "a"]), ("u", &["id!", "b"])]);
        for (sql, total) in [
            ("SELECT a FROM t ORDER BY a, id", true),
            ("SELECT a FROM t AS x ORDER BY x.id DESC", true),
            ("SELECT a FROM t ORDER BY a", false),
            ("SELECT a FROM t, u ORDER BY t.id", false),
            ("WITH t AS (SELECT 1 AS id) SELECT id FROM t ORDER BY id", false),
        ] {
            assert_eq!(total_order(&Outline::of(sql).unwrap(), &catalog), total, "{sql}");
        }
    }
}
