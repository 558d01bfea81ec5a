//! One thread of a step: an event loop of its own, its connections, its clients or its part of the schedule.
//!
//! One single-threaded loop per core instead of one loop over all cores: no call is handed from thread to thread, which costs the
//! client about a third of its throughput.

use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::{JoinSet, LocalSet};
use tokio::time::Instant;

use crate::bench::recorder::Recorder;
use crate::bench::shard::owns;
use crate::db::DbError;
use crate::report::model::Shard;
use crate::scenario::model::Think;
use crate::seed::rng::Key;

use super::closed::{Client, Pool, Source};
use super::execute::{Connect, Execute};
use super::gate::Gate;
use super::lane::Lane;
use super::mix::{Mix, Numbers, Start};
use super::open::{Dispatcher, Line, PATIENCE};
use super::schedule::Schedule;
use super::tally::{Interval, Tally};
use super::timer::{PreciseTimer, Timer};

/// What one thread has to do in a step.
#[derive(Debug, Clone)]
pub struct Part {
    /// From 0.
    pub thread: usize,
    pub threads: usize,
    pub shard: Shard,
    pub seed: u64,
    pub mix: Mix,
    /// Endpoints of the workload, those outside of the mix too.
    pub endpoints: usize,
    pub start: Start,
    pub windows: usize,
    pub drive: Drive,
}

/// How the thread's calls come about.
#[derive(Debug, Clone)]
pub enum Drive {
    Closed {
        /// Of this thread.
        clients: usize,
        /// Number of its first client among all of the step.
        first: usize,
        /// In the whole step, on all machines.
        of: usize,
        think: Think,
        /// Connections they share; each its own when absent.
        pool: Option<usize>,
    },
    Open {
        /// Held from the start until the gate opens.
        warm_up: Schedule,
        /// From the gate's opening on.
        schedule: Schedule,
        /// Connections of this thread to begin with, and at most.
        connections: usize,
        most: usize,
    },
}

/// The step's beginning, told to all threads at once.
#[derive(Debug, Clone, Copy)]
pub struct Go {
    pub at: Instant,
}

/// What a thread brings home.
pub struct Done {
    pub tally: Tally,
    pub loop_delay: Recorder,
    /// Connections it had open at most.
    pub connections: usize,
}

/// What the threads tell while they run, one slot each.
#[derive(Default)]
pub struct Board {
    pub endpoints: Vec<Interval>,
    pub backlog: u64,
}

/// How the coordinator and a thread talk.
pub struct Wires {
    pub gate: Arc<Gate>,
    /// Told once, when the thread's connections are open.
    pub ready: mpsc::UnboundedSender<Result<(), DbError>>,
    pub go: watch::Receiver<Option<Go>>,
    pub board: Arc<Mutex<Board>>,
}

/// How often the thread puts its figures on the board.
const TELL: Duration = Duration::from_millis(250);
/// How often it looks how late its own timers run.
const LOOK: Duration = Duration::from_millis(10);
/// Tasks that run before the loop looks at its sockets and timers again; tokio's 61 would let a timer wait for that many replies.
const EVENT_INTERVAL: u32 = 11;
// Nothing here sleeps on the loop's own timers while calls are under way: with none to wait for the loop waits for its sockets alone,
// and the kernel sets up and takes down no timer for every reply. That is a tenth of the client's time with one client.

/// Runs the part on the current thread until the step is over.
///
/// # Errors
/// When a connection cannot be opened at the start.
pub fn run<C: Connect + 'static>(part: &Part, connect: C, wires: Wires) -> Result<Option<Done>, std::io::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().event_interval(EVENT_INTERVAL).build()?;
    let tasks = LocalSet::new();
    // A task like the others: what a set is driven for would be polled after every reply to any of them.
    let part = part.clone();
    let drive = tasks.spawn_local(async move { drive::<C, PreciseTimer>(&part, Rc::new(connect), wires).await });
    runtime.block_on(tasks);
    Ok(runtime.block_on(drive).ok().flatten())
}

/// `None` when the thread never got its connections, or was told to go home.
pub async fn drive<C, T>(part: &Part, connect: Rc<C>, wires: Wires) -> Option<Done>
where
    C: Connect + 'static,
    T: Timer + Default + 'static,
{
    let wanted = match &part.drive {
        Drive::Closed { clients, pool, .. } => pool.unwrap_or(*clients),
        Drive::Open { connections, .. } => *connections,
    };
    let mut executors = Vec::with_capacity(wanted);
    for _ in 0..wanted {
        match connect.connect().await {
            Ok(executor) => executors.push(executor),
            Err(error) => {
                let _ = wires.ready.send(Err(error));
                return None;
            }
        }
    }
    let _ = wires.ready.send(Ok(()));
    let mut go = wires.go;
    let start = go.wait_for(Option::is_some).await.ok().and_then(|go| *go)?;
    let lane = Rc::new(Lane::new(Arc::clone(&wires.gate), part.mix.clone(), Tally::new(part.windows, part.endpoints)));
    let line = Rc::new(Line::default());
    let delay = tokio::task::spawn_local(loop_delay::<T>(Rc::clone(&lane)));
    let teller = tokio::task::spawn_local(tell::<T>(Rc::clone(&lane), Rc::clone(&line), wires.board));
    let free = match &part.drive {
        Drive::Closed { clients, first, of, think, pool } => {
            closed::<C::Executor, T>(part, (*clients, *first, *of, *think, *pool), executors, &lane).await
        }
        Drive::Open { warm_up, schedule, most, .. } => {
            let numbers = part.numbers();
            let choices = Key::new(part.seed, &["load", "choice"]);
            let dispatcher =
                Dispatcher { lane: Rc::clone(&lane), line, connect, most: *most, numbers, choices, servers: JoinSet::new() };
            open(part, dispatcher, executors, (warm_up, schedule), start, T::default()).await
        }
    };
    teller.abort();
    let _ = teller.await;
    let connections = free.len();
    for executor in free {
        executor.close().await;
    }
    let loop_delay = delay.await.unwrap_or_default();
    Some(Done { tally: lane.tally.replace(Tally::new(0, 0)), loop_delay, connections })
}

