//! Columns that a CHECK constraint ties to another column of the row: below it, above it, or set where the other is not.

use std::time::Duration;

use crate::scenario::model::{GapSpec, Located, ValueSpec};
use crate::seed::check::{Beside, Facts, exclusive};
use crate::seed::types::{Kind, PgType};
use crate::seed::values::{Cell, Nearby, Source};

use super::role::Role;
use super::{Builder, ColumnId};

const DAY: Duration = Duration::from_secs(86_400);

impl Builder<'_> {
    /// The neighbour that decides about a column nobody describes. Of two such columns the smaller one follows the larger, since there
    /// is always room below.
    fn neighbour(&self, id: ColumnId, facts: &Facts) -> Option<(usize, Beside)> {
        // The partitions decide about theirs.
        if self.is_divided_by(id) {
            return None;
        }
        facts.beside.iter().find_map(|beside| {
            let other = self.column_named(id.0, &beside.other).filter(|other| *other != id.1)?;
            let decides = match self.role((id.0, other)) {
                Role::Inferred if self.is_divided_by((id.0, other)) => true,
                Role::Inferred => beside.below && !self.is_in_unique_key(id),
                Role::Value(_, value) => stands_alone(value),
                Role::FromFile | Role::RowNumber => true,
                _ => false,
            };
            decides.then(|| (other, beside.clone()))
        })
    }

    /// A moment before or after that of another column.
    pub fn moment_beside(&self, id: ColumnId, of: &PgType, facts: &Facts) -> Option<ValueSpec> {
        let moment = |kind: Kind| matches!(kind, Kind::Date | Kind::Timestamp | Kind::Timestamptz);
        let (other, beside) = self.neighbour(id, facts).filter(|_| moment(of.kind))?;
        PgType::of(self.column((id.0, other))).filter(|other| moment(other.kind))?;
        let from = Located::new(beside.other, self.location(id));
        Some(ValueSpec::Gap(GapSpec { from, before: beside.below, within: Some((DAY, 30 * DAY)) }))
    }

    /// A number below or above that of another column.
    pub fn number_beside(&mut self, id: ColumnId, of: &PgType, facts: &Facts) -> Option<Cell> {
        let (other, beside) = self.neighbour(id, facts).filter(|_| of.kind.is_number())?;
        let made = self.made((id.0, other)).filter(|made| made.of.kind.is_number())?;
        let bound = |bound: Option<(f64, bool)>| bound.map(|(bound, _)| bound);
        Some(Cell::new(Source::Nearby(Nearby {
            key: self.key(id),
            other: made.cell.clone(),
            from: made.of.kind,
            below: beside.below,
            strict: beside.strict,
            low: bound(facts.low),
            high: bound(facts.high),
            scale: of.scale().unwrap_or(2),
            kind: of.kind,
        })))
    }

    /// A column that stays NULL because exactly one of some is set, and another one is.
    pub fn leaves_to_another(&self, id: ColumnId) -> bool {
        let column = self.column(id);
        if column.not_null || column.default.is_some() {
            return false;
        }
        self.table(id.0).checks.iter().filter_map(|check| exclusive(&check.definition)).any(|names| {
            let described =
                |name: &&String| self.column_named(id.0, name).is_some_and(|other| self.column_spec((id.0, other)).is_some());
            let set = names.iter().find(described).or(names.first());
            names.contains(&column.name) && set != Some(&column.name)
        })
    }
}

/// Made from nothing but its own row number: a value that looks at others may look back at the column that would follow it.
fn stands_alone(value: &ValueSpec) -> bool {
    matches!(
        value,
        ValueSpec::Constant(_)
            | ValueSpec::OneOf(_)
            | ValueSpec::Range { .. }
            | ValueSpec::Between { .. }
            | ValueSpec::Normal { .. }
            | ValueSpec::Lognormal { .. }
            | ValueSpec::Exponential { .. }
            | ValueSpec::Zipf { .. }
            | ValueSpec::Pareto { .. }
            | ValueSpec::Price { .. }
            | ValueSpec::Time(_)
            | ValueSpec::Sequence
    )
}
