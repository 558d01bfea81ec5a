//! `{template: "…"}`: text with generated pieces.

use super::error::Fault;
use super::model::{FakeKind, Template, TemplatePart};
use super::quantity;

/// A generated piece longer than this is a typing mistake: no field of a service holds it.
const LONGEST_PIECE: u32 = 10_000;

impl Template {
    /// Reads literal text with pieces between `{` and `}`; `{{` and `}}` are literal braces.
    ///
    /// # Errors
    /// An unknown piece (with the nearest known one), a length that is none, a brace without its partner.
    pub fn parse(text: &str) -> Result<Template, Fault> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            literal.push_str(&rest[..at]);
            let tail = &rest[at..];
            if let Some(after) = tail.strip_prefix("{{") {
                literal.push('{');
                rest = after;
            } else if let Some(after) = tail.strip_prefix("}}") {
                literal.push('}');
                rest = after;
            } else if let Some((inner, after)) = tail.strip_prefix('{').and_then(|tail| tail.split_once('}')) {
                if !literal.is_empty() {
                    parts.push(TemplatePart::Text(std::mem::take(&mut literal)));
                }
                parts.push(piece(inner)?);
                rest = after;
            } else {
                let help = "write `{{` or `}}` for a literal brace";
                return Err(Fault::with_help(format!("a `{}` without its partner in `{text}`", &tail[..1]), help));
            }
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(TemplatePart::Text(literal));
        }
        Ok(Template { parts })
    }
}

fn piece(inner: &str) -> Result<TemplatePart, Fault> {
    let (name, argument) = match inner.split_once(':') {
        Some((name, argument)) => (name.trim(), Some(argument.trim())),
        None => (inner.trim(), None),
    };
    let length = || length(name, argument);
    Ok(match name {
        "row" => bare(name, argument, TemplatePart::Row)?,
        "uuid" => bare(name, argument, TemplatePart::Uuid)?,
        "hex" => TemplatePart::Hex(length()?),
        "digits" => TemplatePart::Digits(length()?),
        "letters" => TemplatePart::Letters(length()?),
        "alnum" => TemplatePart::Alnum(length()?),
        "int" => match argument {
            Some(range) => TemplatePart::Int(quantity::signed_range(range)?),
            None => return Err(Fault::with_help("`{int}` needs its bounds", "write e.g. `{int:1-500}`")),
        },
        "column" => match argument {
            Some(column) if !column.is_empty() => TemplatePart::Column(column.to_owned()),
            _ => return Err(Fault::with_help("`{column}` needs the name of a column", "write e.g. `{column:song_name}`")),
        },
        _ => match FakeKind::ALL.iter().find(|(word, _)| *word == name) {
            Some((_, kind)) => bare(name, argument, TemplatePart::Fake(*kind))?,
            None => {
                let own = ["row", "uuid", "hex", "digits", "letters", "alnum", "int", "column"];
                let fakes = FakeKind::ALL.iter().map(|(word, _)| *word);
                let mut fault = Fault::unknown("piece of a template", &format!("{{{name}}}"), []);
                fault.help = super::error::did_you_mean(name, own.into_iter().chain(fakes));
                fault.help.get_or_insert_with(|| {
                    "pieces are e.g. `{hex:22}`, `{int:1-500}`, `{row}`, `{name}`, `{column:title}`".to_owned()
                });
                return Err(fault);
            }
        },
    })
}

fn bare(name: &str, argument: Option<&str>, part: TemplatePart) -> Result<TemplatePart, Fault> {
    match argument {
        None => Ok(part),
        Some(_) => Err(Fault::with_help(format!("`{{{name}}}` takes nothing behind a colon"), format!("write `{{{name}}}`"))),
    }
}

fn length(name: &str, argument: Option<&str>) -> Result<u32, Fault> {
    argument.and_then(|text| text.parse::<u32>().ok()).filter(|length| (1..=LONGEST_PIECE).contains(length)).ok_or_else(|| {
        Fault::with_help(format!("`{{{name}}}` needs a length, 1 to {LONGEST_PIECE}"), format!("write e.g. `{{{name}:22}}`"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_text_and_pieces() {
        let template = Template::parse("https://x.com/{hex:22}?q={{{name}}}&n={int:-5..5}").expect("a template");
        let text = |text: &str| TemplatePart::Text(text.to_owned());
        assert_eq!(
            template.parts,
            [
                text("https://x.com/"),
                TemplatePart::Hex(22),
                text("?q={"),
                TemplatePart::Fake(FakeKind::Name),
                text("}&n="),
                TemplatePart::Int(-5..=5)
            ]
        );
        assert_eq!(Template::parse("{column:a}").expect("a template").parts, [TemplatePart::Column("a".to_owned())]);
    }

    #[test]
    fn names_the_nearest_piece() {
        let fault = Template::parse("{hx:22}").unwrap_err();
        assert_eq!(fault.help.as_deref(), Some("did you mean `hex`?"));
        for bad in ["{", "}", "{hex}", "{hex:0}", "{hex:99999}", "{row:1}", "{int}", "{int:9-1}", "{column}", "{}", "a{b"] {
            assert!(Template::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn text_without_braces_is_itself(text in "[^{}]{1,40}") {
            prop_assert_eq!(Template::parse(&text).expect("a template").parts, vec![TemplatePart::Text(text)]);
        }

        #[test]
        fn doubled_braces_are_literal(text in "[a{}]{1,20}") {
            let doubled = text.replace('{', "{{").replace('}', "}}");
            prop_assert_eq!(Template::parse(&doubled).expect("a template").parts, vec![TemplatePart::Text(text)]);
        }

        #[test]
        fn never_panics(text in "[{}a-z:0-9é\\-]{0,30}") {
            let _ = Template::parse(&text);
        }
    }
}
