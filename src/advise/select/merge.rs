//! Two kept indexes that one could replace.

use crate::advise::AdviseError;
use crate::advise::candidate::{Candidate, merged};
use crate::advise::trial::{ABLATION, Built, build, compared, plans_of};
use crate::bench::statistics::SMALLEST_MS;
use crate::db::Connection;
use crate::report::model::Served;

use super::eliminate::Shares;
use super::{Choosing, drop_all};

/// What merging may cost an endpoint, as a share of its time.
const TOLERANCE: f64 = 0.10;

impl Choosing<'_> {
    /// Tries to put one composite index in the place of two that stand on the same table and share a column; it stays when no endpoint
    /// is slower by more than [`TOLERANCE`] and it is smaller than both together.
    pub(super) async fn merge(&mut self, shares: &mut Shares, progress: &mut dyn FnMut(String)) -> Result<(), AdviseError> {
        let mut tried: Vec<Candidate> = Vec::new();
        while let Some((pair, merged)) = self.next_pair(shares, &tried) {
            tried.push(merged.clone());
            progress(format!("{} in place of two", merged.target()));
            let asleep = self.standing.iter().find(|index| index.candidate.same_as(&merged)).cloned();
            let built = match &asleep {
                Some(index) => index.clone(),
                None => {
                    let mut connection = Connection::open(&self.trial.target).await?;
                    let name = self.free_name(&merged);
                    let built = build(&mut connection, &merged, &name).await;
                    connection.close().await;
                    match built {
                        Ok(built) => built,
                        Err(error) if error.server_message().is_some() => continue,
                        Err(error) => return Err(error.into()),
                    }
                }
            };
            match self.served_by(&built, &pair).await? {
                Some(served) if built.bytes < pair[0].bytes + pair[1].bytes => {
                    if asleep.is_none() {
                        self.standing.push(built.clone());
                    }
                    for index in &pair {
                        let reason =
                            format!("{} serves what this one does, and {}", built.candidate.target(), other(&pair, index));
                        self.refuse(index, reason).await?;
                        shares.remove(&index.name);
                    }
                    self.used = plans_of(self.trial, &self.trial.places).await?.1;
                    shares.insert(built.name.clone(), served);
                }
                _ if asleep.is_none() => drop_all(self.trial, std::slice::from_ref(&built)).await?,
                _ => {}
            }
        }
        Ok(())
    }

    /// The next two kept indexes with what might replace them.
    fn next_pair(&self, shares: &Shares, tried: &[Candidate]) -> Option<([Built; 2], Candidate)> {
        let kept: Vec<&Built> = self.standing.iter().filter(|index| shares.contains_key(&index.name)).collect();
        for (place, first) in kept.iter().enumerate() {
            for second in &kept[place + 1..] {
                for merged in merged(&first.candidate, &second.candidate) {
                    if !tried.iter().any(|known| known.same_as(&merged)) {
                        return Some(([(*first).clone(), (*second).clone()], merged));
                    }
                }
            }
        }
        None
    }

    /// What the endpoints of both take with the merged index alone in their place (as `with_ms`) and with neither; `None` when one of them
    /// is slower than with both.
    async fn served_by(&self, merged: &Built, pair: &[Built; 2]) -> Result<Option<Vec<Served>>, AdviseError> {
        let trial = self.trial;
        let others = self.standing.iter().filter(|index| !self.is_used(index) && index.name != merged.name);
        let asleep: Vec<String> = others.map(Built::sql_name).collect();
        let gone = |names: &[&Built]| -> Vec<String> {
            asleep.iter().cloned().chain(names.iter().map(|index| index.sql_name())).collect()
        };
        let (both, one, neither) = (gone(&[merged]), gone(&[&pair[0], &pair[1]]), gone(&[&pair[0], &pair[1], merged]));
        let mut places: Vec<usize> = pair.iter().flat_map(|index| self.users(index)).collect();
        places.sort_unstable();
        places.dedup();
        let mut served = Vec::new();
        for place in places {
            let draws = trial.draws(place);
            let [both_ms, one_ms] =
                compared(&trial.target, trial.workload, place, &draws, [&both, &one], ABLATION).await?.quickest;
            if one_ms > both_ms * (1.0 + TOLERANCE) + SMALLEST_MS {
                return Ok(None);
            }
            let [with_ms, without_ms] =
                compared(&trial.target, trial.workload, place, &draws, [&one, &neither], ABLATION).await?.quickest;
            served.push(Served { label: trial.label(place).to_owned(), with_ms, without_ms });
        }
        Ok(Some(served))
    }
}

fn other(pair: &[Built; 2], index: &Built) -> String {
    let other = if pair[0].name == index.name { &pair[1] } else { &pair[0] };
    format!("what {} does", other.candidate.target())
}
