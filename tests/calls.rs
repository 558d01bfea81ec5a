//! Calls that meet what happens to servers: deadlocks, timeouts, sessions and servers that die.

mod common;

use std::time::Duration;

use common::{TestDatabase, shop};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use perflab::bench::live::Stop;
use perflab::bench::load::execute::{Called, Connect, Execute, Service};
use perflab::bench::rounds::TimeBox;
use perflab::bench::session::{Call, Session};
use perflab::bench::{Workload, solo};
use perflab::db::{Connection, Target};
use perflab::scenario::model::CallOptions;
use perflab::server::{ServerOptions, ensure, stop};

/// One statement that lasts, and one that does not.
const SLOW_AND_QUICK: &str = r#"
  - {route: GET /slow, sql: SELECT pg_sleep(20)}
  - {route: GET /quick, sql: SELECT 1}
  - route: POST /slowly
    steps:
      - "UPDATE customer SET name = 'renamed' WHERE id = 1"
      - "SELECT pg_sleep(20)"
"#;

async fn bound(target: &Target, endpoints: &str, calls: CallOptions) -> Workload {
    let mut connection = Connection::open(target).await.unwrap();
    let workload = Workload::bind(&shop::scenario(endpoints), &mut connection).await.unwrap();
    connection.close().await;
    Workload { calls, ..workload }
}

async fn database(endpoints: &str, calls: CallOptions) -> (TestDatabase, Target, Workload) {
    let database = TestDatabase::new();
    let target = Target::parse(&database.url).unwrap();
    shop::fill(&target).await;
    let workload = bound(&target, endpoints, calls).await;
    (database, target, workload)
}

/// Call number `number` of the endpoint at `place`.
async fn call(session: &mut Session, workload: &Workload, place: usize, number: u64) -> Call {
    let draw = workload.endpoints[place].draws.draw(number).unwrap();
    session.call(workload, place, &draw).await.unwrap()
}

fn sqlstate(call: &Call) -> Option<&str> {
    call.failed.as_ref().map(|failure| failure.error.sqlstate())
}

