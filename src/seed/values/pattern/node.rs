//! An expression with its repetitions bounded and its classes cut to what people write.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::seed::rng::Stream;

/// A piece of a bounded expression.
#[derive(Debug, Clone)]
pub enum Node {
    Text(Box<str>),
    Class(Chars),
    Sequence(Box<[Node]>),
    Either(Box<[Node]>),
    Repeat { node: Box<Node>, min: u32, max: u32 },
}

/// Characters of a class.
#[derive(Debug, Clone)]
pub struct Chars {
    /// First and last of each run, in order, without overlap.
    pub runs: Box<[(u32, u32)]>,
    count: u64,
}

/// How far an expression may go.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How many times more than it must an unbounded repetition goes on.
    pub unbounded: u32,
    /// The same for those with a bound.
    pub bounded: u32,
    /// The expression was written in ASCII, so that is what its texts are in where it leaves the choice.
    pub ascii: bool,
}

/// A class with more characters than this was not spelled out by hand.
const SPELLED_OUT: u64 = 512;

impl Node {
    /// `None`: no text matches.
    pub fn new(parsed: &Hir, limits: Limits) -> Option<Node> {
        Some(match parsed.kind() {
            HirKind::Empty | HirKind::Look(_) => Node::Text("".into()),
            HirKind::Literal(literal) => Node::Text(String::from_utf8_lossy(&literal.0).into()),
            HirKind::Class(class) => Node::Class(Chars::new(class, limits.ascii)?),
            HirKind::Capture(capture) => Node::new(&capture.sub, limits)?,
            HirKind::Concat(parts) => Node::Sequence(parts.iter().map(|part| Node::new(part, limits)).collect::<Option<_>>()?),
            // A branch that matches nothing is never taken.
            HirKind::Alternation(parts) => {
                let branches: Box<[Node]> = parts.iter().filter_map(|part| Node::new(part, limits)).collect();
                (!branches.is_empty()).then_some(Node::Either(branches))?
            }
            HirKind::Repetition(repetition) => {
                let min = repetition.min;
                let max = match repetition.max {
                    Some(max) => max.min(min.saturating_add(limits.bounded)),
                    None => min.saturating_add(limits.unbounded),
                };
                match Node::new(&repetition.sub, limits) {
                    Some(node) if node.lengths().1 == 0 => node,
                    Some(node) => Node::Repeat { node: Box::new(node), min, max },
                    None if min == 0 => Node::Text("".into()),
                    None => return None,
                }
            }
        })
    }

    /// Characters of the shortest and of the longest text.
    pub fn lengths(&self) -> (u64, u64) {
        match self {
            Node::Text(text) => {
                let length = text.chars().count() as u64;
                (length, length)
            }
            Node::Class(_) => (1, 1),
            Node::Sequence(parts) => parts
                .iter()
                .map(Node::lengths)
                .fold((0, 0), |(least, most), (min, max)| (u64::saturating_add(least, min), u64::saturating_add(most, max))),
            Node::Either(parts) => {
                let (mins, maxs): (Vec<u64>, Vec<u64>) = parts.iter().map(Node::lengths).unzip();
                (mins.into_iter().min().unwrap_or(0), maxs.into_iter().max().unwrap_or(0))
            }
            Node::Repeat { node, min, max } => {
                let (least, most) = node.lengths();
                (least.saturating_mul(u64::from(*min)), most.saturating_mul(u64::from(*max)))
            }
        }
    }

    /// Appends a text of the expression.
    pub fn append(&self, stream: &mut Stream, out: &mut Vec<u8>) {
        match self {
            Node::Text(text) => out.extend_from_slice(text.as_bytes()),
            Node::Class(chars) => put_char(chars.nth(stream.below(chars.count)), out),
            Node::Sequence(parts) => parts.iter().for_each(|part| part.append(stream, out)),
            Node::Either(parts) => parts[stream.below(parts.len() as u64) as usize].append(stream, out),
            Node::Repeat { node, min, max } => {
                for _ in 0..stream.between(u64::from(*min), u64::from(*max)) {
                    node.append(stream, out);
                }
            }
        }
    }
}

/// Appends a character by its number; there are no surrogates among those of a class.
pub fn put_char(number: u32, out: &mut Vec<u8>) {
    match u8::try_from(number) {
        Ok(byte) if byte.is_ascii() => out.push(byte),
        _ => {
            let char = char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER);
            out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}

impl Chars {
    /// `None`: there are none.
    fn new(class: &Class, ascii: bool) -> Option<Chars> {
        let ranges: Vec<(u32, u32)> = match class {
            Class::Unicode(class) => class.ranges().iter().map(|range| (range.start() as u32, range.end() as u32)).collect(),
            Class::Bytes(class) => {
                class.ranges().iter().map(|range| (u32::from(range.start()), u32::from(range.end()))).collect()
            }
        };
        // PostgreSQL keeps no NUL in a text; numbers from 0xd800 to 0xdfff are no characters.
        let valid = Chars::within(&ranges, &[(1, 0xd7ff), (0xe000, 0x10_ffff)]);
        let printable = Chars::within(&ranges, &[(0x20, 0x7e)]);
        let has_controls = ranges.iter().any(|(first, _)| *first < 0x20);
        let cut = printable.count > 0 && (ascii || has_controls || valid.count > SPELLED_OUT);
        let chars = if cut { printable } else { valid };
        (chars.count > 0).then_some(chars)
    }

    fn within(ranges: &[(u32, u32)], allowed: &[(u32, u32)]) -> Chars {
        let cut = |(first, last): &(u32, u32)| {
            let parts: Vec<(u32, u32)> = allowed.iter().map(|(low, high)| ((*first).max(*low), (*last).min(*high))).collect();
            parts.into_iter().filter(|(first, last)| first <= last)
        };
        let runs: Box<[(u32, u32)]> = ranges.iter().flat_map(cut).collect();
        let count = runs.iter().map(|(first, last)| u64::from(last - first) + 1).sum();
        Chars { runs, count }
    }

    fn nth(&self, mut number: u64) -> u32 {
        for (first, last) in &self.runs {
            let width = u64::from(last - first) + 1;
            if number < width {
                return first + number as u32;
            }
            number -= width;
        }
        0
    }
}
