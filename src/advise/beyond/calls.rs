//! Calls of an endpoint, kept with what each statement was given and returned: what another way is held against.

use std::collections::HashSet;
use std::time::Duration;

use crate::bench::session::Session;
use crate::bench::steps::step_parameters;
use crate::bench::variants::Cell;
use crate::bench::workload::{BoundEndpoint, Workload};
use crate::db::{Connection, DbError, Reply, Value};

/// Calls compared, where there are as many different parameters.
const CALLS: usize = 6;
/// Draws looked at for different ones.
const DRAWS: u64 = 40;

/// One call.
pub(super) struct Call {
    /// By step: the parameters, where it ran. Those of its first item under `for_each`.
    pub(super) parameters: Vec<Option<Vec<Value>>>,
    /// By step: what each execution returned.
    pub(super) replies: Vec<Vec<Reply>>,
    /// By step: time of each execution.
    pub(super) times: Vec<Vec<Duration>>,
}

/// The typical call and others with other parameters, each in a transaction that is rolled back. Calls that fail are left out.
///
/// # Errors
/// When the connection is lost.
pub(super) async fn calls(session: &mut Session, workload: &Workload, place: usize, typical: u64) -> Result<Vec<Call>, DbError> {
    let endpoint = &workload.endpoints[place];
    session.keep_returned(true);
    let (mut found, mut seen) = (Vec::new(), HashSet::new());
    for draw in std::iter::once(typical).chain(0..DRAWS).filter_map(|number| endpoint.draws.draw(number)) {
        if found.len() == CALLS {
            break;
        }
        if !seen.insert(draw.clone()) {
            continue;
        }
        session.connection().batch("BEGIN").await?;
        let called = session.call_inside(workload, place, &draw).await;
        session.connection().batch("ROLLBACK").await?;
        let called = called?;
        if called.failed.is_some() {
            continue;
        }
        let mut kept: Vec<Option<Reply>> = endpoint.steps.iter().map(|_| None).collect();
        let mut replies: Vec<Vec<Reply>> = endpoint.steps.iter().map(|_| Vec::new()).collect();
        for (step, reply) in session.returned() {
            kept[*step] = Some(reply.clone());
            replies[*step].push(reply.clone());
        }
        let ran = |number: usize| !replies[number].is_empty();
        let given = |number: usize| step_parameters(&endpoint.steps[number], &draw, &kept, 0).ok().filter(|_| ran(number));
        found.push(Call {
            parameters: (0..endpoint.steps.len()).map(given).collect(),
            times: session.steps().iter().map(|step| step.executions.clone()).collect(),
            replies,
        });
    }
    session.keep_returned(false);
    Ok(found)
}

/// A statement with its parameters and rows in some calls.
#[derive(Clone)]
pub(super) struct Own<'w> {
    pub(super) label: &'w str,
    /// From 0.
    pub(super) step: usize,
    pub(super) sql: &'w str,
    pub(super) cases: Vec<Case>,
    /// Median of the executions in the calls, ms.
    pub(super) ms: f64,
}

/// The executions of one call: one, unless it runs for each row of another.
#[derive(Clone)]
pub(super) struct Case {
    pub(super) parameters: Vec<Value>,
    /// Of the executions after it, where one call has many.
    pub(super) further: Vec<Vec<Value>>,
    pub(super) rows: Vec<Vec<Cell>>,
}

impl Own<'_> {
    /// The rows as the statement returns them by itself, outside of the calls; cases that fail are left out.
    ///
    /// # Errors
    /// When the connection is lost.
    pub(super) async fn ask_again(&mut self, connection: &mut Connection) -> Result<(), DbError> {
        let mut asked = Vec::new();
        for case in self.cases.drain(..) {
            match connection.query(self.sql, &case.parameters).await {
                Ok(reply) => asked.push(Case { rows: cells(&reply), ..case }),
                Err(error) if error.server_message().is_some() => {}
                Err(error) => return Err(error),
            }
        }
        self.cases = asked;
        Ok(())
    }
}

/// The step as the calls ran it; `None` where none did, or it runs for each row of another.
pub(super) fn own<'w>(endpoint: &'w BoundEndpoint, step: usize, calls: &[Call]) -> Option<Own<'w>> {
    let bound = &endpoint.steps[step];
    let mut seen = HashSet::new();
    let (mut cases, mut times) = (Vec::new(), Vec::new());
    for call in calls.iter().filter(|_| bound.for_each.is_none()) {
        let (Some(parameters), [reply]) = (&call.parameters[step], call.replies[step].as_slice()) else { continue };
        times.extend(call.times[step].iter().map(|time| time.as_secs_f64() * 1e3));
        if seen.insert(parameters.clone()) {
            cases.push(Case { parameters: parameters.clone(), further: Vec::new(), rows: cells(reply) });
        }
    }
    let ms = crate::bench::statistics::median(&mut times);
    (!cases.is_empty()).then(|| Own { label: &endpoint.label, step, sql: &bound.sql, cases, ms })
}

/// Rows as they are compared.
pub(super) fn cells(reply: &Reply) -> Vec<Vec<Cell>> {
    let columns = reply.fields().len();
    let row = |row| (0..columns).map(|column| Cell::of(&reply.value_at(row, column).unwrap_or(Value::null(0)))).collect();
    (0..reply.len()).map(row).collect()
}
