//! Calls of endpoints on one database, over one connection, committed.

use std::time::{Duration, Instant};

use crate::db::{Connection, DbError, Line, Prepared, Reply, Target};

use super::draw::Draw;
pub use super::steps::{Failure, StepCall};
use super::steps::{Trace, run_steps};
use super::workload::{BoundEndpoint, Workload};

/// A connection on which every statement of a workload is prepared. One that is lost is made again.
pub struct Session<L = Connection> {
    target: Target,
    connection: L,
    /// By endpoint, by step.
    prepared: Vec<Vec<Prepared>>,
    /// The endpoints that may be called.
    places: Vec<usize>,
    trace: Trace,
    lost: u64,
    /// Why the connection could not be made again.
    gone: Option<String>,
}

/// One call of an endpoint. Its steps are in [`Session::steps`].
#[derive(Debug)]
pub struct Call {
    /// First statement sent to last reply read, BEGIN and COMMIT included, and all tries of a call that was made again.
    pub elapsed: Duration,
    /// Of the last try, as `statements` and `round_trips`: returned or changed.
    pub rows: u64,
    pub statements: u32,
    pub round_trips: u32,
    /// How often the call was made again after a serialization failure or a deadlock.
    pub retries: u32,
    /// Whether the connection was lost. It has been made again since, unless the next call says otherwise.
    pub lost: bool,
    pub failed: Option<Failure>,
}

/// How long a lost connection is tried to be made again: a server that restarts after a crash is back well before.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// The first pause between two tries; each is twice the one before …
const FIRST_PAUSE: Duration = Duration::from_millis(10);
/// … up to this.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

impl Session {
    /// Connects and prepares every statement.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses a statement.
    pub async fn open(target: &Target, workload: &Workload) -> Result<Session, DbError> {
        let all: Vec<usize> = (0..workload.endpoints.len()).collect();
        Session::open_for(target, workload, &all).await
    }

    /// Connects and prepares the statements of the endpoints at `places`, the only ones that may be called then.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses a statement.
    pub async fn open_for(target: &Target, workload: &Workload, places: &[usize]) -> Result<Session, DbError> {
        Session::over(target, workload, places).await
    }

    pub fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }
}

impl<L: Line> Session<L> {
    /// As [`Session::open_for`], over a line of any kind.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses a statement.
    pub async fn over(target: &Target, workload: &Workload, places: &[usize]) -> Result<Session<L>, DbError> {
        let (connection, prepared) = connect(target, workload, places).await?;
        Ok(Session {
            target: target.clone(),
            connection,
            prepared,
            places: places.to_vec(),
            trace: Trace::default(),
            lost: 0,
            gone: None,
        })
    }

    pub async fn close(self) {
        self.connection.close().await;
    }

    /// By step of the last call: time of each execution. Empty for a step that did not run.
    pub fn steps(&self) -> &[StepCall] {
        self.trace.steps()
    }

    /// Keeps what the calls from now on return, for [`Session::returned`], or does so no more.
    pub fn keep_returned(&mut self, keep: bool) {
        self.trace.returned = keep.then(Vec::new);
    }

    /// What the last call returned, statement by statement with its step, from 0.
    pub fn returned(&self) -> &[(usize, Reply)] {
        self.trace.returned.as_deref().unwrap_or_default()
    }

    /// How often the connection was lost.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// Calls endpoint number `place` of the workload and commits. What the server refuses is in [`Call::failed`], and so is a
    /// connection that was lost: it is made again before this returns.
    ///
    /// # Errors
    /// [`DbError::Gone`] when the connection was lost in an earlier call and could not be made again: not within [`PATIENCE`],
    /// or never, because the database is gone or the login not allowed any more.
    pub async fn call(&mut self, workload: &Workload, place: usize, draw: &Draw) -> Result<Call, DbError> {
        if let Some(reason) = &self.gone {
            return Err(DbError::Gone { server: self.target.described(), reason: reason.clone() });
        }
        let endpoint = &workload.endpoints[place];
        let mut retries = 0;
        let started = Instant::now();
        let failed = loop {
            match self.transact(endpoint, place, draw).await {
                Err(failure) if retries < workload.calls.retries && failure.error.passes() => retries += 1,
                outcome => break outcome.err(),
            }
        };
        let elapsed = started.elapsed();
        let Trace { statements, round_trips, .. } = self.trace;
        let lost = failed.as_ref().is_some_and(|failure| failure.error.lost());
        if lost {
            self.connect_again(workload).await;
        }
        Ok(Call { elapsed, rows: self.trace.rows(), statements, round_trips, retries, lost, failed })
    }

