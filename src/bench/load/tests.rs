//! The clocks, proven on a server that is not there: time is tokio's own and moves only when everybody waits.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::bench::recorder::Recorder;
use crate::db::DbError;
use crate::report::model::Shard;
use crate::scenario::model::{Arrivals, Think};

use super::execute::{Called, Connect, Execute, Failed, Made};
use super::gate::Gate;
use super::mix::Mix;
use super::schedule::Schedule;
use super::tally::WindowTally;
use super::timer::CoarseTimer;
use super::worker::{Done, Drive, Go, Part, Wires, drive};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// Answers in a millisecond, and not at all between two moments.
#[derive(Clone)]
struct Fake {
    born: Instant,
    takes: Duration,
    stall: Option<(Duration, Duration)>,
    /// Every so many calls one fails.
    fails: u64,
    /// Parameters it has.
    has: u64,
    calls: Rc<Cell<u64>>,
}

impl Fake {
    fn quick() -> Fake {
        Fake { born: Instant::now(), takes: MS, stall: None, fails: u64::MAX, has: u64::MAX, calls: Rc::default() }
    }
}

impl Connect for Fake {
    type Executor = Fake;

    async fn connect(&self) -> Result<Fake, DbError> {
        Ok(self.clone())
    }
}

impl Execute for Fake {
    async fn call(&mut self, _: usize, number: u64) -> Called {
        if number >= self.has {
            return Called::UsedUp;
        }
        self.calls.set(self.calls.get() + 1);
        let now = self.born.elapsed();
        if let Some((_, until)) = self.stall.filter(|(from, until)| now >= *from && now < *until) {
            tokio::time::sleep(until - now).await;
        }
        tokio::time::sleep(self.takes).await;
        let failed = self.calls.get().is_multiple_of(self.fails);
        let failure = Failed { sqlstate: "40001".into(), message: "no".into(), step: 1 };
        Called::Made(Made { failed: failed.then_some(failure), ..Made::default() })
    }

    async fn close(self) {}
}

/// One thread's drive, measured from its first moment on for `lasts`.
async fn run(fake: &Fake, drive_by: Drive, lasts: &[Duration]) -> Done {
    let gate = Arc::new(Gate::new(lasts));
    let (ready, _readies) = mpsc::unbounded_channel();
    let at = Instant::now();
    gate.open(at);
    let (_go, going) = watch::channel(Some(Go { at }));
    let part = Part {
        thread: 0,
        threads: 1,
        shard: Shard { number: 1, of: 1 },
        seed: 1,
        mix: Mix::even(1),
        endpoints: 1,
        start: super::mix::Used::none(1).start(),
        windows: lasts.len(),
        drive: drive_by,
    };
    let wires = Wires { gate, ready, go: going, board: Arc::default() };
    let local = tokio::task::LocalSet::new();
    local.run_until(drive::<Fake, CoarseTimer>(&part, Rc::new(fake.clone()), wires)).await.expect("counts")
}

fn open(rate: f64, lasts: Duration, most: usize) -> Drive {
    Drive::Open {
        warm_up: Schedule::constant(0.0, Duration::ZERO, Arrivals::Constant, 1),
        schedule: Schedule::constant(rate, lasts, Arrivals::Constant, 1),
        connections: 1,
        most,
    }
}

fn closed(clients: usize, think: Think, pool: Option<usize>) -> Drive {
    Drive::Closed { clients, first: 0, of: clients, think, pool }
}

fn service(window: &WindowTally) -> &Recorder {
    window.endpoints[0].service.as_deref().expect("calls")
}

fn response(window: &WindowTally) -> &Recorder {
    window.endpoints[0].response.as_deref().expect("calls")
}

#[tokio::test(start_paused = true)]
async fn a_stall_shows_in_every_call_that_arrived_while_it_lasted() {
    let fake = Fake { stall: Some((SECOND, 2 * SECOND)), ..Fake::quick() };
    let done = run(&fake, open(100.0, 4 * SECOND, 1), &[4 * SECOND]).await;
    let window = &done.tally.windows[0];
    assert_eq!(service(window).count(), 400, "no call is dropped");
    let slow = |recorder: &Recorder| recorder.count_above(10 * MS);
    assert_eq!(slow(service(window)), 1, "one call met the stall");
    // A hundred arrived in that second, and those after it waited until the queue was gone.
    assert!(slow(response(window)) >= 100, "{}", slow(response(window)));
    let max = response(window).summary().max_ms;
    assert!((990.0..1010.0).contains(&max), "{max}");
    assert!(window.late >= 100, "{}", window.late);
    assert!(window.lag.summary().max_ms < 2.0, "the schedule itself was kept");
}

