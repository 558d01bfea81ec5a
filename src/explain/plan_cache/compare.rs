//! One statement under both kinds of plan, with the same parameters, in turn.

use std::time::{Duration, Instant};

use crate::db::explain::Explain;
use crate::db::{Connection, Value};
use crate::explain::ExplainError;
use crate::explain::classes::Seen;
use crate::plan::Facts;
use crate::report::model::{PlanKind, PlanTime};

use super::prepared::{Execution, Prepared};
use super::timing::Runs;

pub const CUSTOM: &str = "plan_cache_mode = force_custom_plan";
pub const GENERIC: &str = "plan_cache_mode = force_generic_plan";

/// Rounds, each with one execution under each plan …
const ROUNDS: u32 = 5;
/// … unless they take longer than this together. One there is always.
const TIME: Duration = Duration::from_secs(2);
/// A generic plan is not waited for when it takes so many times as long as the custom one …
const HOPELESS: u32 = 20;
/// … and longer than this.
const PATIENCE: Duration = Duration::from_secs(1);

/// What was seen of the two plans.
pub struct Compared {
    pub custom: PlanTime,
    pub generic: PlanTime,
    /// The generic plan; an estimate when it was not waited for.
    pub plan: Seen,
    pub auto: Option<PlanKind>,
}

/// Compares them inside a transaction, which stays as it was. No execution takes longer than `limit`. `None` when the server refuses
/// what it took under the custom plan.
///
/// # Errors
/// When the connection is lost or a plan cannot be read.
pub async fn compare(
    connection: &mut Connection,
    facts: &Facts,
    (sql, parameters): (&str, &[Value]),
    (prepared, custom): (&Prepared, &Seen),
    limit: Duration,
) -> Result<Option<Compared>, ExplainError> {
    let auto = match Prepared::new(connection, "perflab_sixth", sql, parameters).await? {
        Some(sixth) => {
            let auto = sixth.sixth(connection).await?;
            sixth.forget(connection).await?;
            auto
        }
        None => None,
    };
    if let Some(stopped_after) = custom.stopped_after {
        let custom = PlanTime { stopped_after_ms: Some(stopped_after.as_secs_f64() * 1e3), ..PlanTime::default() };
        let Some(plan) = Seen::estimated(connection, facts, prepared, GENERIC, None).await? else { return Ok(None) };
        return Ok(Some(Compared { custom, generic: PlanTime::default(), plan, auto }));
    }
    let own = Duration::from_secs_f64((custom.explained.execution_ms / 1e3).clamp(0.0, limit.as_secs_f64()));
    let longest = (own * HOPELESS).max(PATIENCE).min(limit);
    let Some(plan) = Seen::executed(connection, facts, prepared, GENERIC, longest).await? else { return Ok(None) };
    let times = in_turn(connection, prepared, longest, plan.stopped_after.is_none()).await?;
    let generic = PlanTime { stopped_after_ms: plan.stopped_after.map(|after| after.as_secs_f64() * 1e3), ..times[1].time() };
    Ok(Some(Compared { custom: times[0].time(), generic, plan, auto }))
}

/// Executions under the custom and, if it is worth waiting for, the generic plan.
async fn in_turn(
    connection: &mut Connection,
    prepared: &Prepared,
    longest: Duration,
    generic_too: bool,
) -> Result<[Runs; 2], ExplainError> {
    let mut runs = [Runs::default(), Runs::default()];
    let started = Instant::now();
    for round in 0..ROUNDS {
        if round > 0 && started.elapsed() > TIME {
            break;
        }
        for (place, mode) in [CUSTOM, GENERIC].into_iter().enumerate().take(if generic_too { 2 } else { 1 }) {
            if let Execution::Done(json) = prepared.execute(connection, Explain::Untimed, &[mode], Some(longest)).await? {
                runs[place].add(&json);
            }
        }
    }
    Ok(runs)
}
