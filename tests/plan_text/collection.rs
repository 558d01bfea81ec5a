//! A collection of statements that provoke every kind of node, on small tables.

use perflab::db::{Connection, DbError, Target};

use crate::Tally;
use crate::both::{ALL, LOST, PLANNED, compare};
use crate::common::TestDatabase;

/// The tables of the captured plans with a fraction of their rows.
const SMALLER: [(&str, &str); 4] = [("919039", "30000"), ("202899", "20000"), ("85515", "10000"), ("77803", "8000")];

/// Every node type of PostgreSQL 15 but one: a Custom Scan comes from an extension that none of the usual packages has.
const NODES: [&str; 41] = [
    "Aggregate",
    "Append",
    "Bitmap Heap Scan",
    "Bitmap Index Scan",
    "BitmapAnd",
    "BitmapOr",
    "CTE Scan",
    "Foreign Scan",
    "Function Scan",
    "Gather",
    "Gather Merge",
    "Group",
    "Hash",
    "Hash Join",
    "Incremental Sort",
    "Index Only Scan",
    "Index Scan",
    "Limit",
    "LockRows",
    "Materialize",
    "Memoize",
    "Merge Append",
    "Merge Join",
    "ModifyTable",
    "Named Tuplestore Scan",
    "Nested Loop",
    "ProjectSet",
    "Recursive Union",
    "Result",
    "Sample Scan",
    "Seq Scan",
    "SetOp",
    "Sort",
    "Subquery Scan",
    "Table Function Scan",
    "Tid Range Scan",
    "Tid Scan",
    "Unique",
    "Values Scan",
    "WindowAgg",
    "WorkTable Scan",
];

/// A statement with what must be in place for it.
struct Case {
    name: String,
    settings: String,
    first: String,
    /// `-- planned`: executions of it differ by themselves.
    planned: bool,
    /// `-- lost:`: what the text without VERBOSE depends on is not in the JSON.
    lost: bool,
    sql: String,
}

