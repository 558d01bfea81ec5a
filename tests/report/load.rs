//! The service under load, as the terminal shows it.

use perflab::report::terminal::{Screen, load_text};

use crate::music_load::load;

fn shown(width: usize) -> String {
    let text = load_text(&load(), Screen { width, color: false, ascii: false });
    assert!(text.lines().all(|line| line.chars().count() <= width), "{text}");
    text
}

#[test]
fn on_80_columns() {
    insta::assert_snapshot!("load_80", shown(80));
}

#[test]
fn on_120_columns() {
    insta::assert_snapshot!("load_120", shown(120));
}

#[test]
fn in_colour() {
    let screen = Screen { width: 100, color: true, ascii: false };
    let text = load_text(&load(), screen);
    insta::assert_snapshot!("load_in_colour", text.replace('\u{1b}', "ESC"));
    let mut without = text;
    for code in ["\u{1b}[32m", "\u{1b}[31m", "\u{1b}[33m", "\u{1b}[1m", "\u{1b}[2m", "\u{1b}[0m"] {
        without = without.replace(code, "");
    }
    assert_eq!(without, load_text(&load(), Screen { color: false, ..screen }), "colour changes no letter");
}

#[test]
fn the_drawing_is_ascii_where_nothing_else_can_be_shown() {
    let text = load_text(&load()[..1], Screen { width: 100, color: false, ascii: true });
    assert!(text.is_ascii(), "{text}");
    assert!(text.contains("K the knee"), "{text}");
}

#[test]
fn no_load_no_text() {
    assert_eq!(load_text(&[], Screen { width: 80, color: false, ascii: false }), "");
}
