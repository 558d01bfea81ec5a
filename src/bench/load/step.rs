//! One step of a load: its threads, its beginning, its end, and what they counted as one [`crate::report::model::LoadStep`].

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::bench::live::{Live, LiveEndpoint, LiveTick, Stop};
use crate::bench::recorder::Recorder;
use crate::db::DbError;
use crate::report::model::Tick;

use super::cpu::cpu_time;
use super::execute::Connect;
use super::gate::Gate;
use super::steady::Steady;
use super::tally::{Interval, Tally};
use super::worker::{self, Board, Done, Drive, Go, Part, Wires};

/// What a step measures.
pub struct StepPlan {
    /// One part per thread.
    pub parts: Vec<Part>,
    /// Lengths of the windows, in order.
    pub windows: Vec<Duration>,
    /// The longest that the warm-up lasts.
    pub warm_up: Duration,
    /// For the live view: `8 clients`.
    pub what: String,
    /// Labels of the workload's endpoints.
    pub labels: Vec<String>,
}

/// What was counted in a step.
pub struct StepCounts {
    pub tally: Tally,
    pub loop_delay: Recorder,
    pub connections: usize,
    /// Real lengths of the windows.
    pub lengths: Vec<Duration>,
    pub warm_up: Duration,
    pub steady: bool,
    /// CPU time of this process within the measured time.
    pub client_cpu: Duration,
    pub ticks: Vec<Tick>,
    /// A thread gave up without counts.
    pub threads_lost: usize,
}

/// Runs the step on threads of its own.
///
/// # Errors
/// When a connection cannot be opened at the start.
pub async fn run<C>(plan: StepPlan, connect: C, stop: &Stop, share: (f64, f64), live: Live<'_>) -> Result<StepCounts, DbError>
where
    C: Connect + Clone + Send + 'static,
{
    let gate = Arc::new(Gate::new(&plan.windows));
    let (ready, mut readies) = mpsc::unbounded_channel();
    let (go, going) = watch::channel(None);
    let boards: Vec<Arc<Mutex<Board>>> = plan.parts.iter().map(|_| Arc::default()).collect();
    let mut threads = Vec::new();
    for (part, board) in plan.parts.iter().zip(&boards) {
        let wires = Wires { gate: Arc::clone(&gate), ready: ready.clone(), go: going.clone(), board: Arc::clone(board) };
        threads.push(spawn(part.clone(), connect.clone(), wires)?);
    }
    drop(ready);
    for _ in 0..threads.len() {
        match readies.recv().await {
            Some(Ok(())) => {}
            Some(Err(error)) => return Err(error),
            None => return Err(DbError::Unexpected("a thread of the load ended before it began".into())),
        }
    }
    let watched = Watch { gate: &gate, plan: &plan, boards: &boards, stop, share }.until_over(&go, live).await;
    let mut done = Vec::new();
    for thread in threads {
        done.push(thread.await.ok().flatten());
    }
    Ok(add_up(&plan, &gate, done, watched))
}

type Thread = tokio::sync::oneshot::Receiver<Option<Done>>;

fn spawn<C: Connect + Send + 'static>(part: Part, connect: C, wires: Wires) -> Result<Thread, DbError> {
    let (home, thread) = tokio::sync::oneshot::channel();
    let name = format!("load-{}", part.thread);
    std::thread::Builder::new()
        .name(name)
        .spawn(move || {
            let done = worker::run(&part, connect, wires).ok().flatten();
            // Nobody listens any more when the command was interrupted.
            let _ = home.send(done);
        })
        .map_err(|error| DbError::Unexpected(format!("a thread of the load cannot be started: {error}")))?;
    Ok(thread)
}

struct Watch<'a> {
    gate: &'a Gate,
    plan: &'a StepPlan,
    boards: &'a [Arc<Mutex<Board>>],
    stop: &'a Stop,
    /// The part of the whole measurement that this step is.
    share: (f64, f64),
}

/// What the coordinator saw while the threads worked.
struct Watched {
    warm_up: Duration,
    steady: bool,
    client_cpu: Duration,
    ticks: Vec<Tick>,
}

const LOOK: Duration = Duration::from_millis(250);

