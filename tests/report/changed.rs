//! What `perflab explain` prints of a change: settings, hidden indexes, another way to write the statement, and the nodes of the plans.

use perflab::explain::change::node_changes;
use perflab::plan::{Plan, TextOptions, to_text};
use perflab::report::model::*;
use perflab::report::terminal::{PlanLayout, Screen, explanation};
use serde_json::{Value, json};

const SQL: &str = "SELECT id, played_at\nFROM song_history\nWHERE song_id = $1\nORDER BY played_at";

fn node(kind: &str, rows: f64, ms: f64, blocks: u64, rest: Value) -> Value {
    let mut node = json!({"Node Type": kind, "Startup Cost": 0.0, "Total Cost": 10.0, "Plan Rows": 2340, "Plan Width": 12,
        "Actual Startup Time": 0.0, "Actual Total Time": ms, "Actual Rows": rows, "Actual Loops": 1,
        "Shared Hit Blocks": blocks, "Shared Read Blocks": 0});
    for (key, value) in rest.as_object().unwrap() {
        node[key] = value.clone();
    }
    node
}

fn scan(kind: &str, rest: Value) -> Value {
    let mut scan = node(kind, 9.0, 44.1, 6_757, json!({"Relation Name": "song_history", "Alias": "song_history"}));
    for (key, value) in rest.as_object().unwrap() {
        scan[key] = value.clone();
    }
    scan
}

fn explained(root: Value, ms: f64) -> (Plan, ExplainedPlan) {
    let json = json!([{"Plan": root, "Execution Time": ms, "Planning Time": 0.1}]);
    let plan = Plan::from_json(&json).unwrap();
    let metrics = perflab::plan::PlanMetrics::of(&plan);
    let explained = ExplainedPlan {
        text: to_text(&plan, TextOptions::default()),
        execution_ms: ms,
        rows_read: metrics.rows_read,
        blocks: metrics.blocks,
        json,
        ..ExplainedPlan::default()
    };
    (plan, explained)
}

fn before() -> (Plan, ExplainedPlan) {
    let seq = scan("Seq Scan", json!({"Filter": "(song_id = 27482)", "Rows Removed by Filter": 919_030}));
    explained(node("Sort", 9.0, 44.3, 6_757, json!({"Sort Key": ["played_at"], "Plans": [seq]})), 44.4)
}

fn after() -> (Plan, ExplainedPlan) {
    let index = scan(
        "Index Scan",
        json!({"Index Name": "song_history_song_id_played_at_idx", "Index Cond": "(song_id = 27482)", "Plan Rows": 14,
            "Actual Total Time": 0.03, "Shared Hit Blocks": 12}),
    );
    explained(index, 0.05)
}

fn spread(median_ms: f64, lowest_ms: f64, highest_ms: f64) -> Spread {
    Spread { median_ms, lowest_ms, highest_ms }
}

fn found((before, shown): (Plan, ExplainedPlan), (after, shown_after): (Plan, ExplainedPlan), verdict: Verdict) -> Explanation {
    let timed =
        TimedChange { runs: 10, in_turn: true, before: spread(31.2, 30.8, 35.04), after: spread(0.042, 0.039, 0.066), verdict };
    let change = StatementChange { timed: Some(timed), nodes: node_changes(&before, &after), implied: Vec::new() };
    let statement = ExplainedStatement {
        step: 1,
        sql: SQL.into(),
        parameters: vec![Parameter { number: 1, name: "song_id".into(), value: "27482".into() }],
        share: 1.0,
        before: shown,
        after: Some(shown_after),
        change: Some(change),
        ..ExplainedStatement::default()
    };
    let endpoints = vec![ExplainedEndpoint {
        label: "GET /song/{song_id}/history".into(),
        statements: vec![statement],
        ..ExplainedEndpoint::default()
    }];
    Explanation { format: FORMAT_VERSION, endpoints, ..Explanation::default() }
}

fn index() -> TriedIndex {
    TriedIndex {
        name: "song_history_song_id_played_at_idx".into(),
        definition: "CREATE INDEX song_history_song_id_played_at_idx ON public.song_history USING btree (song_id, played_at)"
            .into(),
        bytes: 28_200_192,
        build_ms: 351.3,
        table: "song_history".into(),
        concurrently_left_out: true,
        used_by: vec![SQL.replace('\n', " ")],
        ..TriedIndex::default()
    }
}

