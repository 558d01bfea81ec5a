//! Columns that point at rows of other tables.

use std::sync::Arc;

use crate::db::catalog::ForeignKey;
use crate::scenario::model::{Assign, ColumnSpec, Order, Pick, Reference};
use crate::seed::chooser::{Chooser, UniquePer, WithoutReplacement};
use crate::seed::grouping::Grouping;
use crate::seed::layout::{find_table, place_of};
use crate::seed::permutation::Permutation;
use crate::seed::pick::{PickProblem, Picker, Skew, Zipf};
use crate::seed::problem::{Problem, SeedProblem};
use crate::seed::rng::Key;
use crate::seed::tree::{LEVELS, Tree};
use crate::seed::tuples::Tuples;
use crate::seed::types::PgType;
use crate::seed::values::{Cell, Reference as Pointer, Source};

use super::keys::KeyRole;
use super::steps::grown;
use super::ties::Tie;
use super::{Builder, ColumnId, Made, NULLS, SLOTS, Target};

/// Weights without replacement look at every row of the parent for each child; beyond this many that is no longer quick.
pub const MOST_WEIGHED: u64 = 4096;

type Failure = Option<SeedProblem>;

impl<'a> Builder<'a> {
    /// `{ref: …}`
    pub fn make_reference(
        &mut self,
        id: ColumnId,
        of: PgType,
        spec: &ColumnSpec,
        reference: &Reference,
    ) -> Result<Made, Failure> {
        let parent = find_table(self.catalog, &reference.table).map_err(Some)?;
        let column = self.referenced_column(id, parent)?;
        let nulls = self.nulls(id, spec)?;
        if !self.has_rows(id, parent, nulls)? {
            return Ok(Made::plain(Cell::null(), of));
        }
        let (chooser, grouping) = match &reference.assign {
            Assign::Fanout(shape) => self.fan_out(id, parent, shape)?,
            Assign::Tree { depth, roots } => (self.tree(id, parent, *depth, *roots)?, None),
            Assign::Pick(pick) => {
                (self.pick(id, parent, pick, reference.unique_per.as_ref().map(|per| per.value.as_str()))?, None)
            }
        };
        let chooser = match nulls {
            Some(nulls) => Chooser::Sometimes { key: self.key(id).part(NULLS), nulls, inner: Arc::new(chooser) },
            None => chooser,
        };
        self.pointing(of, (parent, column), Arc::new(chooser), grouping)
    }

    /// A foreign key that the scenario does not describe: any row of the parent. Columns of one key point at the same row.
    pub fn make_foreign_key(&mut self, id: ColumnId, of: PgType, place: usize) -> Result<Made, Failure> {
        let key = &self.catalog.foreign_keys[place];
        let unknown = || self.at(id, format!("its foreign key `{}` references a table perflab does not see", key.name));
        let parent = place_of(self.catalog, &key.referenced).ok_or_else(|| Some(unknown()))?;
        let column = self.paired_column(id, key, parent).ok_or_else(|| Some(unknown()))?;
        if !self.has_rows(id, parent, None)? {
            return Ok(Made::plain(Cell::null(), of));
        }
        let leader = self.leader(place).unwrap_or(id);
        let chooser = if leader == id {
            Arc::new(self.pick(id, parent, &Pick::Uniform, None)?)
        } else {
            let made = self.made(leader).ok_or(None)?;
            let chooser = made.target.as_ref().map(|target| target.chooser.clone()).ok_or(None)?;
            match &*chooser {
                // One NULL is enough for a key that does not match in full.
                Chooser::Sometimes { inner, .. } if !key.match_full && self.column(id).not_null => inner.clone(),
                _ => chooser,
            }
        };
        self.pointing(of, (parent, column), chooser, None)
    }

    /// A column whose value is that of a row of another table.
    pub fn pointing(
        &mut self,
        of: PgType,
        to: ColumnId,
        chooser: Arc<Chooser>,
        grouping: Option<Arc<Grouping>>,
    ) -> Result<Made, Failure> {
        let origin = self.made(to).ok_or(None)?;
        let leaf = adapted(&origin.cell, &origin.of, &of);
        let pointer = Pointer { chooser: chooser.clone(), leaf, tally: None };
        let target = Target { table: to.0, chooser, origin: origin.cell.clone(), origin_type: origin.of.clone() };
        Ok(Made { cell: Arc::new(Cell::new(Source::Reference(pointer))), of, target: Some(target), grouping })
    }

