//! Which rows belong to which parent, from the number of children alone.
//!
//! Children take consecutive *slots*, parent after parent; a row is its slot, or the slot a permutation sends it to. Memory is
//! proportional to the parents, never to the children, and every question is answered in constant expected time.

use super::permutation::Permutation;

/// Children of `0..groups()` parents laid over `0..rows()`.
#[derive(Debug)]
pub struct Grouping {
    parts: Vec<Part>,
    groups: u64,
}

/// The rows of one step: a run of rows laid on a run of parents.
#[derive(Debug)]
struct Part {
    slots: Slots,
    first_row: u64,
    first_group: u64,
    /// Children that the part's parents have in earlier parts; empty when they have none.
    before: Vec<u64>,
}

/// What one step adds to a grouping.
pub struct Step {
    /// Children of each parent from `first_group` on.
    pub children: Vec<u64>,
    pub first_group: u64,
    /// Permutes as many rows as there are children.
    pub order: Option<Permutation>,
}

impl Grouping {
    /// From the children of each parent; at most 2^32 - 1 parents. `order` permutes as many rows as there are children.
    pub fn new(children: &[u64], order: Option<Permutation>) -> Grouping {
        let part = Part { slots: Slots::new(children, order), first_row: 0, first_group: 0, before: Vec::new() };
        Grouping { parts: vec![part], groups: children.len() as u64 }
    }

    /// From steps, each laid after the rows of the ones before; `first_row` is where the first begins.
    pub fn stepped(steps: Vec<Step>, first_row: u64) -> Grouping {
        let mut grouping = Grouping { parts: Vec::with_capacity(steps.len()), groups: 0 };
        let mut row = first_row;
        for step in steps {
            let end = step.first_group + step.children.len() as u64;
            let before = if step.first_group < grouping.groups {
                (step.first_group..end).map(|group| if group < grouping.groups { grouping.len(group) } else { 0 }).collect()
            } else {
                Vec::new()
            };
            let slots = Slots::new(&step.children, step.order);
            let rows = slots.rows();
            grouping.parts.push(Part { slots, first_row: row, first_group: step.first_group, before });
            grouping.groups = grouping.groups.max(end);
            row += rows;
        }
        grouping
    }

    /// Number of parents.
    pub fn groups(&self) -> u64 {
        self.groups
    }

    /// Number of children.
    pub fn rows(&self) -> u64 {
        self.parts.iter().map(|part| part.slots.rows()).sum()
    }

    /// True when no parent has children in two steps, so that its rows are a run of slots.
    pub fn in_runs(&self) -> bool {
        self.parts.iter().all(|part| part.before.is_empty())
    }

    /// The parent of a row, and the row's place among its siblings from 0. `row` must be one of the rows laid.
    #[inline]
    pub fn locate(&self, row: u64) -> (u64, u64) {
        match self.parts.as_slice() {
            [only] if only.first_row + only.first_group == 0 => only.slots.locate(row),
            parts => {
                let at = parts.partition_point(|part| part.first_row <= row).max(1) - 1;
                let part = &parts[at];
                let (group, place) = part.slots.locate(row - part.first_row);
                (part.first_group + group, place + part.before.get(group as usize).copied().unwrap_or(0))
            }
        }
    }

    /// Number of children of a parent.
    #[inline]
    pub fn len(&self, group: u64) -> u64 {
        self.parts.iter().map(|part| part.children(group)).sum()
    }

    /// True when no parent has a child.
    pub fn is_empty(&self) -> bool {
        self.rows() == 0
    }

    /// First slot of a parent; see [`Grouping::in_runs`].
    #[inline]
    pub fn start(&self, group: u64) -> u64 {
        match self.parts.as_slice() {
            [only] => only.slots.starts[group as usize],
            parts => {
                let part = parts.iter().rfind(|part| part.first_group <= group).unwrap_or(&parts[0]);
                part.first_row - parts[0].first_row
                    + part.slots.starts[((group - part.first_group) as usize).min(part.slots.groups())]
            }
        }
    }

    /// The row that has a slot.
    #[inline]
    pub fn row_of(&self, slot: u64) -> u64 {
        match self.parts.as_slice() {
            [only] => only.first_row + only.slots.row_of(slot),
            parts => {
                let row = slot + parts[0].first_row;
                let part = &parts[parts.partition_point(|part| part.first_row <= row).max(1) - 1];
                part.first_row + part.slots.row_of(row - part.first_row)
            }
        }
    }

