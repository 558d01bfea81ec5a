//! Samples of what the calling session is at, taken by another session.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::bench::session::Session;
use crate::bench::workload::Workload;
use crate::db::{Connection, DbError};

/// Samples taken, a millisecond apart.
const WANTED: u32 = 120;
/// The last statement of the calling session; what is seen after it is not counted.
const END: &str = "SELECT 'perflab: end of calls'";

/// How samples are taken: in a loop on the server, so that no round trip of the watcher's disturbs the calls.
pub struct Sampler {
    /// `None`: why not.
    ready: Result<(), String>,
}

/// What the session was seen at, with how often.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Samples {
    pub seen: Vec<Seen>,
    /// Why there are none.
    pub missing: Option<String>,
}

/// A state of a session, as `pg_stat_activity` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub active: bool,
    /// `wait_event_type` and `wait_event`; `None` while it works.
    pub wait: Option<(String, String)>,
    pub samples: u64,
}

impl Samples {
    pub fn total(&self) -> u64 {
        self.seen.iter().map(|seen| seen.samples).sum()
    }
}

impl Sampler {
    /// Makes the loop in the watcher's own temporary schema.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn prepare(watcher: &mut Connection) -> Result<Sampler, DbError> {
        match watcher.batch(include_str!("sample.sql")).await {
            Ok(()) => Ok(Sampler { ready: Ok(()) }),
            Err(lost @ DbError::Connection(_)) => Err(lost),
            Err(refused) => Ok(Sampler { ready: Err(format!("Waits were not sampled: {refused}")) }),
        }
    }
}

/// Makes calls from number `next_call` on, which is moved on, while the watcher looks on.
///
/// # Errors
/// When a connection is lost.
pub async fn sample(
    workload: &Workload,
    place: usize,
    next_call: &mut u64,
    session: &mut Session,
    (watcher, sampler): (&mut Connection, &Sampler),
) -> Result<Samples, DbError> {
    if let Err(reason) = &sampler.ready {
        return Ok(Samples { missing: Some(reason.clone()), ..Samples::default() });
    }
    let (pid,): (i64,) = session.connection().row("SELECT pg_backend_pid()::int8").await?;
    let enough = AtomicBool::new(false);
    let watching = async {
        let sql = format!(
            "SELECT state, wait_type, wait_name, count(*) FROM pg_temp.perflab_samples({pid}, {WANTED}) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        );
        let rows = watcher.rows::<(Option<String>, Option<String>, Option<String>, i64)>(&sql).await;
        enough.store(true, Ordering::Relaxed);
        rows
    };
    let calling = async {
        while !enough.load(Ordering::Relaxed) {
            let Some(draw) = workload.endpoints[place].draws.draw(*next_call) else { break };
            *next_call += 1;
            session.call(workload, place, &draw).await?;
        }
        session.connection().batch(END).await
    };
    let (rows, called) = tokio::join!(watching, calling);
    called?;
    let seen = rows?.into_iter().filter_map(|(state, wait_type, wait_name, samples)| {
        let active = state.as_deref()? == "active";
        Some(Seen { active, wait: wait_type.zip(wait_name), samples: u64::try_from(samples).unwrap_or(0) })
    });
    Ok(Samples { seen: seen.collect(), missing: None })
}
