//! Columns of text: how long, how many different, and what they are made of as far as that gives no value away.

use crate::learn::round::significant;
use crate::learn::yaml::Yaml;
use crate::scenario::model::{FakeKind, Template, TemplatePart, ValueSpec};
use crate::seed::types::Kind;

use super::{Described, Site, inferred};

/// Average length in characters, from the sample where there is one: the width of `pg_stats` is in bytes, header included.
pub fn length(site: &Site) -> usize {
    let lengths = lengths(site);
    if lengths.len() >= 5 {
        return (lengths.iter().sum::<usize>() as f64 / lengths.len() as f64).round() as usize;
    }
    let header = if site.facts.width <= 127.0 { 1.0 } else { 4.0 };
    (site.facts.width - header).max(1.0).round() as usize
}

fn lengths(site: &Site) -> Vec<usize> {
    site.facts.sample().map(|value| value.chars().count()).collect()
}

/// Text that may repeat.
pub fn described(site: &Site) -> Option<Described> {
    let distinct = site.facts.distinct.filter(|_| !site.facts.all_different());
    match distinct {
        Some(distinct) if distinct < site.facts.filled() * 0.5 => Some(repeated(site, distinct.round().max(1.0) as u64)),
        _ => different(site),
    }
}

/// A unique column, described only where the shape of its values tells more than its name, or where it has nulls.
pub fn unique(site: &Site) -> Option<Described> {
    if !matches!(site.of.kind, Kind::Text) {
        return None;
    }
    match format(site) {
        Some(found) => Some(found).filter(|found| found.value != inferred_yaml(&inferred(site, true))),
        None => super::nulls(site).is_some().then(|| Described::new(named(site, "{row}"), about(site))),
    }
}

/// A column of any type that has nothing to say but its nulls.
pub fn filler(site: &Site) -> Option<Described> {
    let template = match site.of.kind {
        Kind::Uuid => "{uuid}".to_owned(),
        Kind::Json | Kind::Jsonb => {
            format!("{{{{\"text\": \"{{alnum:{}}}\"}}}}", length(site).saturating_sub(12).clamp(1, 10_000))
        }
        Kind::Bytea => format!("{{alnum:{}}}", length(site).clamp(1, 10_000)),
        _ => return None,
    };
    Some(Described::new(Yaml::map([("template", Yaml::text(template))]), about(site)))
}

/// As many different texts as there are: the column's name, as long as the values are, and a number.
fn repeated(site: &Site, distinct: u64) -> Described {
    let why = format!("{} different, {}", crate::units::count(distinct), about(site));
    Described::new(named(site, &format!("{{int:1-{distinct}}}")), why)
}

fn named(site: &Site, number: &str) -> Yaml {
    let rows = site.facts.distinct.unwrap_or(site.facts.rows).max(1.0);
    let room = length(site).saturating_sub(significant(rows.round(), 15).len() + 1).clamp(1, 200);
    let name: String = site.column.name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let name = if name.is_empty() { "text".to_owned() } else { name };
    let long: String = format!("{name} ").chars().cycle().take(room).collect();
    Yaml::map([("template", Yaml::text(format!("{} {number}", long.trim_end())))])
}

/// Text of which nearly every row has its own.
fn different(site: &Site) -> Option<Described> {
    let inferred = inferred(site, false);
    if let Some(found) = format(site) {
        return (found.value != inferred_yaml(&inferred) || super::nulls(site).is_some()).then_some(found);
    }
    // A hash is as long as its kind makes it.
    if matches!(inferred, ValueSpec::Password { .. }) && length(site) >= 50 && super::nulls(site).is_none() {
        return None;
    }
    // Names, streets and the like are about as long as their column's name promises; prose is as long as it is.
    if let ValueSpec::Fake(kind) = &inferred
        && let Some((from, to)) = usual_length(*kind)
        && (from..=to).contains(&length(site))
    {
        return super::nulls(site).map(|_| Described::new(inferred_yaml(&inferred), about(site)));
    }
    let mut lengths = lengths(site);
    lengths.sort_unstable();
    let at = |share: f64| lengths.get((lengths.len() as f64 * share) as usize).copied().unwrap_or_else(|| length(site));
    let (from, to) = (words(at(0.1)), words(at(0.9)));
    let value = if from == to { from.to_string() } else { format!("{from}-{to}") };
    Some(Described::new(Yaml::map([("words", Yaml::word(value))]), about(site)))
}

/// Words of a title of so many characters: those of perflab's list have 5.6 letters on average.
fn words(characters: usize) -> usize {
    ((characters as f64 + 1.0) / 6.6).round().clamp(1.0, 1000.0) as usize
}

fn usual_length(kind: FakeKind) -> Option<(usize, usize)> {
    match kind {
        FakeKind::FirstName | FakeKind::LastName | FakeKind::City | FakeKind::Country => Some((4, 12)),
        FakeKind::Name | FakeKind::Street | FakeKind::Company | FakeKind::Phone => Some((9, 24)),
        _ => None,
    }
}

fn about(site: &Site) -> String {
    format!("{} characters on average", length(site))
}

/// A form that all of the sample have, told without a single one of them: so many digits, a UUID, an address.
fn format(site: &Site) -> Option<Described> {
    let sample: Vec<&str> = site.facts.sample().collect();
    let first = sample.first()?;
    let length = first.len();
    if sample.len() < 5 || length == 0 {
        return None;
    }
    let all = |is: fn(&str) -> bool| sample.iter().all(|value| is(value));
    let each = |is: fn(u8) -> bool| sample.iter().all(|value| value.len() == length && value.bytes().all(is));
    let template =
        |text: String| Some(Described::new(Yaml::map([("template", Yaml::text(text))]), format!("all of {length} characters")));
    let fake = |kind: &str| Some(Described::new(Yaml::map([("fake", Yaml::word(kind))]), about(site)));
    if all(is_uuid) {
        template("{uuid}".into())
    } else if all(|value| value.split_once('@').is_some_and(|(_, domain)| domain.contains('.') && !domain.contains(['@', ' ']))) {
        fake("email")
    } else if all(|value| value.starts_with("http://") || value.starts_with("https://")) {
        fake("url")
    } else if each(|b| b.is_ascii_digit()) {
        template(format!("{{digits:{length}}}"))
    } else if length >= 6 && each(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        template(format!("{{hex:{length}}}"))
    } else if length >= 6 && each(|b| b.is_ascii_lowercase()) {
        template(format!("{{letters:{length}}}"))
    } else if length >= 6 && each(|b| b.is_ascii_alphanumeric()) {
        template(format!("{{alnum:{length}}}"))
    } else {
        None
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(i, b)| if matches!(i, 8 | 13 | 18 | 23) { b == b'-' } else { b.is_ascii_hexdigit() })
}

/// How the forms above would be written, to know them again in what is inferred.
fn inferred_yaml(spec: &ValueSpec) -> Yaml {
    match spec {
        ValueSpec::Fake(kind) => {
            let word = FakeKind::ALL.iter().find(|(_, known)| known == kind).map_or("word", |(word, _)| word);
            Yaml::map([("fake", Yaml::word(word))])
        }
        ValueSpec::Template(Template { parts }) => {
            let text = match parts.as_slice() {
                [TemplatePart::Uuid] => "{uuid}".to_owned(),
                [TemplatePart::Hex(n)] => format!("{{hex:{n}}}"),
                [TemplatePart::Digits(n)] => format!("{{digits:{n}}}"),
                _ => String::new(),
            };
            Yaml::map([("template", Yaml::text(text))])
        }
        _ => Yaml::word(""),
    }
}
