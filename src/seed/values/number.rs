//! Numbers as a function of the row, in the type of their column.

use crate::seed::encode::{put_fixed, put_integer, put_scaled};
use crate::seed::permutation::Permutation;
use crate::seed::pick::Zipf;
use crate::seed::rng::{Key, Stream};
use crate::seed::types::{Kind, power_of_ten};

/// Whole numbers `low..=low + width`, each as likely, or each at most once.
#[derive(Debug, Clone)]
pub struct Integers {
    pub key: Key,
    pub low: i64,
    /// How many numbers there are, less one.
    pub width: u64,
    /// Where the numbers must differ: which one a row gets.
    pub unique: Option<Permutation>,
    pub kind: Kind,
    /// Digits after the point of a `numeric` or `money` whose last digit is the unit counted here; negative: zeros before it.
    pub scale: i32,
}

impl Integers {
    #[inline]
    pub fn write(&self, row: u64, out: &mut Vec<u8>) {
        let offset = match &self.unique {
            Some(order) => order.at(row),
            None if self.width == u64::MAX => self.key.bits(row),
            None => self.key.below(row, self.width + 1),
        };
        let value = self.low.wrapping_add_unsigned(offset);
        match self.scale {
            0 => put_integer(out, self.kind, value),
            scale => put_scaled(out, self.kind, i128::from(value), scale),
        }
    }
}

/// Numbers of a distribution, rounded to what their type holds.
#[derive(Debug, Clone)]
pub struct Reals {
    pub key: Key,
    pub shape: Shape,
    pub low: f64,
    pub high: f64,
    pub kind: Kind,
    /// Digits after the point of a `numeric` or `money`.
    pub scale: i32,
}

/// A distribution of numbers.
#[derive(Debug, Clone)]
pub enum Shape {
    Uniform,
    Normal {
        mean: f64,
        deviation: f64,
    },
    /// `median` is above 0.
    Lognormal {
        median: f64,
        sigma: f64,
    },
    /// From [`Reals::low`] on; the mean is that of the distance to it.
    Exponential {
        mean: f64,
    },
    /// From [`Reals::low`] on, which is above 0.
    Pareto {
        shape: f64,
    },
    Zipf(Zipf),
    /// Log-normal amounts in whole hundredths with the endings of shops.
    Price {
        median: f64,
        sigma: f64,
    },
}

/// Of a hundred prices, how many end in the hundredths of this line and those before it. Our choice: most prices in shops end just below
/// a whole amount, some at a half, some are whole.
const ENDINGS: [(u64, f64); 4] = [(60, 0.99), (72, 0.95), (82, 0.50), (100, 0.0)];

/// The price of that ending nearest below an amount, or the next one above where the bounds say so.
fn shop_price(amount: f64, stream: &mut Stream, low: f64, high: f64) -> f64 {
    let draw = stream.below(100);
    let ending = ENDINGS.iter().find(|(until, _)| draw < *until).map_or(0.0, |(_, ending)| *ending);
    let below = amount.floor() + ending;
    [below, below - 1.0, below + 1.0].into_iter().find(|price| (low..=high).contains(price)).unwrap_or(amount)
}

/// Draws outside the bounds are drawn again this often before the bound itself is taken, so that the tails do not pile up there.
pub(super) const REDRAWS: usize = 16;

impl Reals {
    pub fn write(&self, row: u64, out: &mut Vec<u8>) {
        let value = self.value(&mut self.key.stream(row));
        match self.kind {
            Kind::Float4 => put_fixed(out, (value as f32).to_be_bytes()),
            Kind::Float8 => put_fixed(out, value.to_be_bytes()),
            kind @ (Kind::Numeric | Kind::Money) => {
                put_scaled(out, kind, (value * power_of_ten(self.scale)).round() as i128, self.scale);
            }
            kind if matches!(self.shape, Shape::Price { .. }) => put_integer(out, kind, (value * 100.0).round() as i64),
            kind => put_integer(out, kind, value.round() as i64),
        }
    }

