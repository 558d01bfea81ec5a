//! Fan-outs: the children of each step laid on parents.

use std::sync::Arc;

use crate::scenario::model::Fanout;
use crate::seed::chooser::Chooser;
use crate::seed::fanout::{FanoutProblem, children, trimmed};
use crate::seed::grouping::{Grouping, Step};
use crate::seed::permutation::Permutation;
use crate::seed::problem::{Problem, SeedProblem};

use super::keys::KeyRole;
use super::{Builder, ColumnId, SLOTS};

type Failure = Option<SeedProblem>;

impl Builder<'_> {
    pub fn fan_out(&mut self, id: ColumnId, parent: usize, shape: &Fanout) -> Result<(Chooser, Option<Arc<Grouping>>), Failure> {
        let parents = self.rows(parent);
        if parents > u64::from(u32::MAX) {
            let problem = FanoutProblem::Shape(format!("{parents} parents are more than perflab can number"));
            return Err(Some(self.fanout_problem(id, problem)));
        }
        let first = self.first_fanout(id.0) == Some(id.1);
        let mut steps: Vec<Step> = Vec::new();
        // Children that each parent has so far.
        let mut laid: Vec<u64> = Vec::new();
        for (step, rows) in self.steps(id.0).filled().collect::<Vec<_>>() {
            let count = rows.end - rows.start;
            let more = self.lay(id, parent, shape, step, &laid).map_err(|problem| Some(self.fanout_problem(id, problem)))?;
            laid.resize(self.rows_at(parent, step) as usize, 0);
            laid[more.0..].iter_mut().zip(&more.1).for_each(|(laid, more)| *laid += more);
            let order =
                if first { self.order(id.0, step) } else { Some(Permutation::new(self.key_at(id, step).part(SLOTS), count)) };
            steps.push(Step { first_group: more.0 as u64, children: more.1, order });
        }
        if self.key_roles.get(&id) == Some(&KeyRole::Alone) && laid.iter().any(|count| *count > 1) {
            return Err(Some(
                self.at(
                    id,
                    "it is unique, so no parent may have two children; take `fanout: even` and at most as many rows as parents"
                        .into(),
                ),
            ));
        }
        let grouping = Arc::new(Grouping::stepped(steps, 0));
        let chooser = if first { Chooser::First(grouping.clone()) } else { Chooser::Group(grouping.clone()) };
        Ok((chooser, Some(grouping)))
    }

    /// The children that a step adds, and the first parent they are counted for. New parents take all that is new, as far as the shape
    /// holds it; else all parents grow towards what the shape gives them for the rows there are now.
    fn lay(
        &self,
        id: ColumnId,
        parent: usize,
        shape: &Fanout,
        step: usize,
        laid: &[u64],
    ) -> Result<(usize, Vec<u64>), FanoutProblem> {
        let (rows, parents) = (self.steps(id.0).rows(step), self.rows_at(parent, step));
        let before = laid.len() as u64;
        let (count, fresh) = (rows.end - rows.start, parents - before);
        let at_once = children(shape, fresh, count, self.key_at(id, step));
        if before == 0 || (fresh > 0 && at_once.is_ok()) {
            return at_once.map(|children| (before as usize, children));
        }
        let wanted = children(shape, parents, rows.end, self.key(id))?;
        let laid = laid.iter().copied().chain(std::iter::repeat(0));
        let mut more: Vec<u64> = wanted.iter().zip(laid).map(|(wanted, laid)| wanted.saturating_sub(laid)).collect();
        trimmed(&mut more, count, self.key_at(id, step));
        Ok((0, more))
    }

    fn fanout_problem(&self, id: ColumnId, problem: FanoutProblem) -> SeedProblem {
        let (table, column) = self.names(id);
        SeedProblem::new(self.location(id), Problem::Fanout { table, column, problem })
    }
}
