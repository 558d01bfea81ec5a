//! Which foreign key decides about which column.
//!
//! Keys of several columns may share some (`tenant_id` of `(tenant_id, user_id)` and of `(tenant_id, project_id)`), be implied by
//! others, reference their own table, or lead round in a circle. Each key gets its columns once, before any is made: the first
//! one takes a row of its parent and fills all of them; one that comes later and finds some filled takes a row that agrees.

use std::collections::{HashMap, HashSet};

use crate::db::catalog::ForeignKey;
use crate::scenario::model::ColumnSource;
use crate::seed::layout::{find_table, place_of};

use super::{Builder, ColumnId};

/// How a foreign key's columns are filled.
#[derive(Debug, Clone, PartialEq)]
pub enum Tie {
    /// From any row of the parent.
    Free,
    /// The columns at these places of the key are filled otherwise, the others from a row of the parent that has the same there.
    Agreeing(Vec<usize>),
    /// All columns are filled otherwise.
    Given,
    /// The parent has no rows.
    Nothing,
}

/// Which foreign key, by its place in the catalog, fills which column.
#[derive(Debug, Default)]
pub struct Ties {
    /// Per foreign key of the catalog; `None`: of a table without rows.
    pub of_key: Vec<Option<Tie>>,
    pub owner: HashMap<ColumnId, usize>,
    /// From a column to those that its values are made from.
    needs: HashMap<ColumnId, HashSet<ColumnId>>,
}

