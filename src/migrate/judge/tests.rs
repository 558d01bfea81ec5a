use super::*;
use crate::report::model::{EndpointInUse, FindingKind, Latency, LockWait, PairedResult, StatementError, StatementRun, Verdict};

const LIMITS: CheckLimits = CheckLimits { max_wait_ms: 100.0, max_slower: 0.1 };

fn script(text: &str) -> Script {
    Script::read(vec![("m.sql".into(), text.to_owned())], false).unwrap()
}

fn lock(mode: &str, held_ms: f64, endpoints: &[&str]) -> HeldLock {
    HeldLock {
        relation: "line".into(),
        mode: mode.into(),
        blocks: "writes".into(),
        held_ms,
        released_by: "its own COMMIT".into(),
        exact: true,
        endpoints: endpoints.iter().map(|label| (*label).to_owned()).collect(),
        ..HeldLock::default()
    }
}

fn run(statements: Vec<(f64, Vec<HeldLock>)>) -> MigrationRun {
    let statements = statements.into_iter().enumerate();
    let statements =
        statements.map(|(place, (ms, locks))| StatementRun { statement: place + 1, ms, locks, ..StatementRun::default() });
    MigrationRun { statements: statements.collect(), ..MigrationRun::default() }
}

fn tried<'a>(script: &'a Script, alone: &'a MigrationRun, in_use: Option<&'a MigrationInUse>) -> Tried<'a> {
    Tried { script, alone, in_use, endpoints: &[], broken: &[], failing: &[], promises: &[], rollback: None, limits: LIMITS }
}

fn in_use(run: MigrationRun, endpoints: Vec<EndpointInUse>) -> MigrationInUse {
    MigrationInUse { run, endpoints, ..MigrationInUse::default() }
}

fn waiting(label: &str, ms: f64, statement: usize, wanted: &str) -> EndpointInUse {
    EndpointInUse {
        label: label.into(),
        longest_wait_ms: ms,
        wait: Some(LockWait { statement, wanted: wanted.into() }),
        ..EndpointInUse::default()
    }
}

#[test]
fn a_lock_is_a_finding_when_endpoints_collide_with_it_for_too_long() {
    let script = script("CREATE INDEX i ON line (amount)");
    let of = |held_ms, endpoints: &[&str]| {
        let alone = run(vec![(held_ms, vec![lock("SHARE", held_ms, endpoints)])]);
        findings(&tried(&script, &alone, None)).into_iter().map(|finding| finding.sentence).collect::<Vec<_>>()
    };
    assert_eq!(of(99.0, &["POST /a"]), Vec::<String>::new());
    assert_eq!(of(500.0, &[]), Vec::<String>::new(), "nobody uses it");
    assert_eq!(
        of(500.0, &["POST /a", "POST /b"]),
        [
            "statement 1 (line 1) holds SHARE on line for 500.0 ms, to its own COMMIT: writes of 2 endpoints wait that long at worst."
        ]
    );
}

#[test]
fn a_call_that_queued_behind_a_waiting_request_is_a_finding() {
    let script = script("ALTER TABLE line ADD COLUMN x int");
    let alone = run(vec![(2.0, vec![lock("ACCESS EXCLUSIVE", 2.0, &["GET /a"])])]);
    let mut beside = in_use(alone.clone(), vec![waiting("GET /a", 1900.0, 1, "ACCESS SHARE on line")]);
    beside.run.statements[0].waited_ms = 1950.0;
    beside.run.statements[0].waited_for = vec!["the long reader".into()];
    let found = tried(&script, &alone, Some(&beside));
    let said = findings(&found);
    assert_eq!((said[0].kind, said[0].endpoints.as_slice()), (FindingKind::Blocked, &["GET /a".to_owned()][..]));
    assert_eq!(
        said[0].sentence,
        "statement 1 (line 1) keeps 1 endpoint waiting. GET /a was seen waiting 1,900 ms for ACCESS SHARE on line. It had waited 1,950 ms for \
         the long reader."
    );
    let advice = advice(&found, &[]);
    assert_eq!(advice[0].sql, ["SET lock_timeout = '2s'"]);
}

