//! Figures that somebody published, beside those of the run.

use perflab::report::markdown::{PAGE, render};
use perflab::report::model::*;

use crate::music;
use crate::music_load::load;

/// What the music service's authors could have written.
fn published() -> Published {
    let time = |label: &str, clock, constraint: Option<&str>, before_ms, after_ms| PublishedTime {
        label: label.into(),
        clock,
        constraint: constraint.map(str::to_owned),
        before_ms,
        after_ms,
        ..PublishedTime::default()
    };
    let remove = "POST /song/{song_id}/remove";
    let rows = |table: Option<&str>, rows| PublishedRows { table: table.map(str::to_owned), rows, ..PublishedRows::default() };
    Published {
        source: "a write-up".into(),
        note: Some("It is *old*".into()),
        times: vec![
            time(remove, PublishedClock::Client, None, Some(695.0), None),
            time("POST /ad/create", PublishedClock::Client, None, None, None),
            time(remove, PublishedClock::Explain, None, Some(88.127), Some(19.472)),
            time(remove, PublishedClock::Explain, Some("song_history_song_id_fkey"), Some(68.636), Some(0.276)),
            time(remove, PublishedClock::Explain, Some("playlist_songs_song_id_fkey"), Some(12.478), Some(12.355)),
            time("POST /ad/create", PublishedClock::Planning, None, Some(0.1), None),
            time("GET /nobody/knows", PublishedClock::Explain, None, Some(1.0), None),
        ],
        rows: vec![rows(Some("songs"), 77_803), rows(Some("users"), 911), rows(Some("users"), 1_000), rows(None, 78_714)],
        loads: vec![
            PublishedLoad {
                phase: Some(load()[0].name.clone()),
                what: Some("k6".into()),
                clients: Some(8),
                rate_per_s: Some(2_520.1),
                latency_ms: Some(10.64),
                remarks: vec!["2,520/s at 10.6 ms are 27 in flight on average.".into()],
                ..PublishedLoad::default()
            },
            PublishedLoad {
                what: Some("deployed".into()),
                rate_per_s: Some(610.4),
                note: Some("in a cloud".into()),
                ..PublishedLoad::default()
            },
        ],
    }
}

fn section(run: &Run) -> String {
    let files = render(run).files;
    let (_, page) = files.iter().find(|(name, _)| name == PAGE).expect("a page");
    let page = String::from_utf8(page.clone()).expect("text");
    let section = page.split("\n## ").find(|part| part.starts_with("As published")).unwrap_or_default();
    section.replace('\u{a0}', " ")
}

#[test]
fn each_figure_stands_beside_its_counterpart() {
    let mut run = Run { published: Some(published()), ..music::run() };
    run.before.as_mut().expect("endpoints were measured").load = load();
    insta::assert_snapshot!("published", section(&run));
}

#[test]
fn without_any_measurement_nothing_is_claimed() {
    let run = Run { published: Some(published()), before: None, explained: Vec::new(), advice: None, seed: None, ..music::run() };
    let section = section(&run);
    assert!(section.contains("not measured") && section.contains("not seeded"), "{section}");
    assert!(!section.contains(" here, by ") && !section.contains("Here "), "{section}");
    assert_eq!(self::section(&music::run()), "", "nobody is quoted");
}
