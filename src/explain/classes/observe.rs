//! One call of a class, statement by statement.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::bench::classes::ClassCall;
use crate::bench::workload::BoundEndpoint;
use crate::db::{Connection, Value};
use crate::explain::ExplainError;
use crate::explain::plan_cache::compare::{CUSTOM, Compared, compare};
use crate::explain::plan_cache::prepared::Prepared;
use crate::explain::walk::Walk;
use crate::plan::Facts;

use super::Seen;
use super::other_way::{OtherWay, other_way};

/// A statement with the parameters of one class.
pub struct Observed {
    pub class: String,
    pub parameters: Vec<Value>,
    /// Planned for these parameters.
    pub custom: Seen,
    /// `None` for a statement without parameters, which has one plan anyhow.
    pub cached: Option<Compared>,
    /// What the planner turned down, where the statement takes much longer than for the first class by the same plan.
    pub other_way: Option<OtherWay>,
}

/// Explains the statements of a call inside a transaction, and adds them by their step.
///
/// # Errors
/// When the connection is lost or a plan cannot be read. What the server refuses ends the call, and so does what takes too long.
pub(super) async fn call(
    connection: &mut Connection,
    facts: &Facts,
    endpoint: &BoundEndpoint,
    call: &ClassCall,
    seen: &mut BTreeMap<usize, Vec<Observed>>,
    limit: Duration,
) -> Result<(), ExplainError> {
    let mut walk = Walk::new(endpoint, &call.draw);
    while let Some((step, parameters)) = walk.next() {
        let sql = &endpoint.steps[step].sql;
        let first = seen.get(&step).and_then(|all| all.first());
        let Some(prepared) = Prepared::new(connection, "perflab_step", sql, &parameters).await? else { break };
        let observed = statement(connection, facts, (sql, &parameters), &prepared, first, limit).await?;
        prepared.forget(connection).await?;
        let Some((custom, cached, other_way)) = observed else { break };
        let ends = custom.stopped_after.is_some();
        let one = Observed { class: call.name.clone(), parameters: parameters.clone(), custom, cached, other_way };
        seen.entry(step).or_default().push(one);
        if ends || !walk.run(connection, step, &parameters).await? {
            break;
        }
    }
    Ok(())
}

type Parts = (Seen, Option<Compared>, Option<OtherWay>);

async fn statement(
    connection: &mut Connection,
    facts: &Facts,
    (sql, parameters): (&str, &[Value]),
    prepared: &Prepared,
    first: Option<&Observed>,
    limit: Duration,
) -> Result<Option<Parts>, ExplainError> {
    let Some(custom) = Seen::executed(connection, facts, prepared, CUSTOM, limit).await? else { return Ok(None) };
    let cached = match parameters {
        [] => None,
        _ => compare(connection, facts, (sql, parameters), (prepared, &custom), limit).await?,
    };
    let other_way = match first {
        Some(first) => other_way(connection, prepared, (&custom, &first.custom), limit).await?,
        None => None,
    };
    Ok(Some((custom, cached, other_way)))
}
