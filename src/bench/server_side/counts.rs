//! Counters read around calls of fixed numbers.

use std::time::{Duration, Instant};

use crate::bench::draw::Draw;
use crate::bench::rounds::WARM_UP_CALLS;
use crate::bench::session::{Call, Session, StepCall};
use crate::bench::solo::count_error;
use crate::bench::workload::Workload;
use crate::db::DbError;
use crate::db::counters::{Counted, Counters};
use crate::report::model::{Effect, ErrorCount};

/// Calls that are counted of every endpoint.
const FEW: u64 = 10;
/// Calls that are counted of one that touches little: each has other parameters, so more of them say more.
const MANY_READS: u64 = 100;
/// … and of one that writes, where every commit waits for the disk.
const MANY_WRITES: u64 = 30;
/// Blocks, rows and statements (a hundred blocks each) that [`FEW`] calls of such an endpoint touch at most: some ten milliseconds.
const LIGHT: u64 = 50_000;
/// A call that touches more than this is warmed up once, not until its plan has settled.
const HEAVY: u64 = 50_000;
/// What keeps an endpoint busy without touching anything is counted no longer than this, and the report says so.
const TOO_LONG: Duration = Duration::from_secs(3);

/// What the counters said, over all counted calls together.
#[derive(Debug, Default)]
pub struct Counts {
    pub calls: u64,
    pub rows: u64,
    pub counted: Counted,
    /// By step: executions.
    runs: Vec<u64>,
    /// Number of the first call that was not made.
    pub next_call: u64,
    pub notes: Vec<String>,
    pub errors: Vec<ErrorCount>,
    failed: u64,
    pub statements: u64,
    pub round_trips: u64,
}

impl Counts {
    /// By step: executions per call.
    pub fn runs_per_call(&self) -> Vec<f64> {
        self.runs.iter().map(|runs| *runs as f64 / self.calls.max(1) as f64).collect()
    }

    fn add(&mut self, call: &Call, steps: &[StepCall]) {
        self.calls += 1;
        self.rows += call.rows;
        self.statements += u64::from(call.statements);
        self.round_trips += u64::from(call.round_trips);
        if let Some(failure) = &call.failed {
            self.failed += 1;
            count_error(&mut self.errors, failure);
        }
        for (runs, step) in self.runs.iter_mut().zip(steps) {
            *runs += step.executions.len() as u64;
        }
    }

    /// In blocks' worth.
    fn work(&self) -> u64 {
        self.counted.blocks_hit + self.counted.blocks_read + self.counted.rows_read + 100 * self.statements
    }
}

/// Counts endpoint number `place`. How many calls there are follows from what they touch, so that it is the same on every machine.
///
/// # Errors
/// When the connection is lost.
pub async fn count(workload: &Workload, place: usize, session: &mut Session, counters: &Counters) -> Result<Counts, DbError> {
    let mut pass = Pass { workload, place, session, counters, until: Instant::now() + TOO_LONG };
    let reads = workload.endpoints[place].effect == Effect::Reads;
    let warmed = pass.warm_up().await?;
    // What only reads is warmed up with the calls that will be counted; what writes can make each call once.
    let first = if reads { 0 } else { warmed };
    let mut counts = pass.batch(first, FEW).await?;
    if counts.calls == FEW && counts.work() <= LIGHT {
        let more = if reads { MANY_READS } else { MANY_WRITES } - FEW;
        if reads {
            pass.unread(first + FEW, more).await?;
        }
        counts = joined(counts, pass.batch(first + FEW, more).await?);
    }
    if counts.calls < FEW && Instant::now() >= pass.until {
        let note = format!(
            "Only {} of {FEW} calls were counted, because they took too long: another run may count others.",
            counts.calls
        );
        counts.notes.push(note);
    }
    if counts.failed > 0 {
        counts.notes.push(format!("{} of the {} counted calls failed.", counts.failed, counts.calls));
    }
    Ok(counts)
}

