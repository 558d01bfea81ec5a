//! What the server did for each endpoint: read from its own counters, its clocks, and samples of what the calling session waits for.
//!
//! It has a copy of the seeded rows of its own. In a database that was worn by timed calls, whose number depends on the machine, a
//! count would differ from run to run; here the same scenario on the same rows reads the same rows and touches the same blocks.
//!
//! ```text
//! counts ── calls by number, counters read around them ──────────────┐
//! clocks ── calls in a row: client's clock, /proc, active_time ──────┼── time ── n_plus_one ── ServerSide
//! waits ─── more calls, another session looks on every millisecond ──┘
//! ```

mod backend;
mod clocks;
mod counts;
mod n_plus_one;
mod time;
mod waits;

use crate::db::counters::Counters;
use crate::db::{Connection, DbError, Target};
use crate::report::model::{Effect, ErrorCount, ServerSide, Touched};
use crate::sql::quote_literal;

use super::live::Stop;
use super::rounds::Progress;
use super::session::Session;
use super::workload::Workload;

use backend::Backend;
use clocks::Clocked;
use counts::Counts;
use waits::Samples;

pub use backend::backend_here;

/// The server's side of every endpoint, in the order of the workload, on a database that may be worn out by it.
///
/// Endpoints that only read are counted first, on the rows as they were seeded, then those that write, then those that delete;
/// the calls that are timed come after all that are counted.
///
/// # Errors
/// When a connection is lost.
pub async fn measure(
    workload: &Workload,
    target: &Target,
    stop: &Stop,
    progress: Progress<'_>,
) -> Result<Vec<Option<ServerSide>>, DbError> {
    let mut watcher = Connection::open(target).await?;
    let sampler = waits::Sampler::prepare(&mut watcher).await?;
    let mut session = Session::open(target, workload).await?;
    let counters = Counters::prepare(session.connection()).await?;
    let backend = Backend::of(session.connection(), target.database()).await?;
    let order = by_effect(workload);
    let (began,): (String,) = watcher.row("SELECT clock_timestamp()::text").await?;
    let mut counted: Vec<Option<Counts>> = workload.endpoints.iter().map(|_| None).collect();
    for (done, place) in order.iter().enumerate() {
        if stop.asked() {
            break;
        }
        progress(done as f64 / order.len() as f64 / 2.0);
        counted[*place] = Some(counts::count(workload, *place, &mut session, &counters).await?);
    }
    let disturbed = others_worked(&mut watcher, &began).await?;
    let mut found: Vec<Option<ServerSide>> = workload.endpoints.iter().map(|_| None).collect();
    for (done, place) in order.iter().enumerate() {
        let Some(mut counts) = counted[*place].take().filter(|_| !stop.asked()) else { continue };
        progress(0.5 + done as f64 / order.len() as f64 / 2.0);
        if disturbed && counts.counted.wal_bytes > 0 {
            counts.notes.push("Other sessions used the server meanwhile; the WAL includes theirs.".into());
        }
        let mut next_call = counts.next_call;
        let clocked = clocks::clock(workload, *place, &mut next_call, &mut session, &counters, &backend).await?;
        let samples = waits::sample(workload, *place, &mut next_call, &mut session, (&mut watcher, &sampler)).await?;
        found[*place] = Some(described(workload, *place, &counts, &clocked, &samples));
    }
    session.close().await;
    watcher.close().await;
    Ok(found)
}

/// What calls of fixed numbers ask for and touch, without a clock: the same rows and the same scenario give the same figures.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Asked {
    /// Calls that were counted.
    pub calls: u64,
    /// Per call.
    pub statements: f64,
    /// Per call; BEGIN and COMMIT are among them where the server publishes its counters (from version 15 on).
    pub round_trips: f64,
    /// By step: executions per call.
    pub runs_per_call: Vec<f64>,
    pub touched: Touched,
    pub errors: Vec<ErrorCount>,
    /// Why a figure is not what it should be.
    pub notes: Vec<String>,
}

