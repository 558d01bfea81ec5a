//! Indexes over a part of the rows: those that every call asks for, or those that are not like most.

use super::asked::{Asked, Compared, How};
use super::fixed::Fixed;
use super::keys::distinct;
use super::lookup::btree;
use crate::advise::candidate::{Candidate, Key};
use crate::sql::{quote_ident, quote_literal};
use crate::units::percent;

/// A part of more rows than this is no smaller index worth mentioning.
const LARGEST_PART: f64 = 0.5;
/// A literal for a column with more different values than this is one of many questions, not the one that every call asks.
const MOST_VALUES: f64 = 100.0;
/// A part that is an index by itself, whatever its key: reading all of it is quick.
const RARE: f64 = 0.1;
/// A value that so many rows have is not worth finding by an index; the others are.
const DOMINANT: f64 = 0.8;

/// Partial indexes beside those over all rows.
pub fn candidates(asked: &Asked<'_>, found: &mut Vec<Candidate>) {
    of_fixed_conditions(asked, found);
    of_skewed_values(asked, found);
}

fn of_fixed_conditions(asked: &Asked<'_>, found: &mut Vec<Candidate>) {
    let is_part = |fixed: &&Fixed| {
        let one_of_many = fixed.equality && asked.relation.distinct(&fixed.column).is_some_and(|n| n > MOST_VALUES);
        !one_of_many && fixed.share.is_none_or(|share| share <= LARGEST_PART)
    };
    let small: Vec<&Fixed> = asked.fixed.iter().filter(is_part).collect();
    let Some(predicate) = all_of(&small) else { return };
    let name = &asked.relation.table.name;
    let worth = asked.worth.of_lookup();
    let is_fixed =
        |compared: &&Compared| !compared.fixed || !small.iter().any(|fixed| Some(&fixed.column) == compared.key.column.as_ref());
    let front: Vec<&Compared> = asked.equal.iter().filter(is_fixed).collect();
    let equal = distinct(front.iter().map(|compared| &compared.key));
    let pinned =
        distinct(front.iter().filter(|compared| matches!(compared.how, How::Equal | How::Truth)).map(|compared| &compared.key));
    let part = |keys: &[Key], behind: &[Key], worth: f64| {
        let because = format!("looks for rows of {name} where {predicate}, as the statement says");
        let candidate = btree(asked, keys, behind, because, worth)?;
        Some(Candidate { predicate: Some(predicate.clone()), ..candidate })
    };
    let own = |keys: &&Vec<Key>| keys.iter().all(|key| !small.iter().any(|fixed| Some(&fixed.column) == key.column.as_ref()));
    let range: &[Key] = asked.ranges.iter().find(own).map_or(&[], Vec::as_slice);
    let before = found.len();
    found.extend(part(&equal, range, worth));
    if let Some(order) = asked.orders.first().filter(|order| order.limited || !pinned.is_empty()) {
        found.extend(part(&pinned, &order.keys, asked.worth.of_all()));
    }
    if let Some(join) = asked.joins.first() {
        found.extend(part(&distinct(equal.iter().chain(join)), &[], asked.worth.of_all()));
    }
    let rare =
        small.iter().any(|fixed| fixed.share.map_or(asked.worth.returned <= RARE * asked.worth.examined, |share| share <= RARE));
    if found.len() == before && rare {
        let key = asked.relation.table.primary_key.clone().unwrap_or_else(|| vec![small[0].column.clone()]);
        let key: Vec<Key> = key.iter().take(1).map(|column| Key::column(column)).collect();
        found.extend(part(&[], &key, worth));
    }
}

/// The conditions as one.
fn all_of(fixed: &[&Fixed]) -> Option<String> {
    match fixed {
        [] => None,
        [one] => Some(one.predicate.clone()),
        many => Some(format!("({})", many.iter().map(|fixed| fixed.predicate.as_str()).collect::<Vec<_>>().join(" AND "))),
    }
}

/// Most rows have the same value, or none, and this statement asks for another.
fn of_skewed_values(asked: &Asked<'_>, found: &mut Vec<Candidate>) {
    let name = &asked.relation.table.name;
    for compared in asked.equal.iter().filter(|compared| compared.how == How::Equal) {
        let Some(known) = compared.key.column.as_deref().and_then(|column| asked.relation.column(column)) else { continue };
        let column = quote_ident(&known.name);
        let (predicate, because) = if known.null_frac.is_some_and(|nulls| nulls > DOMINANT) {
            let nulls = percent(known.null_frac.unwrap_or_default());
            (format!("({column} IS NOT NULL)"), format!("looks up rows of {name} by {column}, which is NULL in {nulls} of them"))
        } else {
            let Some((value, share)) = known.most_common.first().filter(|(_, share)| *share > DOMINANT) else { continue };
            if compared.value.as_ref().is_none_or(|asked| asked == value) || known.type_name == "boolean" {
                continue;
            }
            let because = format!(
                "looks up rows of {name} by a {column} that is not {}, which {} of them have; PostgreSQL uses it only in plans that are \
                 made for the value at hand (custom plans)",
                quote_literal(value).trim_start(),
                percent(*share)
            );
            (different_from(&column, value, &known.type_name), because)
        };
        let others = asked.equal.iter().map(|other| &other.key).filter(|key| !key.same_value(&compared.key));
        let keys = distinct(std::iter::once(&compared.key).chain(others));
        let range: &[Key] = asked.ranges.first().map_or(&[], Vec::as_slice);
        let candidate = btree(asked, &keys, range, because, asked.worth.of_lookup());
        found.extend(candidate.map(|candidate| Candidate { predicate: Some(predicate), ..candidate }));
    }
}

/// `(state <> 'done'::text)`, as the server keeps it.
fn different_from(column: &str, value: &str, type_name: &str) -> String {
    let value = quote_literal(value);
    let value = value.trim_start();
    match type_name.split('(').next().unwrap_or(type_name).trim_end() {
        "character varying" => format!("(({column})::text <> {value}::text)"),
        "character" => format!("({column} <> {value}::bpchar)"),
        bare => format!("({column} <> {value}::{bare})"),
    }
}
