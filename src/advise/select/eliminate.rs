//! Standing indexes taken away one at a time; what is not missed stays away.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::advise::AdviseError;
use crate::advise::trial::{ABLATION, Built, CAREFUL, Compared, compared};
use crate::bench::statistics::SMALLEST_MS;
use crate::bench::workload::BoundEndpoint;
use crate::report::model::{Effect, Served};
use crate::units::ms;

use super::Choosing;
use super::weigh::weight_of;

/// What every standing index does for the endpoints that use it, by its name.
pub(super) type Shares = BTreeMap<String, Vec<Served>>;

/// An index whose lookups another one serves too must gain this many times as much to stay beside it: it is paid for with every row.
const COVERED_FACTOR: f64 = 3.0;
/// And one that could be narrower this many times as much as the narrower one.
const WIDER_FACTOR: f64 = 2.0;
/// And no less than this, ms: what is below is not felt in a call and comes and goes with what else the machine does, and every write pays
/// for the width.
const WIDER_MS: f64 = 0.1;
/// Or than this, ms, where it halves the call.
const HALVING_MS: f64 = 0.05;
/// So much must an index save in the calls of the mix for each millisecond that it costs an endpoint that reads.
pub(super) const HARM_FACTOR: f64 = 10.0;
/// A gain is measured again with more calls when one turn came as near to the line as this, as a share of the endpoint's time.
const NEAR: f64 = 0.03;
/// How often, until two answers in a row agree; all turns count together.
const ASKED_AGAIN: usize = 2;

impl Choosing<'_> {
    /// Takes each used index away alone, those first that a cheaper one might replace. Once one is gone, those that serve the same
    /// endpoints are asked again: they may be missed now, or no longer.
    ///
    /// An index that no plan uses is asleep: it is asked when the one that is used in its place has gone. Nothing is taken for a
    /// replacement that is not smaller than what it replaces.
    ///
    /// Those in `shares` have been judged.
    pub(super) async fn eliminate(
        &mut self,
        mut shares: Shares,
        progress: &mut dyn FnMut(String),
    ) -> Result<Shares, AdviseError> {
        while let Some(index) = self.next(&shares) {
            progress(format!("without {}", index.candidate.target()));
            let served = self.shares_of(&index).await?;
            let verdict = self.judge(&index, &served);
            let Err(reason) = verdict else {
                shares.insert(index.name.clone(), served);
                continue;
            };
            let touched = self.refuse(&index, reason).await?;
            self.still_judged(&mut shares, &touched);
        }
        Ok(shares)
    }

    /// Indexes that a narrower one might replace come first, the widest of them before the others; then those that another one covers,
    /// then those that few endpoints use.
    fn next(&self, judged: &Shares) -> Option<Built> {
        let open = self.standing.iter().filter(|index| !judged.contains_key(&index.name) && self.is_used(index));
        let promise = |index: &&Built| {
            let order = if self.could_be_narrower(index) { 0 } else { 2 - u32::from(self.covering(index).is_some()) };
            (order, if order == 0 { 0 } else { self.users(index).len() }, Reverse(index.bytes), index.name.clone())
        };
        open.min_by_key(promise).cloned()
    }

    fn could_be_narrower(&self, index: &Built) -> bool {
        self.standing.iter().any(|other| other.candidate.is_prefix_of(&index.candidate))
    }

    /// An index in use that serves the lookups of this one, too.
    pub(super) fn covering(&self, index: &Built) -> Option<&Built> {
        self.standing.iter().find(|other| index.candidate.is_served_by(&other.candidate) && self.is_used(other))
    }

    /// Each endpoint that uses the index, with and without it. Those asleep that are no smaller than it are gone, too.
    async fn shares_of(&self, index: &Built) -> Result<Vec<Served>, AdviseError> {
        let no_cheaper = |other: &&Built| other.name != index.name && other.bytes >= index.bytes && !self.is_used(other);
        let asleep: Vec<String> = self.standing.iter().filter(no_cheaper).map(Built::sql_name).collect();
        let gone: Vec<String> = asleep.iter().cloned().chain([index.sql_name()]).collect();
        let trial = self.trial;
        let mut shares: Vec<Served> = Vec::new();
        for place in self.quickest_first(self.users(index)) {
            let draws = trial.draws(place);
            let arms = [asleep.as_slice(), &gone];
            let (target, workload) = (&trial.target, trial.workload);
            let mut found = compared(target, workload, place, &draws, arms, ABLATION).await?;
            let is_missed = |found: &Compared| self.is_missed(index, found.quickest);
            // Once an endpoint misses it, nothing but harm to another can send it away.
            let stays = shares.iter().any(|share| self.is_missed(index, [share.with_ms, share.without_ms]));
            let matters = !stays && (self.is_near(index, &found) || (self.is_spare(index) && is_missed(&found)));
            if matters || is_harmed(found.quickest, trial.options.keep_if) {
                for _ in 0..ASKED_AGAIN {
                    let again = compared(target, workload, place, &draws, arms, CAREFUL).await?;
                    let agrees = is_missed(&again) == is_missed(&found);
                    found = found.and(again);
                    if agrees {
                        break;
                    }
                }
            }
            let [with_ms, without_ms] = found.quickest;
            shares.push(Served { label: trial.label(place).to_owned(), with_ms, without_ms });
        }
        Ok(shares)
    }

    /// By the times without any candidate: the answers of quick endpoints cost least, and may spare those of slow ones.
    fn quickest_first(&self, mut places: Vec<usize>) -> Vec<usize> {
        let before_ms = |place: &usize| self.trial.before_ms.get(self.trial.label(*place)).copied().unwrap_or(f64::INFINITY);
        places.sort_by(|one, other| before_ms(one).total_cmp(&before_ms(other)));
        places
    }

    fn is_missed(&self, index: &Built, times: [f64; 2]) -> bool {
        let least_ms = if self.could_be_narrower(index) { least_of_wider(times) } else { SMALLEST_MS };
        saves_enough(times, self.least_gain(index), least_ms)
    }

    /// Whether other turns of the same calls would decide otherwise: a busy neighbour slows one answer, and neither keeps an index nor
    /// refuses it.
    fn is_near(&self, index: &Built, found: &Compared) -> bool {
        let line = self.least_gain(index);
        let (low, high) = found.gains();
        low - NEAR < line && line < high + NEAR
    }

    /// Whether it stays only beside another index that would do, and so is asked about again in any case.
    fn is_spare(&self, index: &Built) -> bool {
        self.least_gain(index) > self.trial.options.keep_if
    }

    fn least_gain(&self, index: &Built) -> f64 {
        let factor = if self.covering(index).is_some() {
            COVERED_FACTOR
        } else if self.could_be_narrower(index) {
            WIDER_FACTOR
        } else {
            1.0
        };
        (self.trial.options.keep_if * factor).min(0.9)
    }

    /// Why the index goes.
    fn judge(&self, index: &Built, served: &[Served]) -> Result<(), String> {
        if !served.iter().any(|share| self.is_missed(index, [share.with_ms, share.without_ms])) {
            return Err(self.not_missed(index, served));
        }
        let (gain, harm): (f64, f64) = served.iter().fold((0.0, 0.0), |(gain, harm), share| {
            let reads = self.endpoint(&share.label).is_none_or(|endpoint| endpoint.effect == Effect::Reads);
            let saved = self.weight_of(&share.label) * (share.without_ms - share.with_ms);
            if is_harmed([share.with_ms, share.without_ms], self.trial.options.keep_if) && reads {
                (gain, harm - saved)
            } else {
                (gain + saved, harm)
            }
        });
        if harm > 0.0 && gain < HARM_FACTOR * harm {
            return Err(format!("it helps some and harms others: {}", times(served)));
        }
        Ok(())
    }

    fn endpoint(&self, label: &str) -> Option<&BoundEndpoint> {
        self.trial.workload.endpoints.iter().find(|endpoint| endpoint.label == label)
    }

    /// Of the endpoint in the scenario's mix.
    pub(super) fn weight_of(&self, label: &str) -> f64 {
        weight_of(self.trial.workload, label)
    }

    fn not_missed(&self, index: &Built, served: &[Served]) -> String {
        let cover = self.covering(index).map(|other| format!("; {} serves its lookups", other.candidate.target()));
        let narrower = self.standing.iter().find(|other| other.candidate.is_prefix_of(&index.candidate));
        let narrower = narrower.map(|other| format!("; {} does as well", other.candidate.target()));
        format!("used, but not missed when it is dropped: {}{}", times(served), cover.or(narrower).unwrap_or_default())
    }
}

