//! When endpoints are called: a time box, and rounds over all of them in random order.

use std::time::{Duration, Instant};

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

use crate::report::model::Effect;

use super::workload::Workload;

pub use super::warm_up::{WARM_UP_CALLS, WARM_UP_TIME, WarmUp};

/// How long to measure.
#[derive(Debug, Clone, Copy)]
pub struct TimeBox {
    /// Wall time for all endpoints together, warm-up not counted.
    pub total: Duration,
    /// Rounds to make even when the box is used up (see [`latest`]): a p95 needs 20 calls.
    pub least_rounds: u32,
}

/// How long the rounds may go on for the sake of [`TimeBox::least_rounds`]: this many times their time …
const PATIENCE: u32 = 4;
/// … but this long in any case: a verdict from too few calls is no verdict.
const LEAST_PATIENCE: Duration = Duration::from_secs(12);

/// Whether rounds that have made `round` rounds in `spent` of their `share` go on.
fn goes_on(round: u32, spent: Duration, share: Duration, least_rounds: u32) -> bool {
    spent < share || (round < least_rounds && spent < latest(share))
}

/// When rounds of that share end at the latest.
pub fn latest(share: Duration) -> Duration {
    (share * PATIENCE).max(LEAST_PATIENCE)
}

impl Default for TimeBox {
    fn default() -> Self {
        TimeBox { total: Duration::from_secs(4), least_rounds: 20 }
    }
}

/// Hears how far a measurement is, 0 to 1.
pub type Progress<'a> = &'a mut dyn FnMut(f64);

/// Rounds over a group of endpoints, each in another order, until their time is used and there are enough of them.
pub struct Rounds {
    order: Vec<usize>,
    rng: Xoshiro256PlusPlus,
    started: Instant,
    share: Duration,
    least: u32,
    made: u32,
}

impl Rounds {
    pub fn new(group: &[usize], share: Duration, least: u32) -> Rounds {
        let rng = Xoshiro256PlusPlus::seed_from_u64(group.len() as u64);
        Rounds { order: group.to_vec(), rng, started: Instant::now(), share, least, made: 0 }
    }

    /// The order of the next round; `None` when there is none.
    pub fn next(&mut self, progress: Progress<'_>) -> Option<&[usize]> {
        let spent = self.started.elapsed();
        if !goes_on(self.made, spent, self.share, self.least) {
            return None;
        }
        progress(spent.as_secs_f64() / self.share.as_secs_f64().max(1e-9));
        self.made += 1;
        shuffle(&mut self.order, &mut self.rng);
        Some(&self.order)
    }
}

/// The share of the time that endpoints that delete get at least: they come last, and are often few and slow.
const DELETING: f64 = 0.25;

/// Endpoints that keep the rows others ask for, then those that delete, each with its time.
pub fn groups(workload: &Workload, total: Duration) -> Vec<(Vec<usize>, Duration)> {
    let deletes = |place: &usize| workload.endpoints[*place].effect == Effect::Deletes;
    let (deleting, keeping) = (0..workload.endpoints.len()).partition(deletes);
    shares(keeping, deleting, total)
}

/// What keeps rows and what deletes them, each with its time; a group of nothing is left out.
pub fn shares(keeping: Vec<usize>, deleting: Vec<usize>, total: Duration) -> Vec<(Vec<usize>, Duration)> {
    let share = match (keeping.len(), deleting.len()) {
        (_, 0) => 0.0,
        (0, _) => 1.0,
        (keeping, deleting) => (deleting as f64 / (keeping + deleting) as f64).max(DELETING),
    };
    let timed = [(keeping, total.mul_f64(1.0 - share)), (deleting, total.mul_f64(share))];
    timed.into_iter().filter(|(group, _)| !group.is_empty()).collect()
}

/// Fisher and Yates.
fn shuffle(order: &mut [usize], rng: &mut Xoshiro256PlusPlus) {
    for last in (1..order.len()).rev() {
        order.swap(last, (rng.next_u64() % (last as u64 + 1)) as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_go_on_for_their_least_but_not_for_ever() {
        let second = Duration::from_secs(1);
        assert!(goes_on(30, second / 2, second, 20), "the time is not used");
        assert!(!goes_on(20, second, second, 20), "time and rounds are enough");
        assert!(goes_on(19, second * 11, second, 20), "a round is missing");
        assert!(!goes_on(2, second * 12, second, 20), "nobody waits for ever");
        assert!(goes_on(2, second * 39, second * 10, 20), "more time, more patience");
    }

    #[test]
    fn every_round_visits_every_endpoint() {
        let mut rounds = Rounds::new(&[3, 5, 8], Duration::ZERO, 2);
        for _ in 0..2 {
            let mut order = rounds.next(&mut |_| {}).unwrap().to_vec();
            order.sort_unstable();
            assert_eq!(order, [3, 5, 8]);
        }
        assert_eq!(rounds.next(&mut |_| {}), None);
    }
}
