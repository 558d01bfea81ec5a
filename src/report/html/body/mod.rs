//! The Markdown of the report as HTML, event by event.
//!
//! Whatever opens is closed: each block closes what it holds, also the tags of raw HTML in it, which nobody promises to be in pairs.

mod blocks;
mod inline;

use std::collections::HashMap;

use pulldown_cmark::{Event, Options, Parser};

use super::escape::Ids;
use super::pictures::Pictures;
use super::places::{Place, Places};
use super::plans;
use super::table::Table;

/// The content of the page, and what the frame around it is made of.
pub(super) struct Body {
    pub(super) html: String,
    pub(super) title: String,
    pub(super) headings: Vec<Heading>,
}

/// A heading of the second or third level.
pub(super) struct Heading {
    pub(super) level: usize,
    pub(super) id: String,
    pub(super) text: String,
}

/// Renders the Markdown.
pub(super) fn write(markdown: &str, places: &Places, pictures: &Pictures) -> Body {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS | Options::ENABLE_GFM;
    let events: Vec<Event> = Parser::new_ext(markdown, options).collect();
    let mut writer = Writer {
        events: &events,
        places,
        pictures,
        trees: plans::trees(&events, places),
        out: String::new(),
        said: String::new(),
        held: Vec::new(),
        blocks: Vec::new(),
        raw: Vec::new(),
        ids: Ids::default(),
        title: String::new(),
        headings: Vec::new(),
        section: None,
        explained: None,
        table: Table::default(),
    };
    let mut at = 0;
    while at < events.len() {
        at += writer.event(at);
    }
    writer.close_raw(0);
    Body { html: writer.out, title: writer.title, headings: writer.headings }
}

struct Writer<'a> {
    events: &'a [Event<'a>],
    places: &'a Places<'a>,
    pictures: &'a Pictures,
    trees: HashMap<usize, &'a Place>,
    out: String,
    /// What was said without markup since a heading or a cell began.
    said: String,
    /// What had been written when a heading or a cell began.
    held: Vec<String>,
    /// Blocks that are open: what ends them, and how many raw tags were open before them.
    blocks: Vec<(String, usize)>,
    /// Tags of raw HTML that are open.
    raw: Vec<&'static str>,
    ids: Ids,
    title: String,
    headings: Vec<Heading>,
    /// Title of the section.
    section: Option<String>,
    /// The explained endpoint that the text is about.
    explained: Option<usize>,
    table: Table,
}

impl<'a> Writer<'a> {
    /// Writes the event at a place; how many events that took.
    fn event(&mut self, at: usize) -> usize {
        let events = self.events;
        match &events[at] {
            Event::Start(tag) => self.start(at, tag),
            Event::End(tag) => {
                self.end(tag);
                1
            }
            other => {
                self.inline(other);
                1
            }
        }
    }

    /// Opens a block.
    fn enter(&mut self, opening: &str, closing: impl Into<String>) {
        self.out.push_str(opening);
        self.blocks.push((closing.into(), self.raw.len()));
    }

    /// Closes the block that was opened last.
    fn leave(&mut self) {
        if let Some((closing, raw)) = self.blocks.pop() {
            self.close_raw(raw);
            self.out.push_str(&closing);
        }
    }

    /// Closes raw tags until so many are open.
    fn close_raw(&mut self, keep: usize) {
        while self.raw.len() > keep {
            let tag = self.raw.pop().unwrap_or_default();
            self.out.push_str(&format!("</{tag}>"));
        }
    }

    /// From here on what is written is kept apart.
    fn hold(&mut self) {
        self.held.push(std::mem::take(&mut self.out));
        self.said.clear();
    }

    /// What was written since [`Writer::hold`], with what it says.
    fn release(&mut self) -> (String, String) {
        let before = self.held.pop().unwrap_or_default();
        (std::mem::replace(&mut self.out, before), std::mem::take(&mut self.said))
    }

    /// The text from an event to the end of its tag, and how many events that is.
    fn text_of(&self, at: usize) -> (String, usize) {
        let (mut depth, mut text) = (0_usize, String::new());
        for (length, event) in self.events[at..].iter().enumerate() {
            match event {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                Event::Text(part) | Event::Code(part) | Event::Html(part) | Event::InlineHtml(part) => text.push_str(part),
                Event::SoftBreak | Event::HardBreak => text.push('\n'),
                _ => {}
            }
            if depth == 0 {
                return (text, length + 1);
            }
        }
        (text, self.events.len() - at)
    }
}

#[cfg(test)]
mod tests;
