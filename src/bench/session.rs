//! Calls of endpoints on one database, over one connection, committed.

use std::time::{Duration, Instant};

use sqlx::Row;

use crate::db::connect::value_at;
use crate::db::{Connection, DbError, Prepared, Reply, Target, Value};

use super::draw::Draw;
use super::workload::{Bind, BoundCondition, BoundEndpoint, BoundStep, Workload};

/// A connection on which every statement of a workload is prepared.
pub struct Session {
    connection: Connection,
    /// By endpoint, by step.
    prepared: Vec<Vec<Prepared>>,
}

/// One call of an endpoint.
#[derive(Debug)]
pub struct Call {
    /// First statement sent to last reply read, BEGIN and COMMIT included.
    pub elapsed: Duration,
    /// By step: time of each execution. Empty for a step that did not run.
    pub steps: Vec<StepCall>,
    pub statements: u32,
    pub round_trips: u32,
    pub failed: Option<Failure>,
}

/// The executions of one step within a call.
#[derive(Debug, Default)]
pub struct StepCall {
    pub executions: Vec<Duration>,
    /// Rows returned or changed, over all executions.
    pub rows: u64,
}

/// A statement that the server refused.
#[derive(Debug)]
pub struct Failure {
    /// From 0.
    pub step: usize,
    pub error: DbError,
}

impl Call {
    fn of(endpoint: &BoundEndpoint) -> Call {
        Call {
            elapsed: Duration::ZERO,
            steps: endpoint.steps.iter().map(|_| StepCall::default()).collect(),
            statements: 0,
            round_trips: 0,
            failed: None,
        }
    }

    pub fn rows(&self) -> u64 {
        self.steps.iter().map(|step| step.rows).sum()
    }
}

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
        let mut connection = Connection::open(target).await?;
        let mut prepared: Vec<Vec<Prepared>> = workload.endpoints.iter().map(|_| Vec::new()).collect();
        for place in places {
            for step in &workload.endpoints[*place].steps {
                prepared[*place].push(connection.prepare(&step.sql).await?);
            }
        }
        Ok(Session { connection, prepared })
    }

    pub fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    pub async fn close(self) {
        self.connection.close().await;
    }

    /// Calls endpoint number `place` of the workload and commits.
    ///
    /// # Errors
    /// Only when the connection is lost; what the server refuses is in [`Call::failed`].
    pub async fn call(&mut self, workload: &Workload, place: usize, draw: &Draw) -> Result<Call, DbError> {
        let endpoint = &workload.endpoints[place];
        let mut call = Call::of(endpoint);
        let started = Instant::now();
        if endpoint.in_transaction {
            self.connection.batch("BEGIN").await?;
            call.round_trips += 1;
        }
        let outcome = run_steps(&mut self.connection, &self.prepared[place], endpoint, draw, &mut call).await;
        match outcome {
            Ok(()) => {
                if endpoint.in_transaction {
                    call.round_trips += 1;
                    // A deferred constraint speaks up only now.
                    if let Err(error) = self.connection.batch("COMMIT").await {
                        call.failed = Some(failure(endpoint.steps.len().saturating_sub(1), error)?);
                    }
                }
            }
            Err((step, error)) => {
                call.failed = Some(failure(step, error)?);
                if endpoint.in_transaction {
                    self.connection.batch("ROLLBACK").await?;
                }
            }
        }
        call.elapsed = started.elapsed();
        Ok(call)
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
        let mut call = Call::of(endpoint);
        self.connection.batch("SAVEPOINT perflab_call").await?;
        let started = Instant::now();
        let outcome = run_steps(&mut self.connection, &self.prepared[place], endpoint, draw, &mut call).await;
        let elapsed = started.elapsed();
        let refused = match outcome {
            Ok(()) => false,
            Err((step, error)) => {
                failure(step, error)?;
                true
            }
        };
        self.connection.batch("ROLLBACK TO perflab_call").await?;
        Ok((!refused).then_some(elapsed))
    }
}

/// A refusal is data; a lost connection ends the measurement.
fn failure(step: usize, error: DbError) -> Result<Failure, DbError> {
    match error {
        DbError::Connection(_) => Err(error),
        other => Ok(Failure { step, error: other }),
    }
}

