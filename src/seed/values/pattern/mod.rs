//! Text that matches a regular expression.
//!
//! [`Pattern`] draws: each alternative, each length of a repetition and each character of a class is as likely as the others. Where
//! the texts of a column must differ, [`Language`] counts all texts of the expression and finds the n-th, so that a permutation of
//! the numbers is a permutation of the texts.

mod language;
mod node;

use crate::scenario::pattern::parse;
use crate::seed::rng::Stream;

pub use language::Language;
use node::{Limits, Node};

/// What a text can be drawn from.
#[derive(Debug, Clone)]
pub struct Pattern {
    root: Node,
    longest: u64,
}

/// Why no texts can be made of an expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternProblem {
    /// The parser's words, and what to write instead after a semicolon.
    #[error("{0}")]
    Syntax(String),
    #[error("the pattern `{0}` matches no text")]
    Nothing(String),
    #[error("every text of the pattern `{text}` has at least {shortest} characters, but the column holds {room}; shorten it")]
    TooLong { text: String, shortest: u64, room: usize },
    #[error("the pattern `{0}` is too long; a field of a service has fewer repetitions")]
    TooLarge(String),
}

/// `*`, `+` and `{n,}` repeat up to this many times more than they must.
const UNBOUNDED: u32 = 8;

/// Longer texts are the work of a nested repetition that nobody meant.
const LONGEST: u64 = 1 << 20;

impl Pattern {
    /// Reads an expression in the syntax of the `regex` crate, `(?i)` for either case included. Anchors and word boundaries are
    /// taken for granted. Unbounded repetitions end after a few rounds, and all of them earlier where `room`, the number of
    /// characters that fit, is small. Classes that were not spelled out (`.`, `\w`, `[^,]`) give printable ASCII.
    ///
    /// # Errors
    /// [`PatternProblem`] for what is no expression, matches nothing, or only texts that do not fit.
    pub fn new(text: &str, room: Option<usize>) -> Result<Pattern, PatternProblem> {
        let parsed = parse(text).map_err(|fault| match fault.help {
            Some(help) => PatternProblem::Syntax(format!("{}; {help}", fault.message)),
            None => PatternProblem::Syntax(fault.message),
        })?;
        let most = room.map_or(LONGEST, |room| room as u64);
        let tighter = [(UNBOUNDED, u32::MAX)]
            .into_iter()
            .chain([64, 32, 16, 8, 6, 5, 4, 3, 2, 1, 0].map(|more| (more.min(UNBOUNDED), more)));
        let mut shortest = 0;
        for (unbounded, bounded) in tighter {
            let limits = Limits { unbounded, bounded, ascii: text.is_ascii() };
            let root = Node::new(&parsed, limits).ok_or_else(|| PatternProblem::Nothing(text.to_owned()))?;
            let lengths = root.lengths();
            if lengths.1 <= most {
                return Ok(Pattern { root, longest: lengths.1 });
            }
            shortest = lengths.0;
        }
        Err(match room {
            Some(room) if shortest <= LONGEST => PatternProblem::TooLong { text: text.to_owned(), shortest, room },
            _ => PatternProblem::TooLarge(text.to_owned()),
        })
    }

    /// Characters of the longest text.
    pub fn longest(&self) -> u64 {
        self.longest
    }

    /// Appends a text.
    pub fn append(&self, stream: &mut Stream, out: &mut Vec<u8>) {
        self.root.append(stream, out);
    }

