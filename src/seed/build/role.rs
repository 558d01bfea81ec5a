//! What each column is filled from, decided before anything is made.

use crate::db::catalog::Identity;
use crate::scenario::model::{ColumnSource, ColumnSpec, Reference, Through, ValueSpec};
use crate::seed::check::{is_plain_constant, sequence_of_default};
use crate::seed::layout::{find_table, place_of};
use crate::seed::types::PgType;

use super::{Builder, ColumnId};

/// Where a column's values come from.
#[derive(Debug, Clone, Copy)]
pub enum Role<'a> {
    /// Not written: generated columns, defaults that are the same for every row, what the scenario leaves to the server.
    LeftOut,
    /// It stands in the table's files.
    FromFile,
    /// The column that a walk's rows share with its first hop.
    WalkHead,
    Reference(&'a ColumnSpec, &'a Reference),
    Through(&'a ColumnSpec, &'a Through),
    Value(&'a ColumnSpec, &'a ValueSpec),
    /// A foreign key nobody described, by its place in the catalog.
    ForeignKey(usize),
    /// Identity, serial, and whole-number primary keys.
    RowNumber,
    Inferred,
}

impl<'a> Builder<'a> {
    /// The role of a column.
    ///
    /// A default that is a plain constant is left to the server. Any other default (`now()`, `random()`, `gen_random_uuid()`) would
    /// give values that change from run to run, or one moment for all rows, so such columns are filled by type and name.
    pub fn role(&self, id: ColumnId) -> Role<'a> {
        let column = self.column(id);
        let spec = self.column_spec(id);
        if column.generated {
            return Role::LeftOut;
        }
        if self.files.of(id.0).is_some_and(|rows| rows.column(id.1).is_some()) {
            return Role::FromFile;
        }
        if self.walk_column(id.0).is_some_and(|walk| walk != id.1 && self.shared_of_walk(id.0) == Some(id.1)) {
            return Role::WalkHead;
        }
        if let Some(spec) = spec {
            return match &spec.source {
                ColumnSource::Value(ValueSpec::Default) => Role::LeftOut,
                ColumnSource::Value(value) => Role::Value(spec, value),
                ColumnSource::Reference(reference) => Role::Reference(spec, reference),
                ColumnSource::Through(through) => Role::Through(spec, through),
            };
        }
        if self.leaves_to_another(id) {
            return Role::LeftOut;
        }
        if let Some(key) = self.foreign_key_of(id) {
            return Role::ForeignKey(key);
        }
        let supported = PgType::of(column);
        let numbered = self.sequence_of(id).is_some() || column.identity != Identity::No;
        let whole_key = self.table(id.0).primary_key.as_deref() == Some(std::slice::from_ref(&column.name));
        match supported {
            Some(of) if of.kind.is_integer() && (numbered || (whole_key && column.default.is_none())) => Role::RowNumber,
            // What cannot be made is left to its default, or to NULL.
            None if !column.not_null || column.default.is_some() => Role::LeftOut,
            _ if !self.is_in_unique_key(id)
                && !self.is_divided_by(id)
                && column.default.as_deref().is_some_and(is_plain_constant) =>
            {
                Role::LeftOut
            }
            _ => Role::Inferred,
        }
    }

    /// The sequence that the server numbers the column from.
    pub fn sequence_of(&self, id: ColumnId) -> Option<String> {
        let column = self.column(id);
        column.sequence.clone().or_else(|| column.default.as_deref().and_then(sequence_of_default))
    }

    /// The foreign key that decides about a column: see [`super::ties`].
    pub fn foreign_key_of(&self, id: ColumnId) -> Option<usize> {
        self.ties.owner.get(&id).copied()
    }

    /// The table that a column's values point into, without making the column.
    pub fn target_table(&self, id: ColumnId) -> Option<usize> {
        self.target_table_within(id, 16)
    }

    pub fn target_table_within(&self, id: ColumnId, hops_left: u32) -> Option<usize> {
        match self.column_spec(id).map(|spec| &spec.source) {
            Some(ColumnSource::Reference(reference)) => find_table(self.catalog, &reference.table).ok(),
            Some(ColumnSource::Through(through)) => {
                let last = through.hops.last()?;
                let table = place_of(self.catalog, &self.catalog.find(&last.value.table)?.name)?;
                let column = self.column_named(table, &last.value.column)?;
                let further = hops_left.checked_sub(1).and_then(|left| self.target_table_within((table, column), left));
                further.or(Some(table))
            }
            Some(ColumnSource::Value(ValueSpec::Copy(path))) => self.target_of_path(id.0, &path.value, hops_left),
            Some(ColumnSource::Value(_)) => None,
            None => {
                let key = &self.catalog.foreign_keys[self.foreign_key_of(id)?];
                place_of(self.catalog, &key.referenced)
            }
        }
    }

    /// The column of a table whose rows walk, if it has one.
    pub fn walk_column(&self, table: usize) -> Option<usize> {
        let spec = self.spec(table)?;
        let walking = |column: &&ColumnSpec| matches!(&column.source, ColumnSource::Through(through) if through.rounds.is_some());
        let name = &spec.columns.iter().find(walking)?.name.value;
        self.column_named(table, name)
    }

    /// The first fan-out of a table, which lays its rows; a walk lays them in its stead.
    pub fn first_fanout(&self, table: usize) -> Option<usize> {
        if self.walk_column(table).is_some() {
            return None;
        }
        let spec = self.spec(table)?;
        let name = &spec.columns.iter().find(|column| is_fanout(column))?.name.value;
        self.column_named(table, name)
    }
}

/// The description is a reference with a fan-out.
pub fn is_fanout(spec: &ColumnSpec) -> bool {
    matches!(&spec.source, ColumnSource::Reference(Reference { assign: crate::scenario::model::Assign::Fanout(_), .. }))
}
