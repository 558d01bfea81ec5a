//! The catalog of a database, read from the server.

use std::collections::HashMap;

use super::catalog::{Action, Catalog, Check, Column, ForeignKey, Identity, Index, IndexKey, PartitionBound, Table, TableName};
use super::connect::Connection;
use super::error::DbError;
use super::planner_facts::read_planner_facts;
use super::read_types::Types;

type ColumnRow = (
    i64,
    String,
    i64,
    String,
    i64,
    String,
    i32,
    bool,
    Option<String>,
    String,
    bool,
    Option<String>,
    Vec<String>,
    Vec<String>,
    i32,
);
type ConstraintRow = (i64, String, String, String, Vec<String>, i64, Vec<String>, bool, String, String, Vec<String>, bool);
type PartitionRow = (i64, i64, bool, Vec<String>, String, String);
type KeyRow = (i64, String, bool, String, String, String, String, bool, bool);
type IndexRow = (i64, String, String, String, Vec<String>, bool, bool, bool, bool, Option<String>, bool, i64);

/// Reads all user tables and materialized views with their columns, constraints and indexes.
///
/// # Errors
/// What the server says; a user that may connect may read the catalog.
pub async fn read_catalog(connection: &mut Connection) -> Result<Catalog, DbError> {
    let mut catalog = Catalog::default();
    let mut places: HashMap<i64, usize> = HashMap::new();
    let mut materialized = Vec::new();
    for (oid, schema, name, estimated_rows, bytes, is_materialized) in
        connection.rows::<(i64, String, String, f64, i64, bool)>(include_str!("queries/tables.sql")).await?
    {
        materialized.push(is_materialized);
        places.insert(oid, catalog.tables.len());
        catalog.tables.push(Table {
            name: TableName::new(schema, name),
            columns: Vec::new(),
            primary_key: None,
            uniques: Vec::new(),
            checks: Vec::new(),
            exclusions: Vec::new(),
            partitions: Vec::new(),
            estimated_rows,
            bytes,
        });
    }
    let types = Types::read(connection).await?;
    for row in connection.rows::<ColumnRow>(include_str!("queries/columns.sql")).await? {
        if let Some(place) = places.get(&row.0) {
            catalog.tables[*place].columns.push(column(row, &types));
        }
    }
    for row in connection.rows::<ConstraintRow>(include_str!("queries/constraints.sql")).await? {
        add_constraint(&mut catalog, &places, row);
    }
    for row in connection.rows::<IndexRow>(include_str!("queries/indexes.sql")).await? {
        if let Some(place) = places.get(&row.0) {
            add_index(&mut catalog, *place, row);
        }
    }
    for row in connection.rows::<KeyRow>(include_str!("queries/index_keys.sql")).await? {
        if let Some(place) = places.get(&row.0) {
            add_key(&mut catalog, *place, row);
        }
    }
    let divided = connection.rows::<PartitionRow>(include_str!("queries/partitions.sql")).await?;
    for (oid, place) in places {
        leaves(&divided, oid, &[], &mut catalog.tables[place].partitions);
    }
    let (views, tables): (Vec<_>, Vec<_>) =
        catalog.tables.into_iter().zip(materialized).partition(|(_, materialized)| *materialized);
    catalog.tables = tables.into_iter().map(|(table, _)| table).collect();
    catalog.materialized = views.into_iter().map(|(view, _)| view).collect();
    for (schema, name, root_schema, root) in
        connection.rows::<(String, String, String, String)>(include_str!("queries/leaves.sql")).await?
    {
        catalog.roots.insert(TableName::new(schema, name), TableName::new(root_schema, root));
    }
    catalog.planner = read_planner_facts(connection).await?;
    Ok(catalog)
}

/// The partitions below `parent` that have none of their own; `above` are the bounds that lead to it.
fn leaves(divided: &[PartitionRow], parent: i64, above: &[PartitionBound], found: &mut Vec<Vec<PartitionBound>>) {
    for (_, oid, further, columns, key, bound) in divided.iter().filter(|(of, ..)| *of == parent) {
        let columns = columns.iter().map(|column| Some(column.clone()).filter(|column| !column.is_empty())).collect();
        let mut path = above.to_vec();
        path.push(PartitionBound { columns, key: key.clone(), bound: bound.clone() });
        match further {
            true => leaves(divided, *oid, &path, found),
            false => found.push(path),
        }
    }
}

