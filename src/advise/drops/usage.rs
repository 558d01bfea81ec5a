//! Which endpoints look into which indexes, and which tables they touch.
//!
//! Plans tell what a statement and the foreign keys behind it use; the server's own count of scans tells what functions and triggers
//! use as well. The planner scans indexes, too, to learn where a column's values end (`get_actual_variable_range`), and that is no use:
//! scans that it makes for an EXPLAIN that runs nothing are told apart.

use std::collections::{BTreeMap, BTreeSet};

use crate::advise::AdviseError;
use crate::advise::used::used_names;
use crate::bench::draw::Draw;
use crate::bench::session::Session;
use crate::bench::workload::{BoundStep, Workload};
use crate::db::catalog::Catalog;
use crate::db::explain::{Explain, explain};
use crate::db::index_facts::index_scans;
use crate::db::touched::table_counts;
use crate::db::{Connection, DbError, TableName, Target};
use crate::explain::ExplainError;
use crate::explain::endpoint::{StatementPlan, explain_steps};
use crate::explain::study::Study;
use crate::plan::{Plan, used_indexes};

/// What is asked, of which database.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub target: &'a Target,
    pub workload: &'a Workload,
    pub catalog: &'a Catalog,
    /// By place in the workload.
    pub typical_calls: &'a [u64],
}

/// What one endpoint uses.
#[derive(Debug, Clone, Default)]
pub(super) struct EndpointUse {
    /// OIDs of indexes that statements look into.
    pub used: BTreeSet<i64>,
    /// OIDs of indexes that the planner alone asked.
    pub probed: BTreeSet<i64>,
    /// Tables that were read or written.
    pub touched: BTreeSet<TableName>,
    /// Tables of which rows were deleted.
    pub deleted: BTreeSet<TableName>,
    /// The quickest call, ms; absent when none went well.
    pub call_ms: Option<f64>,
    /// Rows that the plans of the typical call read.
    pub rows_read: f64,
    /// Why it could not be looked at.
    pub failed: Option<String>,
}

/// Calls whose scans are counted: statements that run only in some calls are seen in most workloads.
const COUNTED_CALLS: u64 = 6;
/// Calls that are explained beside the typical one, when they are quick.
const EXPLAINED_CALLS: u64 = 2;
/// A call that reads for longer than this under EXPLAIN is not explained again, ms.
const SLOW_MS: f64 = 100.0;

/// What an endpoint uses when the indexes named (as SQL needs them) are gone, and with `setting` (`SET LOCAL …`, or nothing) in force.
///
/// # Errors
/// When a connection is lost; what the server refuses is told in [`EndpointUse::failed`].
pub(super) async fn usage(asked: &Asked<'_>, place: usize, gone: &[String], setting: &str) -> Result<EndpointUse, AdviseError> {
    let mut found = EndpointUse::default();
    match look(asked, place, gone, setting, &mut found).await {
        Err(AdviseError::Db(error) | AdviseError::Explain(ExplainError::Db(error))) if error.server_message().is_some() => {
            found.failed = Some(error.to_string());
        }
        Err(AdviseError::Explain(ExplainError::Plan(error))) => found.failed = Some(error.to_string()),
        other => other?,
    }
    Ok(found)
}

async fn look(
    asked: &Asked<'_>,
    place: usize,
    gone: &[String],
    setting: &str,
    found: &mut EndpointUse,
) -> Result<(), AdviseError> {
    let mut drops: Vec<String> = gone.iter().map(|name| format!("DROP INDEX {name}")).collect();
    drops.extend((!setting.is_empty()).then(|| setting.to_owned()));
    let mut begin = vec!["BEGIN".to_owned()];
    begin.extend(drops);
    let begin = begin.join("; ");
    let mut connection = Connection::open(asked.target).await?;
    connection.batch(&begin).await?;
    let named = index_scans(&mut connection).await?.named;
    let plans = explained(&mut connection, asked, place, found, &named).await?;
    let probed = probes(&mut connection, &asked.workload.endpoints[place].steps, &plans).await?;
    // The other session drops the same indexes, and would wait for this one.
    connection.batch("ROLLBACK").await?;
    let silent = count(asked, place, &begin, found, &probed).await?;
    connection.batch(&begin).await?;
    for step in silent {
        planned(&mut connection, step, &asked.workload.endpoints[place].steps[step], &named, found).await?;
    }
    connection.batch("ROLLBACK").await?;
    connection.close().await;
    Ok(())
}

