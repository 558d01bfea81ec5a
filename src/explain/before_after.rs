//! Which call of an endpoint is typical, and which indexes a call looks into.

use std::collections::BTreeSet;

use crate::bench::session::Session;
use crate::bench::workload::Workload;
use crate::db::{DbError, Target};
use crate::plan::{Plan, used_indexes};
use crate::report::model::ExplainedPlan;

/// Calls that decide which one is typical.
const CALLS: u64 = 7;

/// The call in the middle of a few, and its milliseconds; nothing is committed. `None` when no call succeeds.
///
/// # Errors
/// When the connection is lost.
pub async fn typical_call(target: &Target, workload: &Workload, place: usize) -> Result<Option<(u64, f64)>, DbError> {
    let mut session = Session::open(target, workload).await?;
    session.connection().batch("BEGIN").await?;
    let mut calls = Vec::new();
    // The first call fills caches and is made twice.
    for call in std::iter::once(0).chain(0..CALLS) {
        let Some(draw) = workload.endpoints[place].draws.draw(call) else { break };
        if let Some(elapsed) = session.call_to_savepoint(workload, place, &draw).await? {
            calls.push((call, elapsed));
        }
    }
    session.connection().batch("ROLLBACK").await?;
    session.close().await;
    if calls.len() > 1 {
        calls.remove(0);
    }
    calls.sort_by_key(|(_, elapsed)| *elapsed);
    Ok(calls.get(calls.len() / 2).map(|(call, elapsed)| (*call, elapsed.as_secs_f64() * 1e3)))
}

/// The statements whose plans look into one of the indexes: this one, and those that foreign keys run behind it.
pub fn names_used(names: &BTreeSet<String>, sql: &str, explained: &ExplainedPlan) -> Vec<String> {
    let mut found = Vec::new();
    let plan = Plan::from_json(&explained.json);
    if plan.is_ok_and(|plan| used_indexes(&plan).iter().any(|index| names.contains(&index.name))) {
        found.push(sql.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    for implied in &explained.implied {
        found.extend(implied.plan.iter().flat_map(|plan| names_used(names, &implied.sql, plan)));
    }
    found
}
