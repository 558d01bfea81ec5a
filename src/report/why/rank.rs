//! Which of several values that look the same is meant: the one that the line speaks of.

use std::collections::HashMap;
use std::rc::Rc;

use super::Origin;
use super::index::{Index, Source, words_around};
use super::numeral::Numeral;
use super::page::Line;

/// Points of likelihood. Only their order matters: what the line names outweighs what the heading names, both outweigh the name of a
/// key, and a value that stands there outweighs one that has to be computed.
const NAMED_BESIDE: i32 = 10;
const NAMED_ON_THE_LINE: i32 = 7;
const NAMED_IN_A_HEADING: i32 = 5;
const OF_ANOTHER: i32 = -5;
const WORD_OF_THE_KEY: i32 = 3;
const WORD_OF_THE_PATH: i32 = 1;
const UNIT: i32 = 2;
const SAME_NEIGHBOUR: i32 = 4;
const DERIVED: i32 = -3;
const RAW_PLAN: i32 = -6;
/// The report seldom rounds but as [`crate::units`] does for the kind of figure.
const ROUNDED: i32 = -3;
/// What is counted is said in words, and so is which statement is meant.
const IN_WORDS: i32 = 6;

/// Small numbers stand everywhere; as many are looked at closely as what they belong to makes likely.
const LOOKED_AT: usize = 60;

/// Where a sentence or a half of one ends.
const ENDS: [&str; 3] = [". ", "; ", ": "];

