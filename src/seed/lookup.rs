//! Rows of a table by the values of some of its columns.

use std::collections::HashMap;
use std::sync::Arc;

use super::rng::Key;
use super::values::{Cell, Context};

/// Rows by value: which ones have what another row has.
#[derive(Debug)]
pub struct RowsByValue {
    groups: HashMap<Box<[u8]>, u32>,
    /// `rows[starts[g]..starts[g + 1]]` are the rows of group `g`, in order.
    starts: Vec<u32>,
    rows: Vec<u32>,
}

impl RowsByValue {
    /// Of all `rows` rows; those with a NULL among the values are left out. Makes each cell twice.
    pub fn new(rows: u32, cells: &[Arc<Cell>]) -> RowsByValue {
        let mut groups: HashMap<Box<[u8]>, u32> = HashMap::new();
        let mut of_row = Vec::with_capacity(rows as usize);
        let mut counts = Vec::new();
        let (mut context, mut value) = (Context::rows(), Vec::new());
        for row in 0..rows {
            context.turn_to(u64::from(row));
            let group = written(cells, &mut context, &mut value).then(|| match groups.get(value.as_slice()) {
                Some(group) => *group,
                None => {
                    groups.insert(value.as_slice().into(), counts.len() as u32);
                    counts.push(0);
                    counts.len() as u32 - 1
                }
            });
            group.into_iter().for_each(|group| counts[group as usize] += 1);
            of_row.push(group.unwrap_or(u32::MAX));
        }
        let mut starts = vec![0_u32];
        counts.iter().for_each(|count| starts.push(starts[starts.len() - 1] + count));
        let mut next = starts.clone();
        let mut listed = vec![0; starts[starts.len() - 1] as usize];
        for (row, group) in (0..).zip(&of_row).filter(|(_, group)| **group != u32::MAX) {
            let place = &mut next[*group as usize];
            listed[*place as usize] = row;
            *place += 1;
        }
        RowsByValue { groups, starts, rows: listed }
    }

    /// The rows of each value that some row has.
    pub fn groups(&self) -> impl Iterator<Item = &[u32]> {
        self.starts.windows(2).map(|pair| &self.rows[pair[0] as usize..pair[1] as usize])
    }

    /// The rows with a value, in order; none for a value that no row has.
    #[inline]
    pub fn of(&self, value: &[u8]) -> &[u32] {
        match self.groups.get(value) {
            Some(group) => &self.rows[self.starts[*group as usize] as usize..self.starts[*group as usize + 1] as usize],
            None => &[],
        }
    }
}

/// Puts the fields of the context's row into `value`; false when one is NULL.
pub fn written(cells: &[Arc<Cell>], context: &mut Context, value: &mut Vec<u8>) -> bool {
    value.clear();
    cells.iter().all(|cell| {
        let start = value.len();
        cell.write(context, value);
        value[start] != 0xff
    })
}

/// Chooses a row that agrees with this one in what they share.
#[derive(Debug)]
pub struct Agreeing {
    /// The shared columns of this row, in the types in which `rows` has them.
    pub shared: Vec<Arc<Cell>>,
    pub rows: Arc<RowsByValue>,
    pub key: Key,
    pub how: How,
    /// Some row must be chosen even where nothing is shared: one of so many.
    pub any: Option<u64>,
}

/// Which of the rows that agree.
#[derive(Debug)]
pub enum How {
    /// Each as likely.
    Any,
    /// One before this row, of the same table; the first one chooses none, or itself.
    Earlier { first_chooses_itself: bool },
    /// The one at this row's place under its parent in the grouping: no two rows of one parent choose the same.
    InTurn(Arc<super::grouping::Grouping>),
}

impl Agreeing {
    pub fn at(&self, context: &mut Context) -> Option<u64> {
        let mut value = context.buffer();
        let known = written(&self.shared, context, &mut value);
        let rows = if known { self.rows.of(&value) } else { &[] };
        let chosen = if known { self.among(rows, context.row) } else { self.any.map(|rows| self.key.below(context.row, rows)) };
        context.put_buffer(value);
        chosen
    }

    fn among(&self, rows: &[u32], row: u64) -> Option<u64> {
        let any = |rows: &[u32]| rows.get(self.key.below(row, rows.len() as u64) as usize).copied().map(u64::from);
        match &self.how {
            How::Any => any(rows),
            How::Earlier { first_chooses_itself } => {
                let before = rows.partition_point(|other| u64::from(*other) < row);
                any(&rows[..before]).or(first_chooses_itself.then_some(row))
            }
            How::InTurn(grouping) => {
                let (parent, place) = grouping.locate(row);
                // Started at another one for each parent, so that not all take the first.
                let start = self.key.below(parent, rows.len() as u64);
                rows.get(((start + place) % (rows.len() as u64).max(1)) as usize).copied().map(u64::from)
            }
        }
    }
}
