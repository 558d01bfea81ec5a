//! Tables whose rows stand in files.
//!
//! Files are read twice. The first reading decides which records are rows (a record is none when it does not fit its columns, repeats a
//! key or lacks its parent), counts them, and keeps what other tables need: keys, as a set to look them up in and as a list to refer
//! to them by. With the counts known, everything else is laid out as if the tables had numbers of rows; the second reading, while the
//! tables are loaded, sends the rows. Both read blocks on several threads and take them in the order of the files.
//!
//! ```text
//! FileTable + Catalog ─ columns ─ survey ─ Files ─ layout, build, plan ─ feed ─ COPY
//!                                   └ rejects/<table>.csv
//! ```

mod columns;
mod content;
mod encode;
mod feed;
mod keys;
mod order;
mod parents;
mod pipeline;
mod rejects;
mod survey;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use crate::db::catalog::Catalog;
use crate::report::model::{FileLoad, RejectCount};
use crate::scenario::model::{Data, FileTable, Orphans, Rows};
use crate::units;

use super::error::SeedError;
use super::layout::{find_table, place_of};
use super::problem::SeedProblem;
use super::progress::SeedEvent;

use columns::{FileColumn, Input};
pub use content::content_digest;
pub use feed::{FileFeed, Piece};
use keys::KeySet;
pub use keys::Stored;
use rejects::{Reason, Rejects};
use survey::{Start, Task, Watch};

/// A column by its table's place in the catalog and its own place in the table.
type ColumnId = (usize, usize);

/// All tables that were read from files.
#[derive(Debug, Default)]
pub struct Files {
    pub tables: Vec<Arc<FileRows>>,
}

/// The rows of one table, as its files have them.
#[derive(Debug)]
pub struct FileRows {
    /// Place in the catalog.
    pub table: usize,
    pub rows: u64,
    pub columns: Arc<Vec<FileColumn>>,
    pub inputs: Arc<Vec<Input>>,
    starts: Vec<Start>,
    rejected: Vec<u64>,
    records: u64,
    /// By place in the table.
    kept: BTreeMap<usize, Arc<Stored>>,
    /// By places in the table.
    sets: BTreeMap<Vec<usize>, Arc<KeySet>>,
    /// Names of foreign keys with rows whose parents are not there.
    pub orphaned: BTreeMap<String, u64>,
    /// For the outcome.
    pub load: FileLoad,
}

/// How files are read.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// Folder for the rejected records: `<table>.csv` each.
    pub rejects: PathBuf,
    pub threads: usize,
}

/// What is asked of a reading.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    pub data: &'a Data,
    pub catalog: &'a Catalog,
    pub scale: f64,
    /// Columns whose values other tables are made from, beyond the keys.
    pub wanted: &'a BTreeSet<ColumnId>,
    pub options: &'a ReadOptions,
}

/// Why files could not be read: mistakes of the scenario, or what stands in them.
#[derive(Debug)]
pub enum Unread {
    Mistakes(Vec<SeedProblem>),
    Failed(SeedError),
}

impl From<SeedError> for Unread {
    fn from(error: SeedError) -> Unread {
        Unread::Failed(error)
    }
}