#[test]
fn every_node_type() {
    let _alone = crate::ALONE.lock();
    let database = TestDatabase::new();
    let target = Target::parse(&database.url).unwrap();
    let mut tally = Tally::default();
    runtime().block_on(async {
        let mut connection = Connection::open(&target).await.unwrap();
        fill(&mut connection).await;
        let foreign = foreign_table(&mut connection).await;
        let version = connection.version();
        let files = [include_str!("../plans/statements.sql"), include_str!("more.sql")];
        for case in files.into_iter().flat_map(cases).filter(|case| foreign || !case.name.starts_with("foreign")) {
            // MERGE came with PostgreSQL 15.
            if version >= 150_000 || !case.sql.starts_with("MERGE") {
                run(&mut connection, &case, &mut tally).await;
            }
        }
        tuplestore(&mut connection, &mut tally).await;
        connection.close().await;
        let missing: Vec<&str> = NODES
            .into_iter()
            .filter(|node| *node != "Foreign Scan" || foreign)
            .filter(|node| !tally.nodes.iter().any(|kind| kind.trim_start_matches("Parallel ").split(',').next() == Some(node)))
            .collect();
        assert_eq!(missing, Vec::<&str>::new(), "node types that no statement provoked");
    });
    tally.check("collection");
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

async fn fill(connection: &mut Connection) {
    let mut schema = include_str!("../plans/schema.sql").to_owned() + include_str!("more_schema.sql");
    for (from, to) in SMALLER {
        schema = schema.replace(from, to);
    }
    let vacuum = "VACUUM (FREEZE, ANALYZE);";
    connection.batch(&schema.replace(vacuum, "")).await.unwrap();
    connection.batch(vacuum).await.unwrap();
}

/// Whether the server's package has file_fdw; then there is a foreign table.
async fn foreign_table(connection: &mut Connection) -> bool {
    let (has,): (bool,) =
        connection.row("SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'file_fdw')").await.unwrap();
    if has {
        let table = "CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
            CREATE FOREIGN TABLE numbers (n int, word text) SERVER files OPTIONS (program 'printf \"1,one\\n2,two\\n\"', format 'csv')";
        connection.batch(table).await.unwrap();
    }
    has
}

async fn run(connection: &mut Connection, case: &Case, tally: &mut Tally) {
    let prepared =
        format!("SET max_parallel_workers_per_gather = 0; SET timezone = 'UTC'; SET track_io_timing = off; {}", case.settings);
    connection.batch(&prepared).await.unwrap_or_else(|error| panic!("{}: {error}", case.name));
    connection.batch("BEGIN").await.unwrap();
    let outcome = explained(connection, case, tally).await;
    connection.batch("ROLLBACK; RESET ALL").await.unwrap();
    if let Err(error) = outcome {
        tally.refused.push(format!("{}: {error}", case.name));
    }
}

async fn explained(connection: &mut Connection, case: &Case, tally: &mut Tally) -> Result<(), DbError> {
    for statement in case.first.split(';').map(str::trim).filter(|statement| !statement.is_empty()) {
        connection.batch(statement).await?;
    }
    let ways = match case {
        Case { planned: true, .. } => PLANNED,
        Case { lost: true, .. } => LOST,
        _ => ALL,
    };
    compare(connection, &case.name, &case.sql, &[], ways, tally).await
}

/// A transition table is there for as long as its trigger runs, so the trigger explains.
async fn tuplestore(connection: &mut Connection, tally: &mut Tally) {
    let trigger = "CREATE TABLE said (format text, n serial, line text);
        CREATE FUNCTION explain_new() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE line text;
        BEGIN
            FOR line IN EXECUTE 'EXPLAIN (VERBOSE) SELECT * FROM new_rows WHERE id > 5' LOOP
                INSERT INTO said (format, line) VALUES ('text', line);
            END LOOP;
            FOR line IN EXECUTE 'EXPLAIN (VERBOSE, FORMAT JSON) SELECT * FROM new_rows WHERE id > 5' LOOP
                INSERT INTO said (format, line) VALUES ('json', line);
            END LOOP;
            RETURN NULL;
        END $$;
        CREATE TRIGGER explain_new AFTER INSERT ON playlists REFERENCING NEW TABLE AS new_rows
            FOR EACH STATEMENT EXECUTE FUNCTION explain_new();
        INSERT INTO playlists SELECT i, 'new' FROM generate_series(900001, 900020) i";
    connection.batch(trigger).await.unwrap();
    let all = "SELECT string_agg(line, E'\\n' ORDER BY n) FROM said WHERE format = ";
    let (text,): (String,) = connection.row(&format!("{all} 'text'")).await.unwrap();
    let (json,): (String,) = connection.row(&format!("{all} 'json'")).await.unwrap();
    let plan = perflab::plan::Plan::from_json(&serde_json::from_str(&json).unwrap()).unwrap();
    assert_eq!(perflab::plan::to_text(&plan, perflab::plan::TextOptions::everything()), text + "\n");
    (tally.statements, tally.comparisons) = (tally.statements + 1, tally.comparisons + 1);
    tally.nodes.insert(plan.root.node_type);
}

/// The blocks of a file: `-- name`, lines that say what must be in place, the statement.
fn cases(file: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in file.lines() {
        let after = |label: &str| line.strip_prefix("-- ").and_then(|rest| rest.strip_prefix(label)).map(str::trim);
        let is_name = |name: &str| name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if line.strip_prefix("-- ").is_some_and(|name| name != "planned" && is_name(name)) {
            let name = line[3..].to_owned();
            cases.push(Case {
                name,
                settings: String::new(),
                first: String::new(),
                planned: false,
                lost: false,
                sql: String::new(),
            });
            continue;
        }
        let Some(case) = cases.last_mut() else { continue };
        match (after("set:"), after("first:"), after("planned")) {
            (Some(settings), ..) => case.settings = settings.to_owned(),
            (_, Some(first), _) => case.first = first.to_owned(),
            (.., Some(_)) => case.planned = true,
            _ if after("lost:").is_some() => case.lost = true,
            _ if line.starts_with("--") => {}
            _ => case.sql = format!("{} {}", case.sql, line.trim().trim_end_matches(';')).trim().to_owned(),
        }
    }
    cases
}
