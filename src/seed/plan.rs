//! [`SeedPlan`]: everything about the rows that will be made, before the first one is.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use crate::db::catalog::{Catalog, TableName};
use crate::scenario::model::{Claim, Data, Location, Rows, TableSpec};
use crate::sql::quote_ident;
use crate::units;

use super::asked::{Asked, asked};
use super::build::{Builder, ColumnId, Made, Role};
use super::derive::Derived;
use super::digest::{StepDigests, TableDigest};
use super::files::{FileRows, Files, Piece, ReadOptions, Reading, Unread};
use super::grouping::Grouping;
use super::layout::{layout, unknown_column};
use super::problem::{Problem, SeedProblem};
use super::progress::SeedEvent;
use super::steps::Steps;
use super::text::NotAValue;
use super::types::Kind;
use super::values::{Cell, Context, Reference, Source, Tally};

/// Version of the generator: it changes when equal scenarios no longer give equal rows.
pub const GENERATOR_VERSION: u32 = 2;

/// Rows are made, hashed and sent in pieces of about this many bytes: large enough to amortise a channel and a system call, small
/// enough to stay in the cache between making, hashing and sending.
const CHUNK_BYTES: u64 = 256 * 1024;

/// How many rows are made on trial to learn how wide they are.
const SAMPLE_ROWS: u64 = 32;

/// The rows of a scenario at a scale.
#[derive(Debug)]
pub struct SeedPlan {
    pub seed: u64,
    pub scale: f64,
    /// The scales through which the rows grow, each a prefix of the next; the last is `scale`.
    pub scales: Vec<f64>,
    /// The first of the scales whose rows are made; those before it are there already.
    pub from: usize,
    /// Why the rows of scale 1 are not the first of these, if they are not.
    pub not_a_prefix: Option<String>,
    pub because: Option<String>,
    /// Tables that get rows, in the order of the scenario.
    pub tables: Vec<Arc<TablePlan>>,
    /// `expect`, when it can be held against the counts: only unscaled.
    pub expected: Option<Expected>,
    /// Tables of `expect` with the rows they must have, unscaled.
    pub expected_tables: Vec<(String, u64)>,
    /// `check:`
    pub checks: Vec<Claim>,
    /// Tables that the scenario asks to stay empty.
    pub empty: Vec<EmptyTable>,
    /// Tables that statements fill when these have their rows, in that order; found by [`super::derived`].
    pub derived: Vec<Derived>,
}

/// A described table without rows.
#[derive(Debug, Clone, PartialEq)]
pub struct EmptyTable {
    pub name: TableName,
    pub rule: String,
    pub because: Option<String>,
    /// Among the tables of the scenario.
    pub place: usize,
}

/// The sum that the rows must have.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    pub total_rows: u64,
    /// Names of tables that the sum leaves out.
    pub without: Vec<String>,
}

impl Expected {
    /// True for a table that the sum leaves out, named with or without its schema.
    pub fn leaves_out(&self, table: &str) -> bool {
        self.without
            .iter()
            .any(|name| name == table || name.strip_prefix("public.") == Some(table) || table.ends_with(&format!(".{name}")))
    }
}

/// The rows of one table.
#[derive(Debug)]
pub struct TablePlan {
    pub name: TableName,
    pub rows: u64,
    /// The same as they grow.
    steps: Steps,
    /// The first step whose rows are made.
    from: usize,
    /// `3,000`, `0.3037 per playlists`.
    pub rule: String,
    pub because: Option<String>,
    /// Columns that are written, in the order of their cells.
    pub columns: Vec<String>,
    /// The columns that the scenario describes.
    pub asked: Vec<Asked>,
    /// Among the tables of the scenario.
    pub place: usize,
    pub references: Vec<PlannedReference>,
    pub sequences: Vec<PlannedSequence>,
    cells: Vec<Arc<Cell>>,
    /// Where the scenario names the table.
    pub at: Location,
    /// Where it speaks of each column, else of the table.
    pub column_at: Vec<Location>,
    /// The form of each column's values.
    pub kinds: Vec<Kind>,
    /// Of each cell: the OID that its arrays' elements have in this database, where that differs from one to the next.
    element_oids: Vec<Option<u32>>,
    /// For tables from files: where each column comes from.
    pub file: Option<PlannedFile>,
    chunk_rows: u64,
}

