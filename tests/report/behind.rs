//! What is told of a statement beside its plan: clocks, what its triggers ran, blocks and WAL of it all, and the proof.

use perflab::report::markdown::{PAGE, render};
use perflab::report::model::*;
use perflab::report::terminal::{PlanLayout, Screen, explanation};

use crate::{music, music_plans};

/// Removing a song, with everything measured: one key waits for COMMIT and could not be run, one has several keys to choose from.
fn measured() -> ExplainedEndpoint {
    let mut endpoint = music_plans::explained().swap_remove(1);
    let plan = &mut endpoint.statements[0].before;
    plan.clocks = Some(Clocks { runs: 3, noise: 0.1, plain_ms: 41.0, planning_ms: 0.1, timing_off_ms: 42.0, timing_on_ms: 84.0 });
    let value = Parameter { number: 1, name: "id".into(), value: "27482".into() };
    plan.implied[0].key = Some(ImpliedKey { values: vec![value], of: 100, more: true, rows: Some(9) });
    plan.implied.push(ImpliedStatement {
        constraint: "charts_song_id_fkey".into(),
        table: "charts".into(),
        sql: "SELECT 1 FROM charts WHERE song_id = $1 FOR KEY SHARE".into(),
        level: 1,
        deferred: true,
        unexplained: Some("it waits for COMMIT, and cannot run before: a row is still there".into()),
        ..ImpliedStatement::default()
    });
    plan.triggers.push(FiredTrigger {
        name: "song_gone".into(),
        table: "songs".into(),
        function: "note_song()".into(),
        language: "plpgsql".into(),
        fires: "AFTER DELETE, FOR EACH ROW".into(),
        time_ms: 0.4,
        calls: 1,
        deferred: false,
    });
    let history =
        TableFootprint { table: "song_history".into(), blocks: 6_757, rows_read: 919_039, deleted: 9, ..Default::default() };
    plan.footprint = Some(Footprint {
        runs: 3,
        wal_bytes: 2_000,
        plan_wal_bytes: Some(54),
        blocks: 6_761,
        plan_blocks: 4,
        tables: vec![history],
    });
    let index =
        ProvenIndex { statement: "CREATE INDEX ON song_history (song_id)".into(), bytes: 8_200_192, build_ms: 251.0, used: true };
    plan.proof = Some(CascadeProof {
        indexes: vec![index],
        runs: 3,
        before_ms: 44.4,
        after_ms: Some(0.12),
        triggers: vec![ProvenTrigger {
            constraint: "song_history_song_id_fkey".into(),
            table: "song_history".into(),
            before_ms: 33.5,
            after_ms: 0.031,
        }],
        refused: None,
    });
    endpoint
}

/// What both must say, in this order.
const SAID: [&str; 5] = [
    "Timing made it 2.0 times as slow",
    "With this index (7.8 MB, built in 0.25 s, and rolled back) the statement takes 0.12 ms instead of 44.4 ms",
    "song_history_song_id_fkey 33.5 → 0.031 ms",
    "the statement touched 6,761 blocks and wrote 2 kB of WAL",
    "runs note_song() (plpgsql), AFTER DELETE, FOR EACH ROW, and takes 0.40 ms in one call",
];

fn assert_said(text: &str) {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ").replace(['\\', '`'], "");
    let mut from = 0;
    for sentence in SAID {
        let at = text[from..].find(sentence).unwrap_or_else(|| panic!("not, or too early: {sentence}\n{text}"));
        from += at;
    }
    for sentence in [
        "id = 27482, which 9 rows reference, the most of the first 100 keys",
        "it waits for COMMIT, and cannot run before: a row is still there",
        "auto_explain with log_nested_statements",
    ] {
        assert!(text.contains(sentence), "{sentence}\n{text}");
    }
}

#[test]
fn the_terminal_tells_all_that_was_measured() {
    let found = Explanation { format: FORMAT_VERSION, endpoints: vec![measured()], ..Explanation::default() };
    for width in [80, 120] {
        let text = explanation(&found, Screen { width, color: false, ascii: false }, PlanLayout::Text);
        assert_said(&text);
        assert!(text.contains("CREATE INDEX ON song_history (song_id);\n"), "{text}");
    }
}

#[test]
fn the_page_tells_all_that_was_measured() {
    let run = Run { explained: vec![measured()], ..music::run() };
    let page = render(&run).files.into_iter().find(|(path, _)| path == PAGE).unwrap().1;
    let page = String::from_utf8(page).unwrap();
    assert_said(&page);
    assert!(page.contains("one more waits for COMMIT"), "{page}");
}

#[test]
fn a_run_of_before_is_read_and_a_new_one_survives_its_file() {
    let run = Run { explained: vec![measured()], ..music::run() };
    let stored = perflab::report::json::read(&perflab::report::json::write(&run).unwrap()).unwrap();
    assert_eq!(render(&run), render(&stored));
    let old = r#"{"constraint": "k", "table": "t", "sql": "DELETE FROM t WHERE a = $1", "trigger_ms": 1.5, "trigger_calls": 2}"#;
    let old: ImpliedStatement = serde_json::from_str(old).unwrap();
    assert_eq!((old.level, old.deferred, old.trigger_calls), (0, false, 2));
}
