//! The words of a condition.

use crate::scenario::error::Fault;
use crate::scenario::model::Comparison;

use super::Relation;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// A name, `step.column`, a keyword.
    Word(String),
    /// `:total`, without the colon.
    Param(String),
    Number(String),
    Text(String),
    Relation(Relation),
    Open,
    Close,
}

/// As it was written, for messages.
impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Token::Word(word) | Token::Number(word) => write!(f, "{word}"),
            Token::Param(name) => write!(f, ":{name}"),
            Token::Text(text) => write!(f, "'{}'", text.replace('\'', "''")),
            Token::Relation(relation) => write!(f, "{}", relation.sign()),
            Token::Open => write!(f, "("),
            Token::Close => write!(f, ")"),
        }
    }
}

pub fn tokens(text: &str) -> Result<Vec<Token>, Fault> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            '\'' => quoted(rest)?,
            '=' | '<' | '>' | '!' => relation(rest)?,
            ':' => {
                let length = word_length(&rest[1..]);
                let name = &rest[1..1 + length];
                match name.split_once('.') {
                    // `:item.stock`, as in a statement.
                    Some(_) => (Token::Word(name.to_owned()), 1 + length),
                    None if name.is_empty() => return Err(Fault::new("a `:` without the name of a parameter")),
                    None => (Token::Param(name.to_owned()), 1 + length),
                }
            }
            c if c.is_ascii_digit() || (c == '-' && rest[1..].starts_with(|c: char| c.is_ascii_digit())) => number(rest),
            c if is_word(c) => {
                let length = word_length(rest);
                (Token::Word(rest[..length].to_owned()), length)
            }
            other => return Err(Fault::new(format!("`{other}` has no place in a condition"))),
        };
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn word_length(text: &str) -> usize {
    text.find(|c: char| !is_word(c) && c != '.').unwrap_or(text.len())
}

/// Digits, and a word that begins with a digit, which the parser refuses by its name.
fn number(text: &str) -> (Token, usize) {
    let sign = usize::from(text.starts_with('-'));
    let length = sign + word_length(&text[sign..]);
    let written = &text[..length];
    let digits = &written[sign..];
    let plain =
        digits.chars().all(|c| c.is_ascii_digit() || c == '.') && digits.matches('.').count() <= 1 && !digits.ends_with('.');
    let token = if plain { Token::Number(written.to_owned()) } else { Token::Word(written.to_owned()) };
    (token, length)
}

/// `'it''s'`
fn quoted(text: &str) -> Result<(Token, usize), Fault> {
    let mut inside = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' if chars.peek().is_some_and(|(_, next)| *next == '\'') => {
                chars.next();
                inside.push('\'');
            }
            '\'' => return Ok((Token::Text(inside), at + 1)),
            other => inside.push(other),
        }
    }
    Err(Fault::new(format!("the text {text} does not end with `'`")))
}

fn relation(text: &str) -> Result<(Token, usize), Fault> {
    let signs = [
        ("<=", Relation::Ordered(Comparison::AtMost)),
        (">=", Relation::Ordered(Comparison::AtLeast)),
        ("<>", Relation::Unequal),
        ("!=", Relation::Unequal),
        ("<", Relation::Ordered(Comparison::Below)),
        (">", Relation::Ordered(Comparison::Above)),
        ("=", Relation::Equal),
    ];
    let written: String = text.chars().take_while(|c| matches!(c, '=' | '<' | '>' | '!')).collect();
    let found = signs.iter().find(|(sign, _)| *sign == written);
    found.map(|(sign, relation)| (Token::Relation(*relation), sign.len())).ok_or_else(|| {
        let help = "write `=`, `!=`, `<`, `<=`, `>` or `>=`";
        Fault::with_help(format!("`{written}` compares nothing"), help)
    })
}
