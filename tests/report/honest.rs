//! What must hold of every page, whatever the run: links lead somewhere, pictures are there, tables are whole, and figures that stand in
//! two places agree.

use perflab::report::markdown::{PAGE, is_picture, render};
use perflab::report::model::*;

use crate::{music, music_load};

/// Runs of different depth, each with its page and the names of its files.
fn pages() -> Vec<(Run, String, Vec<String>)> {
    let whole = music::run();
    let mut loaded = music::run();
    loaded.before.as_mut().expect("it was benched").load = music_load::load();
    let without_advice = Run { advice: None, ..music::run() };
    let mut spread = music::run();
    for pair in &mut spread.advice.as_mut().expect("it was advised").endpoints {
        pair.before_histogram = Some(histogram(pair.before.p50_ms));
        pair.after_histogram = Some(histogram(pair.after.p50_ms));
    }
    [whole, loaded, without_advice, spread].into_iter().map(rendered).collect()
}

fn rendered(run: Run) -> (Run, String, Vec<String>) {
    let files = render(&run).files;
    let names = files.iter().map(|(name, _)| name.clone()).collect();
    let (_, page) = files.into_iter().find(|(name, _)| name == PAGE).expect("every run has a page");
    (run, String::from_utf8(page).expect("pages are UTF-8"), names)
}

/// Forty calls around a median.
fn histogram(ms: f64) -> String {
    let mut recorder = perflab::bench::recorder::Recorder::default();
    for i in 0..40 {
        recorder.record(std::time::Duration::from_secs_f64(ms / 1e3 * (0.8 + 0.01 * f64::from(i))));
    }
    recorder.to_base64()
}

/// What stands between the two marks, each time.
fn between<'a>(page: &'a str, start: &str, end: char) -> Vec<&'a str> {
    page.split(start).skip(1).filter_map(|rest| rest.split(end).next()).collect()
}

/// The lines outside of code blocks.
fn prose(page: &str) -> Vec<&str> {
    let mut fence: Option<String> = None;
    page.lines()
        .filter(|line| {
            let ticks: String = line.chars().take_while(|letter| *letter == '`').collect();
            match &fence {
                Some(open) if line.trim_end() == open => {
                    fence = None;
                    false
                }
                Some(_) => false,
                None if ticks.len() >= 3 => {
                    fence = Some(ticks);
                    false
                }
                None => true,
            }
        })
        .collect()
}

/// Cells of a line of a table.
fn cells(line: &str) -> Vec<String> {
    let inside = line.trim().trim_start_matches('|').trim_end_matches('|').replace("\\|", "\u{1}");
    inside.split('|').map(|cell| cell.trim().to_owned()).collect()
}

/// Tables with their header first, the rule left out.
fn tables(page: &str) -> Vec<Vec<Vec<String>>> {
    let mut all: Vec<Vec<Vec<String>>> = Vec::new();
    let mut inside = false;
    for line in prose(page) {
        match (line.starts_with("| "), inside) {
            (true, false) => all.push(vec![cells(line)]),
            (true, true) => all.last_mut().expect("a table was begun").push(cells(line)),
            (false, _) => {}
        }
        inside = line.starts_with('|');
    }
    all
}

#[test]
fn links_lead_somewhere_and_pictures_are_there() {
    for (_, page, files) in pages() {
        let slug = |heading: &str| -> String {
            let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect::<String>().to_lowercase()
        };
        let lines = prose(&page);
        let headings: Vec<String> =
            lines.iter().filter(|line| line.starts_with('#')).map(|line| slug(line.trim_start_matches('#').trim())).collect();
        for link in between(&page, "](#", ')') {
            assert!(headings.iter().any(|heading| heading == link), "no heading for #{link}");
        }
        let mut unique = headings.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), headings.len(), "two headings of one name: {headings:?}");
        let shown: Vec<&str> =
            lines.iter().filter(|line| line.starts_with("![")).flat_map(|line| between(line, "](", ')')).collect();
        for picture in &shown {
            assert!(files.iter().any(|file| file == picture), "{picture} is not written");
        }
        for file in files.iter().filter(|file| *file != PAGE) {
            assert!(shown.contains(&file.as_str()), "{file} is on no page");
            assert!(is_picture(file), "{file} would stay for ever");
        }
    }
}

/// The first table that is not whole, with what it lacks.
pub fn broken_table(page: &str) -> Option<String> {
    tables(page).into_iter().find_map(|table| {
        let columns = table[0].len();
        let empty = |column: &usize| table[1..].iter().all(|row| row[*column].is_empty());
        match table.as_slice() {
            [_] => Some(format!("no row: {table:?}")),
            rows if rows.iter().any(|row| row.len() != columns) => Some(format!("a line was broken by a pipe: {table:?}")),
            [header, ..] => (0..columns).find(empty).map(|column| format!("column {:?} is empty", header[column])),
            [] => None,
        }
    })
}

