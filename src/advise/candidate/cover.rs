//! Whether an index does what another one would: one that is there already, or another candidate.

use super::{Candidate, Key, Method, same_expression};
use crate::db::catalog::{Catalog, Index, IndexKey};
use crate::sql::quote_ident;

impl Candidate {
    /// Whether a valid index of the database does what this one would: the keys in front (those compared for equality in any order,
    /// the rest in this order or exactly backward), in the same operator classes and collations, over the same rows, and with the
    /// columns that it carries.
    pub fn exists_in(&self, catalog: &Catalog) -> bool {
        catalog.indexes_of(&self.table).any(|index| self.served_by(index))
    }

    fn served_by(&self, index: &Index) -> bool {
        let carries =
            |column: &String| index.included.contains(column) || index.keys.iter().any(|key| key.column.as_ref() == Some(column));
        index.valid
            && index.method == self.method.name()
            && self.rows_are_in(index)
            && self.include.iter().all(carries)
            && match self.method {
                Method::Btree => self.led_by(&index.keys),
                // A hash has one key; the keys of the others can be looked up in any combination.
                Method::Hash | Method::Gin | Method::Gist | Method::Brin => {
                    self.keys.iter().all(|key| index.keys.iter().any(|other| is_key(key, other)))
                }
            }
    }

    /// Whether every row it is asked for is in the index.
    fn rows_are_in(&self, index: &Index) -> bool {
        match (&self.predicate, &index.predicate) {
            (None, None) => true,
            (Some(own), Some(theirs)) => same_expression(own, theirs),
            // A key that equals something is not NULL.
            (None, Some(theirs)) => self
                .keys
                .iter()
                .take(self.free)
                .filter_map(|key| key.column.as_ref())
                .any(|column| same_expression(theirs, &format!("({} IS NOT NULL)", quote_ident(column)))),
            // One over all rows has more to read than the part that was asked for.
            (Some(_), None) => false,
        }
    }

    fn led_by(&self, keys: &[IndexKey]) -> bool {
        if keys.len() < self.keys.len() {
            return false;
        }
        let free = self.free.min(self.keys.len());
        let (compared, ordered) = self.keys.split_at(free);
        let (front, rest) = keys.split_at(free);
        compared.iter().all(|key| front.iter().any(|other| is_key(key, other) || finds_equals(key, other)))
            && ordered.iter().zip(rest).all(|(key, other)| is_key(key, other))
            && one_way(ordered, rest.iter().map(|key| (key.descending, key.nulls_first)))
    }

    /// Whether every lookup that this index serves is served by the other, too: the same table, these keys in front, all its rows, and
    /// more besides.
    pub fn is_prefix_of(&self, other: &Candidate) -> bool {
        let free = self.free.min(self.keys.len());
        if self.table != other.table
            || self.method != Method::Btree
            || other.method != Method::Btree
            || other.keys.len() < self.keys.len()
            || (other.keys.len() == self.keys.len() && other.include.len() <= self.include.len())
        {
            return false;
        }
        let (compared, ordered) = self.keys.split_at(free);
        let (front, rest) = other.keys.split_at(free);
        self.has_its_rows_in(other)
            && compared.iter().all(|key| front.iter().any(|other| key.looks_up_as(other)))
            && ordered.iter().zip(rest).all(|(key, other)| key.looks_up_as(other))
            && one_way(ordered, rest.iter().map(|key| (key.descending, key.nulls_first())))
            && self.include.iter().all(|column| other.carries(column))
    }

    /// Whether every lookup that this index serves is served by the other: as [`Candidate::is_prefix_of`] has it, or by a GIN index with
    /// these keys and more. Such a one is searched by any of its keys, one as well as another (PostgreSQL's documentation, 11.3).
    pub fn is_served_by(&self, other: &Candidate) -> bool {
        let among = |key: &Key| other.keys.iter().any(|other| key.looks_up_as(other));
        let is_part = self.table == other.table
            && (self.method, other.method) == (Method::Gin, Method::Gin)
            && self.keys.len() < other.keys.len()
            && self.has_its_rows_in(other)
            && self.keys.iter().all(among);
        is_part || self.is_prefix_of(other)
    }

    fn has_its_rows_in(&self, other: &Candidate) -> bool {
        match (&self.predicate, &other.predicate) {
            (_, None) => true,
            (Some(own), Some(theirs)) => same_expression(own, theirs),
            (None, Some(_)) => false,
        }
    }

