//! Text as a function of the row, cut to the length of its column and, where the column is unique, never twice the same.

use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::scenario::model::FakeKind;
use crate::seed::permutation::Permutation;
use crate::seed::rng::{Key, Stream, mix};
use crate::seed::text::append_text;
use crate::seed::types::Kind;

use super::context::{Context, Peer};
use super::fake::{append, append_digits, append_number, domain, title};
use super::lists::Lists;
use super::pattern::{Language, Pattern};
use super::time::Moments;

/// How many passwords the "common" ones are.
const COMMON_PASSWORDS: u64 = 200;

/// A way to make text.
#[derive(Debug, Clone)]
pub struct Text {
    pub key: Key,
    pub body: Body,
    /// Makes every row's text different: digits at the end (of an address: before the `@`).
    pub code: Option<Code>,
    /// Characters.
    pub max_chars: Option<usize>,
}

/// What a text is made of.
#[derive(Debug, Clone)]
pub enum Body {
    Words(RangeInclusive<u64>),
    Fake(FakeKind, &'static Lists),
    Template(Vec<Piece>),
    Password {
        common: f64,
        random: RangeInclusive<u64>,
    },
    Moment(Moments),
    /// Sentences; lengths in characters, log-normal between bounds.
    Prose {
        median: f64,
        sigma: f64,
        min: u64,
        max: u64,
        lists: &'static Lists,
    },
    Pattern(Arc<Pattern>),
    /// Each text of a pattern at most once.
    Language(Arc<Language>, Permutation),
}

/// A piece of a template.
#[derive(Debug, Clone)]
pub enum Piece {
    Text(Box<[u8]>),
    Row,
    Hex(u32),
    Digits(u32),
    Letters(u32),
    Alnum(u32),
    Uuid,
    Int(RangeInclusive<i64>),
    Fake(FakeKind, &'static Lists),
    Peer(Peer),
    /// Stands for a random piece in a column whose values must differ.
    Code(Code),
}

/// A fixed number of digits, different for each row.
#[derive(Debug, Clone)]
pub struct Code {
    order: Permutation,
    width: usize,
    base: u64,
}

impl Code {
    /// As many digits as `rows` rows need, decimal if that fits into `max_width`, else to base 36. `None`: neither fits.
    pub fn fitting(key: Key, rows: u64, max_width: usize) -> Option<Code> {
        let width =
            |base: u64| (1..).find(|width| base.checked_pow(*width).is_none_or(|space| space >= rows)).map(|w| w as usize);
        [10, 36].into_iter().find_map(|base| {
            let width = width(base).filter(|width| *width <= max_width)?;
            Some(Code { order: Permutation::new(key, base.saturating_pow(width as u32)), width, base })
        })
    }

    /// Exactly this many digits to a base. `None`: that is not enough for `rows` rows.
    pub fn exact(key: Key, rows: u64, base: u64, width: u32) -> Option<Code> {
        let space = base.saturating_pow(width);
        (space >= rows).then(|| Code { order: Permutation::new(key, space), width: width as usize, base })
    }

    /// Number of digits.
    pub fn width(&self) -> usize {
        self.width
    }

    /// 10 or 36; of templates also 16.
    pub fn base(&self) -> u64 {
        self.base
    }

