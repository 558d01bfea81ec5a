//! Columns with values of their own.

use crate::scenario::model::ValueSpec;
use crate::seed::infer::infer;
use crate::seed::problem::{Problem, SeedProblem};
use crate::seed::types::PgType;
use crate::seed::values::{Cell, Growth, Site, Source, ValueProblem, compile};

use super::keys::KeyRole;
use super::role::Role;
use super::{Builder, ColumnId};

type Failure = Option<SeedProblem>;

impl Builder<'_> {
    /// Values that nobody described. Where they must differ, the space is sized by the rows; a table that grows takes the part of the
    /// next size that the one before left out.
    pub fn inferred(&mut self, id: ColumnId, of: &PgType) -> Result<Cell, Failure> {
        let (table, column, facts) = (self.table(id.0), self.column(id), self.facts(id));
        let unique = self.key_roles.get(&id) == Some(&KeyRole::Alone);
        if !unique {
            if let Some(cell) = self.in_partitions(id, of)? {
                return Ok(cell);
            }
            if let Some(cell) = self.number_beside(id, of, &facts) {
                return Ok(cell);
            }
            if let Some(spec) = self.moment_beside(id, of, &facts) {
                return self.value(id, of, &spec);
            }
        }
        let spec = |rows: u64| infer(&column.name, &table.name.name, of, &facts, unique, rows);
        let filled: Vec<_> = self.steps(id.0).filled().collect();
        let specs: Vec<ValueSpec> = filled.iter().map(|(_, rows)| spec(rows.end)).collect();
        if specs.windows(2).all(|pair| pair[0] == pair[1]) {
            return self.value(id, of, &spec(self.rows(id.0)));
        }
        let mut cells = Vec::with_capacity(specs.len());
        let mut taken = f64::NEG_INFINITY;
        for ((_, rows), spec) in filled.into_iter().zip(specs) {
            let ValueSpec::Range { low, high } = spec else { return Err(Some(self.value_problem(id, UNSTEADY))) };
            let spec = ValueSpec::Range { low: low.max(taken + 1.0), high };
            // The row numbers of a step, modulo a space that holds them all, differ.
            let growth = Growth { first: rows.start, earlier: Vec::new(), ..Growth::default() };
            cells.push((rows.start, self.compiled(id, of, &spec, rows.end - rows.start, &growth)?));
            taken = high;
        }
        Ok(Cell::new(Source::Stepped(cells)))
    }

    pub fn value(&mut self, id: ColumnId, of: &PgType, spec: &ValueSpec) -> Result<Cell, Failure> {
        if let Some(KeyRole::Place(per)) = self.key_roles.get(&id).cloned()
            && matches!(self.role(id), Role::Inferred)
            && let Some(grouping) = self.made((id.0, per)).and_then(|made| made.grouping.clone())
        {
            return Ok(Cell::new(Source::Place(grouping, of.kind)));
        }
        let filled: Vec<_> = self.steps(id.0).filled().collect();
        let mut cells = Vec::with_capacity(filled.len());
        let mut earlier = Vec::new();
        let mut sized = false;
        for (_, rows) in filled {
            let growth = Growth { first: rows.start, earlier: earlier.clone(), ..Growth::default() };
            cells.push((rows.start, self.compiled(id, of, spec, rows.end, &growth)?));
            sized |= growth.sized.get();
            earlier.push(rows.end);
        }
        Ok(match cells.len() {
            // What does not depend on the number of rows is the same for all steps.
            0 | 1 => cells.pop().map_or_else(Cell::null, |(_, cell)| cell),
            _ if !sized => cells.remove(0).1,
            _ => Cell::new(Source::Stepped(cells)),
        })
    }

    fn compiled(&mut self, id: ColumnId, of: &PgType, spec: &ValueSpec, rows: u64, growth: &Growth) -> Result<Cell, Failure> {
        let key = self.key(id);
        let unique = self.key_roles.get(&id) == Some(&KeyRole::Alone);
        let rising = self.rows_come_in_time(id.0);
        let (until_us, locale) = (self.data.until_us, self.data.locale);
        let mut reported = false;
        let mut peer = |name: &str| self.peer(id, name, &mut reported);
        let compiled = compile(spec, of, &mut Site { key, rows, unique, rising, until_us, locale, growth, peer: &mut peer });
        compiled.map_err(|problem| (!reported).then(|| self.value_problem(id, problem)))
    }

    fn value_problem(&self, id: ColumnId, problem: ValueProblem) -> SeedProblem {
        let (table, column) = self.names(id);
        let at = problem.at().unwrap_or_else(|| self.location(id));
        SeedProblem::new(at, Problem::Value { table, column, problem })
    }
}

const UNSTEADY: ValueProblem = ValueProblem::Unsteady("values sized by the number of rows");