#[test]
fn tables_are_whole_and_no_column_is_empty() {
    for (_, page, _) in pages() {
        assert!(tables(&page).len() > 5);
        assert_eq!(broken_table(&page), None);
    }
    assert!(broken_table("| a | b |\n|---|---|\n| 1 |  |\n").is_some(), "the test itself sees an empty column");
    assert!(broken_table("| a | b |\n|---|---|\n| 1 | x|y |\n").is_some(), "… and a pipe");
}

#[test]
fn every_fold_is_closed_and_every_fence_too() {
    for (_, page, _) in pages() {
        let mut depth = 0_i32;
        for line in prose(&page) {
            depth += line.matches("<details>").count() as i32 - line.matches("</details>").count() as i32;
            assert!(depth >= 0, "{line}");
            assert!(depth == 0 || !line.starts_with('#'), "a heading within a fold cannot be linked to: {line}");
        }
        assert_eq!(depth, 0);
    }
}

#[test]
fn totals_and_headlines_are_those_of_the_tables() {
    let (run, page, _) = rendered(music::run());
    let number = |text: &str| text.replace(',', "").parse::<u64>().expect("a count");
    let tables = tables(&page);
    let of = |title: &str| tables.iter().find(|table| table[0].iter().any(|cell| cell == title)).expect("the table is there");
    let data = of("asked");
    let got = data[0].iter().position(|cell| cell == "got").expect("the column is there");
    let rows: u64 = data[1..].iter().map(|row| number(&row[got])).sum();
    let seed = run.seed.as_ref().expect("it was seeded");
    assert_eq!(rows, seed.rows);
    let title = page.lines().next().expect("a title");
    assert!(title.ends_with(&format!(
        "{} endpoints, {} rows",
        run.before.as_ref().unwrap().endpoints.len(),
        perflab::units::count(rows)
    )));
    let before =
        tables.iter().find(|table| table[0].iter().any(|cell| cell == "max") && table[0][0] == "endpoint").expect("it is there");
    assert_eq!(before.len() - 1, run.before.as_ref().unwrap().endpoints.len());
    let after = tables.iter().find(|table| table[0].iter().any(|cell| cell == "pairs")).expect("it is there");
    assert_eq!(after.len() - 1, run.advice.as_ref().unwrap().endpoints.len());
    // What the first table says of an endpoint is what the last one says.
    let top = tables.iter().find(|table| table[0].iter().any(|cell| cell == "before, ms")).expect("it is there");
    for row in &top[1..] {
        let again = after.iter().find(|other| other[0] == row[0]).expect("it was measured");
        assert_eq!((&row[1], &row[2]), (&again[2], &again[3]), "{}", row[0]);
    }
}

#[test]
fn a_run_that_contradicts_itself_says_so_on_top() {
    for (_, page, _) in pages() {
        assert!(!page.contains("contradicts itself"), "{}", page.lines().take(12).collect::<Vec<_>>().join("\n"));
    }
    let mut run = music::run();
    run.seed.as_mut().expect("it was seeded").rows += 1;
    run.advice.as_mut().expect("it was advised").total_bytes += 10_000_000;
    run.before.as_mut().expect("it was benched").endpoints[2].slo[0].met = Some(true);
    let (_, page, _) = rendered(run);
    let top: Vec<&str> = page.lines().skip(2).take(6).collect();
    assert_eq!(top[0], "> [!CAUTION]");
    assert!(top[3..].iter().all(|line| line.starts_with("> - ")), "{top:?}");
}

#[test]
fn a_law_that_does_not_hold_is_told() {
    let (run, page, _) = pages().swap_remove(1);
    let broken: Vec<LittlesLaw> =
        run.load().into_iter().flat_map(|run| run.steps).map(|step| step.littles_law).filter(|law| !law.holds).collect();
    assert!(!broken.is_empty());
    for law in broken {
        let said = law.sentence.expect("a law that does not hold says why");
        assert!(page.contains(said.split(':').next().unwrap()), "{said}");
        assert!(page.contains("**contradicted**"));
    }
}

#[test]
fn medians_of_the_distributions_are_those_of_the_table() {
    let (run, _, files) = pages().swap_remove(3);
    assert!(files.iter().any(|file| file == "distributions.svg"));
    let picture = render(&run).files.into_iter().find(|(name, _)| name == "distributions.svg").expect("it is drawn").1;
    let picture = String::from_utf8(picture).expect("pictures are UTF-8");
    assert_eq!(picture.matches(", 40 calls").count(), 2 * run.advice.as_ref().unwrap().endpoints.len());
    assert!(!picture.contains("NaN"));
}