    /// All texts of the pattern, counted. `None`: the expression is too large to be counted (it has tens of thousands of places).
    pub fn language(&self) -> Option<Language> {
        Language::new(&self.root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::rng::Key;
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn drawn(pattern: &str, room: Option<usize>, count: u64) -> Vec<String> {
        let pattern = Pattern::new(pattern, room).unwrap();
        let key = Key::new(42, &["t", "c"]);
        (0..count)
            .map(|row| {
                let mut out = Vec::new();
                pattern.append(&mut key.stream(row), &mut out);
                String::from_utf8(out).unwrap()
            })
            .collect()
    }

    fn all(pattern: &str) -> Vec<String> {
        let language = Pattern::new(pattern, None).unwrap().language().unwrap();
        let mut stream = Key::new(1, &["t"]).stream(0);
        (0..language.size())
            .map(|number| {
                let mut out = Vec::new();
                language.append(number, &mut stream, &mut out);
                String::from_utf8(out).unwrap()
            })
            .collect()
    }

    #[test]
    fn every_choice_is_taken_about_as_often() {
        let texts = drawn(r"^(ok|bad|worse)-\d{1,3}(?i:x)?$", None, 3_000);
        for (needle, expected) in [("ok", 1000), ("bad", 1000), ("worse", 1000), ("x", 750), ("X", 750)] {
            let found = texts.iter().filter(|text| text.contains(needle)).count();
            assert!(found.abs_diff(expected) < 120, "{needle}: {found}");
        }
        let short = texts.iter().filter(|text| text.bytes().filter(u8::is_ascii_digit).count() == 1).count();
        assert!(short.abs_diff(1000) < 100, "{short}");
    }

    #[test]
    fn classes_nobody_spelled_out_are_printable_ascii() {
        for text in drawn(r".[^a]\w\s\d[[:punct:]]", None, 500) {
            assert!(text.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{text:?}");
            assert_eq!(text.len(), 6);
            assert_eq!(&text[3..4], " ");
        }
        assert!(drawn("[äöü]{2}", None, 20).iter().all(|text| text.chars().all(|c| "äöü".contains(c))));
    }

    #[test]
    fn repetitions_fit_the_room() {
        assert!(drawn("[a-z]+", Some(5), 200).iter().all(|text| (1..=5).contains(&text.len())));
        assert!(drawn("[A-Z]{2,40}-[0-9]{2,40}", Some(12), 200).iter().all(|text| (5..=12).contains(&text.len())));
        let refused = |pattern, room| Pattern::new(pattern, room).unwrap_err().to_string();
        assert!(refused("[a-z]{9}", Some(4)).contains("at least 9 characters, but the column holds 4"));
        assert!(refused("(((a{999}){999}){999}){999}", None).contains("too long"));
        assert!(refused("[a&&b]", None).contains("matches no text"));
        assert!(refused("(a", None).contains("unclosed group (at character 1); write"));
    }

    #[test]
    fn each_text_is_counted_once_however_many_ways_lead_to_it() {
        assert_eq!(all("(a|ab)(c|bc)"), ["abbc", "abc", "ac"]);
        assert_eq!(all("a{0,2}a{0,2}").len(), 5);
        assert_eq!(all("(?i)ab").len(), 4);
        assert_eq!(all("").len(), 1);
        let texts = all("[A-C]{1,3}(x|y)?");
        assert_eq!(texts.len(), (3 + 9 + 27) * 3);
        assert_eq!(texts.iter().collect::<HashSet<_>>().len(), texts.len());
    }

    #[test]
    fn spaces_beyond_counting_give_different_texts_all_over() {
        let language = Pattern::new("[a-z]{60}", None).unwrap().language().unwrap();
        assert_eq!(language.size(), 1 << 63);
        let key = Key::new(1, &["t"]);
        let texts: Vec<String> = (0..2_000)
            .map(|row| {
                let mut out = Vec::new();
                language.append(row, &mut key.stream(row), &mut out);
                String::from_utf8(out).unwrap()
            })
            .collect();
        assert_eq!(texts.iter().collect::<HashSet<_>>().len(), 2_000);
        assert_eq!(texts.iter().map(|text| text.as_bytes()[0]).collect::<HashSet<_>>().len(), 26, "every first letter");
    }

    proptest! {
        #[test]
        fn what_is_drawn_is_in_the_language(pattern in r"(a|b|[a-c]|\(a\|b\)|(ab)|c)([+*?]|\{1,2\})?(b|c|\(a\|bc\))?[?]?", seed: u64) {
            let Ok(drawer) = Pattern::new(&pattern, None) else { return Ok(()) };
            let texts: HashSet<String> = all(&pattern).into_iter().collect();
            prop_assert_eq!(texts.len() as u64, drawer.language().unwrap().size());
            let mut out = Vec::new();
            drawer.append(&mut Key::new(seed, &[]).stream(0), &mut out);
            prop_assert!(texts.contains(&String::from_utf8(out).unwrap()));
        }
    }
}