fn column(row: ColumnRow, types: &Types) -> Column {
    let (
        _,
        name,
        type_oid,
        type_name,
        base_oid,
        base_name,
        typmod,
        not_null,
        default,
        identity,
        generated,
        sequence,
        labels,
        checks,
        dimensions,
    ) = row;
    Column {
        name,
        type_oid: oid(type_oid),
        type_name,
        base_oid: oid(base_oid),
        base_name,
        typmod,
        not_null,
        default,
        identity: match identity.as_str() {
            "a" => Identity::Always,
            "d" => Identity::ByDefault,
            _ => Identity::No,
        },
        generated,
        sequence,
        enum_labels: labels,
        domain_checks: checks,
        element: types.inside(base_oid, typmod),
        dimensions: u32::try_from(dimensions).unwrap_or(0),
    }
}

/// OIDs are unsigned 32-bit numbers; SQL hands them over as `int8`.
fn oid(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

fn add_constraint(catalog: &mut Catalog, places: &HashMap<i64, usize>, row: ConstraintRow) {
    let (
        table,
        name,
        kind,
        definition,
        columns,
        referenced,
        referenced_columns,
        match_full,
        on_delete,
        on_update,
        delete_sets,
        deferrable,
    ) = row;
    let Some(place) = places.get(&table).copied() else { return };
    match kind.as_str() {
        "p" => catalog.tables[place].primary_key = Some(columns),
        "u" => catalog.tables[place].uniques.push(columns),
        "c" => catalog.tables[place].checks.push(Check { name, definition }),
        "x" => catalog.tables[place].exclusions.push(Check { name, definition }),
        "f" => {
            if let Some(parent) = places.get(&referenced).copied() {
                catalog.foreign_keys.push(ForeignKey {
                    name,
                    table: catalog.tables[place].name.clone(),
                    columns,
                    referenced: catalog.tables[parent].name.clone(),
                    referenced_columns,
                    match_full,
                    on_delete: action(&on_delete),
                    on_update: action(&on_update),
                    delete_sets,
                    deferrable,
                });
            }
        }
        _ => {}
    }
}

/// `pg_constraint.confdeltype` and `confupdtype`.
fn action(code: &str) -> Action {
    match code {
        "r" => Action::Restrict,
        "c" => Action::Cascade,
        "n" => Action::SetNull,
        "d" => Action::SetDefault,
        _ => Action::NoAction,
    }
}

fn add_index(catalog: &mut Catalog, place: usize, row: IndexRow) {
    let (_, name, method, definition, columns, unique, nulls_not_distinct, primary, constraint, predicate, valid, bytes) = row;
    let columns: Vec<Option<String>> =
        columns.into_iter().map(|column| Some(column).filter(|column| !column.is_empty())).collect();
    let table = &mut catalog.tables[place];
    // A unique index made without a constraint binds its columns all the same, unless it covers part of the rows.
    if unique && !constraint && predicate.is_none() {
        table.uniques.extend(columns.iter().cloned().collect::<Option<Vec<String>>>());
    }
    let table = table.name.clone();
    catalog.indexes.push(Index {
        name,
        table,
        method,
        definition,
        columns,
        keys: Vec::new(),
        included: Vec::new(),
        unique,
        nulls_not_distinct,
        primary,
        constraint,
        predicate,
        valid,
        bytes,
    });
}

fn add_key(catalog: &mut Catalog, place: usize, row: KeyRow) {
    let (_, index, is_key, expression, column, operator_class, collation, descending, nulls_first) = row;
    let table = &catalog.tables[place].name;
    let Some(index) = catalog.indexes.iter_mut().find(|known| known.name == index && &known.table == table) else { return };
    let told = |text: String| Some(text).filter(|text| !text.is_empty());
    match (is_key, told(column)) {
        (false, column) => index.included.extend(column),
        (true, column) => index.keys.push(IndexKey {
            expression,
            column,
            operator_class: told(operator_class),
            collation: told(collation),
            descending,
            nulls_first,
        }),
    }
}
