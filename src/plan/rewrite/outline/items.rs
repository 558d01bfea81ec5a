//! What a SELECT returns, and the windows in it.

use crate::plan::condition::token::{Kind, Token};

use super::super::places::{closing, end, is_kind, is_word};
use super::read::{parts, slices};
use super::{Item, Span, column, name_of, top_level};

/// What stands between SELECT and FROM.
pub(super) struct List {
    pub(super) distinct: Option<Span>,
    pub(super) span: Span,
    pub(super) items: Vec<Item>,
}

pub(super) fn list(tokens: &[Token]) -> Option<List> {
    let mut first = 0;
    let mut distinct = None;
    if is_word(tokens.first(), "distinct") {
        first = 1;
        if is_word(tokens.get(1), "on") {
            first = closing(tokens, 2)? + 1;
        }
        distinct = Some(tokens[0].at..end(&tokens[first - 1]));
    } else if is_word(tokens.first(), "all") {
        first = 1;
    }
    let tokens = &tokens[first..];
    let cuts: Vec<usize> = top_level(tokens).filter(|place| tokens[*place].kind == Kind::Comma).collect();
    let items = slices(tokens, &cuts).into_iter().map(item).collect::<Option<Vec<_>>>()?;
    Some(List { distinct, span: items.first()?.span.start..items.last()?.span.end, items })
}

/// Words that end an expression and name nothing.
const NO_NAMES: [&str; 5] = ["end", "null", "true", "false", "unknown"];

fn item(tokens: &[Token]) -> Option<Item> {
    let span = tokens.first()?.at..end(tokens.last()?);
    let named = tokens.last().and_then(name_of);
    let window = tokens.iter().any(|token| is_word(Some(token), "over"));
    let count = tokens.len();
    if tokens.last().is_some_and(|token| token.text == "*") && (count == 1 || tokens[count - 2].kind == Kind::Dot) {
        return Some(Item { expression: span.clone(), span, name: None, star: true, window });
    }
    if count >= 3 && is_word(tokens.get(count - 2), "as") {
        return Some(Item { expression: span.start..end(&tokens[count - 3]), span, name: named, star: false, window });
    }
    let after_call = count >= 2 && tokens[count - 2].kind == Kind::Close;
    let after_column = count >= 2 && column(&tokens[..count - 1]).is_some();
    let is_name = named.as_ref().is_some_and(|name| !NO_NAMES.contains(&name.as_str()));
    if is_name && (after_call || after_column) {
        return Some(Item { expression: span.start..end(&tokens[count - 2]), span, name: named, star: false, window });
    }
    let name = column(tokens).map(|column| column.name).or_else(|| called(tokens));
    Some(Item { expression: span.clone(), span, name, star: false, window })
}

/// A call is named after its function.
fn called(tokens: &[Token]) -> Option<String> {
    is_kind(tokens.get(1), Kind::Open).then(|| name_of(&tokens[0])).flatten()
}

/// Of each window in the tokens the expressions behind PARTITION BY; `named` is the clause WINDOW.
pub(super) fn partitions(tokens: &[Token], named: &[Token]) -> Option<Vec<Vec<Span>>> {
    let mut found = Vec::new();
    for (place, _) in tokens.iter().enumerate().filter(|(_, token)| is_word(Some(token), "over")) {
        let (within, open) = match tokens.get(place + 1)? {
            token if token.kind == Kind::Open => (tokens, place + 1),
            token => {
                let name = name_of(token)?;
                let is_it =
                    |at: &usize| name_of(&named[*at]).is_some_and(|other| other == name) && is_word(named.get(at + 1), "as");
                (named, (0..named.len()).find(is_it)? + 2)
            }
        };
        found.push(partition(&within[open + 1..closing(within, open)?]));
    }
    Some(found)
}

/// What stands in the brackets of a window. One that builds on another's name is taken for undivided.
fn partition(tokens: &[Token]) -> Vec<Span> {
    if !is_word(tokens.first(), "partition") || !is_word(tokens.get(1), "by") {
        return Vec::new();
    }
    let tokens = &tokens[2..];
    let ends = |place: &usize| ["order", "rows", "range", "groups"].iter().any(|word| is_word(Some(&tokens[*place]), word));
    let stop = top_level(tokens).find(ends).unwrap_or(tokens.len());
    let tokens = &tokens[..stop];
    parts(tokens, top_level(tokens).filter(|place| tokens[*place].kind == Kind::Comma).collect())
}