    fn carries(&self, column: &str) -> bool {
        self.include.iter().any(|included| included == column)
            || self.keys.iter().any(|key| key.column.as_deref() == Some(column))
    }
}

fn is_key(key: &Key, other: &IndexKey) -> bool {
    key.same_value_as(other)
        && key.operator_class == other.operator_class.as_deref()
        && key.collation.as_deref() == other.collation.as_deref()
}

/// The pattern classes have the equality of the type's own class.
fn finds_equals(key: &Key, other: &IndexKey) -> bool {
    let pattern = other.operator_class.as_deref().is_some_and(|class| class.ends_with("_pattern_ops"));
    pattern && key.operator_class.is_none() && key.collation.is_none() && key.same_value_as(other)
}

/// Whether the keys stand in the directions of the others, or all of them in the opposite: a B-tree is read both ways. A pair says
/// whether the key descends and whether NULLs come first.
fn one_way(keys: &[Key], others: impl Iterator<Item = (bool, bool)>) -> bool {
    let (mut forward, mut backward) = (true, true);
    for (key, (descending, nulls_first)) in keys.iter().zip(others) {
        let same = key.descending == descending && key.nulls_first() == nulls_first;
        let opposite = key.descending != descending && key.nulls_first() != nulls_first;
        forward &= same;
        backward &= opposite;
    }
    forward || backward
}

#[cfg(test)]
mod tests {
    use super::super::Nulls;
    use super::*;
    use crate::db::catalog::TableName;

    fn table() -> TableName {
        TableName::new("public", "t")
    }

    fn candidate(columns: &[&str]) -> Candidate {
        Candidate::new(table(), Method::Btree, columns.iter().map(|column| Key::column(column)).collect(), "why".into())
    }

    fn equal(columns: &[&str]) -> Candidate {
        Candidate { free: columns.len(), ..candidate(columns) }
    }

    /// `a`, `b DESC`, `c varchar_pattern_ops`
    fn index(keys: &[&str]) -> Index {
        let key = |text: &&str| {
            let (column, rest) = text.split_once(' ').unwrap_or((text, ""));
            IndexKey {
                expression: column.to_owned(),
                column: (!column.contains('(')).then(|| column.to_owned()),
                operator_class: rest.ends_with("_ops").then(|| rest.to_owned()),
                collation: None,
                descending: rest == "DESC",
                nulls_first: rest == "DESC",
            }
        };
        Index {
            name: "i".into(),
            table: table(),
            method: "btree".into(),
            definition: String::new(),
            columns: Vec::new(),
            keys: keys.iter().map(key).collect(),
            included: Vec::new(),
            unique: false,
            nulls_not_distinct: false,
            primary: false,
            constraint: false,
            predicate: None,
            valid: true,
            bytes: 0,
        }
    }

    fn exists(candidate: &Candidate, index: Index) -> bool {
        candidate.exists_in(&Catalog { indexes: vec![index], ..Catalog::default() })
    }

    #[test]
    fn keys_in_front_serve_and_equalities_in_any_order() {
        assert!(exists(&candidate(&["a"]), index(&["a", "b"])));
        assert!(!exists(&candidate(&["b"]), index(&["a", "b"])));
        assert!(exists(&equal(&["a", "b"]), index(&["b", "a", "c"])));
        assert!(!exists(&candidate(&["a", "b"]), index(&["b", "a"])));
        assert!(!exists(&equal(&["a", "b"]), index(&["a", "c", "b"])));
        assert!(!exists(&candidate(&["a"]), Index { valid: false, ..index(&["a"]) }));
        assert!(!exists(&candidate(&["a"]), Index { method: "hash".into(), ..index(&["a"]) }));
    }

    #[test]
    fn an_index_serves_backward_but_not_in_mixed_directions() {
        let mixed = |first: bool, second: bool| {
            let keys = vec![Key::column("a").descending(first), Key::column("b").descending(second)];
            Candidate::new(table(), Method::Btree, keys, "why".into())
        };
        assert!(exists(&mixed(true, true), index(&["a", "b"])));
        assert!(exists(&mixed(true, false), index(&["a", "b DESC"])));
        assert!(!exists(&mixed(true, false), index(&["a", "b"])));
        let nulls_last = Key { nulls: Some(Nulls::Last), ..Key::column("b").descending(true) };
        let order = Candidate::new(table(), Method::Btree, vec![Key::column("a"), nulls_last], "why".into());
        assert!(!exists(&Candidate { free: 1, ..order.clone() }, index(&["a", "b DESC"])));
        let stored = Index {
            keys: vec![
                IndexKey { expression: "a".into(), column: Some("a".into()), ..IndexKey::default() },
                IndexKey { expression: "b".into(), column: Some("b".into()), nulls_first: true, ..IndexKey::default() },
            ],
            ..index(&[])
        };
        assert!(exists(&Candidate { free: 1, ..order }, stored), "NULLS FIRST, read backward");
    }