#[tokio::test(start_paused = true)]
async fn a_closed_loop_has_one_slow_call_for_the_same_stall() {
    let fake = Fake { stall: Some((SECOND, 2 * SECOND)), ..Fake::quick() };
    let done = run(&fake, closed(1, Think::None, None), &[4 * SECOND]).await;
    let window = &done.tally.windows[0];
    assert_eq!(service(window).count_above(10 * MS), 1);
    assert!(window.endpoints[0].response.is_none(), "its response time is its service time");
}

#[tokio::test(start_paused = true)]
async fn more_connections_are_made_when_calls_pile_up_and_no_more_than_allowed() {
    let fake = Fake { takes: 100 * MS, ..Fake::quick() };
    let done = run(&fake, open(100.0, 4 * SECOND, 64), &[4 * SECOND]).await;
    assert!((10..=12).contains(&done.connections), "100/s of 100 ms each keep ten busy: {}", done.connections);
    let done = run(&fake, open(100.0, 2 * SECOND, 4), &[2 * SECOND]).await;
    assert_eq!(done.connections, 4);
    let window = &done.tally.windows[0];
    assert_eq!(service(window).count(), 200, "they are finished after the end");
    assert!(window.backlog > 100 && window.finished < 90, "{} {}", window.backlog, window.finished);
}

#[tokio::test(start_paused = true)]
async fn calls_that_never_end_are_counted_with_the_time_they_took_so_far() {
    let fake = Fake { stall: Some((SECOND, 1000 * SECOND)), ..Fake::quick() };
    let done = run(&fake, open(10.0, 2 * SECOND, 1), &[2 * SECOND]).await;
    let window = &done.tally.windows[0];
    assert_eq!(response(window).count(), 20);
    assert!(response(window).summary().max_ms > 10_000.0);
}

#[tokio::test(start_paused = true)]
async fn the_wait_for_a_connection_is_not_service() {
    let fake = Fake { takes: 10 * MS, ..Fake::quick() };
    let done = run(&fake, closed(8, Think::None, Some(2)), &[4 * SECOND]).await;
    let window = &done.tally.windows[0];
    let (service, response, wait) = (service(window).summary(), response(window).summary(), window.wait.summary());
    assert!((9.9..11.5).contains(&service.p50_ms), "{service:?}");
    // Eight clients on two connections: four turns of ten milliseconds each.
    assert!((39.0..46.0).contains(&response.p50_ms) && (29.0..36.0).contains(&wait.p50_ms), "{response:?} {wait:?}");
}

#[tokio::test(start_paused = true)]
async fn clients_think_and_littles_law_holds() {
    let fake = Fake { takes: 20 * MS, ..Fake::quick() };
    let done = run(&fake, closed(50, Think::Fixed(80 * MS), None), &[10 * SECOND]).await;
    let window = &done.tally.windows[0];
    // 50 clients with a cycle of 100 ms make 500 calls a second, of which 10 are under way at any time.
    assert!((4800..5100).contains(&window.finished), "{}", window.finished);
    let in_system = window.in_system_ns / 10e9;
    assert!((9.5..10.8).contains(&in_system), "{in_system}");
}

#[tokio::test(start_paused = true)]
async fn failures_are_counted_and_not_timed_and_used_up_rows_end_the_calls() {
    let fake = Fake { fails: 10, ..Fake::quick() };
    let done = run(&fake, closed(1, Think::None, None), &[SECOND]).await;
    let endpoint = &done.tally.windows[0].endpoints[0];
    let failed = endpoint.failures[0].count;
    assert!((90..110).contains(&failed), "of some 1000: {failed}");
    assert_eq!(done.tally.windows[0].finished, service(&done.tally.windows[0]).count());

    let fake = Fake { has: 7, ..Fake::quick() };
    let done = run(&fake, closed(1, Think::None, None), &[SECOND]).await;
    assert_eq!((service(&done.tally.windows[0]).count(), done.tally.windows[0].endpoints[0].used_up), (7, true));
}

#[tokio::test(start_paused = true)]
async fn stages_are_windows_of_their_own() {
    let fake = Fake::quick();
    let stages = Schedule::constant(50.0, 2 * SECOND, Arrivals::Constant, 1);
    let drive_by = Drive::Open {
        warm_up: Schedule::constant(0.0, Duration::ZERO, Arrivals::Constant, 1),
        schedule: stages,
        connections: 1,
        most: 4,
    };
    let done = run(&fake, drive_by, &[SECOND / 2, SECOND * 3 / 2]).await;
    let counts: Vec<u64> = done.tally.windows.iter().map(|window| service(window).count()).collect();
    assert_eq!(counts, [25, 75]);
}
