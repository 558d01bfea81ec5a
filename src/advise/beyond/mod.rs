//! What may help beside indexes, each tried on a clone where the kept indexes stand: statements written another way, pages by key, one
//! statement in place of many, views that are kept, settings and statistics.
//!
//! ```text
//! calls ─┬─ plans ─ tips ──────────────┐
//!        └─ outlines ─ ways to write ──┴─ attempt: same rows? timed in turn ──> OtherAdvice, helped or not
//! ```
//!
//! Writes are never written another way: what they return says little of what they do.

mod arm;
mod attempt;
mod calls;
mod count;
mod date_range;
mod either;
mod keyset;
mod loops;
mod names;
mod reduction;
mod room;
mod semi_join;
mod tips;
mod told;
mod vacuum;
mod view;

use crate::bench::session::Session;
use crate::bench::workload::{BoundEndpoint, Workload};
use crate::db::catalog::Catalog;
use crate::db::{Connection, DbError, Target, read_catalog};
use crate::explain::ExplainError;
use crate::explain::endpoint::{StatementPlan, study_call};
use crate::explain::study::Study;
use crate::explain::tried::Trying;
use crate::plan::outline::Outline;
use crate::report::model::{Effect, OtherAdvice};

use super::AdviseError;
use attempt::{Attempt, attempt, best};
use calls::{Call, Own, calls, own};

pub use attempt::helps;

/// Statements quicker than this are left as they are, ms: little of it is the statement's own.
const WORTH_MS: f64 = 0.5;

/// No question that is asked on the way takes longer, ms.
const LIMIT_MS: u64 = 60_000;

/// Tries what may help the endpoints at `places` beside indexes. The clone behind `target` is worn by it: later statements see larger
/// tables. What helped ([`helps`]) comes first, what saves most of 1,000 calls of the mix in front; then what was tried in vain.
///
/// # Errors
/// When the connection is lost. A statement that fails is told in its advice or left out, and never stops the others.
pub async fn beyond(
    target: &Target,
    workload: &Workload,
    places: &[usize],
    typical_calls: &[u64],
) -> Result<Vec<OtherAdvice>, AdviseError> {
    let mut connection = Connection::open(target).await?;
    connection.batch(&format!("SET statement_timeout = {LIMIT_MS}")).await?;
    let catalog = &read_catalog(&mut connection).await?;
    let (mut found, mut later) = (Vec::new(), Vec::new());
    for place in places {
        let typical = typical_calls.get(*place).copied().unwrap_or(0);
        let tried = endpoint(&mut connection, (target, catalog), (workload, *place), typical).await;
        if let Some((advice, vacuums)) = unless_refused(tried, &mut connection).await? {
            found.extend(advice);
            later.extend(vacuums);
        }
    }
    // What stays on the clone comes last.
    for (own, table) in later {
        found.extend(vacuum::attempt(&mut connection, &own, &table).await?);
    }
    for place in places.iter().filter(|place| workload.endpoints[**place].effect == Effect::Writes) {
        let tried = room::attempt(target, workload, *place, catalog).await.map_err(AdviseError::from);
        found.extend(unless_refused(tried, &mut connection).await?.flatten());
    }
    connection.close().await;
    sort(&mut found, workload);
    Ok(found)
}

/// What the server refuses, or what cannot be read, concerns this endpoint alone; a lost connection concerns all.
async fn unless_refused<T>(tried: Result<T, AdviseError>, connection: &mut Connection) -> Result<Option<T>, AdviseError> {
    let refused = match &tried {
        Ok(_) => return Ok(tried.ok()),
        Err(AdviseError::Db(error) | AdviseError::Explain(ExplainError::Db(error))) => error.server_message().is_some(),
        Err(_) => true,
    };
    if !refused {
        return tried.map(Some);
    }
    connection.batch("ROLLBACK").await?;
    Ok(None)
}

