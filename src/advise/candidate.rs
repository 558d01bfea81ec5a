//! An index that might pay.

use std::collections::BTreeSet;
use std::fmt;

use crate::db::catalog::{Catalog, Index, TableName};
use crate::sql::quote_ident;

/// A candidate index; two with the same definition are one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub table: TableName,
    pub method: Method,
    pub keys: Vec<Key>,
    /// Why it was proposed, one clause per ground: `looks up song_history by user_id`.
    pub because: BTreeSet<String>,
    /// Labels of the endpoints that it was proposed for.
    pub wanted_by: BTreeSet<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    Btree,
    Gin,
}

/// One key of an index.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// As SQL needs it: `user_id`, `lower(email)`.
    pub expression: String,
    /// A plain column's name; `None` for an expression.
    pub column: Option<String>,
    /// `text_pattern_ops`, `gin_trgm_ops`
    pub operator_class: Option<&'static str>,
    pub descending: bool,
}

impl Key {
    pub fn column(name: &str) -> Key {
        Key { expression: quote_ident(name), column: Some(name.to_owned()), operator_class: None, descending: false }
    }

    /// An expression in the text PostgreSQL gives it.
    pub fn expression(text: &str) -> Key {
        Key { expression: format!("({text})"), column: None, operator_class: None, descending: false }
    }

    pub fn with_class(mut self, class: &'static str) -> Key {
        self.operator_class = Some(class);
        self
    }

    pub fn descending(mut self, descending: bool) -> Key {
        self.descending = descending;
        self
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.expression)?;
        if let Some(class) = self.operator_class {
            write!(f, " {class}")?;
        }
        if self.descending { f.write_str(" DESC") } else { Ok(()) }
    }
}

impl Candidate {
    pub fn new(table: TableName, method: Method, keys: Vec<Key>, because: String) -> Candidate {
        Candidate { table, method, keys, because: BTreeSet::from([because]), wanted_by: BTreeSet::new() }
    }

    pub fn btree(table: &TableName, columns: &[String], because: String) -> Candidate {
        Candidate::new(table.clone(), Method::Btree, columns.iter().map(|column| Key::column(column)).collect(), because)
    }

    /// Whether it is the same index, whatever the reasons.
    pub fn same_as(&self, other: &Candidate) -> bool {
        self.table == other.table && self.method == other.method && self.keys == other.keys
    }

    /// `table_column_column_idx`, cut to PostgreSQL's 63 bytes; a number is added where the name is taken.
    pub fn name(&self, taken: &dyn Fn(&str) -> bool) -> String {
        let words = |text: &str| -> String {
            let kept: String =
                text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
            kept.split('_').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_")
        };
        let mut stem = words(&self.table.name);
        for key in &self.keys {
            stem.push('_');
            stem.push_str(&words(key.column.as_deref().unwrap_or(&key.expression)));
        }
        if self.keys.iter().any(|key| key.operator_class == Some("gin_trgm_ops")) {
            stem.push_str("_trgm");
        }
        if self.keys.iter().any(|key| key.operator_class == Some("text_pattern_ops")) {
            stem.push_str("_pattern");
        }
        // Room for `_idx` and a number of two digits; names of other than ASCII letters were replaced above.
        stem.truncate(56);
        let stem = stem.trim_end_matches('_');
        let plain = format!("{stem}_idx");
        if !taken(&plain) {
            return plain;
        }
        (2_u32..).map(|number| format!("{stem}_idx{number}")).find(|name| !taken(name)).unwrap_or(plain)
    }

    /// `CREATE INDEX name ON table …`
    pub fn definition(&self, name: &str) -> String {
        format!("CREATE INDEX {} ON {}", quote_ident(name), self.target())
    }

    /// What the index is on, without its name: `song_history (user_id, created_at)`.
    pub fn target(&self) -> String {
        let keys: Vec<String> = self.keys.iter().map(Key::to_string).collect();
        let table = self.table.short_sql();
        let using = match self.method {
            Method::Btree => "",
            Method::Gin => " USING gin",
        };
        format!("{table}{using} ({})", keys.join(", "))
    }