    /// The column that a reference takes its values from: the foreign key's, else the parent's primary key.
    pub fn referenced_column(&self, id: ColumnId, parent: usize) -> Result<usize, Failure> {
        if let Some(key) = self.foreign_key_of(id) {
            let key = &self.catalog.foreign_keys[key];
            if place_of(self.catalog, &key.referenced) == Some(parent)
                && let Some(column) = self.paired_column(id, key, parent)
            {
                return Ok(column);
            }
        }
        let parent_table = self.table(parent);
        match parent_table.primary_key.as_deref() {
            Some([column]) => self.column_named(parent, column).ok_or(None),
            _ => Err(Some(self.at(
                id,
                format!(
                    "`{}` has no primary key of one column that could be referenced; declare the foreign key",
                    parent_table.name
                ),
            ))),
        }
    }

    fn paired_column(&self, id: ColumnId, key: &ForeignKey, parent: usize) -> Option<usize> {
        let name = &self.column(id).name;
        let at = key.columns.iter().position(|column| column == name)?;
        self.column_named(parent, key.referenced_columns.get(at)?)
    }

    /// False when the parent has no rows and NULL will do.
    fn has_rows(&self, id: ColumnId, parent: usize, nulls: Option<f64>) -> Result<bool, Failure> {
        if self.rows(parent) > 0 {
            return Ok(true);
        }
        if self.column(id).not_null && nulls != Some(1.0) {
            let parent = &self.table(parent).name;
            let why = format!("it references `{parent}`, which has no rows; give `{parent}` rows under data.tables");
            return Err(Some(self.at(id, why)));
        }
        Ok(false)
    }

    /// How the rows of a table stand after a step: `None` as they are laid.
    pub fn order(&self, table: usize, step: usize) -> Option<Permutation> {
        let shuffled = self.spec(table).is_some_and(|spec| spec.order == Order::Shuffled);
        let name = self.table(table).name.to_string();
        let rows = self.steps(table).rows(step);
        shuffled.then(|| Permutation::new(grown(Key::new(self.data.seed, &[&name]), step), rows.end - rows.start))
    }

    fn pick(&mut self, id: ColumnId, parent: usize, pick: &Pick, per: Option<&str>) -> Result<Chooser, Failure> {
        let parents = self.rows(parent);
        if let Some(per) = per {
            let column = self.column_named(id.0, per);
            let column =
                column.ok_or_else(|| Some(crate::seed::layout::unknown_column(self.catalog, id.0, per, self.location(id))))?;
            return self.unique_per(id, parent, pick, column);
        }
        let tied = self.foreign_key_of(id).and_then(|key| Some((key, self.ties.of_key[key].clone()?)));
        if let Some((foreign_key, Tie::Agreeing(given))) = tied {
            return self.agree(id, foreign_key, &given, pick);
        }
        if let Some(KeyRole::Paired(pairing)) = self.key_roles.get(&id).cloned() {
            return Ok(Chooser::Group(self.pairs(id, pairing)?));
        }
        let (parents, allowed) = self.narrowed(id, parents)?;
        let chooser = self.pick_among(id, parent, parents, pick)?;
        Ok(match allowed {
            Some(rows) => Chooser::Among(rows, Arc::new(chooser)),
            None => chooser,
        })
    }

    /// A choice of one of `parents` rows of a parent.
    fn pick_among(&mut self, id: ColumnId, parent: usize, parents: u64, pick: &Pick) -> Result<Chooser, Failure> {
        let (rows, key) = (self.rows(id.0), self.key(id));
        match self.key_roles.get(&id).cloned() {
            Some(KeyRole::Alone) if *pick != Pick::Uniform => {
                Err(Some(self.at(id, "it is unique, so parents cannot be picked with preferences; leave `pick` out".into())))
            }
            Some(KeyRole::Alone) if rows > parents => {
                let name = &self.table(parent).name;
                Err(Some(self.at(
                    id,
                    format!("it is unique, but {rows} rows have only {parents} rows of `{name}` to reference; make fewer"),
                )))
            }
            Some(KeyRole::Alone) if self.grows(id.0) => self.tuples(id, key, &[parent], 0),
            Some(KeyRole::Alone) => Ok(Chooser::Distinct(Permutation::new(key, parents))),
            Some(KeyRole::UniquePer(column)) if self.grows(id.0) => self.unique_per(id, parent, pick, column),
            Some(KeyRole::UniquePer(column)) => {
                let name = format!("`{}`", self.table(parent).name);
                self.unique_per_of(id, parents, &name, pick, column)
            }
            Some(KeyRole::Digit(columns)) => self.digit(id, &columns),
            _ if parent == id.0 && self.column_spec(id).is_none() && parents == self.rows(parent) => {
                self.tree(id, parent, LEVELS.min(self.rows_at(id.0, 0)), None)
            }
            _ if !self.grows(id.0) => self.picker(id, parents, pick),
            // As many different rows as asked for, also when there are more to choose from.
            _ if matches!(pick, Pick::Repeat(different) if *different <= self.rows_at(parent, 0)) => {
                self.picker(id, self.rows_at(parent, 0), pick)
            }
            _ => self.by_step(id, &[parent], |builder, step| builder.picker(id, builder.rows_at(parent, step), pick)),
        }
    }

