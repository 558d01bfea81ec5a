//! The music service's slow statements and their plans.

use perflab::report::model::*;

use crate::music::latency;

/// Two steps for the deletes, four for the next song, one for the others.
pub fn steps(label: &str, calls: u64, p50: f64) -> Vec<StepResult> {
    let step = |step: usize, sql: &str, share: f64| StepResult {
        step,
        sql: sql.into(),
        runs_per_call: 1.0,
        rows_per_call: 1.0,
        latency: latency(calls, p50 * share),
        histogram: None,
        share,
    };
    match label {
        "POST /song/{song_id}/remove" => {
            vec![
                step(1, "SELECT authorization_key FROM songs WHERE id = :song_id", 0.004),
                step(2, "DELETE FROM songs WHERE id = :song_id", 0.991),
            ]
        }
        "POST /users/delete/{user_id}" => {
            vec![
                step(1, "SELECT password FROM users WHERE id = :user_id", 0.006),
                step(2, "DELETE FROM users WHERE id = :user_id", 0.988),
            ]
        }
        "GET /playlist/{playlist_id}/play (next song)" => vec![
            step(1, "SELECT 1 FROM users WHERE id = :user_id", 0.001),
            step(
                2,
                "SELECT playlist_song_position AS pos\nFROM users_playlist_position\nWHERE user_id = :user_id AND playlist_id = :playlist_id",
                0.004,
            ),
            step(3, NEXT_SONG, 0.991),
            StepResult {
                runs_per_call: 0.9,
                ..step(4, "UPDATE users_playlist_position SET playlist_song_position = :next WHERE user_id = :user_id", 0.002)
            },
        ],
        _ => vec![step(1, "SELECT 1", 1.0)],
    }
}

const NEXT_SONG: &str = "WITH numbered AS (
    SELECT id, song_id, LEAD(id) OVER (PARTITION BY playlist_id ORDER BY id) AS next
    FROM playlist_songs
)
SELECT n.id, n.song_id, n.next
FROM numbered n
JOIN users_playlist_position p ON p.playlist_song_position = n.id
WHERE p.user_id = $1 AND p.playlist_id = $2";

const DELETE_SONG: &str = "Delete on songs  (cost=0.29..8.31 rows=0 width=0) (actual time=0.042..0.042 rows=0 loops=1)
  ->  Index Scan using songs_pkey on songs  (cost=0.29..8.31 rows=1 width=6) (actual time=0.015..0.016 rows=1 loops=1)
        Index Cond: (id = 27482)
Planning Time: 0.107 ms
Trigger for constraint links_song_id_fkey on songs: time=4.190 calls=1
Trigger for constraint playlist_songs_song_id_fkey on songs: time=6.320 calls=1
Trigger for constraint song_history_song_id_fkey on songs: time=33.540 calls=1
Trigger for constraint users_playlist_position_playlist_song_position_fkey on playlist_songs: time=0.280 calls=2
Execution Time: 44.410 ms";

fn plan(text: &str, ms: f64, rows_read: f64, blocks: u64, findings: &[(&str, &str, f64)]) -> ExplainedPlan {
    let finding = |(sentence, next, saves): &(&str, &str, f64)| Finding {
        rule: "seq-scan-discards".into(),
        sentence: (*sentence).into(),
        next_step: (!next.is_empty()).then(|| (*next).into()),
        saves_ms: *saves,
        ..Finding::default()
    };
    ExplainedPlan {
        text: text.into(),
        json: serde_json::json!([{"Plan": {"Node Type": "ModifyTable"}}]),
        execution_ms: ms,
        planning_ms: 0.107,
        rows_read,
        rows_returned: 0.0,
        blocks,
        findings: findings.iter().map(finding).collect(),
        implied: Vec::new(),
        ..ExplainedPlan::default()
    }
}

fn implied(table: &str, column: &str, ms: f64, with_plan: Option<(u64, u64)>) -> ImpliedStatement {
    let sql = format!("DELETE FROM {table} WHERE {column} = $1");
    let plan = with_plan.map(|(found, read)| {
        let text = format!(
            "Delete on {table}  (actual time={ms}..{ms} rows=0 loops=1)\n  ->  Seq Scan on {table}  (cost=0.00..18245.99 rows=14 width=6) (actual time=2.156..{ms} rows={found} loops=1)\n        Filter: ({column} = 27482)\n        Rows Removed by Filter: {}",
            read - found
        );
        let sentence = format!("It reads all {read} rows of {table} to find {found}, since no index leads with `{column}`.");
        Box::new(plan(&text, ms, read as f64, 6_757, &[(&sentence, &format!("Index {table} ({column})."), ms - 0.05)]))
    });
    ImpliedStatement {
        constraint: format!("{table}_{column}_fkey"),
        table: table.into(),
        sql,
        trigger_ms: ms,
        trigger_calls: 1,
        plan,
        missing_index: Some(format!("CREATE INDEX ON {table} ({column})")),
        ..ImpliedStatement::default()
    }
}

