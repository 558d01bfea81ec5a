//! The common look: a header over a line, numbers to the right, text giving way when space is short, colours by meaning.
//!
//! comfy-table could colour cells, but through a library that reads `NO_COLOR` from the environment, and a table here is a function
//! of its arguments. So a painted cell carries invisible marks through the layout, and the marks become colours at the end.

use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle};

use super::Screen;
use super::sheet::{FAINT, GREEN, RED, RESET};

/// What a colour stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    Plain,
    Good,
    Bad,
    /// True, but of little interest: within noise, not enough data.
    Faint,
}

/// Invisible, of no width, and of no use in a name: Unicode's mathematical invisibles.
const MARKS: [(char, &str, Paint); 3] =
    [('\u{2061}', GREEN, Paint::Good), ('\u{2062}', RED, Paint::Bad), ('\u{2063}', FAINT, Paint::Faint)];
const END: char = '\u{2064}';

/// Blanks between two columns.
const GAP: usize = 2;
/// A text column is not squeezed below this (or its longest text) while there is another column to leave out.
const TEXT_WIDTH: usize = 30;

/// A table being filled.
pub(super) struct Grid {
    columns: Vec<Column>,
    rows: Vec<Vec<(String, Paint)>>,
}

/// A column: its title carries the unit; it may have two lines.
pub(super) struct Column {
    title: &'static str,
    kind: Kind,
    /// 0 always stays; of the others the highest is left out first when space is short.
    spare: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Word,
    Number,
}

/// A column to the left, wrapped when the screen is narrow.
pub(super) fn text(title: &'static str) -> Column {
    Column { title, kind: Kind::Text, spare: 0 }
}

/// A column to the left, wrapped when the screen is narrow and left out when it is narrower still.
pub(super) fn spare_text(title: &'static str, spare: u8) -> Column {
    Column { title, kind: Kind::Text, spare }
}

/// A column to the left, never wrapped.
pub(super) fn word(title: &'static str, spare: u8) -> Column {
    Column { title, kind: Kind::Word, spare }
}

/// A column to the right, never wrapped.
pub(super) fn number(title: &'static str, spare: u8) -> Column {
    Column { title, kind: Kind::Number, spare }
}

impl Grid {
    pub fn new(columns: Vec<Column>) -> Self {
        Grid { columns, rows: Vec::new() }
    }

    /// Adds a row of plain cells; missing cells are empty.
    pub fn row(&mut self, cells: Vec<String>) {
        self.painted(cells.into_iter().map(|text| (text, Paint::Plain)).collect());
    }

    /// Adds a row whose cells have a meaning.
    pub fn painted(&mut self, mut cells: Vec<(String, Paint)>) {
        cells.resize(self.columns.len(), (String::new(), Paint::Plain));
        self.rows.push(cells);
    }

    /// The table, without a newline at its end.
    pub fn render(&self, screen: Screen) -> String {
        // A screen that nothing fits on is laid out as if it were wider; the terminal then breaks the lines.
        let width = u16::try_from(screen.width).unwrap_or(u16::MAX).max(40);
        let shown = self.shown(width.into());
        let mut table = Table::new();
        table.load_style(TableStyle::new().header_separator(LineStyle::none().fill(if screen.ascii { '-' } else { '─' })));
        table.set_content_arrangement(ContentArrangement::Dynamic).force_no_tty().set_width(width);
        table.set_header(shown.iter().map(|&i| Cell::new(self.columns[i].title)).collect::<Vec<_>>());
        for (column, &i) in table.column_iter_mut().zip(&shown) {
            column.set_padding((0, if Some(&i) == shown.last() { 0 } else { GAP as u16 }));
            if self.columns[i].kind == Kind::Number {
                column.set_cell_alignment(CellAlignment::Right);
            }
            if self.columns[i].kind != Kind::Text {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        for row in &self.rows {
            table.add_row(shown.iter().map(|&i| Cell::new(marked(&row[i].0, row[i].1))).collect::<Vec<_>>());
        }
        table.lines().map(|line| coloured(line.trim_end(), screen.color)).collect::<Vec<_>>().join("\n")
    }

    /// The columns that fit, by their place; columns that are empty all the way down are not shown.
    fn shown(&self, width: usize) -> Vec<usize> {
        let filled = |i: &usize| self.rows.iter().any(|row| !row[*i].0.is_empty());
        let mut shown: Vec<usize> = (0..self.columns.len()).filter(filled).collect();
        loop {
            let needed: usize = shown.iter().map(|&i| self.needs(i) + GAP).sum();
            let least = shown.iter().copied().max_by_key(|&i| self.columns[i].spare).filter(|&i| self.columns[i].spare > 0);
            match least {
                Some(least) if needed > width + GAP => shown.retain(|&i| i != least),
                _ => return shown,
            }
        }
    }

    /// Characters that a column wants at least.
    fn needs(&self, i: usize) -> usize {
        let cells = self.rows.iter().map(|row| row[i].0.chars().count());
        let longest = cells.chain(self.columns[i].title.lines().map(|line| line.chars().count())).max().unwrap_or(0);
        if self.columns[i].kind == Kind::Text { longest.min(TEXT_WIDTH) } else { longest }
    }
}

/// On one line, without control characters (which could speak to the terminal) and without marks of its own.
fn marked(text: &str, paint: Paint) -> String {
    let own = |c: &char| ('\u{2061}'..='\u{2064}').contains(c);
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).filter(|c| !own(c)).collect();
    match MARKS.iter().find(|(_, _, meaning)| *meaning == paint) {
        Some((mark, _, _)) if !clean.is_empty() => format!("{mark}{clean}{END}"),
        _ => clean,
    }
}

/// Marks turned to colours, or taken away.
fn coloured(line: &str, colour: bool) -> String {
    let mut text = String::with_capacity(line.len() + 16);
    let mut open = false;
    for letter in line.chars() {
        let code = MARKS.iter().find(|(mark, _, _)| *mark == letter).map(|(_, code, _)| *code);
        match (code, letter) {
            (Some(code), _) => {
                open = true;
                text.push_str(if colour { code } else { "" });
            }
            (None, END) => {
                text.push_str(if colour && open { RESET } else { "" });
                open = false;
            }
            (None, other) => text.push(other),
        }
    }
    if open && colour {
        text.push_str(RESET);
    }
    text
}
