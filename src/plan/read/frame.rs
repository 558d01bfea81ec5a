//! Taking the frame off each line.

use std::borrow::Cow;

use super::lines::{Kind, Line, indent};
use super::log;

/// Every line of a text without what stands around it.
pub(super) fn unwrap(text: &str) -> Vec<Line<'_>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // psql ends the lines of a cell with `+` (`↵` in its Unicode style). One line alone that ends so is a plan's own.
    let ends: Vec<bool> = text.lines().map(|line| cell(line).trim_end().ends_with(['+', '↵'])).collect();
    let mut lines = Vec::with_capacity(ends.len());
    let mut csv = log::Csv::default();
    for (i, line) in text.lines().enumerate() {
        let continued = ends[i] && (ends.get(i + 1) == Some(&true) || i > 0 && ends[i - 1]);
        if let Some(messages) = log::json_messages(line) {
            let number = i + 1;
            lines.extend(messages.into_iter().map(|message| finish(number, 0, Cow::Owned(message))));
            continue;
        }
        let content = match csv.take(line) {
            Some(content) => content,
            None => Cow::Borrowed(peel(line, continued)),
        };
        let before = offset(line, &content);
        let mut finished = finish(i + 1, before, content);
        if let Kind::Log(_) = finished.kind {
            csv.begin(line);
            lines.push(finished.clone());
            // JSON may follow on the same line.
            let Some(rest) = log::after_header(line) else { continue };
            finished = finish(i + 1, line.len() - rest.len(), Cow::Borrowed(rest));
            if finished.kind == Kind::Blank {
                continue;
            }
        }
        lines.push(finished);
    }
    lines
}

/// Characters of `line` before `content`, when it is a part of it.
fn offset(line: &str, content: &str) -> usize {
    let bytes = (content.as_ptr() as usize).wrapping_sub(line.as_ptr() as usize);
    line.get(..bytes).map_or(0, |before| before.chars().count())
}

fn finish(number: usize, before: usize, content: Cow<'_, str>) -> Line<'_> {
    let raw = tidy(unquote(content));
    let text = trimmed(&raw);
    let start = raw.len() - raw.trim_start().len();
    let before = before + raw[..start].chars().count();
    Line { number, kind: kind(&text), indent: indent(&raw), before, text, raw }
}

fn trimmed<'a>(raw: &Cow<'a, str>) -> Cow<'a, str> {
    match raw {
        Cow::Borrowed(raw) => Cow::Borrowed(raw.trim()),
        Cow::Owned(raw) => Cow::Owned(raw.trim().to_owned()),
    }
}

/// Blanks of web pages and what HTML makes of an arrow.
fn tidy(content: Cow<'_, str>) -> Cow<'_, str> {
    if content.contains('\u{a0}') || content.contains("-&gt;") {
        Cow::Owned(content.replace('\u{a0}', " ").replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&"))
    } else {
        content
    }
}

/// The line without prefixes, borders and continuation signs.
fn peel(line: &str, continued: bool) -> &str {
    let mut rest = log::without_collector(line);
    while let Some(quoted) = rest.trim_start().strip_prefix('>') {
        rest = quoted.strip_prefix(' ').unwrap_or(quoted);
    }
    rest = cell(rest);
    if continued {
        let trimmed = rest.trim_end();
        rest = trimmed.strip_suffix(['+', '↵']).unwrap_or(trimmed);
    }
    comment(rest)
}

/// The content of a table's only cell: of psql's borders, of Markdown, of psql's expanded display, of a log collector.
fn cell(line: &str) -> &str {
    const BORDERS: [char; 3] = ['|', '│', '║'];
    let trimmed = line.trim_start();
    if let Some(rest) = trimmed.strip_prefix(BORDERS) {
        let end = rest.trim_end();
        let inner = end.strip_suffix(BORDERS).unwrap_or(end);
        // psql's expanded display with a border all around has the heading in a cell before.
        return match inner.split_once(BORDERS) {
            Some((name, rest)) if matches!(name.trim(), "" | "QUERY PLAN") => rest,
            _ => inner,
        };
    }
    let Some((name, rest)) = trimmed.split_once(BORDERS) else { return line };
    let name = name.trim_end();
    let named = name == "QUERY PLAN" || !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "._-".contains(c));
    // A border has a blank on its right, or nothing.
    if named && (rest.is_empty() || rest.starts_with([' ', '\t'])) { &rest[rest.len().min(1)..] } else { line }
}

/// A line of a comment or of a list without its sign.
fn comment(line: &str) -> &str {
    let trimmed = line.trim_start();
    ["-- ", "// ", "# ", "* ", "- "].iter().find_map(|sign| trimmed.strip_prefix(sign)).unwrap_or(line)
}

/// A cell of CSV, which doubles the quotes inside.
fn unquote(content: Cow<'_, str>) -> Cow<'_, str> {
    let trimmed = content.trim();
    let Some(inner) = trimmed.strip_prefix('"').and_then(|rest| rest.trim_end_matches([',', ';']).strip_suffix('"')) else {
        return content;
    };
    // `"*VALUES*".a = "x"` is no cell.
    if inner.replace("\"\"", "").contains('"') {
        return content;
    }
    Cow::Owned(inner.replace("\"\"", "\""))
}

fn kind(text: &str) -> Kind {
    if text.is_empty() || is_rule(text) {
        return Kind::Blank;
    }
    if text.trim_matches('"').eq_ignore_ascii_case("query plan") {
        return Kind::Heading;
    }
    if text.starts_with("```") || text.starts_with("~~~") || is_footer(text) {
        return Kind::End;
    }
    log::duration(text).map_or(Kind::Content, Kind::Log)
}

/// A border or the line under a heading; also the one between the records of psql's expanded display.
fn is_rule(text: &str) -> bool {
    let dashes = text.chars().filter(|c| "-─═=".contains(*c)).count();
    dashes >= 3 && (text.chars().all(|c| "-─═=+|│║┼┌┐└┘├┤┬┴╪╔╗╚╝: ".contains(c)) || text.contains("[ RECORD "))
}

/// `(7 rows)` in whatever language psql speaks.
fn is_footer(text: &str) -> bool {
    let Some((count, word)) =
        text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).and_then(|in_it| in_it.split_once(' '))
    else {
        return false;
    };
    !count.is_empty() && count.bytes().all(|b| b.is_ascii_digit()) && word.chars().all(char::is_alphabetic)
}
