//! Realistic text: names, places and prose picked from word lists straight into the buffer.
//!
//! The lists are the `fake` crate's; its own generators allocate per value and would be ten times slower. Addresses stand under
//! `example.com`, which belongs to nobody (RFC 2606).

use fake::locales::{Data, EN};

use crate::scenario::model::FakeKind;
use crate::seed::rng::Stream;

use super::lists::{ENGLISH, Lists, Street};
use super::words::WORDS;

const DOMAINS: [&str; 4] = ["@example.com", "@example.net", "@example.org", "@mail.example.com"];

/// The part of an address that follows the name.
pub fn domain(stream: &mut Stream) -> &'static str {
    one(&DOMAINS, stream)
}

/// Appends a text of a kind; of an email address the part before the `@` (see [`domain`]).
pub fn append(kind: FakeKind, lists: &Lists, stream: &mut Stream, out: &mut Vec<u8>) {
    match kind {
        FakeKind::FirstName => put(out, one(lists.first, stream)),
        FakeKind::LastName => put(out, one(lists.last, stream)),
        FakeKind::Name => match lists.family_first {
            Some(between) => {
                put(out, one(lists.last, stream));
                put(out, between);
                put(out, one(lists.first, stream));
            }
            None => {
                put(out, one(lists.first, stream));
                put(out, " ");
                put(out, one(lists.last, stream));
            }
        },
        FakeKind::Username | FakeKind::Email => username(lists, stream, out),
        FakeKind::Company => company(lists, stream, out),
        FakeKind::City => city(lists, stream, out),
        FakeKind::Country => put(out, one(lists.country, stream)),
        FakeKind::Street => street(lists, stream, out),
        FakeKind::Phone if lists.phone.is_empty() => phone(stream, out),
        FakeKind::Phone => filled(lists.phone, stream, out),
        FakeKind::Word => put(out, one(lists.words, stream)),
        FakeKind::Sentence => sentence(lists, stream, out),
        FakeKind::Paragraph => {
            let sentences = stream.between(3, 6);
            for i in 0..sentences {
                if i > 0 {
                    put(out, lists.prose.0);
                }
                sentence(lists, stream, out);
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
        other => append_rarer(other, lists, stream, out),
    }
}

const COLORS: [&str; 16] = [
    "black",
    "white",
    "grey",
    "silver",
    "red",
    "maroon",
    "orange",
    "yellow",
    "olive",
    "green",
    "teal",
    "turquoise",
    "blue",
    "navy",
    "purple",
    "pink",
];

const THINGS: [&str; 20] = [
    "Chair",
    "Table",
    "Lamp",
    "Shoe",
    "Boot",
    "Jacket",
    "Shirt",
    "Backpack",
    "Bottle",
    "Keyboard",
    "Monitor",
    "Headphones",
    "Watch",
    "Camera",
    "Bicycle",
    "Blanket",
    "Pan",
    "Knife",
    "Mug",
    "Tent",
];

/// Large markets first in the alphabet of ISO 3166.
const COUNTRY_CODES: [&str; 40] = [
    "AR", "AT", "AU", "BE", "BR", "CA", "CH", "CL", "CN", "CO", "CZ", "DE", "DK", "EG", "ES", "FI", "FR", "GB", "GR", "HU", "ID",
    "IE", "IL", "IN", "IT", "JP", "KR", "MX", "NG", "NL", "NO", "NZ", "PL", "PT", "RO", "SE", "TR", "UA", "US", "ZA",
];

const CURRENCIES: [&str; 20] = [
    "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "INR", "JPY", "KRW", "MXN", "NOK", "PLN", "SEK",
    "USD", "ZAR",
];

fn append_rarer(kind: FakeKind, lists: &Lists, stream: &mut Stream, out: &mut Vec<u8>) {
    match kind {
        FakeKind::Job => put(out, one(lists.job, stream)),
        FakeKind::Product => {
            capitalized(one(WORDS, stream), out);
            put(out, " ");
            put(out, one(&THINGS, stream));
        }
        FakeKind::Color => put(out, one(&COLORS, stream)),
        FakeKind::Currency => put(out, one(&CURRENCIES, stream)),
        FakeKind::CountryCode => put(out, one(&COUNTRY_CODES, stream)),
        FakeKind::State => put(out, one(lists.state, stream)),
        FakeKind::Zip => filled(lists.zip, stream, out),
        FakeKind::Title => {
            let words = stream.between(2, 5);
            title(words, stream, out);
        }
        FakeKind::Ip => {
            put(out, one(&["192.0.2.", "198.51.100.", "203.0.113."], stream));
            append_number(out, stream.between(1, 254));
        }
        FakeKind::UserAgent => put(out, one(EN::INTERNET_USER_AGENT, stream)),
        // Check digits of a real IBAN are 02 to 98 (ISO 13616).
        FakeKind::Iban => filled("DE00##################", stream, out),
        FakeKind::CreditCard => credit_card(stream, out),
        FakeKind::Hash => (0..4).for_each(|_| append_digits(out, stream.bits(), 16, 16)),
        FakeKind::Slug => {
            put(out, one(WORDS, stream));
            put(out, "-");
            put(out, one(WORDS, stream));
            put(out, "-");
            append_number(out, stream.below(100_000));
        }
        FakeKind::Latitude => degrees(stream.below(180_000_001), 90_000_000, out),
        FakeKind::Longitude => degrees(stream.below(360_000_001), 180_000_000, out),
        // The rest is made by `append`.
        _ => {}
    }
}

/// A number of the test range whose last digit is never the one that Luhn's check asks for.
fn credit_card(stream: &mut Stream, out: &mut Vec<u8>) {
    let start = out.len();
    filled("400000#########", stream, out);
    let doubled = |digit: u64| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    let digits = out[start..].iter().map(|byte| u64::from(byte - b'0'));
    let sum: u64 = digits.enumerate().map(|(at, digit)| if at % 2 == 0 { doubled(digit) } else { digit }).sum();
    let right = (10 - sum % 10) % 10;
    append_number(out, (right + stream.between(1, 9)) % 10);
}

/// Millionths of a degree, less an offset.
fn degrees(millionths: u64, offset: u64, out: &mut Vec<u8>) {
    if millionths < offset {
        out.push(b'-');
    }
    let distance = millionths.abs_diff(offset);
    append_number(out, distance / 1_000_000);
    out.push(b'.');
    append_digits(out, distance % 1_000_000, 6, 10);
}

/// Digits for `#`, capital letters for `$`.
fn filled(shape: &str, stream: &mut Stream, out: &mut Vec<u8>) {
    out.extend(shape.bytes().map(|byte| match byte {
        b'#' => b'0' + stream.below(10) as u8,
        b'$' => b'A' + stream.below(26) as u8,
        other => other,
    }));
}

fn street(lists: &Lists, stream: &mut Stream, out: &mut Vec<u8>) {
    let number = stream.between(1, if lists.street_shape == Street::NumberFirst { 9999 } else { 199 });
    let (name, kind) = match lists.street_shape {
        Street::KindFirst | Street::NumberAndKind => {
            let kind = one(lists.street, stream);
            (one(lists.last, stream), kind)
        }
        _ => (one(lists.last, stream), one(lists.street, stream)),
    };
    let parts: [&str; 3] = match lists.street_shape {
        Street::NumberFirst => {
            append_number(out, number);
            put(out, " ");
            [name, " ", kind]
        }
        Street::NumberAndKind => {
            append_number(out, number);
            put(out, " ");
            [kind, " ", name]
        }
        Street::Joined => [name, kind, " "],
        Street::KindFirst => [kind, " ", name],
        Street::NumberLast(_) => [name, kind, ""],
    };
    parts.into_iter().for_each(|part| put(out, part));
    match lists.street_shape {
        Street::Joined => append_number(out, number),
        Street::KindFirst => {
            put(out, ", ");
            append_number(out, number);
        }
        Street::NumberLast(word) => {
            append_number(out, number);
            put(out, word);
        }
        _ => {}
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

fn username(lists: &Lists, stream: &mut Stream, out: &mut Vec<u8>) {
    // Scripts without Latin letters: people there take names that keyboards everywhere have.
    let lists = if lists.family_first.is_some() { &ENGLISH } else { lists };
    lower(one(lists.first, stream), out);
    put(out, one(&[".", "_", ""], stream));
    lower(one(lists.last, stream), out);
}

fn company(lists: &Lists, stream: &mut Stream, out: &mut Vec<u8>) {
    put(out, one(lists.last, stream));
    if stream.below(2) == 0 {
        put(out, lists.and);
        put(out, one(lists.last, stream));
    } else {
        put(out, lists.family_first.unwrap_or(" "));
        put(out, one(lists.company, stream));
    }
}

fn city(lists: &Lists, stream: &mut Stream, out: &mut Vec<u8>) {
    if stream.below(3) == 0 && !lists.city_before.is_empty() {
        put(out, one(lists.city_before, stream));
        put(out, " ");
    }
    put(out, one(lists.last, stream));
    put(out, one(lists.city_after, stream));
}

fn phone(stream: &mut Stream, out: &mut Vec<u8>) {
    put(out, "+1-");
    append_number(out, stream.between(201, 989));
    put(out, "-555-");
    append_digits(out, stream.below(10_000), 4, 10);
}

fn sentence(lists: &Lists, stream: &mut Stream, out: &mut Vec<u8>) {
    capitalized(one(lists.words, stream), out);
    for _ in 0..stream.between(4, 11) {
        put(out, lists.prose.0);
        put(out, one(lists.words, stream));
    }
    put(out, lists.prose.1);
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

/// Letters and digits only, in ASCII: what may stand in a user name.
fn lower(name: &str, out: &mut Vec<u8>) {
    for char in name.chars() {
        if char.is_ascii_alphanumeric() {
            out.push(char.to_ascii_lowercase() as u8);
        } else if !char.is_ascii() {
            char.to_lowercase().for_each(|char| put(out, plain(char)));
        }
    }
}

/// The ASCII letters that stand for one with a mark.
fn plain(char: char) -> &'static str {
    match char {
        'ä' | 'æ' => "ae",
        'ö' | 'œ' => "oe",
        'ü' => "ue",
        'ß' => "ss",
        'à'..='å' => "a",
        'ç' => "c",
        'è'..='ë' => "e",
        'ì'..='ï' => "i",
        'ñ' => "n",
        'ò'..='õ' | 'ø' => "o",
        'ù'..='û' => "u",
        'ý' | 'ÿ' => "y",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::super::lists::lists;
    use super::*;
    use crate::scenario::model::Locale;
    use crate::seed::rng::Key;

    #[test]
    fn every_kind_has_its_looks() {
        let mut shown = String::new();
        for (name, kind) in FakeKind::ALL {
            let mut out = Vec::new();
            append(kind, &ENGLISH, &mut Key::new(42, &["people", name]).stream(0), &mut out);
            shown.push_str(&format!("{name}: {}\n", String::from_utf8(out).unwrap()));
        }
        insta::assert_snapshot!(shown);
    }

    #[test]
    fn every_locale_has_its_looks_and_plain_user_names() {
        let mut shown = String::new();
        for (name, locale) in Locale::ALL {
            let kinds = [FakeKind::Name, FakeKind::Company, FakeKind::Street, FakeKind::Zip, FakeKind::City, FakeKind::State];
            let others = [FakeKind::Country, FakeKind::Phone, FakeKind::Job, FakeKind::Sentence, FakeKind::Email];
            let key = Key::new(42, &["people", name]);
            let made = kinds.into_iter().chain(others).map(|kind| {
                let mut out = Vec::new();
                append(kind, lists(locale), &mut key.stream(1), &mut out);
                String::from_utf8(out).unwrap()
            });
            shown.push_str(&format!("{name}: {}\n", made.collect::<Vec<_>>().join(" | ")));
            for row in 0..500 {
                let mut out = Vec::new();
                append(FakeKind::Username, lists(locale), &mut key.stream(row), &mut out);
                assert!(out.len() > 2 && out.is_ascii(), "{name}: {}", String::from_utf8_lossy(&out));
            }
        }
        insta::assert_snapshot!(shown);
    }

    #[test]
    fn card_numbers_never_pass_the_check() {
        for row in 0..200 {
            let mut out = Vec::new();
            append(FakeKind::CreditCard, &ENGLISH, &mut Key::new(1, &["t"]).stream(row), &mut out);
            let digits = out.iter().rev().map(|byte| u32::from(byte - b'0')).enumerate();
            let sum: u32 = digits.map(|(at, digit)| if at % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { digit }).sum();
            assert!(out.len() == 16 && !sum.is_multiple_of(10));
        }
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