impl Builder<'_> {
    /// Ties all foreign keys of the tables that get rows.
    pub fn tie_foreign_keys(&mut self) {
        // Until then, the key of most columns, so that descriptions can be followed.
        let mut provisional: Vec<usize> = (0..self.catalog.foreign_keys.len()).rev().collect();
        provisional.sort_by_key(|key| self.catalog.foreign_keys[*key].columns.len());
        for key in provisional {
            let Some((table, _)) = self.parent_of(key) else { continue };
            for column in self.columns_of(key) {
                self.ties.owner.insert((table, column), key);
            }
        }
        let mut ties = Ties { of_key: vec![None; self.catalog.foreign_keys.len()], ..Ties::default() };
        let mut keys: Vec<usize> = (0..self.catalog.foreign_keys.len()).filter(|key| self.parent_of(*key).is_some()).collect();
        keys.sort_by_key(|key| self.precedence(*key));
        // What would lead round in a circle waits until the others are tied; then the column that closes it gets values of its own.
        keys.retain(|key| !self.tie(&mut ties, *key, false));
        for key in keys {
            self.tie(&mut ties, key, true);
        }
        self.ties = ties;
    }

    /// Table and parent of a key whose table gets rows.
    fn parent_of(&self, key: usize) -> Option<(usize, usize)> {
        let key = &self.catalog.foreign_keys[key];
        let (table, parent) = (place_of(self.catalog, &key.table)?, place_of(self.catalog, &key.referenced)?);
        (self.rows(table) > 0).then_some((table, parent))
    }

    /// Keys to empty parents first, for they leave NULL; then described ones; those that must not repeat; those of most columns,
    /// since a key of one column is often implied by a longer one; those of the own table last.
    fn precedence(&self, key: usize) -> impl Ord + use<> {
        let found = &self.catalog.foreign_keys[key];
        let (table, parent) = self.parent_of(key).unwrap_or_default();
        let columns = self.columns_of(key);
        let described = columns.iter().any(|column| self.is_described_reference((table, *column), parent));
        let distinct = self.unique_keys(table).iter().any(|unique| unique.columns.iter().all(|column| columns.contains(column)));
        (
            table,
            self.rows(parent) > 0,
            !described,
            table == parent,
            !(distinct && columns.len() > 1),
            std::cmp::Reverse(found.columns.len()),
            key,
        )
    }

    /// The columns of a key, by their places in its table.
    pub fn columns_of(&self, key: usize) -> Vec<usize> {
        let key = &self.catalog.foreign_keys[key];
        let table = place_of(self.catalog, &key.table);
        key.columns.iter().filter_map(|name| self.column_named(table?, name)).collect()
    }

    /// The columns that a key references, by their places in its parent.
    pub fn referenced_by(&self, key: usize) -> Vec<usize> {
        let key = &self.catalog.foreign_keys[key];
        let parent = place_of(self.catalog, &key.referenced);
        key.referenced_columns.iter().filter_map(|name| self.column_named(parent?, name)).collect()
    }

    fn is_described_reference(&self, id: ColumnId, parent: usize) -> bool {
        match self.column_spec(id).map(|spec| &spec.source) {
            Some(ColumnSource::Reference(reference)) => find_table(self.catalog, &reference.table).ok() == Some(parent),
            Some(_) => self.target_table(id) == Some(parent),
            None => false,
        }
    }

    /// False when the key would lead round in a circle and `broken` does not say to break it.
    fn tie(&self, ties: &mut Ties, key: usize, broken: bool) -> bool {
        let Some((table, parent)) = self.parent_of(key) else { return true };
        let (columns, referenced) = (self.columns_of(key), self.referenced_by(key));
        let filled = |ties: &Ties, column: usize| {
            let id = (table, column);
            let described = self.column_spec(id).is_some() && !self.is_described_reference(id, parent);
            let in_file = self.files.of(table).is_some_and(|rows| rows.column(column).is_some());
            let own = self.is_known_by(id, parent, &columns, &referenced);
            ties.owner.contains_key(&id) || described || in_file || own || self.column(id).generated
        };
        if self.rows(parent) == 0 {
            ties.of_key[key] = Some(Tie::Nothing);
            let found = &self.catalog.foreign_keys[key];
            let nullable = |column: &&usize| !self.column((table, **column)).not_null;
            let empty: Vec<usize> = match columns.iter().find(nullable) {
                Some(column) if !found.match_full => vec![*column],
                _ => columns.clone(),
            };
            empty.into_iter().filter(|column| !filled(ties, *column)).collect::<Vec<_>>().into_iter().for_each(|column| {
                ties.owner.insert((table, column), key);
            });
            return true;
        }
        let mut given: Vec<usize> = (0..columns.len()).filter(|at| filled(ties, columns[*at])).collect();
        for at in 0..columns.len() {
            if !given.contains(&at) && ties.leads_back((parent, referenced[at]), (table, columns[at])) {
                if !broken {
                    return false;
                }
                given.push(at);
            }
        }
        given.sort_unstable();
        let own: Vec<usize> = (0..columns.len()).filter(|at| !given.contains(at)).collect();
        for at in &own {
            let id = (table, columns[*at]);
            ties.owner.insert(id, key);
            let needs = ties.needs.entry(id).or_default();
            needs.insert((parent, referenced[*at]));
            needs.extend(given.iter().flat_map(|at| [(table, columns[*at]), (parent, referenced[*at])]));
        }
        ties.of_key[key] = Some(match (own.is_empty(), given.is_empty()) {
            (true, _) => Tie::Given,
            (_, true) => Tie::Free,
            _ => Tie::Agreeing(given),
        });
        true
    }

    /// The column identifies its row, and the parent's rows point back at it: `tenants (id, owner_id)` of `users (tenant_id, id)`, where
    /// a user belongs to a tenant. The parent follows it then, and not the other way round.
    fn is_known_by(&self, id: ColumnId, parent: usize, columns: &[usize], referenced: &[usize]) -> bool {
        let alone = columns.len() > 1 && self.unique_keys(id.0).iter().any(|unique| unique.columns == [id.1]);
        let Some(at) = columns.iter().position(|column| alone && *column == id.1) else { return false };
        (0..self.catalog.foreign_keys.len()).any(|key| {
            let found = &self.catalog.foreign_keys[key];
            let (own, back) = (self.columns_of(key), self.referenced_by(key));
            found.table == self.table(parent).name
                && found.referenced == self.table(id.0).name
                && own.iter().zip(&back).any(|(own, back)| *own == referenced[at] && *back == id.1)
        })
    }

    /// The column of a key that the others follow: one the scenario describes, else the first that it fills.
    pub fn leader(&self, key: usize) -> Option<ColumnId> {
        let (table, parent) = self.parent_of(key)?;
        let columns = self.columns_of(key);
        let mut owned = columns.into_iter().filter(|column| self.ties.owner.get(&(table, *column)) == Some(&key));
        let first = owned.next()?;
        let described = |column: &usize| self.is_described_reference((table, *column), parent);
        let leader = if described(&first) { first } else { owned.find(described).unwrap_or(first) };
        Some((table, leader))
    }

    /// Keys whose columns are all filled by `key`, at least in the part that decides, with the places of those columns in them.
    pub fn followers(&self, key: usize) -> Vec<(usize, Vec<usize>)> {
        let Some((table, _)) = self.parent_of(key) else { return Vec::new() };
        let keys = self.catalog.foreign_keys.iter().enumerate();
        let of_table = keys.filter(|(_, other)| other.table == self.catalog.foreign_keys[key].table);
        of_table
            .filter_map(|(other, _)| {
                let columns = self.columns_of(other);
                let given: Vec<usize> = match self.ties.of_key[other].as_ref()? {
                    Tie::Agreeing(given) => given.clone(),
                    Tie::Given => (0..columns.len()).collect(),
                    Tie::Free | Tie::Nothing => return None,
                };
                let filled_by_key = given.iter().all(|at| self.ties.owner.get(&(table, columns[*at])) == Some(&key));
                filled_by_key.then_some((other, given))
            })
            .collect()
    }

    /// A row of the key's parent must be there: no column of it may be NULL.
    pub fn must_point(&self, key: usize) -> bool {
        let Some((table, _)) = self.parent_of(key) else { return false };
        let found: &ForeignKey = &self.catalog.foreign_keys[key];
        let mut columns = self.columns_of(key).into_iter();
        found.match_full
            || match &self.ties.of_key[key] {
                Some(Tie::Given) => true,
                Some(Tie::Agreeing(given)) => {
                    columns.enumerate().any(|(at, column)| !given.contains(&at) && self.column((table, column)).not_null)
                }
                _ => columns.all(|column| self.column((table, column)).not_null),
            }
    }

    /// The columns together have values that one row has in those of `source`: they come from there, by way of any number of
    /// references.
    pub fn draw_from(&self, (mut table, mut columns): (usize, Vec<usize>), source: &(usize, Vec<usize>)) -> bool {
        for _ in 0..64 {
            if (table, &columns) == (source.0, &source.1) {
                return true;
            }
            let mut keys = columns.iter().map(|column| self.ties.owner.get(&(table, *column)));
            let Some(Some(key)) = keys.next() else { return false };
            if keys.any(|other| other != Some(key)) || self.ties.of_key[*key] == Some(Tie::Nothing) {
                return false;
            }
            let (own, referenced) = (self.columns_of(*key), self.referenced_by(*key));
            let Some((_, parent)) = self.parent_of(*key) else { return false };
            let next: Option<Vec<usize>> =
                columns.iter().map(|column| Some(referenced[own.iter().position(|other| other == column)?])).collect();
            let Some(next) = next else { return false };
            (table, columns) = (parent, next);
        }
        false
    }
}

impl Ties {
    /// `to` is needed for `from`, or is the same.
    fn leads_back(&self, from: ColumnId, to: ColumnId) -> bool {
        let (mut seen, mut next) = (HashSet::new(), vec![from]);
        while let Some(id) = next.pop() {
            if id == to {
                return true;
            }
            if seen.insert(id) {
                next.extend(self.needs.get(&id).into_iter().flatten());
            }
        }
        false
    }
}
