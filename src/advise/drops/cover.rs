//! Whether one index does all that another does, from what the catalog says of both.

use crate::db::catalog::ForeignKey;
use crate::db::index_facts::{IndexFacts, KeyFacts};

/// How an index stands in for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cover {
    /// The same keys, rows and columns; perhaps in the order backwards, as a B-tree can be read.
    Same,
    /// More keys behind them, or more columns carried along.
    Wider,
}

/// How `other` does all that `index` does; `None` when it does not, or only does so with other work: a full index beside a partial one
/// serves its lookups, but reads what the other leaves out.
pub(super) fn cover(other: &IndexFacts, index: &IndexFacts) -> Option<Cover> {
    let comparable = other.oid != index.oid
        && other.table == index.table
        && other.method == index.method
        && other.valid
        && other.predicate == index.predicate
        && (other.partitioned || !index.partitioned);
    if !comparable || !begins_with(other, index) || !carries(other, index) || !keeps_unique(other, index) {
        return None;
    }
    let same = other.keys.len() == index.keys.len() && other.included.len() <= index.included.len();
    if same { Some(Cover::Same) } else { Some(Cover::Wider) }
}

/// Only of a B-tree are the first keys an index of their own.
fn begins_with(other: &IndexFacts, index: &IndexFacts) -> bool {
    let ordered = index.method == "btree";
    if other.keys.len() < index.keys.len() || (!ordered && other.keys.len() != index.keys.len()) {
        return false;
    }
    let pairs = || other.keys.iter().zip(&index.keys);
    let alike =
        |(a, b): (&KeyFacts, &KeyFacts)| a.text == b.text && a.operator_class == b.operator_class && a.collation == b.collation;
    // DESC and NULLS FIRST, both the other way, are the same order backwards.
    const BACKWARDS: i32 = 3;
    pairs().all(alike)
        && (pairs().all(|(a, b)| a.option == b.option) || ordered && pairs().all(|(a, b)| a.option == b.option ^ BACKWARDS))
}

fn carries(other: &IndexFacts, index: &IndexFacts) -> bool {
    let carried = |column: &String| other.included.contains(column) || other.keys.iter().any(|key| &key.text == column);
    index.included.iter().all(carried)
}

/// What forbids doubles may go only when another one forbids just the same ones, at once.
fn keeps_unique(other: &IndexFacts, index: &IndexFacts) -> bool {
    !index.unique
        || other.unique
            && !other.deferrable
            && other.nulls_not_distinct == index.nulls_not_distinct
            && other.keys.len() == index.keys.len()
}

/// Whether some lookup could go through either of two indexes of a table.
pub(super) fn shares_a_key(other: &IndexFacts, index: &IndexFacts) -> bool {
    other.table == index.table && other.valid && other.keys.iter().any(|key| index.keys.iter().any(|own| own.text == key.text))
}

/// Whether nothing but queries can need it. A unique index is left out: rules of the data rest on it.
pub(super) fn only_for_queries(index: &IndexFacts) -> bool {
    let bound = index.constraint || index.referenced || index.replica_identity || index.clustered || index.of_extension;
    !bound && !index.unique && (index.valid || !index.partitioned)
}

/// As [`only_for_queries`], but unique, with another unique index for the same.
pub(super) fn is_unique_twice(index: &IndexFacts, others: &[IndexFacts]) -> bool {
    let plain = IndexFacts { unique: false, ..index.clone() };
    index.unique && only_for_queries(&plain) && others.iter().any(|other| cover(other, index) == Some(Cover::Same))
}

/// Whether a lookup of rows that reference a key can go through it.
pub(super) fn leads_to(index: &IndexFacts, key: &ForeignKey) -> bool {
    let first = index.keys.first().and_then(column);
    key.table == index.table && first.is_some_and(|first| key.columns.contains(&first))
}

/// Whether such lookups find all rows by all columns of the key.
pub(super) fn leads_straight_to(index: &IndexFacts, key: &ForeignKey) -> bool {
    let columns: Option<Vec<String>> = index.keys.iter().take(key.columns.len()).map(column).collect();
    key.table == index.table
        && index.predicate.is_none()
        && index.valid
        && columns.is_some_and(|columns| {
            columns.len() == key.columns.len() && columns.iter().all(|column| key.columns.contains(column))
        })
}

