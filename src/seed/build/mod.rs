//! From the scenario's data and the catalog to one cell per column.
//!
//! A column may need others first (the key it references, the table it goes through, the neighbour that decides), so columns are
//! made on demand and remembered; one that comes to need itself is a problem, not an endless loop.

mod agree;
mod beside;
mod divided;
mod fanout;
mod keys;
mod peer;
mod reference;
mod role;
mod steps;
mod through;
mod ties;
mod value;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::db::catalog::{Catalog, Column, Table};
use crate::scenario::model::{ColumnSource, ColumnSpec, Data, Location, Pick, TableSpec, ValueSpec};

use super::check::Facts;
use super::chooser::Chooser;
use super::files::Files;
use super::grouping::Grouping;
use super::infer::infer;
use super::layout::Layout;
use super::lookup::RowsByValue;
use super::problem::{Problem, SeedProblem};
use super::rng::Key;
use super::types::{Kind, PgType};
use super::values::{Cell, Growth, Reference, Site, Source, ValueProblem, compile};

use keys::KeyRole;
pub use role::Role;
use through::WalkPlan;
use ties::Ties;

/// A column by its table's place in the catalog and its own place in the table.
pub type ColumnId = (usize, usize);

/// A column whose values can be made.
#[derive(Debug)]
pub struct Made {
    pub cell: Arc<Cell>,
    pub of: PgType,
    /// For references.
    pub target: Option<Target>,
    /// For fan-outs.
    pub grouping: Option<Arc<Grouping>>,
}

impl Made {
    fn plain(cell: Cell, of: PgType) -> Made {
        Made { cell: Arc::new(cell), of, target: None, grouping: None }
    }
}

/// The row that a reference points at.
#[derive(Debug, Clone)]
pub struct Target {
    pub table: usize,
    pub chooser: Arc<Chooser>,
    /// The column pointed at, in its own type.
    pub origin: Arc<Cell>,
    pub origin_type: PgType,
}

enum State {
    Making,
    Done(Option<Arc<Made>>),
}

/// Makes columns and collects what is wrong with them.
pub struct Builder<'a> {
    pub data: &'a Data,
    pub catalog: &'a Catalog,
    pub layout: &'a Layout,
    /// Tables whose rows stand in files.
    pub files: &'a Files,
    pub problems: Vec<SeedProblem>,
    /// Columns of files that something is made from, and that were not kept.
    pub not_kept: BTreeSet<ColumnId>,
    states: HashMap<ColumnId, State>,
    walks: HashMap<usize, Option<Arc<WalkPlan>>>,
    /// Per table and column: what a unique key asks of it.
    key_roles: HashMap<ColumnId, KeyRole>,
    ties: Ties,
    lookups: HashMap<(usize, Vec<usize>), Arc<RowsByValue>>,
    /// By the foreign key that agrees with another.
    pairings: HashMap<usize, Arc<Grouping>>,
    /// By foreign key: the places of those of its columns that a unique key has, when rows of its parent may be equal in them.
    told_apart_by: HashMap<usize, Vec<usize>>,
}

