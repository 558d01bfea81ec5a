//! The terminal's tables.

use perflab::report::model::Run;
use perflab::report::terminal::{Screen, advice_table, bench_table, kept_table, seed_text};

use crate::music;

fn tables(run: &Run, screen: Screen) -> String {
    let parts = [
        run.seed.as_ref().map(|seed| seed_text(seed, true, screen)),
        run.before.as_ref().map(|bench| bench_table(bench, screen)),
        run.advice.as_ref().map(|advice| advice_table(advice, screen)),
        run.advice.as_ref().map(|advice| kept_table(advice, screen)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n\n")
}

#[test]
fn on_80_columns() {
    let text = tables(&music::run(), Screen { width: 80, color: false, ascii: false });
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!("tables_80", text);
}

#[test]
fn on_120_columns() {
    let text = tables(&music::run(), Screen { width: 120, color: false, ascii: false });
    assert!(text.lines().all(|line| line.chars().count() <= 120), "{text}");
    insta::assert_snapshot!("tables_120", text);
}

#[test]
fn a_screen_without_unicode_gets_ascii() {
    let seed = music::run().seed.unwrap();
    let text = seed_text(&seed, false, Screen { width: 120, color: false, ascii: true });
    assert!(text.is_ascii(), "{text}");
    assert!(text.contains("_#+_"), "{text}");
}

#[test]
fn in_colour() {
    let screen = Screen { width: 100, color: true, ascii: false };
    let mut run = music::run();
    if let Some(seed) = &mut run.seed {
        seed.tables[3].rows = 910;
    }
    let text = tables(&run, screen);
    insta::assert_snapshot!("tables_in_colour", text.replace('\u{1b}', "ESC"));
    let mut without = text;
    for code in ["\u{1b}[32m", "\u{1b}[31m", "\u{1b}[2m", "\u{1b}[0m"] {
        without = without.replace(code, "");
    }
    assert_eq!(without, tables(&run, Screen { color: false, ..screen }), "colour changes no letter");
}

#[test]
fn a_cell_cannot_speak_to_the_terminal() {
    let mut run = music::run();
    if let Some(bench) = &mut run.before {
        bench.endpoints[0].label = "GET /\u{1b}[31mred\u{2062}\nx".into();
    }
    let text = tables(&run, Screen { width: 120, color: false, ascii: false });
    assert!(text.contains("GET / [31mred x"), "{text}");
    assert!(!text.contains('\u{1b}'));
}
