//! Which column of a file goes into which column of the table.

use std::path::PathBuf;

use crate::csv::{Dialect, expand, header};
use crate::db::catalog::{Catalog, Table};
use crate::scenario::model::{EpochUnit, FileTable, Ignore, Located, Location, NullWords, TableSpec};
use crate::seed::check::Facts;
use crate::seed::layout::unknown_column;
use crate::seed::problem::{Problem, SeedProblem};
use crate::seed::types::PgType;

/// A column of the table that is read.
#[derive(Debug, Clone)]
pub struct FileColumn {
    /// Place in the table.
    pub place: usize,
    pub name: String,
    pub of: PgType,
    pub not_null: bool,
    pub facts: Facts,
    pub nulls: NullWords,
    pub trim: bool,
    pub time: Option<EpochUnit>,
}

/// One file, and where in its records the columns stand.
#[derive(Debug, Clone)]
pub struct Input {
    pub path: PathBuf,
    /// Per [`FileColumn`]: the field.
    pub places: Vec<usize>,
    /// Fields of a record.
    pub width: usize,
    /// The first record is no row.
    pub header: bool,
    pub dialect: Dialect,
    /// Bytes.
    pub size: u64,
}

/// The columns of a table that its files have, in the table's order, and the files.
pub fn columns(
    from: &FileTable,
    catalog: &Catalog,
    table: usize,
    spec: &TableSpec,
) -> Result<(Vec<FileColumn>, Vec<Input>), Vec<SeedProblem>> {
    let mut matching = Matching { from, catalog, table, spec, problems: Vec::new(), columns: Vec::new(), inputs: Vec::new() };
    for pattern in &from.files {
        match expand(&pattern.value) {
            Ok(found) => found.into_iter().for_each(|path| matching.file(path, pattern.at)),
            Err(missing) => matching.wrong(pattern.at, missing.to_string()),
        }
    }
    if matching.problems.is_empty() { Ok((matching.columns, matching.inputs)) } else { Err(matching.problems) }
}

struct Matching<'a> {
    from: &'a FileTable,
    catalog: &'a Catalog,
    table: usize,
    spec: &'a TableSpec,
    problems: Vec<SeedProblem>,
    columns: Vec<FileColumn>,
    inputs: Vec<Input>,
}

