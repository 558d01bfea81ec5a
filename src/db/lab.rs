//! Lab databases: the ones perflab made, and therefore may fill, write to and drop.
//!
//! The mark is a comment on the database (`COMMENT ON DATABASE`), a small JSON value: it touches nothing the user's schema sees, a
//! `CREATE DATABASE … TEMPLATE` does not copy it, and a half-made database stays visibly incomplete whatever killed its maker.

use serde::{Deserialize, Serialize};

use super::connect::{Connection, Target, session_name};
use super::error::DbError;
use crate::sql::{quote_ident, quote_literal};

/// What the comment on a lab database says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// Version of this mark; see [`MARK_VERSION`].
    pub perflab: u32,
    pub scenario: String,
    pub state: State,
    /// Of scenario data, schema, scale and generator: equal fingerprints mean equal rows.
    #[serde(default)]
    pub fingerprint: String,
    /// What the seeding found, for the next run's report.
    #[serde(default)]
    pub seeded: serde_json::Value,
}

/// Written into [`Mark::perflab`]; another version's rows are made anew.
pub const MARK_VERSION: u32 = 1;

/// How often, and how long apart, sessions that are about to end are waited for: two seconds in all.
const TRIES: u32 = 20;
const PAUSE: std::time::Duration = std::time::Duration::from_millis(100);

/// How far a lab database has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Being made, or left behind by something that was killed.
    Incomplete,
    Complete,
    /// A throw-away copy for measuring.
    Clone,
}

/// The session that owns the lab of one scenario for as long as it lives.
///
/// It holds an advisory lock in the maintenance database, so that two perflabs never drop or wear each other's databases; the
/// server frees the lock when the session ends, however it ends.
pub struct Lab {
    maintenance: Connection,
    target: Target,
    database: String,
    scenario: String,
}

impl Lab {
    /// The database of a scenario, `perflab_<name>`.
    pub fn database_name(scenario: &str) -> String {
        format!("perflab_{scenario}")
    }

    /// Takes hold of the scenario's lab on a server; `target` names any database that can be connected to (`postgres`).
    /// Clones that an earlier, killed run left behind are dropped.
    ///
    /// # Errors
    /// When another perflab holds it, or the server refuses.
    pub async fn open(target: &Target, scenario: &str) -> Result<Lab, DbError> {
        let mut maintenance = Connection::open(target).await?;
        let database = Lab::database_name(scenario);
        hold(&mut maintenance, &database).await?;
        drop_clones(&mut maintenance, &format!("{database}__")).await?;
        Ok(Lab { maintenance, target: target.clone(), database, scenario: scenario.to_owned() })
    }

