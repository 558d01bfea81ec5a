//! The service under load, as the terminal, the page and its pictures show it.

use perflab::report::markdown::render;
use perflab::report::model::{Run, WITH_INDEXES};
use perflab::report::terminal::{Screen, load_text};
use proptest::prelude::*;

use crate::music;
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

/// The music service's run with the phases in it.
fn run() -> Run {
    let mut run = music::run();
    run.before.as_mut().expect("endpoints were measured").load = load();
    run
}

#[test]
fn a_section_and_pictures_on_the_page() {
    let files = render(&run()).files;
    let page = String::from_utf8(files[0].1.clone()).expect("pages are UTF-8");
    let section = page.split("\n## ").find(|section| section.starts_with("Under load")).expect("the section");
    insta::assert_snapshot!("load_page", section);
    for shown in section.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|path| path.ends_with(".svg")) {
        assert!(files.iter().any(|(path, _)| path == shown), "{shown} is shown and not there");
    }
    assert_eq!(section.matches("![").count(), files.len() - 2, "each picture but the bars is shown once");
}

#[test]
fn the_command_that_measures_it_again_drives_the_load_and_takes_the_scale() {
    let command = |run: &Run| {
        let page = String::from_utf8(render(run).files.swap_remove(0).1).expect("pages are UTF-8");
        page.lines().find(|line| line.starts_with("perflab run")).expect("the command").to_owned()
    };
    let mut run = run();
    assert_eq!(command(&run), "perflab run scenarios/music.yaml --load");
    run.before.as_mut().expect("endpoints were measured").load.clear();
    run.seed.as_mut().expect("rows were seeded").scale = 0.1;
    assert_eq!(command(&run), "perflab run scenarios/music.yaml --scale 0.1");
}

#[test]
fn a_sweep_is_drawn_with_its_law_and_knee() {
    let files = render(&run()).files;
    let (_, svg) = files.iter().find(|(path, _)| path == "load-1-throughput.svg").expect("a sweep is drawn");
    insta::assert_snapshot!("load_throughput", String::from_utf8(svg.clone()).expect("SVG is UTF-8"));
}

#[test]
fn throughput_before_and_after_the_indexes_is_on_one_card() {
    let before = load().swap_remove(0);
    let mut after = before.clone();
    after.varied = vec![WITH_INDEXES.to_owned()];
    let knee = after.knee.as_mut().expect("the sweep reaches its knee");
    knee.throughput_per_s *= 40.0;
    after.steps.iter_mut().for_each(|step| step.throughput_per_s *= 40.0);
    let mut run = music::run();
    run.before.as_mut().expect("endpoints were measured").load = vec![before];
    run.advice.as_mut().expect("indexes were advised").load = vec![after];
    let files = render(&run).files;
    let (_, svg) = files.iter().find(|(path, _)| path == "load-1-throughput.svg").expect("a sweep is drawn");
    let svg = String::from_utf8(svg.clone()).expect("SVG is UTF-8");
    assert!(svg.contains("as written") && svg.contains("with the kept indexes"), "{svg}");
    assert_eq!(svg.matches("knee: ").count(), 2, "each has its own");
    assert!(!files.iter().any(|(path, _)| path == "load-2-throughput.svg"));
}

proptest! {
    /// Whatever a run says, its pictures are XML, and no mark leaves the card.
    #[test]
    fn pictures_are_well_formed(
        name in any::<String>(), figures in prop::collection::vec((any::<f64>(), any::<f64>()), 7), seconds in any::<f64>(),
    ) {
        let mut run = run();
        for phase in &mut run.before.as_mut().expect("endpoints were measured").load {
            phase.name.clone_from(&name);
            for (step, (per_s, ms)) in phase.steps.iter_mut().zip(&figures) {
                step.throughput_per_s = *per_s;
                step.response.latency.p95_ms = Some(*ms);
                step.ticks.iter_mut().for_each(|tick| (tick.at_s, tick.p95_ms) = (tick.at_s * seconds, *ms));
            }
        }
        for (path, bytes) in render(&run).files.iter().filter(|(path, _)| path.ends_with(".svg")) {
            let svg = std::str::from_utf8(bytes).expect("SVG is UTF-8");
            well_formed(svg).unwrap_or_else(|why| panic!("{path}: {why}\n{svg}"));
        }
    }
}

/// As much of XML as plotters writes: elements that close, attributes in quotes, text without a bare `<` or `&` and without forbidden letters.
fn well_formed(svg: &str) -> Result<(), String> {
    let forbidden = |c: char| (c < ' ' && !"\t\r\n".contains(c)) || matches!(c, '\u{fffe}' | '\u{ffff}');
    if let Some(letter) = svg.chars().find(|c| forbidden(*c)) {
        return Err(format!("the letter {letter:?}"));
    }
    let mut open: Vec<&str> = Vec::new();
    let mut rest = svg.trim();
    while let Some(start) = rest.find('<') {
        let (text, tail) = rest.split_at(start);
        entities(text)?;
        if text.contains('>') || (open.is_empty() && !text.trim().is_empty()) {
            return Err(format!("the text {text:?}"));
        }
        let end = tail.find('>').ok_or("a tag without an end")?;
        let tag = &tail[1..end];
        entities(tag)?;
        if tag.contains('<') || !tag.matches('"').count().is_multiple_of(2) || tag.contains("NaN") || tag.contains("inf") {
            return Err(format!("the tag {tag:?}"));
        }
        let name = tag.trim_start_matches('/').split([' ', '/', '\n']).next().unwrap_or_default();
        if tag.starts_with('/') {
            if open.pop() != Some(name) {
                return Err(format!("{name} ends and is not open"));
            }
        } else if !tag.ends_with('/') {
            open.push(name);
        }
        rest = &tail[end + 1..];
    }
    if open.is_empty() && rest.trim().is_empty() { Ok(()) } else { Err(format!("left open: {open:?} {rest:?}")) }
}

fn entities(text: &str) -> Result<(), String> {
    let known = ["amp;", "lt;", "gt;", "quot;", "apos;", "#"];
    match text.split('&').skip(1).find(|after| !known.iter().any(|name| after.starts_with(name))) {
        None => Ok(()),
        Some(after) => Err(format!("a bare & before {after:?}")),
    }
}