/// Next song, delete song, delete user.
pub fn explained() -> Vec<ExplainedEndpoint> {
    vec![next_song(), delete_song(), delete_user()]
}

fn next_song() -> ExplainedEndpoint {
    let long: String =
        (0..31).map(|i| format!("{}->  Node {i}  (actual time=0.1..0.2 rows=202899 loops=1)\n", "  ".repeat(i.min(8)))).collect();
    let before = plan(
        &long,
        118.4,
        405_798.0,
        2_580,
        &[
            (
                "The window function numbers all 202,899 rows of playlist_songs and the join keeps 1 of them.",
                "Ask for the one list: `WHERE playlist_id = $2` inside of the CTE.",
                117.9,
            ),
            ("The sort before it writes 6.1 MB to disk.", "", 31.2),
            (
                "users_playlist_position is read whole (3,000 rows) to find 1.",
                "Index users_playlist_position (user_id, playlist_id).",
                0.3,
            ),
        ],
    );
    let after = plan(&long, 81.9, 405_798.0, 2_580, &[("The window function still numbers all 202,899 rows.", "", 81.0)]);
    ExplainedEndpoint {
        label: "GET /playlist/{playlist_id}/play (next song)".into(),
        statements: vec![ExplainedStatement {
            step: 3,
            sql: NEXT_SONG.into(),
            parameters: vec![parameter(1, "user_id", "300"), parameter(2, "playlist_id", "1207")],
            share: 0.991,
            before,
            after: Some(after),
            expectation: Some(Expectation {
                at_most_ms: 50.0,
                sentence: "An index on playlist_songs (playlist_id, id) spares the sort, which is 31 of 118 ms, and its spill"
                    .into(),
                held: Some(false),
            }),
            ..ExplainedStatement::default()
        }],
        ..ExplainedEndpoint::default()
    }
}

fn delete_song() -> ExplainedEndpoint {
    let mut before = plan(
        DELETE_SONG,
        44.41,
        1.0,
        6,
        &[(
            "Finding the song takes 0.04 ms; the other 44.3 ms are four foreign keys that look for rows pointing at it.",
            "",
            43.9,
        )],
    );
    before.implied = vec![
        implied("song_history", "song_id", 33.54, Some((9, 919_039))),
        implied("playlist_songs", "song_id", 6.32, Some((2, 202_899))),
        implied("links", "song_id", 4.19, None),
        implied("users_playlist_position", "playlist_song_position", 0.28, None),
    ];
    let after = plan(&DELETE_SONG.replace("33.540", "0.031"), 0.152, 1.0, 31, &[]);
    ExplainedEndpoint {
        label: "POST /song/{song_id}/remove".into(),
        statements: vec![ExplainedStatement {
            step: 2,
            sql: "DELETE FROM songs WHERE id = $1".into(),
            parameters: vec![parameter(1, "song_id", "27482")],
            share: 0.991,
            before,
            after: Some(after),
            expectation: Some(Expectation {
                at_most_ms: 0.5,
                sentence: "The planner's cost of the DELETE is 8.31 with or without these indexes, so estimates say nothing; this follows from the trigger times.".into(),
                held: Some(true),
            }),
            ..ExplainedStatement::default()
        }],
        ..ExplainedEndpoint::default()
    }
}

fn delete_user() -> ExplainedEndpoint {
    let mut before = plan(
        "Delete on users  (cost=0.28..8.29 rows=0 width=0) (actual time=0.04..0.04 rows=0 loops=1)\nTrigger for constraint song_history_user_id_fkey: time=36.100 calls=1\nExecution Time: 36.200 ms",
        36.2,
        1.0,
        4,
        &[],
    );
    before.implied = vec![implied("song_history", "user_id", 36.1, Some((1_009, 919_039)))];
    ExplainedEndpoint {
        label: "POST /users/delete/{user_id}".into(),
        statements: vec![ExplainedStatement {
            step: 2,
            sql: "DELETE FROM users\nWHERE id = $1".into(),
            parameters: vec![parameter(1, "user_id", "300")],
            share: 0.988,
            before,
            ..ExplainedStatement::default()
        }],
        ..ExplainedEndpoint::default()
    }
}

fn parameter(number: usize, name: &str, value: &str) -> Parameter {
    Parameter { number, name: name.into(), value: value.into() }
}
