//! Ranks that are chosen by log-normal weights, by Pareto weights or by classes, in constant time and memory for any number of rows.
//!
//! The weight of the row at quantile u of its shape is the shape's quantile function w(u). Choosing rows by their weights is drawing u
//! with a density proportional to w: the size-biased distribution, which for both shapes is one of the same family.

use crate::scenario::model::{Pick, PickClass};
use crate::seed::fanout::rounded;
use crate::seed::rng::Stream;

use super::Weights;

/// A shape of weights over ranks, the heaviest first.
#[derive(Debug, Clone)]
pub enum Skew {
    /// Size-biased: the same sigma, the mean of the normal moved by sigma.
    Lognormal {
        sigma: f64,
    },
    /// Size-biased: the shape less one, so the top share x of the rows has x^power of the choices, power = (shape - 1) / shape.
    Pareto {
        power: f64,
    },
    Classes {
        choices: Weights,
        members: Vec<u64>,
    },
}

impl Skew {
    /// `None` for ways to pick that are no skew, and for figures that make none.
    pub fn new(pick: &Pick, rows: u64) -> Option<Skew> {
        match pick {
            Pick::Lognormal { sigma } if sigma.is_finite() && *sigma >= 0.0 => Some(Skew::Lognormal { sigma: *sigma }),
            Pick::Pareto { shape } if shape.is_finite() && *shape > 1.0 => Some(Skew::Pareto { power: (shape - 1.0) / shape }),
            Pick::Classes(classes) => {
                let members = members(classes, rows);
                let weight = |(class, rows): (&PickClass, &u64)| if *rows > 0 { class.choices } else { 0.0 };
                Some(Skew::Classes { choices: Weights::new(classes.iter().zip(&members).map(weight))?, members })
            }
            _ => None,
        }
    }

    /// A rank below `rows`, which is what the skew was made for.
    #[inline]
    pub fn rank(&self, rows: u64, stream: &mut Stream) -> u64 {
        let from_top = match self {
            Skew::Lognormal { sigma } => above(stream.normal() + sigma),
            // 1 - u is never 0.
            Skew::Pareto { power } => libm::pow(1.0 - stream.unit(), 1.0 / power),
            Skew::Classes { choices, members } => {
                let class = choices.index(stream.bits());
                let before: u64 = members[..class].iter().sum();
                return before + stream.below(members[class]);
            }
        };
        ((from_top * rows as f64) as u64).min(rows - 1)
    }

    /// The share of the choices that each rank gets.
    pub fn shares(&self, rows: u64) -> Vec<f64> {
        let up_to = |top: f64| match self {
            Skew::Lognormal { .. } if top >= 1.0 => 1.0,
            Skew::Lognormal { .. } if top <= 0.0 => 0.0,
            Skew::Lognormal { sigma } => above(normal_quantile(1.0 - top) - sigma),
            Skew::Pareto { power } => libm::pow(top, *power),
            Skew::Classes { .. } => top,
        };
        match self {
            Skew::Classes { choices, members } => {
                let each = |(class, rows): (usize, &u64)| (choices.share(class) / *rows as f64, *rows as usize);
                members.iter().enumerate().map(each).flat_map(|(share, rows)| std::iter::repeat_n(share, rows)).collect()
            }
            _ => (0..rows).map(|rank| up_to((rank + 1) as f64 / rows as f64) - up_to(rank as f64 / rows as f64)).collect(),
        }
    }
}

/// Rows per class, summing to `rows`; a class that is chosen has at least one, as far as there are rows.
fn members(classes: &[PickClass], rows: u64) -> Vec<u64> {
    let mut members = rounded(classes.iter().map(|class| class.rows * rows as f64), rows);
    for class in 0..classes.len() {
        let largest = (0..members.len()).max_by_key(|class| members[*class]).unwrap_or(0);
        if members[class] == 0 && classes[class].choices > 0.0 && members[largest] > 1 {
            members[class] += 1;
            members[largest] -= 1;
        }
    }
    members
}

/// The probability that a standard normal number is above `z`.
fn above(z: f64) -> f64 {
    libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2) / 2.0
}

/// The number that a standard normal one is below with this probability.
fn normal_quantile(probability: f64) -> f64 {
    let (mut low, mut high) = (-40.0, 40.0);
    for _ in 0..64 {
        let middle = (low + high) / 2.0;
        if 1.0 - above(middle) < probability { low = middle } else { high = middle }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::rng::Key;
    use proptest::prelude::*;

    fn classes(list: &[(f64, f64)]) -> Pick {
        Pick::Classes(list.iter().map(|(rows, choices)| PickClass { rows: *rows, choices: *choices }).collect())
    }

    #[test]
    fn ranks_get_their_shares() {
        let key = Key::new(11, &["t", "c"]);
        for pick in [
            Pick::Lognormal { sigma: 0.8 },
            Pick::Lognormal { sigma: 2.0 },
            Pick::Pareto { shape: 1.16 },
            Pick::Pareto { shape: 3.0 },
            classes(&[(0.01, 0.5), (0.99, 0.5)]),
        ] {
            let skew = Skew::new(&pick, 1000).unwrap();
            let shares = skew.shares(1000);
            assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{pick:?}");
            let mut seen = vec![0_u64; 1000];
            (0..200_000).for_each(|draw| seen[skew.rank(1000, &mut key.stream(draw)) as usize] += 1);
            for rank in [0, 1, 9, 10, 200, 999] {
                let expected = 200_000.0 * shares[rank];
                let off = (seen[rank] as f64 - expected).abs() / expected.max(1.0).sqrt();
                assert!(off < 4.5, "{pick:?}, rank {rank}: {} instead of {expected:.1}", seen[rank]);
            }
        }
    }

    /// The rule of 80 to 20 is a Pareto distribution of shape log 5 / log 4.
    #[test]
    fn a_fifth_of_the_rows_gets_four_fifths_of_the_choices() {
        let skew = Skew::new(&Pick::Pareto { shape: 5_f64.ln() / 4_f64.ln() }, 1000).unwrap();
        assert!((skew.shares(1000)[..200].iter().sum::<f64>() - 0.8).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn classes_have_the_rows_there_are(rows in 1_u64..500, first in 0.0..1.0_f64, choices in 0.0..1.0_f64, draw: u64) {
            let pick = classes(&[(first, choices), (1.0 - first, 1.0 - choices)]);
            let Pick::Classes(list) = &pick else { unreachable!() };
            let members = members(list, rows);
            prop_assert_eq!(members.iter().sum::<u64>(), rows);
            prop_assert!(rows < 2 || choices == 0.0 || members[0] > 0);
            if let Some(skew) = Skew::new(&pick, rows) {
                prop_assert!(skew.rank(rows, &mut Key::new(1, &["t"]).stream(draw)) < rows);
            }
        }

        #[test]
        fn any_skew_stays_below_the_rows(rows in 1_u64..1_000_000, sigma in 0.0..9.0_f64, shape in 1.001..9.0_f64, draw: u64) {
            for pick in [Pick::Lognormal { sigma }, Pick::Pareto { shape }] {
                prop_assert!(Skew::new(&pick, rows).unwrap().rank(rows, &mut Key::new(1, &["t"]).stream(draw)) < rows);
            }
        }
    }
}
