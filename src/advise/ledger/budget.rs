//! What all indexes together do to an endpoint that writes, against what the scenario allows.

use std::collections::BTreeMap;

use crate::report::model::Ledger;
use crate::scenario::model::AdviseOptions;
use crate::units::{ms, percent};

/// The index to give up next, by its place in `ledgers`, and why, when the set makes an endpoint slower than
/// `advise.budget.write_slowdown` allows. `before_ms` holds the endpoints' times without the set, by label; one that is not in it is
/// not judged. Of the indexes that the endpoint pays for, the one goes that gains the mix least for each millisecond it costs there.
pub fn over_budget(ledgers: &[Ledger], before_ms: &BTreeMap<String, f64>, options: &AdviseOptions) -> Option<(usize, String)> {
    let allowed = options.write_slowdown?;
    let (label, before, more) = before_ms
        .iter()
        .filter(|(_, before)| **before > 0.0)
        .map(|(label, before)| (label, *before, more_ms(ledgers, label)))
        .filter(|(_, before, more)| more / before > allowed)
        // The first by name of those that are over it by most.
        .reduce(|worst, other| if other.2 / other.1 > worst.2 / worst.1 { other } else { worst })?;
    let worth = |index: &(usize, f64)| ledgers[index.0].net_ms / index.1;
    let (index, cost) = ledgers
        .iter()
        .enumerate()
        .map(|(index, ledger)| (index, cost_ms(ledger, label)))
        .filter(|(_, cost)| *cost > 0.0)
        .min_by(|a, b| worth(a).total_cmp(&worth(b)))?;
    let reason = format!(
        "with all indexes {label} takes {} instead of {}, {} more where the scenario allows {}; of those that it pays for, this one gains \
         least ({} in 1,000 calls of the mix) for the {} it costs a call",
        ms(before + more),
        ms(before),
        percent(more / before),
        percent(allowed),
        ms(ledgers[index].net_ms),
        ms(cost)
    );
    Some((index, reason))
}

/// By how much a call of the endpoint becomes longer with all indexes, ms; below 0 when it gains more than it pays.
fn more_ms(ledgers: &[Ledger], label: &str) -> f64 {
    let gains = |ledger: &Ledger| -> f64 {
        ledger.reads.iter().filter(|read| read.label == label).map(|read| read.gain_ms).fold(0.0, f64::max)
    };
    // Two indexes may gain the same time; the most that one gains is gained in any case.
    let gained = ledgers.iter().map(gains).fold(0.0, f64::max);
    ledgers.iter().map(|ledger| cost_ms(ledger, label)).sum::<f64>() - gained
}

fn cost_ms(ledger: &Ledger, label: &str) -> f64 {
    ledger.writes.iter().filter(|write| write.label == label).map(|write| write.cost_ms).sum()
}

#[cfg(test)]
mod tests {
    use super::super::verdict::tests::ledger;
    use super::*;

    fn options(write_slowdown: Option<f64>) -> AdviseOptions {
        AdviseOptions { write_slowdown, ..AdviseOptions::default() }
    }

    #[test]
    fn the_index_that_gains_least_for_what_it_costs_goes_first() {
        let set = [ledger((50.0, 0.5), (0.03, 0.5)), ledger((1.0, 0.5), (0.02, 0.5)), ledger((50.0, 0.5), (0.0, 0.5))];
        let before = BTreeMap::from([("POST /a".to_owned(), 0.5), ("POST /none".to_owned(), 0.1)]);
        let (index, reason) = over_budget(&set, &before, &options(Some(0.05))).unwrap();
        assert_eq!(index, 1);
        assert!(
            reason
                .starts_with("with all indexes POST /a takes 0.55 ms instead of 0.50 ms, 10% more where the scenario allows 5%"),
            "{reason}"
        );
        assert_eq!(over_budget(&set[..1], &before, &options(Some(0.1))), None);
        assert_eq!(over_budget(&set, &before, &options(None)), None);
    }

    #[test]
    fn an_endpoint_that_gains_more_than_it_pays_is_not_over_the_budget() {
        let mut gains = ledger((50.0, 0.5), (0.3, 0.5));
        gains.reads[0].label = "POST /a".into();
        let before = BTreeMap::from([("POST /a".to_owned(), 0.5)]);
        assert_eq!(over_budget(&[gains], &before, &options(Some(0.05))), None);
    }
}
