//! Indexes that help the typical call and harm the heaviest.

use std::time::{Duration, Instant};

use crate::advise::AdviseError;
use crate::advise::trial::{ABLATION, Built, CAREFUL, Compared, compared, used_by};
use crate::bench::classes::{self, Class};
use crate::bench::draw::Draw;
use crate::bench::session::Session;
use crate::bench::statistics::SMALLEST_MS;
use crate::report::model::Effect;
use crate::units::ms;

use super::Choosing;
use super::eliminate::{HARM_FACTOR, Shares};

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
            let names = used_by(trial, place, &draw).await?;
            for index in in_use.into_iter().filter(|index| index.is_among(&names)) {
                let gone = [index.sql_name()];
                let draws = std::slice::from_ref(&draw);
                let arms: [&[String]; 2] = [&[], &gone];
                let harms = |found: Compared| found.quickest[0] >= found.quickest[1] * (1.0 + HARM) + SMALLEST_MS;
                if !harms(compared(&trial.target, trial.workload, place, draws, arms, ABLATION).await?) {
                    continue;
                }
                // Asked twice before an index that helps is refused.
                let found = compared(&trial.target, trial.workload, place, draws, arms, CAREFUL).await?;
                if !harms(found) {
                    continue;
                }
                let [with, without] = found.quickest;
                if self.saves(&index, shares) >= HARM_FACTOR * self.weight_of(&label) * (with - without) {
                    self.notes.push(format!(
                        "With {} the heaviest call of {label} takes {} in place of {}; the index stays for what it saves in the other calls.",
                        index.candidate.target(),
                        ms(with),
                        ms(without)
                    ));
                    continue;
                }
                let reason = format!("the heaviest call of {label} takes {} with it and {} without", ms(with), ms(without));
                self.refuse(&index, reason).await?;
                shares.remove(&index.name);
            }
        }
        Ok(())
    }

    /// Milliseconds that the index saves by the weights of the mix, in typical calls.
    fn saves(&self, index: &Built, shares: &Shares) -> f64 {
        let served = shares.get(&index.name).into_iter().flatten();
        served.map(|share| self.weight_of(&share.label) * (share.without_ms - share.with_ms)).sum()
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