impl Files {
    /// No files.
    pub fn none() -> &'static Files {
        static NONE: Files = Files { tables: Vec::new() };
        &NONE
    }

    /// Reads the files of all tables of the data once.
    ///
    /// # Errors
    /// Mistakes in names and columns, all at once and before a record is read; then more rejected records than a table allows.
    pub async fn read(asked: &Reading<'_>, tell: &mut dyn FnMut(SeedEvent)) -> Result<Files, Unread> {
        let (data, catalog) = (asked.data, asked.catalog);
        let mut prepared = prepare(data, catalog)?;
        let order = order::by_parents(data, catalog, &prepared.iter().map(|table| table.table).collect::<Vec<_>>());
        let mut files = Files::default();
        for (done, table) in (0_u32..).zip(&order) {
            let Some(at) = prepared.iter().position(|prepared| prepared.table == *table) else { continue };
            let table = prepared.swap_remove(at);
            let part = |share: f64| (f64::from(done) + share) / order.len() as f64;
            let name = catalog.tables[table.table].name.to_string();
            let mut tell = |share, what| tell(SeedEvent { share: part(share), what: format!("reading {name}: {what}") });
            let rows = files.read_table(asked, table, &mut tell).await?;
            files.tables.push(Arc::new(rows));
        }
        Ok(files)
    }

    /// The files' rows of a table of the catalog.
    pub fn of(&self, table: usize) -> Option<&Arc<FileRows>> {
        self.tables.iter().find(|rows| rows.table == table)
    }

    /// The data with the counts that were found in place of the files.
    pub fn counted<'d>(&self, data: &'d Data, catalog: &Catalog) -> Cow<'d, Data> {
        if data.tables.iter().all(|spec| spec.rows.are_known()) {
            return Cow::Borrowed(data);
        }
        let mut counted = data.clone();
        for spec in &mut counted.tables {
            if let Rows::File(_) = spec.rows {
                let found = find_table(catalog, &spec.name).ok().and_then(|table| self.of(table));
                spec.rows = Rows::Exactly(found.map_or(0, |rows| rows.rows));
                spec.fixed = true;
            }
        }
        // What statements derive is counted when it is there.
        if data.tables.iter().any(|spec| matches!(spec.rows, Rows::Query(_))) {
            counted.expect = None;
        }
        Cow::Owned(counted)
    }

    async fn read_table(
        &self,
        asked: &Reading<'_>,
        prepared: Prepared,
        tell: &mut dyn FnMut(f64, String),
    ) -> Result<FileRows, Unread> {
        let Reading { data, catalog, scale, wanted, options } = *asked;
        let Prepared { table, from, columns, inputs } = prepared;
        let name = &catalog.tables[table].name;
        let keys = parents::watched(self, data, catalog, scale, (table, &from, &columns)).map_err(Unread::Mistakes)?;
        let kept: Vec<usize> = parents::kept(data, catalog, table, wanted, &columns);
        let task = Task {
            columns: Arc::new(columns),
            inputs: Arc::new(inputs),
            keys: Arc::new(keys),
            kept,
            limit: from.limit,
            allowed: if from.orphans == Orphans::Fail { 1.0_f64.min(from.rejects) } else { from.rejects },
            threads: options.threads,
        };
        let path = options.rejects.join(format!("{name}.csv"));
        let mut rejects = Rejects::into_file(path.clone()).map_err(|source| SeedError::Rejects { source })?;
        let mut found = survey::survey(&task, &BTreeSet::new(), &mut rejects, tell).await?;
        let own = found.own_orphans(&task);
        if !own.is_empty() && from.orphans != Orphans::Keep {
            rejects = Rejects::into_file(path).map_err(|source| SeedError::Rejects { source })?;
            found = survey::survey(&task, &own, &mut rejects, tell).await?;
        }
        let rejects_file = rejects.finish().map_err(|source| SeedError::Rejects { source })?;
        judge(name.to_string(), &from, &found, &rejects, rejects_file.as_ref())?;
        if from.orphans == Orphans::Keep && !own.is_empty() {
            let keys = task.keys.iter().filter(|key| matches!(key.watch, Watch::Own { .. }));
            let names = keys.filter_map(|key| parents::own_key_name(catalog, table, key, &task.columns));
            names.for_each(|name| {
                found.orphans.insert(name, own.len() as u64);
            });
        }
        Ok(FileRows::new(table, task, found, &rejects, rejects_file))
    }
}

