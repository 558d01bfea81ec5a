//! Room in a table's blocks (`fillfactor`), so that a new version of a row finds place beside the old one and no index is written (HOT:
//! heap-only tuples, PostgreSQL documentation, Database Physical Storage).
//!
//! The table is rewritten with the room, and the same calls are made on both: the share of updates that were HOT, their time, and what
//! the table weighs. The rewriting stays on the clone, so this comes after everything else.

use std::time::Duration;

use crate::bench::session::Session;
use crate::bench::statistics::median;
use crate::bench::workload::{BoundEndpoint, Workload};
use crate::db::catalog::{Catalog, Table};
use crate::db::{DbError, Target};
use crate::plan::outline::updated_table;
use crate::report::model::{Effect, OtherAdvice, OtherKind};
use crate::sql::quote_literal;
use crate::units::{bytes, percent};

use super::told::reason;

/// Calls on each side, in one transaction, each with parameters of its own.
const CALLS: u64 = 60;
/// A side ends after this, ms, but never before [`FEWEST`] calls.
const ENOUGH_MS: f64 = 1_000.0;
const FEWEST: usize = 10;
/// Fewer updates say nothing.
const FEWEST_UPDATES: i64 = 10;
/// Where at least this share of updates is HOT already, room buys little (as the tip `not-hot` has it).
const HOT_ENOUGH: f64 = 0.5;
/// Less than this of the updates more is no gain: what they change is indexed.
const HOT_GAIN: f64 = 0.2;
/// A fifth of each block is left free: most rows then find room for a few versions until VACUUM comes.
const FILLFACTOR: u32 = 80;
/// Larger tables are not rewritten for a trial.
const MOST_BYTES: i64 = 1 << 30;

/// The endpoint with room in the first table it updates. `None` when its updates are HOT already, or none fits.
///
/// # Errors
/// When the connection is lost.
pub(super) async fn attempt(
    target: &Target,
    workload: &Workload,
    place: usize,
    catalog: &Catalog,
) -> Result<Option<OtherAdvice>, DbError> {
    let endpoint = &workload.endpoints[place];
    let Some(table) = table_of(endpoint, catalog) else { return Ok(None) };
    let mut session = Session::open_for(target, workload, &[place]).await?;
    let before = side(&mut session, workload, place, table).await?;
    if before.updates < FEWEST_UPDATES || before.hot_share() >= HOT_ENOUGH {
        session.close().await;
        return Ok(None);
    }
    let name = table.name.sql();
    let sql = format!("ALTER TABLE {0} SET (fillfactor = {FILLFACTOR});\nVACUUM (FULL, ANALYZE) {0}", table.name.short_sql());
    // VACUUM runs alone, in no transaction and in no batch.
    for command in [format!("ALTER TABLE {name} SET (fillfactor = {FILLFACTOR})"), format!("VACUUM (FULL, ANALYZE) {name}")] {
        session.connection().batch(&command).await?;
    }
    let after = side(&mut session, workload, place, table).await?;
    session.close().await;
    let mut advice = OtherAdvice {
        kind: OtherKind::Fillfactor,
        label: endpoint.label.clone(),
        what: format!("leave room for new versions of rows in the blocks of {}", table.name),
        sql,
        before_ms: before.ms,
        after_ms: Some(after.ms),
        runs: u32::try_from(before.calls.min(after.calls)).unwrap_or(u32::MAX),
        costs: format!(
            "the table takes {} in place of {}, and rewriting it locks it",
            bytes(u64::try_from(after.bytes).unwrap_or(0)),
            bytes(u64::try_from(before.bytes).unwrap_or(0))
        ),
        ..OtherAdvice::default()
    };
    let shares = format!(
        "{} of its updates were HOT without the room, {} with it.",
        percent(before.hot_share()),
        percent(after.hot_share())
    );
    if after.hot_share() - before.hot_share() < HOT_GAIN {
        advice.after_ms = None;
        advice.reason = format!("{shares} What they change is indexed, or the rows are too large.");
    } else {
        advice.reason = format!("{} {shares}", reason(&advice, ""));
    }
    Ok(Some(advice))
}

fn table_of<'c>(endpoint: &BoundEndpoint, catalog: &'c Catalog) -> Option<&'c Table> {
    let updates = endpoint.steps.iter().filter(|step| step.effect == Effect::Writes).filter_map(|step| updated_table(&step.sql));
    let tables = updates.filter_map(|name| catalog.find(&name));
    tables.into_iter().find(|table| table.bytes <= MOST_BYTES && table.partitions.is_empty())
}

struct Side {
    calls: usize,
    ms: f64,
    updates: i64,
    hot: i64,
    bytes: i64,
}

impl Side {
    fn hot_share(&self) -> f64 {
        self.hot as f64 / self.updates.max(1) as f64
    }
}

/// Calls in a transaction that is rolled back, and what its counters say of the table. They hold what earlier transactions have not
/// handed on yet, too, so the difference counts; within a transaction nothing is handed on.
async fn side(session: &mut Session, workload: &Workload, place: usize, table: &Table) -> Result<Side, DbError> {
    session.connection().batch("BEGIN").await?;
    let start = counters(session, table).await?;
    let mut times: Vec<f64> = Vec::new();
    for draw in (0..CALLS).filter_map(|call| workload.endpoints[place].draws.draw(call)) {
        if times.len() >= FEWEST && times.iter().sum::<f64>() > ENOUGH_MS {
            break;
        }
        let call = session.call_inside(workload, place, &draw).await?;
        if call.failed.is_some() {
            break;
        }
        times.push(in_ms(call.elapsed));
    }
    let end = counters(session, table).await;
    session.connection().batch("ROLLBACK").await?;
    // After a statement that failed the transaction answers nothing.
    let end = match end {
        Err(error) if error.server_message().is_some() => start,
        other => other?,
    };
    Ok(Side { calls: times.len(), ms: median(&mut times), updates: end.0 - start.0, hot: end.1 - start.1, bytes: end.2 })
}

/// Updates, those that were HOT, and the table's bytes.
async fn counters(session: &mut Session, table: &Table) -> Result<(i64, i64, i64), DbError> {
    let relation = quote_literal(&table.name.sql());
    let sql = format!(
        "SELECT n_tup_upd, n_tup_hot_upd, pg_table_size(relid) FROM pg_stat_xact_user_tables WHERE relid = {relation}::regclass"
    );
    let rows: Vec<(i64, i64, i64)> = session.connection().rows(&sql).await?;
    Ok(rows.into_iter().next().unwrap_or_default())
}

fn in_ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
