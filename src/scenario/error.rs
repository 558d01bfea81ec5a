//! Mistakes in a scenario file: what is wrong, where, and what to write instead.
//!
//! A scenario is read to its end before anything is said, so that one look at the messages is enough to repair the file.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

use super::model::{Location, Source};

/// Why a scenario could not be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScenarioError {
    #[error("there is no scenario `{}`; name a YAML file, e.g. `perflab check scenarios/music.yaml`", path.display())]
    Missing { path: PathBuf },
    #[error("the scenario `{}` could not be read", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Invalid(#[from] ScenarioErrors),
}

/// One mistake of the file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    pub at: Location,
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

/// All mistakes of one file, in the order of their places.
#[derive(Debug, Clone)]
pub struct ScenarioErrors {
    pub source: Source,
    pub problems: Vec<Problem>,
}

/// What is wrong with a value, before it is known where the value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub message: String,
    pub help: Option<String>,
}

impl Fault {
    pub fn new(message: impl Into<String>) -> Self {
        Fault { message: message.into(), help: None }
    }

    pub fn with_help(message: impl Into<String>, help: impl Into<String>) -> Self {
        Fault { message: message.into(), help: Some(help.into()) }
    }

    /// An unknown word where one of `known` was meant.
    pub fn unknown<'a>(what: &str, word: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        Fault { message: format!("unknown {what} `{word}`"), help: did_you_mean(word, known) }
    }
}

/// Collects the mistakes of one file.
#[derive(Debug, Default)]
pub struct Problems {
    list: Vec<Problem>,
}

impl Problems {
    pub fn report(&mut self, at: Location, fault: Fault) {
        self.list.push(Problem { at, message: fault.message, help: fault.help });
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The value, or `None` after its fault was noted.
    pub fn keep<T>(&mut self, at: Location, result: Result<T, Fault>) -> Option<T> {
        result.map_err(|fault| self.report(at, fault)).ok()
    }

    /// All of them, sorted by place.
    pub fn into_errors(mut self, source: Source) -> ScenarioErrors {
        self.list.sort();
        self.list.dedup();
        ScenarioErrors { source, problems: self.list }
    }
}

/// The known word closest to `word`, as a question; without a close one, all of them when there are few.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(word, known.iter().copied()) {
        Some(near) => Some(format!("did you mean `{near}`?")),
        None if !known.is_empty() && known.len() <= LISTED_AT_MOST => {
            let quoted: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
            Some(if quoted.len() == 1 {
                format!("only {} is known here", quoted[0])
            } else {
                format!("known here: {}", quoted.join(", "))
            })
        }
        None => None,
    }
}

/// More names than this would hide the message they belong to.
const LISTED_AT_MOST: usize = 20;

fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    known
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        // A third of the letters may be wrong: further off, a guess is more often a distraction than a help.
        .filter(|(distance, candidate)| *distance <= (candidate.chars().count().max(lower.chars().count()) / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

impl Error for ScenarioErrors {}

impl fmt::Display for ScenarioErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<&str> = self.source.text.lines().collect();
        let path = self.source.path.display();
        for problem in &self.problems {
            let Location { line, column } = problem.at;
            writeln!(f, "error: {}", problem.message)?;
            let shown = lines.get((line as usize).saturating_sub(1)).copied().unwrap_or_default();
            let number = line.to_string();
            let gutter = " ".repeat(number.len());
            writeln!(f, "{gutter}--> {path}:{line}:{column}")?;
            let (text, caret) = window(shown, column as usize);
            writeln!(f, "{gutter} |\n{number} | {text}\n{gutter} | {}^", " ".repeat(caret))?;
            if let Some(help) = &problem.help {
                writeln!(f, "{gutter} = help: {help}")?;
            }
            writeln!(f)?;
        }
        match self.problems.len() {
            1 => write!(f, "1 mistake in {path}"),
            n => write!(f, "{n} mistakes in {path}"),
        }
    }
}

/// A line as a terminal can show it, and how many characters stand before the caret. Lines that are too long are cut around
/// the column (from 1).
fn window(line: &str, column: usize) -> (String, usize) {
    let chars: Vec<char> = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let caret = column.saturating_sub(1).min(chars.len());
    if chars.len() <= WIDTH {
        return (chars.into_iter().collect::<String>().trim_end().to_owned(), caret);
    }
    let from = caret.saturating_sub(WIDTH / 2).min(chars.len() - WIDTH);
    let to = from + WIDTH;
    let mut text: String = chars[from..to].iter().collect();
    let mut caret = caret - from;
    if from > 0 {
        text.insert(0, '…');
        caret += 1;
    }
    if to < chars.len() {
        text.push('…');
    }
    (text, caret)
}

/// Characters of a line that are shown at most: a terminal of 120 columns less the gutter.
const WIDTH: usize = 110;

#[cfg(test)]
mod tests {
    use super::*;

    fn render(text: &str, problems: &[(u32, u32, &str, Option<&str>)]) -> String {
        let mut collected = Problems::default();
        for (line, column, message, help) in problems {
            let fault = Fault { message: (*message).to_owned(), help: help.map(str::to_owned) };
            collected.report(Location { line: *line, column: *column }, fault);
        }
        collected.into_errors(Source { path: "music.yaml".into(), text: text.to_owned() }).to_string()
    }

    #[test]
    fn shows_the_line_a_caret_and_the_count() {
        let text = "name: music\nendpoints:\n  - wieght: 3\n";
        let shown = render(text, &[(3, 5, "unknown key `wieght`", Some("did you mean `weight`?")), (1, 1, "first", None)]);
        insta::assert_snapshot!(shown, @r"
        error: first
         --> music.yaml:1:1
          |
        1 | name: music
          | ^

        error: unknown key `wieght`
         --> music.yaml:3:5
          |
        3 |   - wieght: 3
          |     ^
          = help: did you mean `weight`?

        2 mistakes in music.yaml
        ");
    }

    #[test]
    fn a_long_line_is_cut_around_the_caret() {
        let line = format!("{}X{}", "a".repeat(300), "b".repeat(300));
        let (text, caret) = window(&line, 301);
        assert_eq!(text.chars().nth(caret), Some('X'));
        assert!(text.chars().count() <= WIDTH + 2 && text.starts_with('…') && text.ends_with('…'));
    }

    #[test]
    fn places_outside_of_the_text_do_not_matter() {
        assert!(render("", &[(9, 9, "past the end", None)]).contains("music.yaml:9:9"));
        assert_eq!(window("ab", 40), ("ab".to_owned(), 2));
    }

    #[test]
    fn near_words_are_offered_and_far_ones_are_not() {
        assert_eq!(did_you_mean("playlist", ["playlists", "users"]).as_deref(), Some("did you mean `playlists`?"));
        assert_eq!(did_you_mean("Rows", ["rows", "order"]).as_deref(), Some("did you mean `rows`?"));
        assert_eq!(did_you_mean("xyz", ["rows", "order"]).as_deref(), Some("known here: `rows`, `order`"));
        assert_eq!(did_you_mean("xyz", []), None);
    }
}
