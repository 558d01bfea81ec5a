//! What a SELECT reads from.

use crate::plan::condition::token::{Kind, Token};

use super::super::places::{closing, end, is_kind, is_word};
use super::{Join, Relation, column, name_of, read, top_level};

/// Words of which no alias is made.
const JOINS: [&str; 7] = ["join", "inner", "left", "right", "full", "cross", "natural"];

/// `None` for a form that is not known here: functions, joins in brackets, TABLESAMPLE, columns that are named anew.
pub(super) fn relations(tokens: &[Token]) -> Option<Vec<Relation>> {
    let outside: Vec<usize> = top_level(tokens).collect();
    let joins = |place: usize| JOINS.iter().any(|word| is_word(tokens.get(place), word));
    let mut found = Vec::new();
    let (mut at, mut join) = (0, Join::Inner);
    loop {
        let lateral = is_word(tokens.get(at), "lateral");
        let (relation, next) = relation(tokens, at + usize::from(lateral), join)?;
        let stop = outside.iter().copied().find(|place| *place >= next && (joins(*place) || tokens[*place].kind == Kind::Comma));
        let stop = stop.unwrap_or(tokens.len());
        found.push(Relation { lateral, ..condition(&tokens[next..stop], relation)? });
        if stop == tokens.len() {
            return Some(found);
        }
        (join, at) = joined(tokens, stop)?;
    }
}

/// The kind of a join that begins there, and the place behind its words.
fn joined(tokens: &[Token], place: usize) -> Option<(Join, usize)> {
    if tokens[place].kind == Kind::Comma {
        return Some((Join::Inner, place + 1));
    }
    let kind = match tokens[place].text.to_lowercase().as_str() {
        "join" | "inner" | "cross" => Join::Inner,
        "left" => Join::Left,
        _ => Join::Other,
    };
    let word = (place..tokens.len()).find(|at| is_word(tokens.get(*at), "join"))?;
    (word - place <= 3).then_some((kind, word + 1))
}

/// What is read at a place, with its alias, and the place behind it.
fn relation(tokens: &[Token], at: usize, join: Join) -> Option<(Relation, usize)> {
    let only = is_word(tokens.get(at), "only");
    let first = at + usize::from(only);
    let (mut next, table, query) = if is_kind(tokens.get(first), Kind::Open) {
        let close = closing(tokens, first)?;
        (close + 1, None, Some(Box::new(read::query(tokens, first + 1..close)?)))
    } else {
        let mut next = first + 1;
        while is_kind(tokens.get(next), Kind::Dot) {
            next += 2;
        }
        let name = column(tokens.get(first..next)?)?;
        (next, Some(name.table.map_or(name.name.clone(), |schema| format!("{schema}.{}", name.name))), None)
    };
    let source = tokens[at].at..end(&tokens[next - 1]);
    let mut alias = table.as_ref().map(|_| name_of(&tokens[next - 1])).unwrap_or_default();
    let said = is_word(tokens.get(next), "as");
    let is_word_of_from =
        |token: &Token| JOINS.iter().chain(&["on", "using", "tablesample"]).any(|word| is_word(Some(token), word));
    if let Some(name) = tokens.get(next + usize::from(said)).filter(|token| !is_word_of_from(token)).and_then(name_of) {
        alias = Some(name);
        next += 1 + usize::from(said);
    }
    if is_kind(tokens.get(next), Kind::Open) {
        return None;
    }
    let span = tokens[at].at..end(&tokens[next - 1]);
    Some((Relation { source, span, table, alias: alias?, query, join, lateral: false, on: None, using: false }, next))
}

fn condition(tokens: &[Token], relation: Relation) -> Option<Relation> {
    match tokens {
        [] => Some(relation),
        [on, first, ..] if is_word(Some(on), "on") => Some(Relation { on: Some(first.at..end(tokens.last()?)), ..relation }),
        [using, ..] if is_word(Some(using), "using") => Some(Relation { using: true, ..relation }),
        _ => None,
    }
}
