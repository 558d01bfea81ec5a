//! Endpoints under different choices of their parameters, in the terminal and on the page.

use perflab::report::markdown::{PAGE, render};
use perflab::report::model::{BenchRun, CacheEstimate, ClassResult, Classes, Latency};
use perflab::report::terminal::{Screen, classes_table};

use crate::music;

fn class(name: &str, p50_ms: f64, n: u64, rows_per_call: f64, distinct: u64) -> ClassResult {
    let p95_ms = (n >= 20).then_some(p50_ms * 1.8);
    let latency = Latency { n, min_ms: p50_ms / 2.0, mean_ms: p50_ms * 1.1, p50_ms, p95_ms, p99_ms: None, max_ms: p50_ms * 3.0 };
    ClassResult { class: name.into(), own: false, parameters: None, errors: 0, latency, rows_per_call, distinct }
}

/// The run of the music service with two of its endpoints asked in different ways.
fn bench() -> BenchRun {
    let mut bench = music::run().before.expect("endpoints were measured");
    let cache = |class: &str, hit_rate| CacheEstimate { class: class.into(), entries: 1_000, hit_rate, mean_ms: 0.2 };
    bench.endpoints[0].classes = Some(Classes {
        classes: vec![
            ClassResult { own: true, ..class("zipf 1.05", 0.44, 400, 11.2, 102) },
            class("uniform", 0.41, 380, 12.0, 380),
            class("repeat 11", 0.12, 400, 11.9, 11),
            ClassResult { parameters: Some("playlist_id 88".into()), ..class("typical", 0.39, 400, 12.0, 1) },
            ClassResult { parameters: Some("playlist_id 1702".into()), ..class("heaviest", 16.1, 19, 250.0, 1) },
            class("missing", 0.09, 400, 0.0, 64),
        ],
        caches: vec![cache("zipf 1.05", 0.612), cache("uniform", 0.0104), cache("repeat 11", 1.0)],
        notes: vec![
            "The heaviest parameters (playlist_id 1702 with 250 rows of playlist_songs) take 41× as long as the typical ones: 16.1 ms \
             against 0.39 ms."
                .into(),
            "A cache of 1,000 entries would answer 61% of the calls under zipf 1.05 (0.48 ms → 0.19 ms at best).".into(),
        ],
    });
    bench.endpoints[1].classes = Some(Classes {
        classes: vec![
            ClassResult { own: true, ..class("uniform", 1.9, 120, 1.0, 120) },
            ClassResult { errors: 17, ..class("repeat 11", 2.0, 0, 0.0, 0) },
        ],
        caches: Vec::new(),
        notes: Vec::new(),
    });
    bench
}

#[test]
fn a_table_for_each_endpoint_in_the_terminal() {
    let screen = |width, color| Screen { width, color, ascii: false };
    insta::assert_snapshot!("classes_100", classes_table(&bench(), screen(100, false)));
    insta::assert_snapshot!("classes_60_colour", classes_table(&bench(), screen(60, true)));
    let none = music::run().before.expect("endpoints were measured");
    assert_eq!(classes_table(&none, screen(100, false)), "");
}

#[test]
fn a_section_on_the_page() {
    let mut run = music::run();
    run.before = Some(bench());
    let files = render(&run).files;
    let (_, bytes) = files.into_iter().find(|(path, _)| path == PAGE).expect("every run has a page");
    let page = String::from_utf8(bytes).expect("pages are UTF-8");
    let section = page.split("\n## ").find(|section| section.starts_with("Choice of parameters")).expect("the section");
    insta::assert_snapshot!("classes_page", section);
}
