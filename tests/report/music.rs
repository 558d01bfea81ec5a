//! A run of the music service, with figures like those measured by hand.

use perflab::report::model::*;

/// Everything filled in.
pub fn run() -> Run {
    Run {
        format: FORMAT_VERSION,
        perflab: "0.1.0".into(),
        scenario: ScenarioInfo {
            name: "music".into(),
            title: "Music playlists".into(),
            about: Some(
                "Users keep playlists and play *their own* songs.\n\n# Mood\n\nAn ad follows the mood of what was played.".into(),
            ),
            file: "scenarios/music.yaml".into(),
        },
        environment: environment(),
        model: crate::music_data::model(),
        seed: Some(crate::music_data::seed()),
        before: Some(BenchRun { endpoints: endpoints(), seconds: 11.84, client_cpu: 0.063, ..BenchRun::default() }),
        explained: crate::music_plans::explained(),
        advice: Some(crate::music_advice::advice()),
        published: None,
        stages: [("server", 0.84), ("seed", 2.93), ("bench", 11.84), ("explain", 1.27), ("advise", 24.41), ("report", 0.02)]
            .map(|(name, seconds)| Stage { name: name.into(), seconds })
            .into(),
        warnings: vec!["POST /ad/create failed in 3 of 203 calls; its figures are those of the calls that succeeded.".into()],
    }
}

fn environment() -> Environment {
    let setting =
        |name: &str, value: &str, why: Option<&str>| Setting { name: name.into(), value: value.into(), why: why.map(Into::into) };
    Environment {
        started_at: "2025-11-21T01:12:44Z".into(),
        os: "Linux 6.1 x86_64".into(),
        cpu: "AMD EPYC 7B13".into(),
        cores: 2,
        memory_bytes: 8_326_803_456,
        server_version: "15.18 (Debian 15.18-0+deb12u1)".into(),
        server_kind: "embedded".into(),
        server_origin: "/usr/lib/postgresql/15/bin".into(),
        settings: vec![
            setting("shared_buffers", "1985MB", Some("a quarter of the memory, as PostgreSQL's documentation advises")),
            setting("max_wal_size", "4GB", Some("so that no checkpoint falls into a measurement")),
            setting("fsync", "on", Some("writes wait for the disk as they do in production")),
            setting("lc_messages", "C", None),
        ],
    }
}

/// A distribution around a median.
pub fn latency(n: u64, p50: f64) -> Latency {
    Latency {
        n,
        min_ms: p50 * 0.91,
        mean_ms: p50 * 1.04,
        p50_ms: p50,
        p95_ms: (n >= 20).then_some(p50 * 1.22),
        p99_ms: (n >= 100).then_some(p50 * 1.61),
        max_ms: p50 * 2.37,
    }
}

/// Label, effect, calls, median before and after, statements, rows.
pub const ENDPOINTS: [(&str, Effect, u64, f64, f64, f64, f64); 17] = [
    ("POST /users/create", Effect::Writes, 1204, 0.173, 0.176, 1.0, 1.0),
    ("POST /users/platform", Effect::Writes, 1204, 0.241, 0.238, 2.0, 1.0),
    ("POST /users/delete/{user_id}", Effect::Deletes, 40, 36.41, 2.63, 2.0, 1.0),
    ("GET /song/get_library/", Effect::Reads, 212, 7.91, 7.88, 1.0, 50.0),
    ("POST /song/add", Effect::Writes, 1204, 0.312, 0.316, 2.0, 1.0),
    ("POST /song/link/add", Effect::Writes, 1204, 0.197, 0.201, 1.0, 1.0),
    ("POST /song/{song_id}/remove", Effect::Deletes, 40, 44.31, 0.171, 2.0, 1.0),
    ("GET /song/{song_id}/play (no ad)", Effect::Writes, 391, 3.12, 0.124, 4.0, 2.0),
    ("GET /song/{song_id}/play (with ad)", Effect::Writes, 377, 3.24, 0.141, 5.0, 3.0),
    ("GET /song/search/{q} (common)", Effect::Reads, 1204, 0.482, 0.479, 1.3, 10.0),
    ("GET /song/search/{q} (rare)", Effect::Reads, 88, 12.71, 0.093, 2.0, 0.4),
    ("POST /playlist/create", Effect::Writes, 1204, 0.161, 0.16, 1.0, 1.0),
    ("POST /playlist/{playlist_id}/songs/add", Effect::Writes, 1204, 0.204, 0.262, 2.0, 1.0),
    ("GET /playlist/{playlist_id}/play (first song)", Effect::Writes, 93, 12.62, 0.081, 5.0, 3.0),
    ("GET /playlist/{playlist_id}/play (next song)", Effect::Writes, 18, 104.72, 72.51, 4.0, 3.0),
    ("POST /ad/create", Effect::Writes, 200, 0.158, 0.159, 1.0, 1.0),
    ("JOB moods", Effect::Writes, 22, 67.24, 1.12, 3.0, 6.0),
];

fn endpoints() -> Vec<EndpointResult> {
    let mut all: Vec<EndpointResult> = ENDPOINTS.iter().map(|e| endpoint(e.0, e.1, e.2, e.3, e.5, e.6)).collect();
    all[2].slo = vec![slo(20.0, Some(44.42), Some(false))];
    all[14].slo = vec![slo(50.0, None, None)];
    all[15].errors = 3;
    all[15].failures = vec![ErrorCount {
        sqlstate: "23514".into(),
        message: "new row for relation \"ad_campaigns\" violates check constraint".into(),
        step: 1,
        count: 3,
    }];
    all[10].notes = vec!["61% of the sampled terms returned no row".into()];
    all
}

pub fn slo(bound: f64, measured: Option<f64>, met: Option<bool>) -> SloResult {
    SloResult { metric: "p95".into(), promise: format!("p95 < {bound} ms"), bound, measured, met, ..SloResult::default() }
}

fn endpoint(label: &str, effect: Effect, calls: u64, p50: f64, statements: f64, rows: f64) -> EndpointResult {
    let (route, case) = match label.split_once(" (") {
        Some((route, case)) => (route, Some(case.trim_end_matches(')').to_owned())),
        None => (label, None),
    };
    EndpointResult {
        label: label.into(),
        route: route.into(),
        case,
        weight: 1.0,
        effect,
        calls,
        latency: latency(calls, p50),
        rows_per_call: rows,
        statements_per_call: statements,
        round_trips_per_call: if statements > 1.0 { statements + 2.0 } else { 1.0 },
        steps: crate::music_plans::steps(label, calls, p50),
        ..EndpointResult::default()
    }
}
