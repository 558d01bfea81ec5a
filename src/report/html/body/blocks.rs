//! Blocks: headings, paragraphs, lists, tables, code.

use pulldown_cmark::{BlockQuoteKind, CodeBlockKind, Event, HeadingLevel, Tag, TagEnd};

use super::super::table::{Cell, Table};
use super::super::{diagram, escape, plan_tree, sql};
use super::{Heading, Writer};

/// What stands between the links of a line that leads to the sections.
const BETWEEN_LINKS: [char; 4] = ['·', '|', '•', ','];

impl Writer<'_> {
    /// Writes the beginning of a tag, and all of it where it is written as a whole; how many events that took.
    pub(super) fn start(&mut self, at: usize, tag: &Tag) -> usize {
        match tag {
            Tag::Paragraph => self.paragraph(at),
            Tag::Heading { level, .. } => {
                if *level <= HeadingLevel::H2 {
                    // No fold reaches into the next section.
                    self.close_raw(self.blocks.last().map_or(0, |(_, raw)| *raw));
                }
                self.hold();
                self.enter("", "");
            }
            Tag::BlockQuote(kind) => self.enter(&quote(*kind), if kind.is_some() { "</div>\n" } else { "</blockquote>\n" }),
            Tag::CodeBlock(kind) => {
                let (text, length) = self.text_of(at);
                self.code(at, kind, &text);
                return length;
            }
            Tag::HtmlBlock => {
                let (text, length) = self.text_of(at);
                self.raw_html(&text);
                return length;
            }
            Tag::List(Some(first)) if *first != 1 => self.enter(&format!("<ol start=\"{first}\">\n"), "</ol>\n"),
            Tag::List(Some(_)) => self.enter("<ol>\n", "</ol>\n"),
            Tag::List(None) => self.enter("<ul>\n", "</ul>\n"),
            Tag::Item => self.enter("<li>", "</li>\n"),
            Tag::Table(align) => self.table = Table { align: align.clone(), ..Table::default() },
            Tag::TableHead | Tag::TableRow => self.table.row.clear(),
            Tag::TableCell => {
                self.hold();
                self.enter("", "");
            }
            inline => return self.start_inline(at, inline),
        }
        1
    }

    /// Writes the end of a tag.
    pub(super) fn end(&mut self, tag: &TagEnd) {
        match tag {
            TagEnd::Heading(level) => {
                self.leave();
                let (html, text) = self.release();
                self.heading(*level, &html, text.trim());
            }
            TagEnd::TableCell => {
                self.leave();
                let (html, text) = self.release();
                self.table.row.push(Cell { html, text });
            }
            TagEnd::TableHead => self.table.head = std::mem::take(&mut self.table.row),
            TagEnd::TableRow => {
                let row = std::mem::take(&mut self.table.row);
                self.table.rows.push(row);
            }
            TagEnd::Table => {
                let table = std::mem::take(&mut self.table);
                let html = table.html(self.section.as_deref(), self.places, &mut self.ids);
                self.out.push_str(&html);
            }
            // Written with their beginning.
            TagEnd::HtmlBlock | TagEnd::CodeBlock | TagEnd::Image | TagEnd::MetadataBlock(_) => {}
            _ => self.leave(),
        }
    }

    /// A paragraph; one of pictures alone is no text, and one of links to the sections is what the contents are.
    fn paragraph(&mut self, at: usize) {
        let inside = || self.events[at + 1..].iter().take_while(|event| **event != Event::End(TagEnd::Paragraph));
        let (mut depth, mut pictures, mut links, mut words) = (0, 0, 0, false);
        for event in inside() {
            match event {
                Event::Start(Tag::Image { .. }) => (depth, pictures) = (depth + 1, pictures + 1),
                Event::Start(Tag::Link { dest_url, .. }) if dest_url.starts_with('#') => (depth, links) = (depth + 1, links + 1),
                Event::Start(_) => (depth, words) = (depth + 1, true),
                Event::End(_) => depth -= 1,
                Event::Text(text) if depth == 0 => {
                    words |= !text.chars().all(|c| c.is_whitespace() || BETWEEN_LINKS.contains(&c))
                }
                Event::SoftBreak | Event::HardBreak => {}
                _ if depth == 0 => words = true,
                _ => {}
            }
        }
        match (words, pictures, links) {
            (false, 1.., 0) => self.enter("<div class=\"pictures\">", "</div>\n"),
            (false, 0, 2..) => self.enter("<p class=\"jump\">", "</p>\n"),
            _ => self.enter("<p>", "</p>\n"),
        }
    }

    fn heading(&mut self, level: HeadingLevel, html: &str, text: &str) {
        let id = self.ids.take(&escape::anchor(text));
        let level = level as usize;
        if level == 1 && self.title.is_empty() {
            self.title = text.to_owned();
        }
        if level <= 2 {
            self.section = (level == 2).then(|| text.to_owned());
        }
        let (mut pointer, mut place) = (String::new(), String::new());
        if level <= 3 {
            let explained = self.places.explained(text).filter(|_| level == 3);
            self.explained = explained.as_ref().map(|(place, _)| *place);
            if let Some((_, found)) = explained {
                place = format!(" title=\"In run.json: {found}\"");
                pointer = format!(" data-run=\"{found}\"");
            }
        }
        if (2..=3).contains(&level) {
            self.headings.push(Heading { level, id: id.clone(), text: text.to_owned() });
        }
        let id = escape::text(&id);
        self.out.push_str(&format!(
            "<h{level} id=\"{id}\"{pointer}>{html} <a class=\"anchor\" href=\"#{id}\" aria-label=\"Link to this section\"{place}>#</a></h{level}>\n"
        ));
    }

    fn code(&mut self, at: usize, kind: &CodeBlockKind, text: &str) {
        let language = match kind {
            CodeBlockKind::Fenced(language) => language.split_whitespace().next().unwrap_or_default(),
            CodeBlockKind::Indented => "",
        };
        if let Some(place) = self.trees.get(&at) {
            self.out.push_str(&plan_tree::draw(&place.tree, &place.pointer, text));
            return;
        }
        let model = &self.places.run.model;
        if language == "mermaid" && text.trim_start().starts_with("erDiagram") && !model.tables.is_empty() {
            self.out.push_str(&diagram::draw(model, text));
            return;
        }
        let pointer = self.explained.filter(|_| language == "sql").and_then(|place| self.places.statement(place, text));
        let pointer = pointer.map(|pointer| format!(" data-run=\"{pointer}\"")).unwrap_or_default();
        let shown = if language == "sql" { sql::coloured(text.trim_end()) } else { escape::text(text.trim_end()) };
        self.out.push_str(&format!("<div class=\"code\"{pointer}><pre tabindex=\"0\"><code>{shown}</code></pre></div>\n"));
    }
}

/// The beginning of a quote, or of what GitHub shows as an alert.
fn quote(kind: Option<BlockQuoteKind>) -> String {
    let (class, title) = match kind {
        None => return "<blockquote>\n".to_owned(),
        Some(BlockQuoteKind::Note) => ("note", "Note"),
        Some(BlockQuoteKind::Tip) => ("tip", "Tip"),
        Some(BlockQuoteKind::Important) => ("important", "Important"),
        Some(BlockQuoteKind::Warning) => ("warning", "Warning"),
        Some(BlockQuoteKind::Caution) => ("caution", "Caution"),
    };
    format!("<div class=\"alert {class}\" role=\"note\"><p class=\"alert-title\">{title}</p>\n")
}
