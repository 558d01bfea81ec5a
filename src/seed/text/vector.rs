//! `tsvector`: the words of a text, sorted, with their places.

use std::collections::BTreeMap;

/// What a place may be, and how many of a word's are kept (<https://www.postgresql.org/docs/15/textsearch-limitations.html>).
const MOST_PLACE: u16 = 16_383;
const MOST_PLACES: usize = 255;

/// Words without their order: each once, as the server sorts them, with the places it stands at.
pub type Words = BTreeMap<Vec<u8>, Vec<u16>>;

/// `'fat':2A 'cat':3,7 sat`: words, quoted where they need it, with places and weights.
pub fn read(text: &str) -> Option<Vec<u8>> {
    let mut words = Words::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (word, behind) = lexeme(rest, |c| c == ':')?;
        let places = words.entry(word.into_bytes()).or_default();
        rest = behind;
        if let Some(list) = rest.strip_prefix(':') {
            let end = list.find(char::is_whitespace).unwrap_or(list.len());
            for one in list[..end].split(',') {
                places.push(place(one)?);
            }
            rest = &list[end..];
        }
        rest = rest.trim_start();
    }
    binary(words)
}

/// `3B`: the weight in the two upper bits, D for none.
fn place(text: &str) -> Option<u16> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let weight = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "A" => 3,
        "B" => 2,
        "C" => 1,
        "D" | "" => 0,
        _ => return None,
    };
    let place: u32 = digits.parse().ok()?;
    (place > 0).then(|| weight << 14 | place.min(u32::from(MOST_PLACE)) as u16)
}

/// A word up to white space or what ends it, and the rest.
pub fn lexeme(text: &str, ends: impl Fn(char) -> bool) -> Option<(String, &str)> {
    let mut word = String::new();
    let quoted = text.starts_with('\'');
    let mut chars = text.char_indices().skip(usize::from(quoted)).peekable();
    let mut end = text.len();
    let mut closed = !quoted;
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => word.push(chars.next()?.1),
            '\'' if quoted && chars.peek().is_some_and(|(_, next)| *next == '\'') => {
                chars.next();
                word.push('\'');
            }
            '\'' if quoted => {
                (end, closed) = (at + 1, true);
                break;
            }
            c if !quoted && (c.is_whitespace() || ends(c)) => {
                end = at;
                break;
            }
            c => word.push(c),
        }
    }
    // A word has at most 2,046 bytes.
    (closed && !word.is_empty() && word.len() <= 2_046 && !word.contains('\0')).then(|| (word, &text[end..]))
}

/// The value's bytes; `None` when the words are more than it holds.
pub fn binary(words: Words) -> Option<Vec<u8>> {
    let mut value = (words.len() as u32).to_be_bytes().to_vec();
    for (word, mut places) in words {
        value.extend_from_slice(&word);
        value.push(0);
        places.sort_by_key(|place| place & MOST_PLACE);
        // Of one place the greatest weight stays. Of the last place there is, where all further ones end up, too, it is the first one's,
        // unless there is no place before it: the server stops looking once it comes there (`uniquePos` of tsvector.c).
        let only_last = places.first().is_some_and(|first| first & MOST_PLACE == MOST_PLACE);
        places.dedup_by(|next, kept| {
            let same = *next & MOST_PLACE == *kept & MOST_PLACE;
            if same && (only_last || *kept & MOST_PLACE < MOST_PLACE) {
                *kept = (*kept).max(*next);
            }
            same
        });
        places.truncate(MOST_PLACES);
        value.extend_from_slice(&(places.len() as u16).to_be_bytes());
        places.iter().for_each(|place| value.extend_from_slice(&place.to_be_bytes()));
    }
    // The words of a vector share a megabyte.
    (value.len() < 1 << 20).then_some(value)
}

/// As the server prints it.
pub fn print(value: &[u8]) -> String {
    let mut rest = value.get(4..).unwrap_or_default();
    let mut words = Vec::new();
    while let Some(end) = rest.iter().position(|byte| *byte == 0) {
        let mut word = format!("'{}'", String::from_utf8_lossy(&rest[..end]).replace('\\', "\\\\").replace('\'', "''"));
        let number = |at: usize| Some(u16::from_be_bytes([*rest.get(at)?, *rest.get(at + 1)?]));
        let Some(count) = number(end + 1) else { break };
        let places = (0..usize::from(count)).map_while(|place| number(end + 3 + 2 * place));
        let printed: Vec<String> =
            places.map(|place| format!("{}{}", place & MOST_PLACE, ["", "C", "B", "A"][usize::from(place >> 14)])).collect();
        if !printed.is_empty() {
            word = format!("{word}:{}", printed.join(","));
        }
        words.push(word);
        rest = rest.get(end + 3 + 2 * usize::from(count)..).unwrap_or_default();
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As PostgreSQL 15 prints them.
    #[test]
    fn a_place_has_its_greatest_weight_and_the_last_place_its_first() {
        let printed = |text: &str| print(&read(text).unwrap());
        assert_eq!(printed("a:5C,5B,5 a:7"), "'a':5B,7");
        assert_eq!(printed("a:2217,17515 b:1 a:14423D,18659C"), "'a':2217,14423,16383 'b':1");
        assert_eq!(printed("a:18659C,17515A"), "'a':16383A");
    }
}
