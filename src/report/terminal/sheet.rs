//! Text under headings: sentences that wrap where the screen ends, code and plans that do not, and blocks that are set in.

use super::{PlanView, Screen};
use crate::units::printable;

pub(super) const GREEN: &str = "\u{1b}[32m";
pub(super) const RED: &str = "\u{1b}[31m";
pub(super) const YELLOW: &str = "\u{1b}[33m";
pub(super) const FAINT: &str = "\u{1b}[2m";
const BOLD: &str = "\u{1b}[1m";
pub(super) const RESET: &str = "\u{1b}[0m";

/// Sentences get at least as many characters, however deep they are set in; the terminal then breaks the lines.
const NARROWEST: usize = 30;
/// Blanks by which a block is set in.
const STEP: usize = 2;

/// A text being written, from the top to the bottom.
pub(super) struct Sheet {
    screen: Screen,
    view: PlanView,
    lines: Vec<String>,
    indent: usize,
}

impl Sheet {
    pub fn new(screen: Screen) -> Self {
        Sheet { screen, view: PlanView::default(), lines: Vec::new(), indent: 0 }
    }

    /// The same with plans shown like this.
    pub fn with_plans(self, view: PlanView) -> Self {
        Sheet { view, ..self }
    }

    pub fn plans(&self) -> PlanView {
        self.view
    }

    /// What is left of the screen where this is set in.
    pub fn room(&self) -> Screen {
        Screen { width: self.screen.width.saturating_sub(self.indent), ..self.screen }
    }

    /// The text, without a newline at its end.
    pub fn finish(self) -> String {
        self.lines.join("\n").trim_end().to_owned()
    }

    /// Parts what follows from what is there; two in a row are one.
    pub fn gap(&mut self) {
        if self.lines.last().is_some_and(|line| !line.is_empty()) {
            self.lines.push(String::new());
        }
    }

    /// What `write` writes is set in by one step.
    pub fn set_in(&mut self, write: impl FnOnce(&mut Sheet)) {
        self.indent += STEP;
        write(self);
        self.indent -= STEP;
    }

    /// A title in bold, wrapped.
    pub fn heading(&mut self, title: &str) {
        self.wrapped("", title, |_, line| painted(BOLD, line));
    }

    /// Sentences, wrapped.
    pub fn text(&mut self, sentences: &str) {
        self.wrapped("", sentences, |_, line| line.to_owned());
    }

    /// An item of a list, wrapped behind its mark.
    pub fn item(&mut self, text: &str) {
        self.wrapped("- ", text, |_, line| line.to_owned());
    }

    /// An item of a list that is spoken of by its number.
    pub fn numbered(&mut self, number: usize, text: &str) {
        self.wrapped(&format!("{number}. "), text, |_, line| line.to_owned());
    }

    /// Sentences that begin with a word in colour; without colours the word says it alone.
    pub fn led(&mut self, colour: &'static str, word: &str, rest: &str) {
        self.wrapped("", &format!("{word}{rest}"), |place, line| match line.strip_prefix(word) {
            Some(behind) if place == 0 => format!("{}{behind}", painted(colour, word)),
            _ => line.to_owned(),
        });
    }

    /// A line of code behind words in colour, never wrapped so that it can be copied.
    pub fn led_code(&mut self, colour: &'static str, words: &str, code: &str) {
        let words = if self.screen.color { painted(colour, words) } else { words.to_owned() };
        self.push("", &format!("{words} {}", printable(code)));
    }

    /// Code with its own line breaks, never wrapped.
    pub fn code(&mut self, text: &str) {
        for line in lines_of(text) {
            self.push("", &printable(line));
        }
    }

    /// A table or a drawing, as it was laid out for the screen.
    pub fn laid_out(&mut self, text: &str) {
        for line in text.lines() {
            self.push("", line);
        }
    }

    /// A plan with its own line breaks, never wrapped; the planner's costs step back behind what was measured.
    pub fn plan(&mut self, text: &str) {
        for line in lines_of(text) {
            let line = printable(line);
            let line = if self.screen.color { costs_faint(&line) } else { line };
            self.push("", &line);
        }
    }