/// [`measure`] without clocks and waits: what the endpoints at `places` touch, by place in the workload.
///
/// # Errors
/// When a connection is lost.
pub async fn count(
    workload: &Workload,
    places: &[usize],
    target: &Target,
    progress: Progress<'_>,
) -> Result<Vec<Option<Asked>>, DbError> {
    let mut session = Session::open_for(target, workload, places).await?;
    // No clock runs, and nothing that is counted hangs on when a commit is on disk.
    session.connection().batch("SET synchronous_commit = off").await?;
    let counters = Counters::prepare(session.connection()).await?;
    let order: Vec<usize> = by_effect(workload).into_iter().filter(|place| places.contains(place)).collect();
    let mut found: Vec<Option<Asked>> = workload.endpoints.iter().map(|_| None).collect();
    for (done, place) in order.iter().enumerate() {
        progress(done as f64 / order.len() as f64);
        let counts = counts::count(workload, *place, &mut session, &counters).await?;
        let per_call = |count: u64| if counts.calls == 0 { 0.0 } else { count as f64 / counts.calls as f64 };
        found[*place] = Some(Asked {
            calls: counts.calls,
            statements: per_call(counts.statements),
            round_trips: per_call(counts.round_trips),
            runs_per_call: counts.runs_per_call(),
            touched: touched(&counts),
            errors: counts.errors,
            notes: counts.notes,
        });
    }
    session.close().await;
    Ok(found)
}

/// Whether sessions of other processes have done anything since. WAL is counted for the server as a whole.
async fn others_worked(watcher: &mut Connection, since: &str) -> Result<bool, DbError> {
    let others = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' \
         AND application_name <> current_setting('application_name') AND (state <> 'idle' OR state_change > {})",
        quote_literal(since)
    );
    Ok(watcher.row::<(i64,)>(&others).await?.0 > 0)
}

fn by_effect(workload: &Workload) -> Vec<usize> {
    let mut order: Vec<usize> = (0..workload.endpoints.len()).collect();
    order.sort_by_key(|place| match workload.endpoints[*place].effect {
        Effect::Reads => 0,
        Effect::Writes => 1,
        Effect::Deletes => 2,
    });
    order
}

fn described(workload: &Workload, place: usize, counts: &Counts, clocked: &Clocked, samples: &Samples) -> ServerSide {
    let divided = time::divide(clocked, samples);
    let server_ms = divided.server_ms;
    let trips = clocked.per_call(clocked.round_trips as f64);
    let per_trip_ms = server_ms.filter(|_| trips > 0.0).map(|server| (clocked.client_ms() - server).max(0.0) / trips);
    let n_plus_one = per_trip_ms.and_then(|per_trip_ms| {
        n_plus_one::find(&workload.endpoints[place].steps, &counts.runs_per_call(), per_trip_ms, clocked.client_ms())
    });
    let mut notes = counts.notes.clone();
    notes.extend(divided.notes);
    ServerSide {
        calls: counts.calls,
        timed_calls: clocked.calls,
        server_ms,
        client_ms: clocked.client_ms(),
        source: divided.source,
        samples: samples.total(),
        sentence: time::sentence(&divided.shares),
        shares: divided.shares,
        touched: touched(counts),
        n_plus_one,
        notes,
    }
}

fn touched(counts: &Counts) -> Touched {
    let per_call = |count: u64| if counts.calls == 0 { 0.0 } else { count as f64 / counts.calls as f64 };
    let counted = &counts.counted;
    Touched {
        blocks_hit: per_call(counted.blocks_hit),
        blocks_read: per_call(counted.blocks_read),
        temp_bytes: counted.temp_bytes.map(per_call),
        wal_bytes: per_call(counted.wal_bytes),
        wal_full_pages: counted.wal_full_pages.map(per_call),
        rows_read: per_call(counted.rows_read),
        rows_returned: per_call(counts.rows),
        rows_updated: per_call(counted.rows_updated),
        rows_updated_hot: per_call(counted.rows_updated_hot),
    }
}