    fn append(&self, row: u64, out: &mut Vec<u8>) {
        append_digits(out, self.order.at(row), self.width, self.base);
    }
}

impl Body {
    /// False when no text of it has a digit, wherever it is cut.
    pub fn may_end_in_a_digit(&self) -> bool {
        match self {
            Body::Words(_) | Body::Prose { .. } => false,
            Body::Fake(kind, _) => !matches!(
                kind,
                FakeKind::FirstName
                    | FakeKind::LastName
                    | FakeKind::Name
                    | FakeKind::Username
                    | FakeKind::Email
                    | FakeKind::Company
                    | FakeKind::City
                    | FakeKind::Country
                    | FakeKind::Word
                    | FakeKind::Sentence
                    | FakeKind::Paragraph
            ),
            _ => true,
        }
    }
}

impl Text {
    /// Appends the row's text.
    pub fn append(&self, context: &mut Context, out: &mut Vec<u8>) {
        let start = out.len();
        let mut stream = self.key.stream(context.row);
        self.append_body(&mut stream, context, out);
        let tail = if matches!(self.body, Body::Fake(FakeKind::Email, _)) { domain(&mut stream) } else { "" };
        let code = self.code.as_ref().map_or(0, |code| code.width);
        match self.max_chars {
            // An address that does not fit loses its domain before its code.
            Some(max) if max < code + tail.len() + 1 => {
                truncate(out, start, max.saturating_sub(code));
                self.append_code(context.row, out);
            }
            max => {
                if let Some(max) = max {
                    truncate(out, start, max - code - tail.len());
                }
                self.append_code(context.row, out);
                out.extend_from_slice(tail.as_bytes());
            }
        }
    }

    fn append_code(&self, row: u64, out: &mut Vec<u8>) {
        if let Some(code) = &self.code {
            code.append(row, out);
        }
    }

