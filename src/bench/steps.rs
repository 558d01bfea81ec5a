//! The statements of a call, one after the other: which of them run, with which values, and how long each takes.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use crate::db::parameters::not_bindable;
use crate::db::{DbError, Line, Parameters, Prepared, Reply, Value};

use super::condition::{Scope, holds};
use super::draw::Draw;
use super::workload::{Bind, BoundEndpoint, BoundStep};

/// The executions of one step within a call.
#[derive(Debug, Default)]
pub struct StepCall {
    pub executions: Vec<Duration>,
    /// Rows returned or changed, over all executions.
    pub rows: u64,
}

/// A statement that failed.
#[derive(Debug)]
pub struct Failure {
    /// From 0.
    pub step: usize,
    /// With the place in the statement as written.
    pub error: DbError,
}

/// What a call leaves behind; made once per session and used again for every call, which then allocates nothing for it.
#[derive(Default)]
pub(super) struct Trace {
    steps: Vec<StepCall>,
    /// Rows that later steps read, by step.
    kept: Vec<Option<Reply>>,
    parameters: Parameters,
    /// All that is returned, with its step, when somebody wants to see it.
    pub returned: Option<Vec<(usize, Reply)>>,
    pub statements: u32,
    pub round_trips: u32,
}

impl Trace {
    /// Forgets the call before.
    pub fn begin(&mut self, endpoint: &BoundEndpoint) {
        self.returned.as_mut().map(Vec::clear);
        self.steps.resize_with(endpoint.steps.len(), StepCall::default);
        for step in &mut self.steps {
            step.executions.clear();
            step.rows = 0;
        }
        self.kept.clear();
        self.kept.resize_with(endpoint.steps.len(), || None);
        self.statements = 0;
        self.round_trips = 0;
    }

    /// By step: time of each execution. Empty for a step that did not run.
    pub fn steps(&self) -> &[StepCall] {
        &self.steps
    }

    pub fn rows(&self) -> u64 {
        self.steps.iter().map(|step| step.rows).sum()
    }
}

/// Runs the statements of a call.
pub(super) async fn run_steps(
    connection: &mut impl Line,
    prepared: &[Prepared],
    endpoint: &BoundEndpoint,
    draw: &Draw,
    trace: &mut Trace,
) -> Result<(), Failure> {
    let mut number = 0;
    // Steps that follow each other for the same rows are one loop of the service: all of them for the first row, then for the next.
    for looped in endpoint.steps.chunk_by(|step, next| step.for_each.is_some() && step.for_each == next.for_each) {
        let first = number;
        number += looped.len();
        let times = looped[0].for_each.map_or(1, |source| trace.kept[source].as_ref().map_or(0, |reply| reply.len()));
        for item in 0..times {
            for (number, step) in (first..).zip(looped) {
                if step.when.as_ref().is_none_or(|condition| holds(condition, Scope { kept: &trace.kept, draw, item })) {
                    run_step(connection, &prepared[number], (number, item), step, draw, trace)
                        .await
                        .map_err(|error| Failure { step: number, error: step.placed(error) })?;
                } else {
                    trace.kept[number] = None;
                }
            }
        }
    }
    Ok(())
}

/// One execution of step `number`, for row `item` of its `for_each`.
async fn run_step(
    connection: &mut impl Line,
    prepared: &Prepared,
    (number, item): (usize, usize),
    step: &BoundStep,
    draw: &Draw,
    trace: &mut Trace,
) -> Result<(), DbError> {
    trace.parameters.clear();
    for (bind, type_oid) in step.binds.iter().zip(&step.types) {
        trace.parameters.push(&bound(bind, *type_oid, step, draw, &trace.kept, item), *type_oid)?;
    }
    let started = Instant::now();
    let rows = if step.kept || trace.returned.is_some() {
        let reply = connection.run(prepared, &trace.parameters).await?;
        let rows = reply.affected;
        if let Some(returned) = &mut trace.returned {
            returned.push((number, reply.clone()));
        }
        trace.kept[number] = Some(reply);
        rows
    } else {
        connection.count(prepared, &trace.parameters).await?
    };
    trace.steps[number].executions.push(started.elapsed());
    trace.steps[number].rows += rows;
    trace.statements += 1;
    trace.round_trips += 1;
    Ok(())
}

/// The values of a step's parameters in the types its statement takes.
///
/// # Errors
/// When a value cannot be bound to its parameter.
pub fn step_parameters(step: &BoundStep, draw: &Draw, kept: &[Option<Reply>], item: usize) -> Result<Vec<Value>, DbError> {
    let binds = step.binds.iter().zip(&step.types);
    binds
        .map(|(bind, type_oid)| {
            let value = bound(bind, *type_oid, step, draw, kept, item);
            value.converted(*type_oid).ok_or_else(|| not_bindable(&value, *type_oid))
        })
        .collect()
}

fn bound<'v>(
    bind: &Bind,
    type_oid: u32,
    step: &BoundStep,
    draw: &'v Draw,
    kept: &[Option<Reply>],
    item: usize,
) -> Cow<'v, Value> {
    match bind {
        Bind::Drawn { slot } => Cow::Borrowed(&draw.values[*slot]),
        Bind::Result { step, column } => Cow::Owned(column_of(kept[*step].as_ref(), 0, column, type_oid)),
        Bind::Item { column } => {
            let source = step.for_each.and_then(|source| kept[source].as_ref());
            Cow::Owned(column_of(source, item, column, type_oid))
        }
    }
}

/// NULL when the step returned no such row, as an application would find nothing there.
fn column_of(reply: Option<&Reply>, row: usize, column: &str, type_oid: u32) -> Value {
    reply.and_then(|reply| reply.value(row, column)).unwrap_or(Value::null(type_oid))
}
