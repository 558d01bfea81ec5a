//! Which candidates stay: built together, then taken away one at a time, cheaper ones preferred.
//!
//! Building all first and removing what is not missed finds indexes that only help together (both sides of a join, every level of
//! a cascade), which adding them one at a time never does.

mod budget;
mod eliminate;
mod harm;
mod merge;
mod weigh;

use std::collections::BTreeMap;

use crate::db::{Connection, DbError};
use crate::explain::endpoint::StatementPlan;
use crate::report::model::{InsertCost, Ledger, RejectedIndex, Served};
use crate::units::{bytes, listed};

use super::AdviseError;
use super::candidate::{Candidate, Candidates};
use super::propose::{generic_plan, propose};
use super::trial::{Built, Plans, Trial, Used, build, plans_of};
use eliminate::Shares;
pub(super) use harm::outweighs;
use weigh::Weighed;
pub(super) use weigh::weighted_gain;

/// Rounds of proposing on the plans that the last round left. The third has never proposed anything new that helped; the others are for
/// chains of statements that hide each other.
const MOST_ROUNDS: u32 = 4;
/// Indexes that are built in one round; what promises less is named and left.
const MOST_BUILT: usize = 60;

/// What stayed and what went.
#[derive(Default)]
pub struct Selection {
    pub kept: Vec<(Built, Vec<Served>)>,
    /// Of the kept indexes, in their order: what each gains and costs.
    pub ledgers: Vec<Ledger>,
    /// Of the kept indexes, in their order: what a row inserted costs more; `None` where it could not be measured.
    pub prices: Vec<Option<InsertCost>>,
    pub rejected: Vec<RejectedIndex>,
    pub rounds: u32,
    pub notes: Vec<String>,
}

/// Runs the rounds, starting from the plans that the endpoints have without any candidate.
///
/// # Errors
/// When the clone's server fails.
pub async fn select(
    trial: &Trial<'_>,
    first_plans: &BTreeMap<usize, Vec<StatementPlan>>,
    progress: &mut dyn FnMut(String),
) -> Result<Selection, AdviseError> {
    let mut choosing = Choosing { trial, standing: Vec::new(), rejected: Vec::new(), notes: Vec::new(), used: Used::new() };
    let mut shares = Shares::new();
    let mut tried = Candidates::default();
    let mut later_plans: Option<Plans> = None;
    let mut rounds = 0;
    while rounds < MOST_ROUNDS {
        let fresh = fresh_candidates(trial, later_plans.as_ref().unwrap_or(first_plans), &mut tried).await?;
        if fresh.is_empty() {
            break;
        }
        rounds += 1;
        choosing.build_all(&fresh, progress).await?;
        choosing.used = plans_of(trial, &trial.places).await?.1;
        shares = choosing.eliminate(Shares::new(), progress).await?;
        choosing.merge(&mut shares, progress).await?;
        choosing.drop_unused().await?;
        later_plans = Some(plans_of(trial, &trial.places).await?.0);
    }
    choosing.spare_the_heaviest(&mut shares, progress).await?;
    choosing.keep_to_size(&mut shares, progress).await?;
    let Weighed { kept, ledgers, prices } = choosing.weigh(shares, progress).await?;
    Ok(Selection { kept, ledgers, prices, rejected: choosing.rejected, rounds, notes: choosing.notes })
}

/// The candidates that stand on the clone while they are chosen from.
struct Choosing<'a> {
    trial: &'a Trial<'a>,
    standing: Vec<Built>,
    rejected: Vec<RejectedIndex>,
    notes: Vec<String>,
    /// With everything standing.
    used: Used,
}

/// What the plans ask for and nobody has tried yet, the most promising first.
async fn fresh_candidates(
    trial: &Trial<'_>,
    plans: &BTreeMap<usize, Vec<StatementPlan>>,
    tried: &mut Candidates,
) -> Result<Vec<Candidate>, AdviseError> {
    let mut proposed = Candidates::default();
    let mut connection = Connection::open(&trial.target).await?;
    for (place, statements) in plans {
        let endpoint = &trial.workload.endpoints[*place];
        for statement in statements {
            let sql = &endpoint.steps[statement.step].sql;
            let generic = generic_plan(&mut connection, sql, &statement.parameters).await?;
            for candidate in propose(&statement.plan, &statement.explained.implied, generic.as_ref(), trial.catalog) {
                proposed.add(candidate, &endpoint.label);
            }
        }
    }
    connection.close().await;
    proposed.order_for_others();
    let new =
        |candidate: &Candidate| !tried.list.iter().any(|known| known.same_as(candidate)) && !candidate.exists_in(trial.catalog);
    let mut fresh: Vec<Candidate> = proposed.list.into_iter().filter(new).collect();
    fresh.sort_by(|a, b| b.potential_ms.total_cmp(&a.potential_ms));
    tried.list.extend(fresh.iter().cloned());
    Ok(fresh)
}