    fn value(&self, stream: &mut Stream) -> f64 {
        let mut value = self.low;
        for _ in 0..REDRAWS {
            value = match &self.shape {
                Shape::Uniform => self.low + stream.unit() * (self.high - self.low),
                Shape::Normal { mean, deviation } => mean + deviation * stream.normal(),
                Shape::Lognormal { median, sigma } => median * libm::exp(sigma * stream.normal()),
                Shape::Exponential { mean } => self.low - mean * libm::log1p(-stream.unit()),
                Shape::Pareto { shape } => self.low * libm::exp(-libm::log1p(-stream.unit()) / shape),
                Shape::Zipf(zipf) => zipf.rank(stream) as f64,
                Shape::Price { median, sigma } => {
                    let amount = median * libm::exp(sigma * stream.normal());
                    shop_price(amount, stream, self.low, self.high)
                }
            };
            if (self.low..=self.high).contains(&value) {
                break;
            }
        }
        value.clamp(self.low, self.high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::text::integer;
    use std::collections::HashSet;

    fn key() -> Key {
        Key::new(42, &["t", "c"])
    }

    #[test]
    fn integers_reach_both_bounds_and_unique_ones_all_numbers() {
        let mut integers = Integers { key: key(), low: -2, width: 4, unique: None, kind: Kind::Int4, scale: 0 };
        let values = |integers: &Integers, rows: u64| -> Vec<i64> {
            (0..rows)
                .map(|row| {
                    let mut out = Vec::new();
                    integers.write(row, &mut out);
                    integer(&out[4..])
                })
                .collect()
        };
        let seen: HashSet<i64> = values(&integers, 500).into_iter().collect();
        assert_eq!(seen, HashSet::from([-2, -1, 0, 1, 2]));
        integers.unique = Some(Permutation::new(key(), 5));
        let mut all = values(&integers, 5);
        all.sort_unstable();
        assert_eq!(all, [-2, -1, 0, 1, 2]);
    }

    #[test]
    fn prices_end_as_in_shops_and_keep_their_bounds() {
        let shape = Shape::Price { median: 40.0, sigma: 0.9 };
        let prices = Reals { key: key(), shape, low: 2.0, high: 500.0, kind: Kind::Float8, scale: 2 };
        let made: Vec<i64> = (0..20_000).map(|row| (prices.value(&mut key().stream(row)) * 100.0).round() as i64).collect();
        assert!(made.iter().all(|cents| (200..=50_000).contains(cents) && [0, 50, 95, 99].contains(&(cents % 100))));
        let nines = made.iter().filter(|cents| *cents % 100 == 99).count();
        assert!((11_500..12_500).contains(&nines), "{nines}");
        let narrow = Reals { low: 3.1, high: 3.2, ..prices };
        assert!((3.1..=3.2).contains(&narrow.value(&mut key().stream(1))), "no ending fits: the amount as it is");
    }

    #[test]
    fn a_distribution_has_its_median_and_its_bounds() {
        let shape = Shape::Lognormal { median: 40.0, sigma: 0.9 };
        let reals = Reals { key: key(), shape, low: 1.0, high: 5_000.0, kind: Kind::Float8, scale: 0 };
        let mut values: Vec<f64> = (0..20_001).map(|row| reals.value(&mut key().stream(row))).collect();
        values.sort_by(f64::total_cmp);
        assert!((values[10_000] - 40.0).abs() < 1.5, "{}", values[10_000]);
        assert!(values[0] >= 1.0 && values[20_000] <= 5_000.0);
        let mean = |shape: Shape, low: f64, high: f64| {
            let reals = Reals { key: key(), shape, low, high, kind: Kind::Float8, scale: 0 };
            (0..50_000).map(|row| reals.value(&mut key().stream(row))).sum::<f64>() / 50_000.0
        };
        let exponential = mean(Shape::Exponential { mean: 30.0 }, 10.0, 1e9);
        assert!((exponential - 40.0).abs() < 0.5, "{exponential}");
        // The mean of Pareto's law is min * shape / (shape - 1).
        let pareto = mean(Shape::Pareto { shape: 3.0 }, 2.0, 1e9);
        assert!((pareto - 3.0).abs() < 0.05, "{pareto}");
        // Of 1 to 3 with weights 1, 1/2 and 1/3: 3 / (11 / 6).
        let zipf = mean(Shape::Zipf(Zipf::new(3, 1.0).unwrap()), 1.0, 3.0);
        assert!((zipf - 18.0 / 11.0).abs() < 0.01, "{zipf}");
        let far = Reals { shape: Shape::Normal { mean: 900.0, deviation: 1.0 }, low: 0.0, high: 10.0, ..reals };
        assert_eq!(far.value(&mut key().stream(1)), 10.0, "out of reach: the nearer bound");
    }
}