/// The process of the session that sleeps, once it does.
async fn sleeper(target: &Target) -> i32 {
    let mut connection = Connection::open(target).await.unwrap();
    for _ in 0..2000 {
        let sleeping = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()";
        if let Some((pid,)) = connection.rows::<(i32,)>(sleeping).await.unwrap().first() {
            connection.close().await;
            return *pid;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("nobody sleeps");
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

#[test]
fn a_session_that_an_administrator_ends_is_counted_and_made_again() {
    block_on(async {
        let (_database, target, workload) = database(SLOW_AND_QUICK, CallOptions::default()).await;
        let mut session = Session::open(&target, &workload).await.unwrap();
        for (number, (place, step)) in [(0, 0), (2, 1)].into_iter().enumerate() {
            let end = async {
                let pid = sleeper(&target).await;
                let mut connection = Connection::open(&target).await.unwrap();
                connection.batch(&format!("SELECT pg_terminate_backend({pid})")).await.unwrap();
                connection.close().await;
            };
            let (slow, ()) = tokio::join!(call(&mut session, &workload, place, 0), end);
            assert_eq!((sqlstate(&slow), slow.lost), (Some("57P01"), true), "{slow:?}");
            assert_eq!(slow.failed.unwrap().step, step);
            let quick = call(&mut session, &workload, 1, 0).await;
            assert!(quick.failed.is_none() && quick.rows == 1, "{quick:?}");
            assert_eq!(session.lost(), number as u64 + 1);
        }
        session.close().await;
    });
}

#[test]
fn a_session_that_was_ended_between_two_calls_fails_one_of_them() {
    block_on(async {
        let (_database, target, workload) = database(SLOW_AND_QUICK, CallOptions::default()).await;
        let mut session = Session::open(&target, &workload).await.unwrap();
        let mut connection = Connection::open(&target).await.unwrap();
        let others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        connection.batch(&format!("SELECT pg_terminate_backend(pid) {others}")).await.unwrap();
        while connection.row::<(i64,)>(&format!("SELECT count(*) {others}")).await.unwrap().0 > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let quick = call(&mut session, &workload, 1, 0).await;
        // Whether the server's last words are read depends on which of them writes first.
        assert!(quick.lost && matches!(sqlstate(&quick), Some("57P01" | "connection")), "{quick:?}");
        assert!(call(&mut session, &workload, 1, 1).await.failed.is_none());
        connection.close().await;
        session.close().await;
    });
}

#[test]
fn a_server_that_crashes_is_waited_for() {
    block_on(async {
        // Its own server: the crash of one session ends all of them.
        let project = common::projects().join(format!("crash-{}", std::process::id()));
        std::fs::create_dir_all(&project).unwrap();
        let options = ServerOptions { cache: Some(common::fetch_cache()), ..ServerOptions::new(&project) };
        let server = ensure(&options, &mut |_| {}).unwrap();
        let target = Target::parse(&server.url("postgres")).unwrap();
        let workload = bound(
            &target,
            "  - {route: GET /slow, sql: SELECT pg_sleep(20)}\n  - {route: GET /quick, sql: SELECT 1}\n",
            CallOptions::default(),
        )
        .await;
        let mut session = Session::open(&target, &workload).await.unwrap();
        let crash = async {
            let pid = sleeper(&target).await;
            kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();
        };
        let (slow, ()) = tokio::join!(call(&mut session, &workload, 0, 0), crash);
        assert_eq!((sqlstate(&slow), slow.lost), (Some("connection"), true), "{slow:?}");
        let quick = call(&mut session, &workload, 1, 0).await;
        assert!(quick.failed.is_none(), "{quick:?}");
        session.close().await;
        stop(&project, &mut |_| {}).unwrap();
        let _ = std::fs::remove_dir_all(&project);
    });
}

#[test]
fn what_is_gone_for_good_ends_the_measurement_with_a_reason() {
    block_on(async {
        let (database, target, workload) = database(SLOW_AND_QUICK, CallOptions::default()).await;
        let mut session = Session::open(&target, &workload).await.unwrap();
        let mut connection = Connection::open(&target.with_database("postgres")).await.unwrap();
        connection.batch(&format!("DROP DATABASE {} WITH (FORCE)", database.name)).await.unwrap();
        connection.close().await;
        let quick = call(&mut session, &workload, 1, 0).await;
        assert!(quick.lost, "{quick:?}");
        for _ in 0..2 {
            let draw = workload.endpoints[1].draws.draw(1).unwrap();
            let error = session.call(&workload, 1, &draw).await.unwrap_err().to_string();
            assert!(error.contains("was lost and could not be made again") && error.contains("3D000"), "{error}");
        }
    });
}

#[test]
fn a_statement_that_takes_too_long_is_counted_and_the_session_goes_on() {
    block_on(async {
        let calls = CallOptions { statement_timeout: Some(Duration::from_millis(30)), ..CallOptions::default() };
        let (_database, target, workload) = database(SLOW_AND_QUICK, calls).await;
        let time = TimeBox { total: Duration::from_millis(50), least_rounds: 3 };
        let measured = solo::run(&workload, &target, time, &Stop::default(), &mut |_| {}).await.unwrap();
        let [slow, quick, slowly] = &measured.run.endpoints[..] else { panic!("three endpoints") };
        assert_eq!((slow.calls, slow.failures[0].sqlstate.as_str()), (0, "57014"));
        assert_eq!((slowly.failures[0].sqlstate.as_str(), slowly.failures[0].step), ("57014", 2));
        assert!(slow.errors >= 3 && quick.errors == 0 && quick.calls >= 3, "{slow:?} {quick:?}");
    });
}

/// Each waits between its first row and its second until the other has its first. The wait before them lets the one that a deadlock
/// spared have the row that the other gave up before that one, tried again, asks for it and both cross once more.
const CROSSING: &str = r#"
  - route: POST /forth
    steps:
      - "SELECT pg_sleep(0.2)"
      - "UPDATE customer SET name = 'forth' WHERE id = 1"
      - "SELECT pg_sleep(0.3)"
      - "UPDATE customer SET name = 'forth' WHERE id = 2"
  - route: POST /back
    steps:
      - "SELECT pg_sleep(0.2)"
      - "UPDATE customer SET name = 'back' WHERE id = 2"
      - "SELECT pg_sleep(0.3)"
      - "UPDATE customer SET name = 'back' WHERE id = 1"
"#;

async fn both(target: &Target, workload: &Workload) -> [Call; 2] {
    let mut one = Session::open(target, workload).await.unwrap();
    let mut other = Session::open(target, workload).await.unwrap();
    let calls = tokio::join!(call(&mut one, workload, 0, 0), call(&mut other, workload, 1, 0));
    one.close().await;
    other.close().await;
    calls.into()
}

/// The deadlocks of the database by the server's own count, which the sessions hand in as they end: asked for until it is `expected`,
/// or until they had the time to.
async fn deadlocks(target: &Target, expected: i64) -> i64 {
    let mut connection = Connection::open(target).await.unwrap();
    let mut counted = 0;
    for _ in 0..500 {
        let sql = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
        (counted,) = connection.row::<(i64,)>(sql).await.unwrap();
        if counted == expected {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    connection.close().await;
    counted
}

#[test]
fn a_deadlock_is_counted_or_tried_again_as_asked() {
    block_on(async {
        let (_database, target, mut workload) = database(CROSSING, CallOptions::default()).await;
        let calls = both(&target, &workload).await;
        let failed: Vec<&str> = calls.iter().filter_map(sqlstate).collect();
        assert_eq!(failed, ["40P01"], "{calls:?}");
        assert_eq!(deadlocks(&target, 1).await, 1);

        workload.calls.retries = 5;
        let calls = both(&target, &workload).await;
        assert!(calls.iter().all(|call| call.failed.is_none() && call.statements == 4), "{calls:?}");
        let retries = i64::from(calls.iter().map(|call| call.retries).sum::<u32>());
        assert!(retries > 0, "{calls:?}");
        assert_eq!(deadlocks(&target, 1 + retries).await, 1 + retries, "one for each that was tried again: {calls:?}");
    });
}

#[test]
fn a_serialization_failure_is_counted_or_tried_again_as_asked() {
    let endpoint = |route| {
        format!(
            "  - route: POST /{route}\n    steps:\n      - SELECT name FROM customer WHERE id = 1\n      - SELECT pg_sleep(0.3)\n      \
             - UPDATE customer SET name = name || '+' WHERE id = 1\n"
        )
    };
    let endpoints = endpoint("one") + &endpoint("other");
    block_on(async {
        let (database, target, mut workload) = database(&endpoints, CallOptions::default()).await;
        let mut connection = Connection::open(&target).await.unwrap();
        let strict = format!("ALTER DATABASE {} SET default_transaction_isolation = 'repeatable read'", database.name);
        connection.batch(&strict).await.unwrap();

        let calls = both(&target, &workload).await;
        let failed: Vec<&str> = calls.iter().filter_map(sqlstate).collect();
        assert_eq!(failed, ["40001"], "{calls:?}");
        assert!(calls.iter().all(|call| call.retries == 0));

        workload.calls.retries = 3;
        let calls = both(&target, &workload).await;
        assert!(calls.iter().all(|call| call.failed.is_none()), "{calls:?}");
        assert_eq!(calls.iter().map(|call| call.retries).sum::<u32>(), 1, "{calls:?}");
        let longest = calls.iter().max_by_key(|call| call.retries).unwrap();
        assert!(longest.elapsed > Duration::from_millis(600), "both tries are in its time: {longest:?}");
        let (name,): (String,) = connection.row("SELECT name FROM customer WHERE id = 1").await.unwrap();
        assert_eq!(name, "customer 1+++", "each call that succeeded is committed once");
        connection.close().await;
    });
}

#[test]
fn a_place_in_a_failed_statement_is_the_one_that_a_person_reads() {
    const SQL: &str = "SELECT :customer_id::bigint, name FROM customer";
    let endpoints = format!(
        "  - route: POST /rename
    params: {{sample: SELECT id AS customer_id FROM customer}}
    steps: [ALTER TABLE customer RENAME TO client, \"{SQL}\"]\n"
    );
    block_on(async {
        let (_database, target, workload) = database(&endpoints, CallOptions::default()).await;
        let place = format!("at character {}", SQL.rfind("customer").unwrap() + 1);
        let time = TimeBox { total: Duration::from_millis(20), least_rounds: 2 };
        let measured = solo::run(&workload, &target, time, &Stop::default(), &mut |_| {}).await.unwrap();
        let [failure] = measured.run.endpoints[0].failures.as_slice() else { panic!("{:?}", measured.run.endpoints) };
        assert!(failure.step == 2 && failure.sqlstate == "42P01" && failure.message.contains(&place), "{failure:?}");

        let workload = std::sync::Arc::new(workload);
        let draws = std::sync::Arc::new(workload.endpoints.iter().map(|endpoint| endpoint.draws.clone()).collect());
        let service = Service { workload, draws, target, places: vec![0], per_call: false };
        let mut caller = service.connect().await.unwrap();
        let Called::Made(made) = caller.call(0, 0).await else { panic!("used up") };
        assert!(made.failed.as_ref().is_some_and(|failed| failed.message.contains(&place)), "{made:?}");
        caller.close().await;
    });
}
