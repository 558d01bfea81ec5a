//! Indexes that help the typical call and harm the heaviest.

use std::time::{Duration, Instant};

use crate::advise::AdviseError;
use crate::advise::trial::{ABLATION, Built, CAREFUL, compared, used_by};
use crate::bench::classes::{self, Class};
use crate::bench::draw::Draw;
use crate::bench::session::Session;
use crate::report::model::Effect;
use crate::units::ms;

use super::Choosing;
use super::eliminate::{HARM_FACTOR, Shares, is_harmed};

/// A heaviest call that becomes slower by more than this share is harmed; its plan is another when a factor is lost.
const HARM: f64 = 0.25;
/// The heaviest calls are looked for as long as this; which parameters are the heaviest is found by calling many of them.
const TIME: Duration = Duration::from_secs(5);

impl Choosing<'_> {
    /// Refuses indexes with which the heaviest call of an endpoint that reads is slower than without them, unless they save ten times as
    /// much elsewhere, even if every call of that endpoint were such a one: then that is noted.
    pub(super) async fn spare_the_heaviest(
        &mut self,
        shares: &mut Shares,
        progress: &mut dyn FnMut(String),
    ) -> Result<(), AdviseError> {
        let trial = self.trial;
        let started = Instant::now();
        for place in trial.places.iter().copied() {
            let in_use: Vec<Built> = self.standing.iter().filter(|index| self.users(index).contains(&place)).cloned().collect();
            let reads = trial.workload.endpoints[place].effect == Effect::Reads;
            if in_use.is_empty() || !reads || started.elapsed() > TIME {
                continue;
            }
            let label = trial.label(place).to_owned();
            progress(format!("the heaviest call of {label}"));
            let Some(draw) = self.heaviest(place).await? else { continue };
            // What the plan of that call does not look into cannot harm it.
            let names = used_by(&trial.target, &trial.workload.endpoints[place], &draw).await?;
            for index in in_use.into_iter().filter(|index| index.is_among(&names)) {
                let Some(times) = self.harm_to(place, &draw, &index).await? else { continue };
                let [with, without] = times.map(ms);
                if outweighs(self.weighted_gain(&index, shares), self.weight_of(&label), times) {
                    self.notes.push(format!(
                        "With {} the heaviest call of {label} takes {with} in place of {without}; the index stays for what it saves in \
                         the other calls.",
                        index.candidate.target()
                    ));
                } else {
                    let reason = format!("the heaviest call of {label} takes {with} with it and {without} without");
                    self.refuse(&index, reason).await?;
                    shares.remove(&index.name);
                }
            }
        }
        Ok(())
    }

    /// Milliseconds of a call with the index and without it, when it is slower with it: asked twice, before an index that helps is refused.
    async fn harm_to(&self, place: usize, draw: &Draw, index: &Built) -> Result<Option<[f64; 2]>, AdviseError> {
        let (trial, gone) = (self.trial, [index.sql_name()]);
        let mut times = [0.0; 2];
        for effort in [ABLATION, CAREFUL] {
            let draws = std::slice::from_ref(draw);
            times = compared(&trial.target, trial.workload, place, draws, [&[], &gone], effort).await?.quickest;
            if !is_harmed(times, HARM) {
                return Ok(None);
            }
        }
        Ok(Some(times))
    }

    /// The call that makes the most work as things stand. `None` when nothing is sampled, or all calls are alike.
    async fn heaviest(&self, place: usize) -> Result<Option<Draw>, AdviseError> {
        let trial = self.trial;
        let Some(sample) = trial.samples.get(place).copied().flatten() else { return Ok(None) };
        let mut session = Session::open_for(&trial.target, trial.workload, &[place]).await?;
        let found = classes::calls(&mut session, trial.workload, place, sample, &[Class::Heaviest]).await;
        session.close().await;
        Ok(found?.0.pop().map(|call| call.draw))
    }
}

/// Whether an index saves [`HARM_FACTOR`] times as much in typical calls, ms by the weights of the mix, as an endpoint of that weight would
/// lose if every call of it were the one that takes so many milliseconds with the index and without it.
pub(in crate::advise) fn outweighs(saved: f64, weight: f64, [with_ms, without_ms]: [f64; 2]) -> bool {
    saved >= HARM_FACTOR * weight * (with_ms - without_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_that_harms_the_heaviest_call_stays_only_for_ten_times_as_much() {
        let harmed = [60.0, 40.0];
        assert!(is_harmed(harmed, HARM) && !is_harmed([48.0, 40.0], HARM));
        assert!(outweighs(200.0, 1.0, harmed) && !outweighs(199.0, 1.0, harmed));
        assert!(!outweighs(200.0, 3.0, harmed), "a call that is made three times as often loses three times as much");
    }
}
