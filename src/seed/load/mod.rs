//! Rows into a database: bare tables first, keys after.
//!
//! Per table: TRUNCATE and COPY FREEZE in one transaction (with `wal_level = minimal` no WAL is written for it, and VACUUM finds
//! nothing left to do), then its keys and indexes, then VACUUM (ANALYZE). Several sessions take these pieces in turn, those of the largest
//! table first, so that two indexes of one table are built side by side. Foreign keys come last, when everything they look up is
//! indexed and analyzed; counting what came out fills the gaps. Materialized views are refreshed when all that is done.
//!
//! A load that fails or is killed leaves tables without keys: whoever calls this marks the database as incomplete before and as
//! complete after.

mod board;
mod copy;
mod wal;
mod work;

use std::time::Instant;

use futures_util::future::try_join_all;

use crate::db::keys::{Key, strip};
use crate::db::materialized::refresh;
use crate::db::{Connection, Target};
use crate::report::model::{ExpectedRows, SeedPhases, SeedRun, SeededTable};

use super::claims::prove;
use super::derive::fill;
use super::digest::data_hash;
use super::error::SeedError;
use super::plan::SeedPlan;
use super::progress::{Progress, SeedEvent};
use super::seen::empty_seen;

use board::Task;
use wal::WalStart;
use work::Work;

/// Sessions at least: one sends rows while the other builds keys.
const LEAST_SESSIONS: usize = 2;

/// Sessions at most: the largest table is one COPY, whatever the others do.
const MOST_SESSIONS: usize = 6;

/// Fills the plan's tables in a database whose schema was just made; what stood in them is gone. Keys, indexes and foreign keys are
/// taken away and put back, triggers do not fire, sequences go on after the last row, and everything is vacuumed and analyzed.
///
/// # Errors
/// A server that refuses, or a value that does not fit its column. The tables may then lack their keys.
pub async fn load(plan: &SeedPlan, target: &Target, tell: &mut dyn FnMut(SeedEvent)) -> Result<SeedRun, SeedError> {
    run(plan, None, target, tell).await
}

/// Adds the rows of a plan that grows ([`SeedPlan::growing`]) to those that are there; `before` is their hash.
///
/// # Errors
/// As [`load`]; rows are then missing, and the tables may lack their keys.
pub async fn add(plan: &SeedPlan, before: &str, target: &Target, tell: &mut dyn FnMut(SeedEvent)) -> Result<SeedRun, SeedError> {
    run(plan, Some(before), target, tell).await
}

async fn run(
    plan: &SeedPlan,
    before: Option<&str>,
    target: &Target,
    tell: &mut dyn FnMut(SeedEvent),
) -> Result<SeedRun, SeedError> {
    let start = Instant::now();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    // Each COPY keeps a server process and a thread of perflab busy.
    let wanted = (cores / 2).clamp(LEAST_SESSIONS, MOST_SESSIONS);
    let mut sessions = Vec::new();
    for _ in 0..wanted {
        sessions.push(Connection::open(target).await?);
    }
    let wal = WalStart::now(&mut sessions[0]).await?;
    let stripped = {
        let derived = plan.derived.iter().map(|derived| &derived.name);
        let names: Vec<_> = plan.tables.iter().map(|table| &table.name).chain(derived).collect();
        strip(&mut sessions[0], &names).await?
    };
    let progress = Progress::new(tell, plan.rows());
    let preparing = start.elapsed().as_secs_f64();

    let work = Work::new(plan, &stripped, &progress, (cores / wanted).max(1));
    try_join_all(sessions.iter_mut().map(|session| work.take_part(session, false))).await?;
    let mut derived = Vec::with_capacity(plan.derived.len());
    for table in &plan.derived {
        derived.push((table.place, fill(table, &stripped, &mut sessions[0], &progress).await?));
    }
    let foreign_keys = declare_foreign_keys(&work, &mut sessions[0]).await?;
    for keys in &foreign_keys {
        work.board.add(rows_of(plan, keys), Task::ForeignKeys(keys));
    }
    try_join_all(sessions.iter_mut().map(|session| work.take_part(session, true))).await?;
    stripped.switch_on(&mut sessions[0]).await?;
    refresh(&mut sessions[0]).await?;
    progress.begins("counting".to_owned());
    let mut seeded = put_together(plan, before, work, derived, &mut sessions[0]).await?;
    seeded.phases.preparing = preparing;
    seeded.wal = Some(wal.until_now(&mut sessions[0]).await);
    seeded.seconds = start.elapsed().as_secs_f64();
    seeded.rows_per_second = seeded.rows as f64 / seeded.seconds;
    for session in sessions {
        session.close().await;
    }
    Ok(seeded)
}