impl Choosing<'_> {
    async fn build_all(&mut self, fresh: &[Candidate], progress: &mut dyn FnMut(String)) -> Result<(), AdviseError> {
        let mut connection = Connection::open(&self.trial.target).await?;
        for (place, candidate) in fresh.iter().enumerate() {
            let name = self.free_name(candidate);
            if place >= MOST_BUILT {
                let reason = format!("not built: {MOST_BUILT} others promise more");
                self.rejected.push(rejected(candidate, &candidate.definition(&name), reason));
                continue;
            }
            progress(format!("building {}", candidate.target()));
            match build(&mut connection, candidate, &name).await {
                Ok(built) => match self.trial.options.size_budget.filter(|budget| built.bytes > *budget) {
                    None => self.standing.push(built),
                    Some(budget) => {
                        let reason = format!("it takes {} alone, over the size budget of {}", bytes(built.bytes), bytes(budget));
                        self.rejected.push(rejected(candidate, &built.definition, reason));
                        drop_all(self.trial, std::slice::from_ref(&built)).await?;
                    }
                },
                Err(error) if error.server_message().is_some() => {
                    let reason = format!("the server cannot build it: {error}");
                    self.rejected.push(rejected(candidate, &candidate.definition(&name), reason));
                }
                Err(error) => return Err(error.into()),
            }
        }
        connection.close().await;
        Ok(())
    }

    /// The name by convention, unless something has it.
    fn free_name(&self, candidate: &Candidate) -> String {
        let catalog = self.trial.catalog;
        candidate.name(&|name| {
            self.standing.iter().any(|index| index.name == name)
                || catalog.indexes.iter().any(|index| index.name == name)
                || catalog.tables.iter().any(|table| table.name.name == name)
        })
    }

    /// The endpoints whose plans use the index.
    fn users(&self, index: &Built) -> Vec<usize> {
        self.used.iter().filter(|(_, names)| index.is_among(names)).map(|(place, _)| *place).collect()
    }

    fn is_used(&self, index: &Built) -> bool {
        self.used.values().any(|names| index.is_among(names))
    }

    /// What no plan looks into has nothing to be judged by.
    async fn drop_unused(&mut self) -> Result<(), AdviseError> {
        let standing = std::mem::take(&mut self.standing);
        let (used, unused): (Vec<Built>, Vec<Built>) = standing.into_iter().partition(|index| self.is_used(index));
        self.standing = used;
        for index in &unused {
            let reason = self.why_unused(index);
            self.rejected.push(rejected(&index.candidate, &index.definition, reason));
        }
        drop_all(self.trial, &unused).await?;
        Ok(())
    }

    fn why_unused(&self, index: &Built) -> String {
        let wanted: Vec<&str> = index.candidate.wanted_by.iter().map(String::as_str).collect();
        let beside: Vec<String> = self
            .standing
            .iter()
            .filter(|other| {
                other.candidate.table == index.candidate.table
                    && !other.candidate.wanted_by.is_disjoint(&index.candidate.wanted_by)
            })
            .map(|other| other.candidate.target())
            .collect();
        let beside = if beside.is_empty() { String::new() } else { format!(" beside {}", listed(&beside)) };
        format!("no plan of {} uses it{beside}", wanted.join(", "))
    }

    /// The shares that still hold after the plans of the endpoints at `touched` have changed.
    fn still_judged(&self, shares: &mut Shares, touched: &[usize]) {
        shares.retain(|name, _| {
            let index = self.standing.iter().find(|index| &index.name == name);
            index.is_some_and(|index| !touched.iter().any(|place| index.is_among(&self.used[place])))
        });
    }

    /// Takes an index away for good; the endpoints that used it look elsewhere from now on. Those are returned.
    async fn refuse(&mut self, index: &Built, reason: String) -> Result<Vec<usize>, AdviseError> {
        self.rejected.push(rejected(&index.candidate, &index.definition, reason));
        let touched = self.users(index);
        drop_all(self.trial, std::slice::from_ref(index)).await?;
        self.standing.retain(|other| other.name != index.name);
        let again = plans_of(self.trial, &touched).await?.1;
        self.used.extend(again);
        Ok(touched)
    }
}

/// The standing indexes, those that save most first, each with the endpoints that miss it.
fn by_gain(standing: &[Built], shares: &Shares) -> Vec<(Built, Vec<Served>)> {
    let gain = |served: &[Served]| served.iter().map(|share| share.without_ms - share.with_ms).sum::<f64>();
    let mut kept: Vec<(Built, Vec<Served>)> = standing
        .iter()
        .map(|index| {
            let mut served = shares.get(&index.name).cloned().unwrap_or_default();
            served.retain(|share| share.without_ms > share.with_ms);
            served.sort_by(|a, b| (b.without_ms - b.with_ms).total_cmp(&(a.without_ms - a.with_ms)));
            (index.clone(), served)
        })
        .collect();
    kept.sort_by(|a, b| gain(&b.1).total_cmp(&gain(&a.1)));
    kept
}

fn rejected(candidate: &Candidate, definition: &str, reason: String) -> RejectedIndex {
    RejectedIndex { definition: definition.to_owned(), because: because(candidate), reason }
}

/// The reasons of a candidate in one clause.
pub fn because(candidate: &Candidate) -> String {
    candidate.because.iter().cloned().collect::<Vec<_>>().join("; ")
}

async fn drop_all(trial: &Trial<'_>, indexes: &[Built]) -> Result<(), DbError> {
    if indexes.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = indexes.iter().map(Built::sql_name).collect();
    let mut connection = Connection::open(&trial.target).await?;
    connection.batch(&format!("DROP INDEX {}", names.join(", "))).await?;
    connection.close().await;
    Ok(())
}