impl Watch<'_> {
    async fn until_over(&self, go: &watch::Sender<Option<Go>>, live: Live<'_>) -> Watched {
        let began = Instant::now();
        let open_loop = self.plan.parts.iter().any(|part| matches!(part.drive, Drive::Open { .. }));
        if open_loop {
            // Its schedule is fixed before it starts, so its warm-up cannot end early.
            self.gate.open(began + self.plan.warm_up);
        }
        let _ = go.send(Some(Go { at: began }));
        let mut steady = Steady::default();
        let mut cpu_at_start = None;
        let mut second = Second::default();
        let mut ticks = Vec::new();
        loop {
            let now = Instant::now();
            if self.stop.asked() {
                self.gate.shut();
            }
            if self.gate.start().is_none() && (steady.reached() || now >= began + self.plan.warm_up) {
                self.gate.open(now);
            }
            if cpu_at_start.is_none() && self.gate.start().is_some_and(|start| now >= start) {
                cpu_at_start = Some(cpu_time());
                second = Second::default();
            }
            if self.gate.over(now) {
                break;
            }
            tokio::time::sleep_until(self.next_look(now)).await;
            let (interval, backlog) = self.collect(live);
            steady.add(interval.calls());
            second.add(interval);
            let _ = backlog;
            if let Some(start) = self.gate.start() {
                let at_s = Instant::now().saturating_duration_since(start).as_secs_f64();
                ticks.extend(second.finished(at_s));
            }
        }
        let start = self.gate.start().unwrap_or(began);
        Watched {
            warm_up: start.saturating_duration_since(began),
            steady: steady.is_level(),
            client_cpu: cpu_time().saturating_sub(cpu_at_start.unwrap_or_default()),
            ticks,
        }
    }

    /// The next quarter of a second, or the opening or the end when that is nearer.
    fn next_look(&self, now: Instant) -> Instant {
        let marks = [self.gate.start(), self.gate.end()];
        marks.into_iter().flatten().filter(|mark| *mark > now).fold(now + LOOK, Instant::min)
    }

    /// Takes what the threads put on their boards and tells it; all endpoints together come back.
    fn collect(&self, live: Live<'_>) -> (Interval, u64) {
        let mut endpoints: Vec<Interval> = vec![Interval::default(); self.plan.labels.len()];
        let mut backlog = 0;
        for board in self.boards {
            let mut board = board.lock().unwrap_or_else(PoisonError::into_inner);
            endpoints.iter_mut().zip(&mut board.endpoints).for_each(|(all, new)| all.take(new));
            backlog += board.backlog;
        }
        let shown = endpoints.iter().zip(&self.plan.labels).map(|(interval, label)| LiveEndpoint {
            label: label.clone(),
            calls: interval.calls(),
            errors: interval.errors,
            p50_ms: interval.quantile_ms(0.5),
            p95_ms: interval.quantile_ms(0.95),
            p99_ms: interval.quantile_ms(0.99),
        });
        let progress = match (self.gate.start(), self.gate.end()) {
            (Some(start), Some(end)) if end > start => {
                Instant::now().saturating_duration_since(start).as_secs_f64() / (end - start).as_secs_f64()
            }
            _ => 0.0,
        };
        live(&LiveTick {
            what: self.plan.what.clone(),
            share: self.share.0 + (self.share.1 - self.share.0) * progress.min(1.0),
            seconds: LOOK.as_secs_f64(),
            backlog,
            endpoints: shown.collect(),
        });
        let mut all = Interval::default();
        endpoints.iter_mut().for_each(|interval| all.take(interval));
        (all, backlog)
    }
}

/// A second of the measured time in the making.
#[derive(Default)]
struct Second {
    interval: Interval,
    told: f64,
}

impl Second {
    fn add(&mut self, mut interval: Interval) {
        self.interval.take(&mut interval);
    }

    /// The tick, once a second has gone by since the last.
    fn finished(&mut self, at_s: f64) -> Option<Tick> {
        if at_s - self.told < 1.0 - LOOK.as_secs_f64() / 2.0 {
            return None;
        }
        self.told = at_s;
        let mut interval = Interval::default();
        interval.take(&mut self.interval);
        Some(Tick {
            at_s,
            calls: interval.calls(),
            errors: interval.errors,
            p50_ms: interval.quantile_ms(0.5).unwrap_or(0.0),
            p95_ms: interval.quantile_ms(0.95).unwrap_or(0.0),
        })
    }
}

fn add_up(plan: &StepPlan, gate: &Gate, done: Vec<Option<Done>>, watched: Watched) -> StepCounts {
    let mut counts = StepCounts {
        tally: Tally::new(plan.windows.len(), plan.labels.len()),
        loop_delay: Recorder::default(),
        connections: 0,
        lengths: (0..plan.windows.len()).map(|window| gate.length(window)).collect(),
        warm_up: watched.warm_up,
        steady: watched.steady,
        client_cpu: watched.client_cpu,
        ticks: watched.ticks,
        threads_lost: 0,
    };
    for done in done {
        match done {
            Some(done) => {
                counts.tally.merge(done.tally);
                counts.loop_delay.merge(&done.loop_delay);
                counts.connections += done.connections;
            }
            None => counts.threads_lost += 1,
        }
    }
    counts
}
