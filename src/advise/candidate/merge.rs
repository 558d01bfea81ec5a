//! Indexes that do the work of two: over the whole workload, keys are ordered so that one index serves several statements.
//!
//! The steps are those of Extend (Schlosser, Kossmann, Boissier: Efficient Scalable Multi-Attribute Index Selection Using Recursive
//! Strategies, ICDE 2019), which widens an index that is there already, and of permutations among keys that are compared for equality.

use super::{Candidate, Candidates, Key, Method};

/// Keys of a merged index; a wider one is seldom worth its size.
const MOST_KEYS: usize = 4;
/// Columns that a merged index carries along.
const MOST_INCLUDED: usize = 5;
/// The indexes that would serve both candidates at once, those that serve both wholly first.
pub fn merged(one: &Candidate, other: &Candidate) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    if !can_merge(one, other) {
        return found;
    }
    let whole = [reordered(one, other), reordered(other, one), carrying_both(one, other)];
    for merged in whole.into_iter().chain([widened(one, other), widened(other, one)]).flatten() {
        if !found.iter().any(|known| known.same_as(&merged)) {
            found.push(merged);
        }
    }
    found
}

impl Candidates {
    /// Orders the keys of each candidate so that it also serves a narrower one on the same table: of the orders that serve its own
    /// lookups alike, that one is worth more. To be called when all statements have been heard.
    pub fn order_for_others(&mut self) {
        let others = self.list.clone();
        for candidate in &mut self.list {
            let shorter = others.iter().filter(|other| other.keys.len() < candidate.keys.len() && can_merge(candidate, other));
            if let Some(better) = shorter.filter_map(|other| reordered(candidate, other)).next() {
                let (because, wanted_by) = (candidate.because.clone(), candidate.wanted_by.clone());
                *candidate = Candidate { because, wanted_by, potential_ms: candidate.potential_ms, ..better };
            }
        }
        let all = std::mem::take(&mut self.list);
        for candidate in all {
            if let Some(known) = self.list.iter_mut().find(|known| known.same_as(&candidate)) {
                known.unite(candidate);
            } else {
                self.list.push(candidate);
            }
        }
    }
}

fn can_merge(one: &Candidate, other: &Candidate) -> bool {
    let plain = |candidate: &Candidate| candidate.method == Method::Btree && !candidate.keys.is_empty();
    one.table == other.table && one.predicate == other.predicate && plain(one) && plain(other)
}

/// (b, a) and (a) are both served by (a, b): the keys of `short` lead, the rest of `long` follows.
fn reordered(long: &Candidate, short: &Candidate) -> Option<Candidate> {
    let free = &long.keys[..long.free.min(long.keys.len())];
    if !short.keys.iter().all(|key| free.iter().any(|own| own.looks_up_as(key))) || short.is_prefix_of(long) {
        return None;
    }
    let keys = joined(&short.keys, &long.keys);
    let merged = of(long, short, keys, short.free, long.potential_ms + short.potential_ms)?;
    (!merged.same_as(long) && !merged.same_as(short)).then_some(merged)
}

/// (a) INCLUDE (p) and (a) INCLUDE (q) are both served by (a) INCLUDE (p, q).
fn carrying_both(one: &Candidate, other: &Candidate) -> Option<Candidate> {
    let differ = |one: &Candidate, other: &Candidate| one.include.iter().any(|column| !other.include.contains(column));
    if one.keys != other.keys || !differ(one, other) || !differ(other, one) {
        return None;
    }
    of(one, other, one.keys.clone(), one.free.min(other.free), one.potential_ms + other.potential_ms)
}

