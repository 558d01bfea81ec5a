//! Places in a statement's tokens: names, brackets, columns, values.

use crate::plan::condition::token::{Kind, Token, unquoted};

pub(super) fn end(token: &Token) -> usize {
    token.at + token.text.len()
}

pub(super) fn is_word(token: Option<&Token>, word: &str) -> bool {
    token.is_some_and(|token| token.kind == Kind::Word && token.text.eq_ignore_ascii_case(word))
}

pub(super) fn is_kind(token: Option<&Token>, kind: Kind) -> bool {
    token.is_some_and(|token| token.kind == kind)
}

/// Whether a token is that name: folded to lower case unless it stands in quotes.
pub(super) fn is_name(token: Option<&Token>, name: &str) -> bool {
    token.is_some_and(|token| match token.kind {
        Kind::Word => token.text.to_lowercase() == name,
        Kind::Quoted => unquoted(token.text) == name,
        _ => false,
    })
}

/// The place of the bracket that closes the one at `open`.
pub(super) fn closing(tokens: &[Token], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (place, token) in tokens.iter().enumerate().skip(open) {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return Some(place);
        }
    }
    None
}

/// Where the column reference ends that begins at `place`: `column`, `table.column`, `schema.table.column`.
pub(super) fn column_at(tokens: &[Token], place: usize, column: &str) -> Option<usize> {
    let mut place = place;
    loop {
        let name = tokens.get(place).filter(|token| matches!(token.kind, Kind::Word | Kind::Quoted))?;
        if !is_kind(tokens.get(place + 1), Kind::Dot) {
            return is_name(Some(name), column).then_some(place + 1);
        }
        place += 2;
    }
}

/// Whether a name at `place` is the first of its reference, not what follows a dot.
pub(super) fn begins(tokens: &[Token], place: usize) -> bool {
    place == 0 || tokens[place - 1].kind != Kind::Dot
}

/// Where a value ends that begins at `place`: `$1`, `'…'`, `DATE '…'`, `current_date`, each perhaps cast.
pub(super) fn value_at(tokens: &[Token], place: usize) -> Option<usize> {
    let first = tokens.get(place)?;
    let mut after = match first.kind {
        Kind::Param | Kind::Text | Kind::Number => place + 1,
        Kind::Word if first.text.eq_ignore_ascii_case("current_date") => place + 1,
        Kind::Word if is_kind(tokens.get(place + 1), Kind::Text) => place + 2,
        _ => return None,
    };
    while is_kind(tokens.get(after), Kind::Cast) && is_kind(tokens.get(after + 1), Kind::Word) {
        after += 2;
    }
    // What goes on is no plain value: `$1 + 7`.
    (!is_kind(tokens.get(after), Kind::Operator)).then_some(after)
}

/// The words OR between two brackets, none of them in brackets further in.
pub(super) fn top_level_ors(tokens: &[Token], open: usize, close: usize) -> Vec<usize> {
    let mut depth = 0_usize;
    let mut found = Vec::new();
    for (place, token) in tokens.iter().enumerate().take(close).skip(open + 1) {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            _ if depth == 0 && is_word(Some(token), "or") => found.push(place),
            _ => {}
        }
    }
    found
}
