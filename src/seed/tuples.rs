//! Combinations of rows of other tables, each at most once, while those tables grow.
//!
//! The combinations that a step makes possible, and no step before, are a box of rows less the box of the rows before. They are
//! numbered, permuted, and given to rows in that order; what a step leaves over, a later one takes up.

use std::ops::Range;

use super::permutation::Permutation;
use super::rng::Key;

/// Rows to combinations; for one table, rows to different rows of it.
#[derive(Debug, Clone)]
pub struct Tuples {
    pools: Vec<Pool>,
    uses: Vec<Use>,
}

/// The combinations that are new in a step.
#[derive(Debug, Clone)]
struct Pool {
    order: Permutation,
    /// Rows of each table before and after the step.
    sides: Vec<(u64, u64)>,
}

/// Rows that take combinations of a pool, from one on.
#[derive(Debug, Clone)]
struct Use {
    first_row: u64,
    pool: usize,
    from: u64,
}

impl Tuples {
    /// `steps`: the rows that take combinations, and the sizes of the tables, of each step. `None`: there are too few, or more than can
    /// be numbered.
    pub fn new(key: Key, steps: &[(Range<u64>, Vec<u64>)]) -> Option<Tuples> {
        let mut tuples = Tuples { pools: Vec::new(), uses: Vec::new() };
        // Of each pool, how many are taken.
        let mut taken: Vec<(u64, u64)> = Vec::new();
        let mut before = vec![0; steps.first()?.1.len()];
        for (step, (rows, sizes)) in (0..).zip(steps) {
            let sides: Vec<(u64, u64)> = before.iter().copied().zip(sizes.iter().copied()).collect();
            let size = new_in(&sides)?;
            let key = if step == 0 { key } else { key.part(GROWN + step) };
            tuples.pools.push(Pool { order: Permutation::new(key, size), sides });
            taken.push((0, size));
            let (mut row, mut left) = (rows.start, rows.end - rows.start);
            for (pool, (taken, size)) in taken.iter_mut().enumerate().rev() {
                let count = left.min(*size - *taken);
                if count > 0 {
                    tuples.uses.push(Use { first_row: row, pool, from: *taken });
                    (row, left, *taken) = (row + count, left - count, *taken + count);
                }
            }
            if left > 0 {
                return None;
            }
            before.clone_from(sizes);
        }
        Some(tuples)
    }

    /// The row of the table at `side` in the combination of a row.
    #[inline]
    pub fn at(&self, row: u64, side: usize) -> u64 {
        let used = &self.uses[self.uses.partition_point(|used| used.first_row <= row).max(1) - 1];
        let pool = &self.pools[used.pool];
        pool.side(pool.order.at(used.from + (row - used.first_row)), side)
    }
}

/// Purposes of a key in later steps, numbered from here.
const GROWN: u64 = 1000;

impl Pool {
    /// New combinations come in runs: those whose first new row is of the first table, of the second, and so on.
    fn side(&self, mut number: u64, wanted: usize) -> u64 {
        let runs = self.sides.len();
        for new in 0..runs {
            let base = |side: usize| {
                let (before, after) = self.sides[side];
                match side.cmp(&new) {
                    std::cmp::Ordering::Less => before,
                    std::cmp::Ordering::Equal => after - before,
                    std::cmp::Ordering::Greater => after,
                }
            };
            let size: u64 = (0..runs).map(base).product();
            if number < size {
                let number = (0..wanted).fold(number, |number, side| number / base(side));
                return number % base(wanted) + if wanted == new { self.sides[new].0 } else { 0 };
            }
            number -= size;
        }
        0
    }
}

/// How many combinations are new. `None`: more than can be numbered.
fn new_in(sides: &[(u64, u64)]) -> Option<u64> {
    let all = sides.iter().try_fold(1_u64, |all, (_, after)| all.checked_mul(*after)).filter(|all| *all < u64::MAX >> 1)?;
    Some(all - sides.iter().map(|(before, _)| before).product::<u64>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    proptest! {
        #[test]
        fn no_combination_comes_twice_and_old_ones_stay(
            seed: u64, sizes in prop::collection::vec((1_u64..12, 0_u64..8, 0_u64..8), 1..4), shares in prop::collection::vec(0.0..=1.0_f64, 3)
        ) {
            let key = Key::new(seed, &["t", "c"]);
            let ends = [0, 1, 2].map(|step| sizes.iter().map(|(a, b, c)| a + [0, *b, b + c][step]).collect::<Vec<u64>>());
            let mut steps = Vec::new();
            let mut row = 0;
            for (end, share) in ends.iter().zip(&shares) {
                let room = end.iter().product::<u64>() - row;
                let rows = (room as f64 * share) as u64;
                steps.push((row..row + rows, end.clone()));
                row += rows;
            }
            let grown = Tuples::new(key, &steps).unwrap();
            let first = Tuples::new(key, &steps[..1]).unwrap();
            let order = Permutation::new(key, ends[0].iter().product());
            let mut seen = HashSet::new();
            for (step, (rows, end)) in steps.iter().enumerate() {
                for row in rows.clone() {
                    let tuple: Vec<u64> = (0..end.len()).map(|side| grown.at(row, side)).collect();
                    prop_assert!(tuple.iter().zip(end).all(|(value, end)| value < end));
                    if step == 0 {
                        prop_assert_eq!(&tuple, &(0..end.len()).map(|side| first.at(row, side)).collect::<Vec<_>>());
                        prop_assert_eq!(tuple[0], order.at(row) % end[0], "as the digits of a permuted number");
                    }
                    prop_assert!(seen.insert(tuple));
                }
            }
            let last = ends[2].iter().product::<u64>();
            prop_assert!(Tuples::new(key, &[(0..last + 1, ends[2].clone())]).is_none());
        }
    }
}
