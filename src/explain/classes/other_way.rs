//! The way that the planner turned down, taken once to see what it would have cost.

use std::time::Duration;

use crate::db::Connection;
use crate::db::explain::Explain;
use crate::explain::ExplainError;
use crate::explain::plan_cache::compare::CUSTOM;
use crate::explain::plan_cache::prepared::{Execution, Prepared};
use crate::plan::{Plan, PlanMetrics, PlanNode, Shape, scans};

use super::Seen;

/// A plan is doubted when it takes so many times as long as for the first class …
const HEAVIER: f64 = 5.0;
/// … and at least this long, ms.
const WORTH_MS: f64 = 2.0;
/// The other way is not waited for when it takes so many times as long, and longer than [`PATIENCE`].
const HOPELESS: u32 = 3;
const PATIENCE: Duration = Duration::from_secs(1);

/// The statement with the same parameters by another plan, which the planner had to be kept from its own for.
pub struct OtherWay {
    /// What it does otherwise: `reads sale by a sequential scan instead of …`
    pub changes: Vec<String>,
    /// The server's time, or that after which it was stopped.
    pub ms: f64,
    pub stopped: bool,
}

/// Tries it. `None` when the plan is not worth the doubt, or the planner knows no other.
///
/// # Errors
/// When the connection is lost or the plan cannot be read.
pub(super) async fn other_way(
    connection: &mut Connection,
    prepared: &Prepared,
    (now, first): (&Seen, &Seen),
    limit: Duration,
) -> Result<Option<OtherWay>, ExplainError> {
    let own_ms = now.explained.execution_ms;
    let heavier = now.works_more_than(first) && own_ms >= WORTH_MS && own_ms >= HEAVIER * first.explained.execution_ms;
    let shape = Shape::of(&now.plan);
    if now.stopped_after.is_some() || !heavier || !shape.same_as(&Shape::of(&first.plan)) {
        return Ok(None);
    }
    let settings = dearest_scan(&now.plan).map_or(&[] as &[&str], without);
    if settings.is_empty() {
        return Ok(None);
    }
    let settings: Vec<&str> = std::iter::once(CUSTOM).chain(settings.iter().copied()).collect();
    let longest = (Duration::from_secs_f64(own_ms / 1e3) * HOPELESS).max(PATIENCE).min(limit);
    let json = match prepared.execute(connection, Explain::Estimate, &settings, None).await? {
        Execution::Done(json) => json,
        Execution::Stopped | Execution::Refused => return Ok(None),
    };
    let changes = Shape::of(&Plan::from_json(&json)?).changes_from(&shape);
    if changes.is_empty() {
        return Ok(None);
    }
    Ok(match prepared.execute(connection, Explain::Analyze, &settings, Some(longest)).await? {
        Execution::Done(json) => {
            let ms = Plan::from_json(&json)?.execution_ms.unwrap_or_default();
            Some(OtherWay { changes, ms, stopped: false })
        }
        Execution::Stopped => Some(OtherWay { changes, ms: longest.as_secs_f64() * 1e3, stopped: true }),
        Execution::Refused => None,
    })
}

/// The scan that takes most of the time.
fn dearest_scan(plan: &Plan) -> Option<&PlanNode> {
    let metrics = PlanMetrics::of(plan);
    scans(plan).max_by(|a, b| metrics.node(a).elapsed_ms.total_cmp(&metrics.node(b).elapsed_ms))
}

/// Settings that keep the planner from such a scan.
fn without(scan: &PlanNode) -> &'static [&'static str] {
    match scan.node_type.as_str() {
        "Seq Scan" => &["enable_seqscan = off"],
        "Index Scan" | "Index Only Scan" | "Bitmap Heap Scan" => {
            &["enable_indexscan = off", "enable_indexonlyscan = off", "enable_bitmapscan = off"]
        }
        _ => &[],
    }
}