    fn append_body(&self, stream: &mut Stream, context: &mut Context, out: &mut Vec<u8>) {
        match &self.body {
            Body::Words(count) => {
                let count = stream.between(*count.start(), *count.end());
                title(count, stream, out);
                if self.code.is_some() {
                    out.push(b' ');
                }
            }
            Body::Fake(kind, lists) => append(*kind, lists, stream, out),
            Body::Template(pieces) => pieces.iter().for_each(|piece| append_piece(piece, stream, context, out)),
            Body::Password { common, random } => password(*common, random, stream, out),
            Body::Prose { median, sigma, min, max, lists } => {
                let length = length(*median, *sigma, *min as f64, *max as f64, stream);
                prose(length as usize, *min as usize, lists, stream, out);
            }
            Body::Pattern(pattern) => pattern.append(stream, out),
            Body::Language(language, order) => language.append(order.at(context.row), stream, out),
            Body::Moment(moments) => {
                let since_2000 = moments.at(context.row).saturating_sub(crate::seed::encode::EPOCH_US);
                append_text(Kind::Timestamptz, &since_2000.to_be_bytes(), out);
            }
        }
    }
}

/// A log-normal length; drawn again while it is out of bounds, so that those do not collect what lies beyond them.
fn length(median: f64, sigma: f64, min: f64, max: f64, stream: &mut Stream) -> f64 {
    let mut draw = || (median * libm::exp(sigma * stream.normal())).round();
    let fits = |length: &f64| (min..=max).contains(length);
    (0..super::number::REDRAWS).map(|_| draw()).find(fits).unwrap_or_else(|| draw().clamp(min, max))
}

/// Sentences of so many characters together: whole words where the last sentence is cut short, and a point at the end.
fn prose(length: usize, min: usize, lists: &Lists, stream: &mut Stream, out: &mut Vec<u8>) {
    let start = out.len();
    let mut chars = 0;
    while chars < length {
        let sentence = out.len();
        if chars > 0 {
            out.push(b' ');
        }
        append(FakeKind::Sentence, lists, stream, out);
        chars += chars_from(out, sentence);
    }
    if chars == length {
        return;
    }
    truncate(out, start, length.saturating_sub(1));
    let words = out[start..].iter().rposition(|byte| *byte == b' ').map(|at| start + at);
    if let Some(end) = words.filter(|end| chars_from(&out[..*end], start) + 1 >= min) {
        out.truncate(end);
    }
    while out.len() > start && matches!(out.last(), Some(b'.' | b' ')) {
        out.pop();
    }
    let missing = min.saturating_sub(chars_from(out, start)).max(1);
    out.extend(std::iter::repeat_n(b'.', missing));
}

/// Characters of the UTF-8 from a place on.
fn chars_from(text: &[u8], start: usize) -> usize {
    text[start..].iter().filter(|byte| (**byte as i8) >= -64).count()
}

fn append_piece(piece: &Piece, stream: &mut Stream, context: &mut Context, out: &mut Vec<u8>) {
    match piece {
        Piece::Text(text) => out.extend_from_slice(text),
        Piece::Row => append_number(out, context.row + 1),
        Piece::Hex(count) => symbols(*count, b"0123456789abcdef", stream, out),
        Piece::Digits(count) => symbols(*count, b"0123456789", stream, out),
        Piece::Letters(count) => symbols(*count, b"abcdefghijklmnopqrstuvwxyz", stream, out),
        Piece::Alnum(count) => symbols(*count, ALNUM, stream, out),
        Piece::Uuid => append_text(Kind::Uuid, &uuid(stream), out),
        Piece::Int(range) => {
            let width = range.end().abs_diff(*range.start());
            let number = range.start().wrapping_add_unsigned(stream.between(0, width));
            if number < 0 {
                out.push(b'-');
            }
            append_number(out, number.unsigned_abs());
        }
        Piece::Fake(kind, lists) => {
            append(*kind, lists, stream, out);
            if *kind == FakeKind::Email {
                out.extend_from_slice(domain(stream).as_bytes());
            }
        }
        Piece::Peer(peer) => {
            peer.append(context, out);
        }
        Piece::Code(code) => code.append(context.row, out),
    }
}

const ALNUM: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Six symbols are taken from each 64 random bits: the bias stays below one in 10^8.
fn symbols(count: u32, alphabet: &[u8], stream: &mut Stream, out: &mut Vec<u8>) {
    let base = alphabet.len() as u64;
    let mut left = count;
    while left > 0 {
        let mut bits = stream.bits();
        for _ in 0..left.min(6) {
            out.push(alphabet[(bits % base) as usize]);
            bits /= base;
        }
        left -= left.min(6);
    }
}

/// A random UUID: version 4, variant 10 (RFC 9562).
pub fn uuid(stream: &mut Stream) -> [u8; 16] {
    let bits = (u128::from(stream.bits()) << 64) | u128::from(stream.bits());
    let versioned = bits & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    versioned.to_be_bytes()
}

/// What argon2id with its recommended cost prints for such a password: a salt of 16 bytes, a digest of 32. Nothing is hashed;
/// equal passwords with equal salts would look equal, and no salt comes twice.
fn password(common: f64, random: &RangeInclusive<u64>, stream: &mut Stream, out: &mut Vec<u8>) {
    let mut secret = if stream.unit() < common {
        stream.below(COMMON_PASSWORDS)
    } else {
        let letters = stream.between(*random.start(), (*random.end()).min(256));
        (0..letters).fold(letters, |secret, _| mix(secret ^ stream.below(26)))
    };
    out.extend_from_slice(b"$argon2id$v=19$m=19456,t=2,p=1$");
    for length in [22, 43] {
        if length == 43 {
            out.push(b'$');
        }
        let mut left = length;
        while left > 0 {
            let mut bits = if length == 22 { stream.bits() } else { mix(secret) };
            secret = mix(secret ^ bits);
            for _ in 0..left.min(10) {
                out.push(BASE64[(bits & 63) as usize]);
                bits >>= 6;
            }
            left -= left.min(10);
        }
    }
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Cuts what was appended since `start` to `max` characters.
fn truncate(out: &mut Vec<u8>, start: usize, max: usize) {
    if out.len() - start <= max {
        return;
    }
    // Bytes 0b10xxxxxx continue a character of UTF-8.
    let end = out[start..].iter().enumerate().filter(|(_, byte)| (**byte as i8) >= -64).nth(max);
    if let Some((length, _)) = end {
        out.truncate(start + length);
    }
}

#[cfg(test)]
mod tests {
    use super::super::lists::ENGLISH;
    use super::*;
    use std::collections::HashSet;

    fn made(text: &Text, rows: u64) -> Vec<String> {
        let mut context = Context::rows();
        (0..rows)
            .map(|row| {
                context.turn_to(row);
                let mut out = Vec::new();
                text.append(&mut context, &mut out);
                String::from_utf8(out).unwrap()
            })
            .collect()
    }

    fn key() -> Key {
        Key::new(42, &["users", "email"])
    }

    #[test]
    fn coded_texts_differ_and_fit_whatever_the_length() {
        for max_chars in [4, 6, 12, 20, 40] {
            let code = Code::fitting(key().part(9), 5_000, max_chars);
            let text = Text { key: key(), body: Body::Fake(FakeKind::Email, &ENGLISH), code, max_chars: Some(max_chars) };
            let texts = made(&text, 5_000);
            assert!(texts.iter().all(|text| text.chars().count() <= max_chars), "{max_chars}: {:?}", &texts[..3]);
            assert_eq!(texts.iter().collect::<HashSet<_>>().len(), 5_000, "{max_chars}");
        }
        assert!(Code::fitting(key(), 50_000, 2).is_none(), "36^2 codes are fewer than 50,000");
    }

    #[test]
    fn a_template_is_followed_piece_by_piece() {
        let pieces = vec![
            Piece::Text((*b"x/").into()),
            Piece::Row,
            Piece::Text((*b"/").into()),
            Piece::Hex(25),
            Piece::Text((*b"/").into()),
            Piece::Int(-3..=3),
            Piece::Text((*b"/").into()),
            Piece::Uuid,
        ];
        let text = Text { key: key(), body: Body::Template(pieces), code: None, max_chars: None };
        for (row, text) in made(&text, 100).iter().enumerate() {
            let parts: Vec<&str> = text.split('/').collect();
            assert_eq!(parts[1], (row + 1).to_string());
            assert!(parts[2].len() == 25 && parts[2].bytes().all(|byte| byte.is_ascii_hexdigit()));
            assert!((-3..=3).contains(&parts[3].parse::<i32>().unwrap()));
            assert!(parts[4].len() == 36 && parts[4].as_bytes()[14] == b'4' && b"89ab".contains(&parts[4].as_bytes()[19]));
        }
    }

    #[test]
    fn prose_has_its_lengths_and_ends_with_a_point() {
        let body = Body::Prose { median: 200.0, sigma: 0.5, min: 60, max: 900, lists: &ENGLISH };
        let text = Text { key: key(), body, code: None, max_chars: None };
        let texts = made(&text, 2_001);
        let mut lengths: Vec<usize> = texts.iter().map(|text| text.chars().count()).collect();
        lengths.sort_unstable();
        assert!(lengths[0] >= 60 && lengths[2_000] <= 900, "{lengths:?}");
        assert!((190..210).contains(&lengths[1_000]), "{}", lengths[1_000]);
        assert!(texts.iter().all(|text| text.ends_with('.') && !text.contains("  ")));
        let tiny = Text { body: Body::Prose { median: 3.0, sigma: 0.5, min: 1, max: 4, lists: &ENGLISH }, ..text };
        assert!(made(&tiny, 200).iter().all(|text| (1..=4).contains(&text.len())));
    }

    #[test]
    fn passwords_look_hashed_and_never_repeat() {
        let text = Text { key: key(), body: Body::Password { common: 0.95, random: 8..=20 }, code: None, max_chars: None };
        let texts = made(&text, 1000);
        assert!(texts.iter().all(|text| text.len() == 97 && text.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")));
        assert_eq!(texts.iter().collect::<HashSet<_>>().len(), 1000);
    }

    #[test]
    fn cutting_keeps_whole_characters() {
        let mut out = "ab Zoë Ünal".as_bytes().to_vec();
        truncate(&mut out, 3, 4);
        assert_eq!(String::from_utf8(out).unwrap(), "ab Zoë ");
    }
}
