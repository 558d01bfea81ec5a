//! Catalogs and data written by hand, for tests.

use crate::db::catalog::{Action, Catalog, Check, Column, ForeignKey, Identity, Table, TableName};
use crate::scenario::model::{
    Assign, ColumnSource, ColumnSpec, Data, Hop, Located, Location, Order, Reference, Rows, TableSpec, Through, ValueSpec,
};

/// `users(id int8 pk identity, email text unique not null, platform_id int8 -> platforms.id); …`. Types are `typname`, with a
/// length as `varchar:64`; a column's `check …` must come last.
pub fn catalog(text: &str) -> Catalog {
    let mut catalog = Catalog::default();
    for definition in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, columns) = definition.split_once('(').unwrap();
        let name = TableName::new("public", name.trim());
        let mut table = Table {
            name: name.clone(),
            columns: Vec::new(),
            primary_key: None,
            uniques: Vec::new(),
            checks: Vec::new(),
            exclusions: Vec::new(),
            partitions: Vec::new(),
            estimated_rows: -1.0,
            bytes: 0,
        };
        let columns = columns.strip_suffix(')').unwrap_or(columns);
        let mut depth = 0;
        let outside = |c: char| {
            depth += i32::from(c == '(' || c == '[') - i32::from(c == ')' || c == ']');
            c == ',' && depth == 0
        };
        columns.split(outside).for_each(|text| add_column(&mut table, &mut catalog.foreign_keys, text.trim()));
        catalog.tables.push(table);
    }
    catalog
}

fn add_column(table: &mut Table, keys: &mut Vec<ForeignKey>, text: &str) {
    let words: Vec<&str> = text.split_whitespace().collect();
    let has = |word: &str| words.contains(&word);
    let after = |word: &str| words.iter().position(|found| *found == word).map(|at| words[at + 1].to_owned());
    if has("unique_key") {
        table.uniques.push(words[1..].iter().map(|word| word.to_string()).collect());
        return;
    }
    let name = words[0].to_owned();
    let (base_name, length) = words[1].split_once(':').unwrap_or((words[1], "-5"));
    if has("pk") {
        table.primary_key.get_or_insert_default().push(name.clone());
    }
    if has("unique") {
        table.uniques.push(vec![name.clone()]);
    }
    if let Some(parent) = after("->") {
        let (parent, column) = parent.split_once('.').unwrap();
        keys.push(ForeignKey {
            name: format!("{}_{name}_fkey", table.name.name),
            table: table.name.clone(),
            columns: vec![name.clone()],
            referenced: TableName::new("public", parent),
            referenced_columns: vec![column.to_owned()],
            match_full: false,
            on_delete: Action::NoAction,
            on_update: Action::NoAction,
            delete_sets: Vec::new(),
            deferrable: false,
        });
    }
    if let Some((_, check)) = text.split_once("check ") {
        table.checks.push(Check { name: format!("{name}_check"), definition: format!("CHECK ({check})") });
    }
    table.columns.push(Column {
        name: name.clone(),
        type_oid: 0,
        type_name: base_name.to_owned(),
        base_oid: 0,
        base_name: base_name.to_owned(),
        typmod: length.parse::<i32>().unwrap() + 4,
        not_null: has("not") || has("pk"),
        default: after("default"),
        identity: if has("identity") { Identity::ByDefault } else { Identity::No },
        generated: has("generated"),
        sequence: has("identity").then(|| format!("public.{}_{name}_seq", table.name.name)),
        enum_labels: Vec::new(),
        domain_checks: Vec::new(),
        element: None,
        dimensions: 0,
    });
}

pub fn located(name: &str) -> Located<String> {
    Located::new(name.to_owned(), Location::default())
}

pub fn data(tables: Vec<TableSpec>) -> Data {
    Data {
        seed: 42,
        until_us: 1_767_225_600_000_000,
        locale: Default::default(),
        because: None,
        rows: None,
        tables,
        expect: None,
        checks: Vec::new(),
    }
}

pub fn table(name: &str, rows: Rows) -> TableSpec {
    TableSpec { name: located(name), rows, fixed: false, because: None, order: Order::Grouped, columns: Vec::new() }
}

pub fn with(table: TableSpec, columns: Vec<ColumnSpec>) -> TableSpec {
    TableSpec { columns, ..table }
}

pub fn column(name: &str, source: ColumnSource) -> ColumnSpec {
    ColumnSpec { name: located(name), source, nulls: 0.0, words: String::new() }
}

pub fn value(name: &str, spec: ValueSpec) -> ColumnSpec {
    column(name, ColumnSource::Value(spec))
}

pub fn reference(name: &str, table: &str, assign: Assign) -> ColumnSpec {
    column(name, ColumnSource::Reference(Reference { table: located(table), assign, unique_per: None }))
}

pub fn unique_per(name: &str, table: &str, assign: Assign, per: &str) -> ColumnSpec {
    column(name, ColumnSource::Reference(Reference { table: located(table), assign, unique_per: Some(located(per)) }))
}

/// `hops` as `table.column`.
pub fn through(name: &str, hops: &[&str], rounds: Option<std::ops::RangeInclusive<u64>>) -> ColumnSpec {
    let hop = |text: &&str| {
        let (table, column) = text.split_once('.').unwrap();
        Located::new(Hop { table: table.to_owned(), column: column.to_owned() }, Location::default())
    };
    column(name, ColumnSource::Through(Through { hops: hops.iter().map(hop).collect(), rounds }))
}