    /// Children of every parent, in order.
    pub fn children(&self) -> impl Iterator<Item = u64> + '_ {
        (0..self.groups).map(|group| self.len(group))
    }

    /// The most children that a parent of these rows has.
    pub fn most(&self, rows: &std::ops::Range<u64>) -> u64 {
        let parts = self.parts.iter().filter(|part| rows.contains(&part.first_row));
        let groups = parts.flat_map(|part| part.first_group..part.first_group + part.slots.groups() as u64);
        groups.map(|group| self.len(group)).max().unwrap_or(0)
    }
}

impl Part {
    #[inline]
    fn children(&self, group: u64) -> u64 {
        match group.checked_sub(self.first_group) {
            Some(local) if (local as usize) < self.slots.groups() => {
                self.slots.starts[local as usize + 1] - self.slots.starts[local as usize]
            }
            _ => 0,
        }
    }
}

/// Children of consecutive parents in consecutive slots.
#[derive(Debug)]
struct Slots {
    /// `starts[g]..starts[g + 1]` are the slots of parent `g`.
    starts: Vec<u64>,
    /// `guide[slot >> shift]`: the parent of the first slot of that bucket, where the search for a slot's parent begins.
    guide: Vec<u32>,
    shift: u32,
    /// Row to slot; `None`: the same number.
    order: Option<Permutation>,
}

impl Slots {
    fn new(children: &[u64], order: Option<Permutation>) -> Slots {
        let mut starts = Vec::with_capacity(children.len() + 1);
        let mut total = 0;
        starts.push(0);
        for count in children {
            total += count;
            starts.push(total);
        }
        let mut shift = 0;
        // About as many buckets as parents: the search from a bucket's first parent is then a step or two.
        while (total >> shift) > 2 * children.len() as u64 + 16 {
            shift += 1;
        }
        let mut guide = Vec::with_capacity((total >> shift) as usize + 1);
        let mut group = 0;
        let mut slot = 0;
        while slot < total {
            while starts[group + 1] <= slot {
                group += 1;
            }
            guide.push(group as u32);
            slot += 1 << shift;
        }
        Slots { starts, guide, shift, order }
    }

    fn groups(&self) -> usize {
        self.starts.len() - 1
    }

    fn rows(&self) -> u64 {
        self.starts.last().copied().unwrap_or(0)
    }

    #[inline]
    fn locate(&self, row: u64) -> (u64, u64) {
        let slot = match &self.order {
            Some(order) => order.at(row),
            None => row,
        };
        let mut group = self.guide[(slot >> self.shift) as usize] as usize;
        while self.starts[group + 1] <= slot {
            group += 1;
        }
        (group as u64, slot - self.starts[group])
    }

    #[inline]
    fn row_of(&self, slot: u64) -> u64 {
        match &self.order {
            Some(order) => order.inverse(slot),
            None => slot,
        }
    }
}

/// Rows by the parent they chose: the same questions as [`Grouping`], answered from a stored list (compressed sparse rows)
/// because the choice cannot be inverted.
#[derive(Debug)]
pub struct Listing {
    starts: Vec<u64>,
    rows: Vec<u32>,
}

impl Listing {
    /// `parent_of(row)` for each of `rows` rows; those without a parent are left out. Calls it twice per row.
    pub fn new(groups: u64, rows: u32, parent_of: impl Fn(u64) -> Option<u64>) -> Listing {
        let mut starts = vec![0_u64; groups as usize + 1];
        for row in 0..u64::from(rows) {
            if let Some(group) = parent_of(row) {
                starts[group as usize + 1] += 1;
            }
        }
        for group in 0..groups as usize {
            starts[group + 1] += starts[group];
        }
        let mut next = starts.clone();
        let mut listed = vec![0_u32; starts[groups as usize] as usize];
        for row in 0..rows {
            if let Some(group) = parent_of(u64::from(row)) {
                let place = &mut next[group as usize];
                listed[*place as usize] = row;
                *place += 1;
            }
        }
        Listing { starts, rows: listed }
    }
}

/// Rows of a table by the parent that one of its columns references.
#[derive(Debug, Clone)]
pub enum Groups {
    Laid(std::sync::Arc<Grouping>),
    Listed(std::sync::Arc<Listing>),
    /// As many parents as rows, each row by itself with the parent of its number.
    Single(u64),
}

impl Groups {
    /// Number of rows of a parent.
    #[inline]
    pub fn len(&self, group: u64) -> u64 {
        match self {
            Groups::Laid(grouping) => grouping.len(group),
            Groups::Listed(listing) => listing.starts[group as usize + 1] - listing.starts[group as usize],
            Groups::Single(_) => 1,
        }
    }

