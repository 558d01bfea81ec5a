//! What the scenario allows the set to take.

use crate::advise::AdviseError;
use crate::advise::trial::Built;
use crate::units::bytes;

use super::Choosing;
use super::eliminate::Shares;

impl Choosing<'_> {
    /// While the set is over `advise.budget.size`, the index with the least gain per byte goes; those that its endpoints turn to are asked
    /// again.
    pub(super) async fn keep_to_size(
        &mut self,
        shares: &mut Shares,
        progress: &mut dyn FnMut(String),
    ) -> Result<(), AdviseError> {
        let Some(budget) = self.trial.options.size_budget else { return Ok(()) };
        while self.standing.iter().map(|index| index.bytes).sum::<u64>() > budget {
            let Some(index) = self.least_worth(shares) else { return Ok(()) };
            let reason = format!("over the size budget of {}: it gains least for its {}", bytes(budget), bytes(index.bytes));
            let touched = self.refuse(&index, reason).await?;
            self.still_judged(shares, &touched);
            *shares = self.eliminate(std::mem::take(shares), progress).await?;
        }
        Ok(())
    }

    fn least_worth(&self, shares: &Shares) -> Option<Built> {
        let weight = |label: &str| {
            self.trial.workload.endpoints.iter().find(|endpoint| endpoint.label == label).map_or(1.0, |endpoint| endpoint.weight)
        };
        let worth = |index: &Built| {
            let served = shares.get(&index.name).map(Vec::as_slice).unwrap_or_default();
            let gain: f64 = served.iter().map(|share| (share.without_ms - share.with_ms) * weight(&share.label)).sum();
            gain / index.bytes.max(1) as f64
        };
        self.standing.iter().min_by(|a, b| worth(a).total_cmp(&worth(b))).cloned()
    }
}
