//! What was advised for the music service.

use perflab::report::model::*;

use crate::music::{ENDPOINTS, latency, slo};

/// Index, table, columns, kB, build time in ms, endpoint served, median without it.
const KEPT: [(&str, &str, &str, u64, f64, &str, f64); 9] = [
    ("song_history_song_id_idx", "song_history", "(song_id)", 7_987, 250.0, "POST /song/{song_id}/remove", 33.7),
    ("playlist_songs_song_id_idx", "playlist_songs", "(song_id)", 3_072, 70.0, "POST /song/{song_id}/remove", 6.52),
    ("links_song_id_idx", "links", "(song_id)", 1_843, 20.0, "POST /song/{song_id}/remove", 4.38),
    (
        "users_playlist_position_song_idx",
        "users_playlist_position",
        "(playlist_song_position)",
        88,
        1.2,
        "POST /song/{song_id}/remove",
        0.46,
    ),
    (
        "song_history_user_id_created_at_idx",
        "song_history",
        "(user_id, created_at)",
        28_201,
        480.0,
        "POST /users/delete/{user_id}",
        36.6,
    ),
    (
        "playlist_songs_playlist_id_id_idx",
        "playlist_songs",
        "(playlist_id, id)",
        6_144,
        90.0,
        "GET /playlist/{playlist_id}/play (next song)",
        104.9,
    ),
    (
        "songs_song_name_trgm_idx",
        "songs",
        "USING gin (song_name gin_trgm_ops)",
        3_604,
        190.0,
        "GET /song/search/{q} (rare)",
        12.4,
    ),
    ("songs_artist_trgm_idx", "songs", "USING gin (artist gin_trgm_ops)", 3_072, 170.0, "GET /song/search/{q} (rare)", 11.9),
    (
        "users_playlist_position_user_idx",
        "users_playlist_position",
        "(user_id, playlist_id)",
        112,
        2.0,
        "GET /playlist/{playlist_id}/play (first song)",
        0.41,
    ),
];

pub fn advice() -> AdviceRun {
    let keep: Vec<KeptIndex> = KEPT.iter().map(kept).collect();
    AdviceRun {
        total_bytes: keep.iter().map(|index| index.bytes).sum(),
        total_build_ms: keep.iter().map(|index| index.build_ms).sum(),
        keep,
        rejected: vec![
            RejectedIndex {
                definition: "CREATE INDEX ON song_history (created_at)".into(),
                because: "the last five songs of a user are ordered by created_at".into(),
                reason: "JOB moods took 1.13 instead of 1.12 ms with it: within noise, since `(user_id, created_at)` serves the order, too".into(),
            },
            RejectedIndex {
                definition: "CREATE INDEX ON songs (song_name)".into(),
                because: "the prefix search filters song_name".into(),
                reason: "the planner did not use it: LIKE with a | in the pattern needs text_pattern_ops".into(),
            },
        ],
        endpoints: pairs(),
        unsolved: vec![Unsolved {
            label: "GET /playlist/{playlist_id}/play (next song)".into(),
            step: 3,
            sql: "WITH numbered AS (\n    SELECT id, LEAD(id) OVER (PARTITION BY playlist_id ORDER BY id) AS next\n    FROM playlist_songs\n)\nSELECT n.id, n.next FROM numbered n".into(),
            after_ms: 72.51,
            target_ms: 50.0,
            reason: "The CTE numbers all 202,899 rows of playlist_songs before the join picks one; no index can make that fewer rows".into(),
        }],
        drop: vec![DroppedAdvice {
            name: "songs_created_at_idx".into(),
            table: "songs".into(),
            definition: "CREATE INDEX songs_created_at_idx ON public.songs USING btree (created_at)".into(),
            reason: "no plan of 17 endpoints uses it, and none got slower without it".into(),
            bytes: 1_744_896,
            writes: vec![LedgerWrite {
                label: "POST /song/add".into(),
                share: 0.02,
                cost_ms: 0.004,
                wal_bytes: 72.0,
                ..LedgerWrite::default()
            }],
            tried: Vec::new(),
        }],
        rewrites: vec![
            OtherAdvice {
                kind: OtherKind::Rewrite,
                label: "GET /playlist/{playlist_id}/play (next song)".into(),
                step: Some(3),
                what: "compare the playlist inside of the CTE `numbered`, before its window".into(),
                sql: "WITH numbered AS (\n    SELECT id, LEAD(id) OVER (PARTITION BY playlist_id ORDER BY id) AS next\n    FROM playlist_songs\n    WHERE playlist_id = $1\n)\nSELECT n.id, n.next FROM numbered n".into(),
                before_ms: 72.3,
                after_ms: Some(0.131),
                runs: 12,
                proof: "rows of 8 calls compared, all the same".into(),
                costs: String::new(),
                reason: "the window then numbers the 68 rows of one playlist instead of all 202,899".into(),
            },
            OtherAdvice {
                kind: OtherKind::MaterializedView,
                label: "JOB moods".into(),
                step: Some(1),
                what: "keep the count of each user's plays in a materialized view".into(),
                sql: "CREATE MATERIALIZED VIEW user_plays AS SELECT user_id, count(*) AS plays FROM song_history GROUP BY user_id".into(),
                before_ms: 0.92,
                after_ms: Some(0.041),
                runs: 12,
                proof: "rows of 8 calls compared, all the same".into(),
                costs: "refreshing takes 120 ms and reads 919,039 rows".into(),
                reason: "the view is as old as its last refresh".into(),
            },
        ],
        rewrites_rejected: vec![OtherAdvice {
            kind: OtherKind::Setting,
            label: "GET /song/search/{q} (rare)".into(),
            step: None,
            what: "set work_mem = '64MB'".into(),
            before_ms: 0.09,
            after_ms: Some(0.091),
            runs: 12,
            reason: "0.09 ms as it is and 0.09 ms that way: within noise".into(),
            ..OtherAdvice::default()
        }],
        load: Vec::new(),
        rounds: 3,
        seconds: 24.41,
        notes: vec!["GET /song/get_library/ reads 75,000 rows to skip them by OFFSET; paging by key would read 50.".into()],
        ..AdviceRun::default()
    }
}