/// (a, b) and (a, c) are served by (a, b, c), the second one in part.
fn widened(one: &Candidate, other: &Candidate) -> Option<Candidate> {
    let common = |key: &&Key| {
        one.keys[..one.free.min(one.keys.len())].contains(key) && other.keys[..other.free.min(other.keys.len())].contains(key)
    };
    let shared: Vec<Key> = one.keys.iter().filter(common).cloned().collect();
    let keys = joined(&joined(&shared, &one.keys), &other.keys);
    let grows = |candidate: &Candidate| shared.len() < candidate.keys.len() && candidate.keys.len() < keys.len();
    if shared.is_empty() || !grows(one) || !grows(other) {
        return None;
    }
    of(one, other, keys, shared.len(), one.potential_ms.max(other.potential_ms))
}

/// The keys in front, and those of the others that are not among them.
fn joined(front: &[Key], others: &[Key]) -> Vec<Key> {
    let mut keys = front.to_vec();
    for key in others {
        if !keys.iter().any(|known| known.same_value(key)) {
            keys.push(key.clone());
        }
    }
    keys
}

fn of(one: &Candidate, other: &Candidate, keys: Vec<Key>, free: usize, potential_ms: f64) -> Option<Candidate> {
    let is_key = |column: &String| keys.iter().any(|key| key.column.as_ref() == Some(column));
    let mut include: Vec<String> = Vec::new();
    for column in one.include.iter().chain(&other.include) {
        if !is_key(column) && !include.contains(column) {
            include.push(column.clone());
        }
    }
    let fits = keys.len() <= MOST_KEYS && include.len() <= MOST_INCLUDED;
    fits.then(|| Candidate {
        keys,
        include,
        free,
        potential_ms,
        because: [format!("one index in place of {} and {}", one.target(), other.target())].into(),
        wanted_by: one.wanted_by.union(&other.wanted_by).cloned().collect(),
        ..one.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::catalog::TableName;

    /// Columns before the bar are compared for equality: `a b|c`.
    fn candidate(text: &str) -> Candidate {
        let (free, ordered) = text.split_once('|').unwrap_or((text, ""));
        let keys: Vec<String> = free.split(' ').chain(ordered.split(' ')).filter(|c| !c.is_empty()).map(str::to_owned).collect();
        let free = free.split(' ').filter(|c| !c.is_empty()).count();
        Candidate { free, ..Candidate::btree(&TableName::new("public", "t"), &keys, "why".into()) }
    }

    fn targets([one, other]: [&str; 2]) -> Vec<String> {
        merged(&candidate(one), &candidate(other)).iter().map(Candidate::target).collect()
    }

    #[test]
    fn equalities_are_reordered_for_another_statement() {
        assert_eq!(targets(["b a", "a"]), ["t (a, b)"]);
        assert_eq!(targets(["a b", "a"]), Vec::<String>::new(), "a prefix already");
        assert_eq!(targets(["b a|c", "a"]), ["t (a, b, c)"]);
        assert_eq!(targets(["b|a", "a"]), Vec::<String>::new(), "a range must stay behind");
    }

    #[test]
    fn a_common_front_is_widened_both_ways() {
        assert_eq!(targets(["a b", "a|c"]), ["t (a, b, c)", "t (a, c, b)"]);
        assert_eq!(targets(["a b", "c d"]), Vec::<String>::new());
    }

    #[test]
    fn keys_are_ordered_for_narrower_candidates() {
        let mut candidates = Candidates::default();
        for text in ["b a", "a", "c|a", "d c"] {
            candidates.add(candidate(text), text);
        }
        candidates.order_for_others();
        let targets: Vec<String> = candidates.list.iter().map(Candidate::target).collect();
        assert_eq!(targets, ["t (a, b)", "t (a)", "t (c, a)", "t (d, c)"]);
    }

    #[test]
    fn included_columns_are_united() {
        let carrying = |column: &str| Candidate { include: vec![column.into()], ..candidate("a") };
        let merged = merged(&carrying("p"), &carrying("q"));
        assert_eq!(merged[0].target(), "t (a) INCLUDE (p, q)");
        assert!(merged[0].because.iter().next().unwrap().starts_with("one index in place of t (a) INCLUDE (p)"));
    }
}
