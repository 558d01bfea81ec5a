//! The classes of all endpoints timed: one client, closed loop, every class of every endpoint in turn within a round.

use std::collections::HashSet;
use std::time::Duration;

use crate::db::DbError;
use crate::report::model::{Effect, ErrorCount};

use super::super::draw::Draw;
use super::super::live::Stop;
use super::super::recorder::Recorder;
use super::super::rounds::{Progress, Rounds, TimeBox, WARM_UP_TIME, WarmUp, shares};
use super::super::session::Session;
use super::super::solo::{calls_per_round, count_error};
use super::super::workload::Workload;
use super::prepare::{ClassDraws, EndpointClasses};

/// What was measured of one class of an endpoint.
#[derive(Default)]
pub struct Timed {
    pub latency: Recorder,
    /// The same times in the order of the calls, milliseconds.
    pub times_ms: Vec<f64>,
    pub rows: u64,
    pub errors: Vec<ErrorCount>,
    /// The different parameters of the timed calls.
    pub asked: HashSet<Draw>,
    next_call: u64,
    pace: Duration,
}

/// One class of one endpoint.
struct Cell<'a> {
    place: usize,
    class: &'a ClassDraws,
    timed: Timed,
}

/// Times the classes, by endpoint; those of endpoints that delete come last.
///
/// # Errors
/// When the connection is lost.
pub async fn measure(
    session: &mut Session,
    workload: &Workload,
    prepared: &[Option<EndpointClasses>],
    (time, stop): (TimeBox, &Stop),
    progress: Progress<'_>,
) -> Result<Vec<Vec<Timed>>, DbError> {
    let of = |(place, prepared): (usize, &'_ Option<EndpointClasses>)| -> Vec<(usize, usize)> {
        (0..prepared.as_ref().map_or(0, |found| found.classes.len())).map(|class| (place, class)).collect()
    };
    let places: Vec<(usize, usize)> = prepared.iter().enumerate().flat_map(of).collect();
    let mut cells: Vec<Cell<'_>> = Vec::new();
    for (place, class) in places {
        if let Some(found) = &prepared[place] {
            cells.push(Cell { place, class: &found.classes[class], timed: Timed::default() });
        }
    }
    let deletes = |cell: &usize| workload.endpoints[cells[*cell].place].effect == Effect::Deletes;
    let (deleting, keeping): (Vec<usize>, Vec<usize>) = (0..cells.len()).partition(deletes);
    for (group, share) in shares(keeping, deleting, time.total) {
        warm_up(session, workload, &mut cells, &group, stop).await?;
        let mut rounds = Rounds::new(&group, share, time.least_rounds);
        while let Some(order) = rounds.next(progress) {
            let mut called = false;
            for cell in order.iter().take_while(|_| !stop.asked()) {
                called |= turn(session, workload, &mut cells[*cell]).await?;
            }
            if !called {
                break;
            }
        }
    }
    let mut measured: Vec<Vec<Timed>> = prepared.iter().map(|_| Vec::new()).collect();
    cells.into_iter().for_each(|cell| measured[cell.place].push(cell.timed));
    Ok(measured)
}

/// Only the first class of an endpoint whose rows serve once: the statements are the same, and the other classes have few rows.
async fn warm_up(
    session: &mut Session,
    workload: &Workload,
    cells: &mut [Cell<'_>],
    group: &[usize],
    stop: &Stop,
) -> Result<(), DbError> {
    let mut warm = HashSet::new();
    for cell in group.iter().take_while(|_| !stop.asked()) {
        let cell = &mut cells[*cell];
        let first = warm.insert(cell.place);
        if cell.class.draws.serves_once() && !first {
            continue;
        }
        let mut warm_up = WarmUp::new(WARM_UP_TIME);
        while warm_up.goes_on() {
            let Some(draw) = cell.draw() else { break };
            cell.timed.pace = session.call(workload, cell.place, &draw).await?.elapsed;
        }
    }
    Ok(())
}

/// The calls of one class in a round; false when it has no more.
async fn turn(session: &mut Session, workload: &Workload, cell: &mut Cell<'_>) -> Result<bool, DbError> {
    let calls = if cell.class.draws.serves_once() { 1 } else { calls_per_round(cell.timed.pace) };
    for number in 0..calls {
        let Some(draw) = cell.draw() else { return Ok(number > 0) };
        let call = session.call(workload, cell.place, &draw).await?;
        let timed = &mut cell.timed;
        match &call.failed {
            Some(failure) => count_error(&mut timed.errors, failure),
            None => {
                timed.latency.record(call.elapsed);
                timed.times_ms.push(call.elapsed.as_secs_f64() * 1e3);
                timed.rows += call.rows;
                timed.asked.insert(draw);
            }
        }
    }
    Ok(true)
}

impl Cell<'_> {
    fn draw(&mut self) -> Option<Draw> {
        loop {
            let call = self.timed.next_call;
            let draw = self.class.draws.draw(call)?;
            self.timed.next_call += 1;
            let spared = !self.class.spared.is_empty()
                && self.class.draws.sampled_row(call).is_some_and(|row| self.class.spared.contains(&row));
            if !spared {
                return Some(draw);
            }
        }
    }
}
