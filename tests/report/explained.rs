//! What `perflab explain` prints: one endpoint with indexes tried, several without, a plan from elsewhere.

use perflab::report::model::*;
use perflab::report::terminal::{PlanLayout, PlanView, Screen, explanation, plan};
use serde_json::{Value, json};

use crate::music_plans;

const WITH_INDEX: &str = "Delete on song_history  (cost=0.42..56.31 rows=0 width=0) (actual time=0.026..0.026 rows=0 loops=1)
  ->  Index Scan using song_history_song_id_idx on song_history  (cost=0.42..56.31 rows=14 width=6) (actual time=0.009..0.014 rows=9 loops=1)
        Index Cond: (song_id = 27482)
Planning Time: 0.061 ms
Execution Time: 0.031 ms";

fn scan(kind: &str, relation: &str) -> Value {
    let scan = json!({"Node Type": kind, "Relation Name": relation, "Plan Rows": 14});
    json!([{"Plan": {"Node Type": "ModifyTable", "Operation": "Delete", "Relation Name": relation, "Plans": [scan]}}])
}

fn finding(rule: &str, sentence: &str) -> Finding {
    Finding { rule: rule.into(), sentence: sentence.into(), next_step: None, saves_ms: 0.0, ..Finding::default() }
}

fn parts_of(plan: &mut ExplainedPlan, constraint: &str) -> usize {
    plan.implied.iter().position(|implied| implied.constraint.starts_with(constraint)).unwrap()
}

/// Removing a song: a cascade two levels deep before and after one useful and one useless index, and a statement that stays as it was.
fn delete_song() -> Explanation {
    let mut endpoint = music_plans::explained().swap_remove(1);
    let delete = &mut endpoint.statements[0];
    delete.before.json = scan("Index Scan", "songs");
    delete.before.findings[0].rule = "summary".into();
    delete.before.findings.push(finding("seq-scan-discards", "This one is a tip of its own"));
    for implied in &mut delete.before.implied {
        if let Some(plan) = &mut implied.plan {
            plan.json = scan("Seq Scan", &implied.table);
        }
    }
    let below = delete.before.implied.pop().unwrap();
    let lists = parts_of(&mut delete.before, "playlist_songs");
    delete.before.implied[lists].plan.as_mut().unwrap().implied = vec![ImpliedStatement { trigger_calls: 2, ..below }];

    let mut after = delete.before.clone();
    (after.execution_ms, after.text) = (10.84, after.text.replace("33.540", "0.031").replace("44.410", "10.840"));
    let history = &mut after.implied[0];
    (history.trigger_ms, history.missing_index) = (0.031, None);
    let scanned = history.plan.as_mut().unwrap();
    (scanned.execution_ms, scanned.rows_read, scanned.blocks) = (0.031, 9.0, 12);
    (scanned.text, scanned.json) = (WITH_INDEX.into(), scan("Index Scan", "song_history"));
    scanned.findings = vec![finding("summary", "It finds its 9 rows by song_history_song_id_idx.")];
    after.implied[lists].trigger_ms = 6.41;
    after.implied.rotate_left(1);
    after.findings.clear();
    delete.after = Some(after);

    let look = ExplainedPlan {
        text: "Index Scan using songs_pkey on songs  (cost=0.29..8.31 rows=1 width=33) (actual time=0.012..0.013 rows=1 loops=1)"
            .into(),
        json: json!([{"Plan": {"Node Type": "Index Scan", "Relation Name": "songs"}}]),
        execution_ms: 0.031,
        planning_ms: 0.08,
        rows_read: 1.0,
        rows_returned: 1.0,
        blocks: 3,
        findings: vec![finding("summary", "One row by its key.")],
        implied: Vec::new(),
        ..ExplainedPlan::default()
    };
    let sql = "SELECT authorization_key\nFROM songs\nWHERE id = $1";
    let parameters = delete.parameters.clone();
    let after = Some(ExplainedPlan { execution_ms: 0.029, ..look.clone() });
    let first = ExplainedStatement {
        step: 1,
        sql: sql.into(),
        parameters,
        share: 0.0007,
        before: look,
        after,
        ..ExplainedStatement::default()
    };
    endpoint.statements.insert(0, first);
    let index = |name: &str, columns: &str, bytes, build_ms, used_by: &[&str]| TriedIndex {
        name: name.into(),
        definition: format!("CREATE INDEX {name} ON public.song_history USING btree ({columns})"),
        bytes,
        build_ms,
        used_by: used_by.iter().map(|sql| (*sql).to_owned()).collect(),
        ..TriedIndex::default()
    };
    let used = ["DELETE FROM song_history WHERE song_id = $1"; 2];
    let indexes = vec![
        index("song_history_song_id_idx", "song_id", 8_200_192, 251.3, &used),
        index("song_history_created_at_idx", "created_at", 20_643_840, 402.9, &[]),
    ];
    Explanation { format: FORMAT_VERSION, endpoints: vec![endpoint], indexes, ..Explanation::default() }
}

/// The three slowest, no index tried.
fn slowest() -> Explanation {
    let mut endpoints = music_plans::explained();
    for statement in endpoints.iter_mut().flat_map(|endpoint| &mut endpoint.statements) {
        statement.after = None;
    }
    Explanation { format: FORMAT_VERSION, endpoints, ..Explanation::default() }
}

fn screen(width: usize) -> Screen {
    Screen { width, color: false, ascii: false }
}