    fn wrapped(&mut self, mark: &str, text: &str, paint: impl Fn(usize, &str) -> String) {
        let hang = mark.chars().count();
        let room = self.screen.width.saturating_sub(self.indent + hang).max(NARROWEST);
        for (i, line) in wrap(&printable(text), room).iter().enumerate() {
            let mark = if i == 0 { mark.to_owned() } else { " ".repeat(hang) };
            let line = if self.screen.color { paint(i, line) } else { line.clone() };
            self.push(&mark, &line);
        }
    }

    fn push(&mut self, mark: &str, line: &str) {
        self.lines.push(format!("{:indent$}{mark}{line}", "", indent = self.indent).trim_end().to_owned());
    }
}

/// Without the empty lines around it.
fn lines_of(text: &str) -> impl Iterator<Item = &str> {
    text.trim_matches(['\n', '\r']).trim_end().lines()
}

fn painted(colour: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{colour}{text}{RESET}") }
}

/// `(cost=0.29..8.31 rows=1 width=6)` is the planner's guess; the figures behind it are the execution's.
fn costs_faint(line: &str) -> String {
    let Some(start) = line.find("(cost=") else { return line.to_owned() };
    let Some(length) = line[start..].find(')') else { return line.to_owned() };
    let (cost, rest) = line[start..].split_at(length + 1);
    format!("{}{}{rest}", &line[..start], painted(FAINT, cost))
}

/// Words put in lines of that many characters; a longer word has a line of its own.
pub(super) fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        match lines.last_mut() {
            Some(line) if used + 1 + length <= room => {
                line.push(' ');
                line.push_str(word);
                used += 1 + length;
            }
            _ => {
                lines.push(word.to_owned());
                used = length;
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sheet(width: usize, color: bool, write: impl FnOnce(&mut Sheet)) -> String {
        let mut sheet = Sheet::new(Screen { width, color, ascii: false });
        write(&mut sheet);
        sheet.finish()
    }

    #[test]
    fn sentences_wrap_behind_their_mark_and_code_does_not() {
        let text = sheet(40, false, |sheet| {
            sheet.item("Nobody reads a sentence that is longer than the screen.");
            sheet.gap();
            sheet.gap();
            sheet.set_in(|sheet| sheet.code("\nSELECT a_column_that_is_long,\n\tanother FROM a_table\n"));
        });
        assert_eq!(
            text,
            "- Nobody reads a sentence that is longer\n  than the screen.\n\n  SELECT a_column_that_is_long,\n   another FROM a_table"
        );
    }

    #[test]
    fn only_costs_and_leading_words_are_coloured() {
        let text = sheet(80, true, |sheet| {
            sheet.plan("Result  (cost=0.00..0.01 rows=1 width=4) (actual rows=1 loops=1)\n  Filter: (a = 1)");
            sheet.led(GREEN, "used", " by SELECT");
        });
        let lines = [
            "Result  \u{1b}[2m(cost=0.00..0.01 rows=1 width=4)\u{1b}[0m (actual rows=1 loops=1)",
            "  Filter: (a = 1)",
            "\u{1b}[32mused\u{1b}[0m by SELECT",
        ];
        assert_eq!(text, lines.join("\n"));
    }

    #[test]
    fn nothing_written_speaks_to_the_terminal() {
        let text = sheet(80, false, |sheet| {
            sheet.text("a\u{1b}[31mb");
            sheet.code("c\u{1b}]0;d\u{7}");
            sheet.plan("e\u{1b}[2Jf");
            sheet.led_code(GREEN, "g:", "h\u{1b}[0m");
        });
        assert_eq!(text, "a [31mb\nc ]0;d\ne [2Jf\ng: h [0m");
    }

    proptest! {
        #[test]
        fn wrapping_loses_no_word(text in "\\PC{0,200}", room in 1usize..60) {
            let lines = wrap(&text, room);
            prop_assert_eq!(lines.join(" "), text.split_whitespace().collect::<Vec<_>>().join(" "));
            prop_assert!(lines.iter().all(|line| line.chars().count() <= room || !line.contains(' ')));
        }
    }
}
