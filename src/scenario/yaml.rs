//! YAML text in, a tree of located nodes out. The only module that knows the YAML library.
//!
//! The tree keeps what a typed deserializer throws away: the place of every key and value, whether a scalar was quoted, and
//! mappings in the order of the file. Keys written twice are mistakes. Aliases (`*name`) are resolved; tags are refused,
//! because nothing in a scenario needs them.

use std::collections::HashMap;

use serde_saphyr::granit_parser::{Event, Marker, Parser, ScalarStyle, Span};

use super::error::{Fault, Problems};
use super::model::{Literal, Located, Location};

/// A value of the file and where it starts.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub at: Location,
    pub value: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Scalar(Scalar),
    Sequence(Vec<Node>),
    /// In the order of the file, keys unique.
    Mapping(Vec<(Located<Scalar>, Node)>),
}

/// Text, and whether it stood there without quotes (only then can it be a number, a boolean or nothing).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scalar {
    pub text: String,
    pub plain: bool,
}

/// The document of a file, or `None` when its syntax is broken (which is noted).
pub fn parse(text: &str, problems: &mut Problems) -> Option<Node> {
    let mut builder = Builder { nodes: 0, anchors: HashMap::new(), problems };
    let options = serde_saphyr::granit_parser::options! { emit_comments: false };
    let mut events = Parser::new_from_str_with_options(text.strip_prefix('\u{feff}').unwrap_or(text), options);
    let mut root = None;
    loop {
        match next(&mut events) {
            Ok((Event::StreamStart | Event::DocumentEnd, _)) => {}
            Ok((Event::StreamEnd, _)) => break,
            Ok((Event::DocumentStart(..), span)) if root.is_some() => {
                builder.problems.report(place(span.start), Fault::new("a scenario is one document; a second one starts here"));
                return root;
            }
            Ok((Event::DocumentStart(..), _)) => match next(&mut events).and_then(|event| builder.node(event, &mut events)) {
                Ok(node) => root = Some(node),
                Err(stop) => return builder.syntax(stop),
            },
            // The grammar puts no other event between documents.
            Ok((_, span)) => return builder.syntax(Stop { at: place(span.start), fault: Fault::new("unexpected YAML") }),
            Err(stop) => return builder.syntax(stop),
        }
    }
    if root.is_none() {
        let help = "the smallest scenario has `name:` and `endpoints:`";
        problems.report(Location { line: 1, column: 1 }, Fault::with_help("the scenario is empty", help));
    }
    root
}

/// A mistake after which the rest of the text cannot be understood.
struct Stop {
    at: Location,
    fault: Fault,
}

type Events<'t> = Parser<'t, serde_saphyr::granit_parser::StrInput<'t>>;

fn next<'t>(events: &mut Events<'t>) -> Result<(Event<'t>, Span), Stop> {
    match events.next_event() {
        Some(Ok(event)) => Ok(event),
        Some(Err(error)) => {
            Err(Stop { at: place(*error.marker()), fault: Fault::new(format!("not valid YAML: {}", error.kind())) })
        }
        None => Err(Stop { at: Location { line: 1, column: 1 }, fault: Fault::new("not valid YAML: the text ends too early") }),
    }
}

fn place(marker: Marker) -> Location {
    let whole = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Location { line: whole(marker.line()), column: whole(marker.col().saturating_add(1)) }
}

struct Builder<'p> {
    nodes: usize,
    anchors: HashMap<usize, Node>,
    problems: &'p mut Problems,
}

/// Aliases of aliases can describe a tree that is exponentially larger than its text; no honest scenario comes near.
const MOST_NODES: usize = 200_000;

