//! The forms that statements are searched for, and what takes their place.

use crate::plan::condition::token::{Kind, Token};

use super::Change;
use super::places::{begins, closing, column_at, end, is_kind, is_name, is_word, top_level_ors, value_at};

pub(super) fn inline_cte(tokens: &[Token], name: &str) -> Vec<Change> {
    let mut changes = Vec::new();
    for place in 1..tokens.len() {
        let declared = is_word(tokens.get(place - 1), "with") || tokens[place - 1].kind == Kind::Comma;
        if !declared || !is_name(tokens.get(place), name) {
            continue;
        }
        let mut next = place + 1;
        if is_kind(tokens.get(next), Kind::Open) {
            let Some(closed) = closing(tokens, next) else { continue };
            next = closed + 1;
        }
        if !is_word(tokens.get(next), "as") {
            continue;
        }
        if is_kind(tokens.get(next + 1), Kind::Open) {
            let at = end(&tokens[next]);
            changes.push(Change { from: at, to: at, text: " NOT MATERIALIZED".to_owned() });
        } else if is_word(tokens.get(next + 1), "materialized") {
            let from = tokens[next + 1].at;
            changes.push(Change { from, to: from, text: "NOT ".to_owned() });
        }
    }
    changes
}

pub(super) fn union_all(tokens: &[Token]) -> Vec<Change> {
    let mut changes = Vec::new();
    for (place, token) in tokens.iter().enumerate().filter(|(_, token)| is_word(Some(token), "union")) {
        let next = tokens.get(place + 1);
        if is_word(next, "distinct") {
            let to = next.map_or(end(token), end);
            changes.push(Change { from: end(token), to, text: " ALL".to_owned() });
        } else if !is_word(next, "all") {
            changes.push(Change { from: end(token), to: end(token), text: " ALL".to_owned() });
        }
    }
    changes
}

pub(super) fn not_exists(sql: &str, tokens: &[Token]) -> Vec<Change> {
    let mut changes = Vec::new();
    for place in 1..tokens.len() {
        let form = [is_word(tokens.get(place), "not"), is_word(tokens.get(place + 1), "in")];
        let selects = is_kind(tokens.get(place + 2), Kind::Open) && is_word(tokens.get(place + 3), "select");
        if form != [true, true] || !selects {
            continue;
        }
        // What is looked for: a column, perhaps with its table.
        let mut first = place - 1;
        while first >= 2 && tokens[first - 1].kind == Kind::Dot {
            first -= 2;
        }
        let names = matches!(tokens[first].kind, Kind::Word | Kind::Quoted);
        let Some(closed) = closing(tokens, place + 2).filter(|_| names) else { continue };
        let value = &sql[tokens[first].at..end(&tokens[place - 1])];
        let list = &sql[tokens[place + 2].at..end(&tokens[closed])];
        let text = format!("NOT EXISTS (SELECT 1 FROM {list} AS listed (value) WHERE listed.value = {value})");
        changes.push(Change { from: tokens[first].at, to: end(&tokens[closed]), text });
    }
    changes
}

/// The days that a comparison with a day means, of a column that has times.
fn of_day(column: &str, operator: &str, day: &str) -> Option<String> {
    Some(match operator {
        "=" => format!("({column} >= ({day})::date AND {column} < ({day})::date + 1)"),
        ">=" => format!("{column} >= ({day})::date"),
        "<" => format!("{column} < ({day})::date"),
        "<=" => format!("{column} < ({day})::date + 1"),
        ">" => format!("{column} >= ({day})::date + 1"),
        _ => return None,
    })
}

