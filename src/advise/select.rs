//! Which candidates stay: built together, thrown out when no plan uses them, then taken away one at a time.
//!
//! Building all first and removing what is not missed finds indexes that only help together (both sides of a join, every level of
//! a cascade), which adding them one at a time never does.

use std::collections::{BTreeMap, BTreeSet};

use crate::bench::draw::Draw;
use crate::bench::statistics::SMALLEST_MS;
use crate::bench::workload::Workload;
use crate::db::catalog::Catalog;
use crate::db::{Connection, DbError, Target};
use crate::explain::endpoint::{StatementPlan, explain_call};
use crate::report::model::{RejectedIndex, Served};
use crate::scenario::model::AdviseOptions;
use crate::sql::quote_ident;
use crate::units::{bytes, ms};

use super::AdviseError;
use super::candidate::{Candidate, Candidates};
use super::propose::propose;
use super::trial::{ABLATION, Built, build, with_and_without};
use super::used::used_names;

/// Calls whose plans decide whether an index is used: the typical one and the first of the draw.
const PLANNED_CALLS: u64 = 2;
/// Rounds of proposing on the plans that the last round left; the third has never proposed anything new that helped.
const MOST_ROUNDS: u32 = 3;

/// The trial: a clone that indexes are built on, and what is asked of it.
pub struct Trial<'a> {
    pub target: Target,
    pub workload: &'a Workload,
    pub catalog: &'a Catalog,
    pub options: &'a AdviseOptions,
    /// Endpoints worth advising, by place in the workload.
    pub places: Vec<usize>,
    /// By place in the workload.
    pub typical_calls: &'a [u64],
}

/// What stayed and what went.
#[derive(Default)]
pub struct Selection {
    pub kept: Vec<(Built, Vec<Served>)>,
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
    let mut selection = Selection::default();
    let mut tried = Candidates::default();
    let mut standing: Vec<Built> = Vec::new();
    let mut later_plans: Option<Plans> = None;
    while selection.rounds < MOST_ROUNDS {
        let fresh = fresh_candidates(trial, later_plans.as_ref().unwrap_or(first_plans), &mut tried);
        if fresh.is_empty() {
            break;
        }
        selection.rounds += 1;
        build_all(trial, &fresh, &mut standing, &mut selection, progress).await?;
        let mut used = plans_of(trial, &trial.places).await?.1;
        drop_unused(trial, &used, &mut standing, &mut selection).await?;
        let shares = eliminate(trial, &mut used, &mut standing, &mut selection, progress).await?;
        selection.kept = by_gain(&standing, shares);
        later_plans = Some(plans_of(trial, &trial.places).await?.0);
    }
    keep_to_budget(trial, &mut selection).await?;
    Ok(selection)
}

fn fresh_candidates(trial: &Trial<'_>, plans: &BTreeMap<usize, Vec<StatementPlan>>, tried: &mut Candidates) -> Vec<Candidate> {
    let mut proposed = Candidates::default();
    for (place, statements) in plans {
        let label = &trial.workload.endpoints[*place].label;
        for statement in statements {
            for candidate in propose(&statement.plan, &statement.explained.implied, trial.catalog) {
                proposed.add(candidate, label);
            }
        }
    }
    let fresh: Vec<Candidate> = proposed
        .list
        .into_iter()
        .filter(|candidate| !tried.list.iter().any(|known| known.same_as(candidate)) && !candidate.exists_in(trial.catalog))
        .collect();
    tried.list.extend(fresh.iter().cloned());
    fresh
}

async fn build_all(
    trial: &Trial<'_>,
    fresh: &[Candidate],
    standing: &mut Vec<Built>,
    selection: &mut Selection,
    progress: &mut dyn FnMut(String),
) -> Result<(), AdviseError> {
    let mut connection = Connection::open(&trial.target).await?;
    for candidate in fresh {
        let name = candidate.name(&|name| {
            standing.iter().any(|index| index.name == name) || trial.catalog.indexes.iter().any(|index| index.name == name)
        });
        progress(format!("building {}", candidate.target()));
        match build(&mut connection, candidate, &name).await {
            Ok(built) => standing.push(built),
            Err(error) if error.server_message().is_some() => {
                selection.rejected.push(rejected(
                    candidate,
                    &candidate.definition(&name),
                    format!("the server cannot build it: {error}"),
                ));
            }
            Err(error) => return Err(error.into()),
        }
    }
    connection.close().await;
    Ok(())
}

