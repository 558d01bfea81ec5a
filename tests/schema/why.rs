//! Every number of the stored reports comes from their `run.json`.

use std::fs;
use std::path::PathBuf;

use perflab::report::why::{Index, Line, Traced, lines, numerals, of_line, of_number};
use serde_json::Value;

use crate::common::perflab;
use crate::root;

/// Page and run of every stored report.
fn reports() -> Vec<(PathBuf, Vec<Line>, Index)> {
    let folders = fs::read_dir(root("reports")).unwrap().map(|entry| entry.unwrap().path());
    let read = |folder: PathBuf| {
        let page = fs::read_to_string(folder.join("report.md")).ok()?;
        let run: Value = serde_json::from_str(&fs::read_to_string(folder.join("run.json")).ok()?).unwrap();
        Some((folder, lines(&page), Index::new(&run)))
    };
    folders.filter_map(read).collect()
}

fn music() -> (Vec<Line>, Index) {
    let (_, lines, index) = reports().into_iter().find(|(folder, ..)| folder.ends_with("music")).unwrap();
    (lines, index)
}

/// Something gives the number that belongs to what the page speaks of there.
fn fits(number: &Traced) -> bool {
    number.sources.iter().any(|source| source.fits)
}

fn traced(lines: &[Line], index: &Index) -> Vec<Traced> {
    lines.iter().filter(|line| !line.code).flat_map(|line| of_line(index, line)).collect()
}

#[test]
fn every_number_of_a_report_comes_from_its_run() {
    for (folder, lines, index) in reports() {
        let numbers = traced(&lines, &index);
        let lost = numbers.iter().filter(|number| !fits(number));
        let lost: Vec<String> = lost.map(|number| format!("{:?}: {}", number.line, number.printed)).collect();
        assert!(numbers.len() > 500, "{}: {} numbers", folder.display(), numbers.len());
        // Ratios of one phase of a load to another are told of figures that do not stand side by side in the run.
        assert!(lost.len() * 50 <= numbers.len(), "{}: {} of {}: {lost:?}", folder.display(), lost.len(), numbers.len());
    }
}

/// A page could only pass by chance if numbers that nobody measured passed, too.
#[test]
fn a_number_that_was_not_measured_comes_from_nowhere() {
    let (lines, index) = music();
    let (mut tried, mut found) = (0, 0);
    for line in lines.iter().filter(|line| !line.code) {
        for numeral in numerals(&line.text) {
            let digits = numeral.core.trim_start_matches(['0', '.', '<', '>']).chars().filter(char::is_ascii_digit).count();
            let Some(last) = numeral.core.chars().last().and_then(|c| c.to_digit(10)).filter(|_| digits >= 4) else { continue };
            let wrong = format!("{}{}", &numeral.core[..numeral.core.len() - 1], (last + 5) % 10);
            let mut changed = line.clone();
            changed.text = format!("{}{wrong}{}", &line.text[..numeral.start], &line.text[numeral.start + numeral.core.len()..]);
            tried += 1;
            found += usize::from(of_number(&index, &[changed], &wrong).iter().any(fits));
        }
    }
    assert!(tried > 100 && found * 8 < tried, "{found} of {tried} wrong numbers have a source");
}

#[test]
fn the_likeliest_source_is_the_one_that_the_table_names() {
    let (lines, index) = music();
    let (mut right, mut wrong) = (0, Vec::new());
    let in_it = |line: &&Line| {
        line.headings.iter().any(|heading| heading.contains("Endpoints before"))
            && line.headers.first().is_some_and(|first| first == "endpoint")
    };
    for line in lines.iter().filter(in_it) {
        for number in of_line(&index, line) {
            let at = line.text.char_indices().nth(number.column.unwrap() - 1).unwrap().0;
            let key = match line.header(at) {
                header @ ("p50" | "p95" | "p99" | "max") => format!("/{header}_ms"),
                "calls" => "/calls".to_owned(),
                _ => continue,
            };
            let first = &number.sources[0];
            let named = first.of.first().is_some_and(|label| line.text.contains(label.as_str()));
            match named && first.pointers[0].ends_with(&key) {
                true => right += 1,
                false => wrong.push(format!("line {:?}, {}: {:?}", number.line, number.printed, first.pointers)),
            }
        }
    }
    // Twenty calls are a frequent number, and promises of 20 ms are, too.
    assert!(right > 40 && wrong.len() * 20 <= right, "{right} right; {wrong:#?}");
}

#[test]
fn a_sum_is_told_as_one() {
    let (lines, index) = music();
    let run: Value = serde_json::from_str(&fs::read_to_string(root("reports/music/run.json")).unwrap()).unwrap();
    let sum: f64 =
        run["advice"]["endpoints"].as_array().unwrap().iter().map(|endpoint| endpoint["before_ms"].as_f64().unwrap()).sum();
    let found = of_number(&index, &lines, &perflab::units::ms(sum));
    assert!(found[0].line.is_some());
    // Another sum of the same run may come to the same figure.
    let summed = found[0].sources.iter().find(|source| source.pointers[0] == "/advice/endpoints/*/before_ms");
    let how = summed.and_then(|source| source.derived.as_deref());
    assert!(how.is_some_and(|how| how.starts_with("sum of")), "{how:?}");
}

#[test]
fn the_command_tells_a_line_and_a_number() {
    let told = |arguments: &[&str]| {
        let output = perflab().current_dir(root("")).arg("why").args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap())
    };
    let run: Value = serde_json::from_str(&fs::read_to_string(root("reports/music/run.json")).unwrap()).unwrap();
    let size = perflab::units::bytes(run["advice"]["total_bytes"].as_u64().unwrap());
    for report in ["music", "reports/music", "scenarios/music.yaml", "reports/music/report.md"] {
        let (code, text) = told(&[report, &size]);
        assert_eq!(code, Some(0), "{text}");
        assert!(text.contains("/advice/total_bytes = ") && text.contains("report.md:"), "{text}");
    }
    let (code, text) = told(&["reports/music/report.md:1", "--format", "json"]);
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, json["numbers"][0]["line"].as_u64()), (Some(0), Some(1)));
    assert!(told(&["music", "123456.789"]).1.contains("nothing in run.json") && told(&["music", "123456.789"]).0 == Some(1));
    for (arguments, says) in [
        (&["music"][..], "say which number"),
        (&["nowhere", "5"], "there is no report `nowhere`"),
        (&["music", ":99999"], "lines"),
        (&["music", "quick"], "is no number"),
        (&["reports/music/report.md:2"], "there is no number in line 2"),
    ] {
        let (code, text) = told(arguments);
        assert!(code == Some(2) && text.contains(says), "{arguments:?}: {text}");
    }
}
