//! Is the second run slower than the first? The ratio of two medians, with an interval that owns up to what it cannot know.
//!
//! What is resampled are stretches of a run (and runs of neighbouring stretches), never single calls: calls that follow each
//! other share a checkpoint, a busy neighbour, a warm cache. A bootstrap over calls takes a thousand of them for a thousand
//! witnesses and finds a difference between any two runs; a moving block bootstrap (Künsch, The Annals of Statistics 17(3), 1989;
//! circular after Politis and Romano, 1992) keeps together what belongs together.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

use crate::bench::statistics::{FEWEST_PAIRS, SMALLEST_SHARE, median};
use crate::report::model::{EndpointComparison, Verdict};
use crate::units;

use super::holm::{self, Adjusted};

/// Stretches that each run must have: below that their spread is a guess.
pub const FEWEST_STRETCHES: usize = 8;
/// What two runs of the same differ by although each is steady within itself: another copy of the tables on other pages, another
/// process, another minute. Standard deviation of a run's median as a share; `cargo bench --bench comparison` measures it.
pub const BETWEEN_RUNS: f64 = 0.03;
/// An interval that reaches a half more, or as much less, neither proves nor excludes anything that matters.
const WIDEST: f64 = 1.5;
/// Resamples, and resamples per question: the smallest p-value they can tell has to survive Holm's correction.
const RESAMPLES: usize = 4_000;
const RESAMPLES_PER_QUESTION: usize = 200;

/// A figure of two runs, to be judged.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub label: String,
    pub metric: String,
    /// The figure in each stretch, in the order of time.
    pub before: Vec<f64>,
    pub after: Vec<f64>,
    /// The figures over the whole of the runs, as their own tables have them.
    pub shown: (f64, f64),
    /// Calls of the runs.
    pub calls: (u64, u64),
    /// The larger of both runs' own noise, as a share.
    pub noise: f64,
    pub direction: Direction,
}

/// Which way is worse.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Direction {
    /// A time; changes below `jitter` milliseconds are not called.
    SmallerIsBetter { jitter: f64 },
    /// A rate.
    LargerIsBetter,
}

/// A candidate after resampling.
struct Resampled {
    /// Ratios of resampled medians, sorted.
    ratios: Vec<f64>,
    point: f64,
    /// Share below which no change is called.
    floor: f64,
    p: f64,
}

/// Verdicts on all candidates at once, in their order.
pub fn judge(candidates: Vec<Candidate>) -> Vec<EndpointComparison> {
    let asked = candidates.iter().filter(|candidate| candidate.lacks().is_none()).count();
    let resamples = RESAMPLES.max(asked * RESAMPLES_PER_QUESTION);
    let resampled: Vec<Option<Resampled>> =
        candidates.iter().map(|candidate| candidate.lacks().is_none().then(|| candidate.resample(resamples))).collect();
    let p_values: Vec<f64> = resampled.iter().flatten().map(|one| one.p).collect();
    let mut adjusted = holm::adjust(&p_values).into_iter();
    let judged = candidates.into_iter().zip(resampled).map(|(candidate, resampled)| match resampled {
        None => candidate.undecided(),
        // As many adjusted p-values as resampled candidates.
        Some(resampled) => candidate.judged(&resampled, adjusted.next().unwrap_or(Adjusted { p: 1.0, level: holm::ALPHA })),
    });
    judged.collect()
}

impl Candidate {
    /// Why there is too little to judge.
    fn lacks(&self) -> Option<String> {
        let (before, after) = self.calls;
        let stretches = self.before.len().min(self.after.len());
        let positive = |values: &[f64]| values.iter().all(|value| *value > 0.0);
        match before.min(after) {
            0 => Some("no call succeeded in one of the runs".into()),
            calls if calls < FEWEST_PAIRS as u64 => Some(format!(
                "{} and {} calls; a verdict needs {FEWEST_PAIRS}, see --time",
                units::count(before),
                units::count(after)
            )),
            _ if stretches == 0 => {
                Some("one of the files has no stretches (`blocks`), as runs joined from shards have none".into())
            }
            _ if stretches < FEWEST_STRETCHES => {
                Some(format!("{stretches} stretches of time; a verdict needs {FEWEST_STRETCHES}"))
            }
            _ if !positive(&self.before) || !positive(&self.after) => Some("a stretch has no figure".into()),
            _ => None,
        }
    }

