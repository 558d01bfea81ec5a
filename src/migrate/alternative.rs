//! Other ways to the same schema that keep endpoints waiting for less. They are derived from the statement's tokens and then tried: what
//! the server refuses, or what is no better, is not advised.
//!
//! The ways are those of the documentation: `CREATE INDEX`, "Building Indexes Concurrently"; `ALTER TABLE`, notes on `NOT VALID`,
//! `USING INDEX` and on `SET NOT NULL` with a CHECK constraint that is valid.

use crate::sql::quote_ident;

use super::script::{Kind, Script, Statement};

/// A statement and what to write in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    /// Place in the script.
    pub statement: usize,
    pub sql: Vec<String>,
    /// Why that is better, in a sentence.
    pub why: &'static str,
}

const INDEX: &str = "Built concurrently, an index reads the table twice and lets writes go on meanwhile";
const DROP: &str = "Dropped concurrently, an index waits for its readers and stops nobody";
const VALIDATE: &str = "Added as NOT VALID, the constraint holds for new rows at once; VALIDATE reads the old ones under a lock that lets reads and \
     writes go on";
const UNIQUE: &str = "The index can be built concurrently first; the constraint then takes it over in a moment";
const NOT_NULL: &str =
    "With a valid CHECK (… IS NOT NULL) SET NOT NULL need not read the table, and VALIDATE reads it while others write";
const REINDEX: &str = "Rebuilt concurrently, the index stays in use until the new one is there";
const REFRESH: &str = "Refreshed concurrently, the view can be read meanwhile; it needs a unique index";

/// Another way to run a statement that stands in no transaction block.
pub fn alternative(script: &Script, place: usize) -> Option<Alternative> {
    let statement = script.statements.get(place).filter(|one| one.kind == Kind::Ordinary && !in_block(script, place))?;
    let (sql, why) = index(statement)
        .or_else(|| drop_index(statement))
        .or_else(|| reindex(statement))
        .or_else(|| refresh(statement))
        .or_else(|| AlterTable::of(statement).and_then(|alter| alter.other_way()))?;
    Some(Alternative { statement: place, sql, why })
}

/// Whether the statement stands in a transaction block of its file.
pub fn in_block(script: &Script, place: usize) -> bool {
    let opening = |statement: &Statement| match statement.kind {
        Kind::Begin => Some(true),
        Kind::Commit | Kind::Rollback => Some(false),
        _ => None,
    };
    script.statements[..place].iter().rev().find_map(opening).unwrap_or(false)
}

/// The script with other statements in place of some, and where each of those went.
pub fn replaced(script: &Script, others: &[Alternative]) -> (Script, Vec<std::ops::Range<usize>>) {
    let mut made = Script { files: script.files.clone(), statements: Vec::new() };
    let mut places = Vec::new();
    for (place, statement) in script.statements.iter().enumerate() {
        let Some(other) = others.iter().find(|other| other.statement == place) else {
            made.statements.push(statement.clone());
            continue;
        };
        let first = made.statements.len();
        made.statements.extend(other.sql.iter().map(|sql| Statement {
            text: sql.clone(),
            kind: if sql.contains(" CONCURRENTLY ") { Kind::Alone } else { Kind::Ordinary },
            tokens: Vec::new(),
            ..statement.clone()
        }));
        places.push(first..made.statements.len());
    }
    (made, places)
}