/// The plans of a few calls; what they look into is used.
async fn explained(
    connection: &mut Connection,
    asked: &Asked<'_>,
    place: usize,
    found: &mut EndpointUse,
    named: &BTreeMap<String, Vec<i64>>,
) -> Result<Vec<StatementPlan>, AdviseError> {
    let endpoint = &asked.workload.endpoints[place];
    let mut all = Vec::new();
    let typical = asked.typical_calls.get(place).copied().unwrap_or(0);
    for (number, call) in std::iter::once(typical).chain(0..EXPLAINED_CALLS).enumerate() {
        let Some(draw) = endpoint.draws.draw(call) else { continue };
        connection.batch("SAVEPOINT perflab_usage").await?;
        let plans = explain_steps(connection, asked.catalog, endpoint, &draw, Study::PLANS).await;
        connection.batch("ROLLBACK TO perflab_usage; RELEASE perflab_usage").await?;
        let plans = plans?;
        found.used.extend(plans.iter().flat_map(used_names).filter_map(|name| named.get(&name)).flatten());
        let took: f64 = plans.iter().map(|statement| statement.explained.execution_ms).sum();
        if number == 0 {
            found.rows_read = plans.iter().map(|statement| statement.explained.rows_read).sum();
        }
        all.extend(plans);
        if took > SLOW_MS {
            break;
        }
    }
    Ok(all)
}

/// The indexes that planning these statements alone scans.
async fn probes(connection: &mut Connection, steps: &[BoundStep], plans: &[StatementPlan]) -> Result<BTreeSet<i64>, AdviseError> {
    let before = index_scans(connection).await?;
    for statement in plans {
        connection.batch("SAVEPOINT perflab_usage").await?;
        let planned = explain(connection, &steps[statement.step].sql, &statement.parameters, Explain::Estimate).await;
        connection.batch("ROLLBACK TO perflab_usage; RELEASE perflab_usage").await?;
        lost(planned)?;
    }
    let after = index_scans(connection).await?;
    Ok(after.since(&before).collect())
}

/// Makes a few calls and reads what they scanned and touched. Returns the statements that never ran.
async fn count(
    asked: &Asked<'_>,
    place: usize,
    begin: &str,
    found: &mut EndpointUse,
    probed: &BTreeSet<i64>,
) -> Result<Vec<usize>, AdviseError> {
    let endpoint = &asked.workload.endpoints[place];
    let mut session = Session::open_for(asked.target, asked.workload, &[place]).await?;
    // Workers of a parallel plan would count for themselves.
    session.connection().batch(&format!("{begin}; SET LOCAL max_parallel_workers = 0")).await?;
    let (scans, tables) = (index_scans(session.connection()).await?, table_counts(session.connection()).await?);
    let mut silent: BTreeSet<usize> = (0..endpoint.steps.len()).collect();
    let draws: Vec<Draw> = (0..COUNTED_CALLS).filter_map(|call| endpoint.draws.draw(call)).collect();
    for draw in &draws {
        session.connection().batch("SAVEPOINT perflab_usage").await?;
        let call = session.call_inside(asked.workload, place, draw).await?;
        let ran = |step: usize| session.steps().get(step).is_some_and(|step| !step.executions.is_empty());
        let failed_at = call.failed.as_ref().map(|failure| failure.step);
        silent.retain(|step| !ran(*step) || failed_at == Some(*step));
        if call.failed.is_none() {
            lost(session.connection().batch("SET CONSTRAINTS ALL IMMEDIATE").await)?;
        }
        session.connection().batch("ROLLBACK TO perflab_usage; RELEASE perflab_usage").await?;
        let ms = call.elapsed.as_secs_f64() * 1e3;
        if call.failed.is_none() {
            found.call_ms = Some(found.call_ms.map_or(ms, |least| least.min(ms)));
        }
        if ms > SLOW_MS {
            break;
        }
    }
    let (scanned, counted) = (index_scans(session.connection()).await?, table_counts(session.connection()).await?);
    session.connection().batch("ROLLBACK").await?;
    session.close().await;
    let hidden: Vec<i64> = scanned.since(&scans).filter(|oid| !found.used.contains(oid)).collect();
    let (by_planner, by_others): (Vec<i64>, Vec<i64>) = hidden.into_iter().partition(|oid| probed.contains(oid));
    found.used.extend(by_others);
    found.probed.extend(by_planner);
    for counts in tables.iter().zip(&counted).map(|(before, after)| after.since(before)) {
        if counts.deleted > 0 {
            found.deleted.insert(counts.table.clone());
        }
        if !counts.is_nothing() {
            found.touched.insert(counts.table);
        }
    }
    Ok(silent.into_iter().collect())
}

