//! Which row of another table a row points at.

use std::sync::Arc;

use super::grouping::{Grouping, Groups};
use super::lookup::Agreeing;
use super::permutation::Permutation;
use super::pick::{Picker, without_replacement};
use super::rng::Key;
use super::through::{Reach, Walk};
use super::tree::Tree;
use super::tuples::Tuples;
use super::values::Context;

/// A function from rows to rows of another table; no row is NULL.
#[derive(Debug, Clone)]
pub enum Chooser {
    /// The parent of the table's first fan-out, which lays its rows.
    First(Arc<Grouping>),
    /// The parent of a further fan-out.
    Group(Arc<Grouping>),
    Pick(Picker),
    /// Each parent at most once: the column is unique.
    Distinct(Permutation),
    /// One digit of a number that no two rows share, so that the columns together are unique.
    Digit {
        order: Arc<Permutation>,
        divisor: u64,
        base: u64,
    },
    /// Of these rows, the one that another choice names by its place.
    Among(Arc<[u32]>, Arc<Chooser>),
    /// A row that has something in common with this one.
    Agreeing(Arc<Agreeing>),
    /// One side of a combination that no two rows share, of tables that grew in steps.
    Tuple(Arc<Tuples>, usize),
    /// By the step that a row belongs to: from each first row on, in order.
    Stepped(Arc<[(u64, Chooser)]>),
    /// The parent in a tree of the same table.
    Tree(Arc<Tree>),
    /// Rows under one parent of another column never choose the same.
    UniquePer(Arc<UniquePer>),
    /// The row of the first hop's table on whose behalf this row exists.
    WalkHead(Arc<Walk>),
    /// The row that the walk has come to.
    WalkStep(Arc<Walk>),
    /// One of the rows that can be reached from the row's parent in the table both reference.
    Reach(Arc<Reach>),
    /// Chosen before, once for every row; see [`stored`].
    Stored(Arc<[u32]>),
    /// What the chosen row's own column chose.
    Then(Arc<Chooser>, Arc<Chooser>),
    /// A share of the rows chooses nothing.
    Sometimes {
        key: Key,
        nulls: f64,
        inner: Arc<Chooser>,
    },
    Nothing,
}

impl Chooser {
    /// The row chosen by the context's row.
    #[inline]
    pub fn at(&self, context: &mut Context) -> Option<u64> {
        match self {
            Chooser::First(grouping) => Some(first(grouping, context).0),
            Chooser::Group(grouping) => Some(grouping.locate(context.row).0),
            Chooser::Pick(picker) => Some(picker.at(context.row)),
            Chooser::Distinct(order) => Some(order.at(context.row)),
            Chooser::Digit { order, divisor, base } => Some(order.at(context.row) / divisor % base),
            Chooser::Among(rows, inner) => Some(u64::from(rows[inner.at(context)? as usize])),
            Chooser::Agreeing(agreeing) => agreeing.at(context),
            Chooser::Tuple(tuples, side) => Some(tuples.at(context.row, *side)),
            Chooser::Stepped(steps) => {
                let step = steps.partition_point(|(first, _)| *first <= context.row).checked_sub(1)?;
                steps[step].1.at(context)
            }
            Chooser::Tree(tree) => tree.parent(context.row),
            Chooser::UniquePer(unique) => Some(unique.at(context)),
            Chooser::WalkHead(walk) => Some(first(&walk.grouping, context).0),
            Chooser::WalkStep(walk) => {
                let (head, place) = first(&walk.grouping, context);
                Some(walk.step(head, place))
            }
            Chooser::Reach(reach) => reach.at(context),
            Chooser::Stored(rows) => match rows[context.row as usize] {
                NONE => None,
                row => Some(u64::from(row)),
            },
            Chooser::Then(to, next) => {
                let row = to.at(context)?;
                context.elsewhere(row, |context| next.at(context))
            }
            Chooser::Sometimes { key, nulls, inner } => {
                if key.unit(context.row) < *nulls {
                    None
                } else {
                    inner.at(context)
                }
            }
            Chooser::Nothing => None,
        }
    }
}

/// Parent and place in the first fan-out, looked up once per row.
#[inline]
fn first(grouping: &Grouping, context: &mut Context) -> (u64, u64) {
    match context.located {
        Some(located) => located,
        None => *context.located.insert(grouping.locate(context.row)),
    }
}

/// A choice without replacement within each group of another column.
#[derive(Debug)]
pub struct UniquePer {
    pub grouping: Arc<Grouping>,
    pub key: Key,
    pub how: WithoutReplacement,
}

/// How the rows of one group choose.
#[derive(Debug)]
pub enum WithoutReplacement {
    /// A permutation of this many rows per group.
    Uniform(u64),
    /// By weight; looked through for each row, so there are few.
    Weighted(Vec<f64>),
}

impl UniquePer {
    fn at(&self, context: &mut Context) -> u64 {
        let (group, place) = self.grouping.locate(context.row);
        match &self.how {
            WithoutReplacement::Uniform(rows) => Permutation::new(self.key.part(group), *rows).at(place),
            WithoutReplacement::Weighted(weights) => without_replacement(weights, place, &mut self.key.stream(group)),
        }
    }
}

/// [`Chooser::Stored`] for a row that chose nothing.
const NONE: u32 = u32::MAX;

/// At most so many choices are stored (32 MB); more are made anew each time.
const MOST_STORED: u64 = 1 << 23;

/// The same choices, looked up instead of made, for a table of `rows` rows that will be asked about `questions` times. Each costs
/// one visit to memory instead of a permutation and two visits; worth it when most rows are asked about more than once.
pub fn stored(chooser: &Arc<Chooser>, rows: u64, questions: u64) -> Arc<Chooser> {
    if rows > MOST_STORED || questions < 2 * rows {
        return chooser.clone();
    }
    let mut context = Context::rows();
    let choices: Option<Arc<[u32]>> = (0..rows)
        .map(|row| {
            context.turn_to(row);
            match chooser.at(&mut context) {
                Some(row) => u32::try_from(row).ok().filter(|row| *row != NONE),
                None => Some(NONE),
            }
        })
        .collect();
    choices.map_or_else(|| chooser.clone(), |choices| Arc::new(Chooser::Stored(choices)))
}

/// All rows of a table by the row they chose: the grouping when there is one, else a list made by asking every row.
pub fn groups(chooser: &Chooser, parents: u64, rows: u64) -> Option<Groups> {
    match chooser {
        Chooser::First(grouping) | Chooser::Group(grouping) if grouping.in_runs() => Some(Groups::Laid(grouping.clone())),
        chooser => {
            let rows = u32::try_from(rows).ok()?;
            let context = std::cell::RefCell::new(Context::rows());
            let listing = super::grouping::Listing::new(parents, rows, |row| {
                let mut context = context.borrow_mut();
                context.turn_to(row);
                chooser.at(&mut context)
            });
            Some(Groups::Listed(Arc::new(listing)))
        }
    }
}
