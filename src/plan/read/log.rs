//! Log entries of auto_explain, in PostgreSQL's own log formats and as collectors pass them on.
//!
//! stderr puts a prefix before the first line of an entry and a tab before the others; syslog puts a prefix before each and writes
//! the tab as `#011`; csvlog quotes the entry, with its line ends, as one field; jsonlog makes one string of it.

use std::borrow::Cow;

/// `duration: 12.345 ms  plan:` somewhere in a line: the milliseconds.
pub(super) fn duration(text: &str) -> Option<f64> {
    let (before, _) = header(text)?;
    let start = before.rfind("duration:")?;
    before[start + "duration:".len()..].trim().strip_suffix("ms")?.trim().parse().ok()
}

/// What follows the header of an entry in the same line, unless that is nothing.
pub(super) fn after_header(line: &str) -> Option<&str> {
    header(line).map(|(_, after)| after).filter(|after| !after.trim().trim_matches('"').is_empty())
}

fn header(text: &str) -> Option<(&str, &str)> {
    let at = text.find("plan:")?;
    let before = text[..at].trim_end();
    before.ends_with("ms").then_some((before, &text[at + "plan:".len()..]))
}

/// A line without what syslog, Docker or Kubernetes put before it.
pub(super) fn without_collector(line: &str) -> &str {
    let mut rest = line;
    if let Some(after) = after_time(rest) {
        rest = after;
        for stream in ["stdout F ", "stderr F "] {
            rest = rest.strip_prefix(stream).unwrap_or(rest);
        }
    }
    after_part(rest).unwrap_or(rest)
}

/// What follows `2026-11-21T13:28:09.123456789Z `.
fn after_time(line: &str) -> Option<&str> {
    let (time, rest) = line.split_once(' ')?;
    let bytes = time.as_bytes();
    let digits = |from: usize, to: usize| bytes.get(from..to).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
    let is_time = digits(0, 4) && digits(5, 7) && digits(8, 10) && digits(11, 13) && bytes.get(10) == Some(&b'T');
    is_time.then_some(rest)
}

/// What follows syslog's `[5-2] ` (`log_entry-line`), the tab that it escaped left out: every line but the first has it.
fn after_part(line: &str) -> Option<&str> {
    const FAR: usize = 200;
    let mut end = line.len().min(FAR);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    let close = line[..end].match_indices("] ").map(|(at, _)| at).find(|close| {
        let Some(open) = line[..*close].rfind('[') else { return false };
        let Some((entry, part)) = line[open + 1..*close].split_once('-') else { return false };
        let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        number(entry) && number(part)
    })?;
    let rest = &line[close + 2..];
    Some(rest.strip_prefix("#011").unwrap_or(rest))
}

/// The lines of a jsonlog entry with a plan.
pub(super) fn json_messages(line: &str) -> Option<Vec<String>> {
    let trimmed = line.trim();
    if !(trimmed.starts_with('{') && trimmed.contains("\"message\"") && trimmed.contains("plan:")) {
        return None;
    }
    let value: serde_json::Value = serde_json::from_str(trimmed).ok()?;
    let message = value.get("message")?.as_str()?;
    let (before, after) = header(message)?;
    let head = format!("{before}  plan:");
    Some(std::iter::once(head).chain(after.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned)).collect())
}

/// Whether we are within the message of a csvlog entry, whose quotes are doubled and which ends at the first that is not.
#[derive(Default)]
pub(super) struct Csv {
    within: bool,
}

impl Csv {
    /// A line that begins an entry: the message is quoted if it is csvlog's.
    pub(super) fn begin(&mut self, line: &str) {
        self.within = line.contains(",\"duration:") && line.trim_end().ends_with("plan:");
    }

    /// A line of the message, unquoted.
    pub(super) fn take<'a>(&mut self, line: &'a str) -> Option<Cow<'a, str>> {
        if !self.within {
            return None;
        }
        let mut message = String::with_capacity(line.len());
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            if c == '"' && chars.next_if_eq(&'"').is_none() {
                self.within = false;
                return Some(Cow::Owned(message));
            }
            message.push(c);
        }
        Some(Cow::Owned(message))
    }
}