    #[test]
    fn included_columns_expressions_and_classes_count() {
        let carrying = Candidate { include: vec!["c".into()], ..candidate(&["a"]) };
        assert!(!exists(&carrying, index(&["a"])));
        assert!(exists(&carrying, Index { included: vec!["c".into()], ..index(&["a"]) }));
        assert!(exists(&carrying, index(&["a", "c"])));
        let lower = Candidate::new(table(), Method::Btree, vec![Key::expression("lower(t)")], "why".into());
        assert!(exists(&lower, index(&["lower(t)"])));
        assert!(!exists(&lower, index(&["t"])));
        let prefix = Key::column("a").with_class("varchar_pattern_ops");
        let prefix = Candidate::new(table(), Method::Btree, vec![prefix], "why".into());
        assert!(!exists(&prefix, index(&["a"])));
        assert!(exists(&prefix, index(&["a varchar_pattern_ops"])));
        assert!(exists(&equal(&["a"]), index(&["a varchar_pattern_ops"])), "equals are found, too");
        assert!(!exists(&candidate(&["a"]), index(&["a varchar_pattern_ops"])), "but not its order");
    }

    #[test]
    fn a_partial_index_serves_its_own_rows() {
        let open = |candidate: Candidate| Candidate { predicate: Some("(state = 'open'::text)".into()), ..candidate };
        let stored = |predicate: &str| Index { predicate: Some(predicate.into()), ..index(&["a"]) };
        assert!(exists(&open(candidate(&["a"])), stored("(state = 'open'::text)")));
        assert!(!exists(&open(candidate(&["a"])), stored("(state = 'done'::text)")));
        assert!(!exists(&candidate(&["a"]), stored("(state = 'open'::text)")));
        assert!(exists(&equal(&["a"]), stored("(a IS NOT NULL)")));
        assert!(!exists(&candidate(&["a"]), stored("(a IS NOT NULL)")));
    }

    #[test]
    fn gin_keys_are_found_in_any_order() {
        let gin = |columns: &[&str]| Candidate { method: Method::Gin, ..candidate(columns) };
        assert!(exists(&gin(&["b"]), Index { method: "gin".into(), ..index(&["a", "b"]) }));
        assert!(!exists(&gin(&["c"]), Index { method: "gin".into(), ..index(&["a", "b"]) }));
    }

    #[test]
    fn a_prefix_is_covered_and_a_suffix_is_not() {
        assert!(candidate(&["a"]).is_prefix_of(&candidate(&["a", "b"])));
        assert!(!candidate(&["b"]).is_prefix_of(&candidate(&["a", "b"])));
        assert!(!candidate(&["a"]).is_prefix_of(&candidate(&["a"])));
        assert!(equal(&["b", "a"]).is_prefix_of(&candidate(&["a", "b", "c"])));
        let carrying = Candidate { include: vec!["c".into()], ..candidate(&["a"]) };
        assert!(candidate(&["a"]).is_prefix_of(&carrying));
        assert!(!carrying.is_prefix_of(&candidate(&["a", "b"])));
        assert!(carrying.is_prefix_of(&candidate(&["a", "c"])));
        let part = Candidate { predicate: Some("(x)".into()), ..candidate(&["a", "b"]) };
        assert!(!candidate(&["a"]).is_prefix_of(&part));
    }

    #[test]
    fn a_gin_index_is_searched_by_any_of_its_keys() {
        let gin = |columns: &[&str]| Candidate { method: Method::Gin, ..candidate(columns) };
        assert!(gin(&["b"]).is_served_by(&gin(&["a", "b"])) && candidate(&["a"]).is_served_by(&candidate(&["a", "b"])));
        assert!(!gin(&["a", "b"]).is_served_by(&gin(&["a", "b"])) && !gin(&["c"]).is_served_by(&gin(&["a", "b"])));
        assert!(!candidate(&["b"]).is_served_by(&gin(&["a", "b"])) && !candidate(&["b"]).is_served_by(&candidate(&["a", "b"])));
        let part = Candidate { predicate: Some("(c IS NULL)".into()), ..gin(&["a", "b"]) };
        assert!(!gin(&["b"]).is_served_by(&part));
    }
}