/// Where the day of a column ends that begins at `place`, and the column's own text.
fn day_of<'s>(sql: &'s str, tokens: &[Token], place: usize, column: &str) -> Option<(usize, &'s str)> {
    let text = |from: usize, to: usize| &sql[tokens[from].at..end(&tokens[to - 1])];
    if is_word(tokens.get(place), "date") && is_kind(tokens.get(place + 1), Kind::Open) {
        let after = column_at(tokens, place + 2, column)?;
        return is_kind(tokens.get(after), Kind::Close).then(|| (after + 1, text(place + 2, after)));
    }
    if is_word(tokens.get(place), "cast") && is_kind(tokens.get(place + 1), Kind::Open) {
        let after = column_at(tokens, place + 2, column)?;
        let cast = is_word(tokens.get(after), "as") && is_word(tokens.get(after + 1), "date");
        return (cast && is_kind(tokens.get(after + 2), Kind::Close)).then(|| (after + 3, text(place + 2, after)));
    }
    let after = column_at(tokens, place, column)?;
    (is_kind(tokens.get(after), Kind::Cast) && is_word(tokens.get(after + 1), "date")).then(|| (after + 2, text(place, after)))
}

pub(super) fn day_range(sql: &str, tokens: &[Token], column: &str) -> Vec<Change> {
    let mut changes = Vec::new();
    for place in (0..tokens.len()).filter(|place| begins(tokens, *place)) {
        let Some((after, name)) = day_of(sql, tokens, place, column) else { continue };
        let Some(operator) = tokens.get(after).filter(|token| token.kind == Kind::Operator) else { continue };
        let Some(last) = value_at(tokens, after + 1) else { continue };
        let day = &sql[tokens[after + 1].at..end(&tokens[last - 1])];
        if let Some(text) = of_day(name, operator.text, day) {
            changes.push(Change { from: tokens[place].at, to: end(&tokens[last - 1]), text });
        }
    }
    changes
}

pub(super) fn cast_parameter(tokens: &[Token], column: &str, to: &str) -> Vec<Change> {
    let mut changes = Vec::new();
    for place in (0..tokens.len()).filter(|place| begins(tokens, *place)) {
        let Some(after) = column_at(tokens, place, column) else { continue };
        let cast = is_kind(tokens.get(after), Kind::Cast) && is_kind(tokens.get(after + 1), Kind::Word);
        let operator = if cast { after + 2 } else { after };
        let value = operator + 1;
        if tokens.get(operator).is_none_or(|token| token.text != "=") || !is_kind(tokens.get(value), Kind::Param) {
            continue;
        }
        let mut last = value;
        while is_kind(tokens.get(last + 1), Kind::Cast) && is_kind(tokens.get(last + 2), Kind::Word) {
            last += 2;
        }
        changes.push(Change {
            from: end(&tokens[after - 1]),
            to: end(&tokens[last]),
            text: format!(" = ({})::{to}", tokens[value].text),
        });
    }
    changes
}

pub(super) fn given_parameter(sql: &str, tokens: &[Token], number: usize) -> Vec<Change> {
    let parameter = format!("${number}");
    let mut changes = Vec::new();
    for open in (0..tokens.len()).filter(|place| tokens[*place].kind == Kind::Open) {
        let Some(close) = closing(tokens, open) else { continue };
        let missing = |from: usize| {
            let named = tokens.get(from).is_some_and(|token| token.kind == Kind::Param && token.text == parameter);
            let mut at = from + 1;
            while is_kind(tokens.get(at), Kind::Cast) && is_kind(tokens.get(at + 1), Kind::Word) {
                at += 2;
            }
            (named && is_word(tokens.get(at), "is") && is_word(tokens.get(at + 1), "null")).then_some(at + 2)
        };
        let ors: Vec<usize> = top_level_ors(tokens, open, close);
        let [or] = ors.as_slice() else { continue };
        let kept = if missing(or + 1) == Some(close) {
            open + 1..*or
        } else if missing(open + 1) == Some(*or) {
            or + 1..close
        } else {
            continue;
        };
        if kept.is_empty() {
            continue;
        }
        let text = sql[tokens[kept.start].at..end(&tokens[kept.end - 1])].to_owned();
        changes.push(Change { from: end(&tokens[open]), to: tokens[close].at, text });
    }
    changes
}