/// Foreign keys are declared one after the other, which takes locks on two tables at once but no time, and then checked, table by
/// table, under locks that do not meet.
async fn declare_foreign_keys<'p>(work: &Work<'p>, session: &mut Connection) -> Result<Vec<Vec<&'p Key>>, SeedError> {
    let mut tables: Vec<Vec<&Key>> = Vec::new();
    for key in &work.stripped.foreign_keys {
        let start = Instant::now();
        key.declare(session).await?;
        work.spent_on_foreign_key(key, start);
        match tables.iter_mut().find(|keys| keys[0].table == key.table) {
            Some(keys) => keys.push(key),
            None => tables.push(vec![key]),
        }
    }
    Ok(tables)
}

fn rows_of(plan: &SeedPlan, keys: &[&Key]) -> u64 {
    let rows = plan.tables.iter().find(|table| keys.iter().any(|key| key.table == table.name)).map_or(0, |table| table.rows);
    rows.saturating_mul(keys.len() as u64)
}

/// Everything but the times of the whole.
async fn put_together(
    plan: &SeedPlan,
    before: Option<&str>,
    work: Work<'_>,
    derived: Vec<(usize, (SeededTable, [u8; 32]))>,
    session: &mut Connection,
) -> Result<SeedRun, SeedError> {
    let (seen, mut digests): (Vec<_>, Vec<_>) = work.into_seen().into_iter().unzip();
    // What statements derive is derived from all rows.
    let last = plan.scales.len().saturating_sub(1);
    digests.extend(derived.iter().map(|(_, (_, digest))| vec![(last, *digest)]));
    let hash = data_hash(&digests, before);
    let mut tables: Vec<(usize, SeededTable)> = plan.tables.iter().map(|table| table.place).zip(seen).collect();
    tables.extend(derived.into_iter().map(|(place, (table, _))| (place, table)));
    for table in &plan.empty {
        tables.push((table.place, empty_seen(table, session).await?));
    }
    tables.sort_by_key(|(place, _)| *place);
    let tables: Vec<SeededTable> = tables.into_iter().map(|(_, table)| table).collect();
    let expected = plan.expected.as_ref().map(|expected| ExpectedRows {
        total_rows: expected.total_rows,
        got: tables.iter().filter(|table| !expected.leaves_out(&table.name)).map(|table| table.rows).sum(),
        without: expected.without.clone(),
    });
    let sum = |of: fn(&SeededTable) -> u64| tables.iter().map(of).sum::<u64>();
    Ok(SeedRun {
        rows: sum(|table| table.rows),
        hash,
        seed: plan.seed,
        scale: plan.scale,
        scales: plan.scales.clone(),
        not_a_prefix: plan.not_a_prefix.clone(),
        bytes: sum(|table| table.bytes),
        index_bytes: sum(|table| table.index_bytes),
        phases: summed(&tables),
        because: plan.because.clone(),
        expected,
        checks: prove(plan, &tables, session).await?,
        tables,
        ..SeedRun::default()
    })
}

fn summed(tables: &[SeededTable]) -> SeedPhases {
    tables.iter().map(|table| table.phases).fold(SeedPhases::default(), |sum, phases| SeedPhases {
        preparing: 0.0,
        rows: sum.rows + phases.rows,
        keys: sum.keys + phases.keys,
        foreign_keys: sum.foreign_keys + phases.foreign_keys,
        vacuum: sum.vacuum + phases.vacuum,
        counts: sum.counts + phases.counts,
    })
}
