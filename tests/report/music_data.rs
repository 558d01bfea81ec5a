//! The music service's tables and rows.

use perflab::report::model::*;

/// Table, `name type flags` of its columns (p primary key, n not null, u unique).
const TABLES: [(&str, &[&str]); 10] = [
    ("ad_campaigns", &["id bigint pn", "link text n", "target_mood mood n"]),
    ("links", &["id bigint pn", "song_id bigint n", "platform_id bigint n", "song_url text n"]),
    ("platforms", &["id bigint pn", "platform_name text nu", "platform_url text n"]),
    ("playlist_songs", &["id bigint pn", "playlist_id bigint n", "song_id bigint n"]),
    ("playlists", &["id bigint pn", "name text n"]),
    ("song_history", &["id bigint pn", "created_at timestamp_with_time_zone n", "user_id bigint n", "song_id bigint n"]),
    (
        "songs",
        &[
            "id bigint pn",
            "created_at timestamp_with_time_zone n",
            "song_name text n",
            "artist text n",
            "album text n",
            "authorization_key character_varying(25) n",
        ],
    ),
    ("user_moods", &["user_id bigint pn", "last_updated timestamp_with_time_zone n", "mood mood n", "songs_played integer n"]),
    (
        "users",
        &["id bigint pn", "created_at timestamp_with_time_zone n", "password text n", "salt text n", "platform_id bigint n"],
    ),
    ("users_playlist_position", &["id bigint pn", "user_id bigint n", "playlist_id bigint n", "playlist_song_position bigint"]),
];

pub fn model() -> DataModel {
    let column = |text: &&str| {
        let words: Vec<&str> = text.split(' ').collect();
        let flags = words.get(2).copied().unwrap_or("");
        ModelColumn {
            name: words[0].into(),
            type_name: words[1].replace('_', " "),
            not_null: flags.contains('n'),
            primary_key: flags.contains('p'),
            unique: flags.contains('u'),
        }
    };
    let table = |(name, columns): &(&str, &[&str])| ModelTable {
        name: (*name).into(),
        columns: columns.iter().map(column).collect(),
        indexes: Vec::new(),
    };
    let relation = |table: &str, column: &str, referenced: &str, on_delete: Option<&str>| Relation {
        table: table.into(),
        columns: vec![column.into()],
        referenced: referenced.into(),
        referenced_columns: vec!["id".into()],
        on_delete: on_delete.map(Into::into),
    };
    DataModel {
        tables: TABLES.iter().map(table).collect(),
        relations: vec![
            relation("links", "song_id", "songs", Some("CASCADE")),
            relation("links", "platform_id", "platforms", Some("NO ACTION")),
            relation("playlist_songs", "playlist_id", "playlists", None),
            relation("playlist_songs", "song_id", "songs", Some("CASCADE")),
            relation("song_history", "user_id", "users", Some("CASCADE")),
            relation("song_history", "song_id", "songs", Some("CASCADE")),
            relation("user_moods", "user_id", "users", Some("CASCADE")),
            relation("users", "platform_id", "platforms", Some("NO ACTION")),
            relation("users_playlist_position", "user_id", "users", Some("CASCADE")),
            relation("users_playlist_position", "playlist_id", "playlists", None),
            relation("users_playlist_position", "playlist_song_position", "playlist_songs", Some("SET NULL")),
        ],
    }
}

