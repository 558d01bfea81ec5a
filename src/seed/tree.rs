//! A tree in one table: rows that point at rows of the same table, in as many levels as asked for.

use super::permutation::Permutation;
use super::rng::Key;

/// Levels of a tree that nobody describes.
pub const LEVELS: u64 = 4;

/// Rows of a table as a tree: the roots first, then their children, level by level.
#[derive(Debug)]
pub struct Tree {
    /// Where each level starts; one more than levels.
    starts: Vec<u64>,
    key: Key,
    /// Row to place in the tree; `None`: the same number.
    order: Option<Permutation>,
    /// For columns that are NOT NULL.
    roots_choose_themselves: bool,
}

/// Why there is no such tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TreeProblem {
    #[error("a tree of {levels} levels needs at least {levels} rows, but there are {rows}; lower `depth` or raise `rows`")]
    TooFew { levels: u64, rows: u64 },
    #[error("{roots} roots leave too few of {rows} rows for {levels} levels; lower `roots` or raise `rows`")]
    TooManyRoots { roots: u64, levels: u64, rows: u64 },
}

impl Tree {
    /// A tree of `rows` rows in exactly `levels` levels. Each level is larger than the one before by the same factor; without
    /// `roots` there are as many roots as any row has children on average.
    ///
    /// # Errors
    /// [`TreeProblem`] when some level would be empty.
    pub fn new(rows: u64, levels: u64, roots: Option<u64>, key: Key, order: Option<Permutation>) -> Result<Tree, TreeProblem> {
        if levels == 0 || rows < levels {
            return Err(TreeProblem::TooFew { levels, rows });
        }
        let sizes = match roots {
            Some(roots) if roots == 0 || roots + (levels - 1) > rows || (levels == 1 && roots != rows) => {
                return Err(TreeProblem::TooManyRoots { roots, levels, rows });
            }
            Some(roots) => {
                let mut sizes = vec![roots];
                sizes.extend(grown(rows - roots, levels - 1, |factor, level| roots as f64 * libm::pow(factor, level as f64)));
                sizes
            }
            None => grown(rows, levels, |factor, level| libm::pow(factor, level as f64)),
        };
        let mut starts = vec![0];
        sizes.iter().for_each(|size| starts.push(starts[starts.len() - 1] + size));
        Ok(Tree { starts, key, order, roots_choose_themselves: false })
    }

    /// Roots point at themselves instead of nowhere.
    pub fn rooted_in_itself(self) -> Tree {
        Tree { roots_choose_themselves: true, ..self }
    }

    /// The parent of a row. A row beyond those of the tree is a leaf somewhere in it.
    #[inline]
    pub fn parent(&self, row: u64) -> Option<u64> {
        let (rows, inner) = (self.starts[self.starts.len() - 1], self.starts[self.starts.len() - 2]);
        if row >= rows {
            return if inner > 0 {
                Some(self.row_at(self.key.below(row, inner)))
            } else {
                self.roots_choose_themselves.then_some(row)
            };
        }
        let place = self.order.as_ref().map_or(row, |order| order.at(row));
        let level = self.starts.partition_point(|start| *start <= place) - 1;
        if level == 0 {
            return self.roots_choose_themselves.then_some(row);
        }
        let (start, end) = (self.starts[level - 1], self.starts[level]);
        Some(self.row_at(start + self.key.below(row, end - start)))
    }

    /// The row at a place in the tree.
    fn row_at(&self, place: u64) -> u64 {
        self.order.as_ref().map_or(place, |order| order.inverse(place))
    }
}

/// The sizes of levels 1, 2, … whose shapes sum to `rows`, at least one row each.
fn grown(rows: u64, levels: u64, size: impl Fn(f64, u64) -> f64) -> Vec<u64> {
    let sum = |factor: f64| (1..=levels).map(|level| size(factor, level)).sum::<f64>();
    let (mut low, mut high) = (0.0, rows as f64 + 1.0);
    for _ in 0..200 {
        let middle = (low + high) / 2.0;
        if sum(middle) < rows as f64 { low = middle } else { high = middle }
    }
    // One row of each level is certain; the others follow the shape.
    let spare = rows - levels;
    let shapes: Vec<f64> = (1..=levels).map(|level| (size(high, level) - 1.0).max(0.0)).collect();
    let all = shapes.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    let mut sizes: Vec<u64> = shapes.iter().map(|shape| 1 + (shape / all * spare as f64) as u64).collect();
    if let Some(last) = sizes.last_mut() {
        *last = 0;
    }
    let before: u64 = sizes.iter().sum();
    if let Some(last) = sizes.last_mut() {
        *last = rows - before;
    }
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn depths(tree: &Tree, rows: u64) -> Vec<u64> {
        let depth = |mut row: u64| {
            let mut depth = 1;
            while let Some(parent) = tree.parent(row).filter(|parent| *parent != row) {
                (row, depth) = (parent, depth + 1);
                assert!(depth <= rows, "a circle");
            }
            depth
        };
        (0..rows).map(depth).collect()
    }

    proptest! {
        #[test]
        fn every_level_is_there_and_no_other(seed: u64, levels in 1_u64..7, more in 0_u64..400, shuffled: bool, itself: bool) {
            let rows = levels + more;
            let key = Key::new(seed, &["t"]);
            let order = shuffled.then(|| Permutation::new(key.part(1), rows));
            let tree = Tree::new(rows, levels, None, key, order).unwrap();
            let tree = if itself { tree.rooted_in_itself() } else { tree };
            let depths = depths(&tree, rows);
            for level in 1..=levels {
                prop_assert!(depths.contains(&level), "{level}");
            }
            prop_assert!(depths.iter().all(|depth| *depth <= levels));
        }

        #[test]
        fn rows_beyond_the_tree_are_leaves_of_it(seed: u64, levels in 2_u64..7, more in 0_u64..200, added in 1_u64..100, shuffled: bool) {
            let rows = levels + more;
            let key = Key::new(seed, &["t"]);
            let order = shuffled.then(|| Permutation::new(key.part(1), rows));
            let tree = Tree::new(rows, levels, None, key, order).unwrap();
            let depths = depths(&tree, rows + added);
            prop_assert!(depths.iter().all(|depth| *depth <= levels), "no deeper than asked");
        }

        #[test]
        fn roots_are_as_many_as_asked(seed: u64, levels in 2_u64..6, roots in 1_u64..30, more in 0_u64..400) {
            let rows = roots + levels - 1 + more;
            let tree = Tree::new(rows, levels, Some(roots), Key::new(seed, &["t"]), None).unwrap();
            let depths = depths(&tree, rows);
            prop_assert_eq!(depths.iter().filter(|depth| **depth == 1).count() as u64, roots);
            prop_assert_eq!(depths.iter().max(), Some(&levels));
        }
    }

    #[test]
    fn levels_grow_by_one_factor() {
        let tree = Tree::new(1_110, 3, None, Key::new(1, &["t"]), None).unwrap();
        assert_eq!(tree.starts, [0, 10, 110, 1_110], "10 roots of 10 children of 10 children");
        assert_eq!(Tree::new(3, 4, None, Key::new(1, &["t"]), None).unwrap_err(), TreeProblem::TooFew { levels: 4, rows: 3 });
        let many = Tree::new(10, 3, Some(9), Key::new(1, &["t"]), None).unwrap_err();
        assert_eq!(many, TreeProblem::TooManyRoots { roots: 9, levels: 3, rows: 10 });
    }
}
