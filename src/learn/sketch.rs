//! The scenario that was learned, as values; and its text.

use super::yaml::{Yaml, quoted};

/// A runnable scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Sketch {
    pub name: String,
    /// As the scenario refers to it.
    pub schema: String,
    /// `YYYY-MM-DD` or a moment; `None`: nothing in the data is a moment.
    pub until: Option<String>,
    pub because: String,
    pub tables: Vec<TableSketch>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct TableSketch {
    /// As a scenario writes it.
    pub name: String,
    /// `3000` or `4.5 per users`.
    pub rows: String,
    pub fixed: bool,
    pub shuffled: bool,
    /// What a reader should know; empty for nothing.
    pub comment: String,
    pub columns: Vec<ColumnSketch>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ColumnSketch {
    pub name: String,
    pub value: Yaml,
    pub comment: String,
}

/// The text of a scenario, and which lines of it speak of what.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    pub yaml: String,
    /// First and last line (from 1) of a column, with the places of its table and its own.
    pub columns: Vec<(u32, u32, usize, usize)>,
    /// Line of each table's name.
    pub tables: Vec<u32>,
}

/// Characters of a line before a value is spread over several, and of a comment behind a value before it goes above.
const WIDTH: usize = 110;
const WIDTH_WITH_COMMENT: usize = 135;

impl Sketch {
    /// As a person would write it.
    pub fn text(&self) -> Text {
        let mut out = Writer::default();
        out.line(&format!("name: {}", quoted(&self.name)));
        out.line(&format!("schema: {}", quoted(&self.schema)));
        out.line("");
        out.line("data:");
        out.line("  seed: 42");
        if let Some(until) = &self.until {
            out.line(&format!("  until: {until}"));
        }
        out.line(&Yaml::text(&*self.because).block("because", 2, usize::MAX));
        out.line(if self.tables.is_empty() { "  tables: {}" } else { "  tables:" });
        let mut columns = Vec::new();
        let mut tables = Vec::new();
        for (place, table) in self.tables.iter().enumerate() {
            if place > 0 {
                out.line("");
            }
            tables.push(out.next_line());
            table.write(place, &mut out, &mut columns);
        }
        Text { yaml: out.text, columns, tables }
    }
}

impl TableSketch {
    fn write(&self, place: usize, out: &mut Writer, places: &mut Vec<(u32, u32, usize, usize)>) {
        out.line(&format!("    {}:", quoted(&self.name)));
        let rows = format!("      rows: {}", self.rows);
        out.line(&if self.comment.is_empty() { rows } else { format!("{rows}  # {}", one_line(&self.comment)) });
        if self.fixed {
            out.line("      fixed: true");
        }
        if self.shuffled {
            out.line("      order: shuffled");
        }
        if self.columns.is_empty() {
            return;
        }
        out.line("      columns:");
        let blocks: Vec<String> = self.columns.iter().map(|column| column.value.block(&quoted(&column.name), 8, WIDTH)).collect();
        // Comments stand one below the other, as far right as the longest value of one line before them that leaves them room.
        let single = |block: &&String| !block.contains('\n');
        let edge =
            blocks.iter().filter(single).map(|block| block.chars().count()).filter(|width| *width <= 80).max().unwrap_or(0);
        for ((number, column), block) in self.columns.iter().enumerate().zip(&blocks) {
            let comment = one_line(&column.comment);
            let behind = format!("{block:edge$}  # {comment}");
            let fits = !block.contains('\n') && behind.chars().count() <= WIDTH_WITH_COMMENT;
            if !comment.is_empty() && !fits {
                out.line(&format!("        # {comment}"));
            }
            let first = out.next_line();
            out.line(if fits && !comment.is_empty() { &behind } else { block });
            places.push((first, out.next_line() - 1, place, number));
        }
    }
}

/// A comment ends with its line.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') { ' ' } else { c }).collect()
}

#[derive(Default)]
struct Writer {
    text: String,
    lines: u32,
}

impl Writer {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
        self.lines += 1 + line.matches('\n').count() as u32;
    }

    /// The number of the line to be written next.
    fn next_line(&self) -> u32 {
        self.lines + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, value: Yaml, comment: &str) -> ColumnSketch {
        ColumnSketch { name: name.into(), value, comment: comment.into() }
    }

    #[test]
    fn it_reads_as_if_somebody_had_written_it() {
        let users = TableSketch {
            name: "users".into(),
            rows: "3000".into(),
            fixed: false,
            shuffled: true,
            comment: "never\nanalyzed".into(),
            columns: vec![
                column("age", Yaml::map([("range", Yaml::word("18-90"))]), "72 different"),
                column("is \"on\"", Yaml::map([("values", Yaml::map([("true", Yaml::word("90%"))]))]), "labels"),
            ],
        };
        let sketch = Sketch {
            name: "shop".into(),
            schema: "shop.sql".into(),
            until: Some("2026-01-01".into()),
            because: "Learned.".into(),
            tables: vec![TableSketch { columns: vec![], comment: String::new(), ..users.clone() }, users],
        };
        let text = sketch.text();
        insta::assert_snapshot!(text.yaml);
        let lines: Vec<&str> = text.yaml.lines().collect();
        assert!(lines[text.columns[0].0 as usize - 1].trim_start().starts_with("age:"), "{text:?}");
        assert_eq!(lines[text.tables[1] as usize - 1], "    users:");
    }
}
