//! A Markdown table.

/// Which way a column leans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lean {
    Left,
    /// For numbers.
    Right,
}

/// Rows under a header. Cells are Markdown already; pipes and line breaks in them are taken care of here.
pub struct Table {
    columns: Vec<(String, Lean)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new<'a>(columns: impl IntoIterator<Item = (&'a str, Lean)>) -> Self {
        Table { columns: columns.into_iter().map(|(title, lean)| (cell(title), lean)).collect(), rows: Vec::new() }
    }

    /// Adds a row; a cell that is missing stays empty, one too many is dropped.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let mut row: Vec<String> = cells.into_iter().zip(&self.columns).map(|(text, (_, lean))| leaning(&text, *lean)).collect();
        row.resize(self.columns.len(), String::new());
        self.rows.push(row);
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The table, ended by a newline, without the columns that say nothing in any row; nothing when it has no row.
    pub fn render(&self) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        let says: Vec<usize> = (0..self.columns.len()).filter(|at| self.rows.iter().any(|row| !row[*at].is_empty())).collect();
        let rule = says.iter().map(|at| match self.columns[*at].1 {
            Lean::Left => "---",
            Lean::Right => "--:",
        });
        let mut text = line(says.iter().map(|at| self.columns[*at].0.as_str()));
        text.push_str(&format!("|{}|\n", rule.collect::<Vec<_>>().join("|")));
        for row in &self.rows {
            text.push_str(&line(says.iter().map(|at| row[*at].as_str())));
        }
        text
    }
}

fn line<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
}

/// A number stays with its unit on one line.
fn leaning(text: &str, lean: Lean) -> String {
    match lean {
        Lean::Left => cell(text),
        Lean::Right => cell(text).replace(' ', "\u{a0}"),
    }
}

/// GitHub splits cells at every bare pipe, also inside of code.
fn cell(text: &str) -> String {
    text.replace(['\n', '\r'], " ").replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_that_say_nothing_go() {
        let mut table = Table::new([("a", Lean::Left), ("b", Lean::Right), ("c", Lean::Left)]);
        table.row(["1".to_owned(), String::new(), "3".to_owned()]);
        assert_eq!(table.render(), "| a | c |\n|---|---|\n| 1 | 3 |\n");
    }

    #[test]
    fn pipes_and_line_breaks_stay_in_their_cell() {
        let mut table = Table::new([("a", Lean::Left), ("b", Lean::Right)]);
        table.row(["x|y".to_owned(), "1\n2 MB".to_owned()]);
        assert_eq!(table.render(), "| a | b |\n|---|--:|\n| x\\|y | 1\u{a0}2\u{a0}MB |\n");
    }
}
