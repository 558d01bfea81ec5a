//! What an index does, in a sentence.

use std::collections::BTreeMap;

use crate::report::model::{Ledger, LedgerWrite, Served};
use crate::units::{bytes, ms, percent};

/// Endpoints that are named of each side.
const NAMED: usize = 3;

/// Why an index is kept: what its endpoints take without it and with it, what others pay, and its size. `times_ms` holds the medians of
/// the endpoints, by label, for what a cost is a share of.
pub fn reason(served: &[Served], ledger: &Ledger, size: u64, times_ms: &BTreeMap<String, f64>) -> String {
    let mut gains: Vec<&Served> = served.iter().filter(|share| share.without_ms > share.with_ms).collect();
    gains.sort_by(|a, b| (b.without_ms - b.with_ms).total_cmp(&(a.without_ms - a.with_ms)));
    let told = gains
        .iter()
        .take(NAMED)
        .map(|share| format!("{} takes {} without it and {} with it", share.label, ms(share.without_ms), ms(share.with_ms)));
    let mut told: Vec<String> = told.collect();
    told.extend(and_more(gains.len(), "endpoint gains", "endpoints gain"));
    let pays = upkeep_in_words(&ledger.writes, times_ms);
    let pays = pays.map_or_else(|| "no endpoint pays for it".to_owned(), |pays| format!("it costs {pays}"));
    format!("{}; {pays}; it takes {}", told.join(", "), bytes(size))
}

/// What endpoints pay for an index, the dearest first: `POST /y 0.010 ms a call (2%) and 96 bytes of WAL`; `None` when nothing is paid.
pub fn upkeep_in_words(writes: &[LedgerWrite], times_ms: &BTreeMap<String, f64>) -> Option<String> {
    let mut pays: Vec<&LedgerWrite> = writes.iter().filter(|write| write.cost_ms > 0.0 || write.wal_bytes >= 0.5).collect();
    if pays.is_empty() {
        return None;
    }
    pays.sort_by(|a, b| b.cost_ms.total_cmp(&a.cost_ms).then(b.wal_bytes.total_cmp(&a.wal_bytes)));
    let mut told: Vec<String> = pays.iter().take(NAMED).map(|write| line(write, times_ms)).collect();
    told.extend(and_more(pays.len(), "endpoint", "endpoints"));
    Some(told.join(", "))
}

fn line(write: &LedgerWrite, times_ms: &BTreeMap<String, f64>) -> String {
    let share = times_ms.get(&write.label).filter(|time| **time > 0.0 && write.cost_ms > 0.0);
    let share = share.map_or(String::new(), |time| format!(" ({})", percent(write.cost_ms / time)));
    let mut parts = Vec::new();
    if write.cost_ms > 0.0 {
        parts.push(format!("{} a call{share}", ms(write.cost_ms)));
    }
    if write.wal_bytes >= 0.5 {
        parts.push(format!("{} of WAL", bytes(write.wal_bytes.round() as u64)));
    }
    let hot = match write.hot_lost > 0.0 {
        true => ", whose updates are no longer heap-only",
        false => "",
    };
    format!("{} {}{hot}", write.label, parts.join(" and "))
}

fn and_more(all: usize, one: &str, many: &str) -> Option<String> {
    let more = all.saturating_sub(NAMED);
    (more > 0).then(|| format!("and {more} more {}", if more == 1 { one } else { many }))
}

#[cfg(test)]
mod tests {
    use super::super::verdict::tests::ledger;
    use super::*;

    fn served(label: &str, with_ms: f64, without_ms: f64) -> Served {
        Served { label: label.into(), with_ms, without_ms }
    }

    #[test]
    fn a_kept_index_is_told_with_its_gain_its_cost_and_its_size() {
        let times = BTreeMap::from([("POST /a".to_owned(), 0.5)]);
        let told = reason(&[served("GET /a", 0.5, 54.0)], &ledger((53.5, 0.2), (0.01, 0.1)), 1_258_291, &times);
        assert_eq!(
            told,
            "GET /a takes 54.0 ms without it and 0.50 ms with it; it costs POST /a 0.010 ms a call (2%) and 96 bytes of WAL; it takes 1.2 MB"
        );
    }

    #[test]
    fn nobody_pays_and_many_gain() {
        let gains =
            [served("a", 1.0, 2.0), served("b", 1.0, 9.0), served("c", 1.0, 3.0), served("d", 1.0, 4.0), served("e", 2.0, 1.0)];
        let told = reason(&gains, &Ledger::default(), 8192, &BTreeMap::new());
        assert!(told.starts_with("b takes 9.0 ms without it"), "{told}");
        assert!(told.contains("and 1 more endpoint gains; no endpoint pays for it; it takes 8 kB"), "{told}");
    }

    #[test]
    fn updates_that_are_no_longer_heap_only_are_said() {
        let write = LedgerWrite { label: "POST /x".into(), wal_bytes: 140.0, hot_lost: 1.0, ..LedgerWrite::default() };
        let told = upkeep_in_words(&[write], &BTreeMap::new()).unwrap();
        assert_eq!(told, "POST /x 140 bytes of WAL, whose updates are no longer heap-only");
    }
}
