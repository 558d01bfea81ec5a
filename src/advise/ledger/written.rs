//! Which tables an endpoint writes to, and how many rows: counted, so that cascades, triggers, functions and statements within a WITH
//! are all in it.

use std::time::{Duration, Instant};

use crate::bench::draw::Draw;
use crate::bench::session::Session;
use crate::bench::workload::Workload;
use crate::db::touched::{TableCounts, functions_may_write, table_counts};
use crate::db::{Connection, DbError, TableName, Target};
use crate::report::model::Effect;

/// Rows of one table, per call.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Written {
    pub table: TableName,
    pub inserted: f64,
    pub updated: f64,
    pub updated_hot: f64,
    pub deleted: f64,
}

impl Written {
    /// Rows for which every index of the table (that has them) gets a new entry. A deleted row leaves its entries to VACUUM, and a
    /// heap-only update needs none (src/backend/access/heap/README.HOT).
    pub fn entries(&self) -> f64 {
        self.inserted + (self.updated - self.updated_hot).max(0.0)
    }
}

/// What a look at an endpoint tells.
#[derive(Debug, Default)]
pub(super) struct Look {
    pub tables: Vec<Written>,
    /// The quickest call, ms.
    pub call_ms: f64,
}

/// Calls that are looked at, since what a call writes may differ from the next.
pub(super) const CALLS: u64 = 8;
/// … unless they take longer than this together.
const LONG: Duration = Duration::from_millis(150);

/// The endpoints that may write, by place: by the planner's word, or through a function, which no plan looks into.
///
/// # Errors
/// When the server fails.
pub(super) async fn may_write(target: &Target, workload: &Workload) -> Result<Vec<usize>, DbError> {
    let mut connection = Connection::open(target).await?;
    let any = functions_may_write(&mut connection).await?;
    connection.close().await;
    let writes = |place: &usize| any || workload.endpoints[*place].effect != Effect::Reads;
    Ok((0..workload.endpoints.len()).filter(writes).collect())
}

/// Makes a few calls of an endpoint, undone one by one, inside a transaction that is open; what waits for COMMIT is made to act.
///
/// # Errors
/// When the connection is lost.
pub(super) async fn look(session: &mut Session, workload: &Workload, place: usize, draws: &[Draw]) -> Result<Look, DbError> {
    let before = table_counts(session.connection()).await?;
    let (mut calls, mut call_ms) = (0_u32, f64::INFINITY);
    let started = Instant::now();
    for draw in draws.iter().take(CALLS as usize) {
        if calls > 0 && started.elapsed() > LONG {
            break;
        }
        session.connection().batch("SAVEPOINT perflab_look").await?;
        let call = session.call_inside(workload, place, draw).await?;
        if call.failed.is_none() {
            call_ms = call_ms.min(call.elapsed.as_secs_f64() * 1e3);
            match session.connection().batch("SET CONSTRAINTS ALL IMMEDIATE").await {
                Err(error) if error.server_message().is_none() => return Err(error),
                _ => {}
            }
        }
        session.connection().batch("ROLLBACK TO perflab_look; RELEASE perflab_look").await?;
        calls += 1;
    }
    let after = table_counts(session.connection()).await?;
    let counts = before.iter().zip(&after).map(|(before, after)| after.since(before));
    let tables = counts.filter_map(|counts| per_call(&counts, calls)).collect();
    Ok(Look { tables, call_ms: if call_ms.is_finite() { call_ms } else { 0.0 } })
}

fn per_call(counts: &TableCounts, calls: u32) -> Option<Written> {
    if counts.inserted + counts.updated + counts.deleted == 0 {
        return None;
    }
    let per_call = |count: u64| count as f64 / f64::from(calls.max(1));
    Some(Written {
        table: counts.table.clone(),
        inserted: per_call(counts.inserted),
        updated: per_call(counts.updated),
        updated_hot: per_call(counts.updated_hot),
        deleted: per_call(counts.deleted),
    })
}