type OtherWay = (Vec<String>, &'static str);

/// The statement with a word put behind token number `place`.
fn with_word(statement: &Statement, place: usize, word: &str) -> String {
    let (_, end) = statement.tokens[place];
    format!("{} {word}{}", &statement.text[..end], &statement.text[end..])
}

fn index(statement: &Statement) -> Option<OtherWay> {
    let place = if statement.says(0, &["CREATE", "INDEX"]) {
        1
    } else if statement.says(0, &["CREATE", "UNIQUE", "INDEX"]) {
        2
    } else {
        return None;
    };
    Some((vec![with_word(statement, place, "CONCURRENTLY")], INDEX))
}

fn drop_index(statement: &Statement) -> Option<OtherWay> {
    let several = (0..statement.tokens.len()).any(|place| matches!(statement.token(place), "," | "CASCADE" | "cascade"));
    let dropped = statement.says(0, &["DROP", "INDEX"]) && !several;
    dropped.then(|| (vec![with_word(statement, 1, "CONCURRENTLY")], DROP))
}

fn reindex(statement: &Statement) -> Option<OtherWay> {
    let known = statement.says(0, &["REINDEX", "INDEX"]) || statement.says(0, &["REINDEX", "TABLE"]);
    known.then(|| (vec![with_word(statement, 1, "CONCURRENTLY")], REINDEX))
}

fn refresh(statement: &Statement) -> Option<OtherWay> {
    let known = statement.says(0, &["REFRESH", "MATERIALIZED", "VIEW"]) && !statement.says(3, &["CONCURRENTLY"]);
    known.then(|| (vec![with_word(statement, 2, "CONCURRENTLY")], REFRESH))
}

/// `ALTER TABLE name` with one action.
struct AlterTable<'s> {
    statement: &'s Statement,
    /// As it was written.
    table: &'s str,
    /// Its last part, without quotes.
    bare: String,
    /// The first token of the action.
    action: usize,
}