/// Fails when more was rejected than the scenario allows.
fn judge(
    table: String,
    from: &FileTable,
    found: &survey::Found,
    rejects: &Rejects,
    file: Option<&PathBuf>,
) -> Result<(), SeedError> {
    let share = rejects.total as f64 / found.records.max(1) as f64;
    let orphans = rejects.of(Reason::Orphan);
    let refused = from.orphans == Orphans::Fail && orphans > 0;
    if share <= from.rejects && !refused {
        return Ok(());
    }
    let why = if refused {
        format!("{} of {} records are orphans", units::count(orphans), units::count(found.records))
    } else {
        format!(
            "{} of {} records do not fit, more than `rejects: {}%` allows",
            units::count(rejects.total),
            units::count(found.records),
            from.rejects * 100.0
        )
    };
    let file = file.map(|file| file.display().to_string()).unwrap_or_default();
    Err(SeedError::TooManyRejects { table, why, examples: rejects.examples.join("\n  "), file })
}

/// A table whose files and columns are known to fit.
struct Prepared {
    table: usize,
    from: FileTable,
    columns: Vec<FileColumn>,
    inputs: Vec<Input>,
}

fn prepare(data: &Data, catalog: &Catalog) -> Result<Vec<Prepared>, Unread> {
    let mut prepared = Vec::new();
    let mut problems = Vec::new();
    for spec in &data.tables {
        let Rows::File(from) = &spec.rows else { continue };
        match find_table(catalog, &spec.name) {
            Err(problem) => problems.push(problem),
            Ok(table) => match columns::columns(from, catalog, table, spec) {
                Ok((columns, inputs)) => prepared.push(Prepared { table, from: from.as_ref().clone(), columns, inputs }),
                Err(wrong) => problems.extend(wrong),
            },
        }
    }
    if problems.is_empty() { Ok(prepared) } else { Err(Unread::Mistakes(problems)) }
}

impl FileRows {
    fn new(table: usize, task: Task, found: survey::Found, rejects: &Rejects, file: Option<PathBuf>) -> FileRows {
        let place = |column: &usize| task.columns[*column].place;
        let mut kept: BTreeMap<usize, Arc<Stored>> = BTreeMap::new();
        for (column, stored) in task.kept.iter().zip(found.kept) {
            kept.insert(place(column), Arc::new(stored));
        }
        let mut sets = BTreeMap::new();
        for (key, set) in found.sets {
            sets.insert(task.keys[key].columns.iter().map(place).collect(), Arc::new(set));
        }
        let load = FileLoad {
            files: task.inputs.iter().map(|input| input.path.display().to_string()).collect(),
            bytes: task.inputs.iter().map(|input| input.size).sum(),
            records: found.records,
            rejected: rejects.total,
            rejects: rejects
                .counts
                .iter()
                .map(|((reason, column), records)| RejectCount {
                    reason: reason.words().to_owned(),
                    column: column.clone(),
                    records: *records,
                })
                .collect(),
            rejects_file: file.map(|file| file.display().to_string()),
            orphans_kept: found.orphans.values().sum(),
        };
        FileRows {
            table,
            rows: found.rows,
            columns: task.columns,
            inputs: task.inputs,
            starts: found.starts,
            rejected: found.rejected,
            records: found.records,
            kept,
            sets,
            orphaned: found.orphans.into_iter().filter(|(_, rows)| *rows > 0).collect(),
            load,
        }
    }

    /// The place among the file's columns of a column of the table.
    pub fn column(&self, place: usize) -> Option<usize> {
        self.columns.iter().position(|column| column.place == place)
    }

    /// A column's values by row, if they were kept.
    pub fn stored(&self, place: usize) -> Option<Arc<Stored>> {
        self.kept.get(&place).cloned()
    }

    fn set(&self, places: &[usize]) -> Option<Arc<KeySet>> {
        self.sets.get(places).cloned()
    }
}

/// The table of the catalog that a foreign key references.
fn referenced(catalog: &Catalog, key: &crate::db::catalog::ForeignKey) -> Option<usize> {
    place_of(catalog, &key.referenced)
}

/// The places of columns in their table.
fn places(catalog: &Catalog, table: usize, names: &[String]) -> Option<Vec<usize>> {
    let columns = &catalog.tables[table].columns;
    names.iter().map(|name| columns.iter().position(|column| column.name == *name)).collect()
}
