//! Calls of the endpoints that arrive on a schedule while something else happens: an open loop over a few connections, as a service with
//! a pool has it.
//!
//! A call's response time begins when it was due. One that finds every connection taken waits for one, and that is part of it: else the
//! calls that a lock keeps from being made would be missing from the figures (coordinated omission).

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use crate::bench::Workload;
use crate::bench::draw::Draw;
use crate::bench::load::mix::Mix;
use crate::bench::session::Session;
use crate::db::relation_locks::backend_pid;
use crate::db::{DbError, Target};
use crate::report::model::ErrorCount;
use crate::seed::rng::Key;

use super::watch::{Blocked, Watch};

/// One call that was made.
#[derive(Debug, Clone)]
pub struct Made {
    /// Place of its endpoint.
    pub place: usize,
    pub due: Instant,
    /// When a connection took it up.
    pub started: Instant,
    pub ended: Instant,
    pub failed: Option<ErrorCount>,
    pub blocked: Option<Blocked>,
}

/// Sessions that call.
pub struct Callers<'a> {
    workload: &'a Workload,
    sessions: Vec<Session>,
    /// Their numbers in the watch.
    numbers: Vec<usize>,
    watch: &'a RefCell<Watch>,
    plan: RefCell<Plan>,
}

/// Which call is next.
struct Plan {
    mix: Mix,
    /// By endpoint, the number of its next call.
    next: Vec<u64>,
    arrivals: u64,
}

/// Time for which calls are made one after the other, to warm up and to see how long one takes.
const TRYING_OUT: Duration = Duration::from_millis(500);
/// Of what one connection can do without a pause: a load that leaves the server room, so that what it is kept waiting by is the migration.
const SHARE_OF_ONE: f64 = 0.5;
/// Calls per second at least, so that a migration of a second meets some; and at most, for those looked at afterwards are kept.
const RATES: (f64, f64) = (5.0, 200.0);
/// What is due within this is not slept for.
const SHORTEST_SLEEP: Duration = Duration::from_millis(1);

impl<'a> Callers<'a> {
    /// # Errors
    /// When the server cannot be reached or refuses a statement.
    pub async fn open(
        workload: &'a Workload,
        target: &Target,
        connections: usize,
        watch: &'a RefCell<Watch>,
    ) -> Result<Callers<'a>, DbError> {
        let (mut sessions, mut numbers) = (Vec::new(), Vec::new());
        for _ in 0..connections.max(1) {
            let mut session = Session::open(target, workload).await?;
            let pid = backend_pid(session.connection()).await?;
            numbers.push(watch.borrow_mut().add_client(pid, "a caller"));
            sessions.push(session);
        }
        let places: Vec<usize> = (0..workload.endpoints.len()).collect();
        let plan = Plan { mix: Mix::new(workload, &places), next: vec![0; places.len()], arrivals: 0 };
        Ok(Callers { workload, sessions, numbers, watch, plan: RefCell::new(plan) })
    }

    /// Calls per second that leave the server room, from calls made one after the other.
    ///
    /// # Errors
    /// When the connection is lost for good.
    pub async fn modest_rate(&mut self) -> Result<f64, DbError> {
        let began = Instant::now();
        let mut calls = 0_u32;
        while began.elapsed() < TRYING_OUT {
            let Some((place, number)) = self.plan.borrow_mut().take() else { break };
            let Some(draw) = self.workload.endpoints[place].draws.draw(number) else {
                self.plan.borrow_mut().used_up(place);
                continue;
            };
            self.sessions[0].call(self.workload, place, &draw).await?;
            calls += 1;
        }
        let per_s = f64::from(calls) / began.elapsed().as_secs_f64().max(1e-9);
        Ok((per_s * SHARE_OF_ONE).clamp(RATES.0, RATES.1))
    }

    /// Makes calls at that rate until `done`, and ends the sessions: every call that was taken up.
    ///
    /// # Errors
    /// When a connection is lost for good.
    pub async fn call_until(self, rate_per_s: f64, done: &Cell<bool>) -> Result<Vec<Made>, DbError> {
        let Callers { workload, sessions, numbers, watch, plan } = self;
        let (began, first) = (Instant::now(), plan.borrow().arrivals);
        let each = sessions.into_iter().zip(numbers).map(|(session, number)| {
            let caller = Caller { workload, session, number, watch, plan: &plan, began, first, rate_per_s, done };
            Box::pin(caller.serve()) as Pin<Box<dyn Future<Output = Result<Vec<Made>, DbError>> + '_>>
        });
        let mut all = Vec::new();
        for made in together(each.collect()).await {
            all.extend(made?);
        }
        all.sort_by_key(|made| made.due);
        Ok(all)
    }
}