/// Rows that are read.
#[derive(Debug, Clone)]
pub struct PlannedFile {
    pub rows: Arc<FileRows>,
    /// In the order of the columns.
    pub pieces: Arc<Vec<Piece>>,
}

/// A column that points at rows of another table.
#[derive(Debug)]
pub struct PlannedReference {
    pub column: String,
    pub parent: TableName,
    children: Children,
}

#[derive(Debug)]
enum Children {
    Laid(Arc<Grouping>),
    Counted(Arc<Tally>),
}

impl PlannedReference {
    /// Children of every parent that has any. Where each row picks for itself this is known once the rows were made.
    pub fn children(&self) -> Vec<u64> {
        let mut children = Vec::new();
        self.each_parent(|count| children.push(count));
        children.retain(|count| *count > 0);
        children
    }

    /// The number of children of every parent, also of those without any.
    pub fn each_parent(&self, told: impl FnMut(u64)) {
        match &self.children {
            Children::Laid(grouping) => grouping.children().for_each(told),
            Children::Counted(tally) => tally.counts().for_each(told),
        }
    }
}

/// A sequence to set after the load.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedSequence {
    /// `schema.name`, quoted.
    pub sequence: String,
    pub column: String,
    /// The largest value written; `None`: ask the table.
    pub last: Option<u64>,
}

impl PlannedSequence {
    /// The column, quoted.
    pub fn column_sql(&self) -> String {
        quote_ident(&self.column)
    }
}

/// A row whose text is no value of its column.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("row {row} of {table}")]
pub struct RowFailure {
    pub table: String,
    pub column: String,
    /// Where the scenario speaks of the column.
    pub at: Location,
    /// From 1.
    pub row: u64,
    #[source]
    pub reason: Box<NotAValue>,
}

impl From<RowFailure> for SeedProblem {
    fn from(failure: RowFailure) -> SeedProblem {
        let RowFailure { table, column, at, row, reason } = failure;
        let why = format!("row {row}: {reason}");
        let next = "describe the column so that its values fit";
        SeedProblem::new(at, Problem::Refused { table, column: Some(column), why, next })
    }
}

impl SeedPlan {
    /// Plans the rows.
    ///
    /// # Errors
    /// Everything that does not fit: unknown names, impossible counts, values that cannot fill their columns. All at once.
    pub fn new(data: &Data, catalog: &Catalog, scale: f64) -> Result<SeedPlan, Vec<SeedProblem>> {
        let at = |scales: &[f64]| SeedPlan::with_files(data, catalog, scales, Files::none());
        as_a_prefix(scale, at).map_err(|(problems, _)| problems)
    }

    /// Plans rows that grow from scale to scale, each adding to those of the one before. Only those of the scales from number `from` on
    /// are made; the others are there already.
    ///
    /// # Errors
    /// As [`SeedPlan::new`], and rows that cannot be added without changing those before.
    pub fn growing(data: &Data, catalog: &Catalog, scales: &[f64], from: usize) -> Result<SeedPlan, Vec<SeedProblem>> {
        let mut plan = SeedPlan::with_files(data, catalog, scales, Files::none()).map_err(|(problems, _)| problems)?;
        plan.from = from;
        let tables =
            plan.tables.into_iter().map(|table| Arc::into_inner(table).map(|table| Arc::new(TablePlan { from, ..table })));
        plan.tables = tables.flatten().collect();
        Ok(plan)
    }

