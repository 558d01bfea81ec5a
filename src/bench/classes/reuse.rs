//! What a cache would answer, from the sequence of what is asked.

use std::collections::HashMap;

/// How far back each call's parameters were asked for before, which says for a cache of any size which calls it would have answered:
/// a cache that drops what was least recently used holds the last so many different ones (Mattson, Gecsei, Slutz and Traiger,
/// "Evaluation techniques for storage hierarchies", 1970).
#[derive(Debug)]
pub struct Reuse {
    /// Sorted: between two calls for the same, how many others were asked for.
    distances: Vec<usize>,
    /// Calls that were looked at, those for something new included.
    calls: usize,
}

impl Reuse {
    /// Of a sequence; the first `warm_up` calls fill the cache and are not counted.
    pub fn of(keys: &[u64], warm_up: usize) -> Reuse {
        let mut latest: HashMap<u64, usize> = HashMap::new();
        // One mark for each key that was seen, where it was last.
        let mut marks = Sums::new(keys.len());
        let mut distances = Vec::new();
        for (now, key) in keys.iter().enumerate() {
            if let Some(before) = latest.insert(*key, now) {
                if now >= warm_up {
                    distances.push((marks.up_to(now) - marks.up_to(before + 1)) as usize);
                }
                marks.add(before, -1);
            }
            marks.add(now, 1);
        }
        distances.sort_unstable();
        Reuse { distances, calls: keys.len().saturating_sub(warm_up) }
    }

    /// The share of the calls that a cache of so many entries would have answered, 0 to 1.
    pub fn hit_rate(&self, entries: u64) -> f64 {
        let hits = self.distances.partition_point(|distance| (*distance as u64) < entries);
        if self.calls == 0 { 0.0 } else { hits as f64 / self.calls as f64 }
    }
}

/// Sums over the start of a list of numbers that change (Fenwick, "A new data structure for cumulative frequency tables", 1994).
struct Sums {
    tree: Vec<i64>,
}

impl Sums {
    fn new(len: usize) -> Sums {
        Sums { tree: vec![0; len + 1] }
    }

    fn add(&mut self, place: usize, number: i64) {
        let mut at = place + 1;
        while at < self.tree.len() {
            self.tree[at] += number;
            at += at & at.wrapping_neg();
        }
    }

    /// Of the first `len` numbers.
    fn up_to(&self, len: usize) -> i64 {
        let (mut at, mut sum) = (len, 0);
        while at > 0 {
            sum += self.tree[at];
            at &= at - 1;
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A cache as one would write it, slowly.
    fn hits(keys: &[u64], warm_up: usize, entries: usize) -> usize {
        let mut kept: Vec<u64> = Vec::new();
        let mut hits = 0;
        for (now, key) in keys.iter().enumerate() {
            match kept.iter().position(|known| known == key) {
                Some(place) => {
                    kept.remove(place);
                    hits += usize::from(now >= warm_up);
                }
                None if kept.len() == entries => _ = kept.pop(),
                None => {}
            }
            kept.insert(0, *key);
        }
        hits
    }

    proptest! {
        #[test]
        fn every_size_of_cache_is_told_from_one_pass(keys in prop::collection::vec(0_u64..12, 0..120), entries in 1_usize..15, warm_up in 0_usize..40) {
            let counted = keys.len().saturating_sub(warm_up);
            let expected = if counted == 0 { 0.0 } else { hits(&keys, warm_up, entries) as f64 / counted as f64 };
            prop_assert_eq!(Reuse::of(&keys, warm_up).hit_rate(entries as u64), expected);
        }
    }

    #[test]
    fn going_round_in_a_circle_is_a_caches_worst_case() {
        let keys: Vec<u64> = (0..100).map(|call| call % 11).collect();
        let reuse = Reuse::of(&keys, 11);
        assert_eq!((reuse.hit_rate(10), reuse.hit_rate(11)), (0.0, 1.0));
    }
}
