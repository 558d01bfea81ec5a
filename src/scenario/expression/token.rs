//! Words and signs of a formula.

use crate::scenario::error::Fault;
use crate::scenario::quantity;

/// A piece of text that means one thing.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    Number(f64),
    /// In microseconds.
    Interval(i64),
    Text(String),
    /// A keyword, a function, or a column.
    Word(String),
    /// A column in double quotes.
    Quoted(String),
    Sign(&'static str),
}

/// A token and the characters before it.
pub type Placed = (usize, Token);

/// Longer signs first.
const SIGNS: [&str; 17] = ["<>", "!=", "<=", ">=", "||", "==", "+", "-", "*", "/", "%", "=", "<", ">", "(", ")", ","];

/// All tokens of a text.
pub fn tokens(text: &str) -> Result<Vec<Placed>, (usize, Fault)> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = chars.get(at).copied() {
        let start = at;
        let token = if first.is_whitespace() {
            at += 1;
            continue;
        } else if first.is_ascii_digit() || (first == '.' && chars.get(at + 1).is_some_and(char::is_ascii_digit)) {
            at = end_of(&chars, at, |c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | 'µ'));
            number(&chars[start..at].iter().collect::<String>()).map_err(|fault| (start, fault))?
        } else if first == '\'' || first == '"' {
            let (inner, end) = quoted(&chars, at, first).ok_or_else(|| {
                let help = format!("double a {first} that belongs to the text");
                (start, Fault::with_help(format!("a {first} without its partner"), help))
            })?;
            at = end;
            if first == '"' { Token::Quoted(inner) } else { Token::Text(inner) }
        } else if first.is_alphabetic() || first == '_' {
            at = end_of(&chars, at, |c| c.is_alphanumeric() || c == '_');
            Token::Word(chars[start..at].iter().collect())
        } else if first == '.' {
            at += 1;
            Token::Sign(".")
        } else {
            let starts = |sign: &&&str| sign.chars().enumerate().all(|(i, c)| chars.get(at + i) == Some(&c));
            let Some(sign) = SIGNS.iter().find(starts) else {
                return Err((start, Fault::new(format!("`{first}` means nothing in an expression"))));
            };
            at += sign.len();
            Token::Sign(sign)
        };
        tokens.push((start, token));
    }
    Ok(tokens)
}

fn end_of(chars: &[char], from: usize, belongs: impl Fn(char) -> bool) -> usize {
    from + chars[from..].iter().take_while(|c| belongs(**c)).count()
}

/// `3`, `0.25`, `3d`.
fn number(text: &str) -> Result<Token, Fault> {
    if text.ends_with(|c: char| c.is_alphabetic()) {
        let duration = quantity::duration(text)?;
        let micros = i64::try_from(duration.as_micros()).map_err(|_| Fault::new(format!("`{text}` is too long")))?;
        return Ok(Token::Interval(micros));
    }
    quantity::number(text).map(Token::Number)
}

/// The text between quotes, doubled ones being literal, and where it ends.
fn quoted(chars: &[char], start: usize, quote: char) -> Option<(String, usize)> {
    let mut inner = String::new();
    let mut at = start + 1;
    loop {
        match (chars.get(at)?, chars.get(at + 1)) {
            (c, Some(next)) if *c == quote && *next == quote => {
                inner.push(quote);
                at += 2;
            }
            (c, _) if *c == quote => return Some((inner, at + 1)),
            (c, _) => {
                inner.push(*c);
                at += 1;
            }
        }
    }
}
