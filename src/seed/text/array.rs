//! Arrays of one or more dimensions.

use crate::seed::encode::{put_bytes, put_null};
use crate::seed::types::{Kind, PgType};

use super::encode_text;
use super::write::{append_text, array as bytes_of};

/// What the server takes (`MAXDIM`).
const MOST_DIMENSIONS: usize = 6;

/// `{a,b}`, `{{1,2},{3,4}}`, `{}`: elements in quotes where they need them, `NULL` for none.
pub fn read(text: &str, element: &PgType) -> Option<Vec<u8>> {
    let mut reader =
        Reader { rest: text, delimiter: delimiter(element.kind), element, sizes: Vec::new(), elements: Vec::new(), nulls: false };
    reader.braces(0)?;
    if !reader.rest.trim().is_empty() {
        return None;
    }
    // `{{},{}}` is empty too.
    if reader.sizes.contains(&Some(0)) || reader.sizes.is_empty() {
        let mut value = Vec::with_capacity(12);
        put_head(element, &[], &mut value);
        return reader.elements.is_empty().then_some(value);
    }
    let sizes: Vec<u32> = reader.sizes.iter().map(|size| size.unwrap_or(0)).collect();
    let mut value = Vec::with_capacity(12 + 8 * sizes.len() + reader.elements.len());
    put_head(element, &sizes, &mut value);
    value[7] = u8::from(reader.nulls);
    value.extend_from_slice(&reader.elements);
    Some(value)
}

/// Appends what stands before the elements: how many dimensions, whether there are NULLs, the elements' type, and of each dimension its length
/// and first index. Types that somebody made have another OID in each database: it is 0 here, and put in when the rows are sent.
/// That there are NULLs is said afterwards, in the byte at 7.
pub fn put_head(element: &PgType, sizes: &[u32], out: &mut Vec<u8>) {
    out.extend_from_slice(&(sizes.len() as u32).to_be_bytes());
    out.extend_from_slice(&0_u32.to_be_bytes());
    out.extend_from_slice(&element.portable_oid().to_be_bytes());
    for size in sizes {
        out.extend_from_slice(&size.to_be_bytes());
        out.extend_from_slice(&1_u32.to_be_bytes());
    }
}

/// `box` alone has commas of its own.
fn delimiter(kind: Kind) -> char {
    if kind == Kind::Box { ';' } else { ',' }
}

struct Reader<'a> {
    rest: &'a str,
    delimiter: char,
    element: &'a PgType,
    /// Of each dimension, once its first pair of braces has ended.
    sizes: Vec<Option<u32>>,
    /// Fields.
    elements: Vec<u8>,
    nulls: bool,
}

impl Reader<'_> {
    fn skip(&mut self, wanted: char) -> Option<()> {
        self.rest = self.rest.trim_start().strip_prefix(wanted)?;
        Some(())
    }

    /// A pair of braces with what is in it: elements in the innermost, else pairs of braces of one length.
    fn braces(&mut self, depth: usize) -> Option<()> {
        self.skip('{')?;
        if depth == self.sizes.len() {
            if depth == MOST_DIMENSIONS || !self.elements.is_empty() {
                return None;
            }
            self.sizes.push(None);
        }
        let mut count = 0;
        if self.skip('}').is_none() {
            loop {
                if self.rest.trim_start().starts_with('{') {
                    self.braces(depth + 1)?;
                } else if depth + 1 == self.sizes.len() {
                    self.one()?;
                } else {
                    return None;
                }
                count += 1;
                if self.skip('}').is_some() {
                    break;
                }
                self.skip(self.delimiter)?;
            }
        }
        match self.sizes[depth] {
            Some(size) => (size == count).then_some(()),
            None => {
                self.sizes[depth] = Some(count);
                Some(())
            }
        }
    }

    fn one(&mut self) -> Option<()> {
        let (text, quoted) = self.word()?;
        if !quoted && text.eq_ignore_ascii_case("null") {
            put_null(&mut self.elements);
            self.nulls = true;
        } else {
            put_bytes(&mut self.elements, &encode_text(&text, self.element).ok()?);
        }
        Some(())
    }

    fn word(&mut self) -> Option<(String, bool)> {
        let (delimiter, rest) = (self.delimiter, self.rest.trim_start());
        let quoted = rest.starts_with('"');
        let start = usize::from(quoted);
        let mut word = String::new();
        let mut chars = rest[start..].char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => word.push(chars.next()?.1),
                '"' if quoted => {
                    self.rest = &rest[start + at + 1..];
                    return Some((word, true));
                }
                c if !quoted && (c == delimiter || c == '}') => {
                    self.rest = &rest[at..];
                    let word = word.trim_end().to_owned();
                    return (!word.is_empty()).then_some((word, false));
                }
                '"' | '{' if !quoted => return None,
                c => word.push(c),
            }
        }
        None
    }
}

/// As the server prints it.
pub fn print(kind: Kind, value: &[u8], out: &mut Vec<u8>) {
    let word = |at: usize| u32::from_be_bytes(bytes_of(value.get(at..).unwrap_or_default()));
    let dimensions = (word(0) as usize).min(MOST_DIMENSIONS);
    let sizes: Vec<u32> = (0..dimensions).map(|dimension| word(12 + 8 * dimension)).collect();
    if sizes.is_empty() {
        out.extend_from_slice(b"{}");
        return;
    }
    let mut rest = value.get(12 + 8 * dimensions..).unwrap_or_default();
    print_dimension(kind, &sizes, &mut rest, out);
}

fn print_dimension(kind: Kind, sizes: &[u32], rest: &mut &[u8], out: &mut Vec<u8>) {
    let Some((size, inner)) = sizes.split_first() else { return print_element(kind, rest, out) };
    out.push(b'{');
    for place in 0..*size {
        if place > 0 {
            out.push(delimiter(kind) as u8);
        }
        print_dimension(kind, inner, rest, out);
    }
    out.push(b'}');
}

fn print_element(kind: Kind, rest: &mut &[u8], out: &mut Vec<u8>) {
    let length = i32::from_be_bytes(bytes_of(rest));
    let behind = rest.get(4..).unwrap_or_default();
    let Ok(length) = usize::try_from(length) else {
        out.extend_from_slice(b"NULL");
        *rest = behind;
        return;
    };
    let mut text = Vec::new();
    append_text(kind, behind.get(..length).unwrap_or_default(), &mut text);
    *rest = behind.get(length..).unwrap_or_default();
    let special =
        |byte: &u8| matches!(byte, b'{' | b'}' | b'"' | b'\\') || *byte == delimiter(kind) as u8 || byte.is_ascii_whitespace();
    if !text.is_empty() && !text.eq_ignore_ascii_case(b"null") && !text.iter().any(special) {
        out.extend_from_slice(&text);
        return;
    }
    out.push(b'"');
    for byte in text {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
}