    fn picker(&self, id: ColumnId, parents: u64, pick: &Pick) -> Result<Chooser, Failure> {
        let picker = Picker::new(pick, parents, self.key(id));
        picker.map(Chooser::Pick).map_err(|problem| Some(self.pick_problem(id, problem)))
    }

    /// Combinations of rows of these tables, no two alike.
    fn tuples(&self, id: ColumnId, key: Key, tables: &[usize], side: usize) -> Result<Chooser, Failure> {
        let sizes = |step: usize| tables.iter().map(|table| self.rows_at(*table, step)).collect::<Vec<u64>>();
        let steps: Vec<_> = (0..self.steps(id.0).count()).map(|step| (self.steps(id.0).rows(step), sizes(step))).collect();
        let tuples = Tuples::new(key, &steps).ok_or_else(|| {
            Some(self.at(id, "it is unique, and an earlier step has more rows than there were combinations; make fewer".into()))
        })?;
        Ok(Chooser::Tuple(Arc::new(tuples), side))
    }

    /// A tree in the table itself. Roots of a column that must have a value point at themselves.
    fn tree(&mut self, id: ColumnId, parent: usize, depth: u64, roots: Option<u64>) -> Result<Chooser, Failure> {
        if parent != id.0 {
            let name = &self.table(parent).name;
            let why = format!("`depth` makes a tree in one table, but this references `{name}`; leave `depth` out");
            return Err(Some(self.at(id, why)));
        }
        // Rows that came when the table grew hang on the tree that was there, whose rows keep their places.
        let order = self.order(id.0, 0);
        let tree = Tree::new(self.rows_at(id.0, 0), depth, roots, self.key(id), order);
        let tree = tree.map_err(|problem| Some(self.at(id, problem.to_string())))?;
        Ok(Chooser::Tree(Arc::new(if self.column(id).not_null { tree.rooted_in_itself() } else { tree })))
    }

    fn pick_problem(&self, id: ColumnId, problem: PickProblem) -> SeedProblem {
        let (table, column) = self.names(id);
        SeedProblem::new(self.location(id), Problem::Pick { table, column, problem })
    }

    fn unique_per(&mut self, id: ColumnId, parent: usize, pick: &Pick, per: usize) -> Result<Chooser, Failure> {
        let name = format!("`{}`", self.table(parent).name);
        let goes_on =
            |builder: &mut Self| Some(builder.made((id.0, per))?.grouping.as_ref().is_some_and(|found| !found.in_runs()));
        if self.grows(id.0) && goes_on(self) == Some(true) {
            // A group that goes on in a later step goes on with the sequence it began.
            return self.unique_per_of(id, self.rows_at(parent, 0), &name, pick, per);
        }
        self.by_step(id, &[parent], |builder, step| builder.unique_per_of(id, builder.rows_at(parent, step), &name, pick, per))
    }