impl<'a> Builder<'a> {
    pub fn new(data: &'a Data, catalog: &'a Catalog, layout: &'a Layout, files: &'a Files) -> Builder<'a> {
        let mut builder = Builder {
            data,
            catalog,
            layout,
            files,
            problems: Vec::new(),
            not_kept: BTreeSet::new(),
            states: HashMap::new(),
            walks: HashMap::new(),
            key_roles: HashMap::new(),
            ties: Ties::default(),
            lookups: HashMap::new(),
            pairings: HashMap::new(),
            told_apart_by: HashMap::new(),
        };
        builder.tie_foreign_keys();
        builder.assign_key_roles();
        builder
    }

    /// The column, made now or before. `None`: it cannot be made, and the reason is among the problems.
    pub fn made(&mut self, id: ColumnId) -> Option<Arc<Made>> {
        match self.states.get(&id) {
            Some(State::Done(made)) => return made.clone(),
            Some(State::Making) => {
                let why = "it depends on itself by way of other columns; describe one of them with values of its own";
                self.problem(id, why.to_owned());
                return None;
            }
            None => {}
        }
        self.states.insert(id, State::Making);
        let made = match self.make(id) {
            Ok(made) => Some(Arc::new(made)),
            Err(problem) => {
                self.problems.extend(problem);
                None
            }
        };
        self.states.insert(id, State::Done(made.clone()));
        made
    }

    /// `Err(None)`: the cause has been reported already.
    fn make(&mut self, id: ColumnId) -> Result<Made, Option<SeedProblem>> {
        let of = self.type_of(id)?;
        match self.role(id) {
            Role::LeftOut => Err(Some(self.at(id, "its values are left to the server, so nothing can be built on them".into()))),
            Role::FromFile => self.make_from_file(id, of),
            Role::WalkHead => self.make_walk_head(id, of),
            Role::Reference(spec, reference) => self.make_reference(id, of, spec, reference),
            Role::Through(spec, through) => self.make_through(id, of, spec, through),
            Role::ForeignKey(key) => self.make_foreign_key(id, of, key),
            Role::RowNumber => Ok(Made::plain(self.value(id, &of, &ValueSpec::Sequence)?, of)),
            Role::Value(spec, value) => {
                if let ValueSpec::Copy(path) = value
                    && let Some(made) = self.make_copied_reference(id, &of, spec, &path.value)?
                {
                    return Ok(made);
                }
                let mut cell = self.value(id, &of, value)?;
                cell.nulls = self.nulls(id, spec)?.map(|share| (self.key(id).part(NULLS), share));
                Ok(Made::plain(cell, of))
            }
            Role::Inferred => match self.make_part_of_key(id, &of)? {
                Some(made) => Ok(made),
                None => Ok(Made::plain(self.inferred(id, &of)?, of)),
            },
        }
    }

    /// A column that stands in files, for others that are made from it.
    fn make_from_file(&mut self, id: ColumnId, of: PgType) -> Result<Made, Option<SeedProblem>> {
        match self.files.of(id.0).and_then(|rows| rows.stored(id.1)) {
            Some(stored) => Ok(Made::plain(Cell::new(Source::Stored(stored, of.kind)), of)),
            None => {
                self.not_kept.insert(id);
                Err(None)
            }
        }
    }

    /// A value of its own that differs only together with other columns: one of a few, chosen like a row of a parent.
    fn make_part_of_key(&mut self, id: ColumnId, of: &PgType) -> Result<Option<Made>, Option<SeedProblem>> {
        let values = self.space_of(id).unwrap_or(self.rows(id.0));
        let chooser = match self.key_roles.get(&id).cloned() {
            Some(KeyRole::Digit(columns)) => self.digit(id, &columns)?,
            Some(KeyRole::UniquePer(per)) => self.unique_per_of(id, values, "it", &Pick::Uniform, per)?,
            _ => return Ok(None),
        };
        self.must_not_grow(id, "values that differ only together with other columns")?;
        let spec = infer(&self.column(id).name, &self.table(id.0).name.name, of, &self.facts(id), true, values);
        let (key, until_us) = (self.key(id), self.data.until_us);
        let growth = Growth::default();
        let mut peer = |_: &str| Err(ValueProblem::Peer("it cannot follow another column".into()));
        let leaf = compile(
            &spec,
            of,
            &mut Site {
                key,
                rows: values,
                unique: true,
                rising: false,
                until_us,
                locale: self.data.locale,
                growth: &growth,
                peer: &mut peer,
            },
        );
        let leaf = leaf.map_err(|problem| {
            let (table, column) = self.names(id);
            Some(SeedProblem::new(self.location(id), Problem::Value { table, column, problem }))
        })?;
        let pointer = Reference { chooser: Arc::new(chooser), leaf: Arc::new(leaf), tally: None };
        Ok(Some(Made::plain(Cell::new(Source::Reference(pointer)), of.clone())))
    }

    fn type_of(&self, id: ColumnId) -> Result<PgType, Option<SeedProblem>> {
        let column = self.column(id);
        let Some(mut of) = PgType::of(column) else {
            let why = format!(
                "perflab cannot make values of type {}; give the column a default or allow NULL, and leave it out of the scenario, \
                 or leave out the table",
                column.type_name
            );
            return Err(Some(self.at(id, why)));
        };
        if let Some(most) = self.facts(id).max_chars
            && of.kind == Kind::Text
        {
            of.max_chars = Some(of.max_chars.map_or(most, |max| max.min(most)));
        }
        Ok(of)
    }

    fn facts(&self, id: ColumnId) -> Facts {
        let mut facts = self.facts_of_checks(id);
        self.learn_of_partitions(id, &mut facts);
        facts
    }

    fn facts_of_checks(&self, id: ColumnId) -> Facts {
        let (table, column) = (self.table(id.0), self.column(id));
        let mut facts = Facts::default();
        table.checks.iter().for_each(|check| facts.learn(&check.definition, &column.name));
        column.domain_checks.iter().for_each(|check| facts.learn(check, "VALUE"));
        facts
    }

    /// The share of NULLs a description asks for, if any.
    fn nulls(&self, id: ColumnId, spec: &ColumnSpec) -> Result<Option<f64>, Option<SeedProblem>> {
        if spec.nulls > 0.0 && self.column(id).not_null {
            return Err(Some(self.at(id, "it is NOT NULL; leave `nulls` out".into())));
        }
        Ok((spec.nulls > 0.0).then_some(spec.nulls))
    }

    /// Rows stand in the order in which they came: shuffled ones, and those that no fan-out lays.
    fn rows_come_in_time(&self, table: usize) -> bool {
        let Some(spec) = self.spec(table) else { return true };
        spec.order == crate::scenario::model::Order::Shuffled
            || !spec.columns.iter().any(|column| match &column.source {
                ColumnSource::Reference(reference) => matches!(reference.assign, crate::scenario::model::Assign::Fanout(_)),
                ColumnSource::Through(through) => through.rounds.is_some(),
                ColumnSource::Value(_) => false,
            })
    }

    pub fn table(&self, table: usize) -> &'a Table {
        &self.catalog.tables[table]
    }

    pub fn column(&self, id: ColumnId) -> &'a Column {
        &self.catalog.tables[id.0].columns[id.1]
    }

    /// Rows of a table when it is full grown.
    pub fn rows(&self, table: usize) -> u64 {
        self.layout.rows[table]
    }

    pub fn spec(&self, table: usize) -> Option<&'a TableSpec> {
        self.layout.specs[table].map(|place| &self.data.tables[place])
    }

    fn column_spec(&self, id: ColumnId) -> Option<&'a ColumnSpec> {
        let name = &self.column(id).name;
        self.spec(id.0)?.columns.iter().find(|spec| spec.name.value == *name)
    }

    fn column_named(&self, table: usize, name: &str) -> Option<usize> {
        self.table(table).columns.iter().position(|column| column.name == name)
    }

    pub fn key(&self, id: ColumnId) -> Key {
        let (table, column) = self.names(id);
        Key::new(self.data.seed, &[&table, &column])
    }

    fn names(&self, id: ColumnId) -> (String, String) {
        (self.table(id.0).name.to_string(), self.column(id).name.clone())
    }

    /// Where the scenario speaks of the column, or of its table.
    pub fn location(&self, id: ColumnId) -> Location {
        let column = self.column_spec(id).map(|spec| spec.name.at);
        column.or_else(|| self.spec(id.0).map(|spec| spec.name.at)).unwrap_or_default()
    }

    fn at(&self, id: ColumnId, why: String) -> SeedProblem {
        let (table, column) = self.names(id);
        SeedProblem::new(self.location(id), Problem::Column { table, column, why })
    }

    fn problem(&mut self, id: ColumnId, why: String) {
        let problem = self.at(id, why);
        self.problems.push(problem);
    }
}

/// Purpose of a column's key: which rows are NULL.
const NULLS: u64 = 7;
/// Which slot a row of a further fan-out has.
const SLOTS: u64 = 5;