    /// The endpoint's statements as one transaction, committed, or rolled back when one of them fails.
    async fn transact(&mut self, endpoint: &BoundEndpoint, place: usize, draw: &Draw) -> Result<(), Failure> {
        self.trace.begin(endpoint);
        if !endpoint.in_transaction {
            return run_steps(&mut self.connection, &self.prepared[place], endpoint, draw, &mut self.trace).await;
        }
        self.connection.batch("BEGIN").await.map_err(|error| Failure { step: 0, error })?;
        self.trace.round_trips += 1;
        match run_steps(&mut self.connection, &self.prepared[place], endpoint, draw, &mut self.trace).await {
            Ok(()) => {
                self.trace.round_trips += 1;
                // A deferred constraint speaks up only now.
                let last = endpoint.steps.len().saturating_sub(1);
                self.connection.batch("COMMIT").await.map_err(|error| Failure { step: last, error })
            }
            Err(failure) if failure.error.lost() => Err(failure),
            Err(failure) => match self.connection.batch("ROLLBACK").await {
                Ok(()) => Err(failure),
                Err(error) => Err(Failure { error, ..failure }),
            },
        }
    }

    /// Makes a lost connection anew and prepares its statements, at longer and longer intervals until [`PATIENCE`] is over.
    async fn connect_again(&mut self, workload: &Workload) {
        self.lost += 1;
        let began = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            let left = PATIENCE.saturating_sub(began.elapsed());
            let error = match tokio::time::timeout(left, connect(&self.target, workload, &self.places)).await {
                Ok(Ok((connection, prepared))) => {
                    self.connection = connection;
                    self.prepared = prepared;
                    return;
                }
                Ok(Err(error)) => error,
                Err(_) => DbError::Connection("no answer".into()),
            };
            if stays(&error) {
                self.gone = Some(error.with_causes());
                return;
            }
            if began.elapsed() + pause > PATIENCE {
                self.gone = Some(format!("{}, for {} s", error.with_causes(), PATIENCE.as_secs()));
                return;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// The statements of a call inside a transaction that is already open and stays so.
    ///
    /// # Errors
    /// Only when the connection is lost.
    pub async fn call_inside(&mut self, workload: &Workload, place: usize, draw: &Draw) -> Result<Call, DbError> {
        let endpoint = &workload.endpoints[place];
        self.trace.begin(endpoint);
        let started = Instant::now();
        let failed = run_steps(&mut self.connection, &self.prepared[place], endpoint, draw, &mut self.trace).await.err();
        let elapsed = started.elapsed();
        if let Some(Failure { error, .. }) = failed.as_ref().filter(|failure| failure.error.lost()) {
            return Err(DbError::Connection(error.to_string()));
        }
        let Trace { statements, round_trips, .. } = self.trace;
        Ok(Call { elapsed, rows: self.trace.rows(), statements, round_trips, retries: 0, lost: false, failed })
    }

    /// The statements of a call inside a transaction that is already open, undone to a savepoint: their time, or `None` when
    /// one of them was refused.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn call_to_savepoint(
        &mut self,
        workload: &Workload,
        place: usize,
        draw: &Draw,
    ) -> Result<Option<Duration>, DbError> {
        let endpoint = &workload.endpoints[place];
        self.trace.begin(endpoint);
        self.connection.batch("SAVEPOINT perflab_call").await?;
        let started = Instant::now();
        let outcome = run_steps(&mut self.connection, &self.prepared[place], endpoint, draw, &mut self.trace).await;
        let elapsed = started.elapsed();
        let refused = match outcome {
            Ok(()) => false,
            Err(failure) if failure.error.lost() => return Err(failure.error),
            Err(_) => true,
        };
        self.connection.batch("ROLLBACK TO perflab_call").await?;
        Ok((!refused).then_some(elapsed))
    }
}

/// A connection with the statements of the endpoints at `places` prepared, by endpoint, by step.
async fn connect<L: Line>(target: &Target, workload: &Workload, places: &[usize]) -> Result<(L, Vec<Vec<Prepared>>), DbError> {
    let mut connection = L::open(target).await?;
    if let Some(timeout) = workload.calls.statement_timeout {
        connection.batch(&format!("SET statement_timeout = {}", timeout_ms(timeout))).await?;
    }
    let mut prepared: Vec<Vec<Prepared>> = workload.endpoints.iter().map(|_| Vec::new()).collect();
    for place in places {
        for step in &workload.endpoints[*place].steps {
            prepared[*place].push(connection.prepare(&step.sql).await.map_err(|error| step.placed(error))?);
        }
    }
    Ok((connection, prepared))
}

/// The setting is in whole milliseconds, and 0 would be no timeout at all.
fn timeout_ms(timeout: Duration) -> u128 {
    timeout.as_micros().div_ceil(1000).clamp(1, i32::MAX as u128)
}

/// Whether a refused connection will be refused again: a login that is not allowed (class 28), a database that is not there.
fn stays(error: &DbError) -> bool {
    let sqlstate = error.sqlstate();
    sqlstate.starts_with("28") || sqlstate == "3D000"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_never_rounded_to_none() {
        assert_eq!(timeout_ms(Duration::from_micros(1)), 1);
        assert_eq!(timeout_ms(Duration::from_micros(1001)), 2);
        assert_eq!(timeout_ms(Duration::from_secs(3)), 3000);
        assert_eq!(timeout_ms(Duration::MAX), 2_147_483_647);
    }
}
