//! Children per parent: the shape from the scenario, the sum exactly as many as the table has rows.
//!
//! Each shape draws one number per parent and is then fitted to the total inside its own bounds, so that neither the mean that
//! the row counts demand nor the bounds that the scenario promises are broken. Parents are visited in a permuted order wherever
//! rank matters: large parents are scattered over the table as they are in life.

mod classes;
mod fit;
mod weights;

use crate::scenario::model::{Fanout, FanoutClass};

use super::permutation::Permutation;
use super::rng::Key;
use classes::classes;
pub use fit::{rounded, trimmed};
use weights::{lognormal, pareto, zipf};

/// Why a fan-out cannot be laid.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FanoutProblem {
    #[error("{total} rows need parents, but there are none")]
    NoParents { total: u64 },
    #[error(
        "{total} rows cannot be laid on {parents} parents: this fan-out needs at least {smallest}; raise `rows` or lower the smallest number of children"
    )]
    TooFew { total: u64, parents: u64, smallest: u64 },
    #[error(
        "{total} rows cannot be laid on {parents} parents: this fan-out holds at most {largest}; lower `rows` or raise the largest number of children"
    )]
    TooMany { total: u64, parents: u64, largest: u64 },
    #[error("the fan-out's shape is impossible: {0}")]
    Shape(String),
}

/// The number of children of each of `parents` parents; they sum to `total`.
///
/// # Errors
/// [`FanoutProblem`] when the bounds of the shape leave no way to reach the total.
pub fn children(shape: &Fanout, parents: u64, total: u64, key: Key) -> Result<Vec<u64>, FanoutProblem> {
    if parents == 0 {
        return if total == 0 { Ok(Vec::new()) } else { Err(FanoutProblem::NoParents { total }) };
    }
    match shape {
        Fanout::Even => Ok(even(parents, total, key)),
        Fanout::Range(range) => classes(&[FanoutClass { share: 1.0, children: range.clone() }], parents, total, key),
        Fanout::Lognormal { sigma, min, max, .. } => lognormal(*sigma, (*min, max.unwrap_or(total)), parents, total, key),
        Fanout::Pareto { shape, min, max, .. } => pareto(*shape, (min.unwrap_or(0), max.unwrap_or(total)), parents, total, key),
        Fanout::Poisson { .. } => Ok(poisson(parents, total, key)),
        Fanout::Zipf { exponent, min, max, .. } => zipf(*exponent, (*min, *max), parents, total, key),
        Fanout::Classes(list) => classes(list, parents, total, key),
    }
}

fn even(parents: u64, total: u64, key: Key) -> Vec<u64> {
    let order = Permutation::new(key, parents);
    let (each, left) = (total / parents, total % parents);
    (0..parents).map(|parent| each + u64::from(order.at(parent) < left)).collect()
}