#[test]
fn a_failure_says_where_and_what_stays() {
    let script = script("SELECT 1;\nBEGIN;\nSELECT 2;\n  SELECT nothing;\nCOMMIT;");
    let error = StatementError {
        statement: 4,
        file: "m.sql".into(),
        line: 4,
        column: 10,
        sqlstate: "42703".into(),
        message: "column \"nothing\" does not exist".into(),
        detail: None,
        hint: None,
        undone_from: 2,
    };
    let alone = MigrationRun { failed: Some(error), invalid_indexes: vec!["i".into()], ..MigrationRun::default() };
    let said = findings(&tried(&script, &alone, None));
    assert_eq!(
        said[0].sentence,
        "statement 4 (line 4) failed at m.sql:4:10: column \"nothing\" does not exist (SQLSTATE 42703). Statement 1 stays done. Its \
         transaction, from statement 2 on, was rolled back."
    );
    assert_eq!(said[1].kind, FindingKind::InvalidIndex);
    assert_eq!(verdict(&said, &[]), CheckVerdict::Finding);
}

#[test]
fn only_what_is_slower_than_allowed_is_a_finding_and_too_little_data_is_neither() {
    let script = script("SELECT 1");
    let alone = run(vec![(1.0, Vec::new())]);
    let of = |verdict, ratio_low| {
        let times = PairedResult {
            label: "GET /a".into(),
            before_ms: 1.0,
            after_ms: 2.0,
            ratio_low,
            verdict,
            before: Latency::default(),
            ..PairedResult::default()
        };
        let endpoints = [EndpointChange { times, work: None }];
        let found = Tried { endpoints: &endpoints, ..tried(&script, &alone, None) };
        super::verdict(&findings(&found), &endpoints)
    };
    assert_eq!(of(Verdict::Regressed, 1.5), CheckVerdict::Finding);
    assert_eq!(of(Verdict::Regressed, 1.06), CheckVerdict::Fine);
    assert_eq!(of(Verdict::WithinNoise, 0.9), CheckVerdict::Fine);
    assert_eq!(of(Verdict::NotEnoughData, 0.9), CheckVerdict::Inconclusive);
}

#[test]
fn another_way_is_advised_when_endpoints_wait_less() {
    let script = script("CREATE INDEX i ON line (amount)");
    let alone = run(vec![(500.0, vec![lock("SHARE", 500.0, &["POST /a"])])]);
    let beside = in_use(alone.clone(), Vec::new());
    let found = tried(&script, &alone, Some(&beside));
    let ways = worth_another_way(&found);
    assert_eq!(ways.len(), 1);
    let (_, places) = crate::migrate::alternative::replaced(&script, &ways);
    let gentle = in_use(run(vec![(900.0, Vec::new())]), Vec::new());
    let advised = super::tried(&found, &ways, &places, &gentle);
    assert_eq!(advised[0].sql, ["CREATE INDEX CONCURRENTLY i ON line (amount)"]);
    assert!(
        advised[0].sentence.contains("0 ms at most instead of 500.0 ms; it takes 900.0 ms instead of 500.0 ms"),
        "{advised:?}"
    );
    let no_better = in_use(run(vec![(900.0, vec![lock("SHARE", 400.0, &["POST /a"])])]), Vec::new());
    assert_eq!(super::tried(&found, &ways, &places, &no_better), Vec::new());
    let refused = MigrationRun {
        failed: Some(StatementError {
            statement: 1,
            file: "m.sql".into(),
            line: 1,
            column: 1,
            sqlstate: "55000".into(),
            message: "no".into(),
            detail: None,
            hint: None,
            undone_from: 1,
        }),
        ..MigrationRun::default()
    };
    assert_eq!(super::tried(&found, &ways, &places, &in_use(refused, Vec::new())), Vec::new());
}
