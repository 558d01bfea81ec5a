//! How a statement stands to transactions, and whether a copy can be had of what it touches.

use crate::scenario::error::Fault;

/// How a statement is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Opens a transaction block.
    Begin,
    /// Ends one.
    Commit,
    Rollback,
    /// `SET`, `RESET`, `SHOW`, savepoints: as it is, wherever it stands.
    Setting,
    /// Refused inside of a transaction block.
    Alone,
    /// A transaction by itself unless it stands in a block.
    Ordinary,
}

/// The kind of a statement by its tokens, upper case.
pub fn kind_of(words: &[String]) -> Kind {
    let word = |place: usize| words.get(place).map_or("", String::as_str);
    match (word(0), word(1)) {
        ("BEGIN", _) | ("START", "TRANSACTION") => Kind::Begin,
        ("COMMIT" | "END", _) => Kind::Commit,
        ("ROLLBACK", "TO") => Kind::Setting,
        ("ROLLBACK", _) if word(2) == "TO" => Kind::Setting,
        ("ROLLBACK" | "ABORT", _) => Kind::Rollback,
        ("SET" | "RESET" | "SHOW" | "SAVEPOINT" | "RELEASE" | "DISCARD", _) => Kind::Setting,
        ("VACUUM", _) => Kind::Alone,
        ("CREATE" | "DROP" | "REINDEX" | "ALTER", _) if words.iter().take(MOST_BEFORE).any(|word| word == "CONCURRENTLY") => {
            match word(0) {
                // A materialized view's refresh may run in a block; a detached partition's may not.
                "ALTER" if !words.iter().any(|word| word == "DETACH") => Kind::Ordinary,
                _ => Kind::Alone,
            }
        }
        _ => Kind::Ordinary,
    }
}

/// `CREATE UNIQUE INDEX CONCURRENTLY`, `ALTER TABLE IF EXISTS ONLY a.b DETACH PARTITION c.d CONCURRENTLY`: the word comes this early.
const MOST_BEFORE: usize = 16;

/// What reaches beyond the database, so that no copy would protect from it.
///
/// # Errors
/// Why the statement is refused.
pub fn stays_inside(words: &[String]) -> Result<(), Fault> {
    let word = |place: usize| words.get(place).map_or("", String::as_str);
    let shared = |name: &str| matches!(name, "DATABASE" | "ROLE" | "USER" | "GROUP" | "TABLESPACE" | "SUBSCRIPTION" | "SYSTEM");
    let outside = match word(0) {
        "DROP" if word(1) == "OWNED" => true,
        "CREATE" | "ALTER" | "DROP" => shared(word(1)) && word(2) != "MAPPING",
        "COMMENT" => shared(word(2)),
        "SECURITY" => words.iter().take(8).any(|word| shared(word)),
        "REASSIGN" => true,
        "GRANT" | "REVOKE" => reaches_roles(words),
        _ => false,
    };
    if outside {
        return Err(Fault::with_help(
            format!("`{} {}` reaches beyond the database, and so beyond the copy that this is tried on", word(0), word(1)),
            "put it in a file of its own, which perflab does not run",
        ));
    }
    match (word(0), word(1)) {
        ("COPY", _) => Err(Fault::with_help(
            "COPY reads or writes a file, which is not part of the migration",
            "write the rows as INSERT, or leave them out",
        )),
        ("PREPARE", "TRANSACTION") => {
            Err(Fault::with_help("a prepared transaction outlives its session, and here nobody would end it", "write COMMIT"))
        }
        _ => Ok(()),
    }
}

/// `GRANT a TO b` makes members, and `GRANT … ON DATABASE` rights on what is shared; rights on tables stay in the database.
fn reaches_roles(words: &[String]) -> bool {
    match words.iter().position(|word| word == "ON") {
        None => true,
        Some(on) => matches!(words.get(on + 1).map(String::as_str), Some("DATABASE" | "TABLESPACE" | "PARAMETER")),
    }
}
