//! Realistic text: names, places and prose picked from word lists straight into the buffer.
//!
//! The lists are the `fake` crate's; its own generators allocate per value and would be ten times slower. Addresses stand under
//! `example.com`, which belongs to nobody (RFC 2606).

use fake::locales::{Data, EN};

use crate::scenario::model::FakeKind;
use crate::seed::rng::Stream;

use super::words::WORDS;

const DOMAINS: [&str; 4] = ["@example.com", "@example.net", "@example.org", "@mail.example.com"];

/// The part of an address that follows the name.
pub fn domain(stream: &mut Stream) -> &'static str {
    one(&DOMAINS, stream)
}

/// Appends a text of a kind; of an email address the part before the `@` (see [`domain`]).
pub fn append(kind: FakeKind, stream: &mut Stream, out: &mut Vec<u8>) {
    match kind {
        FakeKind::FirstName => put(out, one(EN::NAME_FIRST_NAME, stream)),
        FakeKind::LastName => put(out, one(EN::NAME_LAST_NAME, stream)),
        FakeKind::Name => {
            put(out, one(EN::NAME_FIRST_NAME, stream));
            put(out, " ");
            put(out, one(EN::NAME_LAST_NAME, stream));
        }
        FakeKind::Username | FakeKind::Email => username(stream, out),
        FakeKind::Company => company(stream, out),
        FakeKind::City => city(stream, out),
        FakeKind::Country => put(out, one(EN::ADDRESS_COUNTRY, stream)),
        FakeKind::Street => {
            append_number(out, stream.between(1, 9999));
            put(out, " ");
            put(out, one(EN::NAME_LAST_NAME, stream));
            put(out, " ");
            put(out, one(EN::ADDRESS_STREET_SUFFIX, stream));
        }
        FakeKind::Phone => phone(stream, out),
        FakeKind::Word => put(out, one(WORDS, stream)),
        FakeKind::Sentence => sentence(stream, out),
        FakeKind::Paragraph => {
            let sentences = stream.between(3, 6);
            for i in 0..sentences {
                if i > 0 {
                    put(out, " ");
                }
                sentence(stream, out);
            }
        }
        FakeKind::Url => {
            put(out, "https://www.example.com/");
            put(out, one(WORDS, stream));
            put(out, "/");
            put(out, one(WORDS, stream));
            put(out, "-");
            append_number(out, stream.below(100_000));
        }
    }
}

/// Appends `count` words with capitals, a space between two.
pub fn title(count: u64, stream: &mut Stream, out: &mut Vec<u8>) {
    for i in 0..count {
        if i > 0 {
            put(out, " ");
        }
        capitalized(one(WORDS, stream), out);
    }
}

/// Appends a number in decimal.
pub fn append_number(out: &mut Vec<u8>, number: u64) {
    append_digits(out, number, 1, 10);
}

/// Appends a number to a base of at most 36, with leading zeros up to a width.
pub fn append_digits(out: &mut Vec<u8>, mut number: u64, width: usize, base: u64) {
    let mut digits = [b'0'; 64];
    let mut at = digits.len();
    while number > 0 || digits.len() - at < width.min(digits.len()) {
        at -= 1;
        digits[at] = b"0123456789abcdefghijklmnopqrstuvwxyz"[(number % base) as usize];
        number /= base;
        if at == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

fn username(stream: &mut Stream, out: &mut Vec<u8>) {
    lower(one(EN::NAME_FIRST_NAME, stream), out);
    put(out, one(&[".", "_", ""], stream));
    lower(one(EN::NAME_LAST_NAME, stream), out);
}

fn company(stream: &mut Stream, out: &mut Vec<u8>) {
    put(out, one(EN::NAME_LAST_NAME, stream));
    if stream.below(2) == 0 {
        put(out, " and ");
        put(out, one(EN::NAME_LAST_NAME, stream));
    } else {
        put(out, " ");
        put(out, one(EN::COMPANY_SUFFIX, stream));
    }
}

fn city(stream: &mut Stream, out: &mut Vec<u8>) {
    if stream.below(3) == 0 {
        put(out, one(EN::ADDRESS_CITY_PREFIX, stream));
        put(out, " ");
    }
    put(out, one(EN::NAME_LAST_NAME, stream));
    put(out, one(EN::ADDRESS_CITY_SUFFIX, stream));
}

fn phone(stream: &mut Stream, out: &mut Vec<u8>) {
    put(out, "+1-");
    append_number(out, stream.between(201, 989));
    put(out, "-555-");
    append_digits(out, stream.below(10_000), 4, 10);
}

fn sentence(stream: &mut Stream, out: &mut Vec<u8>) {
    capitalized(one(WORDS, stream), out);
    for _ in 0..stream.between(4, 11) {
        put(out, " ");
        put(out, one(WORDS, stream));
    }
    put(out, ".");
}

fn one<'a>(list: &[&'a str], stream: &mut Stream) -> &'a str {
    list.get(stream.below(list.len() as u64) as usize).copied().unwrap_or_default()
}

fn put(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

fn capitalized(word: &str, out: &mut Vec<u8>) {
    let start = out.len();
    put(out, word);
    if let Some(first) = out.get_mut(start) {
        first.make_ascii_uppercase();
    }
}

/// Letters only: what may stand in a user name.
fn lower(name: &str, out: &mut Vec<u8>) {
    out.extend(name.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::rng::Key;

    #[test]
    fn every_kind_has_its_looks() {
        let mut shown = String::new();
        for (name, kind) in FakeKind::ALL {
            let mut out = Vec::new();
            append(kind, &mut Key::new(42, &["people", name]).stream(0), &mut out);
            shown.push_str(&format!("{name}: {}\n", String::from_utf8(out).unwrap()));
        }
        insta::assert_snapshot!(shown);
    }

    #[test]
    fn digits_keep_their_width() {
        let digits = |number, width, base| {
            let mut out = Vec::new();
            append_digits(&mut out, number, width, base);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(digits(7, 4, 10), "0007");
        assert_eq!(digits(0, 1, 10), "0");
        assert_eq!(digits(1295, 1, 36), "zz");
        assert_eq!(digits(u64::MAX, 1, 10), u64::MAX.to_string());
    }
}
