//! The lines of a text, each freed of what programs and people put around a plan: table borders, continuation signs, quotes of
//! CSV, `>` of a reply, comment signs, prefixes of log collectors. What is left is what EXPLAIN printed, with its indentation.

use std::borrow::Cow;
use std::cell::Cell;

use super::frame;

/// What a line is, beside a plan's own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// Maybe a plan's.
    Content,
    /// Empty, or a border.
    Blank,
    /// `QUERY PLAN`
    Heading,
    /// `(7 rows)` or the fence of a code block: no plan goes on after it.
    End,
    /// A log entry of auto_explain begins; the statement took this long, ms.
    Log(f64),
}

/// A line without its frame.
#[derive(Debug, Clone)]
pub(super) struct Line<'a> {
    /// From 1, in the text handed in.
    pub(super) number: usize,
    pub(super) kind: Kind,
    /// Without its frame, its indentation and the blanks at its end.
    pub(super) text: Cow<'a, str>,
    /// Without its frame, with its indentation.
    pub(super) raw: Cow<'a, str>,
    /// Columns of indentation; a tab counts as eight, since all that matters is which line is further in.
    pub(super) indent: i64,
    /// Characters before `text` in the line as it was handed in.
    pub(super) before: usize,
}

/// All lines, and how often one was looked at: the work, which has to stay in proportion to the lines.
pub(super) struct Lines<'a> {
    lines: Vec<Line<'a>>,
    next: usize,
    looks: Cell<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Lines { lines: frame::unwrap(text), next: 0, looks: Cell::new(0) }
    }

    /// The next line, or the one `ahead` of it.
    pub(super) fn peek(&self, ahead: usize) -> Option<&Line<'a>> {
        self.looks.set(self.looks.get() + 1);
        self.lines.get(self.next + ahead)
    }

    pub(super) fn skip(&mut self, lines: usize) {
        self.next += lines;
    }

    /// The line passed last.
    pub(super) fn passed(&self) -> Option<&Line<'a>> {
        self.lines.get(self.next.checked_sub(1)?)
    }

    pub(super) fn len(&self) -> usize {
        self.lines.last().map_or(0, |line| line.number)
    }

    /// Every line with text in it.
    pub(super) fn contents(&self) -> impl Iterator<Item = &Line<'a>> {
        self.lines.iter().filter(|line| line.kind != Kind::Blank)
    }

    #[cfg(test)]
    pub(super) fn looks(&self) -> usize {
        self.looks.get()
    }
}

/// Columns of blanks at the start of a text.
pub(super) fn indent(text: &str) -> i64 {
    text.chars().take_while(|c| c.is_whitespace()).map(|c| if c == '\t' { 8 } else { 1 }).sum()
}