/// One endpoint being counted.
struct Pass<'a> {
    workload: &'a Workload,
    place: usize,
    session: &'a mut Session,
    counters: &'a Counters,
    until: Instant,
}

impl Pass<'_> {
    /// Makes the first calls uncounted: how many.
    async fn warm_up(&mut self) -> Result<u64, DbError> {
        let first = self.batch(0, 1).await?;
        if first.work() > HEAVY {
            return Ok(1);
        }
        self.unread(1, WARM_UP_CALLS.max(FEW) - 1).await?;
        Ok(WARM_UP_CALLS.max(FEW))
    }

    /// Makes `number` calls and reads nothing.
    async fn unread(&mut self, first: u64, number: u64) -> Result<(), DbError> {
        for call in first..first + number {
            let Some(draw) = self.draw(call) else { break };
            self.session.call(self.workload, self.place, &draw).await?;
        }
        Ok(())
    }

    /// Makes up to `number` calls and reads what they touched.
    async fn batch(&mut self, first: u64, number: u64) -> Result<Counts, DbError> {
        let runs = vec![0; self.workload.endpoints[self.place].steps.len()];
        let mut counts = Counts { runs, next_call: first, ..Counts::default() };
        let before = if self.counters.publishes() { Some(self.counters.read(self.session.connection()).await?) } else { None };
        for call in first..first + number {
            let Some(draw) = self.draw(call) else { break };
            match &before {
                Some(_) => {
                    let made = self.session.call(self.workload, self.place, &draw).await?;
                    counts.add(&made, self.session.steps());
                }
                None => self.call_in_one_transaction(&draw, &mut counts).await?,
            }
            counts.next_call = call + 1;
        }
        if let Some(before) = before {
            let after = self.counters.read(self.session.connection()).await?;
            counts.counted = self.counters.between(&before, &after);
        }
        Ok(counts)
    }

    fn draw(&self, call: u64) -> Option<Draw> {
        let draw = self.workload.endpoints[self.place].draws.draw(call);
        draw.filter(|_| Instant::now() < self.until)
    }

    /// A call between two readings of what the session has not published. Parallel workers would count for themselves, so the
    /// leader does their part; deferred constraints are checked before the second reading.
    async fn call_in_one_transaction(&mut self, draw: &Draw, counts: &mut Counts) -> Result<(), DbError> {
        self.session.connection().batch("BEGIN; SET LOCAL max_parallel_workers = 0").await?;
        let before = self.counters.read(self.session.connection()).await?;
        let call = self.session.call_inside(self.workload, self.place, draw).await?;
        counts.add(&call, self.session.steps());
        if call.failed.is_some() || self.session.connection().batch("SET CONSTRAINTS ALL IMMEDIATE").await.is_err() {
            return self.session.connection().batch("ROLLBACK").await;
        }
        let after = self.counters.read(self.session.connection()).await?;
        self.session.connection().batch("COMMIT").await?;
        let counted = self.counters.between(&before, &after);
        counts.counted = if counts.calls == 1 { counted } else { counts.counted.plus(&counted) };
        Ok(())
    }
}

fn joined(first: Counts, second: Counts) -> Counts {
    Counts {
        calls: first.calls + second.calls,
        rows: first.rows + second.rows,
        counted: first.counted.plus(&second.counted),
        runs: first.runs.iter().zip(&second.runs).map(|(first, second)| first + second).collect(),
        next_call: second.next_call,
        notes: first.notes,
        errors: added(first.errors, second.errors),
        failed: first.failed + second.failed,
        statements: first.statements + second.statements,
        round_trips: first.round_trips + second.round_trips,
    }
}

fn added(mut errors: Vec<ErrorCount>, more: Vec<ErrorCount>) -> Vec<ErrorCount> {
    for error in more {
        match errors.iter_mut().find(|known| known.sqlstate == error.sqlstate && known.step == error.step) {
            Some(known) => known.count += error.count,
            None => errors.push(error),
        }
    }
    errors
}
