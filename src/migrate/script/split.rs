//! A file cut into statements, as psql's lexer (src/fe_utils/psqlscan.l) cuts it.

use crate::scenario::error::{Fault, Problem};
use crate::scenario::model::Location;
use crate::scenario::statement::{block_comment, dollar, is_ident, is_ident_start, quoted, span};

use super::Statement;
use super::kind::{kind_of, stays_inside};
use super::meta::{Meta, meta};

/// The statements of a file, and what cannot be run of it.
pub fn split(text: &str, file: usize) -> (Vec<Statement>, Vec<Problem>) {
    let mut cut = Cut { text, file, at: 0, open: Open::default(), statements: Vec::new(), problems: Vec::new() };
    while let Some(length) = cut.step() {
        cut.at += length;
    }
    cut.end_statement(cut.text.len());
    (cut.statements, cut.problems)
}

/// The statement being read.
#[derive(Default)]
struct Open {
    /// From where to where in the file.
    tokens: Vec<(usize, usize)>,
    /// The first tokens, upper case.
    words: Vec<String>,
    /// Parentheses that are not closed.
    parentheses: usize,
    /// `BEGIN ATOMIC` and `CASE` that are not ended, inside of a routine.
    bodies: usize,
}

struct Cut<'t> {
    text: &'t str,
    file: usize,
    /// Byte offset of the next token.
    at: usize,
    open: Open,
    statements: Vec<Statement>,
    problems: Vec<Problem>,
}

/// More words than this are not looked at to know a statement.
const WORDS: usize = 24;

impl Cut<'_> {
    /// Reads one token: its length, or `None` at the end of the file.
    fn step(&mut self) -> Option<usize> {
        let rest = &self.text[self.at..];
        let first = rest.chars().next()?;
        let token = match first {
            c if c.is_whitespace() || c == '\u{feff}' => return Some(c.len_utf8()),
            '-' if rest.starts_with("--") => return Some(span(rest, |c| c != '\n')),
            '/' if rest.starts_with("/*") => return self.kept(block_comment(rest)),
            '\\' => return self.meta_command(span(rest, |c| c != '\n')),
            ';' if self.open.parentheses == 0 && self.open.bodies == 0 => {
                self.end_statement(self.at);
                return Some(1);
            }
            '\'' => quoted(rest, '\'', false),
            'e' | 'E' if rest[1..].starts_with('\'') => quoted(&rest[1..], '\'', true).map(|length| 1 + length),
            '"' => quoted(rest, '"', false),
            '$' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => Ok(1 + span(&rest[1..], |c| c.is_ascii_digit())),
            '$' => dollar(rest),
            c if is_ident_start(c) => Ok(span(rest, is_ident)),
            c if c.is_ascii_digit() => Ok(span(rest, |c| c.is_ascii_alphanumeric() || c == '.' || c == '_')),
            c => Ok(c.len_utf8()),
        };
        let length = self.kept(token)?;
        self.note_token(length);
        Some(length)
    }

    /// A literal or comment that does not end takes the rest of the file with it.
    fn kept(&mut self, length: Result<usize, Fault>) -> Option<usize> {
        length.map_err(|fault| self.wrong(self.at, fault)).ok()
    }

    fn note_token(&mut self, length: usize) {
        let token = &self.text[self.at..self.at + length];
        self.open.tokens.push((self.at, self.at + length));
        let word = token.to_ascii_uppercase();
        match token {
            "(" => self.open.parentheses += 1,
            ")" => self.open.parentheses = self.open.parentheses.saturating_sub(1),
            _ if self.in_routine() => match word.as_str() {
                "BEGIN" => self.open.bodies += 1,
                "CASE" if self.open.bodies > 0 => self.open.bodies += 1,
                "END" => self.open.bodies = self.open.bodies.saturating_sub(1),
                _ => {}
            },
            _ => {}
        }
        if self.open.words.len() < WORDS {
            self.open.words.push(word);
        }
    }

    /// Only there is `BEGIN` no statement of its own.
    fn in_routine(&self) -> bool {
        let words = &self.open.words;
        let routine = if words.get(1).is_some_and(|word| word == "OR") { 3 } else { 1 };
        words.first().is_some_and(|word| word == "CREATE")
            && words.get(routine).is_some_and(|word| word == "FUNCTION" || word == "PROCEDURE")
    }

    fn meta_command(&mut self, length: usize) -> Option<usize> {
        match meta(self.text[self.at..self.at + length].trim_end()) {
            Ok(Meta::PassedOver) => {}
            Ok(Meta::EndsStatement) => self.end_statement(self.at),
            Ok(Meta::EndsFile) => return None,
            Err(fault) => self.wrong(self.at, fault),
        }
        Some(length)
    }

    fn end_statement(&mut self, end: usize) {
        let open = std::mem::take(&mut self.open);
        let (Some((start, _)), Some((_, last))) = (open.tokens.first().copied(), open.tokens.last().copied()) else { return };
        if let Err(fault) = stays_inside(&open.words) {
            self.wrong(start, fault);
        }
        self.statements.push(Statement {
            file: self.file,
            at: self.place(start),
            text: self.text[start..last.min(end)].to_owned(),
            kind: kind_of(&open.words),
            tokens: open.tokens.iter().map(|(from, to)| (from - start, to - start)).collect(),
        });
    }

    fn wrong(&mut self, at: usize, fault: Fault) {
        self.problems.push(Problem { at: self.place(at), message: fault.message, help: fault.help });
    }

    fn place(&self, at: usize) -> Location {
        let before = &self.text[..at];
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Location { line: number(line), column: number(column) }
    }
}
