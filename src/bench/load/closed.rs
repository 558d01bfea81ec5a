//! Closed loop: each client waits for its reply before it thinks of the next call.
//!
//! A call counts in the window it ends in, wherever it began: were those left out that an end of the window cuts through, long calls
//! would be rarer among the counted than they are, and clients times throughput would not come out.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::scenario::model::Think;

use super::execute::Execute;
use super::lane::Lane;
use super::mix::Numbers;
use super::schedule::exponential;
use super::tally::{Times, made};

/// Connections that the clients of a thread share, first come, first served.
pub struct Pool<E> {
    free: RefCell<Vec<E>>,
    permits: Semaphore,
}

impl<E> Pool<E> {
    pub fn new(connections: Vec<E>) -> Pool<E> {
        Pool { permits: Semaphore::new(connections.len()), free: RefCell::new(connections) }
    }

    async fn take(&self) -> Option<E> {
        self.permits.acquire().await.ok()?.forget();
        self.free.borrow_mut().pop()
    }

    fn give(&self, connection: E) {
        self.free.borrow_mut().push(connection);
        self.permits.add_permits(1);
    }

    /// The connections, once nobody uses them.
    pub fn into_free(self) -> Vec<E> {
        self.free.into_inner()
    }
}

/// Where a client's connections come from.
pub enum Source<E> {
    Own(E),
    Pooled(Rc<Pool<E>>),
}

/// One client.
pub struct Client {
    /// Decides the endpoints and the pauses.
    pub seed: u64,
    pub think: Think,
    pub numbers: Numbers,
}

impl Client {
    /// Calls until the step is over; returns the connection that was its own.
    pub async fn run<E: Execute>(mut self, lane: Rc<Lane>, mut source: Source<E>) -> Option<E> {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(self.seed);
        // Clients that think do not all begin at once: they are spread over one pause.
        pause(self.first_pause(&mut rng), &lane).await;
        let mut now = Instant::now();
        while !lane.gate.over(now) {
            let Some(place) = lane.mix.borrow().choose(rng.next_u64()) else { break };
            let number = self.numbers.take(place);
            now = match &mut source {
                Source::Own(executor) => own_call(&lane, executor, place, number).await,
                Source::Pooled(pool) => pooled_call(&lane, pool, place, number).await,
            };
            if !matches!(self.think, Think::None) {
                pause(self.pause(&mut rng), &lane).await;
                now = Instant::now();
            }
        }
        match source {
            Source::Own(executor) => Some(executor),
            Source::Pooled(_) => None,
        }
    }

    fn first_pause(&self, rng: &mut Xoshiro256PlusPlus) -> Duration {
        match self.think {
            Think::None => Duration::ZERO,
            Think::Fixed(mean) | Think::Exponential(mean) => mean.mul_f64((rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64),
        }
    }

    fn pause(&self, rng: &mut Xoshiro256PlusPlus) -> Duration {
        match self.think {
            Think::None => Duration::ZERO,
            Think::Fixed(mean) => mean,
            Think::Exponential(mean) => mean.mul_f64(exponential(rng)),
        }
    }
}

/// Sleeps, but not beyond the end of the step, and looks now and then whether that has come nearer.
async fn pause(pause: Duration, lane: &Lane) {
    const LOOK: Duration = Duration::from_millis(500);
    let until = Instant::now() + pause;
    loop {
        let now = Instant::now();
        if now >= until || lane.gate.over(now) {
            return;
        }
        let next = until.min(now + LOOK).min(lane.gate.end().unwrap_or(until).max(now));
        tokio::time::sleep_until(next).await;
    }
}

/// Makes a call; returns when it was done.
async fn own_call<E: Execute>(lane: &Lane, executor: &mut E, place: usize, number: u64) -> Instant {
    let sent = Instant::now();
    lane.enter(sent);
    let called = executor.call(place, number).await;
    let done = Instant::now();
    lane.leave(done);
    match made(called) {
        Some(made) => {
            let window = lane.gate.window(done);
            lane.record(window, place, Times { service: done - sent, response: None }, &made, done);
        }
        None => lane.used_up(place),
    }
    done
}

/// Waits for a connection and makes a call; returns when it was done.
async fn pooled_call<E: Execute>(lane: &Lane, pool: &Pool<E>, place: usize, number: u64) -> Instant {
    let wanted = Instant::now();
    lane.enter(wanted);
    let Some(mut executor) = pool.take().await else {
        let now = Instant::now();
        lane.leave(now);
        return now;
    };
    let sent = Instant::now();
    // The step ended while this client stood in line.
    if lane.gate.over(sent) {
        pool.give(executor);
        lane.leave(sent);
        return sent;
    }
    let called = executor.call(place, number).await;
    let done = Instant::now();
    pool.give(executor);
    lane.leave(done);
    match made(called) {
        Some(made) => {
            let window = lane.gate.window(done);
            lane.record(window, place, Times { service: done - sent, response: Some(done - wanted) }, &made, done);
            if let Some(window) = window {
                lane.tally.borrow_mut().windows[window].wait.record(sent - wanted);
            }
        }
        None => lane.used_up(place),
    }
    done
}
