//! Foreign keys that a row can reach by following others: a user plays songs of the user's own lists.
//!
//! `through: [a.x, b.y]` in a table that shares a parent with `a`: from the parent to rows of `a`, by `x` to another parent, from
//! there to rows of `b`. With `rounds` the rows of `a` are laid like parents of a fan-out ([`Walk`]); without, each row draws one
//! of the ends ([`Reach`]). Both keep a few numbers per row of `a` and none per row of the table that is made.

use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

use super::chooser::Chooser;
use super::fanout::rounded;
use super::grouping::{Grouping, Groups, Step};
use super::permutation::Permutation;
use super::rng::Key;
use super::values::Context;

/// The second hop: from a row of `a` to the rows of `b` that share its parent.
#[derive(Debug, Clone)]
pub struct Hop2 {
    /// The parent that `a.x` of a row chose.
    pub x: Arc<Chooser>,
    /// Rows of `b` by that parent.
    pub rows: Groups,
}

impl Hop2 {
    /// The parent of a row of `a`, and how many rows of `b` it leads to.
    fn from(&self, row: u64, context: &mut Context) -> Option<(u64, u64)> {
        let parent = context.elsewhere(row, |context| self.x.at(context))?;
        Some((parent, self.rows.len(parent)))
    }
}

/// Rows that walk along all that a row of `a` reaches, some times round and then part of the way.
#[derive(Debug)]
pub struct Walk {
    /// Rows of the table by the row of `a` that they walk for.
    pub grouping: Arc<Grouping>,
    /// The first row of `a` that is walked for.
    first: u64,
    /// Per row of `a` from there on: the parent its `x` chose; empty when there is one hop.
    parents: Vec<u32>,
    /// `None`: one hop, and the row of `a` is itself the end.
    hop: Option<Hop2>,
}

/// What a walk is laid on.
#[derive(Debug)]
pub struct Laid {
    /// Rows of `a`.
    pub heads: Range<u64>,
    /// Rows of the table that walks.
    pub rows: Range<u64>,
    /// Permutes as many.
    pub order: Option<Permutation>,
}

/// Why a walk cannot be laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoWalk {
    /// Nothing can be reached from any row.
    Nowhere,
    /// More parents than can be numbered.
    TooLarge,
}

impl Walk {
    /// Lays rows for rows of `a`: each gets a number of rounds from the range and a part of another (or exactly that many, when the
    /// range is one number), times the length of its way, and all of them are scaled by one factor so that the sum is exact.
    ///
    /// # Errors
    /// [`NoWalk`] when there is no way to walk.
    pub fn new(
        Laid { heads, rows, order }: Laid,
        hop: Option<Hop2>,
        rounds: &RangeInclusive<u64>,
        key: Key,
    ) -> Result<Walk, NoWalk> {
        let mut context = Context::rows();
        let mut parents = Vec::new();
        let mut weights = Vec::new();
        let (first, total) = (heads.start, rows.end - rows.start);
        for head in heads {
            let mut stream = key.stream(head);
            let whole = stream.between(*rounds.start(), *rounds.end()) as f64;
            let laps = if rounds.start() == rounds.end() { whole } else { whole + stream.unit() };
            let length = match &hop {
                None => 1,
                Some(hop) => {
                    let (parent, length) = hop.from(head, &mut context).unwrap_or((0, 0));
                    parents.push(u32::try_from(parent).map_err(|_| NoWalk::TooLarge)?);
                    length
                }
            };
            weights.push(laps * length as f64);
        }
        let sum: f64 = weights.iter().sum();
        if total > 0 && sum <= 0.0 {
            return Err(NoWalk::Nowhere);
        }
        let children = rounded(weights.iter().map(|weight| weight / sum.max(f64::MIN_POSITIVE) * total as f64), total);
        let step = Step { children, first_group: first, order };
        Ok(Walk { grouping: Arc::new(Grouping::stepped(vec![step], rows.start)), first, parents, hop })
    }

    /// The row that step `place` (from 0) for a row of `a` has come to: of `b`, or of `a` itself when there is one hop.
    #[inline]
    pub fn step(&self, head: u64, place: u64) -> u64 {
        let Some(hop) = &self.hop else { return head };
        let parent = u64::from(self.parents[(head - self.first) as usize]);
        let length = hop.rows.len(parent).max(1);
        hop.rows.nth(parent, place % length)
    }
}

/// One of the rows that can be reached from a parent, each as likely.
#[derive(Debug)]
pub struct Reach {
    key: Key,
    /// The parent that the row shares with rows of `a`.
    shared: Arc<Chooser>,
    /// Rows of `a` by that parent.
    rows: Groups,
    hop: Option<Hop2>,
    /// With two hops: how many ends come before each row of `a`, in the order of [`Groups::row_at`]; one more than rows.
    ends: Vec<u64>,
}

impl Reach {
    pub fn new(key: Key, shared: Arc<Chooser>, rows: Groups, hop: Option<Hop2>) -> Reach {
        let mut ends = Vec::new();
        if let Some(hop) = &hop {
            let mut context = Context::rows();
            let mut sum = 0;
            ends.push(0);
            for place in 0..rows.total() {
                sum += hop.from(rows.row_at(place), &mut context).map_or(0, |(_, length)| length);
                ends.push(sum);
            }
        }
        Reach { key, shared, rows, hop, ends }
    }

