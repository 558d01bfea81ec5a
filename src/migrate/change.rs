//! What the migration leaves behind for every endpoint: side by side with the rows as they were seeded, and without a clock.

use crate::bench::draw::Draw;
use crate::bench::rounds::{Progress, TimeBox};
use crate::bench::session::Session;
use crate::bench::slo::{Counted, slo_results};
use crate::bench::workload::{BoundEndpoint, LeftOut};
use crate::bench::{Workload, paired};
use crate::db::catalog::Catalog;
use crate::db::value::Value;
use crate::db::{Connection, DbError, Target, read_catalog};
use crate::explain::endpoint::{StatementPlan, explain_call};
use crate::plan::change::{ChangeKind, NodeFigures, changes};
use crate::report::model::{ErrorCount, PairedResult, SloResult, Verdict, WorkChange};
use crate::scenario::model::Scenario;

use super::MigrateError;

/// The endpoints that fit on both sides, each with the statements as either side understands them and the same parameters.
pub struct Fitting {
    pub before: Workload,
    pub after: Workload,
    pub left_out: Vec<LeftOut>,
    /// Endpoints whose parameters were drawn on each side by itself, because their types changed.
    pub drawn_apart: Vec<String>,
}

/// Binds the endpoints to the migrated database, and gives those that fit the parameters of `before`.
///
/// # Errors
/// When the connection fails.
pub async fn fitting(scenario: &Scenario, before: Workload, migrated: &Target) -> Result<Fitting, MigrateError> {
    let mut connection = Connection::open(migrated).await?;
    let (mut after, left_out) = Workload::bind_what_fits(scenario, &mut connection).await?;
    connection.close().await;
    let calls = before.calls;
    let fits = |endpoint: &BoundEndpoint| !left_out.iter().any(|gone| gone.label == endpoint.label);
    let before = Workload { endpoints: before.endpoints.into_iter().filter(fits).collect(), calls };
    let mut drawn_apart = Vec::new();
    for (then, now) in before.endpoints.iter().zip(&mut after.endpoints) {
        if same_parameters(then, now) {
            now.draws = then.draws.clone();
        } else {
            drawn_apart.push(now.label.clone());
        }
    }
    Ok(Fitting { before, after, left_out, drawn_apart })
}

fn same_parameters(then: &BoundEndpoint, now: &BoundEndpoint) -> bool {
    let (then, now) = (then.draws.sampled(), now.draws.sampled());
    then.len() == now.len()
        && then.iter().zip(now).all(|(then, now)| then.name == now.name && Value::passes(then.type_oid, now.type_oid))
}

/// New statistics on both sides, so that what is measured is what stays: a column that was changed has none until somebody asks for them.
///
/// # Errors
/// What the server says.
pub async fn analyze(databases: [&Target; 2]) -> Result<(), DbError> {
    for database in databases {
        let mut connection = Connection::open(database).await?;
        connection.batch("ANALYZE").await?;
        connection.close().await;
    }
    Ok(())
}

/// Every endpoint on both databases in turn. One that looks slower is measured again, and is called so only if it is slower twice.
///
/// # Errors
/// When a connection is lost.
pub async fn measure(
    fitting: &Fitting,
    before: &Target,
    migrated: &Target,
    time: TimeBox,
    progress: Progress<'_>,
) -> Result<Vec<PairedResult>, DbError> {
    let workloads = [&fitting.before, &fitting.after];
    let everywhere: Vec<usize> = (0..fitting.after.endpoints.len()).collect();
    let found = paired::run_both(workloads, &everywhere, [before, migrated], time, progress).await?;
    let mut results = paired::results(&fitting.after, &everywhere, &found);
    let slower: Vec<usize> = everywhere.into_iter().filter(|place| results[*place].verdict == Verdict::Regressed).collect();
    if slower.is_empty() {
        return Ok(results);
    }
    let share = slower.len() as f64 / results.len() as f64;
    let again = TimeBox { total: time.total.mul_f64(share), ..time };
    let found = paired::run_both(workloads, &slower, [before, migrated], again, progress).await?;
    for (place, second) in slower.iter().zip(paired::results(&fitting.after, &slower, &found)) {
        // Rows that are deleted once may be used up by now; then the first word stands.
        if matches!(second.verdict, Verdict::WithinNoise | Verdict::Improved) {
            results[*place] = PairedResult { verdict: Verdict::WithinNoise, ..second };
        }
    }
    Ok(results)
}

/// The first call of each endpoint under EXPLAIN on both databases; `None` where a statement was refused.
///
/// # Errors
/// When a connection is lost or a plan cannot be read.
pub async fn work(fitting: &Fitting, before: &Target, migrated: &Target) -> Result<Vec<Option<WorkChange>>, MigrateError> {
    let (mut then, mut now) = (Connection::open(before).await?, Connection::open(migrated).await?);
    let catalogs = [read_catalog(&mut then).await?, read_catalog(&mut now).await?];
    let mut all = Vec::new();
    for (first, second) in fitting.before.endpoints.iter().zip(&fitting.after.endpoints) {
        let plans = (plans(&mut then, &catalogs[0], first).await?, plans(&mut now, &catalogs[1], second).await?);
        all.push(change(&plans.0, &plans.1));
    }
    then.close().await;
    now.close().await;
    Ok(all)
}

