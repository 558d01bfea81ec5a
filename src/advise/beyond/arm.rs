//! One side of a comparison: executions of one statement, call by call in turn.

use std::time::Instant;

use crate::db::number::Number;
use crate::db::value::integer_width;
use crate::db::{Connection, DbError, Parameters, Prepared, Value};

use super::calls::{Case, Own};

/// Milliseconds that one side may take.
const BUDGET_MS: f64 = 300.0;
const MOST_RUNS: usize = 9;
const LEAST_RUNS: usize = 3;
/// Executions of one side, for a statement that takes so long.
pub(super) fn runs(own_ms: f64) -> usize {
    ((BUDGET_MS / own_ms.max(0.01)) as usize).clamp(LEAST_RUNS, MOST_RUNS)
}

/// What is said of a way that did not end in time.
pub(super) const TOO_LONG: &str = "It was stopped, since it took too long.";

/// Why nothing came of a way.
pub(super) enum Stopped {
    /// The statement that was tried, and why it is nothing.
    Refused(String, String),
    Lost(DbError),
}

impl From<DbError> for Stopped {
    fn from(error: DbError) -> Stopped {
        match error.server_message() {
            Some(_) => Stopped::Refused(String::new(), refusal(&error)),
            None => Stopped::Lost(error),
        }
    }
}

fn refusal(error: &DbError) -> String {
    match error.server_message() {
        Some(message) if message.sqlstate == "57014" => TOO_LONG.to_owned(),
        Some(message) => format!("The server refuses it: {}.", message.without_hint().trim_end_matches('.')),
        None => error.to_string(),
    }
}

pub(super) fn in_place(error: DbError, sql: &[String]) -> Stopped {
    with_sql(error.into(), sql.first().map_or("", String::as_str))
}

pub(super) fn with_sql(stopped: Stopped, sql: &str) -> Stopped {
    match stopped {
        Stopped::Refused(_, reason) => Stopped::Refused(sql.to_owned(), reason),
        lost => lost,
    }
}

/// Executions of one statement, call by call in turn.
pub(super) struct Arm<'p> {
    pub(super) prepared: &'p Prepared,
    /// By call, by execution.
    pub(super) given: Vec<Vec<Parameters>>,
    next: usize,
    /// Of each call, ms.
    pub(super) times: Vec<f64>,
}

impl<'p> Arm<'p> {
    /// The statement as it is.
    pub(super) fn of(prepared: &'p Prepared, own: &Own<'_>) -> Result<Arm<'p>, Stopped> {
        let executions = |case: &Case| std::iter::once(&case.parameters).chain(&case.further).cloned().collect();
        Arm::new(prepared, &own.cases.iter().map(executions).collect::<Vec<_>>(), own.sql)
    }

    pub(super) fn new(prepared: &'p Prepared, given: &[Vec<Vec<Value>>], sql: &str) -> Result<Arm<'p>, Stopped> {
        let of_call = |call: &Vec<Vec<Value>>| call.iter().map(|values| bound(values, &prepared.parameters)).collect();
        let given = given.iter().map(of_call).collect::<Option<Vec<Vec<_>>>>();
        let refused = || Stopped::Refused(sql.to_owned(), "Its parameters are of other types.".to_owned());
        Ok(Arm { prepared, given: given.ok_or_else(refused)?, next: 0, times: Vec::new() })
    }

    /// Plans and caches as a service's session has them.
    pub(super) async fn warm_up(&mut self, connection: &mut Connection) -> Result<(), DbError> {
        self.run(connection, 1).await?;
        self.times.clear();
        self.next = 0;
        Ok(())
    }

    pub(super) async fn run(&mut self, connection: &mut Connection, times: usize) -> Result<(), DbError> {
        for _ in 0..times {
            let started = Instant::now();
            for parameters in &self.given[self.next % self.given.len()] {
                connection.count(self.prepared, parameters).await?;
            }
            self.times.push(started.elapsed().as_secs_f64() * 1e3);
            self.next += 1;
        }
        Ok(())
    }
}

/// The values as the types want them; a whole numeric passes for an integer.
fn bound(values: &[Value], types: &[u32]) -> Option<Parameters> {
    let mut parameters = Parameters::default();
    if values.len() != types.len() {
        return None;
    }
    for (value, to) in values.iter().zip(types) {
        let converted = value.converted(*to).or_else(|| {
            let Some(Number::Exact(decimal)) = Number::of(value).filter(|_| integer_width(*to).is_some()) else { return None };
            Value::int8(decimal.to_string().parse().ok()?).converted(*to)
        });
        parameters.push(&converted?, *to).ok()?;
    }
    Some(parameters)
}