async fn closed<E: Execute + 'static, T: Timer + Default>(
    part: &Part,
    (clients, first, of, think, pool): (usize, usize, usize, Think, Option<usize>),
    mut executors: Vec<E>,
    lane: &Rc<Lane>,
) -> Vec<E> {
    let shared = pool.is_some().then(|| Rc::new(Pool::new(std::mem::take(&mut executors))));
    let mut tasks = JoinSet::new();
    for client in 0..clients {
        let source = match (&shared, executors.pop()) {
            (Some(pool), _) => Source::Pooled(Rc::clone(pool)),
            (None, Some(executor)) => Source::Own(executor),
            (None, None) => break,
        };
        let number = (first + client) as u64;
        let client = Client {
            seed: Key::new(part.seed, &["load", "client"]).bits(number),
            think,
            numbers: Numbers::new(number, of as u64, &part.start),
        };
        tasks.spawn_local(client.run(Rc::clone(lane), source));
    }
    let mut free = gather::<E, T>(&mut tasks, lane).await;
    drop(tasks);
    if let Some(pool) = shared.and_then(Rc::into_inner) {
        free.extend(pool.into_free());
    }
    free
}

/// The clients' own connections, as they finish; a call that outlasts the step by [`PATIENCE`] is given up.
async fn gather<E: 'static, T: Timer + Default>(tasks: &mut JoinSet<Option<E>>, lane: &Lane) -> Vec<E> {
    let mut free = Vec::new();
    let mut timer = T::default();
    loop {
        let finished = tokio::select! {
            biased;
            finished = tasks.join_next() => finished,
            () = timer.until(Instant::now() + TELL) => {
                if lane.gate.end().is_some_and(|end| Instant::now() > end + PATIENCE) {
                    tasks.shutdown().await;
                    return free;
                }
                continue;
            }
        };
        match finished {
            Some(finished) => free.extend(finished.ok().flatten()),
            None => return free,
        }
    }
}

async fn open<C: Connect + 'static>(
    part: &Part,
    mut dispatcher: Dispatcher<C>,
    executors: Vec<C::Executor>,
    (warm_up, schedule): (&Schedule, &Schedule),
    start: Go,
    mut timer: impl Timer,
) -> Vec<C::Executor> {
    executors.into_iter().for_each(|executor| dispatcher.serve(executor));
    let mine =
        |index: u64| owns(index, part.shard) && (index / u64::from(part.shard.of)) % part.threads as u64 == part.thread as u64;
    dispatcher.send(warm_up.iter().filter(|arrival| mine(arrival.index)), start.at, &mut timer).await;
    if let Some(epoch) = dispatcher.lane.gate.start() {
        dispatcher.send(schedule.iter().filter(|arrival| mine(arrival.index)), epoch, &mut timer).await;
        if let Some(end) = dispatcher.lane.gate.end() {
            timer.until(end).await;
        }
    }
    dispatcher.finish().await
}

impl Part {
    /// Of the thread's schedule: no other thread or machine has the same.
    fn numbers(&self) -> Numbers {
        let workers = self.threads as u64 * u64::from(self.shard.of);
        let worker = u64::from(self.shard.number - 1) * self.threads as u64 + self.thread as u64;
        Numbers::new(worker, workers, &self.start)
    }
}

/// How late the loop runs its timers: a loop that is busy with replies notices nothing else, new arrivals included.
async fn loop_delay<T: Timer + Default>(lane: Rc<Lane>) -> Recorder {
    let mut delays = Recorder::default();
    let mut timer = T::default();
    let mut next = Instant::now() + LOOK;
    while !lane.gate.over(next) {
        timer.until(next).await;
        let now = Instant::now();
        if lane.gate.window(now).is_some() {
            delays.record(now.saturating_duration_since(next));
        }
        next = now + LOOK;
    }
    delays
}

async fn tell<T: Timer + Default>(lane: Rc<Lane>, line: Rc<Line>, board: Arc<Mutex<Board>>) {
    let mut timer = T::default();
    loop {
        timer.until(Instant::now() + TELL).await;
        let mut tally = lane.tally.borrow_mut();
        let mut board = board.lock().unwrap_or_else(PoisonError::into_inner);
        board.endpoints.resize_with(tally.live.len(), Interval::default);
        board.endpoints.iter_mut().zip(&mut tally.live).for_each(|(shown, new)| shown.take(new));
        board.backlog = line.backlog() as u64;
    }
}
