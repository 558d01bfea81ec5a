//! The clauses of a SELECT as places in its text, so that a part of it can be written another way and the rest stays as it is.
//!
//! No grammar of SQL stands behind this. What is read here is what a clause begins with, which brackets it stands in, and where a list
//! or a chain of AND is divided; a statement of any other form (UNION, VALUES, a join in brackets …) has no outline and is left alone.

mod from;
mod items;
mod read;

use std::collections::BTreeSet;
use std::ops::Range;

use crate::plan::condition::token::{Kind, Token, tokens, unquoted};

use super::places::{end, is_word};

/// Bytes of the statement's text.
pub type Span = Range<usize>;

/// A statement's text with its clauses.
#[derive(Debug, Clone)]
pub struct Outline<'s> {
    pub sql: &'s str,
    tokens: Vec<Token<'s>>,
    pub query: Query,
}

/// `WITH … SELECT …`
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    pub recursive: bool,
    pub ctes: Vec<Cte>,
    pub select: Select,
}

/// A query of WITH.
#[derive(Debug, Clone, PartialEq)]
pub struct Cte {
    pub name: String,
    /// Whether its columns are named behind it.
    pub renamed: bool,
    /// `name … AS (…)`
    pub span: Span,
    /// What stands in its brackets.
    pub body: Span,
    /// `None` when it is of no form that is known here.
    pub query: Option<Box<Query>>,
}

/// The clauses of one SELECT. Spans of clauses begin at their keyword.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Select {
    pub span: Span,
    /// `DISTINCT` or `DISTINCT ON (…)`
    pub distinct: Option<Span>,
    /// From the first item to the last.
    pub list: Span,
    pub items: Vec<Item>,
    pub from: Option<Span>,
    /// Empty when FROM has a form that is not known here.
    pub relations: Vec<Relation>,
    pub filter: Option<Span>,
    /// What WHERE joins by AND.
    pub conjuncts: Vec<Span>,
    pub group: Option<Span>,
    pub group_by: Vec<Span>,
    pub having: Option<Span>,
    /// `WINDOW w AS (…)`
    pub window: Option<Span>,
    pub order: Option<Span>,
    pub order_by: Vec<OrderKey>,
    pub limit: Option<Span>,
    pub offset: Option<Span>,
    /// What stands behind OFFSET.
    pub skipped: Option<Span>,
    /// `FOR UPDATE` and the like.
    pub locks: bool,
}

/// What a SELECT returns in one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub span: Span,
    /// Without its name.
    pub expression: Span,
    /// The column's name in the result; `None` where only the server knows it.
    pub name: Option<String>,
    /// `*` or `t.*`
    pub star: bool,
    /// Whether a window function is called in it.
    pub window: bool,
}

/// One entry of FROM.
#[derive(Debug, Clone, PartialEq)]
pub struct Relation {
    /// What is read: `public.songs`, `(SELECT …)`.
    pub source: Span,
    /// With its alias.
    pub span: Span,
    /// `None` for a query in brackets.
    pub table: Option<String>,
    /// What its columns may be qualified by.
    pub alias: String,
    /// Of a query in brackets.
    pub query: Option<Box<Query>>,
    pub join: Join,
    pub lateral: bool,
    /// What stands behind ON.
    pub on: Option<Span>,
    pub using: bool,
}

/// How an entry is joined to those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// It is the first, or stands behind a comma, JOIN or CROSS JOIN.
    Inner,
    Left,
    /// RIGHT, FULL, NATURAL …
    Other,
}

/// A key of ORDER BY.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderKey {
    pub expression: Span,
    pub descending: bool,
    /// NULLS FIRST or LAST is said, or USING.
    pub special: bool,
}

/// `t.c`
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ColumnRef {
    pub table: Option<String>,
    pub name: String,
}

impl<'s> Outline<'s> {
    /// The outline of a SELECT; `None` for statements of other forms.
    pub fn of(sql: &'s str) -> Option<Outline<'s>> {
        let tokens = tokens(sql);
        let query = read::query(&tokens, 0..tokens.len())?;
        Some(Outline { sql, tokens, query })
    }

    pub fn text(&self, span: &Span) -> &'s str {
        &self.sql[span.clone()]
    }

    fn within(&self, span: &Span) -> &[Token<'s>] {
        let from = self.tokens.partition_point(|token| token.at < span.start);
        let to = self.tokens.partition_point(|token| token.at < span.end);
        &self.tokens[from..to]
    }

    /// Whether a name stands there, whatever it names.
    pub fn mentions(&self, span: &Span, name: &str) -> bool {
        self.within(span).iter().any(|token| name_of(token).is_some_and(|found| found == name))
    }

    /// How many times a name stands there that qualifies nothing and is not qualified: a table's, an alias, a column's.
    pub fn unqualified(&self, span: &Span, name: &str) -> usize {
        let tokens = self.within(span);
        let dot = |place: usize| tokens.get(place).is_some_and(|token| token.kind == Kind::Dot);
        let is_it = |place: &usize| name_of(&tokens[*place]).is_some_and(|found| found == name);
        let alone = |place: &usize| !dot(place + 1) && (*place == 0 || !dot(place - 1));
        (0..tokens.len()).filter(|place| is_it(place) && alone(place)).count()
    }

