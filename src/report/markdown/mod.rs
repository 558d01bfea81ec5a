//! `report.md` and the pictures beside it, in the order a reader asks: what is the verdict, on which data, how slow was it, why, what
//! helped, what does that cost, how fast is it now, and how was it measured.
//!
//! A section whose ground is missing in the run (no seed, no advice …) is not written, nor is a sentence.

mod advice;
mod after;
mod cascade;
mod classes;
mod clocks;
mod data;
mod data_seen;
mod diagram;
mod endpoints;
mod environment;
mod headline;
mod meaning;
mod migration_check;
mod outcome;
mod plan;
mod plan_classes;
mod promises;
mod published;
mod repeats;
mod slow;
mod table;
mod text;
mod under_load;
mod variants;
mod verdict;

pub use migration_check::migration_page;

use super::bars;
use super::charts::{self, Picture};
use super::model::{LoadRun, Run};
use super::plan_tree::{PlanPicture, pictures};
use super::standing::{Standing, standings};

/// Name of the page.
pub const PAGE: &str = "report.md";
/// Name of the picture of all endpoints before and after.
pub const PICTURE: &str = "latency.svg";
/// Name of the picture of their distributions.
const DISTRIBUTIONS: &str = "distributions.svg";
/// Name of the picture of endpoints under other choices of their parameters.
const CLASSES: &str = "classes.svg";

/// Whether a file of a report's folder is a picture that [`render`] makes under some run, so that one which a new run no longer makes
/// may go.
pub fn is_picture(name: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = name.strip_suffix(".svg").unwrap_or_default().split('-').collect();
    match parts.as_slice() {
        ["plan", endpoint, step] => digits(endpoint) && digits(step),
        ["load", run, shows] => digits(run) && charts::NAMES.contains(shows),
        _ => [PICTURE, DISTRIBUTIONS, CLASSES].contains(&name),
    }
}

/// What a run looks like on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Path below the report's folder, with the bytes; [`PAGE`] first.
    pub files: Vec<(String, Vec<u8>)>,
}

/// A run with what the sections derive from it together.
struct Page<'a> {
    run: &'a Run,
    standings: Vec<Standing<'a>>,
    /// Whether there are pictures to show: of the medians, of the distributions, of the classes.
    pictured: bool,
    spread: bool,
    classed: bool,
    /// The phases before the indexes, then those with them.
    load: Vec<LoadRun>,
    load_pictures: Vec<Picture>,
    /// Of the plans that took longest.
    plan_pictures: Vec<PlanPicture>,
}

/// A part of the page under a heading of the second level.
struct Section {
    title: &'static str,
    /// Markdown, the heading left out.
    body: String,
}

/// The page and its pictures. The same run gives the same bytes.
pub fn render(run: &Run) -> Rendered {
    let standings = standings(run);
    let picture = bars::latency(&standings);
    let distributions = charts::endpoints(&standings);
    let classes = charts::classes(&classes::asked(run));
    let load = run.load();
    let load_pictures = charts::pictures(&load);
    let plan_pictures = pictures(&run.explained);
    let page = Page {
        run,
        standings,
        pictured: picture.is_some(),
        spread: distributions.is_some(),
        classed: classes.is_some(),
        load,
        load_pictures,
        plan_pictures,
    };
    let mut files = vec![(PAGE.to_owned(), page.text().into_bytes())];
    let named = [(PICTURE, picture), (DISTRIBUTIONS, distributions), (CLASSES, classes)];
    files.extend(named.into_iter().filter_map(|(name, svg)| Some((name.to_owned(), svg?.into_bytes()))));
    files.extend(page.load_pictures.into_iter().map(|picture| (picture.file, picture.svg.into_bytes())));
    files.extend(page.plan_pictures.into_iter().map(|picture| (picture.file, picture.svg.into_bytes())));
    Rendered { files }
}

impl Page<'_> {
    fn text(&self) -> String {
        let sections: Vec<Section> = [
            data::section,
            endpoints::section,
            classes::section,
            variants::section,
            under_load::section,
            slow::section,
            advice::section,
            after::section,
            published::section,
            environment::section,
        ]
        .iter()
        .filter_map(|section| section(self))
        .collect();
        let mut blocks = headline::blocks(self);
        if sections.len() > 2 {
            let links = sections.iter().map(|section| format!("[{}](#{})", section.title, text::anchor(section.title)));
            blocks.push(links.collect::<Vec<_>>().join(" · "));
        }
        for section in &sections {
            blocks.push(format!("## {}", section.title));
            blocks.push(section.body.clone());
        }
        joined(&blocks)
    }

    /// The distributions of all endpoints, with what there is to know of them.
    fn distributions(&self) -> String {
        if !self.spread {
            return String::new();
        }
        let paired = self.standings.iter().any(|standing| standing.pair.is_some_and(|pair| pair.after_histogram.is_some()));
        let what = if paired { "Times of every endpoint before and after" } else { "Times of every endpoint" };
        format!("![{what}: shortest, longest, quartiles, p95 and p99, on a logarithmic scale]({DISTRIBUTIONS})")
    }

    /// The endpoint's name, linked to the section that explains it if there is one.
    fn linked(&self, standing: &Standing) -> String {
        match standing.explained {
            Some(_) => format!("[{}](#{})", text::plain(standing.label), text::anchor(&slow::heading(standing))),
            None => text::plain(standing.label),
        }
    }
}

/// Blocks with an empty line between them; empty ones left out.
fn joined(blocks: &[String]) -> String {
    let mut page = String::new();
    for block in blocks.iter().map(|block| block.trim_end()).filter(|block| !block.is_empty()) {
        if !page.is_empty() {
            page.push('\n');
        }
        page.push_str(block);
        page.push('\n');
    }
    page
}
