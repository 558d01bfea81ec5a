//! Gains less costs.

use crate::report::model::{Ledger, LedgerRead, LedgerWrite};
use crate::scenario::model::AdviseOptions;
use crate::units::{ms, percent};

/// Milliseconds that so many calls of the mix take less.
pub(super) const CALLS: f64 = 1000.0;

/// What 1,000 calls of the mix take less with the index, ms: gains less costs, each by its share of the calls.
pub(super) fn net_ms(reads: &[LedgerRead], writes: &[LedgerWrite]) -> f64 {
    CALLS * (gains(reads) - costs(writes))
}

/// Per call of the mix, ms.
fn gains(reads: &[LedgerRead]) -> f64 {
    reads.iter().map(|read| read.share * read.gain_ms).sum()
}

fn costs(writes: &[LedgerWrite]) -> f64 {
    writes.iter().map(|write| write.share * write.cost_ms).sum()
}

/// A loss below this share of the mix's time is below what any run of it could show; an index is not refused for it.
const SMALLEST_LOSS: f64 = 0.01;

/// Whether the mix gains by the index, or loses too little to be seen; `mix_ms` is what a call of the mix takes on average, ms.
///
/// # Errors
/// The sum in a sentence when it loses: its costs are over its gains by more than `advise.keep_if`, the share that the scenario calls
/// a difference, so that an index on the edge is not refused in one run and kept in the next.
pub fn verdict(ledger: &Ledger, mix_ms: f64, options: &AdviseOptions) -> Result<(), String> {
    let (gains, costs) = (gains(&ledger.reads), costs(&ledger.writes));
    if costs <= gains * (1.0 + options.keep_if) || costs - gains <= SMALLEST_LOSS * mix_ms {
        return Ok(());
    }
    let read_share: f64 = ledger.reads.iter().map(|read| read.share).sum();
    let pays = |write: &&LedgerWrite| write.cost_ms > 0.0;
    let write_share: f64 = ledger.writes.iter().filter(pays).map(|write| write.share).sum();
    let gained = match read_share > 0.0 {
        true => format!("gains {} in {} of the calls", ms(gains / read_share), percent(read_share)),
        false => "gains nothing in the calls of the mix".to_owned(),
    };
    Err(format!(
        "{gained} and costs {} in {}: 1,000 calls of the mix take {} longer",
        ms(costs / write_share),
        percent(write_share),
        ms(CALLS * (costs - gains))
    ))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An index that gains so many ms in a share of the calls and costs so many in another.
    pub fn ledger((gain_ms, gains_in): (f64, f64), (cost_ms, costs_in): (f64, f64)) -> Ledger {
        let reads = vec![LedgerRead { label: "GET /a".into(), share: gains_in, gain_ms }];
        let writes = vec![
            LedgerWrite { label: "POST /a".into(), share: costs_in, cost_ms, wal_bytes: 96.0, ..LedgerWrite::default() },
            LedgerWrite { label: "POST /none".into(), share: 0.1, ..LedgerWrite::default() },
        ];
        Ledger { net_ms: net_ms(&reads, &writes), reads, writes, lock_ms: 20.0 }
    }

    #[test]
    fn an_index_that_loses_the_mix_is_refused_with_the_sum() {
        let loses = ledger((0.4, 0.02), (0.05, 0.6));
        assert!((loses.net_ms + 22.0).abs() < 1e-9, "{}", loses.net_ms);
        assert_eq!(
            verdict(&loses, 1.0, &AdviseOptions::default()).unwrap_err(),
            "gains 0.40 ms in 2% of the calls and costs 0.050 ms in 60%: 1,000 calls of the mix take 22.0 ms longer"
        );
    }

    #[test]
    fn an_index_that_wins_or_is_on_the_edge_stays() {
        assert_eq!(verdict(&ledger((40.0, 0.02), (0.05, 0.6)), 1.0, &AdviseOptions::default()), Ok(()));
        assert_eq!(verdict(&ledger((1.0, 0.5), (1.05, 0.5)), 1.0, &AdviseOptions::default()), Ok(()));
        assert_eq!(verdict(&ledger((1.0, 0.5), (1.2, 0.5)), 20.0, &AdviseOptions::default()), Ok(()), "too little to be seen");
        assert!(verdict(&ledger((1.0, 0.5), (1.2, 0.5)), 1.0, &AdviseOptions::default()).is_err());
    }

    #[test]
    fn an_index_that_costs_nothing_is_never_refused_and_one_without_readers_that_costs_is() {
        assert_eq!(verdict(&ledger((1.0, 0.0), (0.0, 0.5)), 1.0, &AdviseOptions::default()), Ok(()));
        let sum = verdict(&ledger((1.0, 0.0), (0.1, 0.5)), 1.0, &AdviseOptions::default()).unwrap_err();
        assert!(sum.starts_with("gains nothing in the calls of the mix and costs 0.10 ms in 50%"), "{sum}");
    }
}
