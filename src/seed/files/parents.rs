//! Which keys of a table from files are looked at, and where the keys of their parents are.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::db::catalog::{Catalog, ForeignKey};
use crate::scenario::model::{ColumnSource, Data, FileTable, Orphans, Rows};
use crate::seed::build::Builder;
use crate::seed::layout::{find_table, layout};
use crate::seed::problem::{Problem, SeedProblem};
use crate::seed::types::Kind;
use crate::seed::values::{Context, Source};

use super::columns::FileColumn;
use super::keys::{KeySet, key_value};
use super::order::root;
use super::survey::{Parents, Watch, WatchedKey, comparable};
use super::{ColumnId, Files, places, referenced};

/// Unique keys first, since others look into them; then foreign keys, then what other tables from files look up.
pub fn watched(
    files: &Files,
    data: &Data,
    catalog: &Catalog,
    scale: f64,
    (table, from, columns): (usize, &FileTable, &[FileColumn]),
) -> Result<Vec<WatchedKey>, Vec<SeedProblem>> {
    let found = &catalog.tables[table];
    let mut keys: Vec<WatchedKey> = Vec::new();
    for names in found.primary_key.iter().chain(&found.uniques) {
        let Some(read) = read_columns(catalog, table, names, columns) else { continue };
        if !keys.iter().any(|key| key.columns == read) {
            keys.push(WatchedKey { columns: read, watch: Watch::Unique });
        }
    }
    let mut problems = Vec::new();
    for key in catalog.foreign_keys.iter().filter(|key| key.table == found.name) {
        let Some(read) = read_columns(catalog, table, &key.columns, columns) else { continue };
        match watch(files, data, catalog, scale, (table, from, columns), key, &mut keys) {
            Ok(Some(watch)) => keys.push(WatchedKey { columns: read, watch }),
            Ok(None) => {}
            Err(problem) => problems.extend(problem),
        }
    }
    for key in catalog.foreign_keys.iter().filter(|key| key.referenced == found.name) {
        let Some(read) = read_columns(catalog, table, &key.referenced_columns, columns) else { continue };
        referenced_key(&mut keys, read);
    }
    if problems.is_empty() { Ok(keys) } else { Err(problems) }
}

/// The place of a key whose rows are put into a set.
fn referenced_key(keys: &mut Vec<WatchedKey>, columns: Vec<usize>) -> usize {
    let known = |key: &WatchedKey| key.columns == columns && matches!(key.watch, Watch::Unique | Watch::Referenced);
    if let Some(at) = keys.iter().position(known) {
        return at;
    }
    keys.push(WatchedKey { columns, watch: Watch::Referenced });
    keys.len() - 1
}

/// The places among the file's columns; `None` when the file lacks one.
fn read_columns(catalog: &Catalog, table: usize, names: &[String], columns: &[FileColumn]) -> Option<Vec<usize>> {
    let places = places(catalog, table, names)?;
    places.iter().map(|place| columns.iter().position(|column| column.place == *place)).collect()
}

/// How a foreign key is checked. `None`: by the server, when it is put back.
fn watch(
    files: &Files,
    data: &Data,
    catalog: &Catalog,
    scale: f64,
    (table, from, columns): (usize, &FileTable, &[FileColumn]),
    key: &ForeignKey,
    keys: &mut Vec<WatchedKey>,
) -> Result<Option<Watch>, Vec<SeedProblem>> {
    let Some(parent) = referenced(catalog, key) else { return Ok(None) };
    let Some(theirs) = places(catalog, parent, &key.referenced_columns) else { return Ok(None) };
    let own_kinds = read_columns(catalog, table, &key.columns, columns).unwrap_or_default();
    let kinds: Vec<Kind> = own_kinds.iter().map(|column| columns[*column].of.kind).collect();
    if parent == table {
        let read = read_columns(catalog, table, &key.referenced_columns, columns);
        let same = |read: &[usize]| read.iter().zip(&kinds).all(|(column, kind)| comparable(columns[*column].of.kind, *kind));
        return Ok(read.filter(|read| same(read)).map(|read| Watch::Own { unique: referenced_key(keys, read) }));
    }
    let spec = data.tables.iter().find(|spec| find_table(catalog, &spec.name) == Ok(parent));
    let parents = match (spec.map(|spec| &spec.rows), files.of(parent)) {
        (Some(Rows::Query(_)), _) => return Ok(None),
        (_, Some(rows)) => {
            let same = theirs
                .iter()
                .zip(&kinds)
                .all(|(place, kind)| rows.column(*place).is_some_and(|column| comparable(rows.columns[column].of.kind, *kind)));
            rows.set(&theirs).filter(|_| same).map(Parents::Set)
        }
        // It is read later: the two reference each other.
        (Some(Rows::File(_)), None) => None,
        (None, None) => Some(Parents::Numbered(0)),
        (Some(_), None) => generated(files, data, catalog, scale, (parent, &theirs, &kinds), from)?,
    };
    let (foreign_key, parent) = (key.name.clone(), key.referenced.to_string());
    let keep = from.orphans == Orphans::Keep;
    Ok(parents.map(|parents| Watch::Among { parents, foreign_key, parent, keep }))
}

