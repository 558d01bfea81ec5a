//! Which of the sampled rows a call uses, as a function of the number of the call.

use rand_distr::{Distribution, Zipf};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

use crate::scenario::model::Pick;
use crate::seed::pick::Skew;
use crate::seed::rng::Key;

/// A [`Pick`] over so many rows, with all that does not change from call to call worked out.
#[derive(Debug, Clone)]
pub(in crate::bench) struct Picker {
    rows: u64,
    seed: u64,
    way: Way,
}

#[derive(Debug, Clone)]
enum Way {
    /// Each row serves once, and then there are no more calls.
    Once,
    /// Each call chooses anew among all rows, and may choose what another did.
    Anew(Key),
    /// The first so many rows in turn. The sample is in random order, so walking all of it is a uniform choice that repeats nothing
    /// before it must.
    InTurn(u64),
    Zipf(Zipf<f64>),
    Skewed(Skew, Key),
    /// The weight of each row and all before it.
    Weighted(Vec<f64>),
    /// Figures that make no distribution.
    Never,
}

impl Picker {
    pub fn new(pick: &Pick, rows: usize, once: bool, seed: u64) -> Picker {
        let rows = rows as u64;
        let way = match pick {
            _ if once => Way::Once,
            _ if rows == 0 => Way::Never,
            Pick::Uniform => Way::InTurn(rows),
            Pick::Repeat(different) => Way::InTurn((*different).clamp(1, rows)),
            Pick::Zipf { exponent } => Zipf::new(rows as f64, *exponent).map_or(Way::Never, Way::Zipf),
            Pick::Lognormal { .. } | Pick::Pareto { .. } | Pick::Classes(_) => {
                Skew::new(pick, rows).map_or(Way::Never, |skew| Way::Skewed(skew, Key::new(seed, &["sample"])))
            }
            Pick::Weights(weights) => Way::Weighted(sums(weights)),
        };
        Picker { rows, seed, way }
    }

    /// As many users would pick who know nothing of each other: where `new` walks the rows so that none repeats before it must, a
    /// choice of each call's own.
    pub fn anew(pick: &Pick, rows: usize, seed: u64) -> Picker {
        let picker = Picker::new(pick, rows, false, seed);
        match pick {
            Pick::Uniform if rows > 0 => Picker { way: Way::Anew(Key::new(seed, &["sample", "anew"])), ..picker },
            _ => picker,
        }
    }

    /// The row of a call; `None` when there is none.
    #[inline]
    pub fn row(&self, call: u64) -> Option<usize> {
        let row = match &self.way {
            Way::Once => return (call < self.rows).then_some(call as usize),
            Way::Anew(key) => key.below(call, self.rows),
            Way::InTurn(different) => call % different,
            Way::Zipf(zipf) => (zipf.sample(&mut self.rng(call)) as u64 - 1).min(self.rows - 1),
            Way::Skewed(skew, key) => skew.rank(self.rows, &mut key.stream(call)),
            Way::Weighted(ends) => weighted(ends, self.rng(call).next_u64()).min(self.rows - 1),
            Way::Never => return None,
        };
        Some(row as usize)
    }

    /// How many calls there are rows for; `None` when they never end.
    pub fn calls(&self) -> Option<u64> {
        match self.way {
            Way::Once => Some(self.rows),
            Way::Never => Some(0),
            _ => None,
        }
    }