    /// The names that stand there, those of functions and keywords included.
    pub fn names(&self, span: &Span) -> BTreeSet<String> {
        self.within(span).iter().filter_map(name_of).collect()
    }

    /// What may name a column there, aliases and keywords included; functions are not.
    pub fn references(&self, span: &Span) -> BTreeSet<ColumnRef> {
        let tokens = self.within(span);
        let is = |place: usize, kind: Kind| tokens.get(place).is_some_and(|token| token.kind == kind);
        let last = |place: &usize| !is(place + 1, Kind::Dot) && !is(place + 1, Kind::Open);
        let qualified = |place: usize| place >= 2 && is(place - 1, Kind::Dot);
        let found = (0..tokens.len()).filter(last).filter_map(|place| {
            let table = qualified(place).then(|| name_of(&tokens[place - 2])).flatten();
            Some(ColumnRef { table, name: name_of(&tokens[place])? })
        });
        found.collect()
    }

    /// Whether nothing but a column stands there.
    pub fn column(&self, span: &Span) -> Option<ColumnRef> {
        column(self.within(span))
    }

    /// Numbers of the parameters that stand there.
    pub fn parameters(&self, span: &Span) -> BTreeSet<usize> {
        self.within(span).iter().filter_map(number).collect()
    }

    /// The places of parameter `wanted`.
    pub fn places(&self, span: &Span, wanted: usize) -> Vec<Span> {
        let found = self.within(span).iter().filter(|token| number(token) == Some(wanted));
        found.map(|token| token.at..end(token)).collect()
    }

    /// Both sides of `column operator value` where the value names no column: a parameter, a literal, perhaps cast. A comparison that is
    /// written the other way round is turned, when it is an equality.
    pub fn comparison(&self, span: &Span) -> Option<(ColumnRef, &'s str, Span)> {
        let tokens = self.within(span);
        let at = top_level(tokens).find(|place| tokens[*place].kind == Kind::Operator)?;
        let (left, right) = (&tokens[..at], &tokens[at + 1..]);
        let span_of = |part: &[Token]| Some(part.first()?.at..end(part.last()?));
        if let (Some(column), true) = (column(left), is_value(right)) {
            return Some((column, tokens[at].text, span_of(right)?));
        }
        let turned = tokens[at].text == "=" && is_value(left);
        column(right).filter(|_| turned).and_then(|column| Some((column, "=", span_of(left)?)))
    }

    /// Both sides of the only operator that stands in no brackets, the right one a value that names no column.
    pub fn sides(&self, span: &Span) -> Option<(Span, &'s str, Span)> {
        let tokens = self.within(span);
        let mut operators = top_level(tokens).filter(|place| tokens[*place].kind == Kind::Operator);
        let (at, None) = (operators.next()?, operators.next()) else { return None };
        let (left, right) = (&tokens[..at], &tokens[at + 1..]);
        let span_of = |part: &[Token]| Some(part.first()?.at..end(part.last()?));
        is_value(right).then(|| Some((span_of(left)?, tokens[at].text, span_of(right)?)))?
    }

    /// Expressions by which each window of the SELECT is divided; `None` when one is of a form that is not known here.
    pub fn partitions(&self, select: &Select) -> Option<Vec<Vec<Span>>> {
        items::partitions(self.within(&select.span), select.window.as_ref().map_or(&[], |window| self.within(window)))
    }

    /// Arguments of `name(…)` where nothing else stands in the span, as bytes in the brackets.
    pub fn call(&self, span: &Span) -> Option<(String, Span)> {
        let tokens = self.within(span);
        let closes = super::places::closing(tokens, 1)? + 1 == tokens.len();
        let open = tokens.get(1).filter(|token| token.kind == Kind::Open && closes)?;
        Some((name_of(&tokens[0])?, end(open)..tokens.last()?.at))
    }

    /// What stands in the brackets around all of the span.
    pub fn bracketed(&self, span: &Span) -> Option<Span> {
        let tokens = self.within(span);
        let open = tokens.first().filter(|token| token.kind == Kind::Open)?;
        (super::places::closing(tokens, 0)? + 1 == tokens.len()).then(|| end(open)..tokens[tokens.len() - 1].at)
    }

    /// The parts that commas, or the word `by`, divide the span into.
    pub fn divided(&self, span: &Span, by: Option<&str>) -> Vec<Span> {
        let tokens = self.within(span);
        let cuts = top_level(tokens).filter(|place| match by {
            Some(word) => is_word(Some(&tokens[*place]), word),
            None => tokens[*place].kind == Kind::Comma,
        });
        read::parts(tokens, cuts.collect())
    }

