//! Every link leads somewhere, and every file and constant that a page names is there.

use std::fs;
use std::path::{Path, PathBuf};

use super::pages::{Page, root};

#[test]
fn every_link_and_anchor_leads_somewhere() {
    let broken: Vec<String> = Page::all().iter().flat_map(broken).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

fn broken(page: &Page) -> Vec<String> {
    let elsewhere = |target: &str| target.contains("://") || target.starts_with("mailto:");
    let links = page.links().into_iter().filter(|(_, target)| !elsewhere(target));
    let wrong = links.filter_map(|(line, target)| Some(format!("{}:{line}: {}", page.name, problem(page, &target)?)));
    wrong.collect()
}

fn problem(page: &Page, target: &str) -> Option<String> {
    let (file, anchor) = target.split_once('#').map_or((target, None), |(file, anchor)| (file, Some(anchor)));
    let path = match file {
        "" => PathBuf::from(&page.name),
        file => Path::new(&page.name).parent().unwrap().join(file),
    };
    if !root().join(&path).exists() {
        return Some(format!("there is no {file}"));
    }
    let name = path.to_str().unwrap();
    let known = |anchor: &str| Page::read(name).anchors().iter().any(|known| known == anchor);
    anchor.filter(|anchor| name.ends_with(".md") && !known(anchor)).map(|anchor| format!("{name} has no heading #{anchor}"))
}

#[test]
fn every_file_that_is_named_exists() {
    let folders = ["src/", "tests/", "benches/", "scenarios/", "docs/"];
    for page in Page::all() {
        let named = page.code_spans().into_iter().filter(|(_, code)| folders.iter().any(|folder| code.starts_with(folder)));
        for (line, code) in named.filter(|(_, code)| !code.contains(['<', '*', ' ']) && !code.contains("NAME")) {
            assert!(root().join(code).exists(), "{}:{line}: there is no {code}", page.name);
        }
    }
}

/// `FEWEST_PAIRS = 10` on a page is a constant of that name and value in the sources.
#[test]
fn constants_have_the_values_that_the_pages_give() {
    let mut sources = Vec::new();
    read_all(&root().join("src"), &mut sources);
    let mut looked_at = 0;
    for page in Page::all() {
        for (line, code) in page.code_spans() {
            let Some((name, value)) = code.split_once(" = ").filter(|(name, _)| is_constant(name)) else { continue };
            let is_it = |line: &str| {
                let line = line.trim();
                line.contains(&format!("const {name}:")) && line.ends_with(&format!("= {value};"))
            };
            assert!(sources.iter().any(|text| text.lines().any(is_it)), "{}:{line}: no constant is `{code}`", page.name);
            looked_at += 1;
        }
    }
    assert!(looked_at >= 10, "{looked_at} constants");
}

fn is_constant(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

fn read_all(folder: &Path, texts: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
        match entry.file_type().unwrap().is_dir() {
            true => read_all(&entry.path(), texts),
            false if entry.path().extension().is_some_and(|ending| ending == "rs") => {
                texts.push(fs::read_to_string(entry.path()).unwrap());
            }
            false => {}
        }
    }
}
