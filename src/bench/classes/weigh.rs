//! How much work a call makes, counted by the server rather than timed, so that one parameter can be called heavier than another.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::db::{DbError, Value};
use crate::scenario::model::Pick;

use super::super::draw::{Draw, Draws};
use super::super::session::Session;
use super::super::workload::Workload;

/// Calls whose work is looked at; of the sampled rows' random order, so that the one in the middle is near the middle of all.
const CALLS: u64 = 200;
/// … unless they take longer than this together, but not fewer than [`FEWEST`] …
const TIME: Duration = Duration::from_secs(2);
const FEWEST: u64 = 21;
/// … as long as those take no longer than this.
pub const LONGEST: Duration = Duration::from_secs(10);

/// Pages, rows and index entries, by user's table, that this session has touched in the transaction at hand and maybe shortly before,
/// whoever asked for them: the endpoint's statements, their triggers, the cascades of foreign keys. What parallel workers touch is
/// not among it.
const TOUCHED: &str = "
SELECT coalesce(pg_partition_root(t.oid)::oid, t.oid)::bigint, sum(t.touched)::bigint
FROM (
  SELECT coalesce(i.indrelid, c.oid) AS oid,
    pg_stat_get_xact_blocks_fetched(c.oid) + pg_stat_get_xact_tuples_returned(c.oid) + pg_stat_get_xact_tuples_fetched(c.oid)
    + pg_stat_get_xact_tuples_inserted(c.oid) + pg_stat_get_xact_tuples_updated(c.oid)
    + pg_stat_get_xact_tuples_deleted(c.oid) AS touched
  FROM pg_class AS c LEFT JOIN pg_index AS i ON i.indexrelid = c.oid
  WHERE c.oid >= 16384 AND c.relkind IN ('r', 'i', 't', 'm')
) AS t
WHERE t.touched > 0 GROUP BY 1";

/// A row of parameters and the work of a call with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighed {
    /// As [`Draws::sampled_row`] gives it.
    pub row: Vec<Value>,
    /// Pages, rows and index entries touched.
    pub work: i64,
    /// OIDs of the tables they are of; of a partition, those of the table it is a part of.
    pub tables: BTreeSet<u32>,
    /// `statement_timeout` ended the call; the work is what was done until then.
    pub stopped: bool,
}

/// SQLSTATE of a statement that `statement_timeout` ended (`query_canceled`).
const STOPPED: &str = "57014";

/// The work of calls with the first sampled rows, lightest first; those that the server refuses are left out.
///
/// # Errors
/// When the connection is lost.
pub async fn weigh_sample(session: &mut Session, workload: &Workload, place: usize) -> Result<Vec<Weighed>, DbError> {
    let draws = &workload.endpoints[place].draws;
    // What deletes needs most of its rows for its calls.
    let calls = if draws.serves_once() { CALLS.min(draws.rows() as u64 / 3) } else { CALLS.min(draws.rows() as u64) };
    // Walked, so that no row comes twice, however the endpoint picks.
    let rows = draws.with_pick(&Pick::Uniform);
    let started = Instant::now();
    let mut weighed = Vec::new();
    for call in 0..calls {
        if started.elapsed() > if call < FEWEST { LONGEST } else { TIME } {
            break;
        }
        let Some(row) = rows.sampled_row(call) else { break };
        weighed.extend(weigh(session, workload, place, row).await?);
    }
    weighed.sort_by_key(|one| (one.stopped, one.work));
    Ok(weighed)
}

/// The work of one call, which is undone; `None` when the server refuses it for another reason than its time.
///
/// # Errors
/// When the connection is lost, or the server does not count.
pub async fn weigh(
    session: &mut Session,
    workload: &Workload,
    place: usize,
    row: Vec<Value>,
) -> Result<Option<Weighed>, DbError> {
    let draws: Draws = workload.endpoints[place].draws.with_rows([row.as_slice()]);
    let Some(draw) = draws.draw(0) else { return Ok(None) };
    session.connection().batch("BEGIN; SET LOCAL max_parallel_workers_per_gather = 0").await?;
    let touched = touched_by(session, workload, place, &draw).await;
    session.connection().batch("ROLLBACK").await?;
    let Some((touched, stopped)) = touched? else { return Ok(None) };
    let tables = touched.keys().filter_map(|oid| u32::try_from(*oid).ok()).collect();
    Ok(Some(Weighed { row, work: touched.values().sum(), tables, stopped }))
}

/// By table, and whether the call was stopped.
type Touched = (BTreeMap<i64, i64>, bool);

async fn touched_by(session: &mut Session, workload: &Workload, place: usize, draw: &Draw) -> Result<Option<Touched>, DbError> {
    let before = touched(session).await?;
    session.connection().batch("SAVEPOINT perflab_weigh").await?;
    let call = session.call_inside(workload, place, draw).await?;
    session.connection().batch("ROLLBACK TO perflab_weigh").await?;
    let stopped = call.failed.as_ref().is_some_and(|failure| failure.error.sqlstate() == STOPPED);
    if call.failed.is_some() && !stopped {
        return Ok(None);
    }
    let mut after = touched(session).await?;
    after.retain(|table, count| {
        *count -= before.get(table).copied().unwrap_or(0);
        *count > 0
    });
    Ok(Some((after, stopped)))
}

async fn touched(session: &mut Session) -> Result<BTreeMap<i64, i64>, DbError> {
    Ok(session.connection().rows::<(i64, i64)>(TOUCHED).await?.into_iter().collect())
}