fn times(served: &[Served]) -> String {
    let times: Vec<String> = served
        .iter()
        .map(|share| format!("{} takes {} with it and {} without", share.label, ms(share.with_ms), ms(share.without_ms)))
        .collect();
    times.join("; ")
}

/// Milliseconds that a wider index must save over a narrower one.
fn least_of_wider([with_ms, without_ms]: [f64; 2]) -> f64 {
    if with_ms <= 0.5 * without_ms { HALVING_MS } else { WIDER_MS }
}

fn saves_enough([with_ms, without_ms]: [f64; 2], least_gain: f64, least_ms: f64) -> bool {
    let gain = without_ms - with_ms;
    gain > least_ms && gain > least_gain * without_ms
}

/// Whether a call is slower with the index than without by more than the clock's grain, and by more than that share.
pub(super) fn is_harmed([with_ms, without_ms]: [f64; 2], tolerance: f64) -> bool {
    let harm = with_ms - without_ms;
    harm > SMALLEST_MS && harm > tolerance * without_ms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gain_must_be_a_share_of_the_time_and_more_than_the_clocks_grain() {
        assert!(saves_enough([1.0, 2.0], 0.1, SMALLEST_MS));
        assert!(!saves_enough([1.9, 2.0], 0.1, SMALLEST_MS));
        assert!(!saves_enough([0.01, 0.025], 0.1, SMALLEST_MS));
        let wider = |times| saves_enough(times, 0.2, least_of_wider(times));
        assert!(wider([0.03, 0.114]) && !wider([0.08, 0.13]) && wider([0.4, 0.51]));
        assert!(is_harmed([2.0, 1.0], 0.1) && !is_harmed([1.05, 1.0], 0.1) && !is_harmed([0.02, 0.01], 0.1));
    }
}
