//! Row counts from a scenario alone: numbers, ratios and sums of fan-outs, at any scale.

use std::collections::HashMap;

use crate::scenario::model::{Data, Located, Rows};

use super::problem::{Problem, SeedProblem};

/// More than PostgreSQL could hold in a table of 32 TB; beyond it, something was mistyped.
pub const MOST_ROWS: f64 = 1e12;

/// Counts the rows of tables, by their places in [`Data::tables`].
pub struct Counter<'a> {
    data: &'a Data,
    /// Finds the table that another one's rows are counted from.
    find: &'a dyn Fn(&Located<String>) -> Result<usize, SeedProblem>,
    /// By table and bits of the scale it was asked for.
    known: HashMap<(usize, u64), u64>,
    /// Tables being counted, to notice a circle.
    path: Vec<usize>,
}

impl<'a> Counter<'a> {
    pub fn new(data: &'a Data, find: &'a dyn Fn(&Located<String>) -> Result<usize, SeedProblem>) -> Counter<'a> {
        Counter { data, find, known: HashMap::new(), path: Vec::new() }
    }

    /// Rows of a table. Root tables are multiplied by `scale` unless fixed; a ratio is rounded once, to the nearest whole number of
    /// rows, from the other table's count.
    ///
    /// # Errors
    /// An unknown table, a circle, a number that no table could hold.
    pub fn rows(&mut self, table: usize, scale: f64) -> Result<u64, SeedProblem> {
        if let Some(rows) = self.known.get(&(table, scale.to_bits())) {
            return Ok(*rows);
        }
        let spec = &self.data.tables[table];
        let problem = |problem| SeedProblem::new(spec.name.at, problem);
        if self.path.contains(&table) {
            return Err(problem(Problem::CircularRows(spec.name.value.clone())));
        }
        let own = if spec.fixed { 1.0 } else { scale };
        let rows = match &spec.rows {
            // Counted before the layout, or after the load: see `seed::files` and `seed::derive`.
            Rows::File(_) | Rows::Query(_) => 0.0,
            Rows::Exactly(0) => 0.0,
            // A table that has rows keeps at least one, however small the scale.
            Rows::Exactly(rows) => (*rows as f64 * own).round().max(1.0),
            Rows::Per { ratio, table: per } => self.per(table, *ratio, per, own)?,
            Rows::Summed => match spec.summed_fanouts().next() {
                Some((_, reference, mean)) => self.per(table, mean, &reference.table, own)?,
                None => return Err(problem(Problem::NoRows(spec.name.value.clone()))),
            },
        };
        if !(0.0..=MOST_ROWS).contains(&rows) {
            return Err(problem(Problem::ImpossibleRows { table: spec.name.value.clone(), rows }));
        }
        self.known.insert((table, scale.to_bits()), rows as u64);
        Ok(rows as u64)
    }

    /// So many rows per row of another table.
    fn per(&mut self, table: usize, ratio: f64, per: &Located<String>, scale: f64) -> Result<f64, SeedProblem> {
        let parent = (self.find)(per)?;
        self.path.push(table);
        let parents = self.rows(parent, scale);
        self.path.pop();
        Ok((ratio * parents? as f64).round())
    }
}