/// Table, rule, rows, bytes, seconds, why.
type Row = (&'static str, &'static str, u64, u64, f64, Option<&'static str>);

const ROWS: [Row; 10] = [
    ("platforms", "2", 2, 8_192, 0.001, Some("added by hand")),
    ("ad_campaigns", "100", 100, 16_384, 0.001, None),
    ("playlists", "3,000", 3_000, 163_840, 0.004, Some("the root: everything else follows from it")),
    ("users", "0.3037 per playlists", 911, 163_840, 0.005, Some("1% keep 20-30 lists, the rest 1-5")),
    ("songs", "25.934 per playlists", 77_803, 10_821_632, 0.11, Some("the distinct songs of 3,000 real lists")),
    ("links", "1.0991 per songs", 85_515, 9_183_232, 0.09, Some("80% Spotify | 10% Apple | 10% both")),
    ("playlist_songs", "67.633 per playlists", 202_899, 10_567_680, 0.12, Some("real lists hold 67.6 songs")),
    ("users_playlist_position", "1 per playlists", 3_000, 204_800, 0.005, None),
    (
        "song_history",
        "4.53 per playlist_songs",
        919_039,
        55_410_688,
        0.71,
        Some("each list is played 1-7 times through, then part way"),
    ),
    ("user_moods", "0.5 per users", 455, 49_152, 0.002, None),
];

pub fn seed() -> SeedRun {
    let table = |(name, rule, rows, bytes, seconds, because): &Row| SeededTable {
        name: (*name).into(),
        rule: (*rule).into(),
        asked: *rows,
        rows: *rows,
        bytes: *bytes,
        seconds: *seconds,
        index_bytes: bytes / 3,
        because: because.map(Into::into),
        columns: columns(name),
        fanouts: match *name {
            "playlist_songs" => vec![
                fanout("playlist_id", "playlists", 3_000, 67.63, 55, 231, 250),
                fanout("song_id", "songs", 61_204, 3.32, 1, 41, 1_204),
            ],
            "song_history" => vec![fanout("user_id", "users", 911, 1008.8, 742, 6_120, 9_871)],
            _ => Vec::new(),
        },
        ..SeededTable::default()
    };
    SeedRun {
        tables: ROWS.iter().map(table).collect(),
        rows: 1_292_724,
        seconds: 2.93,
        reused: false,
        hash: "9f2c61d0a7be4415".into(),
        seed: 42,
        scale: 1.0,
        scales: vec![1.0],
        not_a_prefix: None,
        because: Some("Everything follows from 3,000 playlists; the ratios are those of real lists.\n\nMost rows are history, since songs are played far more often than they are added.".into()),
        expected: Some(ExpectedRows { total_rows: 1_292_269, got: 1_292_269, without: vec!["user_moods".into()] }),
        rows_per_second: 441_203.0,
        bytes: 122_000_000,
        index_bytes: 31_000_000,
        phases: SeedPhases { preparing: 0.02, rows: 1.6, keys: 0.9, foreign_keys: 0.8, vacuum: 0.3, counts: 0.4 },
        wal: Some(SeedWal { level: "minimal".into(), bytes: Some(1_200_000), note: "rows and indexes went into their files without passing through the log (wal_level = minimal)".into() }),
        checks: vec![
            check("users with 20 or more lists", "9", Some(0.05), Some(9.0), Some(true)),
            check("songs on Spotify alone", "80%", None, Some(0.713), Some(false)),
            check("rows of users", "911", None, Some(9_110.0), None),
        ],
    }
}

fn check(claim: &str, expect: &str, within: Option<f64>, got: Option<f64>, held: Option<bool>) -> CheckSeen {
    CheckSeen { claim: claim.into(), sql: "SELECT 1".into(), expect: expect.into(), within, got, held, error: None }
}

fn columns(table: &str) -> Vec<ColumnSeen> {
    let id = |rows: u64| ColumnSeen {
        name: "id".into(),
        asked: Some("sequence".into()),
        distinct: Some(rows),
        min: Some("1".into()),
        max: Some(rows.to_string()),
        ..ColumnSeen::default()
    };
    let mood = ColumnSeen {
        name: "mood".into(),
        asked: Some("50% HAPPY, 30% SAD, 20% ANGRY, null 5%".into()),
        nulls_asked: Some(0.05),
        nulls: 32,
        distinct: Some(3),
        min: Some("ANGRY".into()),
        max: Some("SAD".into()),
        shares: vec![ShareSeen { value: "HAPPY".into(), asked: 0.5, got: 0.8 }],
        off: Some("`HAPPY` 80% rather than 50%".into()),
        ..ColumnSeen::default()
    };
    match table {
        "users" => vec![id(911)],
        "song_history" => vec![ColumnSeen { estimated: true, ..id(919_039) }],
        "user_moods" => vec![mood],
        _ => Vec::new(),
    }
}

fn fanout(column: &str, parent: &str, parents: u64, mean: f64, p50: u64, p99: u64, max: u64) -> FanoutSeen {
    let bucket = |from, to, parents| FanoutBucket { from, to, parents };
    let histogram =
        vec![bucket(0, 0, 40), bucket(1, p50, parents / 2), bucket(p50 + 1, p99, parents / 3), bucket(p99 + 1, max, 3)];
    let asked = Some("lognormal sigma 0.8, 5-250".to_owned());
    let (column, parent) = (column.into(), parent.into());
    FanoutSeen { column, parent, asked, parents, without: 40, mean, p50, p99, max, histogram }
}
