//! Records and fields.

use memchr::{memchr, memchr2};

/// How fields are parted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    pub delimiter: u8,
    /// `None`: no quote is special.
    pub quote: Option<u8>,
}

impl Default for Dialect {
    fn default() -> Self {
        Dialect { delimiter: b',', quote: Some(b'"') }
    }
}

/// Where the record that `text` starts with ends, its newline included. `None`: not in this text; a quote may be open.
pub fn record_end(text: &[u8], dialect: Dialect) -> Option<usize> {
    let newline = memchr(b'\n', text);
    let Some(quote) = dialect.quote else { return newline.map(|at| at + 1) };
    // Most lines have no quote, or end before the first one.
    if let Some(newline) = newline
        && memchr(quote, &text[..newline]).is_none()
    {
        return Some(newline + 1);
    }
    let mut at = 0;
    loop {
        at += quoted_part(&text[at..], quote)?;
        let next = at + memchr2(dialect.delimiter, b'\n', &text[at..])?;
        at = next + 1;
        if text[next] == b'\n' {
            return Some(at);
        }
    }
}

/// The length of what stands in quotes at the start of a field, quotes included: 0 for a field without. `None`: it does not end.
fn quoted_part(text: &[u8], quote: u8) -> Option<usize> {
    if text.first() != Some(&quote) {
        return Some(0);
    }
    let mut at = 1;
    loop {
        at += memchr(quote, &text[at..])? + 1;
        if text.get(at) != Some(&quote) {
            return Some(at);
        }
        at += 1;
    }
}

/// The fields of one record. Reused from record to record, so that reading allocates nothing.
#[derive(Debug, Default)]
pub struct Fields {
    spans: Vec<Span>,
    /// Fields that do not stand in the record as they are.
    copied: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
    quoted: bool,
    copied: bool,
}

impl Fields {
    /// Reads a record, with or without its newline. False when a quote is not closed.
    pub fn read(&mut self, record: &[u8], dialect: Dialect) -> bool {
        self.spans.clear();
        self.copied.clear();
        let record = record.strip_suffix(b"\n").unwrap_or(record);
        let record = record.strip_suffix(b"\r").unwrap_or(record);
        let mut at = 0;
        loop {
            let quoted = match dialect.quote {
                Some(quote) if record.get(at) == Some(&quote) => match quoted_part(&record[at..], quote) {
                    Some(length) => length,
                    None => return false,
                },
                _ => 0,
            };
            let rest = at + quoted;
            let end = memchr(dialect.delimiter, &record[rest..]).map_or(record.len(), |offset| rest + offset);
            self.field(record, at, rest, end, dialect);
            if end == record.len() {
                return true;
            }
            at = end + 1;
        }
    }

    /// A field from `at` to `end`, in quotes up to `rest`.
    fn field(&mut self, record: &[u8], at: usize, rest: usize, end: usize, dialect: Dialect) {
        let quote = match dialect.quote {
            Some(quote) if rest > at => quote,
            _ => return self.spans.push(Span { start: at, end, quoted: false, copied: false }),
        };
        let inside = &record[at + 1..rest - 1];
        if rest == end && memchr(quote, inside).is_none() {
            return self.spans.push(Span { start: at + 1, end: rest - 1, quoted: true, copied: false });
        }
        let start = self.copied.len();
        let mut left = inside;
        while let Some(doubled) = memchr(quote, left) {
            self.copied.extend_from_slice(&left[..=doubled]);
            left = &left[doubled + 2..];
        }
        self.copied.extend_from_slice(left);
        self.copied.extend_from_slice(&record[rest..end]);
        self.spans.push(Span { start, end: self.copied.len(), quoted: true, copied: true });
    }

    /// How many there are; a record has at least one.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// A field of the record that was read last, and whether it stood in quotes.
    pub fn get<'t>(&'t self, record: &'t [u8], place: usize) -> Option<(&'t [u8], bool)> {
        let span = self.spans.get(place)?;
        let text = if span.copied { &self.copied } else { record };
        Some((&text[span.start..span.end], span.quoted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(record: &str) -> Vec<(String, bool)> {
        let mut fields = Fields::default();
        assert!(fields.read(record.as_bytes(), Dialect::default()), "{record}");
        let text =
            |place| fields.get(record.as_bytes(), place).map(|(text, quoted)| (String::from_utf8_lossy(text).into(), quoted));
        (0..fields.len()).filter_map(text).collect()
    }

    #[test]
    fn fields_are_parted_and_quotes_undone() {
        let plain = |text: &str| (text.to_owned(), false);
        let quoted = |text: &str| (text.to_owned(), true);
        assert_eq!(read("a,,\"\"\r\n"), [plain("a"), plain(""), quoted("")]);
        assert_eq!(read("\"a,\n\"\"b\"\"\",5\" disk\n"), [quoted("a,\n\"b\""), plain("5\" disk")]);
        assert_eq!(read("\"a\" b,c"), [quoted("a b"), plain("c")]);
        assert_eq!(read("\n"), [plain("")]);
    }

    #[test]
    fn a_record_ends_at_a_newline_outside_of_quotes() {
        let end = |text: &str| record_end(text.as_bytes(), Dialect::default());
        assert_eq!(end("a,b\nc"), Some(4));
        assert_eq!(end("a,\"b\nc\"\nd\n"), Some(8));
        assert_eq!(end("5\" disk,b\nc\"\n"), Some(10), "a quote inside of a field is no quote");
        assert_eq!(end("a,\"b\nc\n"), None);
        assert_eq!(end("a,b"), None);
        assert!(!Fields::default().read(b"a,\"b\n", Dialect::default()));
    }

    proptest! {
        /// What the `csv` crate writes comes back, record by record.
        #[test]
        fn any_table_comes_back(
            rows in prop::collection::vec(prop::collection::vec("[a-c,;\"\\n\\r\u{e9} ]{0,8}", 3), 1..20),
            semicolon: bool,
        ) {
            let delimiter = if semicolon { b';' } else { b',' };
            let dialect = Dialect { delimiter, ..Dialect::default() };
            let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
            rows.iter().for_each(|row| writer.write_record(row).unwrap());
            let text = writer.into_inner().unwrap();
            let (mut at, mut back, mut fields) = (0, Vec::new(), Fields::default());
            while at < text.len() {
                let end = at + record_end(&text[at..], dialect).unwrap();
                prop_assert!(fields.read(&text[at..end], dialect));
                let record = &text[at..end];
                back.push((0..fields.len()).map(|place| String::from_utf8(fields.get(record, place).unwrap().0.to_vec()).unwrap()).collect::<Vec<_>>());
                at = end;
            }
            prop_assert_eq!(back, rows);
        }

        /// Nothing that can stand in a file makes reading panic, and both halves agree where a record ends.
        #[test]
        fn any_text_is_read(text in "[a,\"\\n\\r]{0,30}") {
            if let Some(end) = record_end(text.as_bytes(), Dialect::default()) {
                prop_assert!(Fields::default().read(&text.as_bytes()[..end], Dialect::default()));
            }
        }
    }
}
