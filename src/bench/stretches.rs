//! A run's calls cut into stretches, and how far two halves of the same stretches differ.
//!
//! Calls that follow each other are alike: a checkpoint, a neighbour on the machine, a row version chain that grows touch all of
//! a moment's calls. Stretches keep what neighbours share within one figure, so that stretches can be taken for (nearly)
//! independent where calls cannot (Künsch, The Annals of Statistics 17(3), 1989).

use std::time::Duration;

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

use crate::report::model::{Block, Noise};

use super::statistics::median;

/// Stretches that a run is cut into at most: enough to resample, few enough to store.
const MOST: usize = 32;
/// Stretches below which halves say nothing about noise.
const FEWEST: usize = 8;
/// Random halves per endpoint.
const SPLITS: usize = 100;

/// Consecutive calls in up to 32 stretches, equal in calls to within one.
pub fn cut(calls: impl Iterator<Item = Duration>) -> Vec<Block> {
    let calls: Vec<f64> = calls.map(|elapsed| elapsed.as_secs_f64() * 1e3).collect();
    let stretches = calls.len().min(MOST);
    (0..stretches)
        .map(|place| &calls[place * calls.len() / stretches..(place + 1) * calls.len() / stretches])
        .map(|stretch| Block {
            n: stretch.len() as u64,
            mean_ms: stretch.iter().sum::<f64>() / stretch.len() as f64,
            p50_ms: median(&mut stretch.to_vec()),
        })
        .collect()
}

/// What the medians of two random halves of the same stretches differ by: the 95th percentile over endpoints and splits.
/// `None` when no endpoint has enough of them.
pub fn noise<'a>(endpoints: impl Iterator<Item = &'a [Block]>) -> Option<Noise> {
    let mut shares = Vec::new();
    let mut moved_ms = Vec::new();
    for blocks in endpoints.filter(|blocks| blocks.len() >= FEWEST) {
        let mut medians: Vec<f64> = blocks.iter().map(|block| block.p50_ms).collect();
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(medians.len() as u64);
        for _ in 0..SPLITS {
            let (one, other) = halves(&mut medians, &mut rng);
            shares.push((one - other).abs() / one.min(other).max(f64::MIN_POSITIVE));
            moved_ms.push((one - other).abs());
        }
    }
    (!shares.is_empty()).then(|| Noise { share: highest_but_few(shares), ms: highest_but_few(moved_ms) })
}

/// The medians of two random halves.
fn halves(values: &mut [f64], rng: &mut Xoshiro256PlusPlus) -> (f64, f64) {
    for last in (1..values.len()).rev() {
        values.swap(last, (rng.next_u64() % (last as u64 + 1)) as usize);
    }
    let (one, other) = values.split_at_mut(values.len() / 2);
    (median(one), median(other))
}

/// The 95th percentile.
fn highest_but_few(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[(values.len() - 1) * 95 / 100]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(values: impl IntoIterator<Item = f64>) -> Vec<Block> {
        cut(values.into_iter().map(|ms| Duration::from_secs_f64(ms / 1e3)))
    }

    #[test]
    fn stretches_follow_the_calls_and_hold_all_of_them() {
        let blocks = ms((0..100).map(f64::from));
        assert_eq!(blocks.len(), MOST);
        assert_eq!(blocks.iter().map(|block| block.n).sum::<u64>(), 100);
        assert!(blocks.iter().all(|block| (3..=4).contains(&block.n)));
        assert!(blocks.is_sorted_by(|one, next| one.p50_ms < next.p50_ms));
        assert_eq!(ms([3.0, 5.0]).iter().map(|block| block.n).collect::<Vec<_>>(), [1, 1]);
        assert_eq!(ms([]), []);
    }

    #[test]
    fn a_steady_endpoint_has_no_noise_and_a_drifting_one_has() {
        let of = |blocks: Vec<Block>| noise([blocks.as_slice()].into_iter());
        assert_eq!(of(ms((0..300).map(|_| 2.0))), Some(Noise { share: 0.0, ms: 0.0 }));
        let drifting = of(ms((0..300).map(|call| 1.0 + f64::from(call) / 300.0))).unwrap();
        assert!(drifting.share > 0.1 && drifting.ms > 0.15, "{drifting:?}");
        assert_eq!(of(ms((0..7).map(f64::from))), None, "seven calls say nothing");
    }
}
