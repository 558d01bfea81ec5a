//! Indexes of the schema that may go: nobody uses them, or another one does all that they do.
//!
//! ```text
//! catalog ── cover: the same, a prefix ──┐
//! calls ──── usage: who looks into it ───┼─ one after the other, with those gone that went before ─> dropped in a transaction:
//! foreign keys, small tables ────────────┘   readers no slower? ─> DroppedAdvice, with what writers save
//! ```
//!
//! What a constraint, a foreign key, CLUSTER or replication rests on stays. So does what this workload has no word on, which is said in
//! a note: an index that only a DELETE on a referenced table would need, one on a table that is too small for any, one on a table that
//! no endpoint touches.

mod cover;
mod judge;
mod sentence;
mod usage;

mod readers;

use std::collections::BTreeSet;

use crate::bench::workload::Workload;
use crate::db::catalog::Catalog;
use crate::db::index_facts::{IndexFacts, index_facts};
use crate::db::{Connection, Target};
use crate::report::model::{DroppedAdvice, LedgerWrite};

use super::AdviseError;
use super::ledger::{Standing, prices_of, upkeep};
use super::trial::Built;

use cover::{is_unique_twice, only_for_queries};
use judge::{Found, Judge};
use usage::{Asked, Usage};

/// The indexes of `target` that may go, and notes on those that stay though nobody uses them. The `kept` ones stand there beside; they
/// are never dropped, but may be why another one is.
///
/// # Errors
/// When a connection is lost or a plan cannot be read. What the server refuses of an endpoint is told in a note.
pub async fn drops(
    target: &Target,
    workload: &Workload,
    catalog: &Catalog,
    typical_calls: &[u64],
    kept: &[Built],
) -> Result<(Vec<DroppedAdvice>, Vec<String>), AdviseError> {
    let mut connection = Connection::open(target).await?;
    let facts = index_facts(&mut connection).await?;
    connection.close().await;
    let open: Vec<usize> = (0..facts.len()).filter(|i| may_go(&facts[*i], &facts, kept)).collect();
    if open.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let asked = Asked { target, workload, catalog, typical_calls };
    let usage = Usage::of_all(&asked).await?;
    let mut judge = Judge::new(asked, &facts, usage);
    judge.judge(open).await?;
    let (found, notes) = judge.verdicts();
    let writes = savings(target, workload, &facts, &found).await?;
    let endpoints = workload.endpoints.len();
    let advice = found.into_iter().zip(writes).map(|(found, writes)| advice(&facts, found, writes, endpoints));
    Ok((advice.collect(), notes))
}

fn may_go(index: &IndexFacts, all: &[IndexFacts], kept: &[Built]) -> bool {
    let is_kept = kept.iter().any(|built| built.name == index.name && built.candidate.table.schema == index.table.schema);
    !is_kept && (only_for_queries(index) || is_unique_twice(index, all))
}

/// What each endpoint that writes saves without each of them.
async fn savings(
    target: &Target,
    workload: &Workload,
    facts: &[IndexFacts],
    found: &[Found],
) -> Result<Vec<Vec<LedgerWrite>>, AdviseError> {
    let names: Vec<_> = found.iter().map(|found| (facts[found.index].table.clone(), facts[found.index].sql_name())).collect();
    let prices = if names.is_empty() { Vec::new() } else { prices_of(target, &names).await? };
    let standing = names.into_iter().zip(prices).zip(found).map(|(((table, sql_name), price), found)| Standing {
        table,
        sql_name,
        partial: facts[found.index].predicate.is_some(),
        price,
        serves: BTreeSet::new(),
    });
    Ok(upkeep(target, workload, &standing.collect::<Vec<_>>()).await?)
}

fn advice(facts: &[IndexFacts], found: Found, writes: Vec<LedgerWrite>, endpoints: usize) -> DroppedAdvice {
    let index = &facts[found.index];
    DroppedAdvice {
        name: index.name.clone(),
        table: index.table.to_string(),
        definition: index.definition.clone(),
        reason: sentence::reason(facts, &found, &writes, endpoints),
        bytes: index.bytes,
        writes,
        tried: found.tried,
    }
}