impl Matching<'_> {
    fn found(&self) -> &Table {
        &self.catalog.tables[self.table]
    }

    fn wrong(&mut self, at: Location, why: String) {
        let table = self.spec.name.value.clone();
        let problem = SeedProblem::new(at, Problem::File { table, why });
        // Of several files that are alike, one is enough.
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    fn file(&mut self, path: PathBuf, at: Location) {
        let shown = path.display().to_string();
        let names = match header(&path, self.from.dialect) {
            Ok(Some(names)) => names,
            Ok(None) => return self.wrong(at, format!("`{shown}` is empty")),
            Err(error) => return self.wrong(at, format!("`{shown}` could not be read: {error}")),
        };
        let size = path.metadata().map_or(0, |data| data.len());
        let fields = self.fields(&names, &shown, at);
        let mut placed: Vec<(FileColumn, usize)> = Vec::new();
        for (field, (column, at)) in fields.iter().enumerate().filter_map(|(field, column)| Some((field, column.as_ref()?))) {
            let Some(column) = self.column(column, field, &names, *at) else { continue };
            if placed.iter().any(|(other, _)| other.place == column.place) {
                self.wrong(*at, format!("two columns of `{shown}` go into `{}`; ignore one of them", column.name));
                continue;
            }
            placed.push((column, field));
        }
        placed.sort_by_key(|(column, _)| column.place);
        let places = placed.iter().map(|(_, field)| *field).collect();
        let columns: Vec<FileColumn> = placed.into_iter().map(|(column, _)| column).collect();
        if self.inputs.is_empty() {
            if columns.is_empty() && self.problems.is_empty() {
                self.wrong(at, format!("`{shown}` has no column of the table"));
            }
            self.columns = columns;
        } else if let Some(missing) = missing(&self.columns, &columns).or_else(|| missing(&columns, &self.columns)) {
            self.wrong(
                at,
                format!("`{shown}` and the first file do not both have `{missing}`; files of one table have the same columns"),
            );
        }
        self.inputs.push(Input { path, places, width: names.len(), header: self.from.header, dialect: self.from.dialect, size });
    }

    /// The table's column for each field, and where the scenario says so.
    fn fields(&mut self, names: &[String], shown: &str, at: Location) -> Vec<Option<(String, Location)>> {
        let plain = !self.from.header && self.from.columns.is_empty();
        let writable: Vec<String> =
            self.found().columns.iter().filter(|column| !column.generated).map(|column| column.name.clone()).collect();
        let mut fields = Vec::with_capacity(names.len());
        for (place, name) in names.iter().enumerate() {
            let called = if self.from.header { name.clone() } else { (place + 1).to_string() };
            let named = self.from.columns.iter().find(|column| column.field.value == called);
            let ignored = matches!(&self.from.ignore, Ignore::Listed(listed) if listed.iter().any(|other| other.value == called));
            let column = match named {
                Some(column) => Some((column.column.value.clone(), column.column.at)),
                None if ignored => None,
                None if plain => writable.get(place).map(|name| (name.clone(), at)),
                None if self.from.header && self.found().column(name).is_some() => Some((name.clone(), at)),
                None => None,
            };
            if column.is_none() && !ignored && self.from.ignore != Ignore::Rest {
                let what = if self.from.header { format!("`{name}`") } else { format!("{called} (`{name}` in its first line)") };
                let near = crate::seed::problem::suggestion(name, writable.iter().map(String::as_str));
                let near = near.strip_prefix("; ").map_or(String::new(), |near| format!("{near} "));
                self.wrong(
                    at,
                    format!(
                        "it has no column for {what} of `{shown}`; {near}map it under `columns:`, or name it under `ignore:`"
                    ),
                );
            }
            fields.push(column);
        }
        fields
    }

    fn column(&mut self, name: &str, field: usize, names: &[String], at: Location) -> Option<FileColumn> {
        let Some(place) = self.found().columns.iter().position(|column| column.name == name) else {
            let problem = unknown_column(self.catalog, self.table, name, at);
            if !self.problems.contains(&problem) {
                self.problems.push(problem);
            }
            return None;
        };
        let column = &self.found().columns[place];
        if let Some(described) = self.spec.columns.iter().find(|described| described.name.value == name) {
            self.wrong(described.name.at, format!("`{name}` is described and in the file; drop one, or name it under `ignore:`"));
            return None;
        }
        if column.generated {
            self.wrong(at, format!("`{name}` is generated by the server; name it under `ignore:`"));
            return None;
        }
        let Some(mut of) = PgType::of(column) else {
            let type_name = column.type_name.clone();
            self.wrong(at, format!("perflab cannot read values of type {type_name} for `{name}`; name it under `ignore:`"));
            return None;
        };
        let mut facts = Facts::default();
        self.found().checks.iter().for_each(|check| facts.learn(&check.definition, name));
        column.domain_checks.iter().for_each(|check| facts.learn(check, "VALUE"));
        if let Some(most) = facts.max_chars {
            of.max_chars = Some(of.max_chars.map_or(most, |max| max.min(most)));
        }
        let own = self.from.columns.iter().find(|own| is_field(&own.field, field, names, self.from.header));
        Some(FileColumn {
            place,
            name: name.to_owned(),
            of,
            not_null: column.not_null,
            facts,
            nulls: own.and_then(|own| own.nulls.clone()).unwrap_or_else(|| self.from.nulls.clone()),
            trim: self.from.trim,
            time: own.and_then(|own| own.time).or(self.from.time),
        })
    }
}

fn is_field(written: &Located<String>, field: usize, names: &[String], header: bool) -> bool {
    if header { names[field] == written.value } else { written.value == (field + 1).to_string() }
}

fn missing(of: &[FileColumn], in_others: &[FileColumn]) -> Option<String> {
    of.iter().find(|column| !in_others.iter().any(|other| other.place == column.place)).map(|column| column.name.clone())
}
