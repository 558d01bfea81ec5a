//! What the indexes cost those who write, against what they gain under the scenario's mix.

use std::collections::HashSet;

use crate::advise::AdviseError;
use crate::advise::ledger::{ledgers_at, over_budget, prices_of, verdict};
use crate::advise::trial::Built;
use crate::bench::workload::Workload;
use crate::report::model::{InsertCost, Ledger, Served};
use crate::units::ms;

use super::Choosing;
use super::eliminate::Shares;

/// The indexes that stay, with the endpoints that miss them, their ledgers and their prices in the same order.
pub(super) struct Weighed {
    pub kept: Vec<(Built, Vec<Served>)>,
    pub ledgers: Vec<Ledger>,
    pub prices: Vec<Option<InsertCost>>,
}

/// Of the mix's time, what an index must save to stay beside one that serves its lookups, too: less is not seen in any run of the mix, and a
/// busy neighbour makes it up.
const SMALLEST_SAVING: f64 = 0.01;

impl Choosing<'_> {
    /// Refuses the indexes that another one can stand for as far as the mix can tell, then those that lose the mix, then those that make
    /// an endpoint that writes slower than the scenario allows; those that the endpoints turn to in their place are asked again.
    pub(super) async fn weigh(&mut self, mut shares: Shares, progress: &mut dyn FnMut(String)) -> Result<Weighed, AdviseError> {
        shares = self.without_spare(shares, progress).await?;
        loop {
            progress("what writing costs".to_owned());
            let kept = super::by_gain(&self.standing, &shares);
            let names: Vec<_> = kept.iter().map(|(index, _)| (index.candidate.table.clone(), index.sql_name())).collect();
            let prices = prices_of(&self.trial.target, &names).await?;
            let ledgers = ledgers_at(&self.trial.target, self.trial.workload, &kept, &prices).await?;
            let mix_ms = self.mix_ms(&shares);
            let losing = ledgers
                .iter()
                .enumerate()
                .find_map(|(place, ledger)| verdict(ledger, mix_ms, self.trial.options).err().map(|reason| (place, reason)));
            let Some((place, reason)) = losing.or_else(|| over_budget(&ledgers, self.trial.before_ms, self.trial.options)) else {
                return Ok(Weighed { kept, ledgers, prices });
            };
            let index = kept[place].0.clone();
            let touched = self.refuse(&index, reason).await?;
            self.still_judged(&mut shares, &touched);
            shares = self.eliminate(shares, progress).await?;
        }
    }

    /// Takes away indexes whose lookups another one serves and which save next to nothing of the mix: an endpoint that is quick or seldom
    /// called may be quicker with them, but every row is paid for twice.
    async fn without_spare(&mut self, mut shares: Shares, progress: &mut dyn FnMut(String)) -> Result<Shares, AdviseError> {
        let mut asked = HashSet::new();
        loop {
            let open = |index: &&Built| !asked.contains(&index.name) && self.covering(index).is_some();
            let Some(index) = self.standing.iter().find(open).cloned() else { return Ok(shares) };
            asked.insert(index.name.clone());
            let (saved_ms, mix_ms) = (self.saves(&index, &shares), self.mix_ms(&shares));
            let Some(cover) = self.covering(&index).filter(|_| is_spare(saved_ms, mix_ms)) else { continue };
            let reason = format!(
                "{} serves its lookups, and beside that it saves {} in 1,000 calls of the mix, which take {}",
                cover.candidate.target(),
                ms(1000.0 * saved_ms.max(0.0)),
                ms(1000.0 * mix_ms)
            );
            let touched = self.refuse(&index, reason).await?;
            self.still_judged(&mut shares, &touched);
            shares = self.eliminate(shares, progress).await?;
        }
    }

    /// [`weighted_gain`] of a standing index.
    pub(super) fn weighted_gain(&self, index: &Built, shares: &Shares) -> f64 {
        shares.get(&index.name).map_or(0.0, |served| weighted_gain(self.trial.workload, served))
    }

    /// What an index saves a call of the mix on average, ms.
    fn saves(&self, index: &Built, shares: &Shares) -> f64 {
        self.weighted_gain(index, shares) / self.weights().max(f64::MIN_POSITIVE)
    }

    fn weights(&self) -> f64 {
        self.trial.workload.endpoints.iter().map(|endpoint| endpoint.weight).sum()
    }

    /// What a call of the mix takes with the indexes, on average; with the schema's own where an endpoint uses none of them.
    fn mix_ms(&self, shares: &Shares) -> f64 {
        let endpoints = &self.trial.workload.endpoints;
        let taken = |label: &str| {
            let served = shares.values().flatten().filter(|share| share.label == label);
            served.map(|share| share.with_ms).reduce(f64::min).or(self.trial.before_ms.get(label).copied()).unwrap_or(0.0)
        };
        endpoints.iter().map(|endpoint| endpoint.weight * taken(&endpoint.label)).sum::<f64>()
            / self.weights().max(f64::MIN_POSITIVE)
    }
}

/// Milliseconds that an index saves by the weights of the mix, in typical calls.
pub(in crate::advise) fn weighted_gain(workload: &Workload, served: &[Served]) -> f64 {
    served.iter().map(|share| weight_of(workload, &share.label) * (share.without_ms - share.with_ms)).sum()
}

/// Of an endpoint in the scenario's mix.
pub(super) fn weight_of(workload: &Workload, label: &str) -> f64 {
    workload.endpoints.iter().find(|endpoint| endpoint.label == label).map_or(1.0, |endpoint| endpoint.weight)
}

/// Whether an index that saves a call of the mix so much on average, ms, is not worth its place beside another that serves its lookups.
fn is_spare(saved_ms: f64, mix_ms: f64) -> bool {
    saved_ms < SMALLEST_SAVING * mix_ms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundredth_of_the_mix_is_worth_an_index_beside_another() {
        assert!(is_spare(0.0084, 30.0) && is_spare(-0.1, 0.5));
        assert!(!is_spare(0.3, 30.0) && !is_spare(0.2, 0.6));
    }
}