/// What is tried in transactions for one endpoint, and the statements that VACUUM of a table may help.
async fn endpoint<'w>(
    connection: &mut Connection,
    (target, catalog): (&Target, &Catalog),
    (workload, place): (&'w Workload, usize),
    typical: u64,
) -> Result<(Vec<OtherAdvice>, Vec<(Own<'w>, String)>), AdviseError> {
    let endpoint = &workload.endpoints[place];
    let mut session = Session::open_for(target, workload, &[place]).await?;
    let calls = calls(&mut session, workload, place, typical).await?;
    session.close().await;
    let plans = plans(connection, catalog, endpoint, typical).await?;
    let (mut found, mut vacuums) = (Vec::new(), Vec::new());
    for (step, bound) in endpoint.steps.iter().enumerate() {
        let plan = plans.iter().find(|plan| plan.step == step);
        if bound.effect != Effect::Reads {
            found.extend(plan.map(|plan| tips::remedies(plan, &endpoint.label, catalog).0).unwrap_or_default());
            continue;
        }
        if !bound.returns {
            continue;
        }
        found.extend(statement(connection, catalog, (endpoint, step, &calls), plan).await?);
        let own = own(endpoint, step, &calls).filter(|own| own.ms >= WORTH_MS);
        if let (Some(own), Some(plan)) = (own, plan) {
            vacuums.extend(vacuum::tables(plan, catalog).into_iter().map(|table| (own.clone(), table)));
        }
    }
    Ok((found, vacuums))
}

/// The plans of the typical call, with what their tips achieve.
async fn plans(
    connection: &mut Connection,
    catalog: &Catalog,
    endpoint: &BoundEndpoint,
    typical: u64,
) -> Result<Vec<StatementPlan>, AdviseError> {
    let Some(draw) = endpoint.draws.draw(typical) else { return Ok(Vec::new()) };
    let study = Study { budget: None, tried: Trying::AllButIndexes, proof: false };
    Ok(study_call(connection, catalog, endpoint, &draw, study).await?)
}

/// Everything that is tried for one statement that reads.
async fn statement(
    connection: &mut Connection,
    catalog: &Catalog,
    (endpoint, step, calls): (&BoundEndpoint, usize, &[Call]),
    plan: Option<&StatementPlan>,
) -> Result<Vec<OtherAdvice>, DbError> {
    let mut found = Vec::new();
    if let Some((own, way)) = loops::attempt(connection, endpoint, step, calls).await? {
        found.push(attempt(connection, &own, &way).await?);
    }
    let Some(mut own_calls) = own(endpoint, step, calls).filter(|own| own.ms >= WORTH_MS) else { return Ok(found) };
    if endpoint.steps[..step].iter().any(|earlier| earlier.effect != Effect::Reads) {
        // What the call wrote before is not there for those who ask alone.
        own_calls.ask_again(connection).await?;
    }
    if own_calls.cases.is_empty() {
        return Ok(found);
    }
    let mut ways: Vec<(Own<'_>, Attempt)> = Vec::new();
    if let Some(plan) = plan {
        let (told, rewrites) = tips::remedies(plan, &endpoint.label, catalog);
        found.extend(told);
        for rewrite in &rewrites {
            ways.extend(tips::rewritten(rewrite, own_calls.clone()));
        }
    }
    for (own, way) in ways {
        found.push(attempt(connection, &own, &way).await?);
    }
    let own = own_calls;
    let Some(outline) = Outline::of(own.sql) else { return Ok(found) };
    let everything: Vec<usize> = (1..=own.cases[0].parameters.len()).collect();
    let in_order = names::total_order(&outline, catalog);
    let rewrites = [
        reduction::attempts(&outline, catalog),
        either::attempts(&outline, catalog),
        semi_join::attempts(&outline, catalog),
        date_range::attempts(&outline, catalog),
    ];
    for way in rewrites.into_iter().flatten() {
        let way = Attempt { in_order, ..way.given(&own, &everything) };
        found.push(best(connection, &own, &way, catalog).await?);
    }
    if let Some((own, way)) = keyset::attempt(connection, &outline, &own, catalog).await? {
        found.push(attempt(connection, &own, &way).await?);
    }
    found.extend(count::estimate(connection, &outline, &own, catalog).await?);
    // Data that are behind are the last resort.
    let quickest = found.iter().filter(|advice| helps(advice)).filter_map(|advice| advice.after_ms).fold(own.ms, f64::min);
    if let Some(way) = plan.and_then(|plan| view::attempt(&outline, &own, &plan.plan)).filter(|_| quickest >= view::WORTH_MS) {
        found.push(attempt(connection, &own, &Attempt { in_order, ..way }).await?);
    }
    Ok(found)
}

/// What helped first, by what it saves of the mix; the rest as it was tried.
fn sort(found: &mut [OtherAdvice], workload: &Workload) {
    let weight = |label: &str| workload.endpoints.iter().find(|one| one.label == label).map_or(0.0, |one| one.weight);
    let saves = |advice: &OtherAdvice| match advice.after_ms {
        Some(after) if helps(advice) => (advice.before_ms - after) * weight(&advice.label),
        _ => 0.0,
    };
    found.sort_by(|one, two| saves(two).total_cmp(&saves(one)));
}
