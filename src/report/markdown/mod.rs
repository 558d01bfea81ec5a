//! `report.md` and the pictures beside it, in the order a reader asks: what is the verdict, on which data, how slow was it, why, what
//! helped, what does that cost, how fast is it now, and how was it measured.
//!
//! A section whose ground is missing in the run (no seed, no advice …) is not written, nor is a sentence.

mod advice;
mod after;
mod cascade;
mod classes;
mod data;
mod data_seen;
mod diagram;
mod endpoints;
mod environment;
mod headline;
mod meaning;
mod outcome;
mod plan;
mod plan_classes;
mod promises;
mod slow;
mod table;
mod text;
mod under_load;
mod variants;
mod verdict;

use super::bars;
use super::charts::{self, Picture};
use super::model::{LoadRun, Run};
use super::plan_tree::{PlanPicture, pictures};
use super::standing::{Standing, standings};

/// Name of the page.
pub const PAGE: &str = "report.md";
/// Name of the picture of all endpoints before and after.
pub const PICTURE: &str = "latency.svg";

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
    /// Whether there is a picture to show.
    pictured: bool,
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
    let load = run.load();
    let load_pictures = charts::pictures(&load);
    let plan_pictures = pictures(&run.explained);
    let page = Page { run, standings, pictured: picture.is_some(), load, load_pictures, plan_pictures };
    let mut files = vec![(PAGE.to_owned(), page.text().into_bytes())];
    files.extend(picture.map(|svg| (PICTURE.to_owned(), svg.into_bytes())));
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