impl Builder<'_> {
    fn syntax(&mut self, stop: Stop) -> Option<Node> {
        self.problems.report(stop.at, stop.fault);
        None
    }

    /// The node that `event` starts. The parser limits its depth to 255.
    fn node<'t>(&mut self, event: (Event<'t>, Span), events: &mut Events<'t>) -> Result<Node, Stop> {
        let (event, span) = event;
        let at = place(span.start);
        self.count(1, at)?;
        let (anchor, tagged, value) = match event {
            Event::Alias(id) => return self.alias(id, at),
            Event::Scalar(text, style, anchor, tag) => {
                let scalar = Scalar { text: text.into_owned(), plain: style == ScalarStyle::Plain };
                (anchor, tag.is_some(), Value::Scalar(scalar))
            }
            Event::SequenceStart(_, anchor, tag) => (anchor, tag.is_some(), self.sequence(events)?),
            Event::MappingStart(_, anchor, tag) => (anchor, tag.is_some(), self.mapping(events)?),
            _ => return Err(Stop { at, fault: Fault::new("not valid YAML: a value was expected") }),
        };
        if tagged {
            self.problems.report(at, Fault::with_help("YAML tags (`!…`) mean nothing here", "leave the tag out"));
        }
        let node = Node { at, value };
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn alias(&mut self, id: usize, at: Location) -> Result<Node, Stop> {
        let Some(node) = self.anchors.get(&id).cloned() else {
            return Err(Stop { at, fault: Fault::new("this alias stands inside of what it repeats") });
        };
        self.count(node.size(), at)?;
        Ok(node)
    }

    fn count(&mut self, more: usize, at: Location) -> Result<(), Stop> {
        self.nodes = self.nodes.saturating_add(more);
        if self.nodes <= MOST_NODES {
            return Ok(());
        }
        Err(Stop { at, fault: Fault::new(format!("the scenario has more than {MOST_NODES} values, aliases unfolded")) })
    }

    fn sequence(&mut self, events: &mut Events<'_>) -> Result<Value, Stop> {
        let mut items = Vec::new();
        loop {
            match next(events)? {
                (Event::SequenceEnd, _) => return Ok(Value::Sequence(items)),
                event => items.push(self.node(event, events)?),
            }
        }
    }

    fn mapping(&mut self, events: &mut Events<'_>) -> Result<Value, Stop> {
        let mut entries: Vec<(Located<Scalar>, Node)> = Vec::new();
        let mut seen: HashMap<String, Location> = HashMap::new();
        loop {
            let key = match next(events)? {
                (Event::MappingEnd, _) => return Ok(Value::Mapping(entries)),
                event => self.node(event, events)?,
            };
            let value = next(events).and_then(|event| self.node(event, events))?;
            let Value::Scalar(name) = key.value else {
                self.problems.report(key.at, Fault::new("a key must be a plain word"));
                continue;
            };
            if let Some(first) = seen.get(&name.text) {
                let message =
                    format!("`{}` is given twice; the first time in line {}, column {}", name.text, first.line, first.column);
                self.problems.report(key.at, Fault::with_help(message, "keep one of them"));
                continue;
            }
            seen.insert(name.text.clone(), key.at);
            entries.push((Located::new(name, key.at), value));
        }
    }
}

impl Node {
    fn size(&self) -> usize {
        match &self.value {
            Value::Scalar(_) => 1,
            Value::Sequence(items) => 1 + items.iter().map(Node::size).sum::<usize>(),
            Value::Mapping(entries) => 1 + entries.iter().map(|(_, node)| 1 + node.size()).sum::<usize>(),
        }
    }

    /// The text of a scalar, empty values excepted.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(scalar) if scalar.literal() != Literal::Null => Some(&scalar.text),
            _ => None,
        }
    }

    /// True for a key without a value, and for `~` and `null`.
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar(scalar) if scalar.literal() == Literal::Null)
    }

    /// For messages: "a list", "`5`" …
    pub fn describe(&self) -> String {
        match &self.value {
            Value::Sequence(_) => "a list".to_owned(),
            Value::Mapping(_) => "a mapping".to_owned(),
            Value::Scalar(scalar) => match scalar.literal() {
                Literal::Null => "nothing".to_owned(),
                _ => format!("`{}`", shorten(&scalar.text)),
            },
        }
    }
}

/// The first words of a text, for a message.
pub fn shorten(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or_default();
    if line.chars().count() > 40 || line.len() < text.trim().len() {
        format!("{}…", line.chars().take(40).collect::<String>())
    } else {
        line.to_owned()
    }
}

impl Scalar {
    /// What the text means by the core schema of YAML 1.2 (`yes` and `off` are text).
    pub fn literal(&self) -> Literal {
        if !self.plain {
            return Literal::Text(self.text.clone());
        }
        match self.text.as_str() {
            "" | "~" | "null" | "Null" | "NULL" => Literal::Null,
            "true" | "True" | "TRUE" => Literal::Bool(true),
            "false" | "False" | "FALSE" => Literal::Bool(false),
            text => number(text).unwrap_or_else(|| Literal::Text(text.to_owned())),
        }
    }
}