/// The column that a key is, its name without quotes; `None` for an expression.
fn column(key: &KeyFacts) -> Option<String> {
    if key.is_expression {
        return None;
    }
    let quoted = key.text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    Some(quoted.map_or_else(|| key.text.clone(), |inner| inner.replace("\"\"", "\"")))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::db::TableName;
    use crate::db::catalog::Action;

    /// A B-tree over columns of `song`.
    pub fn index(oid: i64, keys: &[&str]) -> IndexFacts {
        let key = |text: &&str| KeyFacts { text: (*text).to_owned(), operator_class: 1978, ..KeyFacts::default() };
        IndexFacts {
            oid,
            table: TableName::new("public", "song"),
            name: format!("song_{}_idx", keys.join("_")),
            method: "btree".into(),
            definition: format!("CREATE INDEX song_{}_idx ON public.song USING btree ({})", keys.join("_"), keys.join(", ")),
            keys: keys.iter().map(key).collect(),
            included: Vec::new(),
            predicate: None,
            unique: false,
            nulls_not_distinct: false,
            deferrable: false,
            constraint: false,
            referenced: false,
            replica_identity: false,
            clustered: false,
            of_extension: false,
            partitioned: false,
            valid: true,
            bytes: 8192,
            table_bytes: 8192,
        }
    }

    fn including(mut facts: IndexFacts, columns: &[&str]) -> IndexFacts {
        facts.included = columns.iter().map(|column| (*column).to_owned()).collect();
        facts
    }

    #[test]
    fn doubles_and_prefixes_are_covered_and_others_are_not() {
        let narrow = index(1, &["a"]);
        assert_eq!(cover(&index(2, &["a"]), &narrow), Some(Cover::Same));
        assert_eq!(cover(&index(2, &["a", "b"]), &narrow), Some(Cover::Wider));
        assert_eq!(cover(&narrow, &index(2, &["a", "b"])), None);
        assert_eq!(cover(&index(2, &["b", "a"]), &narrow), None);
        assert_eq!(cover(&narrow, &narrow), None, "not by itself");
        assert_eq!(cover(&IndexFacts { valid: false, ..index(2, &["a"]) }, &narrow), None);
    }

    #[test]
    fn classes_collations_and_directions_tell_keys_apart() {
        let with = |change: fn(&mut KeyFacts)| {
            let mut other = index(2, &["a", "b"]);
            change(&mut other.keys[0]);
            other
        };
        let both = index(1, &["a", "b"]);
        assert_eq!(cover(&with(|key| key.operator_class = 4217), &both), None);
        assert_eq!(cover(&with(|key| key.collation = 950), &both), None);
        assert_eq!(cover(&with(|key| key.option = 3), &both), None, "a DESC, b is another order than a, b");
        let mut backwards = with(|key| key.option = 3);
        backwards.keys[1].option = 3;
        assert_eq!(cover(&backwards, &both), Some(Cover::Same));
        assert_eq!(
            cover(&with(|key| key.option = 3), &index(1, &["a"])),
            Some(Cover::Wider),
            "a DESC, b begins with a backwards"
        );
    }

    #[test]
    fn included_columns_and_predicates_count() {
        let covering = including(index(1, &["a"]), &["c"]);
        assert_eq!(cover(&index(2, &["a"]), &covering), None);
        assert_eq!(cover(&covering, &index(2, &["a"])), Some(Cover::Wider));
        assert_eq!(cover(&index(2, &["a", "c"]), &covering), Some(Cover::Wider));
        assert_eq!(cover(&including(index(2, &["a"]), &["c"]), &covering), Some(Cover::Same));
        let partial = IndexFacts { predicate: Some("(a > 0)".into()), ..index(3, &["a"]) };
        assert_eq!(cover(&index(2, &["a"]), &partial), None, "a full index reads what a partial one leaves out");
        assert_eq!(cover(&partial, &index(2, &["a"])), None);
        assert_eq!(cover(&IndexFacts { oid: 4, ..partial.clone() }, &partial), Some(Cover::Same));
    }

    #[test]
    fn other_methods_have_no_prefixes() {
        let gin = |oid, keys: &[&str]| IndexFacts { method: "gin".into(), ..index(oid, keys) };
        assert_eq!(cover(&gin(1, &["a", "b"]), &gin(2, &["a"])), None);
        assert_eq!(cover(&gin(1, &["a"]), &gin(2, &["a"])), Some(Cover::Same));
        assert_eq!(cover(&gin(1, &["a"]), &index(2, &["a"])), None);
    }

    #[test]
    fn what_forbids_doubles_stays_unless_another_one_does() {
        let unique = IndexFacts { unique: true, ..index(1, &["a"]) };
        let constraint = IndexFacts { unique: true, constraint: true, ..index(2, &["a"]) };
        assert!(!only_for_queries(&unique) && !only_for_queries(&constraint));
        assert!(is_unique_twice(&unique, std::slice::from_ref(&constraint)));
        assert!(!is_unique_twice(&constraint, std::slice::from_ref(&unique)), "a constraint is somebody's word");
        assert!(!is_unique_twice(&unique, &[index(2, &["a"]), IndexFacts { unique: true, ..index(3, &["a", "b"]) }]));
        assert!(!is_unique_twice(&unique, &[IndexFacts { deferrable: true, ..constraint.clone() }]));
        assert!(!is_unique_twice(&unique, &[IndexFacts { nulls_not_distinct: true, ..constraint.clone() }]));
        assert!(!is_unique_twice(&IndexFacts { referenced: true, ..unique }, std::slice::from_ref(&constraint)));
        // A plain double of a constraint's index may go.
        assert_eq!(cover(&constraint, &index(1, &["a"])), Some(Cover::Same));
    }

    #[test]
    fn what_something_rests_on_is_not_only_for_queries() {
        assert!(only_for_queries(&index(1, &["a"])));
        assert!(!only_for_queries(&IndexFacts { replica_identity: true, ..index(1, &["a"]) }));
        assert!(!only_for_queries(&IndexFacts { clustered: true, ..index(1, &["a"]) }));
        assert!(only_for_queries(&IndexFacts { valid: false, ..index(1, &["a"]) }));
    }

    #[test]
    fn foreign_keys_are_looked_up_by_their_leading_columns() {
        let key = ForeignKey {
            name: "song_artist".into(),
            table: TableName::new("public", "song"),
            columns: vec!["a".into(), "Order".into()],
            referenced: TableName::new("public", "artist"),
            referenced_columns: vec!["id".into(), "no".into()],
            match_full: false,
            on_delete: Action::NoAction,
            on_update: Action::NoAction,
            delete_sets: Vec::new(),
            deferrable: false,
        };
        assert!(leads_to(&index(1, &["a", "x"]), &key) && !leads_straight_to(&index(1, &["a", "x"]), &key));
        assert!(leads_straight_to(&index(1, &["\"Order\"", "a", "x"]), &key));
        assert!(!leads_to(&index(1, &["x", "a"]), &key));
        assert!(!leads_straight_to(&IndexFacts { predicate: Some("b".into()), ..index(1, &["a", "\"Order\""]) }, &key));
    }
}