/// Every child chooses a parent by itself, which is a Poisson number of children per parent given their sum.
fn poisson(parents: u64, total: u64, key: Key) -> Vec<u64> {
    let mut counts = vec![0; parents as usize];
    for child in 0..total {
        counts[key.below(child, parents) as usize] += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::model::Center;
    use proptest::prelude::*;

    fn bounded(figure: f64, min: u64, max: Option<u64>) -> [Fanout; 3] {
        let figure = figure.max(0.05);
        [
            Fanout::Lognormal { sigma: figure, center: None, min, max },
            Fanout::Pareto { shape: figure, mean: None, min: Some(min), max },
            Fanout::Zipf { exponent: figure, mean: None, min, max },
        ]
    }

    fn key(seed: u64) -> Key {
        Key::new(seed, &["t", "c"])
    }

    proptest! {
        #[test]
        fn a_range_keeps_its_bounds_and_its_total(seed: u64, parents in 1_u64..400, low in 0_u64..20, width in 0_u64..300, at in 0.0..=1.0) {
            let high = low + width;
            let total = parents * low + ((parents * width) as f64 * at) as u64;
            let counts = children(&Fanout::Range(low..=high), parents, total, key(seed)).unwrap();
            prop_assert_eq!(counts.iter().sum::<u64>(), total);
            prop_assert!(counts.iter().all(|count| (low..=high).contains(count)));
        }

        #[test]
        fn shapes_keep_their_bounds_and_their_total(
            seed: u64, parents in 1_u64..400, sigma in 0.0..3.0, min in 0_u64..9, width in 0_u64..300, at in 0.0..=1.0
        ) {
            let max = min + width;
            let total = parents * min + ((parents * width) as f64 * at) as u64;
            for shape in bounded(sigma, min, Some(max)) {
                let counts = children(&shape, parents, total, key(seed)).unwrap();
                prop_assert_eq!(counts.iter().sum::<u64>(), total, "{:?}", shape);
                prop_assert!(counts.iter().all(|count| (min..=max).contains(count)), "{:?} {:?}", shape, counts);
                let too_few = |result| matches!(result, Err(FanoutProblem::TooFew { .. }));
                prop_assert!(min == 0 || too_few(children(&shape, parents, parents * min - 1, key(seed))));
                let too_many = |result| matches!(result, Err(FanoutProblem::TooMany { .. }));
                prop_assert!(too_many(children(&shape, parents, parents * max + 1, key(seed))));
            }
        }

        #[test]
        fn unbounded_shapes_keep_their_total(seed: u64, parents in 1_u64..400, total in 0_u64..5_000, exponent in 0.1..3.0) {
            for shape in [Fanout::Even, Fanout::Poisson { mean: None }].into_iter().chain(bounded(exponent, 0, None)) {
                let counts = children(&shape, parents, total, key(seed)).unwrap();
                prop_assert_eq!(counts.len() as u64, parents);
                prop_assert_eq!(counts.iter().sum::<u64>(), total);
            }
        }

        #[test]
        fn what_a_fanout_says_itself_is_within_its_bounds(seed: u64, parents in 1_u64..400, sigma in 0.1..3.0, min in 1_u64..9, width in 0_u64..300) {
            let max = min + width;
            let center = Some(Center::Median((min + width / 3) as f64));
            for shape in [
                Fanout::Range(min..=max),
                Fanout::Lognormal { sigma, center, min, max: Some(max) },
                Fanout::Pareto { shape: sigma, mean: None, min: Some(min), max: Some(max) },
                Fanout::Classes(vec![FanoutClass { share: 0.3, children: 0..=max }, FanoutClass { share: 0.7, children: min..=min }]),
            ] {
                let total = (shape.own_mean().unwrap() * parents as f64).round() as u64;
                match children(&shape, parents, total, key(seed)) {
                    Ok(counts) => prop_assert_eq!(counts.iter().sum::<u64>(), total),
                    // Few parents cannot be parted into thirds.
                    Err(problem) => prop_assert!(parents < 10 && matches!(shape, Fanout::Classes(_)), "{}", problem),
                }
            }
        }

        #[test]
        fn rounding_moves_no_share_by_a_whole(shares in prop::collection::vec(0.0..50.0_f64, 1..100)) {
            let total = shares.iter().sum::<f64>().round() as u64;
            let counts = rounded(shares.iter().copied(), total);
            prop_assert_eq!(counts.iter().sum::<u64>(), total);
            prop_assert!(counts.iter().zip(&shares).all(|(count, share)| (*count as f64 - share).abs() < 1.01));
        }
    }

    #[test]
    fn the_music_users_keep_their_two_classes() {
        let shape =
            Fanout::Classes(vec![FanoutClass { share: 0.01, children: 20..=30 }, FanoutClass { share: 0.99, children: 1..=5 }]);
        let counts = children(&shape, 911, 3000, key(42)).unwrap();
        let hoarders = counts.iter().filter(|count| (20..=30).contains(*count)).count();
        assert_eq!(hoarders, 9);
        assert_eq!(counts.iter().filter(|count| (1..=5).contains(*count)).count(), 902);
        assert_eq!(counts.iter().sum::<u64>(), 3000);
        for lists in 1..=5 {
            let share = counts.iter().filter(|count| **count == lists).count() as f64 / 902.0;
            assert!((0.1..0.3).contains(&share), "{lists}: {share}");
        }
    }

    #[test]
    fn an_impossible_total_says_what_is_possible() {
        let shape = Fanout::Range(1..=5);
        assert_eq!(children(&shape, 10, 51, key(1)), Err(FanoutProblem::TooMany { total: 51, parents: 10, largest: 50 }));
        assert_eq!(children(&shape, 10, 9, key(1)), Err(FanoutProblem::TooFew { total: 9, parents: 10, smallest: 10 }));
        assert_eq!(children(&shape, 0, 1, key(1)), Err(FanoutProblem::NoParents { total: 1 }));
        assert!(matches!(
            children(&Fanout::Zipf { exponent: 0.0, mean: None, min: 0, max: None }, 3, 3, key(1)),
            Err(FanoutProblem::Shape(_))
        ));
    }

    #[test]
    fn even_with_as_many_children_as_parents_gives_one_each() {
        assert!(children(&Fanout::Even, 3000, 3000, key(1)).unwrap().iter().all(|count| *count == 1));
        let counts = children(&Fanout::Even, 7, 23, key(1)).unwrap();
        assert!(counts.iter().all(|count| (3..=4).contains(count)));
    }

    #[test]
    fn the_largest_parents_are_scattered() {
        for shape in bounded(1.0, 1, None) {
            let counts = children(&shape, 1000, 100_000, key(3)).unwrap();
            let mut ranked: Vec<(u64, usize)> = counts.iter().copied().zip(0..).collect();
            ranked.sort_unstable_by(|a, b| b.cmp(a));
            assert!(ranked[0].0 > 1_000, "{shape:?}: {:?}", ranked[0]);
            assert!(ranked[..5].windows(2).all(|pair| pair[0].1.abs_diff(pair[1].1) > 1), "{shape:?}: {:?}", &ranked[..5]);
        }
        let counts = children(&bounded(1.0, 0, None)[2], 1000, 100_000, key(3)).unwrap();
        assert!(*counts.iter().max().unwrap() > 10_000, "the first has a share of 1 / H(1000)");
    }

    /// Of a Pareto distribution with shape 1.16 the top fifth has four fifths; fitting it to a total scales it and no more.
    #[test]
    fn a_pareto_keeps_its_inequality() {
        let mut counts =
            children(&Fanout::Pareto { shape: 1.161, mean: None, min: None, max: None }, 20_000, 4_000_000, key(3)).unwrap();
        counts.sort_unstable_by(|a, b| b.cmp(a));
        let share = counts[..4_000].iter().sum::<u64>() as f64 / 4e6;
        assert!((0.72..0.88).contains(&share), "{share}");
    }

    /// Stored data depends on these numbers.
    #[test]
    fn the_numbers_of_every_shape_never_change() {
        let shapes = [
            Fanout::Even,
            Fanout::Range(1..=5),
            Fanout::Lognormal { sigma: 0.8, center: None, min: 1, max: Some(9) },
            Fanout::Pareto { shape: 1.2, mean: None, min: Some(1), max: Some(20) },
            Fanout::Poisson { mean: Some(3.0) },
            Fanout::Zipf { exponent: 1.1, mean: None, min: 0, max: None },
            Fanout::Zipf { exponent: 1.1, mean: None, min: 1, max: Some(7) },
            Fanout::Classes(vec![FanoutClass { share: 0.2, children: 6..=9 }, FanoutClass { share: 0.8, children: 1..=3 }]),
        ];
        let lines = shapes.iter().map(|shape| format!("{:?}", children(shape, 10, 31, key(42)).unwrap()));
        insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r"
        [3, 3, 3, 3, 4, 3, 3, 3, 3, 3]
        [4, 2, 3, 2, 1, 5, 4, 4, 4, 2]
        [1, 1, 6, 4, 1, 2, 5, 1, 6, 4]
        [1, 6, 1, 4, 1, 2, 1, 13, 1, 1]
        [3, 5, 1, 7, 2, 5, 2, 0, 4, 2]
        [3, 1, 1, 2, 12, 2, 1, 1, 5, 3]
        [4, 2, 1, 2, 7, 3, 1, 1, 7, 3]
        [2, 2, 2, 1, 6, 3, 2, 3, 8, 2]
        ");
    }
}
