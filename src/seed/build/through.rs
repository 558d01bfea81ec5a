//! `through`: which tables and columns its hops mean, and the walk or the reach over them.

use std::sync::Arc;

use crate::scenario::model::{ColumnSource, ColumnSpec, Hop, Located, Through};
use crate::seed::chooser::{Chooser, groups, stored};
use crate::seed::grouping::Groups;
use crate::seed::layout::{find_table, unknown_column};
use crate::seed::problem::SeedProblem;
use crate::seed::through::{Hop2, Laid, NoWalk, Reach, Walk};
use crate::seed::types::PgType;
use crate::seed::values::{Cell, Context, Reference, Source};

use super::reference::adapted;
use super::role::is_fanout;
use super::{Builder, ColumnId, Made, Target};

type Failure = Option<SeedProblem>;

/// A table whose rows walk.
#[derive(Debug)]
pub struct WalkPlan {
    /// By the first row of each step.
    walks: Vec<(u64, Arc<Walk>)>,
    /// The first hop's column that the walking table shares.
    shared: ColumnId,
    /// Where the last hop's values come from.
    end: ColumnId,
}

impl WalkPlan {
    fn chooser(&self, of: fn(Arc<Walk>) -> Chooser) -> Chooser {
        match self.walks.as_slice() {
            [(_, only)] => of(only.clone()),
            walks => Chooser::Stepped(walks.iter().map(|(first, walk)| (*first, of(walk.clone()))).collect()),
        }
    }
}

/// The tables and columns of a path.
struct Path {
    /// `a.x`
    first: ColumnId,
    /// The column of `b` that has the same values as `x`, and `b.y`.
    second: Option<(ColumnId, ColumnId)>,
}

/// Where a path starts.
struct Start {
    /// The column of the row's own table that leads to rows of `a`.
    own: usize,
    /// The column of `a` with the same values.
    theirs: usize,
    /// `own` references `a` itself: there is one row of `a`, the one it points at.
    itself: bool,
}

impl Path {
    /// Tables whose rows decide what can be reached.
    fn tables(&self) -> Vec<usize> {
        std::iter::once(self.first.0).chain(self.second.map(|(_, end)| end.0)).collect()
    }

    fn end(&self) -> ColumnId {
        self.second.map_or(self.first, |(_, y)| y)
    }
}

impl<'a> Builder<'a> {
    /// `{through: …}`
    pub fn make_through(&mut self, id: ColumnId, of: PgType, spec: &ColumnSpec, through: &Through) -> Result<Made, Failure> {
        if spec.nulls > 0.0 {
            return Err(Some(self.at(id, "`nulls` has no meaning beside `through`; leave it out".into())));
        }
        if through.rounds.is_some() {
            if self.walk_column(id.0) != Some(id.1) {
                return Err(Some(self.at(id, "only one column of a table may have `rounds`".into())));
            }
            let plan = self.walk(id.0).ok_or(None)?;
            return self.ending(id, of, plan.end, plan.chooser(Chooser::WalkStep));
        }
        let path = self.path(id, through)?;
        let Start { own, theirs, itself } = self.start(id, path.first)?;
        let own_target = self.target_of((id.0, own))?;
        let mut dead_ends = false;
        let chooser = self.by_step(id, &path.tables(), |builder, step| {
            let rows = if itself {
                Groups::Single(builder.rows_at(path.first.0, step))
            } else {
                builder.rows_by((path.first.0, theirs), step)?
            };
            let hop = builder.second_hop(&path, step)?;
            let reach = Reach::new(builder.key(id), own_target.chooser.clone(), rows, hop);
            dead_ends |= reach.has_dead_ends();
            Ok(Chooser::Reach(Arc::new(reach)))
        })?;
        if self.column(id).not_null && dead_ends && self.meets_dead_end(id.0, &chooser) {
            let (own, first) = (&self.column((id.0, own)).name, &self.table(path.first.0).name);
            let why = format!(
                "it is NOT NULL, but some rows have a `{own}` from which `{first}` leads nowhere; allow NULL or use `rounds`"
            );
            return Err(Some(self.at(id, why)));
        }
        self.ending(id, of, path.end(), chooser)
    }

