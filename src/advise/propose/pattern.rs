//! Text that is searched by LIKE, ILIKE or a regular expression.

use super::asked::Asked;
use super::keys::{distinct, is_text, key_of, listed, pattern_class};
use super::relation::Relation;
use crate::advise::candidate::{Candidate, Key, Method};
use crate::plan::condition::{Access, Pattern, Predicate, Target};

/// Columns searched together: the branches of one OR are one group.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    pub keys: Vec<Key>,
    /// All patterns are fixed at their beginning, and case matters.
    pub prefix: bool,
}

/// The columns of a pattern search, when all of them are text.
pub fn group(predicates: &[Predicate<'_>], relation: &Relation<'_>) -> Option<Group> {
    let mut group = Group { keys: Vec::new(), prefix: true };
    for predicate in predicates {
        let Access::Match { pattern, case_insensitive } = &predicate.access else { return None };
        if let Target::Column { column, .. } = &predicate.target {
            is_text(relation.type_of(&column.name)?).then_some(())?;
        }
        let key = key_of(&predicate.target, relation)?;
        if !group.keys.contains(&key) {
            group.keys.push(key);
        }
        group.prefix &= is_prefix(pattern) && !case_insensitive;
    }
    Some(group)
}

/// Whether the pattern tells how the text begins: `ab%`, `^ab`.
fn is_prefix(pattern: &Pattern) -> bool {
    match pattern {
        Pattern::Prefix(_) | Pattern::Exact(_) => true,
        Pattern::Regex(text) => text.strip_prefix('^').is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric())),
        Pattern::Infix(_) | Pattern::Unknown => false,
    }
}

/// B-trees for beginnings, trigrams for everything: column by column, and all columns of the statement in one index.
pub fn candidates(asked: &Asked<'_>, found: &mut Vec<Candidate>) {
    let name = &asked.relation.table.name;
    let worth = asked.worth.of_lookup();
    let mut propose = |method: Method, keys: Vec<Key>, searched: &[Key]| {
        let because = format!("searches {name} by a pattern in {}", listed(searched));
        let equal = keys.len() - 1;
        let free = if method == Method::Btree { equal } else { 0 };
        found.push(Candidate { free, potential_ms: worth, ..Candidate::new(name.clone(), method, keys, because) });
    };
    for group in &asked.patterns {
        for key in group.keys.iter().filter(|_| group.prefix) {
            let Some(key) = prefix_key(key, &asked.relation) else { continue };
            let behind: Vec<Key> = distinct(asked.equal.iter().map(|compared| &compared.key).chain([&key]));
            if behind.len() > 1 {
                propose(Method::Btree, behind, std::slice::from_ref(&key));
            }
            propose(Method::Btree, vec![key.clone()], std::slice::from_ref(&key));
        }
        if let Some(keys) = trigrams(&group.keys, &asked.relation) {
            propose(Method::Gin, keys, &group.keys);
        }
    }
    if asked.patterns.len() > 1 {
        let all = distinct(asked.patterns.iter().flat_map(|group| &group.keys));
        if let Some(keys) = trigrams(&all, &asked.relation) {
            propose(Method::Gin, keys, &all);
        }
    }
}

/// A plain key serves beginnings where texts are compared byte by byte; elsewhere an operator class does.
fn prefix_key(key: &Key, relation: &Relation<'_>) -> Option<Key> {
    let bytewise = key.column.as_deref().and_then(|column| relation.column(column)).is_some_and(|column| column.bytewise);
    if bytewise {
        return Some(key.clone());
    }
    pattern_class(key, relation).map(|class| key.clone().with_class(class))
}

/// The class of pg_trgm takes `text` and what is stored as it; `char(n)` and `citext` have patterns of their own, which it does not know.
fn trigrams(keys: &[Key], relation: &Relation<'_>) -> Option<Vec<Key>> {
    let known =
        |key: &Key| key.column.as_deref().is_none_or(|column| matches!(relation.type_of(column), Some("text" | "varchar")));
    keys.iter().map(|key| known(key).then(|| key.clone().with_class("gin_trgm_ops"))).collect()
}
