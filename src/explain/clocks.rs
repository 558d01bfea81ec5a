//! One statement under three clocks: as the application runs it, under EXPLAIN ANALYZE without timing, and with it.
//!
//! EXPLAIN counts at every node and, with TIMING ON, reads the clock twice for every row of every node; it also leaves out planning,
//! the making of what is sent, and the way to the client. So its milliseconds are never the application's. How far apart they are is
//! measured here, with the same parameters, the clocks taking turns.

use std::time::{Duration, Instant};

use crate::bench::statistics::median;
use crate::db::explain::{Explain, execution_ms, explain, planning_ms};
use crate::db::{Connection, DbError, Parameters, Prepared, Value};
use crate::report::model::Clocks;

use super::undo;

/// Executions of one round: one per clock.
const CLOCKS: u32 = 3;
/// Rounds at most: enough for a sentence.
const MOST_ROUNDS: u32 = 5;

/// How long the clocks of one statement may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockBudget {
    /// Rounds are made while they fit into this …
    pub all: Duration,
    /// … and one is made even beyond it when it takes no longer than this.
    pub one_round: Duration,
}

impl ClockBudget {
    /// `perflab run` explains up to ten endpoints: these must not add more than a second or two to its minute. A statement of
    /// 150 ms then is not measured here; its endpoint's own time is in the bench.
    pub const RUN: ClockBudget = ClockBudget { all: Duration::from_millis(150), one_round: Duration::from_millis(300) };
    /// Who asks about one endpoint waits for seeding and copying anyway; a statement of 150 ms gets four rounds.
    pub const EXPLAIN: ClockBudget = ClockBudget { all: Duration::from_secs(2), one_round: Duration::from_secs(6) };

    /// Rounds of executions that take `execution_ms` each; 0 when not even one may be made.
    pub fn rounds(self, execution_ms: f64) -> u32 {
        let round_ms = f64::from(CLOCKS) * execution_ms.max(0.001);
        let fitting = (self.all.as_secs_f64() * 1e3 / round_ms) as u32;
        let one = u32::from(round_ms <= self.one_round.as_secs_f64() * 1e3);
        fitting.clamp(one, MOST_ROUNDS)
    }
}

/// The three clocks of a statement whose execution took `execution_ms` before. The connection is in a transaction, in which all
/// executions are undone. `None` when the budget has no room for one round, or the server refuses the statement this time.
///
/// # Errors
/// When the connection is lost.
pub async fn clocks(
    connection: &mut Connection,
    statement: &str,
    parameters: &[Value],
    execution_ms: f64,
    budget: ClockBudget,
) -> Result<Option<Clocks>, DbError> {
    let rounds = budget.rounds(execution_ms);
    if rounds == 0 {
        return Ok(None);
    }
    connection.batch("SAVEPOINT perflab_clocks").await?;
    let found = in_turn(connection, statement, parameters, rounds).await;
    undo(connection, "perflab_clocks").await?;
    match found {
        Ok(clocks) => Ok(Some(clocks)),
        Err(error) if error.server_message().is_some() => Ok(None),
        Err(error) => Err(error),
    }
}

#[derive(Default)]
struct Times {
    plain: Vec<f64>,
    planning: Vec<f64>,
    off: Vec<f64>,
    on: Vec<f64>,
}

async fn in_turn(connection: &mut Connection, statement: &str, parameters: &[Value], rounds: u32) -> Result<Clocks, DbError> {
    // EXPLAIN plans for its parameters each time; the prepared statement must not turn to a generic plan meanwhile.
    if connection.version() >= 120_000 {
        connection.batch("SET LOCAL plan_cache_mode = force_custom_plan").await?;
    }
    let prepared = connection.prepare(statement).await?;
    let mut bound = Parameters::default();
    for (value, to) in parameters.iter().zip(&prepared.parameters) {
        bound.push(value, *to)?;
    }
    let mut times = Times::default();
    for round in 0..rounds {
        for turn in 0..CLOCKS {
            connection.batch("SAVEPOINT perflab_clock").await?;
            match (round + turn) % CLOCKS {
                0 => times.plain.push(plain(connection, &prepared, &bound).await?),
                1 => {
                    let json = explain(connection, statement, parameters, Explain::Untimed).await?;
                    times.off.push(execution_ms(&json));
                    times.planning.push(planning_ms(&json));
                }
                _ => times.on.push(execution_ms(&explain(connection, statement, parameters, Explain::Analyze).await?)),
            }
            undo(connection, "perflab_clock").await?;
        }
    }
    let noise = [&times.plain, &times.off, &times.on].map(|times| spread(times)).into_iter().fold(0.0, f64::max);
    Ok(Clocks {
        runs: rounds,
        noise,
        plain_ms: median(&mut times.plain),
        planning_ms: median(&mut times.planning),
        timing_off_ms: median(&mut times.off),
        timing_on_ms: median(&mut times.on),
    })
}

/// Sending to last row, ms.
async fn plain(connection: &mut Connection, prepared: &Prepared, bound: &Parameters) -> Result<f64, DbError> {
    let started = Instant::now();
    connection.count(prepared, bound).await?;
    Ok(started.elapsed().as_secs_f64() * 1e3)
}

/// Half of the difference between the quickest and the slowest, as a share of the median.
fn spread(times: &[f64]) -> f64 {
    let (least, most) = times.iter().fold((f64::INFINITY, 0.0_f64), |(least, most), time| (least.min(*time), most.max(*time)));
    let middle = median(&mut times.to_vec());
    if middle > 0.0 { (most - least) / 2.0 / middle } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_statement_is_run_less_often_and_a_very_slow_one_not_at_all() {
        let rounds: Vec<u32> = [0.0, 1.0, 10.0, 15.0, 40.0, 60.0, 99.0, 101.0].map(|ms| ClockBudget::RUN.rounds(ms)).into();
        assert_eq!(rounds, [5, 5, 5, 3, 1, 1, 1, 0]);
        let rounds: Vec<u32> = [150.0, 500.0, 1_900.0, 2_100.0].map(|ms| ClockBudget::EXPLAIN.rounds(ms)).into();
        assert_eq!(rounds, [4, 1, 1, 0]);
    }

    #[test]
    fn noise_is_what_executions_of_one_clock_differ_by() {
        assert!((spread(&[10.0, 14.0, 11.0]) - 2.0 / 11.0).abs() < 1e-9);
        assert_eq!((spread(&[3.0]), spread(&[])), (0.0, 0.0));
    }
}
