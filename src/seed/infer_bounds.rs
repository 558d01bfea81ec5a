//! Descriptions that CHECK constraints ask for: patterns, lengths, and moments between bounds.

use crate::scenario::model::{FakeKind, ValueSpec};

use super::check::Facts;
use super::encode::EPOCH_US;
use super::text::{append_text, moment};
use super::types::{Kind, PgType};
use super::values::Pattern;

const DAY_US: i64 = 86_400_000_000;
/// 2026-01-01, where the moments of a scenario end unless it says otherwise.
const USUAL_END_US: i64 = 1_767_225_600_000_000;
/// The moments that nobody describes reach back a year.
const YEAR_US: i64 = 365 * DAY_US;

/// What a text must be like, where its name promises something else.
pub fn text(usual: &ValueSpec, of: &PgType, facts: &Facts) -> Option<ValueSpec> {
    if let Some(pattern) = &facts.pattern {
        let kept = match usual {
            ValueSpec::Fake(FakeKind::Email) => pattern.contains('@'),
            ValueSpec::Fake(FakeKind::Url) => pattern.contains("http"),
            _ => false,
        };
        let whole = anchored(pattern);
        return (!kept && Pattern::new(&whole, of.max_chars).is_ok()).then_some(ValueSpec::Pattern(whole));
    }
    let small = matches!(usual, ValueSpec::Fake(FakeKind::Email | FakeKind::Username | FakeKind::Url));
    if let Some(capitals) = facts.capitals.filter(|capitals| *capitals || !small) {
        let (least, most) = (facts.min_chars.max(4), of.max_chars.unwrap_or(10).max(1));
        let letters = if capitals { "A-Z" } else { "a-z" };
        return Some(ValueSpec::Pattern(format!("[{letters}]{{{},{}}}", least.min(most), most.min(least.max(10)))));
    }
    if facts.min_chars <= shortest(usual) {
        return None;
    }
    let most = of.max_chars.unwrap_or(usize::MAX);
    Some(if most <= 16 || most < facts.min_chars + 4 {
        ValueSpec::Pattern(format!("[A-Za-z]{{{},{}}}", facts.min_chars, most.max(facts.min_chars)))
    } else {
        let min = facts.min_chars as u64;
        let max = (most < usize::MAX).then_some(most as u64);
        ValueSpec::Prose { median: (min as f64 * 1.5).min(most as f64), sigma: 0.3, min, max }
    })
}

/// Characters that a description always has.
fn shortest(usual: &ValueSpec) -> usize {
    match usual {
        ValueSpec::Fake(FakeKind::Email | FakeKind::Url | FakeKind::Sentence) => 12,
        ValueSpec::Fake(FakeKind::Paragraph) => 40,
        ValueSpec::Fake(FakeKind::Name | FakeKind::Street | FakeKind::Phone) => 5,
        ValueSpec::Template(_) => 6,
        ValueSpec::Password { .. } => 97,
        _ => 2,
    }
}

/// Letters where an expression may begin or end in the middle of a text.
fn anchored(pattern: &str) -> String {
    let (flags, body) = match pattern.strip_prefix("(?i)") {
        Some(body) => ("(?i)", body),
        None => ("", pattern),
    };
    let before = if body.contains('^') && !body.contains("[^") || body.starts_with('^') { "" } else { "[a-z]{2,6}" };
    let after = if body.contains('$') { "" } else { "[a-z]{2,6}" };
    if before.is_empty() && after.is_empty() { pattern.to_owned() } else { format!("{flags}{before}(?:{body}){after}") }
}

/// Moments between bounds, where those that nobody describes would leave them.
pub fn moments(of: &PgType, facts: &Facts) -> Option<ValueSpec> {
    let step = if of.kind == Kind::Date { DAY_US } else { 1_000_000 };
    if matches!(of.kind, Kind::Time | Kind::Timetz) {
        let bound =
            |bound: &Option<(String, bool)>, usual: &str| bound.as_ref().map_or(usual.to_owned(), |(text, _)| text.clone());
        let bounded = facts.since.is_some() || facts.until.is_some();
        return bounded
            .then(|| ValueSpec::Between { low: bound(&facts.since, "00:00:01"), high: bound(&facts.until, "23:59:59") });
    }
    let inside = |bound: &Option<(String, bool)>, step: i64| match bound {
        Some((text, included)) => moment(text).map(|moment| Some(if *included { moment } else { moment.saturating_add(step) })),
        None => Some(None),
    };
    let (low, high) = (inside(&facts.since, step)?, inside(&facts.until, -step)?);
    let (low, high) = match (low, high) {
        (None, None) => return None,
        (Some(low), Some(high)) => (low, high),
        (Some(low), None) if low <= USUAL_END_US - YEAR_US => return None,
        (Some(low), None) => (low, low.saturating_add(YEAR_US)),
        (None, Some(high)) if high >= USUAL_END_US => return None,
        (None, Some(high)) => (high.saturating_sub(YEAR_US), high),
    };
    Some(ValueSpec::Between { low: printed(low, of.kind), high: printed(high, of.kind) })
}

fn printed(unix_us: i64, kind: Kind) -> String {
    let mut text = Vec::new();
    append_text(Kind::Timestamptz, &unix_us.saturating_sub(EPOCH_US).to_be_bytes(), &mut text);
    let text = String::from_utf8_lossy(&text).into_owned();
    if kind == Kind::Date { text[..text.find('T').unwrap_or(text.len())].to_owned() } else { text }
}
