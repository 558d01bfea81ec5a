//! Lines that are one: a string with a line end in it, and what a narrow window broke.

use std::borrow::Cow;

use super::list::Balance;
use super::tree;
use crate::plan::read::lines::{Kind, Lines, indent};

/// A line looks no further than this for the end of its string or bracket, so that reading stays linear.
const FAR: usize = 50;

/// A line with what belongs to it.
pub(super) struct Joined<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) lines: usize,
}

/// The next line. When it leaves a quote open, the lines up to the one that closes it belong to it, as they are; when it leaves
/// a bracket open, those that are no lines of a plan do.
pub(super) fn join(lines: &Lines, base: i64) -> Joined<'static> {
    let Some(line) = lines.peek(0) else { return Joined { text: Cow::Borrowed(""), lines: 1 } };
    let alone = Joined { text: Cow::Owned(line.text.clone().into_owned()), lines: 1 };
    let mut balance = Balance::of(&line.text);
    if balance.is_closed() {
        return alone;
    }
    let mut text = line.text.clone().into_owned();
    for ahead in 1..FAR {
        let Some(next) = lines.peek(ahead) else { return alone };
        let in_quotes = balance.in_quotes();
        if next.kind != Kind::Content && !(in_quotes && next.kind == Kind::Blank) {
            return alone;
        }
        if in_quotes {
            text.push('\n');
            text.push_str(without_indent(&next.raw, base).trim_end());
            balance.feed('\n');
            balance.feed_all(without_indent(&next.raw, base).trim_end());
        } else if tree::is_plan_line(&next.text) {
            return alone;
        } else {
            text.push(' ');
            text.push_str(&next.text);
            balance.feed(' ');
            balance.feed_all(&next.text);
        }
        if balance.is_closed() {
            return Joined { text: Cow::Owned(text), lines: ahead + 1 };
        }
    }
    alone
}

/// The text without the indentation that all lines of its plan have.
pub(super) fn without_indent(raw: &str, base: i64) -> &str {
    let mut rest = raw;
    while let Some(first) = rest.chars().next().filter(|c| c.is_whitespace()) {
        if indent(&raw[..raw.len() - rest.len() + first.len_utf8()]) > base {
            break;
        }
        rest = &rest[first.len_utf8()..];
    }
    rest
}