    /// The column that a walk's rows share with its first hop.
    pub fn make_walk_head(&mut self, id: ColumnId, of: PgType) -> Result<Made, Failure> {
        if self.column_spec(id).is_some_and(is_fanout) {
            return Err(Some(self.at(id, "`rounds` decides how many rows each of its values gets; leave its fanout out".into())));
        }
        let plan = self.walk(id.0).ok_or(None)?;
        self.ending(id, of, plan.shared, plan.chooser(Chooser::WalkHead))
    }

    /// The table's walk, laid out now or before. `None`: it cannot be, and the reason is among the problems.
    fn walk(&mut self, table: usize) -> Option<Arc<WalkPlan>> {
        if let Some(known) = self.walks.get(&table) {
            return known.clone();
        }
        let plan = match self.lay_walk(table) {
            Ok(plan) => Some(Arc::new(plan)),
            Err(problem) => {
                self.problems.extend(problem);
                None
            }
        };
        self.walks.insert(table, plan.clone());
        plan
    }

    fn lay_walk(&mut self, table: usize) -> Result<WalkPlan, Failure> {
        let id = (table, self.walk_column(table).ok_or(None)?);
        let Some(ColumnSource::Through(through)) = self.column_spec(id).map(|spec| &spec.source) else { return Err(None) };
        let Some(rounds) = &through.rounds else { return Err(None) };
        let path = self.path(id, through)?;
        let Start { theirs, .. } = self.start(id, path.first)?;
        let mut walks = Vec::new();
        let mut before = 0;
        for (step, rows) in self.steps(table).filled().collect::<Vec<_>>() {
            // New heads walk for what is new; where there are none, all do.
            let heads = self.rows_at(path.first.0, step);
            let heads = if heads > before { before..heads } else { 0..heads };
            before = heads.end;
            let hop = self.second_hop(&path, step)?;
            let laid = Laid { heads, rows: rows.clone(), order: self.order(table, step) };
            let walk = Walk::new(laid, hop, rounds, self.key_at(id, step)).map_err(|reason| {
                let why = match reason {
                    NoWalk::Nowhere => "nothing can be reached by these hops; give their tables rows",
                    NoWalk::TooLarge => "the hops' tables have more rows than perflab can number",
                };
                Some(self.at(id, why.to_owned()))
            })?;
            walks.push((rows.start, Arc::new(walk)));
        }
        Ok(WalkPlan { walks, shared: (path.first.0, theirs), end: path.end() })
    }

    /// The column of a walking table that its rows share with the first hop, found without making anything.
    pub fn shared_of_walk(&self, table: usize) -> Option<usize> {
        let id = (table, self.walk_column(table)?);
        let ColumnSource::Through(through) = &self.column_spec(id)?.source else { return None };
        let path = self.path(id, through).ok()?;
        self.start(id, path.first).ok().map(|start| start.own)
    }

    fn path(&self, id: ColumnId, through: &Through) -> Result<Path, Failure> {
        match through.hops.as_slice() {
            [only] => Ok(Path { first: self.hop(only)?, second: None }),
            [first, last] => {
                let (first, end) = (self.hop(first)?, self.hop(last)?);
                let middle = self.same_target(first, end)?;
                Ok(Path { first, second: Some((middle, end)) })
            }
            _ => Err(Some(self.at(id, "`through` has one or two hops".into()))),
        }
    }

    fn hop(&self, hop: &Located<Hop>) -> Result<ColumnId, Failure> {
        let name = Located::new(hop.value.table.clone(), hop.at);
        let table = find_table(self.catalog, &name).map_err(Some)?;
        let column = self.column_named(table, &hop.value.column);
        Ok((table, column.ok_or_else(|| Some(unknown_column(self.catalog, table, &hop.value.column, hop.at)))?))
    }

    /// The column of the last hop's table that references what the first hop's column does.
    fn same_target(&self, first: ColumnId, end: ColumnId) -> Result<ColumnId, Failure> {
        let target = self.target_table(first);
        let columns = 0..self.table(end.0).columns.len();
        let candidates: Vec<usize> = columns
            .filter(|column| *column != end.1 && target.is_some() && self.target_table((end.0, *column)) == target)
            .collect();
        let same_name = candidates.iter().find(|column| self.column((end.0, **column)).name == self.column(first).name);
        match (candidates.as_slice(), same_name) {
            ([only], _) => Ok((end.0, *only)),
            (_, Some(column)) => Ok((end.0, *column)),
            _ => {
                let (x, other) = (&self.column(first).name, &self.table(end.0).name);
                Err(Some(self.at(
                    end,
                    format!("a hop from `{x}` to `{other}` needs exactly one column there that references the same table"),
                )))
            }
        }
    }

