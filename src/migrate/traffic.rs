//! The migration on a copy whose endpoints are being called: before, during, after.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use crate::bench::Workload;
use crate::bench::recorder::Recorder;
use crate::db::relation_locks::{backend_pid, relations};
use crate::db::{Connection, DbError, Target};
use crate::report::model::{EndpointInUse, ErrorCount, Latency, LockWait, MigrationInUse, MigrationRun};

use super::calls::{Callers, Made};
use super::run::{Facts, run};
use super::script::Script;
use super::uses::{Uses, add_endpoints};
use super::watch::Watch;

/// How the copy is used.
#[derive(Debug, Clone, Copy)]
pub struct Use {
    /// Calls per second; half of what one connection can do when absent.
    pub rate_per_s: Option<f64>,
    pub connections: usize,
    /// Time of calls before the migration, and again after it.
    pub around: Duration,
    /// A transaction that has read every table stays open for this long, from just before the migration on.
    pub long_reader: Option<Duration>,
}

/// The first part of the time before is for warming up, and not counted.
const WARMING_UP: f64 = 0.25;

/// Runs the migration beside calls on a database that may be worn out by it.
///
/// # Errors
/// When the server cannot be reached or a connection is lost for good.
pub async fn in_use(
    workload: &Workload,
    target: &Target,
    script: &Script,
    uses: &[Uses],
    how: Use,
) -> Result<MigrationInUse, DbError> {
    let watch = RefCell::new(Watch::new(workload.endpoints.iter().map(|endpoint| endpoint.label.clone()).collect()));
    let mut callers = Callers::open(workload, target, how.connections, &watch).await?;
    let rate_per_s = match how.rate_per_s {
        Some(rate) => rate,
        None => callers.modest_rate().await?,
    };
    let done = Cell::new(false);
    let migrating = async {
        let began = Instant::now();
        tokio::time::sleep(how.around).await;
        let outcome = migrate(target, script, &watch, how.long_reader).await;
        if outcome.is_ok() {
            tokio::time::sleep(how.around).await;
        }
        done.set(true);
        outcome.map(|(run, from, to)| (run, Span { counted: began + how.around.mul_f64(WARMING_UP), from, to }))
    };
    let (outcome, made) = tokio::join!(migrating, callers.call_until(rate_per_s, &done));
    let (mut run, span) = outcome?;
    let made = made?;
    add_endpoints(&mut run, uses);
    let endpoints = workload.endpoints.iter().enumerate().map(|(place, endpoint)| EndpointInUse {
        label: endpoint.label.clone(),
        ..span.endpoint(made.iter().filter(|made| made.place == place))
    });
    Ok(MigrationInUse {
        run,
        rate_per_s,
        connections: how.connections,
        long_reader_ms: how.long_reader.map(|time| time.as_secs_f64() * 1e3),
        endpoints: endpoints.collect(),
        calls_without_connection: made.iter().filter(|made| span.during(made) && made.started - made.due > QUEUED).count() as u64,
    })
}

/// What a call is late by before it was the pool that had no connection, and not the loop that had other calls to read.
const QUEUED: Duration = Duration::from_millis(20);

/// The migration, and when it began and ended; a reader that stays longer ends behind it.
async fn migrate(
    target: &Target,
    script: &Script,
    watch: &RefCell<Watch>,
    long_reader: Option<Duration>,
) -> Result<(MigrationRun, Instant, Instant), DbError> {
    let Some(time) = long_reader else {
        let from = Instant::now();
        let run = run(target, script, watch, Facts::LocksOnly).await?;
        return Ok((run, from, Instant::now()));
    };
    let mut reader = reading(target, watch).await?;
    let from = Instant::now();
    let migrating = async {
        let run = run(target, script, watch, Facts::LocksOnly).await;
        (run, Instant::now())
    };
    let staying = async {
        tokio::time::sleep(time).await;
        reader.batch("COMMIT").await
    };
    let ((run, to), stayed) = tokio::join!(migrating, staying);
    stayed?;
    reader.close().await;
    Ok((run?, from, to))
}

/// A transaction that has read every table, as a report or a dump has.
async fn reading(target: &Target, watch: &RefCell<Watch>) -> Result<Connection, DbError> {
    let mut reader = Connection::open(target).await?;
    let pid = backend_pid(&mut reader).await?;
    watch.borrow_mut().add_client(pid, "the long reader");
    let tables: Vec<String> = relations(&mut reader)
        .await?
        .into_iter()
        .filter(|relation| matches!(relation.kind.as_str(), "r" | "p"))
        .map(|relation| relation.name)
        .collect();
    reader.batch("BEGIN").await?;
    if !tables.is_empty() {
        reader.batch(&format!("LOCK TABLE {} IN ACCESS SHARE MODE", tables.join(", "))).await?;
    }
    Ok(reader)
}