fn number(text: &str) -> Option<Literal> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    // Rust reads `inf` and `nan` as numbers; in a scenario they are words.
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let underscored = |c: char| c.is_ascii_digit() || c == '_';
    let whole = digits.chars().all(underscored) && digits.ends_with(|c: char| c.is_ascii_digit()) && !digits.contains("__");
    if whole {
        // A leading zero is a code (`007`), not a number.
        let coded = digits.len() > 1 && digits.starts_with('0');
        return text.replace('_', "").parse().ok().filter(|_| !coded).map(Literal::Int);
    }
    text.parse::<f64>().ok().filter(|value| value.is_finite()).map(Literal::Float)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::model::Source;
    use proptest::prelude::*;

    fn read(text: &str) -> (Option<Node>, Vec<(u32, u32, String)>) {
        let mut problems = Problems::default();
        let node = parse(text, &mut problems);
        let errors = problems.into_errors(Source { path: "x".into(), text: text.to_owned() });
        (node, errors.problems.into_iter().map(|p| (p.at.line, p.at.column, p.message)).collect())
    }

    fn entry<'n>(node: &'n Node, name: &str) -> (Location, &'n Node) {
        let Value::Mapping(entries) = &node.value else { panic!("not a mapping: {node:?}") };
        entries.iter().find(|(key, _)| key.value.text == name).map(|(key, value)| (key.at, value)).expect("the key")
    }

    fn at(line: u32, column: u32) -> Location {
        Location { line, column }
    }

    #[test]
    fn keys_and_values_know_their_places() {
        let (node, problems) = read("a: 1\nb:\n  - x\n  - {c: 'é', d: \"5\"}\n");
        assert_eq!(problems, []);
        let node = node.expect("a document");
        assert_eq!(entry(&node, "a").0, at(1, 1));
        assert_eq!(entry(&node, "a").1.at, at(1, 4));
        let Value::Sequence(items) = &entry(&node, "b").1.value else { panic!("a list") };
        assert_eq!(items[0].at, at(3, 5));
        assert_eq!(entry(&items[1], "d").0, at(4, 14));
        assert_eq!(entry(&items[1], "d").1.value, Value::Scalar(Scalar { text: "5".into(), plain: false }));
    }

    #[test]
    fn a_key_given_twice_names_both_places() {
        let (_, problems) = read("a: 1\nb: 2\na: 3\n");
        assert_eq!(problems, [(3, 1, "`a` is given twice; the first time in line 1, column 1".to_owned())]);
    }

    #[test]
    fn broken_syntax_has_a_place_and_a_reason() {
        let (node, problems) = read("a: [1, 2\nb: 3\n");
        assert!(node.is_none());
        assert_eq!(problems.len(), 1);
        assert!(problems[0].2.starts_with("not valid YAML: ") && problems[0].2.len() > 20, "{problems:?}");
        assert_eq!(problems[0].0, 2);
    }

    #[test]
    fn aliases_repeat_and_bombs_are_refused() {
        let (node, problems) = read("a: &x {k: 1}\nb: *x\n");
        assert_eq!(problems, []);
        let node = node.expect("a document");
        assert_eq!(entry(&node, "a").1, entry(&node, "b").1);
        let mut bomb = "a0: &a0 [x, x]\n".to_owned();
        for level in 1..30 {
            bomb.push_str(&format!("a{level}: &a{level} [*a{0}, *a{0}]\n", level - 1));
        }
        assert!(read(&bomb).1[0].2.contains("more than"));
    }

    #[test]
    fn scalars_follow_the_core_schema() {
        let literal = |text: &str| Scalar { text: text.to_owned(), plain: true }.literal();
        assert_eq!(literal("3_000"), Literal::Int(3000));
        assert_eq!(literal("-7"), Literal::Int(-7));
        assert_eq!(literal("1.5"), Literal::Float(1.5));
        assert_eq!(literal("off"), Literal::Text("off".into()));
        assert_eq!(literal("007"), Literal::Text("007".into()));
        assert_eq!(literal("365d"), Literal::Text("365d".into()));
        assert_eq!(literal("inf"), Literal::Text("inf".into()));
        assert_eq!(literal("~"), Literal::Null);
        assert_eq!(literal("2026-01-01"), Literal::Text("2026-01-01".into()));
    }

    #[test]
    fn two_documents_and_empty_ones_are_mistakes() {
        assert!(read("a: 1\n---\nb: 2\n").1[0].2.contains("second one"));
        assert!(read("# nothing\n").1[0].2.contains("empty"));
    }

    proptest! {
        #[test]
        fn any_text_gives_a_tree_or_a_mistake(text in "[a-c:,{}\\[\\]&*!|>'\"\\- \n#?%]{0,60}") {
            let (node, problems) = read(&text);
            prop_assert!(node.is_some() || !problems.is_empty());
        }
    }
}
