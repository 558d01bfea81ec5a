//! What a cache in front of an endpoint could give.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::report::model::CacheEstimate;
use crate::scenario::model::Pick;

use super::super::draw::{Draw, Draws};
use super::prepare::{ClassDraws, EndpointClasses};
use super::reuse::Reuse;

/// Entries of the caches.
const SIZES: [u64; 3] = [100, 1_000, 10_000];
/// Calls looked at; the first half fills the cache.
const CALLS: u64 = 100_000;

/// Caches of a few sizes under one class, given its mean time in milliseconds. A hit takes no time here.
pub fn estimates(found: &EndpointClasses, class: &ClassDraws, mean_ms: f64) -> Vec<CacheEstimate> {
    let reuse = Reuse::of(&keys(found, class), CALLS as usize / 2);
    let estimate = |entries| {
        let hit_rate = reuse.hit_rate(entries);
        CacheEstimate { class: class.name.clone(), entries, hit_rate, mean_ms: mean_ms * (1.0 - hit_rate) }
    };
    SIZES.into_iter().map(estimate).collect()
}

/// Whether rows that were not sampled would make the hit rates smaller than told: they are not known, and repetitions among them
/// cannot be guessed.
pub fn tells_too_much(found: &EndpointClasses, draws: &Draws) -> bool {
    found.population > draws.rows() as u64 && !stands_for_all(found, draws)
}

/// What is asked for, by users who know nothing of each other.
fn keys(found: &EndpointClasses, class: &ClassDraws) -> Vec<u64> {
    if found.population > class.draws.rows() as u64 && stands_for_all(found, &class.draws) {
        let picker = class.draws.anew_among(found.population as usize);
        return (0..CALLS).filter_map(|call| picker.row(call)).map(|row| row as u64).collect();
    }
    let draws = class.draws.anew();
    let mut draw = Draw::default();
    (0..CALLS).map_while(|call| draws.draw_into(call, &mut draw).then(|| hashed(&draw))).collect()
}

/// Whether each of all rows is a parameter of its own, as the sampled ones are: then choosing among their numbers is the same.
fn stands_for_all(found: &EndpointClasses, draws: &Draws) -> bool {
    let rows = draws.with_pick(&Pick::Uniform);
    let different: HashSet<_> = (0..rows.rows() as u64).filter_map(|call| rows.sampled_row(call)).collect();
    found.population > 0 && different.len() == rows.rows() && !draws.makes_values()
}

fn hashed(draw: &Draw) -> u64 {
    let mut hasher = DefaultHasher::new();
    draw.hash(&mut hasher);
    hasher.finish()
}
