//! A migration that was tried, for tests of what is said about it.

use super::super::model::{
    AlternativeFigures, BrokenEndpoint, CheckFinding, CheckLimits, CheckVerdict, DataIdentity, EndpointChange, EndpointInUse,
    Environment, ErrorCount, FORMAT_VERSION, FindingKind, HeldLock, Latency, LockWait, MigrationAdvice, MigrationCheck,
    MigrationInUse, MigrationRun, MigrationStatement, PairedResult, RollbackCheck, ScenarioInfo, StatementRun, TriedAlternative,
    Verdict, WorkChange,
};

fn latency(n: u64, p50_ms: f64, max_ms: f64) -> Latency {
    Latency { n, p50_ms, max_ms, mean_ms: p50_ms, p95_ms: (n >= 20).then_some(max_ms), ..Latency::default() }
}

fn lock(mode: &str, blocks: &str, held_ms: f64, exact: bool, endpoints: &[&str]) -> HeldLock {
    HeldLock {
        relation: "line".into(),
        mode: mode.into(),
        blocks: blocks.into(),
        held_ms,
        released_by: "its own COMMIT".into(),
        exact,
        endpoints: endpoints.iter().map(|label| (*label).to_owned()).collect(),
        ..HeldLock::default()
    }
}

fn statement(number: usize, line: u32, sql: &str) -> MigrationStatement {
    MigrationStatement { number, file: "0042_add_note.sql".into(), line, sql: sql.into(), in_block: false }
}

fn run(factor: f64) -> MigrationRun {
    let both = ["GET /lines/{id}", "POST /lines"];
    let of = |statement, ms: f64, locks| StatementRun { statement, ms: ms * factor, locks, ..StatementRun::default() };
    let mut statements = vec![
        of(1, 0.2, Vec::new()),
        of(2, 412.0, vec![lock("ACCESS EXCLUSIVE", "reads and writes", 410.0 * factor, true, &both)]),
        of(3, 95.0, vec![lock("SHARE UPDATE EXCLUSIVE", "nothing", 94.0 * factor, false, &[])]),
    ];
    statements[1].rewritten = vec!["line".into()];
    statements[1].reindexed = vec!["line_pkey".into()];
    statements[1].bytes_change = Some(1 << 20);
    statements[1].wal_bytes = Some(9 << 20);
    statements[2].bytes_change = Some(900 << 10);
    let ms = statements.iter().map(|run| run.ms).sum();
    MigrationRun { statements, ms, samples: 180, sampled_every_ms: 2.6, ..MigrationRun::default() }
}

/// One statement writes a table anew, one builds an index concurrently; an endpoint is broken by a third.
pub fn check() -> MigrationCheck {
    let waited = EndpointInUse {
        label: "GET /lines/{id}".into(),
        before: latency(60, 0.4, 1.1),
        during: latency(24, 0.5, 398.0),
        after: latency(61, 0.4, 1.3),
        calls_waited: 8,
        longest_wait_ms: 395.0,
        wait: Some(LockWait { statement: 2, wanted: "ACCESS SHARE on line".into() }),
        errors: Vec::new(),
    };
    let failed = EndpointInUse {
        label: "POST /lines".into(),
        before: latency(20, 1.4, 2.1),
        during: latency(0, 0.0, 0.0),
        after: latency(0, 0.0, 0.0),
        errors: vec![ErrorCount { sqlstate: "23502".into(), message: "null value".into(), step: 1, count: 20 }],
        ..EndpointInUse::default()
    };
    let times = PairedResult {
        label: "GET /lines/{id}".into(),
        route: "GET /lines/{id}".into(),
        before_ms: 4.1,
        after_ms: 0.2,
        before: latency(40, 4.1, 5.0),
        after: latency(40, 0.2, 0.4),
        ratio: 0.05,
        ratio_low: 0.04,
        ratio_high: 0.06,
        verdict: Verdict::Improved,
        ..PairedResult::default()
    };
    let work = WorkChange {
        rows_read_before: 40_000.0,
        rows_read_after: 1.0,
        blocks_before: 250,
        blocks_after: 3,
        plans: vec!["Seq Scan on line → Index Scan using line_note on line".into()],
    };
    MigrationCheck {
        format: FORMAT_VERSION,
        perflab: "0.1.0".into(),
        scenario: ScenarioInfo { name: "shop".into(), title: "Shop".into(), about: None, file: "shop.yaml".into() },
        environment: Environment::made_up(),
        data: DataIdentity { hash: "0123456789abcdef".into(), rows: 80_200 },
        verdict: CheckVerdict::Finding,
        limits: CheckLimits { max_wait_ms: 100.0, max_slower: 0.1 },
        findings: vec![CheckFinding {
            kind: FindingKind::Blocked,
            statement: Some(2),
            endpoints: vec!["GET /lines/{id}".into()],
            sentence: "statement 2 (line 3) holds ACCESS EXCLUSIVE on line for 430.5 ms.".into(),
        }],
        advice: vec![MigrationAdvice {
            statement: Some(2),
            sentence: "Built concurrently, an index lets writes go on.".into(),
            sql: vec!["CREATE INDEX CONCURRENTLY line_amount ON line (amount)".into()],
            tried: Some(TriedAlternative {
                as_written: AlternativeFigures { ms: 412.0, blocked_ms: 410.0, longest_wait_ms: 395.0 },
                other_way: AlternativeFigures { ms: 700.0, blocked_ms: 0.0, longest_wait_ms: 0.0 },
            }),
        }],
        files: vec!["0042_add_note.sql".into()],
        statements: vec![
            statement(1, 1, "SET lock_timeout = '2s'"),
            statement(2, 3, "ALTER TABLE line\n  ADD COLUMN note text NOT NULL DEFAULT md5(random()::text) || repeat('x', 10)"),
            statement(3, 5, "CREATE INDEX CONCURRENTLY line_note ON line (note)"),
        ],
        alone: run(1.0),
        in_use: Some(MigrationInUse {
            run: run(1.05),
            rate_per_s: 80.0,
            connections: 8,
            long_reader_ms: Some(2000.0),
            endpoints: vec![waited, failed],
            calls_without_connection: 3,
        }),
        endpoints: vec![EndpointChange { times, work: Some(work) }],
        broken: vec![BrokenEndpoint {
            label: "GET /totals".into(),
            problems: vec!["shop.yaml:9:12: the server refuses this statement: column \"amount\" does not exist".into()],
        }],
        rollback: Some(RollbackCheck {
            file: "down.sql".into(),
            statements: vec![statement(1, 1, "ALTER TABLE line DROP COLUMN note")],
            run: run(0.1),
            differences: vec!["left over: index public.line_note".into()],
        }),
        notes: vec!["GET /a takes parameters of another type now; they were drawn on each side.".into()],
        seconds: 21.0,
    }
}