/// The keys of a table whose rows perflab makes.
fn generated(
    files: &Files,
    data: &Data,
    catalog: &Catalog,
    scale: f64,
    (parent, theirs, kinds): (usize, &[usize], &[Kind]),
    from: &FileTable,
) -> Result<Option<Parents>, Vec<SeedProblem>> {
    let name = catalog.tables[parent].name.to_string();
    if let Some(counted_from) = root(data, catalog, parent).filter(|root| files.of(*root).is_none()) {
        let why = format!(
            "it references `{name}`, whose rows are counted from `{}`, which is not read yet; give `{name}` a number of rows",
            catalog.tables[counted_from].name
        );
        return Err(vec![SeedProblem::new(from.at, Problem::File { table: name, why })]);
    }
    let counted = files.counted(data, catalog);
    let layout = layout(&counted, catalog, &[scale])?;
    let rows = layout.rows[parent];
    let mut builder = Builder::new(&counted, catalog, &layout, files);
    let made: Option<Vec<_>> = theirs.iter().map(|column| builder.made((parent, *column))).collect();
    let Some(made) = made else { return if builder.problems.is_empty() { Ok(None) } else { Err(builder.problems) } };
    if !made.iter().zip(kinds).all(|(made, kind)| comparable(made.of.kind, *kind)) {
        return Ok(None);
    }
    if let [only] = made.as_slice()
        && matches!(only.cell.source, Source::Row(_))
    {
        return Ok(Some(Parents::Numbered(rows)));
    }
    let mut set = KeySet::new(kinds.len() == 1 && kinds[0].is_integer());
    let (mut context, mut bytes) = (Context::rows(), Vec::new());
    for row in 0..rows {
        bytes.clear();
        context.turn_to(row);
        let mut ends = vec![0];
        for made in &made {
            made.cell.write(&mut context, &mut bytes);
            ends.push(bytes.len());
        }
        let fields = ends.windows(2).zip(&made).map(|(ends, made)| (&bytes[ends[0]..ends[1]], made.of.kind));
        if let Some(key) = key_value(fields) {
            set.insert(key);
        }
    }
    Ok(Some(Parents::Set(Arc::new(set))))
}

/// The columns, by their place among the file's, whose values tables that perflab makes need.
pub fn kept(data: &Data, catalog: &Catalog, table: usize, wanted: &BTreeSet<ColumnId>, columns: &[FileColumn]) -> Vec<usize> {
    let found = &catalog.tables[table];
    let mut names: BTreeSet<&str> =
        wanted.iter().filter(|id| id.0 == table).map(|id| found.columns[id.1].name.as_str()).collect();
    for spec in &data.tables {
        let Ok(other) = find_table(catalog, &spec.name) else { continue };
        let name = &catalog.tables[other].name;
        let keys = catalog.foreign_keys.iter().filter(|key| key.table == *name && key.referenced == found.name);
        for key in keys {
            names.extend(key.columns.iter().zip(&key.referenced_columns).filter_map(|(own, theirs)| {
                // What stands in a file itself is not made.
                let made =
                    !matches!(spec.rows, Rows::File(_) | Rows::Query(_)) || other != table && !reads(data, catalog, other, own);
                made.then_some(theirs.as_str())
            }));
        }
        let refers =
            |source: &ColumnSource| matches!(source, ColumnSource::Reference(to) if find_table(catalog, &to.table) == Ok(table));
        if spec.columns.iter().any(|column| refers(&column.source)) {
            names.extend(found.primary_key.iter().flatten().map(String::as_str));
        }
    }
    let read = (0..columns.len()).filter(|column| names.contains(columns[*column].name.as_str()));
    read.collect()
}

/// True when the files of a table have the column.
fn reads(data: &Data, catalog: &Catalog, table: usize, column: &str) -> bool {
    let spec = data.tables.iter().find(|spec| find_table(catalog, &spec.name) == Ok(table));
    let Some(Rows::File(from)) = spec.map(|spec| &spec.rows) else {
        return matches!(spec.map(|spec| &spec.rows), Some(Rows::Query(_)));
    };
    let read = spec.map(|spec| super::columns::columns(from, catalog, table, spec));
    matches!(read, Some(Ok((columns, _))) if columns.iter().any(|read| read.name == column))
}

/// The foreign key of a table that points into the table itself by these columns.
pub fn own_key_name(catalog: &Catalog, table: usize, key: &WatchedKey, columns: &[FileColumn]) -> Option<String> {
    let found = &catalog.tables[table].name;
    let names: Vec<&str> = key.columns.iter().map(|column| columns[*column].name.as_str()).collect();
    let own = catalog.foreign_keys.iter().find(|key| key.table == *found && key.referenced == *found && key.columns == names);
    own.map(|key| key.name.clone())
}
