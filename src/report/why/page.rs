//! The lines of a report, each with the headings over it and the columns of its table.

use super::numeral::Numeral;

/// A line of the page.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// From 1.
    pub number: usize,
    /// As it is written, with blanks in place of the targets of links and of tags.
    pub text: String,
    /// The headings over it, outermost first.
    pub headings: Vec<String>,
    /// The headers of the table it is a row of.
    pub headers: Vec<String>,
    /// Inside of a fenced block.
    pub code: bool,
}

impl Line {
    /// The header of the column in which a number stands.
    pub fn header(&self, at: usize) -> &str {
        let place = self.text[..at].matches('|').count();
        place.checked_sub(1).and_then(|place| self.headers.get(place)).map_or("", String::as_str)
    }

    /// The number counts rows or headings, and is no figure.
    pub fn is_numbering(&self, numeral: &Numeral) -> bool {
        let before = self.text[..numeral.start].trim_start();
        let heading =
            before.starts_with('#') && before.trim_matches(['#', ' ']).is_empty() && self.text[numeral.end..].starts_with(". ");
        let listed = before.is_empty() && self.text[numeral.end..].starts_with(". ");
        let row = self.header(numeral.start) == "#";
        heading || listed || row
    }
}

/// The lines of a page.
pub fn lines(page: &str) -> Vec<Line> {
    let mut headings: Vec<(usize, String)> = Vec::new();
    let mut headers: Vec<String> = Vec::new();
    let mut fence = false;
    let mut lines = Vec::new();
    for (place, raw) in page.lines().enumerate() {
        let fenced = raw.trim_start().starts_with("```");
        fence ^= fenced;
        let code = fence || fenced;
        let text = if code { raw.to_owned() } else { readable(raw) };
        let level = if code { 0 } else { text.chars().take_while(|c| *c == '#').count() };
        if level > 0 {
            headings.retain(|(other, _)| *other < level);
            headings.push((level, text.clone()));
        }
        match text.trim_start().starts_with('|') && !code {
            true if headers.is_empty() => {
                let cells = readable(&raw.replace("&shy;", ""));
                headers = cells.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
            }
            true => {}
            false => headers.clear(),
        }
        let over = headings.iter().map(|(_, heading)| heading.clone()).collect();
        lines.push(Line { number: place + 1, text, headings: over, headers: headers.clone(), code });
    }
    lines
}

/// With blanks for what no reader sees: targets of links, tags, soft hyphens.
fn readable(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find(['<', ']', '&']) {
        let (plain, tail) = rest.split_at(at);
        text.push_str(plain);
        let hidden = if tail.starts_with("](") {
            // Addresses may hold pairs of parentheses.
            let mut depth = 0;
            let end = tail.char_indices().find_map(|(i, c)| {
                depth += i32::from(c == '(') - i32::from(c == ')');
                (depth == 0 && c == ')').then_some(i + 1)
            });
            end.unwrap_or(1)
        } else if tail.starts_with("&shy;") {
            "&shy;".len()
        } else if tail.starts_with('<') && tail[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') {
            tail.find('>').map_or(1, |end| end + 1)
        } else {
            text.push_str(&tail[..1]);
            rest = &tail[1..];
            continue;
        };
        let blanks = tail[..hidden].chars().count();
        text.extend(std::iter::repeat_n(' ', blanks));
        rest = &tail[hidden..];
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::why::numerals;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn hiding_what_nobody_reads_keeps_the_columns(text in "[a-z0-9<>/&;()é \\[\\]]{0,40}|(&shy;|\\]\\(|<b>|x|\\)| ){0,9}") {
            prop_assert_eq!(readable(&text).chars().count(), text.chars().count());
        }
    }

    #[test]
    fn a_row_knows_its_column_and_its_headings() {
        let page = "# Shop: 3 endpoints\n\n## 1. Before\n\n| # | endpoint | p50, ms |\n|--:|---|--:|\n| 1 | [GET /a](#1-get-a-15) | 0.5 |\n\n```\n7 rows\n```\n";
        let lines = lines(page);
        let row = &lines[6];
        assert_eq!(row.headings, ["# Shop: 3 endpoints", "## 1. Before"]);
        let found = numerals(&row.text);
        assert_eq!(found.iter().map(|found| found.core.as_str()).collect::<Vec<_>>(), ["1", "0.5"]);
        assert_eq!((row.header(found[0].start), row.header(found[1].start)), ("#", "p50, ms"));
        assert!(row.is_numbering(&found[0]) && !row.is_numbering(&found[1]));
        assert!(lines[2].is_numbering(&numerals(&lines[2].text)[0]));
        assert!(lines[9].code && !lines[7].code && lines[7].headers.is_empty());
    }
}
