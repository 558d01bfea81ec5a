//! Why an index may go, or stays, in words.

use std::collections::BTreeMap;

use crate::advise::ledger::upkeep_in_words;
use crate::db::catalog::ForeignKey;
use crate::db::index_facts::IndexFacts;
use crate::report::model::{LedgerWrite, Served};
use crate::units::{bytes, ms};

use super::cover::Cover;
use super::judge::{Found, Ground};

/// Endpoints that are named.
const NAMED: usize = 3;

/// The ground with its figures; `endpoints` were asked.
pub(super) fn reason(facts: &[IndexFacts], found: &Found, writes: &[LedgerWrite], endpoints: usize) -> String {
    let mut told = ground(facts, found, endpoints);
    if !found.tried.is_empty() {
        told.push_str(&format!(": {}", times(&found.tried)));
    }
    if let Some(paid) = upkeep_in_words(writes, &BTreeMap::new()) {
        told.push_str(&format!("; it costs {paid}"));
    }
    format!("{told}; {} become free", bytes(facts[found.index].bytes))
}

fn ground(facts: &[IndexFacts], found: &Found, endpoints: usize) -> String {
    let none = match endpoints {
        1 => "the only endpoint does not look into it".to_owned(),
        2 => "neither of the 2 endpoints looks into it".to_owned(),
        n => format!("none of the {n} endpoints looks into it"),
    };
    match &found.ground {
        Ground::Invalid => {
            "it is invalid, since its CREATE INDEX CONCURRENTLY or REINDEX did not end: no query can use it".to_owned()
        }
        Ground::Unused => none,
        Ground::Covered { by, how, used } => {
            let other = described(&facts[*by]);
            let what = match how {
                Cover::Same => format!("it is a double of {other}"),
                Cover::Wider => format!("{other} begins with its keys and serves its lookups"),
            };
            if *used { what } else { format!("{what}, and {none}") }
        }
        Ground::Replaced { by } => {
            let others: Vec<String> = by.iter().map(|other| described(&facts[*other])).collect();
            let serves = if others.len() == 1 { "serves" } else { "serve" };
            format!("{} {serves} its endpoints as well", others.join(" and "))
        }
    }
}

/// `song_pkey (id)`
fn described(index: &IndexFacts) -> String {
    let keys: Vec<&str> = index.keys.iter().map(|key| key.text.as_str()).collect();
    let using = if index.method == "btree" { String::new() } else { format!("{} ", index.method) };
    format!("{} ({using}{})", index.name, keys.join(", "))
}

fn times(tried: &[Served]) -> String {
    let one =
        |share: &Served| format!("{} takes {} with it and {} without", share.label, ms(share.with_ms), ms(share.without_ms));
    let mut told: Vec<String> = tried.iter().take(NAMED).map(one).collect();
    match tried.len().saturating_sub(NAMED) {
        0 => {}
        1 => told.push("and one more endpoint takes no longer".into()),
        more => told.push(format!("and {more} more endpoints take no longer")),
    }
    told.join(", ")
}

pub(super) fn not_looked_at(label: &str, reason: &str) -> String {
    format!("What {label} uses of the indexes is known only in part: {reason}.")
}

/// Nobody deletes what the foreign key references, so nobody misses the index.
pub(super) fn for_foreign_key(index: &IndexFacts, key: &ForeignKey) -> String {
    format!(
        "{} is not used by these endpoints, but a DELETE on {} would look through all of {} without it ({} has its rows there), so it stays.",
        index.name, key.referenced, key.table, key.name
    )
}

pub(super) fn untouched(index: &IndexFacts) -> String {
    format!("{} stays: no endpoint touches {}, so nothing here tells whether it is needed.", index.name, index.table)
}

pub(super) fn small_table(index: &IndexFacts, label: &str) -> String {
    format!(
        "{} is not used, but {} takes {}, which is quicker to read as a whole; with more rows {label} would look into it, so it stays.",
        index.name,
        index.table,
        bytes(index.table_bytes)
    )
}

#[cfg(test)]
mod tests {
    use super::super::cover::tests::index;
    use super::*;

    fn found(ground: Ground, tried: Vec<Served>) -> Found {
        Found { index: 0, ground, tried }
    }

    #[test]
    fn a_ground_is_told_with_times_costs_and_size() {
        let facts = [index(1, &["a"]), index(2, &["a", "b"])];
        let tried = vec![Served { label: "GET /a".into(), with_ms: 0.3, without_ms: 0.31 }];
        let paid = [LedgerWrite { label: "POST /a".into(), cost_ms: 0.004, wal_bytes: 64.0, ..LedgerWrite::default() }];
        let covered = Ground::Covered { by: 1, how: Cover::Wider, used: true };
        assert_eq!(
            reason(&facts, &found(covered, tried), &paid, 4),
            "song_a_b_idx (a, b) begins with its keys and serves its lookups: GET /a takes 0.30 ms with it and 0.31 ms without; it costs \
             POST /a 0.004 ms a call and 64 bytes of WAL; 8 kB become free"
        );
        assert_eq!(
            reason(&facts, &found(Ground::Unused, Vec::new()), &[], 4),
            "none of the 4 endpoints looks into it; 8 kB become free"
        );
    }

    #[test]
    fn a_double_that_is_not_used_says_both() {
        let facts = [index(1, &["a"]), IndexFacts { name: "song_pkey".into(), ..index(2, &["a"]) }];
        let double = Ground::Covered { by: 1, how: Cover::Same, used: false };
        assert_eq!(
            ground(&facts, &found(double, Vec::new()), 1),
            "it is a double of song_pkey (a), and the only endpoint does not look into it"
        );
    }
}