    /// Whether the server has the scenario's lab with all its rows. Nothing is taken hold of.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn is_there(target: &Target, scenario: &str) -> Result<bool, DbError> {
        let mut connection = Connection::open(target).await?;
        let name = quote_literal(&Lab::database_name(scenario));
        let sql = format!("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = {name}");
        let found: Vec<(Option<String>,)> = connection.rows(&sql).await?;
        connection.close().await;
        let mark = found.into_iter().next().and_then(|(comment,)| parse_mark(&comment?));
        Ok(mark.is_some_and(|mark| mark.perflab == MARK_VERSION && mark.state == State::Complete))
    }

    /// Name of the seeded database.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// Where the seeded database is.
    pub fn target(&self) -> Target {
        self.target.with_database(&self.database)
    }

    /// The server, by the database that its maintenance session is on.
    pub fn server(&self) -> Target {
        self.target.clone()
    }

    /// Where a clone is.
    pub fn clone_target(&self, clone: &str) -> Target {
        self.target.with_database(clone)
    }

    /// The seeded database's mark. `None`: there is no such database.
    ///
    /// # Errors
    /// [`DbError::NotALab`] when a database of that name exists and is not perflab's.
    pub async fn mark(&mut self) -> Result<Option<Mark>, DbError> {
        match self.mark_of(&self.database.clone()).await? {
            None => Ok(None),
            Some(Some(mark)) => Ok(Some(mark)),
            Some(None) => Err(DbError::NotALab(format!(
                "database {} exists but was not made by perflab, so perflab will not touch it; rename the scenario or that database",
                self.database
            ))),
        }
    }

    /// `None`: no such database; `Some(None)`: one without a mark.
    async fn mark_of(&mut self, database: &str) -> Result<Option<Option<Mark>>, DbError> {
        let comment = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = ";
        let found: Vec<(Option<String>,)> = self.maintenance.rows(&format!("{comment}{}", quote_literal(database))).await?;
        Ok(found.into_iter().next().map(|(comment,)| comment.as_deref().and_then(parse_mark)))
    }

    /// Drops the seeded database if it is ours, and makes it anew, empty and marked incomplete.
    pub async fn recreate(&mut self) -> Result<(), DbError> {
        self.recreate_from("template0").await
    }

    /// [`Lab::recreate`] as a copy of another database of the server, to which nobody may be connected meanwhile, this session included.
    ///
    /// # Errors
    /// What the server says; SQLSTATE 55006 when somebody is connected to the other database.
    pub async fn recreate_from(&mut self, template: &str) -> Result<(), DbError> {
        if self.mark().await?.is_some() {
            let name = self.database.clone();
            self.drop_database(&name).await?;
        }
        let create = format!("CREATE DATABASE {} TEMPLATE {}", quote_ident(&self.database), quote_ident(template));
        self.maintenance.batch(&create).await.map_err(|error| match error.sqlstate() {
            "42501" => error.during("the login must be allowed to create databases (ALTER ROLE … CREATEDB), or use another one"),
            _ => error.during(format!("cannot make {}", self.database)),
        })?;
        self.incomplete().await
    }

    /// Marks the seeded database incomplete: what is there is about to change.
    pub async fn incomplete(&mut self) -> Result<(), DbError> {
        let mark = Mark {
            perflab: MARK_VERSION,
            scenario: self.scenario.clone(),
            state: State::Incomplete,
            fingerprint: String::new(),
            seeded: serde_json::Value::Null,
        };
        self.write_mark(&self.database.clone(), &mark).await
    }

    /// Marks the seeded database complete.
    pub async fn complete(&mut self, fingerprint: &str, seeded: serde_json::Value) -> Result<(), DbError> {
        let mark = Mark {
            perflab: MARK_VERSION,
            scenario: self.scenario.clone(),
            state: State::Complete,
            fingerprint: fingerprint.to_owned(),
            seeded,
        };
        self.write_mark(&self.database.clone(), &mark).await
    }

    /// A fresh copy of the seeded database, to be worn and thrown away. Sessions on the seeded database must be closed.
    ///
    /// # Errors
    /// What the server says; SQLSTATE 55006 when somebody is connected to the seeded database.
    pub async fn clone_seeded(&mut self, purpose: &str) -> Result<String, DbError> {
        self.clone_of(&self.database.clone(), purpose).await
    }

    /// [`Lab::clone_seeded`] of another clone, with all that was built on it.
    ///
    /// # Errors
    /// As [`Lab::clone_seeded`].
    pub async fn clone_of(&mut self, source: &str, purpose: &str) -> Result<String, DbError> {
        let name = format!("{}__{purpose}", self.database);
        self.come_back().await?;
        self.refuse_another_lab(&name).await?;
        self.drop_database(&name).await?;
        // The server's own strategy (from 15 on block by block through the WAL) needs no checkpoint: 0.6 s for 121 MB where
        // copying the files took 2.5.
        self.maintenance
            .batch(&format!("CREATE DATABASE {} TEMPLATE {}", quote_ident(&name), quote_ident(source)))
            .await
            .map_err(|error| error.during(format!("cannot copy {source} for measuring")))?;
        let mark = Mark {
            perflab: MARK_VERSION,
            scenario: self.scenario.clone(),
            state: State::Clone,
            fingerprint: String::new(),
            seeded: serde_json::Value::Null,
        };
        self.write_mark(&name, &mark).await?;
        Ok(name)
    }

    /// The scenario `music__bench` has its rows where the scenario `music` would put its clone for `bench`.
    async fn refuse_another_lab(&mut self, clone: &str) -> Result<(), DbError> {
        match self.mark_of(clone).await?.flatten() {
            Some(mark) if mark.state != State::Clone => Err(DbError::NotALab(format!(
                "database {clone} holds the rows of the scenario `{}`, where `{}` makes a copy for measuring; rename one of the two",
                mark.scenario, self.scenario
            ))),
            _ => Ok(()),
        }
    }

    /// Drops a clone, whoever is connected to it.
    pub async fn drop_clone(&mut self, clone: &str) -> Result<(), DbError> {
        self.come_back().await?;
        self.drop_database(clone).await
    }

    /// Takes hold of the lab again when the session was lost, as by a server that restarted while something was measured.
    async fn come_back(&mut self) -> Result<(), DbError> {
        match self.maintenance.batch("SELECT 1").await {
            Err(error) if error.lost() => {
                self.maintenance = Connection::open(&self.target).await?;
                hold(&mut self.maintenance, &self.database).await
            }
            _ => Ok(()),
        }
    }

    /// A session for questions about the server as a whole.
    pub fn maintenance(&mut self) -> &mut Connection {
        &mut self.maintenance
    }

    async fn drop_database(&mut self, name: &str) -> Result<(), DbError> {
        drop_database(&mut self.maintenance, name).await
    }

    async fn write_mark(&mut self, database: &str, mark: &Mark) -> Result<(), DbError> {
        let text = serde_json::to_string(mark)
            .map_err(|error| DbError::Unexpected(format!("the lab's mark cannot be written: {error}")))?;
        self.maintenance.batch(&format!("COMMENT ON DATABASE {} IS {}", quote_ident(database), quote_literal(&text))).await
    }

    /// Ends the session and with it the hold on the lab.
    pub async fn close(self) {
        self.maintenance.close().await;
    }
}

