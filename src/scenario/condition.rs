//! `when:`, whether a step runs.

use super::error::Fault;

/// A condition over the results of earlier steps of the same call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// `position is empty`: the step returned no row (or did not run).
    Empty { step: String },
    /// `position is not empty`
    NotEmpty { step: String },
    /// `mood.mood is null`: no row, or NULL in its first row.
    Null { step: String, column: String },
    /// `mood.mood is not null`
    NotNull { step: String, column: String },
    /// `a and b`
    All(Vec<Condition>),
}

impl Condition {
    /// Reads `STEP is [not] empty` and `STEP.COLUMN is [not] null`, joined by `and`.
    ///
    /// # Errors
    /// When a part is neither, with the form it resembles most.
    pub fn parse(text: &str) -> Result<Condition, Fault> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let mut parts = Vec::new();
        for part in words.split(|word| word.eq_ignore_ascii_case("and")) {
            parts.push(simple(part)?);
        }
        Ok(match parts.len() {
            1 => parts.remove(0),
            _ => Condition::All(parts),
        })
    }

    /// Every step the condition asks about.
    pub fn steps(&self) -> Vec<&str> {
        match self {
            Condition::Empty { step } | Condition::NotEmpty { step } => vec![step],
            Condition::Null { step, .. } | Condition::NotNull { step, .. } => vec![step],
            Condition::All(parts) => parts.iter().flat_map(Condition::steps).collect(),
        }
    }
}

fn simple(words: &[&str]) -> Result<Condition, Fault> {
    let lower: Vec<String> = words.iter().skip(1).map(|word| word.to_ascii_lowercase()).collect();
    let tail: Vec<&str> = lower.iter().map(String::as_str).collect();
    let subject = words.first().copied().unwrap_or_default();
    let field = subject.split_once('.').map(|(step, column)| (step.to_owned(), column.to_owned()));
    let whole = || subject.to_owned();
    match (tail.as_slice(), field) {
        (["is", "empty"], None) if word(subject) => Ok(Condition::Empty { step: whole() }),
        (["is", "not", "empty"], None) if word(subject) => Ok(Condition::NotEmpty { step: whole() }),
        (["is", "null"], Some((step, column))) if word(&step) && word(&column) => Ok(Condition::Null { step, column }),
        (["is", "not", "null"], Some((step, column))) if word(&step) && word(&column) => Ok(Condition::NotNull { step, column }),
        (["is", .., "empty"], Some((step, _))) => Err(Fault::with_help(
            format!("`{subject}` is a column, and only a step can be empty"),
            format!("write `{step} is empty`"),
        )),
        (["is", .., "null"], None) if word(subject) => {
            let help = format!("write `{subject}.COLUMN is null`, or `{subject} is empty`");
            Err(Fault::with_help(format!("`{subject}` is a step, and only a column can be null"), help))
        }
        _ => {
            let help =
                "write `STEP is empty`, `STEP is not empty`, `STEP.COLUMN is null` or `STEP.COLUMN is not null`, joined by `and`";
            Err(Fault::with_help(format!("`{}` is not a condition", words.join(" ")), help))
        }
    }
}

fn word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn step(name: &str) -> String {
        name.to_owned()
    }

    #[test]
    fn reads_each_form() {
        assert_eq!(Condition::parse("position is empty"), Ok(Condition::Empty { step: step("position") }));
        assert_eq!(Condition::parse(" position  IS NOT empty "), Ok(Condition::NotEmpty { step: step("position") }));
        let null = Condition::Null { step: step("mood"), column: step("mood") };
        assert_eq!(Condition::parse("mood.mood is null"), Ok(null.clone()));
        let joined = Condition::parse("mood.mood is null and ad is not empty").expect("a condition");
        assert_eq!(joined, Condition::All(vec![null, Condition::NotEmpty { step: step("ad") }]));
        assert_eq!(joined.steps(), ["mood", "ad"]);
    }

    #[test]
    fn says_what_it_would_have_understood() {
        assert!(Condition::parse("mood is null").unwrap_err().message.contains("only a column"));
        assert!(Condition::parse("mood.x is empty").unwrap_err().message.contains("only a step"));
        for bad in ["", "mood", "mood is", "mood is full", "a is empty and", "a or b is empty", "a b is empty", "1a is empty"] {
            assert!(Condition::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "[a-z. ]{0,30}|((a|is|not|null|empty|and|a\\.b) ){0,8}") {
            let _ = Condition::parse(&text);
        }
    }
}
