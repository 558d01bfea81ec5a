//! A database for one test.

use std::sync::atomic::{AtomicU32, Ordering};

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use perflab::server::RunningServer;
use sqlx::{Connection, Executor, PgConnection};

/// Begins the names of all of them, followed by the number of the process.
const PREFIX: &str = "test_";

/// An empty database, dropped when the test succeeds; kept to be looked into when it fails, until a later run finds it.
pub struct TestDatabase {
    pub name: String,
    pub url: String,
}

impl TestDatabase {
    pub fn new() -> TestDatabase {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let server = super::test_server();
        let name = format!("{PREFIX}{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        execute(server, vec![format!("CREATE DATABASE {name}")]);
        TestDatabase { url: server.url(&name), name }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("kept for you: {}", self.url);
        } else {
            execute(super::test_server(), vec![format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)]);
        }
    }
}

/// Drops the databases of processes that are gone.
pub fn drop_abandoned(server: &RunningServer) {
    let names = run(server, async |connection| {
        sqlx::query_scalar::<_, String>("SELECT datname::text FROM pg_database WHERE datname LIKE 'test\\_%'")
            .fetch_all(connection)
            .await
    });
    let abandoned = |name: &&String| {
        let pid = name.strip_prefix(PREFIX).and_then(|rest| rest.split('_').next()).and_then(|pid| pid.parse().ok());
        pid.is_some_and(|pid| kill(Pid::from_raw(pid), None) == Err(Errno::ESRCH))
    };
    execute(server, names.iter().filter(abandoned).map(|name| format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).collect());
}

fn execute(server: &RunningServer, statements: Vec<String>) {
    run(server, async |connection| {
        for statement in statements {
            connection.execute(sqlx::AssertSqlSafe(statement)).await?;
        }
        Ok(())
    });
}

/// Does something in the database `postgres`, on a thread of its own because the test's may be in a runtime.
fn run<T: Send>(server: &RunningServer, work: impl AsyncFnOnce(&mut PgConnection) -> sqlx::Result<T> + Send) -> T {
    let url = server.url("postgres");
    let blocking = move || -> sqlx::Result<T> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async move {
            let mut connection = PgConnection::connect(&url).await?;
            let result = work(&mut connection).await?;
            connection.close().await?;
            Ok(result)
        })
    };
    std::thread::scope(|scope| scope.spawn(blocking).join()).expect("the database thread").expect("a query of the test's own")
}
