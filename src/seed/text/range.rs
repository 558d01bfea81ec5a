//! Ranges, and multiranges of them.

use crate::seed::encode::put_bytes;
use crate::seed::types::{Kind, PgType};

use super::encode_text;
use super::write::{append_text, array};

/// Flags of `rangetypes.h`.
const EMPTY: u8 = 0x01;
pub const LOW_INCLUDED: u8 = 0x02;
const HIGH_INCLUDED: u8 = 0x04;
const LOW_ENDLESS: u8 = 0x08;
const HIGH_ENDLESS: u8 = 0x10;

/// `[low,high)`, `(,5]`, `empty`.
pub fn read(text: &str, bound: &PgType) -> Option<Vec<u8>> {
    if text.eq_ignore_ascii_case("empty") {
        return Some(vec![EMPTY]);
    }
    let mut flags = match text.chars().next()? {
        '[' => LOW_INCLUDED,
        '(' => 0,
        _ => return None,
    };
    flags |= match text.chars().last()? {
        ']' => HIGH_INCLUDED,
        ')' => 0,
        _ => return None,
    };
    let (low, high) = bounds(text.get(1..text.len() - 1)?)?;
    let mut value = vec![0];
    for (text, included, endless) in [(low, LOW_INCLUDED, LOW_ENDLESS), (high, HIGH_INCLUDED, HIGH_ENDLESS)] {
        if text.is_empty() {
            flags = flags & !included | endless;
        } else {
            put_bytes(&mut value, &encode_text(&text, bound).ok()?);
        }
    }
    value[0] = flags;
    Some(value)
}

/// Both bounds, quotes and what they protect undone.
fn bounds(text: &str) -> Option<(String, String)> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => quoted = !quoted,
            '\\' => parts.last_mut()?.push(chars.next()?),
            ',' if !quoted => parts.push(String::new()),
            c => parts.last_mut()?.push(c),
        }
    }
    let [low, high] = <[String; 2]>::try_from(parts).ok()?;
    (!quoted).then_some((low, high))
}

/// `{[1,3),[5,9)}`
pub fn read_many(text: &str, bound: &PgType) -> Option<Vec<u8>> {
    let mut rest = text.strip_prefix('{')?.strip_suffix('}')?.trim();
    let mut ranges = Vec::new();
    let mut count = 0_u32;
    while !rest.is_empty() {
        let end = end_of_range(rest)?;
        put_bytes(&mut ranges, &read(rest[..end].trim(), bound)?);
        count += 1;
        rest = rest[end..].trim_start();
        rest = match rest.strip_prefix(',') {
            Some(behind) => behind.trim_start(),
            None if rest.is_empty() => rest,
            None => return None,
        };
    }
    Some([&count.to_be_bytes()[..], &ranges].concat())
}

fn end_of_range(text: &str) -> Option<usize> {
    if text.get(..5).is_some_and(|word| word.eq_ignore_ascii_case("empty")) {
        return Some(5);
    }
    let mut quoted = false;
    let end = text.char_indices().find(|(_, c)| {
        quoted ^= *c == '"';
        !quoted && matches!(c, ']' | ')')
    });
    end.map(|(at, _)| at + 1)
}

pub fn print(bound: Kind, value: &[u8], out: &mut Vec<u8>) {
    let Some((flags, mut rest)) = value.split_first() else { return };
    if flags & EMPTY != 0 {
        out.extend_from_slice(b"empty");
        return;
    }
    out.push(if flags & LOW_INCLUDED != 0 { b'[' } else { b'(' });
    for (place, endless) in [LOW_ENDLESS, HIGH_ENDLESS].into_iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        if flags & endless == 0 {
            let field = take(&mut rest);
            let start = out.len();
            append_text(bound, field, out);
            if out[start..].contains(&b' ') {
                out.insert(start, b'"');
                out.push(b'"');
            }
        }
    }
    out.push(if flags & HIGH_INCLUDED != 0 { b']' } else { b')' });
}

pub fn print_many(bound: Kind, value: &[u8], out: &mut Vec<u8>) {
    let count = u32::from_be_bytes(array(value));
    let mut rest = value.get(4..).unwrap_or_default();
    out.push(b'{');
    for place in 0..count {
        if rest.is_empty() {
            break;
        }
        if place > 0 {
            out.push(b',');
        }
        print(bound, take(&mut rest), out);
    }
    out.push(b'}');
}

/// The next field's bytes.
fn take<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let length = usize::try_from(i32::from_be_bytes(array(rest))).unwrap_or(0);
    let behind = rest.get(4..).unwrap_or_default();
    let field = behind.get(..length).unwrap_or_default();
    *rest = behind.get(length..).unwrap_or_default();
    field
}
