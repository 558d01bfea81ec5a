//! Sessions without the driver: they log in as it does, and say the same as it.

mod common;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::thread;

use common::{TestDatabase, shop};
use perflab::db::wire::Wire;
use perflab::db::{Connection, DbError, Line, Link, Parameters, Target, Value};
use perflab::server::{ServerOptions, ensure, stop};

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn is_wire(link: &Link) -> bool {
    matches!(link, Link::Wire(_))
}

#[test]
fn both_kinds_of_sessions_return_the_same() {
    let database = TestDatabase::new();
    block_on(async {
        let target = Target::parse(&database.url).unwrap();
        shop::fill(&target).await;
        let mut wire = Link::open(&target).await.unwrap();
        assert!(is_wire(&wire));
        let mut driver = Connection::open(&target).await.unwrap();
        let statements: [(&str, &[Value]); 6] = [
            ("SELECT id, name, NULL::int AS nothing FROM customer WHERE id < $1 ORDER BY id", &[Value::int8(20)]),
            ("SELECT $1::text AS a, $2::int8 AS a", &[Value::text("ü"), Value::null(20)]),
            ("SELECT repeat('x', 300000) AS long, generate_series(1, 5) AS n", &[]),
            ("UPDATE customer SET name = $1 WHERE id < 7", &[Value::text("renamed")]),
            ("SELECT FROM customer", &[]),
            ("DO $$ BEGIN RAISE NOTICE 'a notice is no result'; END $$", &[]),
        ];
        for (sql, values) in statements {
            let (ours, theirs) = (wire.prepare(sql).await.unwrap(), Connection::prepare(&mut driver, sql).await.unwrap());
            assert_eq!(
                (&ours.parameters, &ours.columns, &ours.origins),
                (&theirs.parameters, &theirs.columns, &theirs.origins),
                "{sql}"
            );
            let mut parameters = Parameters::default();
            for (value, type_oid) in values.iter().zip(&ours.parameters) {
                parameters.push(value, *type_oid).unwrap();
            }
            let mine = wire.run(&ours, &parameters).await.unwrap();
            let other = Connection::run(&mut driver, &theirs, &parameters).await.unwrap();
            assert_eq!((mine.affected, mine.len()), (other.affected, other.len()), "{sql}");
            for row in 0..mine.len() {
                for column in 0..mine.fields().len() {
                    assert_eq!(mine.value_at(row, column), other.value_at(row, column), "{sql}");
                }
            }
            assert_eq!(wire.count(&ours, &parameters).await.unwrap(), mine.affected, "{sql}");
        }
        wire.close().await;
    });
}

#[test]
fn failures_are_told_alike_and_leave_the_session_usable() {
    let database = TestDatabase::new();
    block_on(async {
        let target = Target::parse(&database.url).unwrap();
        let mut wire = Link::open(&target).await.unwrap();
        let mut driver = Connection::open(&target).await.unwrap();
        for sql in ["SELECT nothing", "SELECT 1 / 0", "COPY (SELECT 1) TO STDOUT", "SELECT 'x'::int; SELECT 1"] {
            let (ours, theirs) = (wire.batch(sql).await, driver.batch(sql).await);
            let said = |error: Result<(), DbError>| error.err().and_then(|error| error.server_message().cloned());
            assert_eq!(said(ours), said(theirs), "{sql}");
        }
        wire.batch("CREATE TABLE t (a int)").await.unwrap();
        let refused = wire.batch("COPY t FROM STDIN").await.unwrap_err();
        assert_eq!(refused.sqlstate(), "57014", "{refused}");
        let copy = wire.prepare("COPY t FROM STDIN").await.unwrap();
        assert_eq!(wire.count(&copy, &Parameters::default()).await.unwrap_err().sqlstate(), "57014");
        assert_eq!(wire.prepare("SELECT * FROM nowhere").await.unwrap_err().sqlstate(), "42P01");
        let one = wire.prepare("SELECT 1").await.unwrap();
        assert_eq!(wire.count(&one, &Parameters::default()).await.unwrap(), 1);
        let ended = wire.batch("SELECT pg_terminate_backend(pg_backend_pid())").await.unwrap_err();
        assert!(ended.lost() && ended.sqlstate() == "57P01", "{ended}");
        assert!(wire.batch("SELECT 1").await.unwrap_err().lost());
    });
}

