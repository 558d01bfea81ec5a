//! What an index gains and costs under the scenario's mix.
//!
//! ```text
//! written: rows that a call writes, by table ─┐
//! arms: calls with and without each index ────┼─ upkeep ─> LedgerWrite ─┐
//! price: µs and WAL of a row put back ────────┘                         ├─> Ledger ─ verdict, budget, sentence
//! shares of the trial (with, without) ──────────────────> LedgerRead ───┘
//! ```
//!
//! All of it happens on a clone that may be worn, in transactions that are rolled back.

mod arms;
mod budget;
mod price;
mod sentence;
mod upkeep;
mod verdict;
mod written;

use std::collections::BTreeMap;

use crate::bench::workload::Workload;
use crate::db::{Connection, DbError, Target, read_catalog};
use crate::report::model::{InsertCost, Ledger, LedgerRead, Served};

use super::trial::Built;

pub use budget::over_budget;
pub use price::insert_costs;
pub use sentence::{reason, upkeep_in_words};
pub(in crate::advise) use upkeep::{Standing, upkeep};
pub use verdict::verdict;

/// The ledger of each index of a set that stands on `target`, in its order, with what the trial measured of its readers.
///
/// # Errors
/// When a connection is lost. An endpoint that the server refuses has no line.
pub async fn ledgers(target: &Target, workload: &Workload, indexes: &[(Built, Vec<Served>)]) -> Result<Vec<Ledger>, DbError> {
    let names: Vec<_> = indexes.iter().map(|(index, _)| (index.candidate.table.clone(), index.sql_name())).collect();
    let prices = prices_of(target, &names).await?;
    ledgers_at(target, workload, indexes, &prices).await
}

/// [`ledgers`] where what a row inserted costs each index is known already.
///
/// # Errors
/// As [`ledgers`].
pub async fn ledgers_at(
    target: &Target,
    workload: &Workload,
    indexes: &[(Built, Vec<Served>)],
    prices: &[Option<InsertCost>],
) -> Result<Vec<Ledger>, DbError> {
    let standing: Vec<Standing> = indexes
        .iter()
        .enumerate()
        .map(|(place, (index, served))| Standing {
            table: index.candidate.table.clone(),
            sql_name: index.sql_name(),
            partial: index.candidate.predicate.is_some(),
            price: prices.get(place).cloned().flatten(),
            serves: served.iter().filter(|share| share.without_ms > share.with_ms).map(|share| share.label.clone()).collect(),
        })
        .collect();
    let writes = upkeep(target, workload, &standing).await?;
    let mix = shares(workload);
    Ok(indexes
        .iter()
        .zip(writes)
        .map(|((index, served), writes)| {
            let reads: Vec<LedgerRead> = served.iter().filter_map(|share| gained(share, &mix)).collect();
            let net_ms = verdict::net_ms(&reads, &writes);
            Ledger { reads, writes, net_ms, lock_ms: index.build_ms }
        })
        .collect())
}

fn gained(share: &Served, mix: &BTreeMap<&str, f64>) -> Option<LedgerRead> {
    let gain_ms = share.without_ms - share.with_ms;
    (gain_ms > 0.0).then(|| LedgerRead {
        label: share.label.clone(),
        share: mix.get(share.label.as_str()).copied().unwrap_or(0.0),
        gain_ms,
    })
}

/// Each endpoint's share of all calls of the mix, 0 to 1.
pub(in crate::advise) fn shares(workload: &Workload) -> BTreeMap<&str, f64> {
    let total: f64 = workload.endpoints.iter().map(|endpoint| endpoint.weight).sum();
    let share = |weight: f64| if total > 0.0 { weight / total } else { 0.0 };
    workload.endpoints.iter().map(|endpoint| (endpoint.label.as_str(), share(endpoint.weight))).collect()
}

/// What a row inserted costs each index, given with its table; `None` where it cannot be measured.
pub(in crate::advise) async fn prices_of(
    target: &Target,
    indexes: &[(crate::db::TableName, String)],
) -> Result<Vec<Option<InsertCost>>, DbError> {
    let mut connection = Connection::open(target).await?;
    let catalog = read_catalog(&mut connection).await?;
    connection.close().await;
    let mut found = vec![None; indexes.len()];
    for table in &catalog.tables {
        let (places, names): (Vec<usize>, Vec<String>) = indexes
            .iter()
            .enumerate()
            .filter(|(_, (of, _))| of == &table.name)
            .map(|(place, (_, name))| (place, name.clone()))
            .unzip();
        if places.is_empty() {
            continue;
        }
        for (place, price) in places.into_iter().zip(price::prices(target, table, &names).await?) {
            found[place] = price;
        }
    }
    Ok(found)
}