fn all_changes() -> Changed {
    let equality = Equality {
        compared: 20,
        equal: 17,
        in_order: 17,
        both_empty: 0,
        first_difference: Some(
            "with song_id = 5 the endpoint returns 9 rows and the variant 8; only the endpoint returns (3, NULL)".into(),
        ),
    };
    Changed {
        settings: vec![ChangedSetting { name: "work_mem".into(), before: "4MB".into(), after: "64MB".into() }],
        dropped: vec![DroppedIndex {
            name: "songs_pkey".into(),
            definition: "CREATE UNIQUE INDEX songs_pkey ON public.songs USING btree (id)".into(),
            bytes: 1_753_088,
            used_by: Vec::new(),
            lost: Some("It is the primary key of songs (id): without it nothing keeps these values unique.".into()),
        }],
        variant: Some(TriedStatement { step: 1, sql: SQL.replace("ORDER BY", "ORDER BY 1, "), equality, notes: Vec::new() }),
    }
}

fn screen(width: usize) -> Screen {
    Screen { width, color: false, ascii: false }
}

#[test]
fn an_index_with_its_lock_and_what_it_replaced() {
    let mut found = found(before(), after(), Verdict::Improved);
    found.indexes.push(index());
    insta::assert_snapshot!("changed_index_100", explanation(&found, screen(100), PlanLayout::Text));
}

#[test]
fn everything_at_once_on_80_columns() {
    let mut found = found(before(), before(), Verdict::WithinNoise);
    found.changed = all_changes();
    let timed = found.endpoints[0].statements[0].change.as_mut().and_then(|change| change.timed.as_mut()).unwrap();
    timed.after = spread(30.9, 30.2, 36.1);
    let text = explanation(&found, screen(80), PlanLayout::Text);
    insta::assert_snapshot!("changed_all_80", text);
    let colour = explanation(&found, Screen { color: true, ..screen(80) }, PlanLayout::Text);
    assert!(colour.contains("\u{1b}[31mIt does not return the same rows\u{1b}[0m"), "{colour}");
}

#[test]
fn one_change_gives_its_name_to_the_side_after() {
    let mut found = found(before(), after(), Verdict::Regressed);
    found.changed.settings = all_changes().settings;
    assert!(explanation(&found, screen(100), PlanLayout::Text).contains("Statement 1 with work_mem = 64MB, same parameters"));
    found.changed = Changed { dropped: all_changes().dropped, ..Changed::default() };
    let text = explanation(&found, screen(100), PlanLayout::Text);
    assert!(text.contains("Statement 1 without the index") && text.contains("Slower: 31.2 ms (30.8 to 35.0) before"), "{text}");
    found.changed = Changed { variant: all_changes().variant, ..Changed::default() };
    assert!(explanation(&found, screen(100), PlanLayout::Text).contains("Statement 1 written the other way"));
}

#[test]
fn what_was_only_planned_claims_no_time() {
    let estimate = |kind: &str| {
        let root = json!({"Node Type": kind, "Relation Name": "songs", "Alias": "songs", "Plan Rows": 1});
        let json = json!([{"Plan": root}]);
        (Plan::from_json(&json).unwrap(), ExplainedPlan { text: format!("{kind} on songs"), json, ..ExplainedPlan::default() })
    };
    let mut found = found(estimate("Seq Scan"), estimate("Bitmap Heap Scan"), Verdict::WithinNoise);
    found.endpoints[0].statements[0].change.as_mut().unwrap().timed = None;
    found.changed.settings = all_changes().settings;
    found.database = Some(ForeignDatabase {
        described: "db.example:5432/shop".into(),
        only_planned: Some("it deletes rows from songs".into()),
    });
    let text = explanation(&found, screen(100), PlanLayout::Text);
    assert!(text.starts_with("GET /song/{song_id}/history: planned, not executed\nPlanned on db.example:5432/shop and not executed, because it deletes rows from songs."), "{text}");
    assert!(text.contains("- Seq Scan on songs → Bitmap Heap Scan on songs") && !text.contains(" ms"), "{text}");
}