type Plans = BTreeMap<usize, Vec<StatementPlan>>;
/// Names of the indexes that each endpoint's plans use, implied statements included.
type Used = BTreeMap<usize, BTreeSet<String>>;

/// The plan of the typical call of each endpoint at `places`, and the indexes used over several calls.
async fn plans_of(trial: &Trial<'_>, places: &[usize]) -> Result<(Plans, Used), AdviseError> {
    let mut connection = Connection::open(&trial.target).await?;
    let catalog = crate::db::read_catalog(&mut connection).await?;
    let (mut plans, mut used) = (Plans::new(), Used::new());
    for place in places {
        let endpoint = &trial.workload.endpoints[*place];
        let names = used.entry(*place).or_default();
        for call in std::iter::once(trial.typical_calls[*place]).chain(0..PLANNED_CALLS - 1) {
            let Some(draw) = endpoint.draws.draw(call) else { continue };
            let found = explain_call(&mut connection, &catalog, endpoint, &draw).await?;
            names.extend(found.iter().flat_map(used_names));
            plans.entry(*place).or_insert(found);
        }
    }
    connection.close().await;
    Ok((plans, used))
}

async fn drop_unused(
    trial: &Trial<'_>,
    used: &Used,
    standing: &mut Vec<Built>,
    selection: &mut Selection,
) -> Result<(), AdviseError> {
    let is_used = |index: &Built| used.values().any(|names| names.contains(&index.name));
    for index in standing.iter().filter(|index| !is_used(index)) {
        let wanted: Vec<&str> = index.candidate.wanted_by.iter().map(String::as_str).collect();
        let reason = format!("no plan of {} uses it", wanted.join(", "));
        selection.rejected.push(rejected(&index.candidate, &index.definition, reason));
        drop_index(trial, index).await?;
    }
    standing.retain(is_used);
    Ok(())
}

/// What every standing index does for the endpoints that use it, by its name.
type Shares = BTreeMap<String, Vec<Served>>;

/// Takes each index away alone, the least promising first; what is not missed stays away. Once one is gone, those that serve the same
/// endpoints are asked again: they may be missed now, or no longer.
async fn eliminate(
    trial: &Trial<'_>,
    used: &mut Used,
    standing: &mut Vec<Built>,
    selection: &mut Selection,
    progress: &mut dyn FnMut(String),
) -> Result<Shares, AdviseError> {
    let mut shares = Shares::new();
    loop {
        let mut open: Vec<Built> = standing.iter().filter(|index| !shares.contains_key(&index.name)).cloned().collect();
        open.sort_by_cached_key(|index| promise(index, standing, used));
        let Some(index) = open.into_iter().next() else { return Ok(shares) };
        progress(format!("without {}", index.candidate.target()));
        let served = shares_of(trial, &index, used).await?;
        let covered = standing.iter().any(|other| index.candidate.is_prefix_of(&other.candidate));
        let least = if covered { trial.options.keep_if * COVERED_FACTOR } else { trial.options.keep_if };
        if served.iter().any(|share| is_missed(share, least)) {
            shares.insert(index.name.clone(), served);
            continue;
        }
        selection.rejected.push(rejected(&index.candidate, &index.definition, not_missed(&served, &index, standing)));
        drop_index(trial, &index).await?;
        standing.retain(|other| other.name != index.name);
        // Its endpoints look elsewhere now.
        let touched: Vec<usize> = used.iter().filter(|(_, names)| names.contains(&index.name)).map(|(place, _)| *place).collect();
        used.extend(plans_of(trial, &touched).await?.1);
        let asks_again = |name: &String| touched.iter().any(|place| used.get(place).is_some_and(|names| names.contains(name)));
        shares.retain(|name, _| !asks_again(name));
    }
}

/// Indexes that another standing index covers are asked first, then those that few endpoints use.
fn promise(index: &Built, standing: &[Built], used: &Used) -> (bool, usize, std::cmp::Reverse<u64>) {
    let covered = standing.iter().any(|other| index.candidate.is_prefix_of(&other.candidate));
    let users = used.values().filter(|names| names.contains(&index.name)).count();
    (!covered, users, std::cmp::Reverse(index.bytes))
}