    /// Reads the files of the tables that have some, and plans the rows of all tables.
    ///
    /// # Errors
    /// As [`SeedPlan::new`], and what is wrong with the files.
    pub async fn reading(
        data: &Data,
        catalog: &Catalog,
        scale: f64,
        options: &ReadOptions,
        tell: &mut dyn FnMut(SeedEvent),
    ) -> Result<SeedPlan, Unread> {
        let mut wanted = BTreeSet::new();
        loop {
            let files = Files::read(&Reading { data, catalog, scale, wanted: &wanted, options }, tell).await?;
            match as_a_prefix(scale, |scales| SeedPlan::with_files(data, catalog, scales, &files)) {
                Ok(plan) => return Ok(plan),
                // Rare: a column that is no key decides about values elsewhere, which shows when they are made.
                Err((_, not_kept)) if !not_kept.is_subset(&wanted) => wanted.extend(not_kept),
                Err((problems, _)) => return Err(Unread::Mistakes(problems)),
            }
        }
    }

    /// The plan, or problems and columns of files that were not kept.
    fn with_files(data: &Data, catalog: &Catalog, scales: &[f64], files: &Files) -> Result<SeedPlan, Unplanned> {
        let counted = files.counted(data, catalog);
        let scale = scales.last().copied().unwrap_or(1.0);
        let layout = layout(&counted, catalog, scales).map_err(|problems| (problems, BTreeSet::new()))?;
        let mut builder = Builder::new(&counted, catalog, &layout, files);
        let mut places: Vec<(usize, usize)> =
            layout.specs.iter().enumerate().filter_map(|(table, spec)| Some(((*spec)?, table))).collect();
        places.sort_unstable();
        let (filled, empty): (Vec<_>, Vec<_>) =
            places.into_iter().partition(|(_, table)| layout.rows[*table] > 0 || files.of(*table).is_some());
        let tables: Vec<Arc<TablePlan>> = filled
            .into_iter()
            .filter_map(|(place, table)| plan_table(&mut builder, table, &data.tables[place], place).map(Arc::new))
            .collect();
        let derived = |place: &usize| matches!(data.tables[*place].rows, Rows::Query(_));
        let empty = empty.into_iter().filter(|(place, _)| !derived(place)).map(|(place, table)| {
            let spec = &data.tables[place];
            EmptyTable { name: builder.table(table).name.clone(), rule: rule(spec), because: spec.because.clone(), place }
        });
        let empty = empty.collect();
        let not_kept = builder.not_kept;
        let mut problems = builder.problems;
        problems.extend(unknown_peers(data, catalog, &layout.specs));
        if !problems.is_empty() || !not_kept.is_empty() {
            problems.sort_by_key(|problem| problem.at);
            return Err((problems, not_kept));
        }
        let expected = data.expect.as_ref().filter(|_| scale == 1.0).and_then(|expect| {
            let without = expect.without.iter().map(|name| name.value.clone()).collect();
            Some(Expected { total_rows: expect.total_rows.as_ref()?.value, without })
        });
        let counted = data.expect.iter().flat_map(|expect| &expect.tables);
        Ok(SeedPlan {
            seed: data.seed,
            scale,
            scales: scales.to_vec(),
            from: 0,
            not_a_prefix: None,
            because: data.because.clone(),
            tables,
            expected,
            expected_tables: counted.map(|(name, rows)| (name.value.clone(), rows.value)).collect(),
            checks: data.checks.clone(),
            empty,
            derived: Vec::new(),
        })
    }

    /// True for a foreign key with rows whose parents are not there, which were to be kept.
    pub fn has_orphans(&self, table: &TableName, foreign_key: &str) -> bool {
        let files = self.tables.iter().filter(|planned| planned.name == *table).filter_map(|table| table.file.as_ref());
        files.into_iter().any(|file| file.rows.orphaned.contains_key(foreign_key))
    }

    /// Rows of all tables that are made.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows - table.earlier()).sum()
    }
}

/// Problems, and columns of files that were not kept.
type Unplanned = (Vec<SeedProblem>, BTreeSet<ColumnId>);