    /// True when some parent leads nowhere.
    pub fn has_dead_ends(&self) -> bool {
        (0..self.rows.groups()).any(|parent| self.count(parent) == 0)
    }

    fn count(&self, parent: u64) -> u64 {
        let (start, length) = (self.rows.start(parent), self.rows.len(parent));
        match &self.hop {
            None => length,
            Some(_) => self.ends[(start + length) as usize] - self.ends[start as usize],
        }
    }

    /// A row of the last hop's table; `None` when the parent leads nowhere.
    pub fn at(&self, context: &mut Context) -> Option<u64> {
        let parent = self.shared.at(context)?;
        let count = self.count(parent);
        if count == 0 {
            return None;
        }
        let nth = self.key.below(context.row, count);
        let start = self.rows.start(parent);
        let Some(hop) = &self.hop else { return Some(self.rows.row_at(start + nth)) };
        let end = self.ends[start as usize] + nth;
        let places = &self.ends[start as usize..=(start + self.rows.len(parent)) as usize];
        let place = start + places.partition_point(|before| *before <= end) as u64 - 1;
        let (middle, _) = hop.from(self.rows.row_at(place), context)?;
        Some(hop.rows.nth(middle, end - self.ends[place as usize]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Key {
        Key::new(42, &["song_history", "song_id"])
    }

    fn on(heads: u64, rows: u64) -> Laid {
        Laid { heads: 0..heads, rows: 0..rows, order: None }
    }

    /// Two users; three lists of theirs (rows of `a`), list `i` chosen by row `i`; the lists hold 2, 3 and 5 songs.
    fn hop() -> Hop2 {
        let lists = Grouping::new(&[1, 1, 1], None);
        Hop2 { x: Arc::new(Chooser::First(Arc::new(lists))), rows: Groups::Laid(Arc::new(Grouping::new(&[2, 3, 5], None))) }
    }

    #[test]
    fn a_walk_goes_round_in_order_and_sums_exactly() {
        let walk = Walk::new(on(3, 97), Some(hop()), &(1..=7), key()).unwrap();
        let rows: Vec<u64> = walk.grouping.children().collect();
        assert_eq!(rows.iter().sum::<u64>(), 97);
        assert!(rows.iter().all(|rows| *rows >= 2), "{rows:?}");
        let steps: Vec<u64> = (0..7).map(|place| walk.step(1, place)).collect();
        assert_eq!(steps, [2, 3, 4, 2, 3, 4, 2]);
    }

    #[test]
    fn the_rounds_of_a_long_walk_stay_in_their_range() {
        let lengths: Vec<u64> = (0..500).map(|list| 20 + list % 90).collect();
        let hop = Hop2 {
            x: Arc::new(Chooser::Group(Arc::new(Grouping::new(&vec![1; 500], None)))),
            rows: Groups::Laid(Arc::new(Grouping::new(&lengths, None))),
        };
        // Four and a half rounds on average: then the factor is about 1.
        let total = (lengths.iter().sum::<u64>() as f64 * 4.5) as u64;
        let walk = Walk::new(on(500, total), Some(hop), &(1..=7), key()).unwrap();
        for (rows, length) in walk.grouping.children().zip(&lengths) {
            let rounds = rows as f64 / *length as f64;
            assert!((0.8..9.0).contains(&rounds), "{rounds}");
        }
    }

    #[test]
    fn one_round_is_exactly_one() {
        let walk = Walk::new(on(3, 10), Some(hop()), &(1..=1), key()).unwrap();
        assert_eq!(walk.grouping.children().collect::<Vec<_>>(), [2, 3, 5]);
    }

    #[test]
    fn nowhere_to_walk_is_said() {
        let empty = Hop2 { rows: Groups::Laid(Arc::new(Grouping::new(&[0, 0, 0], None))), ..hop() };
        assert_eq!(Walk::new(on(3, 10), Some(empty), &(1..=2), key()).unwrap_err(), NoWalk::Nowhere);
    }

    #[test]
    fn reach_draws_every_end_of_the_shared_parent_and_no_other() {
        // User 0 has lists 0 and 1 (songs 0-4), user 1 has list 2 (songs 5-9); ten rows per user.
        let users = Arc::new(Grouping::new(&[50, 50], None));
        let lists_of = Groups::Laid(Arc::new(Grouping::new(&[2, 1], None)));
        let reach = Reach::new(key(), Arc::new(Chooser::First(users)), lists_of, Some(hop()));
        assert!(!reach.has_dead_ends());
        let mut context = Context::rows();
        let mut seen = [[0; 10]; 2];
        for row in 0..100 {
            context.turn_to(row);
            seen[(row / 50) as usize][reach.at(&mut context).unwrap() as usize] += 1;
        }
        for song in 0..10 {
            let user = usize::from(song >= 5);
            assert!(seen[user][song] > 0, "{seen:?}");
            assert_eq!(seen[1 - user][song], 0, "{seen:?}");
        }
    }
}