/// Sentences end within the screen; plans, code and single words may be longer.
fn assert_sentences_fit(text: &str, width: usize) {
    let is_code = |line: &str| line.contains("(actual ") || line.contains("Trigger for") || line.contains("CREATE INDEX");
    let wide: Vec<&str> = text.lines().filter(|line| line.chars().count() > width && !is_code(line)).collect();
    assert!(wide.is_empty(), "{wide:#?}");
}

#[test]
fn indexes_tried_on_80_columns() {
    let text = explanation(&delete_song(), screen(80), PlanLayout::Text);
    assert_sentences_fit(&text, 80);
    insta::assert_snapshot!("explained_80", text);
}

#[test]
fn slowest_on_120_columns() {
    let text = explanation(&slowest(), screen(120), PlanLayout::Text);
    assert_sentences_fit(&text, 120);
    insta::assert_snapshot!("explained_120", text);
}

#[test]
fn in_colour() {
    let text = explanation(&delete_song(), Screen { width: 100, color: true, ascii: false }, PlanLayout::Text);
    insta::assert_snapshot!("explained_in_colour", text.replace('\u{1b}', "ESC"));
    let mut without = text;
    for code in ["\u{1b}[32m", "\u{1b}[33m", "\u{1b}[1m", "\u{1b}[2m", "\u{1b}[0m"] {
        without = without.replace(code, "");
    }
    assert_eq!(without, explanation(&delete_song(), screen(100), PlanLayout::Text), "colour changes no letter");
}

#[test]
fn an_index_that_changes_nothing_prints_no_plan_twice() {
    let mut found = delete_song();
    found.indexes.remove(0);
    for statement in &mut found.endpoints[0].statements {
        let mut again = statement.before.clone();
        again.execution_ms += 0.7;
        statement.after = Some(again);
    }
    let text = explanation(&found, screen(100), PlanLayout::Text);
    assert!(text.starts_with("POST /song/{song_id}/remove: 44.4 → 45.8 ms, no plan changed\nNo plan used the index."), "{text}");
    assert_eq!(text.matches("Seq Scan on song_history").count(), 1);
    assert_eq!(text.matches("plan unchanged").count(), 2);
}

#[test]
fn what_was_not_explained_again_is_not_called_unused() {
    let mut found = delete_song();
    found.indexes[0].used_by.clear();
    let after = found.endpoints[0].statements[1].after.as_mut().unwrap();
    let history = parts_of(after, "song_history");
    after.implied[history].plan = None;
    let text = explanation(&found, screen(200), PlanLayout::Text);
    let said = "no plan used it; too quick now to be explained again: DELETE FROM song_history WHERE song_id = $1";
    assert!(text.contains(said), "{text}");
    assert!(text.contains("33.5 → 0.031 ms in one call; too quick now to be explained again"), "{text}");
}

#[test]
fn a_statement_that_did_not_run_is_not_counted_as_faster() {
    let mut found = delete_song();
    found.endpoints[0].statements[1].after = None;
    let text = explanation(&found, screen(100), PlanLayout::Text);
    assert!(
        text.starts_with("POST /song/{song_id}/remove: 0.031 → 0.029 ms in one of two statements, no plan changed\n"),
        "{text}"
    );
    assert!(text.ends_with("Statement 2 with the indexes: it did not run"), "{text}");
}

#[test]
fn a_plan_from_elsewhere() {
    let mut found = music_plans::explained().swap_remove(0).statements.swap_remove(0).before;
    found.text = found.text.lines().take(3).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!("plan_80", plan(&found, screen(80), PlanLayout::Text));
    (found.execution_ms, found.findings) = (0.0, Vec::new());
    let text = plan(&found, screen(80), PlanLayout::Text);
    assert!(text.starts_with("A plan without an execution time\n"), "{text}");
}

#[test]
fn nothing_to_explain_is_said() {
    let none = Explanation { format: FORMAT_VERSION, ..Explanation::default() };
    assert_eq!(explanation(&none, screen(80), PlanLayout::Text), "No endpoint was explained.");
    let endpoint = ExplainedEndpoint { label: "GET /".into(), ..ExplainedEndpoint::default() };
    let text = explanation(&Explanation { endpoints: vec![endpoint], ..none }, screen(80), PlanLayout::Text);
    assert!(text.starts_with("GET /: none of its statements ran\n"), "{text}");
}

#[test]
fn three_tips_are_shown_and_all_on_request() {
    let mut found = slowest().endpoints.swap_remove(0).statements.swap_remove(0).before;
    found.findings =
        ["first", "second", "third", "fourth", "fifth"].map(|name| finding("a-tip", &format!("It is the {name}."))).into();
    let text = plan(&found, screen(80), PlanLayout::Text);
    assert!(
        text.contains("1. It is the first.") && text.contains("3. It is the third.\nTwo more tips with --all-tips."),
        "{text}"
    );
    assert!(!text.contains("fourth"));
    let text = plan(&found, screen(80), PlanView { layout: PlanLayout::Text, all_tips: true });
    assert!(text.contains("5. It is the fifth.") && !text.contains("--all-tips"), "{text}");
}

#[test]
fn what_the_statements_say_together_stands_before_them() {
    let mut found = slowest();
    let together = Finding {
        next_step: Some("Ask once.".into()),
        saves_ms: 0.4,
        ..finding("same-question", "Statements 1 and 3 ask the same.")
    };
    found.endpoints[0].findings = vec![together];
    let text = explanation(&found, screen(100), PlanLayout::Text);
    let (before, after) =
        text.split_once("- Statements 1 and 3 ask the same. At most 0.40 ms a call to save.\n  Next: Ask once.\n").expect(&text);
    assert!(!before.contains("Statement 3:") && after.contains("Statement 3:"), "{text}");
}
