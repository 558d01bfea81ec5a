//! The terminal's tables.

use perflab::report::model::Run;
use perflab::report::terminal::{AdviceView, Screen, advice_table, advice_text, bench_table, kept_table, seed_text};

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

#[test]
fn advice_begins_with_its_verdict_and_lists_all_of_it() {
    let advice = music::run().advice.unwrap();
    let text = |width, all| advice_text(&advice, AdviceView { all }, Screen { width, color: false, ascii: false });
    let narrow = text(80, false);
    // SQL is never wrapped, so that it can be copied.
    let wide = |line: &&str| line.chars().count() > 80 && !line.contains("LEAD(") && !line.contains("MATERIALIZED");
    assert_eq!(narrow.lines().find(wide), None, "{narrow}");
    insta::assert_snapshot!("advice_80", narrow);
    insta::assert_snapshot!("advice_all_140", text(140, true));
    assert!(narrow.contains("1 other change was tried in vain; --all shows"), "{narrow}");
}

#[test]
fn advice_in_colour_and_in_ascii_says_the_same() {
    let advice = music::run().advice.unwrap();
    let text = |color, ascii| advice_text(&advice, AdviceView::default(), Screen { width: 100, color, ascii });
    let plain = text(false, false);
    let mut coloured = text(true, false);
    assert!(coloured.starts_with("\u{1b}[32mKeep 9 indexes\u{1b}[0m"), "{coloured}");
    for code in ["\u{1b}[32m", "\u{1b}[31m", "\u{1b}[2m", "\u{1b}[1m", "\u{1b}[0m"] {
        coloured = coloured.replace(code, "");
    }
    assert_eq!(coloured, plain, "colour changes no letter");
    let ascii = text(false, true);
    assert!(ascii.is_ascii(), "{ascii}");
    assert_eq!(
        ascii.lines().map(str::len).collect::<Vec<_>>(),
        plain.lines().map(|line| line.chars().count()).collect::<Vec<_>>()
    );
}

#[test]
fn many_refusals_are_folded_those_with_a_time_first() {
    let mut advice = music::run().advice.unwrap();
    let refusal = |n: usize| {
        let mut refused = advice.rejected[1].clone();
        refused.definition = format!("CREATE INDEX ON t (c{n})");
        refused
    };
    let more: Vec<_> = (0..8).map(refusal).collect();
    advice.rejected = more.into_iter().chain(advice.rejected.clone()).collect();
    let screen = Screen { width: 100, color: false, ascii: false };
    let folded = advice_text(&advice, AdviceView::default(), screen);
    let (_, list) = folded.split_once("Tried and not kept (10)\n").expect("the list");
    assert!(list.starts_with("- song_history (created_at): JOB moods took 1.13"), "{list}");
    assert!(list.contains("and 5 more; --all shows them."), "{list}");
    assert!(advice_text(&advice, AdviceView { all: true }, screen).contains("t (c7)"));
}
