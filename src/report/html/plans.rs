//! Which blocks of code are plans, and which of them becomes a tree.
//!
//! The Markdown shows a small plan as PostgreSQL prints it, and a larger one drawn by perflab with PostgreSQL's text folded below it. What
//! is known for certain is PostgreSQL's text, which stands in the run; the block that has nothing but the fold between it and that text is
//! the same plan, drawn.

use std::collections::HashMap;

use pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};

use super::places::{Place, Places};

/// A block of code: where its events begin and end, and its text.
struct Block {
    start: usize,
    end: usize,
    bare: bool,
    text: String,
}

/// The plans to draw as trees, by the place of the event at which their block begins.
pub(super) fn trees<'p>(events: &[Event], places: &'p Places) -> HashMap<usize, &'p Place> {
    let blocks = blocks(events);
    let mut trees = HashMap::new();
    for (i, block) in blocks.iter().enumerate().filter(|(_, block)| block.bare) {
        let Some(place) = places.plan(&block.text) else { continue };
        let drawn = i.checked_sub(1).map(|before| &blocks[before]).filter(|before| {
            before.bare && places.plan(&before.text).is_none() && events[before.end + 1..block.start].iter().all(is_fold)
        });
        trees.insert(drawn.unwrap_or(block).start, place);
    }
    trees
}

fn is_fold(event: &Event) -> bool {
    matches!(event, Event::Html(_) | Event::Start(Tag::HtmlBlock) | Event::End(TagEnd::HtmlBlock))
}

fn blocks(events: &[Event]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for (i, event) in events.iter().enumerate() {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let bare = match kind {
                    CodeBlockKind::Indented => false,
                    CodeBlockKind::Fenced(language) => language.is_empty(),
                };
                blocks.push(Block { start: i, end: i, bare, text: String::new() });
                open = true;
            }
            Event::End(TagEnd::CodeBlock) => {
                open = false;
                if let Some(block) = blocks.last_mut() {
                    block.end = i;
                }
            }
            Event::Text(text) if open => blocks.iter_mut().last().into_iter().for_each(|block| block.text.push_str(text)),
            _ => {}
        }
    }
    blocks
}