    fn resample(&self, resamples: usize) -> Resampled {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64((self.before.len() * 1_000 + self.after.len()) as u64);
        let mut sample = Vec::new();
        let mut ratios: Vec<f64> = (0..resamples)
            .map(|_| {
                let before = resampled_median(&self.before, &mut sample, &mut rng);
                let after = resampled_median(&self.after, &mut sample, &mut rng);
                after / before * (normal(&mut rng) * BETWEEN_RUNS * std::f64::consts::SQRT_2).exp()
            })
            .collect();
        ratios.sort_by(f64::total_cmp);
        let point = median(&mut self.after.clone()) / median(&mut self.before.clone());
        let floor = 1.0 + self.noise.max(SMALLEST_SHARE);
        let p = if self.too_small() { 1.0 } else { p_value(&ratios, point, floor) };
        Resampled { ratios, point, floor, p }
    }

    /// Whether the runs differ by less than a scheduler's wake-up.
    fn too_small(&self) -> bool {
        let Direction::SmallerIsBetter { jitter } = self.direction else { return false };
        (median(&mut self.after.clone()) - median(&mut self.before.clone())).abs() < jitter
    }

    fn judged(&self, resampled: &Resampled, adjusted: Adjusted) -> EndpointComparison {
        let last = (resampled.ratios.len() - 1) as f64;
        let at = |share: f64| resampled.ratios[(last * share).round() as usize];
        let (low, high) = (at(adjusted.level / 2.0), at(1.0 - adjusted.level / 2.0));
        let proven = adjusted.p < holm::ALPHA;
        let slower = (resampled.point > 1.0) == (self.direction != Direction::LargerIsBetter);
        let wide = !self.too_small() && (high > WIDEST || low < 1.0 / WIDEST);
        let verdict = match (proven, slower, wide) {
            (true, true, _) => Verdict::Regressed,
            (true, false, _) => Verdict::Improved,
            (false, _, true) => Verdict::NotEnoughData,
            (false, _, false) => Verdict::WithinNoise,
        };
        let reason = match verdict {
            Verdict::NotEnoughData => Some("the interval excludes too little; measure longer (--time)".to_owned()),
            Verdict::WithinNoise if self.too_small() => Some(format!("less than {}", units::ms(self.jitter()))),
            Verdict::WithinNoise if low > 1.0 || high < 1.0 => {
                Some(format!("below the smallest change called here, {}", units::percent(resampled.floor - 1.0)))
            }
            _ => None,
        };
        self.compared(resampled.point, (low, high), Some(adjusted.p), verdict, reason)
    }

    fn jitter(&self) -> f64 {
        match self.direction {
            Direction::SmallerIsBetter { jitter } => jitter,
            Direction::LargerIsBetter => 0.0,
        }
    }

    fn undecided(&self) -> EndpointComparison {
        let ratio = if self.shown.0 > 0.0 { self.shown.1 / self.shown.0 } else { 1.0 };
        self.compared(ratio, (ratio, ratio), None, Verdict::NotEnoughData, self.lacks())
    }

    fn compared(
        &self,
        ratio: f64,
        (ratio_low, ratio_high): (f64, f64),
        p_value: Option<f64>,
        verdict: Verdict,
        reason: Option<String>,
    ) -> EndpointComparison {
        let (label, metric) = (self.label.clone(), self.metric.clone());
        let (before, after) = self.shown;
        EndpointComparison { label, metric, before, after, ratio, ratio_low, ratio_high, p_value, verdict, reason }
    }
}

/// Twice the share of resamples in which the change is not beyond the floor, on the side where it was found.
fn p_value(ratios: &[f64], point: f64, floor: f64) -> f64 {
    let beyond = if point > 1.0 {
        ratios.len() - ratios.partition_point(|ratio| *ratio <= floor)
    } else {
        ratios.partition_point(|ratio| *ratio < 1.0 / floor)
    };
    (2.0 * (1 + ratios.len() - beyond) as f64 / (1 + ratios.len()) as f64).min(1.0)
}

/// Median of as many stretches as there are, taken in runs of neighbours, the last followed by the first.
fn resampled_median(stretches: &[f64], sample: &mut Vec<f64>, rng: &mut Xoshiro256PlusPlus) -> f64 {
    sample.clear();
    // Hall, Horowitz and Jing, Biometrika 82(3), 1995: runs of n^(1/3) for a variance.
    let run = (stretches.len() as f64).cbrt().round().max(1.0) as usize;
    while sample.len() < stretches.len() {
        let first = (rng.next_u64() % stretches.len() as u64) as usize;
        let missing = stretches.len() - sample.len();
        sample.extend((first..first + run.min(missing)).map(|place| stretches[place % stretches.len()]));
    }
    median(sample)
}

/// Box and Muller, The Annals of Mathematical Statistics 29(2), 1958.
fn normal(rng: &mut Xoshiro256PlusPlus) -> f64 {
    let mut uniform = || ((rng.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
    (-2.0 * uniform().ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos()
}