/// The plan of a scale whose first rows are those of scale 1. Where that cannot be, because some values must fit the number of rows, all
/// rows are made for the scale at once, and the plan says so.
fn as_a_prefix(scale: f64, plan: impl Fn(&[f64]) -> Result<SeedPlan, Unplanned>) -> Result<SeedPlan, Unplanned> {
    if scale <= 1.0 {
        return plan(&[scale]);
    }
    match plan(&[1.0, scale]) {
        Err((problems, not_kept)) if not_kept.is_empty() => {
            let not_a_prefix = problems.first().map(ToString::to_string);
            Ok(SeedPlan { not_a_prefix, ..plan(&[scale])? })
        }
        planned => planned,
    }
}

/// `unique_per` of references that do not get as far as looking for it.
fn unknown_peers(data: &Data, catalog: &Catalog, specs: &[Option<usize>]) -> Vec<SeedProblem> {
    use crate::scenario::model::{Assign, ColumnSource};
    let mut problems = Vec::new();
    for (table, spec) in specs.iter().enumerate().filter_map(|(table, spec)| Some((table, &data.tables[(*spec)?]))) {
        for column in &spec.columns {
            let ColumnSource::Reference(reference) = &column.source else { continue };
            let Some(per) = reference.unique_per.as_ref().filter(|_| matches!(reference.assign, Assign::Fanout(_))) else {
                continue;
            };
            problems.push(match catalog.tables[table].column(&per.value) {
                None => unknown_column(catalog, table, &per.value, per.at),
                Some(_) => SeedProblem::new(
                    per.at,
                    Problem::Column {
                        table: spec.name.value.clone(),
                        column: column.name.value.clone(),
                        why: "`unique_per` goes with `pick`, not with a fanout of its own; drop one of the two".into(),
                    },
                ),
            });
        }
    }
    problems
}

/// `None` when a column cannot be made; why is among the builder's problems.
fn plan_table(builder: &mut Builder, table: usize, spec: &TableSpec, place: usize) -> Option<TablePlan> {
    let (found, rows) = (builder.table(table), builder.rows(table));
    let mut plan = TablePlan {
        name: found.name.clone(),
        rows,
        steps: builder.steps(table).clone(),
        from: 0,
        rule: rule(spec),
        because: spec.because.clone(),
        columns: Vec::new(),
        asked: asked(spec, rows),
        place,
        references: Vec::new(),
        sequences: Vec::new(),
        cells: Vec::new(),
        at: spec.name.at,
        column_at: Vec::new(),
        kinds: Vec::new(),
        element_oids: Vec::new(),
        file: None,
        chunk_rows: 1,
    };
    let mut pieces = Vec::new();
    let mut whole = true;
    for (at, column) in found.columns.iter().enumerate() {
        match builder.role((table, at)) {
            Role::LeftOut => continue,
            Role::FromFile => {
                plan.columns.push(column.name.clone());
                if let Some(sequence) = builder.sequence_of((table, at)) {
                    plan.sequences.push(PlannedSequence { sequence, column: column.name.clone(), last: None });
                }
                let rows = builder.files.of(table);
                if let Some((rows, read)) = rows.and_then(|rows| Some((rows, rows.column(at)?))) {
                    plan.element_oids.push(rows.columns[read].of.holds_user_type());
                    plan.kinds.push(rows.columns[read].of.kind);
                    plan.column_at.push(builder.location((table, at)));
                    pieces.push(Piece::Read(read));
                }
                continue;
            }
            _ => {}
        }
        let Some(made) = builder.made((table, at)) else {
            whole = false;
            continue;
        };
        plan.columns.push(column.name.clone());
        if let Some(sequence) = builder.sequence_of((table, at)) {
            let last = matches!(made.cell.source, Source::Row(_)).then_some(rows);
            plan.sequences.push(PlannedSequence { sequence, column: column.name.clone(), last });
        }
        plan.column_at.push(builder.location((table, at)));
        plan.kinds.push(made.of.kind);
        plan.element_oids.push(made.of.holds_user_type());
        let cell = followed(builder, &mut plan.references, &column.name, &made);
        pieces.push(Piece::Made(cell.clone()));
        plan.cells.push(cell);
    }
    if pieces.is_empty() && whole {
        let why = "no column of it would be written; describe one".to_owned();
        let problem = Problem::Column { table: found.name.to_string(), column: "*".into(), why };
        builder.problems.push(SeedProblem::new(spec.name.at, problem));
        return None;
    }
    if !whole {
        return None;
    }
    if builder.files.of(table).is_none() {
        builder.check_ties(table);
    }
    match builder.files.of(table) {
        Some(rows) => plan.file = Some(PlannedFile { rows: rows.clone(), pieces: Arc::new(pieces) }),
        None => plan.chunk_rows = chunk_rows(&plan),
    }
    Some(plan)
}

