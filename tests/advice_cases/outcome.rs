//! What was advised, in the words that cases expect.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use perflab::advise::trial::{ABLATION, Built, timed};
use perflab::advise::{Selection, Trial, drops, helps, select};
use perflab::bench::Workload;
use perflab::bench::draw::Draw;
use perflab::db::{Connection, Target, read_catalog};
use perflab::explain::endpoint::explain_call;
use perflab::report::model::{DroppedAdvice, OtherAdvice, RejectedIndex, Served};
use perflab::scenario::model::Scenario;

pub struct Outcome {
    pub keep: Vec<Kept>,
    pub rejected: Vec<RejectedIndex>,
    pub drop: Vec<DroppedAdvice>,
    /// What helps beside indexes, and what was tried in vain.
    pub offers: Vec<OtherAdvice>,
    offers_rejected: Vec<OtherAdvice>,
    pub notes: Vec<String>,
    /// Indexes that stand in the database now and were neither there before nor are kept.
    left_behind: Vec<String>,
}

pub struct Kept {
    pub target: String,
    pub definition: String,
    pub serves: Vec<Served>,
}

/// Advises all endpoints of the scenario on a database that may be worn, and tries what helps `beyond` indexes when that is asked for. The
/// only place that knows how advice is made.
pub async fn advise(target: &Target, scenario: &Scenario, beyond: bool) -> Outcome {
    let mut connection = Connection::open(target).await.expect("connect");
    let catalog = read_catalog(&mut connection).await.expect("the catalog");
    let workload = Workload::bind(scenario, &mut connection).await.expect("statements that fit the tables");
    let places: Vec<usize> = (0..workload.endpoints.len()).collect();
    let mut plans = BTreeMap::new();
    for place in &places {
        let endpoint = &workload.endpoints[*place];
        let Some(draw) = endpoint.draws.draw(0) else { continue };
        plans.insert(*place, explain_call(&mut connection, &catalog, endpoint, &draw).await.expect("plans"));
    }
    let standing = indexes(&mut connection).await;
    let typical_calls = vec![0; places.len()];
    let before_ms = if scenario.advise.write_slowdown.is_some() { medians(target, &workload).await } else { BTreeMap::new() };
    let trial = Trial {
        target: target.clone(),
        workload: &workload,
        catalog: &catalog,
        options: &scenario.advise,
        places: places.clone(),
        typical_calls: &typical_calls,
        before_ms: &before_ms,
        samples: scenario
            .endpoints
            .iter()
            .map(|endpoint| endpoint.params.sample.as_ref().map(|sample| sample.value.as_str()))
            .collect(),
    };
    let selection = select(&trial, &plans, &mut |_| {}).await.expect("advice");
    let built: Vec<Built> = selection.kept.iter().map(|(index, _)| index.clone()).collect();
    let now = indexes(&mut connection).await;
    connection.close().await;
    let left_behind = now.difference(&standing).filter(|name| built.iter().all(|index| index.name != **name)).cloned().collect();
    let (drop, notes) = drops(target, &workload, &catalog, &typical_calls, &built).await.expect("what may go");
    let others = if beyond {
        perflab::advise::beyond(target, &workload, &places, &typical_calls).await.expect("what else helps")
    } else {
        Vec::new()
    };
    Outcome::of(selection, drop, others, notes, left_behind)
}

/// What each endpoint takes as the tables are, ms, by its label.
async fn medians(target: &Target, workload: &Workload) -> BTreeMap<String, f64> {
    let mut found = BTreeMap::new();
    for (place, endpoint) in workload.endpoints.iter().enumerate() {
        let draws: Vec<Draw> = (0..ABLATION.most as u64).filter_map(|call| endpoint.draws.draw(call)).collect();
        let mut times = timed(target, workload, place, &draws, &[], ABLATION).await.expect("times");
        times.sort_by(f64::total_cmp);
        if let Some(median) = times.get(times.len() / 2) {
            found.insert(endpoint.label.clone(), *median);
        }
    }
    found
}

/// Names of the indexes there are; those of partitions belong to the partitioned table's.
async fn indexes(connection: &mut Connection) -> BTreeSet<String> {
    let names: Vec<(String,)> = connection
        .rows("SELECT relname::text FROM pg_class WHERE relkind IN ('i', 'I') AND NOT relispartition AND oid >= 16384")
        .await
        .expect("the names of the indexes");
    names.into_iter().map(|(name,)| name).collect()
}

impl Outcome {
    fn of(
        selection: Selection,
        drop: Vec<DroppedAdvice>,
        others: Vec<OtherAdvice>,
        notes: Vec<String>,
        left_behind: Vec<String>,
    ) -> Outcome {
        let kept = selection.kept.into_iter().map(|(index, serves)| Kept {
            target: index.candidate.target(),
            definition: index.definition,
            serves,
        });
        let (offers, offers_rejected) = others.into_iter().partition(helps);
        let notes = selection.notes.into_iter().chain(notes).collect();
        Outcome { keep: kept.collect(), rejected: selection.rejected, drop, offers, offers_rejected, notes, left_behind }
    }

    /// Every sentence that a reader of the advice sees.
    pub fn sentences(&self) -> Vec<&str> {
        let refused = self.rejected.iter().map(|rejected| rejected.reason.as_str());
        let dropped = self.drop.iter().map(|dropped| dropped.reason.as_str());
        let others = self.offers.iter().chain(&self.offers_rejected).flat_map(|other| [other.reason.as_str(), &other.what]);
        refused.chain(dropped).chain(others).chain(self.notes.iter().map(String::as_str)).collect()
    }

    /// What holds of all advice, whatever the case.
    pub fn broken_rules(&self) -> Vec<String> {
        let mut broken: Vec<String> =
            self.left_behind.iter().map(|name| format!("{name} was built, is not kept, and still stands")).collect();
        for kept in &self.keep {
            if !kept.serves.iter().any(|share| share.with_ms < share.without_ms) {
                broken.push(format!("{} is kept and helps nobody", kept.target));
            }
            if self.rejected.iter().any(|rejected| rejected.definition == kept.definition) {
                broken.push(format!("{} is both kept and refused", kept.target));
            }
        }
        for rejected in &self.rejected {
            if rejected.reason.is_empty() || rejected.because.is_empty() {
                broken.push(format!("{} is refused without a reason, or was tried without one", rejected.definition));
            }
        }
        broken
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for kept in &self.keep {
            writeln!(f, "kept     {}", kept.target)?;
            for share in &kept.serves {
                writeln!(f, "         {}: {:.3} ms with it, {:.3} without", share.label, share.with_ms, share.without_ms)?;
            }
        }
        for rejected in &self.rejected {
            writeln!(f, "refused  {} ({})\n         {}", rejected.definition, rejected.because, rejected.reason)?;
        }
        for dropped in &self.drop {
            writeln!(f, "drop     {}: {}", dropped.name, dropped.reason)?;
        }
        for (word, others) in [("offer   ", &self.offers), ("not so  ", &self.offers_rejected)] {
            for other in others {
                writeln!(
                    f,
                    "{word} {:?} for {}: {}\n         {}\n         {}",
                    other.kind, other.label, other.what, other.sql, other.reason
                )?;
            }
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "note     {note}"))
    }
}