async fn run_steps(
    connection: &mut Connection,
    prepared: &[Prepared],
    endpoint: &BoundEndpoint,
    draw: &Draw,
    call: &mut Call,
) -> Result<(), (usize, DbError)> {
    let mut kept: Vec<Option<Reply>> = endpoint.steps.iter().map(|_| None).collect();
    let mut number = 0;
    // Steps that follow each other for the same rows are one loop of the service: all of them for the first row, then for the next.
    for looped in endpoint.steps.chunk_by(|step, next| step.for_each.is_some() && step.for_each == next.for_each) {
        let first = number;
        number += looped.len();
        let times = looped[0].for_each.map_or(1, |source| kept[source].as_ref().map_or(0, |reply| reply.rows.len()));
        for item in 0..times {
            for (number, step) in (first..).zip(looped) {
                let runs = step.when.as_ref().is_none_or(|condition| holds(condition, &kept));
                let reply = if runs {
                    Some(run_step(connection, &prepared[number], number, (step, item), draw, &kept, call).await?)
                } else {
                    None
                };
                kept[number] = reply.filter(|_| step.kept);
            }
        }
    }
    Ok(())
}

/// One execution of a step, for the row at hand of its `for_each`.
async fn run_step(
    connection: &mut Connection,
    prepared: &Prepared,
    number: usize,
    (step, item): (&BoundStep, usize),
    draw: &Draw,
    kept: &[Option<Reply>],
    call: &mut Call,
) -> Result<Reply, (usize, DbError)> {
    let parameters = step_parameters(step, draw, kept, item).map_err(|error| (number, error))?;
    let started = Instant::now();
    let reply = connection.run(prepared, &parameters).await.map_err(|error| (number, error))?;
    call.steps[number].executions.push(started.elapsed());
    call.steps[number].rows += reply.affected;
    call.statements += 1;
    call.round_trips += 1;
    Ok(reply)
}

/// The values of a step's parameters in the types its statement takes.
pub fn step_parameters(step: &BoundStep, draw: &Draw, kept: &[Option<Reply>], item: usize) -> Result<Vec<Value>, DbError> {
    step.binds
        .iter()
        .zip(&step.types)
        .map(|(bind, type_oid)| {
            let value = match bind {
                Bind::Drawn { slot } => draw.values[*slot].clone(),
                Bind::Result { step, column } => column_of(kept[*step].as_ref(), 0, column, *type_oid),
                Bind::Item { column } => {
                    let source = step.for_each.and_then(|source| kept[source].as_ref());
                    column_of(source, item, column, *type_oid)
                }
            };
            value.converted(*type_oid).ok_or_else(|| {
                DbError::Unexpected(format!(
                    "a value of the type with OID {} cannot be bound to a parameter of the type with OID {type_oid}; cast it in the SQL, e.g. `:x::text`",
                    value.oid
                ))
            })
        })
        .collect()
}

/// NULL when the step returned no such row, as an application would find nothing there.
fn column_of(reply: Option<&Reply>, row: usize, column: &str, type_oid: u32) -> Value {
    reply.and_then(|reply| reply.value(row, column)).unwrap_or(Value::null(type_oid))
}

/// Whether a `when` holds for the replies so far; a step that did not run has returned nothing.
pub fn holds(condition: &BoundCondition, kept: &[Option<Reply>]) -> bool {
    let empty = |step: usize| kept[step].as_ref().is_none_or(|reply| reply.rows.is_empty());
    let null = |step: usize, column: &str| {
        let value = kept[step].as_ref().and_then(|reply| reply.rows.first()).and_then(|row| {
            let place = row.columns().iter().position(|candidate| sqlx::Column::name(candidate) == column)?;
            value_at(row, place)
        });
        value.is_none_or(|value| value.bytes.is_none())
    };
    match condition {
        BoundCondition::Empty(step) => empty(*step),
        BoundCondition::NotEmpty(step) => !empty(*step),
        BoundCondition::Null(step, column) => null(*step, column),
        BoundCondition::NotNull(step, column) => !null(*step, column),
        BoundCondition::All(parts) => parts.iter().all(|part| holds(part, kept)),
    }
}
