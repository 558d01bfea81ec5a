//! Open loop: calls arrive on their schedule, whatever became of those before.
//!
//! A call's response time counts from its intended start. A stall therefore shows in every call that arrived while it lasted, and not
//! only in the one that met it (coordinated omission; Tene, How NOT to Measure Latency, 2013).

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::seed::rng::Key;

use super::execute::{Connect, Execute, Made};
use super::lane::Lane;
use super::mix::Numbers;
use super::schedule::Arrival;
use super::tally::{Times, made};
use super::timer::Timer;

/// A call that has arrived.
#[derive(Debug, Clone, Copy)]
struct Job {
    place: usize,
    number: u64,
    intended: Instant,
}

/// Calls between their arrival and their sending, and those who send them.
pub struct Line {
    queue: RefCell<VecDeque<Job>>,
    waiting: Semaphore,
    /// Connections without a call.
    idle: Cell<usize>,
    /// Connections there are or are being made.
    open: Cell<usize>,
    /// Calls being served, by their intended starts, so that unfinished ones can be told of.
    serving: RefCell<Vec<Job>>,
}

impl Default for Line {
    fn default() -> Self {
        Line {
            queue: RefCell::default(),
            waiting: Semaphore::new(0),
            idle: Cell::new(0),
            open: Cell::new(0),
            serving: RefCell::default(),
        }
    }
}

impl Line {
    /// Calls that have arrived and were not sent.
    pub fn backlog(&self) -> usize {
        self.queue.borrow().len()
    }

    fn push(&self, job: Job) {
        self.queue.borrow_mut().push_back(job);
        self.waiting.add_permits(1);
    }
}

/// Sends the thread's part of a schedule.
pub struct Dispatcher<C: Connect> {
    pub lane: Rc<Lane>,
    pub line: Rc<Line>,
    pub connect: Rc<C>,
    /// More connections than this are not made.
    pub most: usize,
    pub numbers: Numbers,
    /// Decides the endpoint of each arrival.
    pub choices: Key,
    pub servers: JoinSet<Option<C::Executor>>,
}

/// How long after the last arrival its calls may take, before they are counted as unfinished.
pub const PATIENCE: Duration = Duration::from_secs(10);

impl<C: Connect + 'static> Dispatcher<C> {
    /// Adds a connection that is open already.
    pub fn serve(&mut self, executor: C::Executor) {
        self.line.open.set(self.line.open.get() + 1);
        self.line.idle.set(self.line.idle.get() + 1);
        self.servers.spawn_local(serve(Rc::clone(&self.lane), Rc::clone(&self.line), executor));
    }

    /// Hands over each arrival when its time has come, `epoch` being the schedule's zero.
    pub async fn send(&mut self, arrivals: impl Iterator<Item = Arrival>, epoch: Instant, timer: &mut impl Timer) {
        for arrival in arrivals {
            let intended = epoch + arrival.at;
            timer.until(intended).await;
            let now = Instant::now();
            // The step was ended early.
            if self.lane.gate.end().is_some_and(|end| intended >= end) {
                return;
            }
            let random = self.choices.bits(arrival.index);
            let Some(place) = self.lane.mix.borrow().choose(random) else { return };
            let number = self.numbers.take(place);
            self.lane.enter(now);
            let window = self.lane.gate.window(intended);
            if let Some(window) = window {
                let late = self.line.idle.get() <= self.line.backlog();
                let mut tally = self.lane.tally.borrow_mut();
                tally.windows[window].lag.record(now - intended);
                tally.windows[window].late += u64::from(late);
            }
            if self.line.idle.get() <= self.line.backlog() && self.line.open.get() < self.most {
                self.grow();
            }
            self.line.push(Job { place, number, intended });
        }
    }

    fn grow(&mut self) {
        self.line.open.set(self.line.open.get() + 1);
        let (lane, line, connect) = (Rc::clone(&self.lane), Rc::clone(&self.line), Rc::clone(&self.connect));
        self.servers.spawn_local(async move {
            match connect.connect().await {
                Ok(executor) => {
                    line.idle.set(line.idle.get() + 1);
                    serve(lane, line, executor).await
                }
                // The server takes no more: those there are go on.
                Err(_) => None,
            }
        });
    }

    /// Waits for what has arrived, at most [`PATIENCE`]; what is unfinished then is counted with the time it has taken so far.
    pub async fn finish(mut self) -> Vec<C::Executor> {
        let until = Instant::now() + PATIENCE;
        self.line.waiting.close();
        let mut free = Vec::new();
        loop {
            match tokio::time::timeout_at(until, self.servers.join_next()).await {
                Ok(Some(Ok(Some(executor)))) => free.push(executor),
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(_) => {
                    self.servers.shutdown().await;
                    break;
                }
            }
        }
        self.count_unfinished();
        free
    }

    /// The time so far is less than such a call would have taken, so it can only make the figures look better than they are; leaving
    /// the call out would make them look better still.
    fn count_unfinished(&self) {
        let now = Instant::now();
        let unfinished: Vec<Job> =
            self.line.queue.borrow_mut().drain(..).chain(self.line.serving.borrow_mut().drain(..)).collect();
        for job in unfinished {
            let window = self.lane.gate.window(job.intended);
            let so_far = now.saturating_duration_since(job.intended);
            let times = Times { service: so_far, response: Some(so_far) };
            self.lane.record(window, job.place, times, &Made::default(), now);
            self.lane.leave(now);
        }
    }
}

/// One connection that serves the line until it is closed and empty.
async fn serve<E: Execute>(lane: Rc<Lane>, line: Rc<Line>, mut executor: E) -> Option<E> {
    loop {
        let arrived = line.waiting.acquire().await;
        // A closed line gives no permit, and still has calls in it.
        if let Ok(permit) = arrived {
            permit.forget();
        }
        let Some(job) = line.queue.borrow_mut().pop_front() else {
            if line.waiting.is_closed() {
                return Some(executor);
            }
            continue;
        };
        line.idle.set(line.idle.get() - 1);
        line.serving.borrow_mut().push(job);
        call(&lane, &mut executor, job).await;
        let mut serving = line.serving.borrow_mut();
        if let Some(place) = serving.iter().position(|other| (other.number, other.place) == (job.number, job.place)) {
            serving.swap_remove(place);
        }
        line.idle.set(line.idle.get() + 1);
    }
}

async fn call<E: Execute>(lane: &Lane, executor: &mut E, job: Job) {
    let sent = Instant::now();
    let called = executor.call(job.place, job.number).await;
    let done = Instant::now();
    lane.leave(done);
    let Some(made) = made(called) else {
        lane.used_up(job.place);
        return;
    };
    let window = lane.gate.window(job.intended);
    lane.record(window, job.place, Times { service: done - sent, response: Some(done - job.intended) }, &made, done);
    let mut tally = lane.tally.borrow_mut();
    if let Some(window) = window.and_then(|window| tally.windows.get_mut(window)) {
        window.wait.record(sent.saturating_duration_since(job.intended));
        window.backlog += u64::from(lane.gate.window(done) != lane.gate.window(job.intended));
    }
}