/// When the migration was there.
struct Span {
    /// Calls due earlier warmed up.
    counted: Instant,
    from: Instant,
    to: Instant,
}

impl Span {
    fn before(&self, made: &Made) -> bool {
        made.due >= self.counted && made.ended <= self.from
    }

    fn during(&self, made: &Made) -> bool {
        made.ended > self.from && made.due < self.to
    }

    fn after(&self, made: &Made) -> bool {
        made.due >= self.to
    }

    fn endpoint<'m>(&self, made: impl Iterator<Item = &'m Made>) -> EndpointInUse {
        let made: Vec<&Made> = made.collect();
        let times = |when: &dyn Fn(&Made) -> bool| -> Latency {
            let mut recorder = Recorder::default();
            let counted = made.iter().filter(|made| when(made) && made.failed.is_none());
            counted.for_each(|made| recorder.record(made.ended - made.due));
            recorder.summary()
        };
        let blocked = made.iter().filter_map(|made| made.blocked.as_ref());
        let longest = blocked.clone().max_by_key(|blocked| blocked.waited);
        let ms = |wait: Duration| wait.as_secs_f64() * 1e3;
        EndpointInUse {
            label: String::new(),
            before: times(&|made| self.before(made)),
            during: times(&|made| self.during(made)),
            after: times(&|made| self.after(made)),
            calls_waited: blocked.count() as u64,
            longest_wait_ms: longest.map_or(0.0, |blocked| ms(blocked.waited)),
            wait: longest.map(|blocked| LockWait { statement: blocked.statement + 1, wanted: blocked.wanted.clone() }),
            errors: self.errors(&made),
        }
    }

    /// Failures since the migration began, of kinds that were not there before it.
    fn errors(&self, made: &[&Made]) -> Vec<ErrorCount> {
        let of = |made: &&&Made| made.failed.clone();
        let earlier: Vec<ErrorCount> = made.iter().filter(|made| made.ended <= self.from).filter_map(|made| of(&made)).collect();
        let mut counts: Vec<ErrorCount> = Vec::new();
        for error in made.iter().filter(|made| made.ended > self.from).filter_map(|made| of(&made)) {
            let same = |known: &&mut ErrorCount| (known.step, &known.sqlstate) == (error.step, &error.sqlstate);
            match counts.iter_mut().find(same) {
                Some(known) => known.count += 1,
                None => counts.push(error),
            }
        }
        counts.retain(|count| !earlier.iter().any(|one| (one.step, &one.sqlstate) == (count.step, &count.sqlstate)));
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::watch::Blocked;

    #[test]
    fn a_call_belongs_to_the_time_that_it_overlaps() {
        let zero = Instant::now();
        let at = |ms: u64| zero + Duration::from_millis(ms);
        let span = Span { counted: at(100), from: at(1000), to: at(2000) };
        let made = |due, ended, sqlstate: Option<&str>, waited: Option<u64>| Made {
            place: 0,
            due: at(due),
            started: at(due),
            ended: at(ended),
            failed: sqlstate.map(|code| ErrorCount { sqlstate: code.into(), message: "no".into(), step: 1, count: 1 }),
            blocked: waited.map(|ms| Blocked {
                waited: Duration::from_millis(ms),
                statement: 2,
                wanted: "ACCESS SHARE on t".into(),
            }),
        };
        let all = [
            made(50, 60, None, None),
            made(200, 210, Some("40001"), None),
            made(300, 310, None, None),
            made(990, 1900, None, Some(900)),
            made(1500, 1990, None, Some(480)),
            made(1600, 1700, Some("0A000"), None),
            made(2100, 2105, Some("40001"), None),
            made(2200, 2205, None, None),
        ];
        let found = span.endpoint(all.iter());
        assert_eq!((found.before.n, found.during.n, found.after.n), (1, 2, 1));
        assert_eq!((found.calls_waited, found.longest_wait_ms), (2, 900.0));
        assert_eq!(found.wait.map(|wait| wait.statement), Some(3));
        let codes: Vec<&str> = found.errors.iter().map(|error| error.sqlstate.as_str()).collect();
        assert_eq!(codes, ["0A000"], "40001 came before the migration, too");
    }
}