impl<'s> AlterTable<'s> {
    fn of(statement: &'s Statement) -> Option<AlterTable<'s>> {
        if !statement.says(0, &["ALTER", "TABLE"]) {
            return None;
        }
        let mut place = 2;
        if statement.says(place, &["IF", "EXISTS"]) {
            place += 2;
        }
        if statement.says(place, &["ONLY"]) {
            place += 1;
        }
        let first = place;
        while statement.token(place + 1) == "." {
            place += 2;
        }
        let ((start, _), (_, end)) = (*statement.tokens.get(first)?, *statement.tokens.get(place)?);
        let alter = AlterTable {
            statement,
            table: &statement.text[start..end],
            bare: unquoted(statement.token(place)),
            action: place + 1,
        };
        alter.is_single().then_some(alter)
    }

    /// A comma outside of parentheses begins another action.
    fn is_single(&self) -> bool {
        let mut depth = 0_i32;
        for place in self.action..self.statement.tokens.len() {
            match self.statement.token(place) {
                "(" | "[" => depth += 1,
                ")" | "]" => depth -= 1,
                "," if depth == 0 => return false,
                _ => {}
            }
        }
        true
    }

    fn other_way(&self) -> Option<OtherWay> {
        self.not_null().or_else(|| self.constraint())
    }

    fn not_null(&self) -> Option<OtherWay> {
        let at = self.action;
        if !self.statement.says(at, &["ALTER"]) {
            return None;
        }
        let column = if self.statement.says(at + 1, &["COLUMN"]) { at + 2 } else { at + 1 };
        if !self.statement.says(column + 1, &["SET", "NOT", "NULL"]) || self.statement.tokens.len() != column + 4 {
            return None;
        }
        let (table, column) = (self.table, self.statement.token(column));
        let check = quote_ident(&format!("{}_{}_not_null", self.bare, unquoted(column)));
        let sql = vec![
            format!("ALTER TABLE {table} ADD CONSTRAINT {check} CHECK ({column} IS NOT NULL) NOT VALID"),
            format!("ALTER TABLE {table} VALIDATE CONSTRAINT {check}"),
            self.statement.text.clone(),
            format!("ALTER TABLE {table} DROP CONSTRAINT {check}"),
        ];
        Some((sql, NOT_NULL))
    }

    fn constraint(&self) -> Option<OtherWay> {
        let at = self.action;
        if !self.statement.says(at, &["ADD", "CONSTRAINT"]) {
            return None;
        }
        let (table, name) = (self.table, self.statement.token(at + 2));
        let says = |words: &[&str]| self.statement.says(at + 3, words);
        let last = self.statement.tokens.len();
        if says(&["FOREIGN", "KEY"]) || says(&["CHECK"]) {
            if self.statement.says(last - 2, &["NOT", "VALID"]) {
                return None;
            }
            let sql =
                vec![format!("{} NOT VALID", self.statement.text), format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name}")];
            return Some((sql, VALIDATE));
        }
        let columns = if says(&["UNIQUE", "("]) {
            at + 4
        } else if says(&["PRIMARY", "KEY", "("]) {
            at + 5
        } else {
            return None;
        };
        // Nothing behind the columns: no INCLUDE, no DEFERRABLE.
        let closed = (columns..last).find(|place| self.statement.token(*place) == ")")?;
        if closed + 1 != last {
            return None;
        }
        let text = |from: usize, to: usize| &self.statement.text[self.statement.tokens[from].0..self.statement.tokens[to].1];
        let sql = vec![
            format!("CREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} {}", text(columns, closed)),
            format!("ALTER TABLE {table} ADD CONSTRAINT {name} {} USING INDEX {name}", text(at + 3, columns - 1)),
        ];
        Some((sql, UNIQUE))
    }
}

fn unquoted(name: &str) -> String {
    match name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
        Some(inside) => inside.replace("\"\"", "\""),
        None => name.to_ascii_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(text: &str) -> Script {
        Script::read(vec![("m.sql".into(), text.to_owned())], false).unwrap()
    }

    fn other(text: &str) -> Vec<String> {
        alternative(&script(text), 0).map(|other| other.sql).unwrap_or_default()
    }

    #[test]
    fn what_has_a_gentler_way_gets_it() {
        assert_eq!(other("create unique index i on t (a)"), ["create unique index CONCURRENTLY i on t (a)"]);
        assert_eq!(other("DROP INDEX IF EXISTS s.i"), ["DROP INDEX CONCURRENTLY IF EXISTS s.i"]);
        assert_eq!(
            other("ALTER TABLE ONLY s.\"T\" ADD CONSTRAINT f FOREIGN KEY (a, b) REFERENCES u (a, b)"),
            [
                "ALTER TABLE ONLY s.\"T\" ADD CONSTRAINT f FOREIGN KEY (a, b) REFERENCES u (a, b) NOT VALID",
                "ALTER TABLE s.\"T\" VALIDATE CONSTRAINT f"
            ]
        );
        assert_eq!(
            other("ALTER TABLE t ADD CONSTRAINT k PRIMARY KEY (a, b)"),
            ["CREATE UNIQUE INDEX CONCURRENTLY k ON t (a, b)", "ALTER TABLE t ADD CONSTRAINT k PRIMARY KEY USING INDEX k"]
        );
        assert_eq!(
            other("ALTER TABLE \"A b\" ALTER c SET NOT NULL"),
            [
                "ALTER TABLE \"A b\" ADD CONSTRAINT \"A b_c_not_null\" CHECK (c IS NOT NULL) NOT VALID",
                "ALTER TABLE \"A b\" VALIDATE CONSTRAINT \"A b_c_not_null\"",
                "ALTER TABLE \"A b\" ALTER c SET NOT NULL",
                "ALTER TABLE \"A b\" DROP CONSTRAINT \"A b_c_not_null\""
            ]
        );
        assert_eq!(other("REINDEX TABLE t"), ["REINDEX TABLE CONCURRENTLY t"]);
    }

    #[test]
    fn what_is_gentle_already_or_not_understood_is_left_alone() {
        for text in [
            "CREATE INDEX CONCURRENTLY i ON t (a)",
            "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID",
            "ALTER TABLE t ADD CONSTRAINT u UNIQUE (a) DEFERRABLE",
            "ALTER TABLE t ALTER a SET NOT NULL, ALTER b SET NOT NULL",
            "ALTER TABLE t ADD COLUMN a int",
            "DROP INDEX a, b",
            "ALTER TABLE",
            "UPDATE t SET a = 1",
        ] {
            assert_eq!(other(text), Vec::<String>::new(), "{text}");
        }
        assert_eq!(alternative(&script("BEGIN; CREATE INDEX ON t (a); COMMIT"), 1), None, "it may not run in a block");
    }

    #[test]
    fn the_others_stay_where_they_were() {
        let script = script("SET lock_timeout = '1s'; CREATE INDEX i ON t (a); ALTER TABLE t ALTER a SET NOT NULL; SELECT 1");
        let others: Vec<Alternative> = (0..4).filter_map(|place| alternative(&script, place)).collect();
        let (made, places) = replaced(&script, &others);
        assert_eq!(places, [1..2, 2..6]);
        assert_eq!((made.statements[1].kind, made.statements[2].kind, made.statements.len()), (Kind::Alone, Kind::Ordinary, 7));
        assert_eq!(made.statements[6], script.statements[3]);
    }
}