/// The column's cell; of a reference, one that counts what it points at.
fn followed(builder: &Builder, references: &mut Vec<PlannedReference>, column: &str, made: &Made) -> Arc<Cell> {
    let (Some(target), Source::Reference(pointer)) = (&made.target, &made.cell.source) else { return made.cell.clone() };
    let parent = builder.table(target.table).name.clone();
    let (children, cell) = match &made.grouping {
        Some(grouping) => (Children::Laid(grouping.clone()), made.cell.clone()),
        None => {
            let tally = Arc::new(Tally::new(builder.rows(target.table)));
            let counting = Reference { tally: Some(tally.clone()), ..pointer.clone() };
            (Children::Counted(tally), Arc::new(Cell::new(Source::Reference(counting))))
        }
    };
    references.push(PlannedReference { column: column.to_owned(), parent, children });
    cell
}

fn rule(spec: &TableSpec) -> String {
    match &spec.rows {
        Rows::Exactly(rows) => units::count(*rows),
        Rows::Per { ratio, table } => format!("{ratio} per {}", table.value),
        Rows::Summed => {
            let columns: Vec<&str> = spec.summed_fanouts().map(|(column, ..)| column.name.value.as_str()).collect();
            format!("sum of the fan-out of {}", columns.join(", "))
        }
        Rows::File(from) => {
            let names = from.files.iter().map(|file| file.value.file_name().unwrap_or(file.value.as_os_str()).to_string_lossy());
            format!("from {}", names.collect::<Vec<_>>().join(", "))
        }
        Rows::Query(_) => super::derive::RULE.to_owned(),
    }
}

/// Rows per chunk, from the width of the first few: a function of the plan alone, like the chunks' hashes.
fn chunk_rows(plan: &TablePlan) -> u64 {
    let sample = plan.steps.filled().next().map_or(0, |(_, rows)| rows.end).min(SAMPLE_ROWS);
    let mut bytes = Vec::new();
    // A row that fails here fails again, with its number, when it is made.
    let _ = plan.write_rows(0..sample, &mut Context::rows(), &mut bytes);
    plan.references.iter().for_each(PlannedReference::forget);
    (CHUNK_BYTES * sample.max(1) / (bytes.len() as u64).max(1)).clamp(16, 16_384)
}

impl PlannedReference {
    fn forget(&self) {
        if let Children::Counted(tally) = &self.children {
            tally.reset();
        }
    }
}

impl TablePlan {
    /// The rows come beside others that are there already.
    pub fn adds(&self) -> bool {
        self.from > 0
    }

    /// Rows that are there already.
    pub fn earlier(&self) -> u64 {
        self.from.checked_sub(1).map_or(0, |step| self.steps.end(step))
    }

