//! `perflab compare` on stored runs, as a script meets it. No server is needed: the runs are made up.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{perflab, target_folder};
use serde_json::{Value, json};

/// A file of a run with one endpoint, its stretches around `ms`.
fn stored(name: &str, ms: f64, change: impl Fn(&mut Value)) -> PathBuf {
    let blocks: Vec<Value> = (0..32)
        .map(|place| {
            let off = 1.0 + f64::from(place * 7 % 5 - 2) / 200.0;
            json!({"n": 10, "mean_ms": ms * off, "p50_ms": ms * off})
        })
        .collect();
    let latency = json!({"n": 320, "min_ms": ms, "mean_ms": ms, "p50_ms": ms, "max_ms": ms});
    let mut endpoint = json!({
        "label": "GET /", "route": "GET /", "weight": 1.0, "effect": "reads", "calls": 320,
        "rows_per_call": 1.0, "statements_per_call": 2.0, "round_trips_per_call": 2.0, "blocks": blocks,
        "steps": [{"step": 1, "sql": "SELECT 1", "runs_per_call": 2.0, "rows_per_call": 1.0, "latency": latency, "share": 1.0}],
    });
    let flat = endpoint.as_object_mut().unwrap();
    flat.extend(latency.as_object().unwrap().clone());
    let mut run = json!({
        "format": perflab::report::model::FORMAT_VERSION, "perflab": "0.1.0",
        "scenario": {"name": "shop", "title": "Shop", "file": "shop.yaml"},
        "environment": {
            "started_at": "2026-01-01T00:00:00Z", "os": "Linux", "cpu": "A processor", "cores": 2, "memory_bytes": 1_u64 << 33,
            "server_version": "15.4", "server_kind": "embedded", "server_origin": "/usr/lib/postgresql/15/bin", "settings": [],
        },
        "data": {"hash": "0123456789abcdef", "rows": 1000},
        "endpoints": [endpoint], "seconds": 4.0, "client_cpu": 0.2,
    });
    change(&mut run);
    let folder = target_folder().join("compare");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join(format!("{name}-{}.json", std::process::id()));
    fs::write(&file, serde_json::to_string(&run).unwrap()).unwrap();
    file
}

/// Exit code, stdout, stderr.
fn compare(before: &Path, after: &Path, more: &[&str]) -> (i32, String, String) {
    let output = perflab().arg("compare").arg(before).arg(after).args(more).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_exit_code_is_the_verdict() {
    let before = stored("codes-before", 5.0, |_| {});
    let same = stored("codes-same", 5.01, |_| {});
    let slower = stored("codes-slower", 7.0, |_| {});
    let short = stored("codes-short", 7.0, |run| {
        let endpoint = &mut run["endpoints"][0];
        endpoint["blocks"].as_array_mut().unwrap().truncate(4);
        endpoint["calls"] = json!(4);
    });
    let (code, text, _) = compare(&before, &same, &[]);
    assert!(code == 0 && text.starts_with("Within noise"), "{code}\n{text}");
    let (code, text, _) = compare(&before, &slower, &[]);
    assert!(code == 1 && text.starts_with("Regressed"), "{code}\n{text}");
    let (code, text, _) = compare(&slower, &before, &[]);
    assert!(code == 0 && text.starts_with("Improved"), "{code}\n{text}");
    let (code, text, _) = compare(&before, &short, &[]);
    assert!(code == 3 && text.contains("a verdict needs 10"), "{code}\n{text}");
}

#[test]
fn other_rows_or_statements_are_refused_unless_forced() {
    let before = stored("rows-before", 5.0, |_| {});
    let rows = stored("rows-other", 5.0, |run| run["data"]["hash"] = json!("fedcba9876543210"));
    let sql = stored("sql-other", 5.0, |run| run["endpoints"][0]["steps"][0]["sql"] = json!("SELECT 2"));
    for (other, what) in [(&rows, "data"), (&sql, "statements of GET /")] {
        let (code, text, said) = compare(&before, other, &[]);
        assert!(code == 2 && said.contains(what) && said.contains("--force"), "{code}\n{text}\n{said}");
        assert_eq!(compare(&before, other, &["--force"]).0, 0);
    }
}

#[test]
fn one_statement_more_is_a_regression_whatever_the_times() {
    let before = stored("count-before", 5.0, |_| {});
    let after = stored("count-after", 5.0, |run| run["endpoints"][0]["statements_per_call"] = json!(3.0));
    let (code, text, _) = compare(&before, &after, &["--format", "json"]);
    let found: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, &found["endpoints"][0]["metric"]), (1, &json!("statements_per_call")), "{text}");
    assert_eq!(found["endpoints"][1]["verdict"], "within_noise", "{text}");
}

#[test]
fn what_is_no_run_cannot_be_compared() {
    let before = stored("none-before", 5.0, |_| {});
    let other = stored("none-other", 5.0, |run| *run = json!({"hello": 1}));
    for (file, what) in [(other.as_path(), "not a stored run"), (Path::new("no/such.json"), "cannot read no/such.json")] {
        let (code, _, said) = compare(&before, file, &[]);
        assert!(code == 2 && said.contains(what), "{code} {said}");
    }
}

#[test]
fn the_run_of_a_report_can_be_compared() {
    let run = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/music/run.json");
    let (code, text, said) = compare(&run, &run, &[]);
    // A report written before stretches were kept cannot tell; one written since finds nothing.
    assert!(code == 3 || code == 0, "{code}\n{text}\n{said}");
    assert!(!text.contains("differences between"), "{text}");
}