async fn plans(
    connection: &mut Connection,
    catalog: &Catalog,
    endpoint: &BoundEndpoint,
) -> Result<Vec<StatementPlan>, MigrateError> {
    match endpoint.draws.draw(0) {
        Some(draw) => Ok(explain_call(connection, catalog, endpoint, &draw).await?),
        None => Ok(Vec::new()),
    }
}

fn change(before: &[StatementPlan], after: &[StatementPlan]) -> Option<WorkChange> {
    let steps = |plans: &[StatementPlan]| plans.iter().map(|plan| plan.step).collect::<Vec<_>>();
    if before.is_empty() || steps(before) != steps(after) {
        return None;
    }
    let mut found = WorkChange::default();
    for (then, now) in before.iter().zip(after) {
        found.rows_read_before += then.explained.rows_read;
        found.rows_read_after += now.explained.rows_read;
        found.blocks_before += then.explained.blocks;
        found.blocks_after += now.explained.blocks;
        for change in changes(&then.plan, &now.plan) {
            let label = |side: &Option<NodeFigures>| side.as_ref().map(|node| node.label.clone());
            match (change.kind, label(&change.before), label(&change.after)) {
                (ChangeKind::Replaced, Some(then), Some(now)) if then != now => found.plans.push(format!("{then} → {now}")),
                _ => {}
            }
        }
    }
    found.plans.dedup();
    Some(found)
}

/// Calls tried of each endpoint to see whether they still succeed.
const FIRST_CALLS: u64 = 5;

/// Endpoints whose calls succeeded on the rows as seeded and fail after the migration, each with the first failure. All is rolled back.
///
/// # Errors
/// When a connection is lost.
pub async fn failing(fitting: &Fitting, before: &Target, migrated: &Target) -> Result<Vec<(String, ErrorCount)>, DbError> {
    let mut sessions = [Session::open(before, &fitting.before).await?, Session::open(migrated, &fitting.after).await?];
    let mut found = Vec::new();
    for (place, endpoint) in fitting.after.endpoints.iter().enumerate() {
        for call in 0..FIRST_CALLS {
            let Some(draw) = endpoint.draws.draw(call) else { break };
            let then = failure(&mut sessions[0], &fitting.before, place, &draw).await?;
            let now = failure(&mut sessions[1], &fitting.after, place, &draw).await?;
            if let (None, Some(error)) = (then, now) {
                found.push((endpoint.label.clone(), error));
                break;
            }
        }
    }
    for session in sessions {
        session.close().await;
    }
    Ok(found)
}

async fn failure(session: &mut Session, workload: &Workload, place: usize, draw: &Draw) -> Result<Option<ErrorCount>, DbError> {
    session.connection().batch("BEGIN").await?;
    let call = session.call_inside(workload, place, draw).await?;
    session.connection().batch("ROLLBACK").await?;
    Ok(call.failed.map(|failure| ErrorCount {
        sqlstate: failure.error.sqlstate().to_owned(),
        message: failure.error.to_string(),
        step: failure.step + 1,
        count: 1,
    }))
}

/// Promises that are broken after the migration and were not before, each with its endpoint.
pub fn broken_promises(fitting: &Fitting, results: &[PairedResult]) -> Vec<(String, SloResult)> {
    let mut found = Vec::new();
    for (endpoint, result) in fitting.after.endpoints.iter().zip(results) {
        let counted = Counted { latency: &result.before, histogram: None, errors: None, per_s: None };
        let before = slo_results(&endpoint.slo, &counted);
        for (then, now) in before.iter().zip(&result.slo) {
            if is_broken(then, now, result.verdict) {
                found.push((endpoint.label.clone(), now.clone()));
            }
        }
    }
    found
}

/// A promise near its bound is kept in one measurement and broken in the next; only with an endpoint that is proven slower does the
/// migration break it.
fn is_broken(then: &SloResult, now: &SloResult, verdict: Verdict) -> bool {
    now.met == Some(false) && then.met != Some(false) && verdict == Verdict::Regressed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_is_broken_by_what_is_proven_slower_and_was_not_broken_before() {
        let promise = |met| SloResult { met, ..SloResult::default() };
        let broken = |then, now, verdict| is_broken(&promise(then), &promise(now), verdict);
        assert!(broken(Some(true), Some(false), Verdict::Regressed));
        assert!(broken(None, Some(false), Verdict::Regressed), "too few calls before to know");
        assert!(!broken(Some(true), Some(false), Verdict::WithinNoise));
        assert!(!broken(Some(false), Some(false), Verdict::Regressed));
        assert!(!broken(Some(true), None, Verdict::Regressed));
    }
}
