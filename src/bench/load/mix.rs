//! Which endpoint is called next, and with which of its parameters.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::bench::workload::Workload;

/// Endpoints in proportion to their weights.
#[derive(Debug, Clone)]
pub struct Mix {
    /// Places in the workload with the sum of the weights up to and including their own.
    ends: Vec<(usize, f64)>,
}

impl Mix {
    /// The endpoints at `places`; those of weight 0 are left out.
    pub fn new(workload: &Workload, places: &[usize]) -> Mix {
        Mix::of(places.iter().map(|place| (*place, workload.endpoints[*place].weight)))
    }

    /// So many endpoints of the same weight.
    #[cfg(test)]
    pub fn even(endpoints: usize) -> Mix {
        Mix::of((0..endpoints).map(|place| (place, 1.0)))
    }

    fn of(weights: impl Iterator<Item = (usize, f64)>) -> Mix {
        let mut sum = 0.0;
        let ends = weights.filter(|(_, weight)| *weight > 0.0).map(|(place, weight)| {
            sum += weight;
            (place, sum)
        });
        Mix { ends: ends.collect() }
    }

    /// The endpoint for a uniform 64-bit number; `None` when none is left.
    pub fn choose(&self, random: u64) -> Option<usize> {
        let (last, total) = *self.ends.last()?;
        if self.ends.len() == 1 {
            return Some(last);
        }
        let at = (random >> 11) as f64 / (1_u64 << 53) as f64 * total;
        let place = self.ends.partition_point(|(_, end)| *end <= at);
        Some(self.ends.get(place).map_or(last, |(place, _)| *place))
    }

    /// The same mix without an endpoint whose rows are used up.
    pub fn without(&self, place: usize) -> Mix {
        let mut before = 0.0;
        let weights: Vec<(usize, f64)> = self
            .ends
            .iter()
            .map(|(place, end)| {
                let weight = end - before;
                before = *end;
                (*place, weight)
            })
            .filter(|(other, _)| *other != place)
            .collect();
        Mix::of(weights.into_iter())
    }

    /// Places of its endpoints.
    pub fn places(&self) -> Vec<usize> {
        self.ends.iter().map(|(place, _)| *place).collect()
    }
}

/// How far the numbers of calls are used, by endpoint: the steps of a phase find each other's rows, so a later one goes on where those
/// before it stopped, or it would insert the same values and delete the same rows again.
#[derive(Debug, Clone)]
pub struct Used(Arc<Vec<AtomicU64>>);

impl Used {
    /// Nothing yet, for a workload of that many endpoints.
    pub fn none(endpoints: usize) -> Used {
        Used(Arc::new((0..endpoints).map(|_| AtomicU64::new(0)).collect()))
    }

    /// Where a step starts that begins now.
    pub fn start(&self) -> Start {
        Start { first: self.0.iter().map(|used| used.load(Ordering::Relaxed)).collect(), used: self.clone() }
    }
}

/// The first call number of a step, by endpoint; the same for all its workers.
#[derive(Debug, Clone)]
pub struct Start {
    first: Vec<u64>,
    used: Used,
}

/// The call numbers of one worker: no two workers, of whatever machine, share one.
#[derive(Debug, Clone)]
pub struct Numbers {
    next: Vec<u64>,
    stride: u64,
    used: Used,
}

impl Numbers {
    /// Worker number `worker` of `workers`, of a step that starts there.
    pub fn new(worker: u64, workers: u64, start: &Start) -> Numbers {
        Numbers {
            next: start.first.iter().map(|first| first + worker).collect(),
            stride: workers.max(1),
            used: start.used.clone(),
        }
    }

    /// The number of the worker's next call of that endpoint.
    pub fn take(&mut self, place: usize) -> u64 {
        let number = self.next[place];
        self.next[place] += self.stride;
        self.used.0[place].fetch_max(number + 1, Ordering::Relaxed);
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_decide_and_a_used_up_endpoint_leaves_the_rest_as_it_was() {
        let mix = Mix::of([(0, 3.0), (1, 0.0), (2, 1.0)].into_iter());
        let share = |mix: &Mix, place: usize| {
            (0..1000_u64).filter(|n| mix.choose(n.wrapping_mul(u64::MAX / 1000)) == Some(place)).count()
        };
        assert_eq!((share(&mix, 0).abs_diff(750) < 3, share(&mix, 1)), (true, 0));
        let rest = mix.without(0);
        assert_eq!((rest.places(), share(&rest, 2)), (vec![2], 1000));
        assert_eq!(rest.without(2).choose(1), None);
    }

    #[test]
    fn workers_share_no_number() {
        let used = Used::none(1);
        let step = |workers: u64| {
            let start = used.start();
            let of = |worker| {
                let mut numbers = Numbers::new(worker, workers, &start);
                (0..4).map(|_| numbers.take(0)).collect::<Vec<_>>()
            };
            let mut all: Vec<u64> = (0..workers).flat_map(of).collect();
            all.sort_unstable();
            all
        };
        assert_eq!(step(3), (0..12).collect::<Vec<_>>());
        assert_eq!(step(2), (12..20).collect::<Vec<_>>(), "nor does a later step");
    }
}
