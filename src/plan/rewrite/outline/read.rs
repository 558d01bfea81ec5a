//! Tokens into clauses.

use std::ops::Range;

use crate::plan::condition::token::{Kind, Token};

use super::super::places::{closing, end, is_kind, is_word};
use super::{Cte, OrderKey, Query, Select, Span, from, items, name_of, top_level};

/// The places of tokens, not of bytes.
type Places = Range<usize>;

pub(super) fn query(tokens: &[Token], places: Places) -> Option<Query> {
    let tokens = tokens.get(places)?;
    if !balanced(tokens) {
        return None;
    }
    let (recursive, ctes, rest) = with(tokens)?;
    Some(Query { recursive, ctes, select: select(&tokens[rest..])? })
}

fn balanced(tokens: &[Token]) -> bool {
    let mut depth = 0_i64;
    for token in tokens {
        depth += match token.kind {
            Kind::Open | Kind::OpenBracket => 1,
            Kind::Close | Kind::CloseBracket => -1,
            Kind::Stray => return false,
            _ => 0,
        };
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

fn with(tokens: &[Token]) -> Option<(bool, Vec<Cte>, usize)> {
    if !is_word(tokens.first(), "with") {
        return Some((false, Vec::new(), 0));
    }
    let recursive = is_word(tokens.get(1), "recursive");
    let mut ctes = Vec::new();
    let mut at = 1 + usize::from(recursive);
    loop {
        let (first, name) = (at, name_of(tokens.get(at)?)?);
        at += 1;
        let renamed = is_kind(tokens.get(at), Kind::Open);
        if renamed {
            at = closing(tokens, at)? + 1;
        }
        if !is_word(tokens.get(at), "as") {
            return None;
        }
        at += 1 + usize::from(is_word(tokens.get(at + 1), "not"));
        at += usize::from(is_word(tokens.get(at), "materialized"));
        if !is_kind(tokens.get(at), Kind::Open) {
            return None;
        }
        let close = closing(tokens, at)?;
        ctes.push(Cte {
            name,
            renamed,
            span: tokens[first].at..end(&tokens[close]),
            body: end(&tokens[at])..tokens[close].at,
            query: query(tokens, at + 1..close).map(Box::new),
        });
        at = close + 1;
        if !is_kind(tokens.get(at), Kind::Comma) {
            return Some((recursive, ctes, at));
        }
        at += 1;
    }
}

/// Clauses in the order in which SQL has them; LIMIT and OFFSET may change places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Clause {
    Select,
    From,
    Where,
    Group,
    Having,
    Window,
    Order,
    Limit,
    Offset,
    For,
}

/// The clause that begins at a place, and how many words name it.
fn clause(tokens: &[Token], place: usize) -> Option<(Clause, usize)> {
    let word = |at: usize, word: &str| is_word(tokens.get(at), word);
    let by = |clause| word(place + 1, "by").then_some((clause, 2));
    let found = match tokens[place].text.to_lowercase().as_str() {
        "select" => Some((Clause::Select, 1)),
        // `a IS DISTINCT FROM b`
        "from" if place > 0 && word(place - 1, "distinct") => None,
        "from" => Some((Clause::From, 1)),
        "where" => Some((Clause::Where, 1)),
        "group" => by(Clause::Group),
        "having" => Some((Clause::Having, 1)),
        "window" => Some((Clause::Window, 1)),
        "order" => by(Clause::Order),
        "limit" => Some((Clause::Limit, 1)),
        "offset" => Some((Clause::Offset, 1)),
        "for" => Some((Clause::For, 1)),
        _ => None,
    };
    found.filter(|_| tokens[place].kind == Kind::Word && (place == 0 || tokens[place - 1].kind != Kind::Dot))
}

const OTHER_FORMS: [&str; 6] = ["union", "intersect", "except", "fetch", "into", "values"];

fn select(tokens: &[Token]) -> Option<Select> {
    let outside: Vec<usize> = top_level(tokens).collect();
    let foreign = |place: &usize| OTHER_FORMS.iter().any(|word| is_word(Some(&tokens[*place]), word));
    if !is_word(tokens.first(), "select") || outside.iter().any(foreign) {
        return None;
    }
    let starts: Vec<(usize, Clause, usize)> =
        outside.iter().filter_map(|place| clause(tokens, *place).map(|(clause, words)| (*place, clause, words))).collect();
    let mut select = Select { span: tokens.first()?.at..end(tokens.last()?), ..Select::default() };
    let mut seen: Vec<Clause> = Vec::new();
    for (number, (start, clause, words)) in starts.iter().enumerate() {
        let repeated = seen.contains(clause) && *clause != Clause::For;
        let early = seen.last().is_some_and(|last| last > clause && *last < Clause::Limit);
        let stop = starts.get(number + 1).map_or(tokens.len(), |(next, _, _)| *next);
        if repeated || early || start + words >= stop {
            return None;
        }
        seen.push(*clause);
        let whole = tokens[*start].at..end(&tokens[stop - 1]);
        fill(&mut select, *clause, whole, &tokens[start + words..stop])?;
    }
    Some(select)
}

fn fill(select: &mut Select, clause: Clause, whole: Span, inside: &[Token]) -> Option<()> {
    let commas = || top_level(inside).filter(|place| inside[*place].kind == Kind::Comma).collect::<Vec<_>>();
    match clause {
        Clause::Select => {
            let list = items::list(inside)?;
            select.distinct = list.distinct;
            select.list = list.span;
            select.items = list.items;
        }
        Clause::From => {
            select.relations = from::relations(inside).unwrap_or_default();
            select.from = Some(whole);
        }
        Clause::Where => {
            select.conjuncts = conjuncts(inside);
            select.filter = Some(whole);
        }
        Clause::Group => {
            select.group_by = parts(inside, commas());
            select.group = Some(whole);
        }
        Clause::Having => select.having = Some(whole),
        Clause::Window => select.window = Some(whole),
        Clause::Order => {
            let cuts = commas();
            select.order_by = slices(inside, &cuts).into_iter().map(order_key).collect::<Option<_>>()?;
            select.order = Some(whole);
        }
        Clause::Limit => select.limit = Some(whole),
        Clause::Offset => {
            let rows = is_word(inside.last(), "rows") || is_word(inside.last(), "row");
            let last = inside.len().checked_sub(1 + usize::from(rows))?;
            select.skipped = Some(inside.first()?.at..end(inside.get(last)?));
            select.offset = Some(whole);
        }
        Clause::For => select.locks = true,
    }
    Some(())
}

/// What AND joins; one piece when an OR stands beside it. The AND of BETWEEN joins nothing.
fn conjuncts(tokens: &[Token]) -> Vec<Span> {
    let outside: Vec<usize> = top_level(tokens).collect();
    if outside.iter().any(|place| is_word(Some(&tokens[*place]), "or")) {
        return parts(tokens, Vec::new());
    }
    let (mut cuts, mut between) = (Vec::new(), false);
    for place in outside {
        let token = Some(&tokens[place]);
        if is_word(token, "between") {
            between = true;
        } else if is_word(token, "and") {
            if !between {
                cuts.push(place);
            }
            between = false;
        }
    }
    parts(tokens, cuts)
}

fn order_key(tokens: &[Token]) -> Option<OrderKey> {
    let outside: Vec<usize> = top_level(tokens).collect();
    let word = |word: &str| outside.iter().copied().find(|place| is_word(Some(&tokens[*place]), word));
    let special = word("nulls").or(word("using"));
    let direction = word("desc").or(word("asc"));
    let stop = [special, direction].into_iter().flatten().min().unwrap_or(tokens.len());
    let last = tokens.get(stop.checked_sub(1)?)?;
    Some(OrderKey { expression: tokens.first()?.at..end(last), descending: word("desc").is_some(), special: special.is_some() })
}

/// The tokens between the cuts.
pub(super) fn slices<'t, 's>(tokens: &'t [Token<'s>], cuts: &[usize]) -> Vec<&'t [Token<'s>]> {
    let starts = std::iter::once(0).chain(cuts.iter().map(|cut| cut + 1));
    let stops = cuts.iter().copied().chain(std::iter::once(tokens.len()));
    starts.zip(stops).map(|(start, stop)| &tokens[start..stop]).collect()
}

/// The bytes between the cuts.
pub(super) fn parts(tokens: &[Token], cuts: Vec<usize>) -> Vec<Span> {
    let spans = slices(tokens, &cuts).into_iter().filter_map(|part| Some(part.first()?.at..end(part.last()?)));
    spans.collect()
}
