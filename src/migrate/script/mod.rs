//! Migration files read into statements, each with its place.
//!
//! The files are read as psql reads them: statements end at a semicolon that stands in no literal, comment, parenthesis or
//! `BEGIN ATOMIC` body. Whatever a copy cannot be protected from, or what needs psql itself, is refused with its line, all at once.

mod kind;
mod meta;
mod split;

use std::path::PathBuf;

use crate::scenario::error::{Problem, ScenarioErrors};
use crate::scenario::model::{Location, Source};

pub use kind::Kind;
use split::split;

/// What is to be run, in order.
#[derive(Debug, Clone, Default)]
pub struct Script {
    /// As they were named.
    pub files: Vec<String>,
    pub statements: Vec<Statement>,
}

/// One statement of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Place in [`Script::files`].
    pub file: usize,
    /// Of its first character.
    pub at: Location,
    /// Without the semicolon, comments inside kept.
    pub text: String,
    pub kind: Kind,
    /// Its words, literals and marks, without spaces and comments: where each begins and ends in `text`.
    pub tokens: Vec<(usize, usize)>,
}

impl Statement {
    /// The token at a place, as it was written; empty behind the last.
    pub fn token(&self, place: usize) -> &str {
        self.tokens.get(place).map_or("", |(start, end)| &self.text[*start..*end])
    }

    /// Whether the tokens from `place` on are these words, in any case.
    pub fn says(&self, place: usize, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(n, word)| self.token(place + n).eq_ignore_ascii_case(word))
    }

    /// Where a character of the statement (from 1, as the server counts) stands in the file.
    pub fn place_of(&self, position: usize) -> Location {
        let before: Vec<char> = self.text.chars().take(position.saturating_sub(1)).collect();
        let breaks = before.iter().filter(|c| **c == '\n').count();
        let behind = before.iter().rev().take_while(|c| **c != '\n').count();
        let column = if breaks == 0 { self.at.column as usize + behind } else { behind + 1 };
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Location { line: self.at.line.saturating_add(number(breaks)), column: number(column) }
    }
}

impl Script {
    /// Reads files, each with its path. With `single_transaction` each is one transaction, as `psql -1` makes it.
    ///
    /// # Errors
    /// Everything that cannot be run, by file.
    pub fn read(files: Vec<(PathBuf, String)>, single_transaction: bool) -> Result<Script, Vec<ScenarioErrors>> {
        let (mut script, mut wrong) = (Script::default(), Vec::new());
        for (number, (path, text)) in files.into_iter().enumerate() {
            script.files.push(path.display().to_string());
            let (mut statements, mut problems) = split(&text, number);
            if single_transaction {
                problems.extend(statements.iter().filter_map(within_another));
                statements = in_one_transaction(statements, number);
            }
            problems.extend(left_open(&statements));
            problems.sort();
            if !problems.is_empty() {
                wrong.push(ScenarioErrors { source: Source { path, text }, problems });
            }
            script.statements.extend(statements);
        }
        if wrong.is_empty() { Ok(script) } else { Err(wrong) }
    }

    /// The number of a statement as people count, with its file's line: `statement 3 (line 12)`.
    pub fn described(&self, place: usize) -> String {
        let Some(statement) = self.statements.get(place) else { return format!("statement {}", place + 1) };
        match self.files.len() {
            1 => format!("statement {} (line {})", place + 1, statement.at.line),
            _ => format!("statement {} ({}:{})", place + 1, self.files[statement.file], statement.at.line),
        }
    }
}

/// psql ends its session at the end of the file, and what was not committed is undone.
fn left_open(statements: &[Statement]) -> Option<Problem> {
    let ends = |statement: &Statement| matches!(statement.kind, Kind::Commit | Kind::Rollback);
    let last = statements.iter().rev().find(|statement| statement.kind == Kind::Begin || ends(statement))?;
    let help = "end it with COMMIT";
    (last.kind == Kind::Begin).then(|| Problem {
        at: last.at,
        message: "this transaction is never ended, so nothing of it would stay".into(),
        help: Some(help.into()),
    })
}

fn within_another(statement: &Statement) -> Option<Problem> {
    let (message, help) = match statement.kind {
        Kind::Begin | Kind::Commit | Kind::Rollback => {
            ("the file controls its transactions itself", "leave out --single-transaction")
        }
        Kind::Alone => ("this cannot run in a transaction", "leave out --single-transaction, or give it a file of its own"),
        Kind::Setting | Kind::Ordinary => return None,
    };
    Some(Problem { at: statement.at, message: message.into(), help: Some(help.into()) })
}

fn in_one_transaction(statements: Vec<Statement>, file: usize) -> Vec<Statement> {
    let (Some(first), Some(last)) = (statements.first(), statements.last()) else { return statements };
    let made = |text: &str, kind, at| Statement { file, at, text: text.to_owned(), kind, tokens: vec![(0, text.len())] };
    let (begin, commit) = (made("BEGIN", Kind::Begin, first.at), made("COMMIT", Kind::Commit, last.at));
    std::iter::once(begin).chain(statements).chain([commit]).collect()
}

#[cfg(test)]
mod tests;
