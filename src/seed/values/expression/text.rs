//! Formulas that give text, appended to a buffer.

use std::io::Write;

use crate::seed::values::context::Context;

use super::node::{Node, characters, chosen};
use super::{Type, print_moment};

impl Node {
    /// Does something with the text, and with the context it was made in. `None`: the text is NULL.
    pub fn with_text<T>(&self, context: &mut Context, action: impl FnOnce(&[u8], &mut Context) -> Option<T>) -> Option<T> {
        let mut buffer = context.buffer();
        let result = if self.text(context, &mut buffer) { action(&buffer, context) } else { None };
        context.put_buffer(buffer);
        result
    }

    /// Appends the text; false, and nothing of it kept by those who ask, when it is NULL.
    pub fn text(&self, context: &mut Context, out: &mut Vec<u8>) -> bool {
        match self {
            Node::Text(text) => {
                out.extend_from_slice(text);
                true
            }
            Node::Peer(peer) => peer.append(context, out),
            Node::Join(sides) => sides[0].text(context, out) && sides[1].text(context, out),
            Node::Printed(of, inner) => inner.print(*of, context, out),
            Node::Case(branches, otherwise) => chosen(branches, otherwise, context).text(context, out),
            Node::First(_, of) => of.iter().any(|node| {
                let start = out.len();
                let known = node.text(context, out);
                if !known {
                    out.truncate(start);
                }
                known
            }),
            Node::Upper(inner) => mapped(inner, context, out, |char, out| out.extend(char.to_uppercase())),
            Node::Lower(inner) => mapped(inner, context, out, |char, out| out.extend(char.to_lowercase())),
            Node::Substring(parts) => substring(parts, context, out),
            Node::Right(sides) => {
                let Some(count) = sides[1].number(context) else { return false };
                sides[0]
                    .with_text(context, |text, _| {
                        let skipped = characters(text) as f64 - count.max(0.0);
                        cut(text, skipped.max(0.0) as usize, usize::MAX, out);
                        Some(())
                    })
                    .is_some()
            }
            _ => false,
        }
    }

    /// Appends a value of any type as text; false when it is NULL.
    pub fn print(&self, of: Type, context: &mut Context, out: &mut Vec<u8>) -> bool {
        match of {
            // Writing to a vector cannot fail.
            Type::Number => self.number(context).map(|value| write!(out, "{value}")).is_some(),
            Type::Truth => self.truth(context).map(|value| write!(out, "{value}")).is_some(),
            Type::Moment => self.micros(context).map(|moment| print_moment(moment, out)).is_some(),
            Type::Interval => self.micros(context).map(|interval| write!(out, "{}s", interval as f64 / 1e6)).is_some(),
            Type::Text | Type::Any => self.text(context, out),
        }
    }
}

/// Changes every character; of ASCII without leaving the buffer.
fn mapped(inner: &Node, context: &mut Context, out: &mut Vec<u8>, change: impl Fn(char, &mut Chars)) -> bool {
    let known = inner.with_text(context, |text, _| {
        let mut chars = Chars(out);
        String::from_utf8_lossy(text).chars().for_each(|char| change(char, &mut chars));
        Some(())
    });
    known.is_some()
}

/// A buffer that takes characters.
struct Chars<'o>(&'o mut Vec<u8>);

impl Extend<char> for Chars<'_> {
    fn extend<I: IntoIterator<Item = char>>(&mut self, chars: I) {
        for char in chars {
            self.0.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}

/// As in SQL: characters before the first one count, too.
fn substring(parts: &[Node; 3], context: &mut Context, out: &mut Vec<u8>) -> bool {
    let (Some(from), Some(count)) = (parts[1].number(context), parts[2].number(context)) else { return false };
    let known = parts[0].with_text(context, |text, _| {
        let end = (from.round() + count.round().max(0.0) - 1.0).max(0.0);
        let start = (from.round() - 1.0).max(0.0);
        cut(text, start as usize, (end - start).max(0.0) as usize, out);
        Some(())
    });
    known.is_some()
}

/// Appends so many characters of a text from a place on.
fn cut(text: &[u8], skip: usize, count: usize, out: &mut Vec<u8>) {
    let place = |number: usize| {
        let starts = text.iter().enumerate().filter(|(_, byte)| (**byte as i8) >= -64);
        starts.map(|(at, _)| at).nth(number).unwrap_or(text.len())
    };
    out.extend_from_slice(&text[place(skip)..place(skip.saturating_add(count))]);
}
