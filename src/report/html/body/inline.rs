//! What stands in a line: text, code, links, pictures, raw HTML.

use pulldown_cmark::{Event, Tag};

use super::super::escape;
use super::super::raw::{self, Piece};
use super::Writer;

impl Writer<'_> {
    /// Writes the beginning of a tag within a line; how many events that took.
    pub(super) fn start_inline(&mut self, at: usize, tag: &Tag) -> usize {
        match tag {
            Tag::Emphasis => self.enter("<em>", "</em>"),
            Tag::Strong => self.enter("<strong>", "</strong>"),
            Tag::Strikethrough => self.enter("<del>", "</del>"),
            Tag::Link { dest_url, .. } => match escape::address(dest_url) {
                Some(address) => self.enter(&link(address), "</a>"),
                None => self.enter("", ""),
            },
            Tag::Image { dest_url, .. } => {
                let (alt, length) = self.text_of(at);
                self.picture(dest_url, &alt);
                return length;
            }
            // Nothing else is turned on, and what is not known shows its content.
            _ => self.enter("", ""),
        }
        1
    }

    pub(super) fn inline(&mut self, event: &Event) {
        match event {
            Event::Text(text) => self.say(text),
            Event::Code(code) => {
                self.out.push_str("<code>");
                self.say(code);
                self.out.push_str("</code>");
            }
            Event::Html(html) | Event::InlineHtml(html) => self.raw_html(html),
            Event::SoftBreak => {
                self.out.push('\n');
                self.said.push(' ');
            }
            Event::HardBreak => {
                self.out.push_str("<br>");
                self.said.push(' ');
            }
            Event::Rule => self.out.push_str("<hr>\n"),
            Event::TaskListMarker(done) => self.out.push_str(if *done { "☑ " } else { "☐ " }),
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => self.say(text),
            Event::Start(_) | Event::End(_) => {}
        }
    }

    fn say(&mut self, text: &str) {
        self.out.push_str(&escape::text(text));
        self.said.push_str(text);
    }

    /// The picture itself where it is the report's; one from elsewhere would have to be fetched, and is a link.
    fn picture(&mut self, address: &str, alt: &str) {
        if let Some(picture) = self.pictures.inline(address, alt) {
            self.out.push_str(&picture);
            return;
        }
        let shown = escape::text(if alt.trim().is_empty() { address } else { alt });
        match escape::address(address) {
            Some(address) => self.out.push_str(&format!("{}{shown}</a>", link(address))),
            None => self.out.push_str(&shown),
        }
    }

    /// HTML of the Markdown: what is harmless, in pairs within its block.
    pub(super) fn raw_html(&mut self, html: &str) {
        for piece in raw::pieces(html) {
            match piece {
                Piece::Text(text) => self.out.push_str(&text),
                Piece::Void(tag) => {
                    self.out.push_str(&format!("<{tag}>"));
                    self.said.push(' ');
                }
                Piece::Image { address, alt } => self.picture(&address, &alt),
                Piece::Open { tag, attributes } => {
                    self.out.push_str(&format!("<{tag}"));
                    for (name, value) in attributes {
                        if name != "id" || self.ids.claim(&value) {
                            self.out.push_str(&format!(" {name}=\"{}\"", escape::text(&value)));
                        }
                    }
                    self.out.push('>');
                    self.raw.push(tag);
                }
                Piece::Close(tag) => {
                    let floor = self.blocks.last().map_or(0, |(_, raw)| *raw);
                    if let Some(place) = self.raw[floor..].iter().rposition(|open| *open == tag) {
                        self.close_raw(floor + place);
                    }
                }
            }
        }
    }
}

/// The beginning of a link. Who is led to another site shall not be told whence.
fn link(address: &str) -> String {
    let elsewhere = if address.contains(':') { " rel=\"noreferrer\"" } else { "" };
    format!("<a href=\"{}\"{elsewhere}>", escape::text(address))
}
