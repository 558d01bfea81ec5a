//! Steps in which tables grow: rows of a later step are numbered after those of the steps before, which they leave as they are.

use std::ops::Range;

/// How many rows a table has after each step; never fewer than after the one before, and at least one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps(Vec<u64>);

impl Steps {
    /// All rows at once.
    pub fn one(rows: u64) -> Steps {
        Steps(vec![rows])
    }

    /// From the rows after each step.
    pub fn new(ends: Vec<u64>) -> Steps {
        debug_assert!(!ends.is_empty() && ends.is_sorted());
        Steps(ends)
    }

    /// Number of steps.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Rows after the last step.
    pub fn total(&self) -> u64 {
        self.0.last().copied().unwrap_or(0)
    }

    /// Rows after a step.
    pub fn end(&self, step: usize) -> u64 {
        self.0[step]
    }

    /// The rows of a step alone.
    pub fn rows(&self, step: usize) -> Range<u64> {
        let start = step.checked_sub(1).map_or(0, |before| self.0[before]);
        start..self.0[step]
    }

    /// Steps that have rows of their own, with those rows.
    pub fn filled(&self) -> impl Iterator<Item = (usize, Range<u64>)> + '_ {
        (0..self.count()).map(|step| (step, self.rows(step))).filter(|(_, rows)| !rows.is_empty())
    }
}