    /// The text of the span with other text in some places, which do not overlap.
    pub fn edited(&self, span: &Span, mut edits: Vec<(Span, String)>) -> String {
        edits.sort_by_key(|(place, _)| (place.start, place.end));
        let (mut out, mut at) = (String::new(), span.start);
        for (place, text) in edits.into_iter().filter(|(place, _)| span.start <= place.start && place.end <= span.end) {
            if place.start >= at {
                out += &self.sql[at..place.start];
                out += &text;
                at = place.end;
            }
        }
        out + &self.sql[at..span.end]
    }

    /// The whole text with other text in some places.
    pub fn rewritten(&self, edits: Vec<(Span, String)>) -> String {
        self.edited(&(0..self.sql.len()), edits)
    }

    /// Whether its lines may be moved: none of them lies in a literal or a quoted name.
    pub fn movable(&self) -> bool {
        !self.tokens.iter().any(|token| matches!(token.kind, Kind::Text | Kind::Quoted) && token.text.contains('\n'))
    }

    /// The blanks in front of the line on which a place stands.
    pub fn indent(&self, place: usize) -> &'s str {
        let line = &self.sql[self.sql[..place].rfind('\n').map_or(0, |end| end + 1)..];
        &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
    }
}

/// The statement with its parameters numbered from 1 again where some have gone: the text, and of each new number the old one.
pub fn renumbered(sql: &str) -> (String, Vec<usize>) {
    let tokens = tokens(sql);
    let used: BTreeSet<usize> = tokens.iter().filter_map(number).collect();
    let used: Vec<usize> = used.into_iter().collect();
    let (mut out, mut at) = (String::new(), 0);
    for token in tokens.iter().filter(|token| token.kind == Kind::Param) {
        let Some(place) = number(token).and_then(|number| used.iter().position(|old| *old == number)) else { continue };
        out += &sql[at..token.at];
        out += &format!("${}", place + 1);
        at = end(token);
    }
    (out + &sql[at..], used)
}

/// The table that an UPDATE changes, with its schema where that is written.
pub fn updated_table(sql: &str) -> Option<String> {
    let tokens = tokens(sql);
    let first = 1 + usize::from(is_word(tokens.get(1), "only"));
    if !is_word(tokens.first(), "update") {
        return None;
    }
    let qualified = tokens.get(first + 1).is_some_and(|token| token.kind == Kind::Dot);
    let name = column(tokens.get(first..first + if qualified { 3 } else { 1 })?)?;
    Some(name.table.map_or(name.name.clone(), |schema| format!("{schema}.{}", name.name)))
}

/// All names in a statement of any kind, those of functions and keywords included.
pub fn names_in(sql: &str) -> BTreeSet<String> {
    tokens(sql).iter().filter_map(name_of).collect()
}

/// The name in a token, as the server folds it.
fn name_of(token: &Token) -> Option<String> {
    match token.kind {
        Kind::Word => Some(token.text.to_lowercase()),
        Kind::Quoted => Some(unquoted(token.text)),
        _ => None,
    }
}

fn number(token: &Token) -> Option<usize> {
    (token.kind == Kind::Param).then(|| token.text[1..].parse().ok()).flatten()
}

fn column(tokens: &[Token]) -> Option<ColumnRef> {
    let dotted = tokens.iter().skip(1).step_by(2).all(|token| token.kind == Kind::Dot);
    if !dotted || tokens.len().is_multiple_of(2) || tokens.len() > 5 {
        return None;
    }
    let mut names: Vec<String> = tokens.iter().step_by(2).map(name_of).collect::<Option<_>>()?;
    let name = names.pop()?;
    let constant = names.is_empty() && ["null", "true", "false", "current_date", "current_timestamp"].contains(&name.as_str());
    (!constant).then(|| ColumnRef { table: names.pop(), name })
}

/// A parameter or a literal, perhaps with its type; in brackets or cast.
fn is_value(tokens: &[Token]) -> bool {
    let mut names = 0;
    let mut cast = false;
    for token in tokens {
        match token.kind {
            Kind::Param | Kind::Text | Kind::Number | Kind::Open | Kind::Close => {}
            Kind::Cast => {
                cast = true;
                continue;
            }
            // A type behind `::`, or in front of a literal.
            Kind::Word if cast => {}
            Kind::Word
                if ["date", "timestamp", "timestamptz", "interval", "true", "false"]
                    .contains(&token.text.to_lowercase().as_str()) => {}
            _ => names += 1,
        }
        cast = false;
    }
    !tokens.is_empty() && names == 0
}

/// Places that stand in no brackets and no CASE … END.
fn top_level<'t>(tokens: &'t [Token]) -> impl Iterator<Item = usize> + 't {
    let mut depth = 0_usize;
    (0..tokens.len()).filter(move |place| {
        let token = &tokens[*place];
        let opens = matches!(token.kind, Kind::Open | Kind::OpenBracket) || is_word(Some(token), "case");
        let closes = matches!(token.kind, Kind::Close | Kind::CloseBracket) || is_word(Some(token), "end");
        let outside = depth == 0 && !closes;
        depth = if opens { depth + 1 } else { depth.saturating_sub(usize::from(closes)) };
        outside
    })
}

#[cfg(test)]
mod tests;