#[test]
fn passwords_are_shown_as_the_server_asks_for_them() {
    let project = common::projects().join(format!("wire_{}", std::process::id()));
    std::fs::create_dir_all(&project).unwrap();
    let options = ServerOptions { cache: Some(common::fetch_cache()), ..ServerOptions::new(project.clone()) };
    let server = ensure(&options, &mut |_| {}).unwrap();
    let url = server.url("postgres");
    block_on(async {
        let mut admin = Connection::open(&Target::parse(&url).unwrap()).await.unwrap();
        let ways = ["scram-sha-256", "md5", "password"];
        for way in ways {
            let kept = if way == "md5" { "md5" } else { "scram-sha-256" };
            let role = format!("SET password_encryption = '{kept}'; CREATE ROLE \"by {way}\" LOGIN PASSWORD 'a b%:@ü'");
            admin.batch(&role).await.unwrap();
        }
        let (file,): (String,) = admin.row("SELECT current_setting('hba_file')").await.unwrap();
        let rules: String = ways.iter().map(|way| format!("local all \"by {way}\" {way}\n")).collect();
        let before = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, rules + &before).unwrap();
        admin.batch("SELECT pg_reload_conf()").await.unwrap();
        for _ in 0..400 {
            let (read,): (i64,) = admin.row("SELECT count(*) FROM pg_hba_file_rules WHERE auth_method = 'md5'").await.unwrap();
            if read > 0 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        for way in ways {
            let target =
                |password: &str| Target::parse(&url.replace("user=postgres", &format!("user=by%20{way}&password={password}")));
            let wire = Wire::open(&target("a%20b%25:%40%C3%BC").unwrap()).await;
            assert!(matches!(wire, Ok(Some(_))), "{way}: {:?}", wire.err());
            let wrong = Wire::open(&target("wrong").unwrap()).await.err().unwrap();
            assert_eq!(wrong.sqlstate(), "28P01", "{way}");
            assert!(wrong.to_string().contains("hint: "), "{wrong}");
            // The driver may know one from elsewhere.
            let unknown = Target::parse(&url.replace("user=postgres", &format!("user=by%20{way}"))).unwrap();
            assert!(matches!(Wire::open(&unknown).await, Ok(None)), "{way}");
        }
    });
    stop(&project, &mut |_| {}).unwrap();
    let _ = std::fs::remove_dir_all(&project);
}

/// A server on a network that is only a way to the tests' own; `tls` is its answer to the question for TLS, else the server's.
fn network(socket: String, tls: Option<u8>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let socket = socket.clone();
            thread::spawn(move || pass(client, &socket, tls));
        }
    });
    port
}

fn pass(mut client: TcpStream, socket: &str, tls: Option<u8>) -> Option<()> {
    if let Some(answer) = tls {
        client.read_exact(&mut [0; 8]).ok()?;
        return client.write_all(&[answer]).ok();
    }
    let mut server = UnixStream::connect(socket).ok()?;
    let (mut back, mut from) = (client.try_clone().ok()?, server.try_clone().ok()?);
    thread::spawn(move || std::io::copy(&mut from, &mut back));
    std::io::copy(&mut client, &mut server).ok()?;
    server.shutdown(std::net::Shutdown::Both).ok()
}

#[test]
fn over_a_network_tls_is_left_to_the_driver() {
    let database = TestDatabase::new();
    let (_, after) = database.url.split_once("host=").unwrap();
    let socket = format!("{}/.s.PGSQL.5432", after.split('&').next().unwrap());
    let plain = network(socket.clone(), None);
    let target = |port: u16, mode: &str| {
        Target::parse(&format!("postgres://postgres@127.0.0.1:{port}/{}?sslmode={mode}", database.name)).unwrap()
    };
    block_on(async {
        for mode in ["disable", "allow", "prefer"] {
            let mut link = Link::open(&target(plain, mode)).await.unwrap();
            assert!(is_wire(&link), "{mode}");
            link.batch("SELECT 1").await.unwrap();
        }
        let offers = network(socket, Some(b'S'));
        assert!(matches!(Wire::open(&target(offers, "prefer")).await, Ok(None)));
        assert!(matches!(Wire::open(&target(plain, "require")).await, Ok(None)));
        let refused = Link::open(&target(1, "prefer")).await.err().unwrap();
        assert!(refused.lost() && refused.to_string().contains("127.0.0.1:1"), "{refused}");
    });
}