    fn rng(&self, call: u64) -> Xoshiro256PlusPlus {
        Xoshiro256PlusPlus::seed_from_u64(self.seed ^ call.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }
}

fn sums(weights: &[f64]) -> Vec<f64> {
    let mut sum = 0.0;
    let add = |weight: &f64| {
        sum += weight;
        sum
    };
    weights.iter().map(add).collect()
}

/// The place that a uniform 64-bit number falls on.
fn weighted(ends: &[f64], random: u64) -> u64 {
    let all = ends.last().copied().unwrap_or(0.0);
    let at = random as f64 / u64::MAX as f64 * all;
    ends.partition_point(|end| *end <= at).min(ends.len().saturating_sub(1)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::model::PickClass;

    fn rows(pick: Pick, rows: usize, calls: u64) -> Vec<usize> {
        let picker = Picker::new(&pick, rows, false, 1);
        (0..calls).map(|call| picker.row(call).unwrap()).collect()
    }

    #[test]
    fn what_is_consumed_is_picked_once_whoever_asks() {
        let once = Picker::new(&Pick::Zipf { exponent: 1.0 }, 7, true, 1);
        // Two workers, each with every other number.
        let of = |worker| (0_u64..).map(move |turn| worker + 2 * turn).map_while(|call| once.row(call)).collect::<Vec<_>>();
        assert_eq!((of(0), of(1)), (vec![0, 2, 4, 6], vec![1, 3, 5]));
        assert_eq!(once.calls(), Some(7));
        assert_eq!(Picker::new(&Pick::Uniform, 3, false, 1).calls(), None);
    }

    #[test]
    fn uniform_walks_and_repeat_uses_that_many_rows() {
        assert_eq!(rows(Pick::Uniform, 3, 5), [0, 1, 2, 0, 1]);
        assert_eq!(rows(Pick::Repeat(2), 10, 5), [0, 1, 0, 1, 0]);
        assert_eq!(rows(Pick::Repeat(11), 1, 2), [0, 0]);
    }

    #[test]
    fn a_choice_made_anew_repeats_by_chance() {
        let anew = Picker::anew(&Pick::Uniform, 1000, 1);
        let different: std::collections::HashSet<_> = (0..1000).filter_map(|call| anew.row(call)).collect();
        assert!((580..690).contains(&different.len()), "1 - 1/e of 1000, not {}", different.len());
        assert_eq!(Picker::anew(&Pick::Repeat(2), 9, 1).row(3), Some(1));
    }

    #[test]
    fn zipf_prefers_low_ranks_and_stays_in_range_and_is_repeatable() {
        let drawn = rows(Pick::Zipf { exponent: 1.2 }, 50, 2000);
        let times = |rank| drawn.iter().filter(|row| **row == rank).count();
        assert!(times(0) > 4 * times(9), "{} against {}", times(0), times(9));
        assert!(drawn.iter().all(|row| *row < 50));
        assert_eq!(drawn, rows(Pick::Zipf { exponent: 1.2 }, 50, 2000));
    }

    #[test]
    fn classes_and_skews_prefer_low_ranks_too() {
        let classes = [PickClass { rows: 0.1, choices: 0.9 }, PickClass { rows: 0.9, choices: 0.1 }];
        for (pick, least) in
            [(Pick::Classes(classes.to_vec()), 870), (Pick::Pareto { shape: 1.05 }, 850), (Pick::Lognormal { sigma: 2.5 }, 850)]
        {
            let drawn = rows(pick.clone(), 50, 1000);
            let low = drawn.iter().filter(|row| **row < 5).count();
            assert!(low > least && low < 940 && drawn.iter().all(|row| *row < 50), "{pick:?}: {low}");
        }
    }

    #[test]
    fn weights_decide_by_row() {
        let second = rows(Pick::Weights(vec![9.0, 0.0, 1.0]), 3, 1000);
        let times = |row| second.iter().filter(|picked| **picked == row).count();
        assert!((50..200).contains(&times(2)) && times(1) == 0, "{} {}", times(1), times(2));
    }

    /// A run of another day, and the other side of a comparison, ask for the same rows.
    #[test]
    fn the_rows_of_the_first_calls_never_change() {
        assert_eq!(rows(Pick::Zipf { exponent: 1.1 }, 4096, 8), ZIPF);
        assert_eq!(rows(Pick::Pareto { shape: 1.5 }, 4096, 4), PARETO);
        assert_eq!(rows(Pick::Weights(vec![3.0, 2.0, 1.0]), 3, 8), WEIGHTS);
    }

    const ZIPF: [usize; 8] = [326, 100, 8, 43, 5, 1, 4, 59];
    const PARETO: [usize; 4] = [3, 442, 37, 238];
    const WEIGHTS: [usize; 8] = [1, 1, 0, 1, 0, 0, 0, 1];
}