/// Takes the lab's lock, or says that somebody else has it.
async fn hold(maintenance: &mut Connection, database: &str) -> Result<(), DbError> {
    if held(maintenance, database).await? {
        return Ok(());
    }
    Err(DbError::Unexpected(format!(
        "another perflab is working on {database}; wait for it to finish, or stop it, and try again"
    )))
}

/// Takes the lab's lock. A perflab that was just killed holds it until the server notices, which is waited for.
async fn held(maintenance: &mut Connection, database: &str) -> Result<bool, DbError> {
    let lock = format!("SELECT pg_try_advisory_lock(hashtextextended({}, 0))", quote_literal(database));
    for _ in 0..TRIES {
        if maintenance.row::<(bool,)>(&lock).await?.0 {
            return Ok(true);
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(maintenance.row::<(bool,)>(&lock).await?.0)
}

/// Ends what this process has running on the server, which goes on with a statement whose client is gone, and drops the clones of
/// every scenario whose lab nobody holds: what an interrupted command leaves behind.
///
/// # Errors
/// When the server cannot be reached or refuses.
pub async fn drop_abandoned_clones(target: &Target) -> Result<(), DbError> {
    let mut connection = Connection::open(target).await?;
    let ours = format!("application_name = {} AND pid <> pg_backend_pid()", quote_literal(&session_name()));
    for _ in 0..TRIES {
        let ended = format!("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {ours}");
        if connection.row::<(i64,)>(&ended).await?.0 == 0 {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    let labs: Vec<(String,)> =
        connection.rows("SELECT datname::text FROM pg_database WHERE starts_with(datname::text, 'perflab_')").await?;
    for (database,) in labs.iter().filter(|(name,)| !name.contains("__")) {
        let key = format!("hashtextextended({}, 0)", quote_literal(database));
        let (free,): (bool,) = connection.row(&format!("SELECT pg_try_advisory_lock({key})")).await?;
        if free {
            drop_clones(&mut connection, &format!("{database}__")).await?;
            connection.batch(&format!("SELECT pg_advisory_unlock({key})")).await?;
        }
    }
    connection.close().await;
    Ok(())
}

/// Drops the databases of that prefix that are marked as clones.
async fn drop_clones(connection: &mut Connection, prefix: &str) -> Result<(), DbError> {
    let found: Vec<(String, Option<String>)> = connection
        .rows(&format!(
            "SELECT datname::text, shobj_description(oid, 'pg_database') FROM pg_database WHERE starts_with(datname::text, {})",
            quote_literal(prefix)
        ))
        .await?;
    for (name, comment) in found {
        if comment.as_deref().and_then(parse_mark).is_some_and(|mark| mark.state == State::Clone) {
            drop_database(connection, &name).await?;
        }
    }
    Ok(())
}

async fn drop_database(connection: &mut Connection, name: &str) -> Result<(), DbError> {
    let force = if connection.version() >= 130_000 { " WITH (FORCE)" } else { "" };
    connection.batch(&format!("DROP DATABASE IF EXISTS {}{force}", quote_ident(name))).await
}

fn parse_mark(comment: &str) -> Option<Mark> {
    serde_json::from_str(comment).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_survives_its_comment_and_other_comments_are_no_marks() {
        let mark = Mark {
            perflab: MARK_VERSION,
            scenario: "music".into(),
            state: State::Complete,
            fingerprint: "ab".into(),
            seeded: serde_json::json!({"rows": 3}),
        };
        assert_eq!(parse_mark(&serde_json::to_string(&mark).unwrap()), Some(mark));
        assert_eq!(parse_mark("our production database"), None);
    }
}
