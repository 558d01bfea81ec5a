//! A table of the page: in a box of its own that scrolls, with keys to sort its columns by.

use pulldown_cmark::Alignment;

use super::escape::{self, Ids};
use super::places::Places;
use super::sort_key;

/// A cell as it is written, and what it says without markup.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) html: String,
    pub(super) text: String,
}

/// A table while it is read.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) align: Vec<Alignment>,
    pub(super) head: Vec<Cell>,
    pub(super) rows: Vec<Vec<Cell>>,
    /// The row that is being read.
    pub(super) row: Vec<Cell>,
}

/// Columns with longer texts get room for a sentence instead of a word per line.
const LONG_TEXT: usize = 36;
/// Shorter ones get room for a few words.
const SOME_TEXT: usize = 14;
/// Tables of fewer rows have nothing to sort.
const FEWEST_ROWS: usize = 2;

impl Table {
    /// The table, its rows named after the endpoints they are about. `section` is the title above it.
    pub(super) fn html(&self, section: Option<&str>, places: &Places, ids: &mut Ids) -> String {
        let (rows, total) = self.parts();
        let keys: Vec<Vec<Option<f64>>> = (0..self.head.len())
            .map(|column| {
                sort_key::keys(&rows.iter().map(|row| row.get(column).map_or("", |cell| cell.text.as_str())).collect::<Vec<_>>())
            })
            .collect();
        let sortable = if rows.len() >= FEWEST_ROWS { " class=\"sortable\"" } else { "" };
        let mut html =
            format!("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Table\"><table{sortable}>\n<thead><tr>");
        for (column, cell) in self.head.iter().enumerate() {
            html.push_str(&format!("<th scope=\"col\"{}>{}</th>", self.class(column, cell), cell.html));
        }
        html.push_str("</tr></thead>\n<tbody>\n");
        for (place, row) in rows.iter().enumerate() {
            html.push_str(&format!("<tr{}>", about(row, section, places, ids)));
            for (column, cell) in row.iter().enumerate() {
                let key =
                    keys.get(column).and_then(|keys| keys[place]).map(|key| format!(" data-sort=\"{key}\"")).unwrap_or_default();
                html.push_str(&format!("<td{}{key}>{}</td>", self.class(column, cell), cell.html));
            }
            html.push_str("</tr>\n");
        }
        html.push_str("</tbody>\n");
        if let Some(total) = total {
            let cells: String = total
                .iter()
                .enumerate()
                .map(|(column, cell)| format!("<td{}>{}</td>", self.class(column, cell), cell.html))
                .collect();
            html.push_str(&format!("<tfoot><tr>{cells}</tr></tfoot>\n"));
        }
        html.push_str("</table></div>\n");
        html
    }

    /// The rows, and apart from them the last when it alone begins with a word in bold: it is their sum, and stays below them.
    fn parts(&self) -> (&[Vec<Cell>], Option<&Vec<Cell>>) {
        let bold = |row: &Vec<Cell>| {
            row.first().is_some_and(|cell| cell.html.starts_with("<strong>") && cell.html.ends_with("</strong>"))
        };
        match self.rows.split_last() {
            Some((last, others)) if bold(last) && !others.is_empty() && !others.iter().any(bold) => (others, Some(last)),
            _ => (&self.rows, None),
        }
    }

    /// What all cells of a column have in common: where they lean, and how much room they want.
    fn lean(&self, column: usize) -> &'static str {
        match self.align.get(column) {
            Some(Alignment::Right) => "r",
            Some(Alignment::Center) => "m",
            _ => match self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.text.chars().count()).max() {
                Some(longest) if longest > LONG_TEXT => "w",
                Some(longest) if longest > SOME_TEXT => "t",
                _ => "s",
            },
        }
    }

    fn class(&self, column: usize, cell: &Cell) -> String {
        format!(" class=\"{}{}\"", self.lean(column), tone(&cell.text))
    }
}

/// The colour of a verdict, which its words say, too.
fn tone(text: &str) -> &'static str {
    let ratio = text.starts_with(|c: char| c.is_ascii_digit());
    match text.trim() {
        text if ratio && text.contains("× slower") || text.ends_with(": missed") => " bad",
        text if ratio && text.contains("still over") => " warn",
        text if ratio && text.contains("× faster") => " good",
        _ => "",
    }
}

/// The name of the row, and where its figures come from, when it is about an endpoint.
fn about(row: &[Cell], section: Option<&str>, places: &Places, ids: &mut Ids) -> String {
    let Some(label) = row.iter().take(2).map(|cell| cell.text.trim()).find(|text| places.is_endpoint(text)) else {
        return String::new();
    };
    let id = ids.take(&format!("{}--{}", escape::anchor(section.unwrap_or("overview")), escape::anchor(label)));
    let pointer = places.endpoint(label, section).map(|pointer| format!(" data-run=\"{pointer}\"")).unwrap_or_default();
    format!(" id=\"{}\"{pointer}", escape::text(&id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_have_colours_and_other_words_have_none() {
        for (text, expected) in [
            ("12× faster", " good"),
            ("1.5× faster, still over 20 ms", " warn"),
            ("1.2× slower", " bad"),
            ("< 20: missed", " bad"),
            ("within noise", ""),
            ("reads 3× faster", ""),
            ("missed", ""),
        ] {
            assert_eq!(tone(text), expected, "{text}");
        }
    }
}
