//! The arrival schedule of an open loop: known before the first call is made, so that no slow reply can move it.

use std::time::Duration;

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

use crate::scenario::model::{Arrivals, RateStage};

/// When calls arrive, as a function of seed and stages alone.
#[derive(Debug, Clone)]
pub struct Schedule {
    stages: Vec<RateStage>,
    arrivals: Arrivals,
    seed: u64,
}

/// One call that the schedule asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arrival {
    /// From 0, over the whole schedule.
    pub index: u64,
    /// From the schedule's start.
    pub at: Duration,
}

impl Schedule {
    pub fn new(stages: &[RateStage], arrivals: Arrivals, seed: u64) -> Schedule {
        Schedule { stages: stages.to_vec(), arrivals, seed }
    }

    /// One rate, held.
    pub fn constant(rate: f64, lasts: Duration, arrivals: Arrivals, seed: u64) -> Schedule {
        Schedule::new(&[RateStage { from: rate, to: rate, lasts }], arrivals, seed)
    }

    /// Every arrival in order; the same sequence each time.
    pub fn iter(&self) -> impl Iterator<Item = Arrival> + use<> {
        let mut stages = self.stages.clone().into_iter().map(Stage::of);
        let mut stage = stages.next();
        let (mut started, mut counted) = (0.0, 0.0);
        let mut gaps = Gaps::new(self.arrivals, self.seed);
        let mut due = gaps.next();
        let mut index = 0;
        std::iter::from_fn(move || {
            while let Some(current) = stage {
                if let Some(within) = current.when(due - counted) {
                    let at = Duration::from_secs_f64(started + within);
                    due += gaps.next();
                    index += 1;
                    return Some(Arrival { index: index - 1, at });
                }
                started += current.lasts;
                counted += current.calls();
                stage = stages.next();
            }
            None
        })
    }
}

/// Expected calls between arrivals. A Poisson process of any rate is one of rate 1 on a clock that counts expected calls (Çinlar,
/// Introduction to Stochastic Processes, 1975, theorem 4.7.4).
struct Gaps {
    arrivals: Arrivals,
    rng: Xoshiro256PlusPlus,
    first: bool,
}

impl Gaps {
    fn new(arrivals: Arrivals, seed: u64) -> Gaps {
        Gaps { arrivals, rng: Xoshiro256PlusPlus::seed_from_u64(seed), first: true }
    }

    fn next(&mut self) -> f64 {
        match self.arrivals {
            // The first half a gap in, so that stages of few calls neither begin nor end with a pile.
            Arrivals::Constant if std::mem::take(&mut self.first) => 0.5,
            Arrivals::Constant => 1.0,
            Arrivals::Poisson => exponential(&mut self.rng),
        }
    }
}

/// Exponential with mean 1; the library's logarithm is the same on every machine.
pub fn exponential(rng: &mut Xoshiro256PlusPlus) -> f64 {
    let uniform = (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    -libm::log1p(-uniform)
}

#[derive(Clone, Copy)]
struct Stage {
    from: f64,
    to: f64,
    /// Seconds.
    lasts: f64,
}

impl Stage {
    fn of(stage: RateStage) -> Stage {
        Stage { from: stage.from, to: stage.to, lasts: stage.lasts.as_secs_f64() }
    }

    /// Expected calls in the whole stage.
    fn calls(self) -> f64 {
        (self.from + self.to) / 2.0 * self.lasts
    }

    /// Seconds into the stage when `calls` calls have been expected; `None` when that is after its end.
    fn when(self, calls: f64) -> Option<f64> {
        if calls >= self.calls() {
            return None;
        }
        // from·x + slope·x²/2 = calls, in the form that does not cancel when the slope is small.
        let slope = (self.to - self.from) / self.lasts;
        let root = (self.from * self.from + 2.0 * slope * calls).max(0.0).sqrt();
        let x = if calls <= 0.0 { 0.0 } else { 2.0 * calls / (self.from + root) };
        Some(x.min(self.lasts))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stage(from: f64, to: f64, seconds: u64) -> RateStage {
        RateStage { from, to, lasts: Duration::from_secs(seconds) }
    }

    #[test]
    fn a_constant_rate_has_even_gaps() {
        let schedule = Schedule::constant(10.0, Duration::from_secs(2), Arrivals::Constant, 1);
        let at: Vec<u128> = schedule.iter().map(|arrival| arrival.at.as_millis()).collect();
        assert_eq!((at.len(), at[0], at[1], at[19]), (20, 50, 150, 1950));
    }

    #[test]
    fn a_ramp_brings_its_area_and_most_of_it_late() {
        let at: Vec<f64> =
            Schedule::new(&[stage(0.0, 100.0, 10)], Arrivals::Constant, 1).iter().map(|a| a.at.as_secs_f64()).collect();
        assert_eq!(at.len(), 500);
        let early = at.iter().filter(|at| **at < 5.0).count();
        assert_eq!(early, 125, "a quarter of the area lies in the first half");
    }

    #[test]
    fn poisson_keeps_the_rate_and_spreads_the_gaps() {
        let at: Vec<f64> = Schedule::constant(1000.0, Duration::from_secs(20), Arrivals::Poisson, 7)
            .iter()
            .map(|arrival| arrival.at.as_secs_f64())
            .collect();
        // Four standard deviations of a Poisson count of 20,000.
        assert!((at.len() as f64 - 20_000.0).abs() < 566.0, "{}", at.len());
        let gaps: Vec<f64> = at.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
        assert!((variance.sqrt() / mean - 1.0).abs() < 0.05, "an exponential deviates by its mean");
    }

    proptest! {
        #[test]
        fn arrivals_are_in_order_within_the_schedule_and_repeatable(
            rates in proptest::collection::vec((0.0..200.0_f64, 0.0..200.0_f64, 1..5_u64), 1..4), seed: u64
        ) {
            let stages: Vec<RateStage> = rates.iter().map(|(from, to, seconds)| stage(*from, *to, *seconds)).collect();
            let total: u64 = rates.iter().map(|rate| rate.2).sum();
            for arrivals in [Arrivals::Constant, Arrivals::Poisson] {
                let schedule = Schedule::new(&stages, arrivals, seed);
                let all: Vec<Arrival> = schedule.iter().collect();
                prop_assert!(all.windows(2).all(|pair| pair[0].at <= pair[1].at && pair[0].index + 1 == pair[1].index));
                prop_assert!(all.iter().all(|arrival| arrival.at <= Duration::from_secs(total)));
                prop_assert_eq!(all, schedule.iter().collect::<Vec<_>>());
            }
        }
    }
}