    /// The extension whose operator class it needs.
    pub fn extension(&self) -> Option<&'static str> {
        self.keys.iter().any(|key| key.operator_class == Some("gin_trgm_ops")).then_some("pg_trgm")
    }

    /// Whether every lookup that this index serves is served by the other, too: the same table, and these keys in front.
    pub fn is_prefix_of(&self, other: &Candidate) -> bool {
        self.table == other.table
            && self.method == Method::Btree
            && other.method == Method::Btree
            && self.keys.len() < other.keys.len()
            && other.keys.starts_with(&self.keys)
    }

    /// Whether an index of the database does what this one would.
    pub fn exists_in(&self, catalog: &Catalog) -> bool {
        catalog.indexes_of(&self.table).any(|index| self.served_by(index))
    }

    fn served_by(&self, index: &Index) -> bool {
        index.valid
            && index.predicate.is_none()
            && self.method == Method::Btree
            && index.method == "btree"
            && index.columns.len() >= self.keys.len()
            && self.keys.iter().zip(&index.columns).all(|(key, column)| {
                key.operator_class.is_none() && !key.descending && key.column.is_some() && &key.column == column
            })
    }
}

/// Candidates without doubles; reasons of doubles are joined.
#[derive(Debug, Default)]
pub struct Candidates {
    pub list: Vec<Candidate>,
}

impl Candidates {
    pub fn add(&mut self, candidate: Candidate, label: &str) {
        let place = match self.list.iter().position(|known| known.same_as(&candidate)) {
            Some(place) => {
                self.list[place].because.extend(candidate.because);
                place
            }
            None => {
                self.list.push(candidate);
                self.list.len() - 1
            }
        };
        self.list[place].wanted_by.insert(label.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn btree(columns: &[&str]) -> Candidate {
        let columns: Vec<String> = columns.iter().map(|column| (*column).to_owned()).collect();
        Candidate::btree(&TableName::new("public", "song_history"), &columns, "why".into())
    }

    #[test]
    fn names_follow_postgresql_and_stay_within_63_bytes() {
        assert_eq!(btree(&["user_id", "created_at"]).name(&|_| false), "song_history_user_id_created_at_idx");
        let taken = |name: &str| name == "song_history_user_id_idx" || name == "song_history_user_id_idx2";
        assert_eq!(btree(&["user_id"]).name(&taken), "song_history_user_id_idx3");
        let long = btree(&["a_rather_long_column_name", "another_rather_long_column_name"]).name(&|_| false);
        assert!(long.len() <= 63, "{long}");
    }

    #[test]
    fn definitions_are_sql() {
        let trigram = Candidate::new(
            TableName::new("app", "Songs"),
            Method::Gin,
            vec![Key::column("song_name").with_class("gin_trgm_ops"), Key::column("Artist").with_class("gin_trgm_ops")],
            "infix".into(),
        );
        assert_eq!(
            trigram.definition(&trigram.name(&|_| false)),
            "CREATE INDEX songs_song_name_artist_trgm_idx ON app.\"Songs\" USING gin (song_name gin_trgm_ops, \"Artist\" gin_trgm_ops)"
        );
        assert_eq!(trigram.extension(), Some("pg_trgm"));
    }

    #[test]
    fn a_prefix_is_covered_and_a_suffix_is_not() {
        assert!(btree(&["user_id"]).is_prefix_of(&btree(&["user_id", "created_at"])));
        assert!(!btree(&["created_at"]).is_prefix_of(&btree(&["user_id", "created_at"])));
        assert!(!btree(&["user_id"]).is_prefix_of(&btree(&["user_id"])));
    }

    #[test]
    fn doubles_are_one_with_both_reasons() {
        let mut candidates = Candidates::default();
        candidates.add(btree(&["user_id"]), "a");
        let mut again = btree(&["user_id"]);
        again.because = BTreeSet::from(["another".into()]);
        candidates.add(again, "b");
        assert_eq!(candidates.list.len(), 1);
        assert_eq!(candidates.list[0].because.len(), 2);
        assert_eq!(candidates.list[0].wanted_by.len(), 2);
    }
}