/// What a statement that never ran would look into, for whatever values: its generic plan. The connection is in a transaction.
async fn planned(
    connection: &mut Connection,
    number: usize,
    step: &BoundStep,
    named: &BTreeMap<String, Vec<i64>>,
    found: &mut EndpointUse,
) -> Result<(), AdviseError> {
    connection.batch("SAVEPOINT perflab_usage").await?;
    let plan = generic_plan(connection, number, step).await;
    connection.batch("ROLLBACK TO perflab_usage; RELEASE perflab_usage").await?;
    let plan = match plan {
        Ok(json) => Plan::from_json(&json).ok(),
        Err(error) if error.server_message().is_some() => None,
        Err(error) => return Err(error.into()),
    };
    let names = plan.map(|plan| used_indexes(&plan)).unwrap_or_default();
    found.used.extend(names.into_iter().filter_map(|index| named.get(&index.name)).flatten());
    Ok(())
}

async fn generic_plan(connection: &mut Connection, number: usize, step: &BoundStep) -> Result<serde_json::Value, DbError> {
    let nulls = vec!["NULL"; step.types.len()].join(", ");
    let values = if nulls.is_empty() { String::new() } else { format!("({nulls})") };
    connection.batch("SET LOCAL plan_cache_mode = force_generic_plan").await?;
    // Prepared statements outlive the savepoint, so each needs a name of its own.
    connection.batch(&format!("PREPARE perflab_step_{number} AS {}", step.sql)).await?;
    let reply = connection.query(&format!("EXPLAIN (VERBOSE, FORMAT JSON) EXECUTE perflab_step_{number}{values}"), &[]).await?;
    let json = reply.bytes_at(0, 0).flatten().unwrap_or_default();
    serde_json::from_slice(json).map_err(|error| DbError::Unexpected(format!("EXPLAIN returned no JSON: {error}")))
}

/// What the server refuses is no answer; a lost connection is an error.
fn lost<T>(outcome: Result<T, DbError>) -> Result<(), DbError> {
    match outcome {
        Err(error) if error.server_message().is_none() => Err(error),
        _ => Ok(()),
    }
}

/// Of all endpoints.
#[derive(Debug, Default)]
pub(super) struct Usage {
    /// By place.
    pub endpoints: Vec<EndpointUse>,
}

impl Usage {
    /// # Errors
    /// When a connection is lost.
    pub async fn of_all(asked: &Asked<'_>) -> Result<Usage, AdviseError> {
        let mut endpoints = Vec::new();
        for place in 0..asked.workload.endpoints.len() {
            endpoints.push(usage(asked, place, &[], "").await?);
        }
        Ok(Usage { endpoints })
    }

    /// Places of the endpoints that look into an index.
    pub fn users(&self, oid: i64) -> Vec<usize> {
        self.places(|endpoint| endpoint.used.contains(&oid))
    }

    /// … and of those whose planning does.
    pub fn probers(&self, oid: i64) -> Vec<usize> {
        self.places(|endpoint| endpoint.probed.contains(&oid))
    }

    pub fn touching(&self, table: &TableName) -> Vec<usize> {
        self.places(|endpoint| endpoint.touched.contains(table))
    }

    /// Whether some endpoint deletes rows of the table.
    pub fn deletes_from(&self, table: &TableName) -> bool {
        self.endpoints.iter().any(|endpoint| endpoint.deleted.contains(table))
    }

    fn places(&self, is: impl Fn(&EndpointUse) -> bool) -> Vec<usize> {
        (0..self.endpoints.len()).filter(|place| is(&self.endpoints[*place])).collect()
    }
}