    /// Steps whose rows are made, with those rows.
    fn made(&self) -> impl Iterator<Item = (usize, Range<u64>)> + '_ {
        self.steps.filled().filter(|(step, _)| *step >= self.from)
    }

    /// How many pieces the rows are made in; no piece goes over the end of a step.
    pub fn chunks(&self) -> u64 {
        self.made().map(|(_, rows)| (rows.end - rows.start).div_ceil(self.chunk_rows)).sum()
    }

    /// The rows of a piece.
    pub fn chunk(&self, mut number: u64) -> Range<u64> {
        for (_, rows) in self.made() {
            let chunks = (rows.end - rows.start).div_ceil(self.chunk_rows);
            if number < chunks {
                let start = rows.start + number * self.chunk_rows;
                return start..start.saturating_add(self.chunk_rows).min(rows.end);
            }
            number -= chunks;
        }
        self.rows..self.rows
    }

    /// Appends rows in the form that binary COPY takes.
    ///
    /// # Errors
    /// The first row with a text that is no value of its column.
    pub fn write_rows(&self, rows: Range<u64>, context: &mut Context, out: &mut Vec<u8>) -> Result<(), RowFailure> {
        let fields = (self.cells.len() as u16).to_be_bytes();
        for row in rows {
            context.turn_to(row);
            out.extend_from_slice(&fields);
            for cell in &self.cells {
                cell.write(context, out);
            }
            if context.take_failure().is_some() {
                return Err(self.failure(row, context));
            }
        }
        Ok(())
    }

    /// Appends the field of one column in a row (from 0).
    ///
    /// # Errors
    /// A text that is no value of the column.
    pub fn write_field(&self, place: usize, row: u64, context: &mut Context, out: &mut Vec<u8>) -> Result<(), RowFailure> {
        context.turn_to(row);
        self.cells[place].write(context, out);
        match context.take_failure() {
            None => Ok(()),
            Some(reason) => {
                let (table, column) = (self.name.to_string(), self.columns[place].clone());
                Err(RowFailure { table, column, at: self.column_at[place], row: row + 1, reason: Box::new(reason) })
            }
        }
    }

    /// Which column made a row fail.
    fn failure(&self, row: u64, context: &mut Context) -> RowFailure {
        let mut field = Vec::new();
        let failed = (0..self.cells.len()).find_map(|place| self.write_field(place, row, context, &mut field).err());
        // A value is a function of its row, so the column that failed fails again.
        failed.unwrap_or_else(|| RowFailure {
            table: self.name.to_string(),
            column: "*".into(),
            at: self.at,
            row: row + 1,
            reason: Box::new(NotAValue { text: String::new(), type_name: String::new(), hint: String::new() }),
        })
    }

    /// As [`TablePlan::put_element_oids`], for rows that lack some columns.
    pub fn put_element_oids_of(&self, there: &[bool], rows: &mut [u8]) {
        let oids: Vec<Option<u32>> =
            self.element_oids.iter().zip(there).filter(|(_, there)| **there).map(|(oid, _)| *oid).collect();
        super::encode::put_element_oids(rows, &oids);
    }

    /// Puts the OIDs of this database's own types into arrays of them. Rows are hashed before, so that their hash is the same in every
    /// database.
    pub fn put_element_oids(&self, rows: &mut [u8]) {
        if self.element_oids.iter().any(Option::is_some) {
            super::encode::put_element_oids(rows, &self.element_oids);
        }
    }

    /// The start of this table's hashes.
    pub fn digest(&self) -> StepDigests {
        let steps = self.made().map(|(step, rows)| {
            let count = rows.end - rows.start;
            // A file is read in pieces of its own.
            let chunks = if self.file.is_some() { u64::MAX } else { count.div_ceil(self.chunk_rows) };
            (step, TableDigest::new(&self.name.to_string(), &self.columns, count), chunks)
        });
        StepDigests::new(steps.collect())
    }

    /// Counts what the rows that are there already reference.
    pub fn count_earlier(&self) {
        let mut context = Context::rows();
        let references = self.cells.iter().filter_map(|cell| match &cell.source {
            Source::Reference(reference) => Some((reference, reference.tally.as_ref()?)),
            _ => None,
        });
        for (reference, tally) in references {
            for row in 0..self.earlier() {
                context.turn_to(row);
                if let Some(parent) = reference.chooser.at(&mut context) {
                    tally.add(parent);
                }
            }
        }
    }

    /// Forgets what references were counted, before the rows are made again.
    pub fn forget_counts(&self) {
        self.references.iter().for_each(PlannedReference::forget);
    }
}