    /// Number of rows of all parents.
    pub fn total(&self) -> u64 {
        match self {
            Groups::Laid(grouping) => grouping.rows(),
            Groups::Listed(listing) => listing.rows.len() as u64,
            Groups::Single(rows) => *rows,
        }
    }

    /// True when no parent has a row.
    pub fn is_empty(&self) -> bool {
        self.total() == 0
    }

    /// Number of parents.
    pub fn groups(&self) -> u64 {
        match self {
            Groups::Laid(grouping) => grouping.groups(),
            Groups::Listed(listing) => listing.starts.len() as u64 - 1,
            Groups::Single(rows) => *rows,
        }
    }

    /// Place of the parent's first row when all rows are put in the order of their parents.
    #[inline]
    pub fn start(&self, group: u64) -> u64 {
        match self {
            Groups::Laid(grouping) => grouping.start(group),
            Groups::Listed(listing) => listing.starts[group as usize],
            Groups::Single(_) => group,
        }
    }

    /// The row at a place of that order.
    #[inline]
    pub fn row_at(&self, place: u64) -> u64 {
        match self {
            Groups::Laid(grouping) => grouping.row_of(place),
            Groups::Listed(listing) => u64::from(listing.rows[place as usize]),
            Groups::Single(_) => place,
        }
    }

    /// The `i`-th row of a parent, from 0.
    #[inline]
    pub fn nth(&self, group: u64, i: u64) -> u64 {
        self.row_at(self.start(group) + i)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::rng::Key;
    use proptest::prelude::*;
    use std::sync::Arc;

    proptest! {
        #[test]
        fn a_row_is_found_where_its_parent_has_it(children in prop::collection::vec(0_u64..40, 1..200), shuffled: bool, seed: u64) {
            let total: u64 = children.iter().sum();
            let order = shuffled.then(|| Permutation::new(Key::new(seed, &["t"]), total));
            let grouping = Grouping::new(&children, order);
            prop_assert_eq!(grouping.rows(), total);
            prop_assert_eq!(grouping.children().collect::<Vec<_>>(), children);
            for row in 0..total {
                let (group, place) = grouping.locate(row);
                prop_assert!(place < grouping.len(group));
                prop_assert_eq!(grouping.row_of(grouping.start(group) + place), row);
            }
        }

        #[test]
        fn steps_follow_each_other_and_leave_the_rows_before_as_they_are(
            first in prop::collection::vec(0_u64..20, 1..60), more in prop::collection::vec(0_u64..20, 1..60), old: bool, shuffled: bool, seed: u64
        ) {
            let order = |children: &[u64], part| shuffled.then(|| Permutation::new(Key::new(seed, &["t"]).part(part), children.iter().sum()));
            let first_group = if old { 0 } else { first.len() as u64 };
            let alone = Grouping::new(&first, order(&first, 0));
            let grown = Grouping::stepped(
                vec![
                    Step { children: first.clone(), first_group: 0, order: order(&first, 0) },
                    Step { children: more.clone(), first_group, order: order(&more, 1) },
                ],
                0,
            );
            prop_assert_eq!(grown.rows(), first.iter().chain(&more).sum::<u64>());
            prop_assert_eq!(grown.children().sum::<u64>(), grown.rows());
            prop_assert_eq!(grown.in_runs(), !old);
            let mut seen = std::collections::HashSet::new();
            for row in 0..grown.rows() {
                let (group, place) = grown.locate(row);
                prop_assert!(place < grown.len(group) && seen.insert((group, place)));
                prop_assert!(row >= alone.rows() || alone.locate(row) == (group, place));
                if !old {
                    prop_assert_eq!(grown.row_of(grown.start(group) + place), row);
                }
            }
        }

        #[test]
        fn a_listing_answers_as_the_grouping_it_was_made_from(children in prop::collection::vec(0_u64..20, 1..60), seed: u64) {
            let total: u64 = children.iter().sum();
            let order = Permutation::new(Key::new(seed, &["t"]), total);
            let laid = Arc::new(Grouping::new(&children, Some(order)));
            let listing = Listing::new(laid.groups(), total as u32, |row| Some(laid.locate(row).0));
            let (laid, listed) = (Groups::Laid(laid), Groups::Listed(Arc::new(listing)));
            prop_assert_eq!(laid.total(), listed.total());
            for group in 0..laid.groups() {
                let mut a: Vec<u64> = (0..laid.len(group)).map(|i| laid.nth(group, i)).collect();
                let b: Vec<u64> = (0..listed.len(group)).map(|i| listed.nth(group, i)).collect();
                a.sort_unstable();
                prop_assert_eq!(a, b);
            }
        }
    }
}
