//! `report.md` and its picture for runs of different depth.

use perflab::report::markdown::{PAGE, PICTURE, render};
use perflab::report::model::Run;

use crate::music;

fn file(run: &Run, name: &str) -> Option<String> {
    let found = render(run).files.into_iter().find(|(path, _)| path == name);
    found.map(|(_, bytes)| String::from_utf8(bytes).expect("pages are UTF-8"))
}

fn page(run: &Run) -> String {
    file(run, PAGE).expect("every run has a page")
}

/// Only what cannot be left out.
fn minimal() -> Run {
    let mut run = music::run();
    run.scenario.about = None;
    run.environment.settings.clear();
    (run.model, run.seed, run.before, run.advice) = (Default::default(), None, None, None);
    run.explained.clear();
    run.stages.clear();
    run.warnings.clear();
    run
}

#[test]
fn the_whole_run() {
    insta::assert_snapshot!("whole_run", page(&music::run()));
}

#[test]
fn the_whole_picture() {
    insta::assert_snapshot!("whole_picture", file(&music::run(), PICTURE).expect("endpoints were measured"));
}

#[test]
fn nothing_but_the_environment() {
    let run = minimal();
    insta::assert_snapshot!("minimal_run", page(&run));
    assert_eq!(render(&run).files.len(), 1, "no picture of nothing");
}

#[test]
fn only_seeded() {
    let whole = music::run();
    let mut run = Run { model: whole.model, seed: whole.seed, ..minimal() };
    if let Some(seed) = &mut run.seed {
        seed.tables[0].rows = 1;
        seed.reused = true;
    }
    insta::assert_snapshot!("seeded_run", page(&run));
}

#[test]
fn benched_and_explained_without_advice() {
    let whole = music::run();
    let run = Run { before: whole.before, explained: whole.explained, ..minimal() };
    insta::assert_snapshot!("explained_run", page(&run));
}

#[test]
fn an_advice_that_keeps_nothing() {
    let mut run = Run { before: music::run().before, ..minimal() };
    let mut advice = crate::music_advice::advice();
    advice.keep.clear();
    advice.rejected.truncate(1);
    advice.unsolved.clear();
    (advice.total_bytes, advice.total_build_ms) = (0, 0.0);
    for pair in &mut advice.endpoints {
        pair.after = pair.before.clone();
        (pair.ratio, pair.ratio_low, pair.ratio_high) = (1.0, 0.97, 1.04);
        pair.verdict = perflab::report::model::Verdict::WithinNoise;
    }
    run.advice = Some(advice);
    insta::assert_snapshot!("nothing_kept", page(&run));
}

#[test]
fn rendering_is_repeatable_and_survives_the_file() {
    let run = music::run();
    let stored = perflab::report::json::read(&perflab::report::json::write(&run).unwrap()).unwrap();
    assert_eq!(render(&run), render(&run));
    assert_eq!(render(&run), render(&stored));
}

#[test]
fn links_lead_to_headings() {
    let text = page(&music::run());
    let targets: Vec<&str> = text.split("](#").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(targets.len() > 10, "the page links its sections");
    let slug = |heading: &str| -> String {
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect::<String>().to_lowercase()
    };
    let headings: Vec<String> = text
        .lines()
        .filter(|l| l.starts_with("## ") || l.starts_with("### "))
        .map(|l| slug(l.trim_start_matches('#').trim()))
        .collect();
    for target in targets {
        assert!(headings.iter().any(|heading| heading == target), "no heading for #{target}: {headings:?}");
    }
}