impl Plan {
    fn take(&mut self) -> Option<(usize, u64)> {
        let place = self.mix.choose(Key::new(0, &["migrate", "choice"]).bits(self.arrivals))?;
        self.arrivals += 1;
        let number = self.next[place];
        self.next[place] += 1;
        Some((place, number))
    }

    fn used_up(&mut self, place: usize) {
        self.mix = self.mix.without(place);
    }
}

/// One connection of the pool.
struct Caller<'a> {
    workload: &'a Workload,
    session: Session,
    number: usize,
    watch: &'a RefCell<Watch>,
    plan: &'a RefCell<Plan>,
    began: Instant,
    /// The first arrival of the schedule.
    first: u64,
    rate_per_s: f64,
    done: &'a Cell<bool>,
}

impl Caller<'_> {
    async fn serve(mut self) -> Result<Vec<Made>, DbError> {
        let mut all = Vec::new();
        while !self.done.get() {
            let arrival = self.plan.borrow().arrivals.saturating_sub(self.first);
            let Some((place, number)) = self.plan.borrow_mut().take() else { break };
            let due = self.began + Duration::from_secs_f64(arrival as f64 / self.rate_per_s);
            let early = due.saturating_duration_since(Instant::now());
            if early > SHORTEST_SLEEP {
                tokio::time::sleep(early).await;
            }
            if self.done.get() {
                break;
            }
            match self.workload.endpoints[place].draws.draw(number) {
                Some(draw) => all.push(self.call(place, &draw, due).await?),
                None => self.plan.borrow_mut().used_up(place),
            }
        }
        self.session.close().await;
        Ok(all)
    }

    async fn call(&mut self, place: usize, draw: &Draw, due: Instant) -> Result<Made, DbError> {
        self.watch.borrow_mut().client_calls(self.number, place);
        let started = Instant::now();
        let call = self.session.call(self.workload, place, draw).await?;
        let ended = Instant::now();
        // Samples say when a wait was seen, and the call how long it can have been.
        let seen = self.watch.borrow_mut().client_called(self.number);
        let blocked = seen.map(|blocked| Blocked { waited: blocked.waited.min(ended - started), ..blocked });
        if call.lost {
            let pid = backend_pid(self.session.connection()).await?;
            self.watch.borrow_mut().client_came_back(self.number, pid);
        }
        let failed = call.failed.map(|failure| ErrorCount {
            sqlstate: failure.error.sqlstate().to_owned(),
            message: failure.error.to_string(),
            step: failure.step + 1,
            count: 1,
        });
        Ok(Made { place, due, started, ended, failed, blocked })
    }
}

/// All of them at once, on this thread; their results in the order given.
async fn together<T>(mut futures: Vec<Pin<Box<dyn Future<Output = T> + '_>>>) -> Vec<T> {
    let mut results: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    poll_fn(|context| {
        let mut pending = false;
        for (future, result) in futures.iter_mut().zip(&mut results) {
            if result.is_none() {
                match future.as_mut().poll(context) {
                    Poll::Ready(value) => *result = Some(value),
                    Poll::Pending => pending = true,
                }
            }
        }
        if pending { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    results.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn all_run_side_by_side_and_keep_their_order() {
        let (turn, seen) = (Cell::new(0), RefCell::new(Vec::new()));
        let one = |mine: u32| {
            let (turn, seen) = (&turn, &seen);
            async move {
                // The second can only end when the first has begun, and the first when the second has ended.
                while turn.get() != mine {
                    tokio::task::yield_now().await;
                }
                seen.borrow_mut().push(mine);
                turn.set(mine.wrapping_sub(1));
                mine
            }
        };
        turn.set(1);
        let futures: Vec<Pin<Box<dyn Future<Output = u32> + '_>>> = vec![Box::pin(one(0)), Box::pin(one(1))];
        assert_eq!(together(futures).await, [0, 1]);
        assert_eq!(*seen.borrow(), [1, 0]);
    }
}
