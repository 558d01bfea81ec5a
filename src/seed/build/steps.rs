//! Columns of tables that grow in steps: what a step adds, and leaves as it was.

use std::sync::Arc;

use crate::seed::chooser::Chooser;
use crate::seed::problem::SeedProblem;
use crate::seed::rng::Key;
use crate::seed::steps::Steps;

use super::{Builder, ColumnId};

/// Purposes of a column's key in later steps, numbered from here.
const GROWN: u64 = 1 << 32;

impl Builder<'_> {
    pub fn steps(&self, table: usize) -> &Steps {
        &self.layout.steps[table]
    }

    /// Rows of a table after a step.
    pub fn rows_at(&self, table: usize, step: usize) -> u64 {
        self.steps(table).end(step)
    }

    /// The table is made in more than one step.
    pub fn grows(&self, table: usize) -> bool {
        self.steps(table).count() > 1
    }

    /// Refuses what depends on all rows of a table, in one that grows.
    pub fn must_not_grow(&self, id: ColumnId, what: &str) -> Result<(), Option<SeedProblem>> {
        if self.grows(id.0) {
            return Err(Some(self.at(id, format!("{what} depend on all rows, so none can be added to those that are there"))));
        }
        Ok(())
    }

    /// The column's key for what a step draws anew.
    pub fn key_at(&self, id: ColumnId, step: usize) -> Key {
        grown(self.key(id), step)
    }

    /// A chooser for the rows of each step; where the tables it looks at stay as they were, the one of the step before goes on.
    pub fn by_step(
        &mut self,
        id: ColumnId,
        looks_at: &[usize],
        mut make: impl FnMut(&mut Self, usize) -> Result<Chooser, Option<SeedProblem>>,
    ) -> Result<Chooser, Option<SeedProblem>> {
        let filled: Vec<_> = self.steps(id.0).filled().collect();
        let mut choosers: Vec<(u64, Chooser)> = Vec::with_capacity(filled.len());
        let mut last = None;
        for (step, rows) in filled {
            let sizes: Vec<u64> = looks_at.iter().map(|table| self.rows_at(*table, step)).collect();
            if last.as_ref() != Some(&sizes) {
                choosers.push((rows.start, make(self, step)?));
            }
            last = Some(sizes);
        }
        Ok(match choosers.len() {
            1 => choosers.remove(0).1,
            _ => Chooser::Stepped(Arc::from(choosers)),
        })
    }
}

/// A key for what a step draws anew; the first step has the key itself.
pub fn grown(key: Key, step: usize) -> Key {
    if step == 0 { key } else { key.part(GROWN + step as u64) }
}