    /// Where the path of a column starts: at the row of the first hop's table that another column references, else at the rows there
    /// that reference what another column does.
    fn start(&self, id: ColumnId, first: ColumnId) -> Result<Start, Failure> {
        let others = || (0..self.table(id.0).columns.len()).filter(|own| *own != id.1);
        let direct: Vec<usize> = others().filter(|own| self.target_table((id.0, *own)) == Some(first.0)).collect();
        if let [own] = direct.as_slice() {
            return Ok(Start { own: *own, theirs: self.referenced_column((id.0, *own), first.0)?, itself: true });
        }
        let pairs: Vec<(usize, usize)> = others()
            .filter_map(|own| Some((own, self.target_table((id.0, own))?)))
            .flat_map(|(own, target)| {
                let theirs = 0..self.table(first.0).columns.len();
                let same = theirs.filter(move |c| *c != first.1 && self.target_table((first.0, *c)) == Some(target));
                same.map(move |theirs| (own, theirs))
            })
            .collect();
        let same_name = |(own, theirs): &&(usize, usize)| self.column((id.0, *own)).name == self.column((first.0, *theirs)).name;
        let mut named = pairs.iter().filter(same_name);
        match (pairs.as_slice(), named.next(), named.next()) {
            ([(own, theirs)], ..) | (_, Some((own, theirs)), None) => Ok(Start { own: *own, theirs: *theirs, itself: false }),
            _ => {
                let (table, first) = (&self.table(id.0).name, &self.table(first.0).name);
                let how_many = if pairs.is_empty() { "no" } else { "more than one" };
                let why = format!(
                    "`{table}` and `{first}` have {how_many} pair of columns that reference the same table, so it is unclear where to start"
                );
                Err(Some(self.at(id, why)))
            }
        }
    }

    fn target_of(&mut self, id: ColumnId) -> Result<Target, Failure> {
        let made = self.made(id).ok_or(None)?;
        made.target.clone().ok_or_else(|| Some(self.at(id, "it points at no rows, so nothing can be reached through it".into())))
    }

    /// Rows that a column's table has after a step, by the row the column points at.
    fn rows_by(&mut self, id: ColumnId, step: usize) -> Result<Groups, Failure> {
        let target = self.target_of(id)?;
        let listed = groups(&target.chooser, self.rows(target.table), self.rows_at(id.0, step));
        listed.ok_or_else(|| Some(self.at(id, "its table has more rows than perflab can list; give it a fanout".into())))
    }

    fn second_hop(&mut self, path: &Path, step: usize) -> Result<Option<Hop2>, Failure> {
        let Some((middle, _)) = path.second else { return Ok(None) };
        let x = self.target_of(path.first)?.chooser;
        Ok(Some(Hop2 { x, rows: self.rows_by(middle, step)? }))
    }

    fn meets_dead_end(&self, table: usize, reach: &Chooser) -> bool {
        let mut context = Context::rows();
        (0..self.rows(table)).any(|row| {
            context.turn_to(row);
            reach.at(&mut context).is_none()
        })
    }

    /// A column with the value that `end` has in the row chosen: what that column points at, if it points.
    fn ending(&mut self, id: ColumnId, of: PgType, end: ColumnId, chooser: Chooser) -> Result<Made, Failure> {
        let made = self.made(end).ok_or(None)?;
        let Some(target) = &made.target else {
            return self.pointing(of, end, Arc::new(chooser), None);
        };
        let next = stored(&target.chooser, self.rows(end.0), self.rows(id.0));
        let chooser = Arc::new(Chooser::Then(Arc::new(chooser), next));
        let leaf = adapted(&target.origin, &target.origin_type, &of);
        let cell = Cell::new(Source::Reference(Reference { chooser: chooser.clone(), leaf, tally: None }));
        Ok(Made { cell: Arc::new(cell), of, target: Some(Target { chooser, ..target.clone() }), grouping: None })
    }
}
