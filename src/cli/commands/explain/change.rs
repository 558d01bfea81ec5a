//! What is to be different after: read from the flags, checked with the server before anything is measured.

use anyhow::{Context, bail};

use crate::cli::args::ChangeArgs;
use crate::cli::ui::Console;
use crate::db::{Connection, DbError, Target};
use crate::explain::change::{Found, Hidden, IndexHead, Modification, build, check_index, find_index, known_settings, set_all};
use crate::report::model::{Changed, ChangedSetting, Explanation};
use crate::scenario::error::did_you_mean;
use crate::scenario::statement::Statement;

use super::variant::Rewrite;

/// The change that was asked for.
pub(super) struct Asked {
    pub indexes: Vec<String>,
    pub dropped: Vec<String>,
    pub settings: Vec<(String, String)>,
    pub rewrite: Option<Rewrite>,
}

impl Asked {
    /// # Errors
    /// What is no CREATE INDEX, a name that is given twice, a file that cannot be read.
    pub fn read(args: &ChangeArgs) -> anyhow::Result<Asked> {
        if let Some(other) = args.index.iter().find(|statement| !is_create_index(statement)) {
            bail!("`{other}` is not one CREATE INDEX statement, which --index takes");
        }
        for (place, (name, _)) in args.set.iter().enumerate() {
            if args.set[..place].iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
                bail!("--set {name} is given twice; which of the two values is meant?");
            }
        }
        let rewrite = args.statement_variant.as_deref().map(|text| Rewrite::read(text, args.step)).transpose()?;
        Ok(Asked { indexes: args.index.clone(), dropped: args.drop_index.clone(), settings: args.set.clone(), rewrite })
    }

    pub fn is_any(&self) -> bool {
        self.changes_schema() || !self.settings.is_empty() || self.rewrite.is_some()
    }

    /// Whether it builds or drops an index.
    pub fn changes_schema(&self) -> bool {
        !self.indexes.is_empty() || !self.dropped.is_empty()
    }
}

/// Asked before the server sees it: a copy of the lab protects the rows, not the other databases of the server.
fn is_create_index(statement: &str) -> bool {
    IndexHead::read(statement).is_some() && Statement::parse(statement).is_ok()
}

/// Asks the server whether all of it can be done, in a transaction that `begin` opens and that is rolled back.
///
/// # Errors
/// The server's words, with the near name where it is a name that is wrong.
pub(super) async fn checked(connection: &mut Connection, asked: &Asked, begin: &str) -> anyhow::Result<(Modification, Changed)> {
    connection.batch(begin).await?;
    let outcome = inside(connection, asked).await;
    connection.batch("ROLLBACK").await?;
    match outcome {
        Err(error) => Err(with_near_setting(connection, asked, error).await?),
        fine => fine,
    }
}

async fn inside(connection: &mut Connection, asked: &Asked) -> anyhow::Result<(Modification, Changed)> {
    let settings: Vec<ChangedSetting> = set_all(connection, &asked.settings).await?;
    let mut hidden: Vec<Hidden> = Vec::new();
    for name in &asked.dropped {
        let found = named(connection, name).await?;
        if hidden.iter().all(|known| known.sql != found.sql) {
            hidden.push(found);
        }
    }
    for statement in &asked.indexes {
        check_index(connection, statement).await?;
    }
    let modification = Modification { indexes: asked.indexes.clone(), hidden, settings: asked.settings.clone() };
    Ok((modification, Changed { settings, ..Changed::default() }))
}

async fn named(connection: &mut Connection, name: &str) -> anyhow::Result<Hidden> {
    match find_index(connection, name).await? {
        Found::One(hidden) => Ok(*hidden),
        Found::Several(names) => bail!("--drop-index {name}: there are several; name the schema, too: {}", names.join(", ")),
        Found::None(known) => {
            let near = did_you_mean(name, known.iter().map(String::as_str)).map_or_else(String::new, |near| format!("; {near}"));
            bail!("--drop-index {name}: the database has no such index{near}")
        }
    }
}

/// The server names no near parameter.
async fn with_near_setting(connection: &mut Connection, asked: &Asked, error: anyhow::Error) -> Result<anyhow::Error, DbError> {
    // undefined_object
    if error.downcast_ref::<DbError>().is_none_or(|error| error.sqlstate() != "42704") {
        return Ok(error);
    }
    let known = known_settings(connection).await?;
    let wrong = asked.settings.iter().find(|(name, _)| known.iter().all(|known| !known.eq_ignore_ascii_case(name)));
    let near = wrong.and_then(|(name, _)| did_you_mean(name, known.iter().map(String::as_str)));
    Ok(match near {
        Some(near) => anyhow::anyhow!("{error:#}; {near}"),
        None => error,
    })
}

/// `--keep`: the indexes in the seeded database itself.
pub(super) async fn keep(target: &Target, asked: &Asked, found: &mut Explanation, console: &Console) -> anyhow::Result<()> {
    let mut connection = Connection::open(target).await?;
    for (statement, tried) in asked.indexes.iter().zip(&mut found.indexes) {
        let built = build(&mut connection, statement).await.with_context(|| format!("cannot keep {}", tried.name))?;
        tried.kept = true;
        console.note(format!("kept {} in {}", built.tried.name, target.database()));
    }
    connection.close().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_one_create_index_reaches_the_server() {
        for fine in [
            "create unique\nindex i on t (a)",
            "CREATE INDEX ON t (a) WHERE b = ';';",
            "CREATE INDEX CONCURRENTLY IF  NOT\nEXISTS i ON t (a)",
        ] {
            assert!(is_create_index(fine), "{fine}");
        }
        for other in ["DROP DATABASE app", "CREATE TABLE index (a int)", "CREATE INDEX ON t (a); DROP TABLE t", ""] {
            assert!(!is_create_index(other), "{other}");
        }
    }
}
