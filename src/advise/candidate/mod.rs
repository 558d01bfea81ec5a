//! An index that might pay.

mod cover;
mod key;
mod merge;
mod name;

use std::collections::BTreeSet;

use crate::db::catalog::TableName;
use crate::sql::quote_ident;

pub use key::{Key, Nulls, same_expression};
pub use merge::merged;

/// A candidate index; two with the same definition are one.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub table: TableName,
    pub method: Method,
    pub keys: Vec<Key>,
    /// So many of the keys, those in front, are compared for equality: any order of them serves the same lookups.
    pub free: usize,
    /// Columns carried along for index-only scans (`INCLUDE`), by name.
    pub include: Vec<String>,
    /// `WHERE` of a partial index, without the word.
    pub predicate: Option<String>,
    /// Why it was proposed, one clause per ground: `looks up song_history by user_id`.
    pub because: BTreeSet<String>,
    /// Labels of the endpoints that it was proposed for.
    pub wanted_by: BTreeSet<String>,
    /// What it might save of one call, ms: the time of the plan nodes it would shorten, by the share of their rows that are read for
    /// nothing; the most of its grounds. For ordering and screening only, never evidence. Of plans that were not executed it is made of
    /// the planner's cost, whose unit is another.
    pub potential_ms: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    Btree,
    Hash,
    Gin,
    Gist,
    Brin,
}

impl Method {
    /// As `USING` names it.
    pub fn name(self) -> &'static str {
        match self {
            Method::Btree => "btree",
            Method::Hash => "hash",
            Method::Gin => "gin",
            Method::Gist => "gist",
            Method::Brin => "brin",
        }
    }
}

impl Candidate {
    pub fn new(table: TableName, method: Method, keys: Vec<Key>, because: String) -> Candidate {
        Candidate {
            table,
            method,
            keys,
            free: 0,
            include: Vec::new(),
            predicate: None,
            because: BTreeSet::from([because]),
            wanted_by: BTreeSet::new(),
            potential_ms: 0.0,
        }
    }

    pub fn btree(table: &TableName, columns: &[String], because: String) -> Candidate {
        Candidate::new(table.clone(), Method::Btree, columns.iter().map(|column| Key::column(column)).collect(), because)
    }

    /// Whether it is the same index, whatever the reasons.
    pub fn same_as(&self, other: &Candidate) -> bool {
        self.table == other.table
            && self.method == other.method
            && self.keys == other.keys
            && self.include == other.include
            && self.predicate == other.predicate
    }

    /// Takes over what another ground for the same index says.
    pub fn unite(&mut self, other: Candidate) {
        self.because.extend(other.because);
        self.wanted_by.extend(other.wanted_by);
        self.free = self.free.min(other.free);
        self.potential_ms = self.potential_ms.max(other.potential_ms);
    }

    /// `table_column_column_idx`, cut to PostgreSQL's 63 bytes; a number is added where the name is taken.
    pub fn name(&self, taken: &dyn Fn(&str) -> bool) -> String {
        name::name(self, taken)
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
            Method::Btree => String::new(),
            other => format!(" USING {}", other.name()),
        };
        let include: Vec<String> = self.include.iter().map(|column| quote_ident(column)).collect();
        let include = if include.is_empty() { String::new() } else { format!(" INCLUDE ({})", include.join(", ")) };
        let predicate = self.predicate.as_ref().map_or(String::new(), |predicate| format!(" WHERE {predicate}"));
        format!("{table}{using} ({}){include}{predicate}", keys.join(", "))
    }

    /// The extension that its operator classes come with.
    pub fn extension(&self) -> Option<&'static str> {
        self.keys.iter().filter_map(|key| key.operator_class).any(|class| class.ends_with("_trgm_ops")).then_some("pg_trgm")
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
                self.list[place].unite(candidate);
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
    fn a_name_that_is_taken_gets_a_number() {
        assert_eq!(btree(&["user_id", "created_at"]).name(&|_| false), "song_history_user_id_created_at_idx");
        let taken = |name: &str| name == "song_history_user_id_idx" || name == "song_history_user_id_idx2";
        assert_eq!(btree(&["user_id"]).name(&taken), "song_history_user_id_idx3");
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
