//! How many children the parents got.

use std::collections::BTreeMap;

use crate::report::model::{FanoutBucket, FanoutSeen};
use crate::seed::plan::PlannedReference;

/// Buckets of a histogram, the one of childless parents not counted.
const BUCKETS: u64 = 12;

/// Parents by their number of children.
type Spread = BTreeMap<u64, u64>;

/// The reference's children as counted; `None` when no row references anything.
pub fn fanout_seen(reference: &PlannedReference, asked: Option<String>) -> Option<FanoutSeen> {
    let mut spread = Spread::new();
    reference.each_parent(|children| *spread.entry(children).or_default() += 1);
    let without = spread.get(&0).copied().unwrap_or(0);
    let histogram = histogram(&spread);
    spread.remove(&0);
    let parents: u64 = spread.values().sum();
    let max = *spread.last_key_value()?.0;
    let children: u64 = spread.iter().map(|(children, parents)| children * parents).sum();
    Some(FanoutSeen {
        column: reference.column.clone(),
        parent: reference.parent.to_string(),
        asked,
        parents,
        without,
        mean: children as f64 / parents as f64,
        p50: percentile(&spread, parents, 0.5),
        p99: percentile(&spread, parents, 0.99),
        max,
        histogram,
    })
}

/// Nearest rank: the smallest count that at least this share of the parents do not exceed.
fn percentile(spread: &Spread, parents: u64, share: f64) -> u64 {
    let rank = ((share * parents as f64).ceil() as u64).clamp(1, parents);
    let mut passed = 0;
    for (children, parents) in spread {
        passed += parents;
        if passed >= rank {
            return *children;
        }
    }
    0
}

/// Buckets whose bounds grow by one factor, so that a long tail stays visible; single counts where there are few.
fn histogram(spread: &Spread) -> Vec<FanoutBucket> {
    let mut buckets = Vec::new();
    if let Some(parents) = spread.get(&0) {
        buckets.push(FanoutBucket { from: 0, to: 0, parents: *parents });
    }
    let Some(least) = spread.keys().copied().find(|children| *children > 0) else { return buckets };
    let most = spread.keys().copied().last().unwrap_or(least);
    let factor = if most - least < BUCKETS { 1.0 } else { ((most + 1) as f64 / least as f64).powf(1.0 / BUCKETS as f64) };
    let (mut from, mut bound) = (least, least as f64);
    while from <= most {
        bound *= factor;
        // The next bucket starts where this one's bound is passed.
        let next = (bound.round() as u64).max(from + 1);
        let to = (next - 1).min(most);
        let parents = spread.range(from..=to).map(|(_, parents)| parents).sum();
        buckets.push(FanoutBucket { from, to, parents });
        from = to + 1;
    }
    buckets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::model::{Assign, Fanout, Rows};
    use crate::seed::SeedPlan;
    use crate::seed::fixture::{catalog, data, reference, table, with};
    use proptest::prelude::*;

    #[test]
    fn few_counts_have_a_bucket_each_and_many_grow_by_a_factor() {
        let few = histogram(&Spread::from([(0, 4), (1, 2), (3, 1)]));
        let bounds: Vec<_> = few.iter().map(|bucket| (bucket.from, bucket.to, bucket.parents)).collect();
        assert_eq!(bounds, [(0, 0, 4), (1, 1, 2), (2, 2, 0), (3, 3, 1)]);
        let many = histogram(&(1..=1000).map(|children| (children, 1)).collect());
        assert!(many.len() <= BUCKETS as usize + 1, "{many:?}");
        assert!(many.last().unwrap().parents > 300, "{many:?}");
    }

    #[test]
    fn percentiles_are_nearest_ranks() {
        let spread = Spread::from([(1, 98), (7, 1), (9, 1)]);
        assert_eq!([0.0, 0.5, 0.98, 0.99, 1.0].map(|share| percentile(&spread, 100, share)), [1, 1, 1, 7, 9]);
    }

    #[test]
    fn a_fanout_is_summed_up_over_the_parents_with_children() {
        let catalog = catalog("users(id int4 pk identity); orders(id int4 pk identity, user_id int4 -> users.id)");
        let orders = vec![reference("user_id", "users", Assign::Fanout(Fanout::Range(0..=3)))];
        let tables = vec![table("users", Rows::Exactly(40)), with(table("orders", Rows::Exactly(60)), orders)];
        let plan = SeedPlan::new(&data(tables), &catalog, 1.0).unwrap();
        let reference = &plan.tables[1].references[0];
        let seen = fanout_seen(reference, Some("0-3".into())).unwrap();
        let children = reference.children();
        assert_eq!((seen.parents, seen.without), (children.len() as u64, 40 - children.len() as u64));
        assert_eq!((seen.mean, seen.max), (60.0 / children.len() as f64, *children.iter().max().unwrap()));
        assert_eq!((seen.parent.as_str(), seen.asked.as_deref()), ("users", Some("0-3")));
        let all: u64 = seen.histogram.iter().map(|bucket| bucket.parents * bucket.from).sum();
        assert_eq!(all, 60, "one bucket per count");
    }

    proptest! {
        #[test]
        fn every_parent_is_in_one_bucket(spread in prop::collection::btree_map(0_u64..100_000, 1_u64..50, 0..40)) {
            let buckets = histogram(&spread);
            prop_assert_eq!(buckets.iter().map(|bucket| bucket.parents).sum::<u64>(), spread.values().sum::<u64>());
            prop_assert!(buckets.len() as u64 <= BUCKETS + 2, "{:?}", buckets);
            prop_assert!(buckets.iter().all(|bucket| bucket.from <= bucket.to));
            prop_assert!(buckets.windows(2).all(|pair| pair[0].to < pair[1].from));
        }
    }
}
