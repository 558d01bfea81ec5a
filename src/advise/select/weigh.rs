//! What the indexes cost those who write, against what they gain under the scenario's mix.

use crate::advise::AdviseError;
use crate::advise::ledger::{ledgers_at, over_budget, prices_of, verdict};
use crate::advise::trial::Built;
use crate::report::model::{InsertCost, Ledger, Served};

use super::Choosing;
use super::eliminate::Shares;

/// The indexes that stay, with the endpoints that miss them, their ledgers and their prices in the same order.
pub(super) struct Weighed {
    pub kept: Vec<(Built, Vec<Served>)>,
    pub ledgers: Vec<Ledger>,
    pub prices: Vec<Option<InsertCost>>,
}

impl Choosing<'_> {
    /// Refuses the indexes that lose the mix, then those that make an endpoint that writes slower than the scenario allows; those that
    /// the endpoints turn to in their place are asked again.
    pub(super) async fn weigh(&mut self, mut shares: Shares, progress: &mut dyn FnMut(String)) -> Result<Weighed, AdviseError> {
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

    /// What a call of the mix takes with the indexes, on average; with the schema's own where an endpoint uses none of them.
    fn mix_ms(&self, shares: &Shares) -> f64 {
        let endpoints = &self.trial.workload.endpoints;
        let total: f64 = endpoints.iter().map(|endpoint| endpoint.weight).sum();
        let taken = |label: &str| {
            let served = shares.values().flatten().filter(|share| share.label == label);
            served.map(|share| share.with_ms).reduce(f64::min).or(self.trial.before_ms.get(label).copied()).unwrap_or(0.0)
        };
        endpoints.iter().map(|endpoint| endpoint.weight * taken(&endpoint.label)).sum::<f64>() / total.max(f64::MIN_POSITIVE)
    }
}