/// The likeliest sources of the number, and how many it has in all.
pub fn ranked(index: &Index, line: &Line, numeral: &Numeral) -> (Vec<Origin>, usize) {
    let unit = if numeral.unit == "ms" { "" } else { numeral.unit.as_str() };
    let mut found = index.find(&numeral.core, unit);
    if !unit.is_empty() {
        // A text has its unit in its own words, and a table may have it in its header.
        found.extend(index.find(&numeral.core, "").into_iter().filter(|(source, _)| source.around.is_some()));
    }
    let context = Context::of(line, numeral);
    let mut named: HashMap<*const Vec<Vec<String>>, (i32, bool)> = HashMap::new();
    let mut scored: Vec<(i32, &Source, &'static str, bool)> = Vec::with_capacity(found.len());
    for (source, name) in found {
        let (belongs, fits) = *named.entry(Rc::as_ptr(&source.of)).or_insert_with(|| {
            let points: Vec<i32> = source.of.iter().map(|names| context.speaks_of(names)).collect();
            (points.iter().sum(), points.iter().all(|points| *points >= 0))
        });
        scored.push((belongs + context.first_glance(source, name), source, name, fits));
    }
    let all = scored.len();
    scored.sort_by_key(|(score, ..)| -score);
    scored.truncate(LOOKED_AT);
    for (score, source, ..) in &mut scored {
        *score += context.second_glance(source);
    }
    scored.sort_by(|(a, one, ..), (b, other, ..)| {
        let size = |source: &Source| (source.pointers.len(), source.pointers[0].len());
        b.cmp(a).then_with(|| size(one).cmp(&size(other))).then_with(|| one.pointers.cmp(&other.pointers))
    });
    let mut origins: Vec<Origin> = Vec::new();
    for (_, source, name, fits) in scored {
        let origin = source.origin(name, fits);
        // One ratio upside down is the other.
        let same = |other: &Origin| {
            other.derived == origin.derived
                && other.pointers.len() == origin.pointers.len()
                && origin.pointers.iter().all(|pointer| other.pointers.contains(pointer))
        };
        if !origins.iter().any(same) {
            origins.push(origin);
        }
    }
    (origins, all)
}

/// What the page says around a number.
struct Context {
    /// The sentence, or the row.
    sentence: String,
    line: String,
    headings: String,
    /// Words of the column's header, or around the number.
    near: Vec<String>,
    /// Words of the line and the headings.
    wide: Vec<String>,
    /// The numbers of statements that the line names.
    statements: Vec<String>,
    around: (String, String),
    unit: String,
}

impl Context {
    fn of(line: &Line, numeral: &Numeral) -> Context {
        let headings = line.headings.join("\n");
        let header = line.header(numeral.start);
        let near = if header.is_empty() {
            let (before, after) = line.text.split_at(numeral.start);
            let before: Vec<String> = words(before).into_iter().rev().take(4).collect();
            before
                .into_iter()
                .chain(words(after.get(numeral.end - numeral.start..).unwrap_or_default()).into_iter().take(4))
                .collect()
        } else {
            words(header)
        };
        let start = ENDS.iter().filter_map(|end| Some(line.text[..numeral.start].rfind(end)? + end.len())).max();
        let end = ENDS.iter().filter_map(|end| line.text[numeral.end..].find(end)).min();
        let start = if header.is_empty() { start.unwrap_or(0) } else { 0 };
        let end = end.filter(|_| header.is_empty()).map_or(line.text.len(), |end| numeral.end + end);
        Context {
            sentence: line.text[start..end].to_owned(),
            wide: words(&format!("{} {headings}", line.text)),
            statements: statements(&line.text),
            line: line.text.clone(),
            near,
            headings,
            around: words_around(&line.text, numeral.start, numeral.end),
            unit: numeral.unit.clone(),
        }
    }

    /// What is quickly seen.
    fn first_glance(&self, source: &Source, printed_as: &str) -> i32 {
        let counts = source.derived.as_ref().is_some_and(|how| how.starts_with("number of"));
        let mut score = match printed_as {
            "rounded" => ROUNDED,
            "count in words" if counts && !source.derived.as_ref().is_some_and(|how| how.contains("without")) => IN_WORDS,
            "place in words" if source.key == "step" => IN_WORDS,
            _ => 0,
        };
        if let Some((before, after)) = &source.around {
            let alike = |one: &str, other: &str| i32::from(!one.is_empty() && one == other);
            score += SAME_NEIGHBOUR * (alike(before, &self.around.0) + alike(after, &self.around.1)) - 1;
        }
        if source.derived.is_some() {
            score += DERIVED;
        }
        let raw = |pointer: &String| {
            pointer.ends_with("/text") || ["/json/", "/blocks/", "/histogram/"].iter().any(|part| pointer.contains(part))
        };
        score + RAW_PLAN * i32::from(source.pointers.iter().any(raw))
    }

    /// What its words say.
    fn second_glance(&self, source: &Source) -> i32 {
        let key = words(&source.key);
        let mut score = WORD_OF_THE_KEY * count(key.iter().filter(|word| self.near.contains(word)));
        let path = words(&source.pointers.join(" "));
        score += WORD_OF_THE_PATH * count(path.iter().filter(|word| self.wide.contains(word)));
        let unit = source.key.rsplit('_').next().unwrap_or_default();
        let same = match self.unit.as_str() {
            "ms" => unit == "ms",
            "s" => matches!(unit, "ms" | "seconds"),
            "MB" | "kB" | "GB" | "bytes" => unit == "bytes",
            "%" => matches!(unit, "share" | "cpu"),
            "×" => unit == "ratio",
            _ => false,
        };
        score + UNIT * i32::from(same)
    }

    /// Whether an object around the source is one that the page speaks of here, by any of its names.
    fn speaks_of(&self, names: &[String]) -> i32 {
        let of = |name: &String| {
            if self.sentence.contains(name) {
                NAMED_BESIDE
            } else if self.line.contains(name) {
                NAMED_ON_THE_LINE
            } else if self.headings.contains(name) {
                NAMED_IN_A_HEADING
            } else if let Some(number) = name.strip_prefix("statement ") {
                // The page says it once and goes on.
                if self.statements.iter().any(|said| said == number) { NAMED_ON_THE_LINE } else { 0 }
            } else {
                OF_ANOTHER
            }
        };
        names.iter().map(of).max().unwrap_or_default()
    }
}

fn count<T>(items: impl Iterator<Item = T>) -> i32 {
    i32::try_from(items.count()).unwrap_or(i32::MAX)
}

/// In lower case, without digits alone.
fn words(text: &str) -> Vec<String> {
    let parts = text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    parts.filter(|part| !part.chars().all(|c| c.is_ascii_digit())).map(str::to_lowercase).collect()
}

/// The numbers behind the word, and that of a row of a table of statements.
fn statements(text: &str) -> Vec<String> {
    let number = |rest: &str| rest.trim_start().chars().take_while(char::is_ascii_digit).collect::<String>();
    let said = text.to_lowercase();
    let mut found: Vec<String> = said.split("statement").skip(1).map(number).collect();
    found.extend(text.strip_prefix("| ").map(number));
    found.retain(|number| !number.is_empty());
    found
}