/// Each endpoint that uses the index, with and without it.
async fn shares_of(trial: &Trial<'_>, index: &Built, used: &Used) -> Result<Vec<Served>, AdviseError> {
    let mut shares = Vec::new();
    for (place, _) in used.iter().filter(|(_, names)| names.contains(&index.name)) {
        let endpoint = &trial.workload.endpoints[*place];
        let draws: Vec<Draw> = (0..ABLATION.most as u64).filter_map(|call| endpoint.draws.draw(call)).collect();
        let (with_ms, without_ms) = with_and_without(&trial.target, trial.workload, *place, &draws, index, ABLATION).await?;
        shares.push(Served { label: endpoint.label.clone(), with_ms, without_ms });
    }
    Ok(shares)
}

/// An index whose lookups another one serves too must gain this many times as much to stay beside it: it is paid for with every row.
const COVERED_FACTOR: f64 = 3.0;

fn is_missed(share: &Served, least_gain: f64) -> bool {
    let gain = share.without_ms - share.with_ms;
    gain > SMALLEST_MS && gain > least_gain * share.without_ms
}

fn not_missed(shares: &[Served], index: &Built, standing: &[Built]) -> String {
    let times: Vec<String> = shares
        .iter()
        .map(|share| format!("{} takes {} with it and {} without", share.label, ms(share.with_ms), ms(share.without_ms)))
        .collect();
    let covering = standing.iter().find(|other| index.candidate.is_prefix_of(&other.candidate));
    let cover = covering.map_or(String::new(), |other| format!("; {} serves its lookups", other.candidate.target()));
    format!("used, but not missed when it is dropped: {}{cover}", times.join("; "))
}

/// The standing indexes, those that save most first, each with the endpoints that miss it.
fn by_gain(standing: &[Built], mut shares: Shares) -> Vec<(Built, Vec<Served>)> {
    let gain = |served: &[Served]| served.iter().map(|share| share.without_ms - share.with_ms).sum::<f64>();
    let mut kept: Vec<(Built, Vec<Served>)> = standing
        .iter()
        .map(|index| {
            let mut served = shares.remove(&index.name).unwrap_or_default();
            served.retain(|share| share.without_ms > share.with_ms);
            served.sort_by(|a, b| (b.without_ms - b.with_ms).total_cmp(&(a.without_ms - a.with_ms)));
            (index.clone(), served)
        })
        .collect();
    kept.sort_by(|a, b| gain(&b.1).total_cmp(&gain(&a.1)));
    kept
}

/// While the set is over `advise.budget.size`, the index with the least gain per byte goes.
async fn keep_to_budget(trial: &Trial<'_>, selection: &mut Selection) -> Result<(), AdviseError> {
    let Some(budget) = trial.options.size_budget else { return Ok(()) };
    let weight = |label: &str| {
        trial.workload.endpoints.iter().find(|endpoint| endpoint.label == label).map_or(1.0, |endpoint| endpoint.weight)
    };
    let worth = |entry: &(Built, Vec<Served>)| {
        let gain: f64 = entry.1.iter().map(|share| (share.without_ms - share.with_ms) * weight(&share.label)).sum();
        gain / entry.0.bytes.max(1) as f64
    };
    while selection.kept.iter().map(|(index, _)| index.bytes).sum::<u64>() > budget {
        let least = (0..selection.kept.len()).min_by(|a, b| worth(&selection.kept[*a]).total_cmp(&worth(&selection.kept[*b])));
        let Some(least) = least else { break };
        let (index, _) = selection.kept.remove(least);
        let reason = format!("over the size budget of {}: it gains least for its {}", bytes(budget), bytes(index.bytes));
        selection.rejected.push(rejected(&index.candidate, &index.definition, reason));
        drop_index(trial, &index).await?;
    }
    Ok(())
}

fn rejected(candidate: &Candidate, definition: &str, reason: String) -> RejectedIndex {
    RejectedIndex { definition: definition.to_owned(), because: because(candidate), reason }
}

/// The reasons of a candidate in one clause.
pub fn because(candidate: &Candidate) -> String {
    candidate.because.iter().cloned().collect::<Vec<_>>().join("; ")
}

async fn drop_index(trial: &Trial<'_>, index: &Built) -> Result<(), DbError> {
    let mut connection = Connection::open(&trial.target).await?;
    let schema = quote_ident(&index.candidate.table.schema);
    connection.batch(&format!("DROP INDEX {schema}.{}", quote_ident(&index.name))).await?;
    connection.close().await;
    Ok(())
}
