//! Foreign keys that share columns: rows of their parents that agree.

use std::sync::Arc;

use crate::scenario::model::Pick;
use crate::seed::chooser::Chooser;
use crate::seed::grouping::Grouping;
use crate::seed::layout::place_of;
use crate::seed::lookup::{Agreeing, How, RowsByValue, written};
use crate::seed::permutation::Permutation;
use crate::seed::problem::{Problem, SeedProblem};
use crate::seed::values::{Cell, Context};

use super::keys::KeyRole;
use super::reference::adapted;
use super::ties::Tie;
use super::{Builder, ColumnId, SLOTS};

type Failure = Option<SeedProblem>;

/// Rows of a parent, in order; `None`: all of them.
type Allowed = Option<Arc<[u32]>>;

impl Builder<'_> {
    /// The choice of a key some of whose columns are filled otherwise: a row of the parent that has the same there.
    pub fn agree(&mut self, id: ColumnId, key: usize, given: &[usize], pick: &Pick) -> Result<Chooser, Failure> {
        let found = &self.catalog.foreign_keys[key];
        let parent = place_of(self.catalog, &found.referenced).ok_or(None)?;
        if *pick != Pick::Uniform {
            let why = format!(
                "it shares columns of `{}` with another reference, so it takes any row that agrees; leave `pick` out",
                found.name
            );
            return Err(Some(self.at(id, why)));
        }
        self.must_not_grow(id, "rows that agree with other references")?;
        let (columns, referenced) = (self.columns_of(key), self.referenced_by(key));
        let mut shared = Vec::with_capacity(given.len());
        for at in given {
            shared.push(self.made((id.0, columns[*at])).ok_or(None)?.cell.clone());
        }
        let rows = self.lookup(key, given)?;
        let must = self.must_point(key);
        let how = match self.key_roles.get(&id) {
            Some(KeyRole::UniquePer(per)) => {
                let grouping = self.made((id.0, *per)).ok_or(None)?.grouping.clone();
                let grouping = grouping.ok_or_else(|| {
                    Some(self.at(id, "it must differ under each parent of another column, but that one has no fanout".into()))
                })?;
                self.has_enough_to_differ(id, &grouping, &shared, &rows)?;
                How::InTurn(grouping)
            }
            Some(KeyRole::Paired(pairing)) => {
                let pairing = *pairing;
                How::InTurn(self.pairs(id, pairing)?)
            }
            // A row of a tree within each tenant: what it shares with itself, it shares with earlier rows of its own kind.
            _ if parent == id.0 && given.iter().all(|at| columns[*at] == referenced[*at]) => {
                How::Earlier { first_chooses_itself: must }
            }
            _ => How::Any,
        };
        let any = (must && !found.match_full).then_some(self.rows(parent));
        Ok(Chooser::Agreeing(Arc::new(Agreeing { shared, rows, key: self.key(id), how, any })))
    }

    /// Every parent of the grouping has at most as many children as rows agree with them.
    fn has_enough_to_differ(
        &self,
        id: ColumnId,
        grouping: &Grouping,
        shared: &[Arc<Cell>],
        rows: &RowsByValue,
    ) -> Result<(), Failure> {
        let (mut context, mut value) = (Context::rows(), Vec::new());
        for parent in (0..grouping.groups()).filter(|parent| grouping.len(*parent) > 0) {
            context.turn_to(grouping.row_of(grouping.start(parent)));
            let room = if written(shared, &mut context, &mut value) { rows.of(&value).len() as u64 } else { u64::MAX };
            if grouping.len(parent) > room {
                let why =
                    format!("one parent has {} rows, but only {room} rows agree with it; bound its fanout", grouping.len(parent));
                return Err(Some(self.at(id, why)));
            }
        }
        Ok(())
    }

    /// The rows of a key's parent by what they have at some places of the key, in the types of the key's own columns.
    pub fn lookup(&mut self, key: usize, places: &[usize]) -> Result<Arc<RowsByValue>, Failure> {
        if let Some(known) = self.lookups.get(&(key, places.to_vec())) {
            return Ok(known.clone());
        }
        let found = &self.catalog.foreign_keys[key];
        let (table, parent) =
            (place_of(self.catalog, &found.table).ok_or(None)?, place_of(self.catalog, &found.referenced).ok_or(None)?);
        let (columns, referenced) = (self.columns_of(key), self.referenced_by(key));
        let Ok(rows) = u32::try_from(self.rows(parent)) else {
            let why = format!("`{}` has more rows than perflab can list for the key `{}`", found.referenced, found.name);
            return Err(Some(self.at((table, columns[0]), why)));
        };
        let pairs: Vec<(ColumnId, ColumnId)> =
            places.iter().map(|at| ((table, columns[*at]), (parent, referenced[*at]))).collect();
        let cells = self.cells_as(&pairs)?;
        let lookup = Arc::new(RowsByValue::new(rows, &cells));
        self.lookups.insert((key, places.to_vec()), lookup.clone());
        Ok(lookup)
    }

    /// Cells of the second columns, each in the type of the first.
    fn cells_as(&mut self, pairs: &[(ColumnId, ColumnId)]) -> Result<Vec<Arc<Cell>>, Failure> {
        let mut cells = Vec::with_capacity(pairs.len());
        for (as_of, from) in pairs {
            let of = self.type_of(*as_of)?;
            let made = self.made(*from).ok_or(None)?;
            cells.push(adapted(&made.cell, &made.of, &of));
        }
        Ok(cells)
    }

    /// The rows of the parent that a key may take so that all keys which share its columns find a row too. `None`: any.
    pub fn allowed_rows(&mut self, key: usize) -> Result<Allowed, Failure> {
        let found = &self.catalog.foreign_keys[key];
        let parent = place_of(self.catalog, &found.referenced).ok_or(None)?;
        let table = place_of(self.catalog, &found.table).ok_or(None)?;
        let (columns, referenced) = (self.columns_of(key), self.referenced_by(key));
        let mut conditions: Vec<(Vec<Arc<Cell>>, Arc<RowsByValue>)> = Vec::new();
        for (other, given) in self.followers(key) {
            if !self.must_point(other) || self.is_implied(other) || other == key {
                continue;
            }
            let theirs = self.columns_of(other);
            let pairs: Vec<(ColumnId, ColumnId)> = given
                .iter()
                .filter_map(|at| {
                    let own = columns.iter().position(|column| *column == theirs[*at])?;
                    Some(((table, theirs[*at]), (parent, referenced[own])))
                })
                .collect();
            conditions.push((self.cells_as(&pairs)?, self.lookup(other, &given)?));
        }
        let single = self.told_apart_by.get(&key).cloned();
        if conditions.is_empty() && single.is_none() {
            return Ok(None);
        }
        let single = match single {
            Some(places) => Some(self.lookup(key, &places)?),
            None => None,
        };
        let (mut context, mut value) = (Context::rows(), Vec::new());
        let mut fits = |row: &u32| {
            context.turn_to(u64::from(*row));
            conditions.iter().all(|(cells, rows)| written(cells, &mut context, &mut value) && !rows.of(&value).is_empty())
        };
        let parents = u32::try_from(self.rows(parent)).unwrap_or(u32::MAX);
        let mut allowed: Vec<u32> = (0..parents).filter(&mut fits).collect();
        if let Some(rows) = single {
            // One row for each value that the key can have in its unique columns.
            let first: Vec<u32> =
                rows.groups().filter_map(|group| group.iter().find(|row| allowed.binary_search(row).is_ok())).copied().collect();
            allowed = first;
            allowed.sort_unstable();
        }
        if allowed.is_empty() {
            let why = format!(
                "no row of `{}` agrees with the other references of its row; give the tables it references more rows",
                found.referenced
            );
            return Err(Some(self.at((table, columns[0]), why)));
        }
        Ok((allowed.len() < parents as usize).then(|| allowed.into()))
    }

    /// All columns are filled from a row that took them from the very row this key asks for.
    fn is_implied(&self, key: usize) -> bool {
        if self.ties.of_key[key] != Some(Tie::Given) {
            return false;
        }
        let found = &self.catalog.foreign_keys[key];
        let (Some(table), Some(parent)) = (place_of(self.catalog, &found.table), place_of(self.catalog, &found.referenced))
        else {
            return false;
        };
        self.draw_from((table, self.columns_of(key)), &(parent, self.referenced_by(key)))
    }

    /// Holds the rows of a table against those keys that nothing above makes sure of.
    pub fn check_ties(&mut self, table: usize) {
        let found = self.table(table);
        for exclusion in found.exclusions.iter().take(if self.rows(table) > 1 { usize::MAX } else { 0 }) {
            let why = format!(
                "perflab cannot make rows that the constraint `{}` ({}) leaves apart; take it out of the schema that is seeded, or fill the table by `sql:`",
                exclusion.name, exclusion.definition
            );
            let at = self.spec(table).map(|spec| spec.name.at).unwrap_or_default();
            self.problems.push(SeedProblem::new(at, Problem::Key { table: found.name.to_string(), why }));
        }
        for key in 0..self.catalog.foreign_keys.len() {
            if self.catalog.foreign_keys[key].table != self.table(table).name || self.is_implied(key) {
                continue;
            }
            let columns = self.columns_of(key);
            let given: Vec<usize> = match &self.ties.of_key[key] {
                Some(Tie::Given) => (0..columns.len()).collect(),
                Some(Tie::Agreeing(given)) if self.must_point(key) => given.clone(),
                _ => continue,
            };
            if let Err(Some(problem)) = self.check_tie(table, key, &columns, &given) {
                self.problems.push(problem);
            }
        }
    }

    fn check_tie(&mut self, table: usize, key: usize, columns: &[usize], given: &[usize]) -> Result<(), Failure> {
        let mut cells = Vec::new();
        for at in given {
            // What the server fills is the server's to check.
            if matches!(self.role((table, columns[*at])), super::Role::LeftOut) {
                return Ok(());
            }
            cells.push(self.made((table, columns[*at])).ok_or(None)?.cell.clone());
        }
        let rows = self.lookup(key, given)?;
        let (mut context, mut value) = (Context::rows(), Vec::new());
        for row in 0..self.rows(table) {
            context.turn_to(row);
            if written(&cells, &mut context, &mut value) && rows.of(&value).is_empty() {
                let found = &self.catalog.foreign_keys[key];
                let why = format!(
                    "row {} has no row of `{}` to reference by the key `{}`; let one of its columns reference that table",
                    row + 1,
                    found.referenced,
                    found.name
                );
                return Err(Some(self.at((table, columns[given[0]]), why)));
            }
        }
        Ok(())
    }

    /// The number of a key's parent rows that may be chosen, and the choice among all of them made to fit.
    pub fn narrowed(&mut self, id: ColumnId, parents: u64) -> Result<(u64, Allowed), Failure> {
        let Some(key) = self.foreign_key_of(id).filter(|key| self.leader(*key) == Some(id)) else { return Ok((parents, None)) };
        let allowed = self.allowed_rows(key)?;
        if allowed.is_some() {
            self.must_not_grow(id, "rows that other references leave over")?;
        }
        Ok((allowed.as_ref().map_or(parents, |rows| rows.len() as u64), allowed))
    }

    /// Two references of which the second agrees with the first, taken together: no pair comes twice.
    pub fn pairs(&mut self, id: ColumnId, key: usize) -> Result<Arc<Grouping>, Failure> {
        self.must_not_grow(id, "pairs of other rows")?;
        if let Some(known) = self.pairings.get(&key) {
            return Ok(known.clone());
        }
        let Some(Tie::Agreeing(given)) = self.ties.of_key[key].clone() else { return Err(None) };
        let columns = self.columns_of(key);
        let first = self.foreign_key_of((id.0, columns[given[0]])).ok_or(None)?;
        let parent = place_of(self.catalog, &self.catalog.foreign_keys[first].referenced).ok_or(None)?;
        let (own, referenced) = (self.columns_of(first), self.referenced_by(first));
        let pairs: Vec<(ColumnId, ColumnId)> = given
            .iter()
            .filter_map(|at| {
                let place = own.iter().position(|column| *column == columns[*at])?;
                Some(((id.0, columns[*at]), (parent, referenced[place])))
            })
            .collect();
        let (cells, rows) = (self.cells_as(&pairs)?, self.lookup(key, &given)?);
        let allowed = self.allowed_rows(first)?;
        let (mut context, mut value) = (Context::rows(), Vec::new());
        let counts: Vec<u64> = (0..self.rows(parent))
            .map(|row| {
                context.turn_to(row);
                let may = allowed.as_ref().is_none_or(|rows| rows.binary_search(&(row as u32)).is_ok());
                if may && written(&cells, &mut context, &mut value) { rows.of(&value).len() as u64 } else { 0 }
            })
            .collect();
        let total: u64 = counts.iter().sum();
        let asked = self.rows(id.0);
        if asked > total {
            let why =
                format!("together with other columns it is unique, but {asked} rows have only {total} combinations; make fewer");
            return Err(Some(self.at(id, why)));
        }
        let order = Permutation::new(self.key(id).part(SLOTS), total);
        let grouping = Arc::new(Grouping::new(&counts, Some(order)));
        self.pairings.insert(key, grouping.clone());
        Ok(grouping)
    }
}