fn kept((name, table, columns, kilobytes, build_ms, label, without_ms): &(&str, &str, &str, u64, f64, &str, f64)) -> KeptIndex {
    let with_ms = ENDPOINTS.iter().find(|endpoint| endpoint.0 == *label).map_or(0.0, |endpoint| endpoint.4);
    KeptIndex {
        name: (*name).into(),
        table: (*table).into(),
        definition: format!("CREATE INDEX {name} ON {table} {columns}"),
        extension: columns.contains("trgm").then(|| "pg_trgm".into()),
        because: format!("a statement of {label} looks for rows of {table} and reads all of them"),
        bytes: kilobytes * 1024,
        build_ms: *build_ms,
        serves: vec![Served { label: (*label).into(), with_ms, without_ms: *without_ms }],
        insert_cost: (*table == "song_history").then_some(InsertCost {
            rows: 10_000,
            without_us_per_row: 9.1,
            with_us_per_row: 10.2,
            without_wal_bytes_per_row: 151.3,
            with_wal_bytes_per_row: 224.0,
        }),
        ledger: (*table == "song_history").then(|| Ledger {
            reads: vec![LedgerRead { label: (*label).into(), share: 0.02, gain_ms: *without_ms - with_ms }],
            writes: vec![LedgerWrite {
                label: "GET /song/{song_id}/play (without ad)".into(),
                share: 0.4,
                cost_ms: 0.0011,
                wal_bytes: 72.7,
                note: "from the price of its rows: below the noise of its calls".into(),
                ..LedgerWrite::default()
            }],
            net_ms: 1000.0 * (0.02 * (*without_ms - with_ms) - 0.4 * 0.0011),
            lock_ms: *build_ms,
        }),
        ..KeptIndex::default()
    }
}

fn pairs() -> Vec<PairedResult> {
    let pair = |(label, _, calls, before, after, _, _): &(&str, Effect, u64, f64, f64, f64, f64)| {
        let ratio = after / before;
        let verdict = match ratio {
            _ if *calls > 1_000 && *label == "POST /playlist/{playlist_id}/songs/add" => Verdict::Regressed,
            r if r < 0.9 => Verdict::Improved,
            _ if *label == "POST /ad/create" => Verdict::NotEnoughData,
            _ => Verdict::WithinNoise,
        };
        PairedResult {
            label: (*label).into(),
            before: latency(40, before * 1.02),
            after: latency(40, *after),
            ratio,
            ratio_low: ratio * 0.94,
            ratio_high: ratio * 1.07,
            verdict,
            slo: match *label {
                "POST /users/delete/{user_id}" => vec![slo(20.0, Some(3.2), Some(true))],
                "GET /playlist/{playlist_id}/play (next song)" => vec![slo(50.0, Some(88.4), Some(false))],
                _ => Vec::new(),
            },
            ..PairedResult::default()
        }
    };
    ENDPOINTS.iter().map(pair).collect()
}
