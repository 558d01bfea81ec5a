//! Candidates built for real on a clone, and endpoints timed with and without them.

use std::time::{Duration, Instant};

use crate::bench::draw::Draw;
use crate::bench::rounds::WARM_UP_CALLS;
use crate::bench::session::Session;
use crate::bench::statistics::median;
use crate::bench::workload::Workload;
use crate::db::catalog::TableName;
use crate::db::{Connection, DbError, Target};
use crate::sql::quote_ident;

use super::candidate::Candidate;

/// An index standing on the trial clone.
#[derive(Debug, Clone)]
pub struct Built {
    pub candidate: Candidate,
    pub name: String,
    pub definition: String,
    pub bytes: u64,
    pub build_ms: f64,
}

impl Built {
    /// Name with schema, as SQL needs it.
    pub fn sql_name(&self) -> String {
        TableName::new(&self.candidate.table.schema, &self.name).sql()
    }
}

/// Builds an index and measures it.
///
/// # Errors
/// What the server says, e.g. that a key is too large for a B-tree.
pub async fn build(connection: &mut Connection, candidate: &Candidate, name: &str) -> Result<Built, DbError> {
    if let Some(extension) = candidate.extension() {
        connection.batch(&format!("CREATE EXTENSION IF NOT EXISTS {}", quote_ident(extension))).await?;
    }
    let definition = candidate.definition(name);
    let started = Instant::now();
    connection.batch(&definition).await?;
    let build_ms = started.elapsed().as_secs_f64() * 1e3;
    let built = Built { candidate: candidate.clone(), name: name.to_owned(), definition, bytes: 0, build_ms };
    if candidate.keys.iter().any(|key| key.column.is_none()) {
        // The planner knows nothing of an expression's values before the table is analyzed.
        connection.batch(&format!("ANALYZE {}", candidate.table.sql())).await?;
    }
    let (bytes,): (i64,) =
        connection.row(&format!("SELECT pg_relation_size({}::regclass)", crate::sql::quote_literal(&built.sql_name()))).await?;
    Ok(Built { bytes: u64::try_from(bytes).unwrap_or(0), ..built })
}

/// How one arm of a comparison is timed: so many calls, or as many as fit the time, but never fewer than `least`.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    pub most: usize,
    pub least: usize,
    pub time: Duration,
    /// Calls before the clock counts: as many as make a prepared statement's plan final, unless they take longer than `time`.
    pub warm_up: usize,
}

/// Enough for a median that moves by a few percent; slow endpoints (slow by a factor when an index is missing) get fewer calls.
pub const ABLATION: Effort = Effort { most: 12, least: 3, time: Duration::from_millis(100), warm_up: WARM_UP_CALLS as usize };

/// Endpoints this slow are timed once per arm: a difference that matters to them is not lost in the machine's drift.
const SLOW_MS: f64 = 20.0;

/// Median milliseconds of an endpoint with an index and without it, each arm twice in turn (with, without, without, with), so that a
/// machine that slows down meanwhile slows both.
///
/// # Errors
/// When the connection is lost or the index cannot be dropped.
pub async fn with_and_without(
    target: &Target,
    workload: &Workload,
    place: usize,
    draws: &[Draw],
    index: &Built,
    effort: Effort,
) -> Result<(f64, f64), DbError> {
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for (turn, dropped) in [None, Some(index), Some(index), None].into_iter().enumerate() {
        if turn == 2 && median(&mut without) > SLOW_MS {
            break;
        }
        let arm = if dropped.is_some() { &mut without } else { &mut with };
        arm.extend(timed(target, workload, place, draws, dropped, effort).await?);
    }
    Ok((median(&mut with), median(&mut without)))
}

/// Milliseconds of an endpoint's calls inside one transaction that is rolled back, perhaps with an index dropped in it. Every call is
/// undone to a savepoint, so that all arms see the same rows and the same parameters; the commit is in none.
async fn timed(
    target: &Target,
    workload: &Workload,
    place: usize,
    draws: &[Draw],
    dropped: Option<&Built>,
    effort: Effort,
) -> Result<Vec<f64>, DbError> {
    let mut session = Session::open_for(target, workload, &[place]).await?;
    session.connection().batch("BEGIN").await?;
    if let Some(index) = dropped {
        session.connection().batch(&format!("DROP INDEX {}", index.sql_name())).await?;
    }
    let warming = Instant::now();
    for (number, draw) in draws.iter().take(effort.warm_up).enumerate() {
        if number > 0 && warming.elapsed() > effort.time {
            break;
        }
        session.call_to_savepoint(workload, place, draw).await?;
    }
    let mut times = Vec::new();
    let started = Instant::now();
    for (number, draw) in draws.iter().take(effort.most).enumerate() {
        if number >= effort.least && started.elapsed() > effort.time {
            break;
        }
        if let Some(elapsed) = session.call_to_savepoint(workload, place, draw).await? {
            times.push(elapsed.as_secs_f64() * 1e3);
        }
    }
    session.connection().batch("ROLLBACK").await?;
    session.close().await;
    Ok(times)
}
