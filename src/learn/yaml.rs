//! YAML as a person would write it: one line where one is enough, quotes only where they are needed.

/// A value to be written.
#[derive(Debug, Clone, PartialEq)]
pub enum Yaml {
    /// Words of a scenario's own vocabulary and numbers, written as they are: `1-5`, `3%/week`, `poisson`.
    Word(String),
    /// Text from elsewhere, quoted where it could be read as something else.
    Text(String),
    Map(Vec<(Yaml, Yaml)>),
    List(Vec<Yaml>),
}

impl Yaml {
    pub fn word(text: impl Into<String>) -> Yaml {
        Yaml::Word(text.into())
    }

    pub fn text(text: impl Into<String>) -> Yaml {
        Yaml::Text(text.into())
    }

    /// A mapping whose keys are words.
    pub fn map<const N: usize>(entries: [(&str, Yaml); N]) -> Yaml {
        Yaml::Map(entries.into_iter().map(|(key, value)| (Yaml::word(key), value)).collect())
    }

    /// The mapping with one entry more; anything else as it is.
    pub fn with(mut self, key: &str, value: Yaml) -> Yaml {
        if let Yaml::Map(entries) = &mut self {
            entries.push((Yaml::word(key), value));
        }
        self
    }

    /// On one line.
    pub fn inline(&self) -> String {
        match self {
            Yaml::Word(word) => word.clone(),
            Yaml::Text(text) => quoted(text),
            Yaml::List(items) => format!("[{}]", items.iter().map(Yaml::inline).collect::<Vec<_>>().join(", ")),
            Yaml::Map(entries) => {
                let entries = entries.iter().map(|(key, value)| format!("{}: {}", key.inline(), value.inline()));
                format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// `key: value` at an indentation, without the last line's end: on one line up to `width` characters, else an entry per line.
    pub fn block(&self, key: &str, indent: usize, width: usize) -> String {
        let pad = " ".repeat(indent);
        let one_line = format!("{pad}{key}: {}", self.inline());
        match self {
            Yaml::Map(entries) if one_line.chars().count() > width => {
                let lines = entries.iter().map(|(key, value)| value.block(&key.inline(), indent + 2, width));
                format!("{pad}{key}:\n{}", lines.collect::<Vec<_>>().join("\n"))
            }
            Yaml::List(items) if one_line.chars().count() > width => {
                let lines = items.iter().map(|item| format!("{pad}  - {}", item.inline()));
                format!("{pad}{key}:\n{}", lines.collect::<Vec<_>>().join("\n"))
            }
            _ => one_line,
        }
    }
}

/// Words that mean something to YAML or to a scenario where a text may stand.
const MEANT: &[&str] =
    &["true", "false", "null", "yes", "no", "on", "off", "y", "n", "default", "sequence", "else", "rest", "inf", "nan"];

/// The text, in double quotes unless it is plain beyond doubt.
pub fn quoted(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ' '))
        && !text.ends_with(' ')
        && !text.contains(" per ")
        && !MEANT.contains(&text.to_ascii_lowercase().as_str());
    if plain {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            // What YAML does not print, line ends of Unicode, marks of byte order, and what a terminal would act on.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}'..='\u{ffff}') => {
                out.push_str(&format!("\\u{:04x}", c as u32));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::model::{ColumnSource, Literal, Source, ValueSpec};
    use proptest::prelude::*;

    fn read(text: &str) -> crate::scenario::model::Data {
        let source = Source { path: "t.yaml".into(), text: text.to_owned() };
        let parsed = crate::scenario::parse(source, |_| Ok(String::new()));
        parsed.unwrap_or_else(|errors| panic!("{errors}\n{text}")).data.unwrap()
    }

    proptest! {
        /// As the name of a table and of a column, as a value in a list, and as the key of a weight.
        #[test]
        fn any_text_survives(text in any::<String>(), other in "[ -~]{1,12}") {
            for text in [text, other] {
                let list = Yaml::map([("values", Yaml::List(vec![Yaml::text("x"), Yaml::text(&*text)]))]);
                let weights = Yaml::Map(vec![(Yaml::text(&*text), Yaml::word("1"))]);
                let column = quoted(&text);
                let scenario = format!(
                    "name: t\ndata:\n  tables:\n    {column}:\n      rows: 1\n      columns:\n        {column}: {}\n        a{column:?}: {{values: {}}}\n",
                    list.inline(), weights.inline(), column = column,
                ).replace(&format!("a{column:?}"), "other_one");
                let data = read(&scenario);
                prop_assert_eq!(&data.tables[0].name.value, &text);
                prop_assert_eq!(&data.tables[0].columns[0].name.value, &text);
                let literal = Literal::Text(text.clone());
                let one_of = |specs: Vec<(Literal, f64)>| ColumnSource::Value(ValueSpec::OneOf(specs));
                prop_assert_eq!(&data.tables[0].columns[0].source, &one_of(vec![(Literal::Text("x".into()), 1.0), (literal.clone(), 1.0)]));
                prop_assert_eq!(&data.tables[0].columns[1].source, &one_of(vec![(literal, 1.0)]));
            }
        }
    }

    #[test]
    fn what_could_be_misread_is_quoted_and_words_are_not() {
        for text in ["HAPPY", "Apple Music", "v1.2", "a-b", "_x"] {
            assert_eq!(quoted(text), text);
        }
        for text in ["true", "No", "1", "-", "", " a", "a ", "a: b", "#", "2 per x", "x per y", "sequence", "Ünal", "1e5"] {
            assert_eq!(quoted(text), format!("\"{text}\""));
        }
        assert_eq!(quoted("a\"\\\n\u{1}"), "\"a\\\"\\\\\\n\\u0001\"");
    }

    #[test]
    fn long_mappings_take_a_line_per_entry() {
        let yaml = Yaml::map([("lognormal", Yaml::map([("median", Yaml::word("4")), ("sigma", Yaml::word("0.5"))]))]);
        assert_eq!(yaml.block("price", 2, 80), "  price: {lognormal: {median: 4, sigma: 0.5}}");
        assert_eq!(yaml.block("price", 2, 30), "  price:\n    lognormal:\n      median: 4\n      sigma: 0.5");
    }
}
