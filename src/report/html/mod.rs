//! `report.html`: the report as one file that needs nothing beside it, no network, no font, no picture.
//!
//! ```text
//! Run ─ markdown::render ─> report.md ─ body ──> what it says, as HTML ─┐
//!  │                        pictures ── pictures ─> inline SVG ─────────┼─ document ─> report.html
//!  └─ places: where in run.json a plan, a statement, a row stands ──────┘
//! ```
//!
//! The page says what the Markdown says, since it is made from it. What a browser can do and Markdown cannot comes on top: plans whose
//! nodes fold (`plan_tree`), a drawn data model (`diagram`), tables that sort (`table`), colours that follow the reader. All of it
//! can be read without JavaScript. What a user wrote is text and never markup that acts: see `raw` and the policy in `document`.

mod body;
mod diagram;
mod document;
mod escape;
mod pictures;
mod places;
mod plan_tree;
mod plans;
mod raw;
mod sort_key;
mod sql;
mod table;

use super::markdown::{self, Rendered};
use super::model::Run;
use pictures::Pictures;
use places::Places;

/// Name of the page.
pub const PAGE: &str = "report.html";

/// The page of a run from the Markdown and the pictures that [`markdown::render`] made of it. The same run gives the same bytes.
pub fn render(run: &Run, rendered: &Rendered) -> String {
    let page = rendered.files.iter().find(|(path, _)| path == markdown::PAGE);
    let text = page.map_or(std::borrow::Cow::Borrowed(""), |(_, bytes)| String::from_utf8_lossy(bytes));
    let pictures = Pictures::of(&rendered.files);
    let body = body::write(&text, &Places::of(run), &pictures);
    document::whole(&body, &pictures.rules(), &run.perflab)
}
