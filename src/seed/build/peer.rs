//! Other columns that a value is made from: of the same row, and of rows that its references lead to.

use std::sync::Arc;

use crate::scenario::model::ColumnSpec;
use crate::seed::chooser::Chooser;
use crate::seed::problem::{Problem, SeedProblem, suggestion};
use crate::seed::types::PgType;
use crate::seed::values::{Cell, Peer, Reference, Source, ValueProblem};

use super::{Builder, ColumnId, Made, NULLS, Target};

/// A column at the end of a path, and the row it is taken from.
struct Followed {
    made: Arc<Made>,
    /// `None`: the row at hand.
    row: Option<Arc<Chooser>>,
}

/// Why a path leads nowhere.
enum Lost {
    Because(String),
    /// Why is among the problems already.
    Reported(String),
}

impl Builder<'_> {
    /// Another column of the row at hand, or of the row that a reference leads to (`user_id.country`, any number of steps);
    /// `reported` when why it cannot be made is known already.
    pub fn peer(&mut self, id: ColumnId, path: &str, reported: &mut bool) -> Result<Peer, ValueProblem> {
        match self.follow(id.0, path) {
            Ok(Followed { made, row: None }) => Ok(Peer::Cell(made.cell.clone(), Arc::new(made.of.clone()))),
            Ok(Followed { made, row: Some(chooser) }) => {
                let reference = Reference { chooser, leaf: made.cell.clone(), tally: None };
                Ok(Peer::Cell(Arc::new(Cell::new(Source::Reference(reference))), Arc::new(made.of.clone())))
            }
            Err(Lost::Because(why)) => Err(ValueProblem::Peer(why)),
            Err(Lost::Reported(why)) => {
                *reported = true;
                Err(ValueProblem::Peer(why))
            }
        }
    }

    /// `{copy: order_id.user_id}` of a column that is itself a reference: this one then points at the same row. `None`: it is none.
    pub fn make_copied_reference(
        &mut self,
        id: ColumnId,
        of: &PgType,
        spec: &ColumnSpec,
        path: &str,
    ) -> Result<Option<Made>, Option<SeedProblem>> {
        let Followed { made, row } = self.follow(id.0, path).map_err(|lost| match lost {
            Lost::Because(why) => {
                let (table, column) = self.names(id);
                Some(SeedProblem::new(self.location(id), Problem::Value { table, column, problem: ValueProblem::Peer(why) }))
            }
            Lost::Reported(_) => None,
        })?;
        let Some(target) = made.target.clone() else { return Ok(None) };
        let mut chooser = match row {
            Some(row) => Arc::new(Chooser::Then(row, target.chooser.clone())),
            None => target.chooser.clone(),
        };
        if let Some(nulls) = self.nulls(id, spec)? {
            chooser = Arc::new(Chooser::Sometimes { key: self.key(id).part(NULLS), nulls, inner: chooser });
        }
        let leaf = super::reference::adapted(&target.origin, &target.origin_type, of);
        let cell = Cell::new(Source::Reference(Reference { chooser: chooser.clone(), leaf, tally: None }));
        let target = Some(Target { chooser, ..target });
        Ok(Some(Made { cell: Arc::new(cell), of: of.clone(), target, grouping: None }))
    }

    /// The table that a copied column's values point into, without making anything.
    pub fn target_of_path(&self, table: usize, path: &str, hops_left: u32) -> Option<usize> {
        let left = hops_left.checked_sub(1)?;
        if let Some(column) = self.column_named(table, path) {
            return self.target_table_within((table, column), left);
        }
        let (first, rest) = path.split_once('.')?;
        let next = self.target_table_within((table, self.column_named(table, first)?), left)?;
        self.target_of_path(next, rest, left)
    }

    fn follow(&mut self, table: usize, path: &str) -> Result<Followed, Lost> {
        // The whole path first: a quoted name may have a dot in it.
        if let Some(column) = self.column_named(table, path) {
            return Ok(Followed { made: self.known((table, column))?, row: None });
        }
        let (first, rest) = path.split_once('.').unwrap_or((path, ""));
        let Some(column) = self.column_named(table, first) else { return Err(Lost::Because(self.no_column(table, first))) };
        let Some(parent) = self.target_table((table, column)) else {
            return Err(Lost::Because(format!("`{first}` references no table, so there is no `{path}`")));
        };
        let made = self.known((table, column))?;
        // A reference to a table without rows is always NULL.
        let here = made.target.as_ref().map_or_else(|| Arc::new(Chooser::Nothing), |target| target.chooser.clone());
        let end = self.follow(made.target.as_ref().map_or(parent, |target| target.table), rest)?;
        let row = match end.row {
            Some(further) => Arc::new(Chooser::Then(here, further)),
            None => here,
        };
        Ok(Followed { made: end.made, row: Some(row) })
    }

    fn known(&mut self, id: ColumnId) -> Result<Arc<Made>, Lost> {
        let made = self.made(id);
        made.ok_or_else(|| Lost::Reported(format!("it needs `{}`, which cannot be made", self.column(id).name)))
    }

    fn no_column(&self, table: usize, name: &str) -> String {
        let table = self.table(table);
        let nearest = suggestion(name, table.columns.iter().map(|column| column.name.as_str()));
        format!("`{}` has no column `{name}`{nearest}", table.name.name)
    }
}