    /// Rows under one value of another column take different ones of `parents`.
    pub fn unique_per_of(
        &mut self,
        id: ColumnId,
        parents: u64,
        parent_name: &str,
        pick: &Pick,
        per: usize,
    ) -> Result<Chooser, Failure> {
        let per_name = &self.column((id.0, per)).name;
        let made = self.made((id.0, per)).ok_or(None)?;
        let Some(grouping) = made.grouping.clone() else {
            return Err(Some(
                self.at(id, format!("`unique_per: {per_name}` needs `{per_name}` to be a reference with a fanout")),
            ));
        };
        let most = grouping.children().max().unwrap_or(0);
        let how = match pick {
            Pick::Uniform => WithoutReplacement::Uniform(parents),
            Pick::Repeat(different) => WithoutReplacement::Uniform(parents.min(*different)),
            _ if parents > MOST_WEIGHED => {
                let why = format!(
                    "`unique_per` with weights needs a small table, but {parent_name} has {parents} rows; leave `pick` out"
                );
                return Err(Some(self.at(id, why)));
            }
            pick => WithoutReplacement::Weighted(self.weights(id, parents, pick)?),
        };
        let room = match &how {
            WithoutReplacement::Uniform(rows) => *rows,
            WithoutReplacement::Weighted(weights) => weights.len() as u64,
        };
        if most > room {
            let why = format!(
                "one value of `{per_name}` has {most} rows, but {parent_name} has only {room} to choose from; bound its fanout"
            );
            return Err(Some(self.at(id, why)));
        }
        Ok(Chooser::UniquePer(Arc::new(UniquePer { grouping, key: self.key(id), how })))
    }

    /// The weight of each row of a small parent.
    fn weights(&self, id: ColumnId, parents: u64, pick: &Pick) -> Result<Vec<f64>, Failure> {
        // Checks the figures as for any pick.
        Picker::new(pick, parents, self.key(id)).map_err(|problem| Some(self.pick_problem(id, problem)))?;
        Ok(match pick {
            Pick::Weights(weights) => weights.clone(),
            Pick::Zipf { exponent } if Zipf::new(parents, *exponent).is_some() => {
                let ranks = Permutation::new(self.key(id).part(0), parents);
                (0..parents).map(|row| libm::pow((ranks.at(row) + 1) as f64, -exponent)).collect()
            }
            pick => match Skew::new(pick, parents) {
                Some(skew) => {
                    let (ranks, shares) = (Permutation::new(self.key(id).part(0), parents), skew.shares(parents));
                    (0..parents).map(|row| shares[ranks.inverse(row) as usize]).collect()
                }
                None => vec![1.0; parents as usize],
            },
        })
    }

    /// One digit of a number that no two rows share, so that the columns together are unique.
    pub fn digit(&mut self, id: ColumnId, columns: &[usize]) -> Result<Chooser, Failure> {
        let rows = self.rows(id.0);
        let mut bases = Vec::with_capacity(columns.len());
        for column in columns {
            bases.push(self.base((id.0, *column))?);
        }
        let space = bases.iter().try_fold(1_u64, |space, base| space.checked_mul(*base)).unwrap_or(u64::MAX >> 1);
        if rows > space {
            let why =
                format!("together with other columns it is unique, but {rows} rows have only {space} combinations; make fewer");
            return Err(Some(self.at(id, why)));
        }
        let at = columns.iter().position(|column| *column == id.1).unwrap_or(0);
        if self.grows(id.0) {
            let mut tables = Vec::with_capacity(columns.len());
            for (column, base) in columns.iter().zip(&bases) {
                match self.target_table((id.0, *column)) {
                    Some(table) if *base == self.rows(table) => tables.push(table),
                    _ => self.must_not_grow(id, "combinations with values of its own")?,
                }
            }
            return self.tuples(id, self.key((id.0, columns[0])).part(SLOTS), &tables, at);
        }
        let divisor = bases[..at].iter().fold(1_u64, |divisor, base| divisor.saturating_mul(*base));
        let key = self.key((id.0, columns[0])).part(SLOTS);
        Ok(Chooser::Digit { order: Arc::new(Permutation::new(key, space)), divisor, base: bases[at] })
    }

    /// How many rows, or values of its own, a column can choose from.
    fn base(&mut self, id: ColumnId) -> Result<u64, Failure> {
        match self.target_table(id) {
            Some(parent) => Ok(self.narrowed(id, self.rows(parent))?.0),
            None => Ok(self.space_of(id).unwrap_or(self.rows(id.0))),
        }
    }
}

/// A parent's column in the type of the column that references it.
pub fn adapted(cell: &Arc<Cell>, from: &PgType, to: &PgType) -> Arc<Cell> {
    if from.shares_form(to) {
        return cell.clone();
    }
    match &cell.source {
        Source::Row(_) if cell.nulls.is_none() && to.kind.is_number() => Arc::new(Cell::new(Source::Row(to.kind))),
        _ => Arc::new(Cell::new(Source::Cast { inner: cell.clone(), from: from.kind, to: Arc::new(to.clone()) })),
    }
}
