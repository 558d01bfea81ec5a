//! A migration run statement by statement, each with its locks, its time and what it wrote.
//!
//! A statement outside of a transaction block gets one of its own, so that its locks can be read before they are gone: a transaction
//! keeps them to its end. What the server refuses inside of a block (`CREATE INDEX CONCURRENTLY`, a procedure that commits) runs by
//! itself, and its locks are those that were sampled.

mod facts;
mod held;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::time::Instant;

use crate::db::relation_locks::{Relation, analyzed_columns, backend_pid, invalid_indexes, relations, total_bytes};
use crate::db::{Connection, DbError, Target};
use crate::report::model::{MigrationRun, StatementError, StatementRun};

use super::locks::Mode;
use super::script::{Kind, Script, Statement};
use super::watch::{Watch, look_on};

/// What is looked at beside locks and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facts {
    /// Size, WAL, files, statistics: on a copy that nobody else uses, where they are the migration's own.
    All,
    /// Nothing, so that no lock is held for longer than the migration holds it.
    LocksOnly,
}

/// Runs the script on a database that may be worn out by it, while a second session looks on. A statement that fails ends it.
///
/// # Errors
/// When the server cannot be reached to begin with, or the session that looks on is lost.
pub async fn run(target: &Target, script: &Script, watch: &RefCell<Watch>, facts: Facts) -> Result<MigrationRun, DbError> {
    let mut onlooker = Connection::open(target).await?;
    let invalid_before = invalid_indexes(&mut onlooker).await?;
    let mut runner = Runner::open(target, script, watch, facts).await?;
    let done = Cell::new(false);
    let running = async {
        let failed = runner.run_all().await;
        watch.borrow_mut().end();
        done.set(true);
        failed
    };
    let (failed, looked) = tokio::join!(running, look_on(&mut onlooker, watch, &done));
    let Runner { connection, runs, .. } = runner;
    connection.close().await;
    looked?;
    let invalid = invalid_indexes(&mut onlooker).await?;
    onlooker.close().await;
    let watch = watch.borrow();
    Ok(MigrationRun {
        ms: runs.iter().map(|run| run.ms).sum(),
        statements: runs,
        samples: watch.samples(),
        sampled_every_ms: watch.sampled_every_ms(),
        failed,
        invalid_indexes: invalid.into_iter().filter(|name| !invalid_before.contains(name)).collect(),
    })
}

/// SQLSTATEs of what cannot run inside of a transaction block: the statement itself, or a COMMIT in the procedure that it calls.
const NOT_IN_A_BLOCK: [&str; 2] = ["25001", "2D000"];

struct Runner<'a> {
    connection: Connection,
    script: &'a Script,
    watch: &'a RefCell<Watch>,
    facts: Facts,
    /// As they were when the open transaction began.
    relations: HashMap<i64, Relation>,
    /// Files of the relations behind the statement before.
    files: HashMap<i64, i64>,
    /// Locks of the open transaction.
    held: Vec<Held>,
    runs: Vec<StatementRun>,
    /// The BEGIN of the block that is open.
    block: Option<usize>,
    bytes: i64,
    analyzed: HashMap<String, bool>,
}

struct Held {
    relation: i64,
    mode: Mode,
    /// Place in `runs`.
    by: usize,
    since: Instant,
    waited_ms: f64,
}

impl<'a> Runner<'a> {
    async fn open(target: &Target, script: &'a Script, watch: &'a RefCell<Watch>, facts: Facts) -> Result<Runner<'a>, DbError> {
        let mut connection = Connection::open(target).await?;
        let pid = backend_pid(&mut connection).await?;
        let known = relations(&mut connection).await?;
        let (mut bytes, mut analyzed) = (0, HashMap::new());
        if facts == Facts::All {
            bytes = total_bytes(&mut connection).await?;
            analyzed = analyzed_columns(&mut connection).await?.into_iter().collect();
        }
        watch.borrow_mut().begin(pid, &known);
        Ok(Runner {
            connection,
            script,
            watch,
            facts,
            files: known.iter().map(|relation| (relation.oid, relation.file)).collect(),
            relations: known.into_iter().map(|relation| (relation.oid, relation)).collect(),
            held: Vec::new(),
            runs: Vec::new(),
            block: None,
            bytes,
            analyzed,
        })
    }

    /// Runs until a statement fails: how.
    async fn run_all(&mut self) -> Option<StatementError> {
        let script = self.script;
        for (place, statement) in script.statements.iter().enumerate() {
            self.watch.borrow_mut().statement = place;
            self.runs.push(StatementRun { statement: place + 1, ..StatementRun::default() });
            let outcome = self.run_one(place, statement).await;
            let wait = self.watch.borrow_mut().take_wait();
            if let Some(run) = self.runs.last_mut() {
                run.waited_ms = wait.spent.as_secs_f64() * 1e3;
                run.waited_for = wait.whom.into_iter().collect();
            }
            if let Err(error) = outcome {
                self.sampled_locks("ROLLBACK");
                self.release("ROLLBACK");
                if self.block.is_some() {
                    // The session ends now, whatever comes of this.
                    let _ = self.connection.batch("ROLLBACK").await;
                }
                return Some(failure(script, place, self.block.unwrap_or(place), &error));
            }
        }
        None
    }

    async fn run_one(&mut self, place: usize, statement: &Statement) -> Result<(), DbError> {
        let wal = self.wal().await?;
        match (statement.kind, self.block) {
            (Kind::Begin, _) => {
                self.timed(&statement.text).await?;
                self.block = Some(place);
                self.look_at_relations().await?;
            }
            (Kind::Commit | Kind::Rollback, _) => {
                self.timed(&statement.text).await?;
                let word = if statement.kind == Kind::Commit { "COMMIT" } else { "ROLLBACK" };
                self.release(&format!("{word} in line {}", statement.at.line));
                let chained = statement.says(1, &["AND", "CHAIN"]) || statement.says(2, &["AND", "CHAIN"]);
                self.block = chained.then_some(place);
                self.after_transaction().await?;
            }
            (Kind::Setting, _) => self.timed(&statement.text).await?,
            (Kind::Alone, _) => self.by_itself(&statement.text).await?,
            (Kind::Ordinary, Some(_)) => {
                let began = Instant::now();
                self.timed(&statement.text).await?;
                self.read_locks(began).await?;
                self.look_at_files().await?;
            }
            (Kind::Ordinary, None) => self.in_own_transaction(&statement.text).await?,
        }
        let wal_after = self.wal().await?;
        if let Some(run) = self.runs.last_mut() {
            run.wal_bytes = wal.zip(wal_after).map(|(before, after)| after.saturating_sub(before));
        }
        Ok(())
    }

    async fn timed(&mut self, sql: &str) -> Result<(), DbError> {
        let began = Instant::now();
        let outcome = self.connection.batch(sql).await;
        if let Some(run) = self.runs.last_mut() {
            run.ms += began.elapsed().as_secs_f64() * 1e3;
        }
        outcome
    }

    async fn in_own_transaction(&mut self, sql: &str) -> Result<(), DbError> {
        self.connection.batch("BEGIN").await?;
        let began = Instant::now();
        if let Err(error) = self.timed(sql).await {
            self.connection.batch("ROLLBACK").await?;
            if !NOT_IN_A_BLOCK.contains(&error.sqlstate()) {
                return Err(error);
            }
            self.watch.borrow_mut().take_seen();
            if let Some(run) = self.runs.last_mut() {
                run.ms = 0.0;
            }
            return self.by_itself(sql).await;
        }
        self.read_locks(began).await?;
        self.look_at_files().await?;
        self.timed("COMMIT").await?;
        self.release("its own COMMIT");
        self.after_transaction().await
    }

    async fn by_itself(&mut self, sql: &str) -> Result<(), DbError> {
        self.timed(sql).await?;
        self.sampled_locks("its own COMMIT");
        self.look_at_files().await?;
        let timeout = self.lock_timeout().await?;
        if let Some(run) = self.runs.last_mut() {
            run.lock_timeout = timeout;
        }
        self.after_transaction().await
    }
}

fn failure(script: &Script, place: usize, undone_from: usize, error: &DbError) -> StatementError {
    let statement = &script.statements[place];
    let message = error.server_message();
    let at = message.and_then(|message| message.position).map_or(statement.at, |position| statement.place_of(position));
    StatementError {
        statement: place + 1,
        file: script.files[statement.file].clone(),
        line: at.line,
        column: at.column,
        sqlstate: error.sqlstate().to_owned(),
        message: message.map_or_else(|| error.to_string(), |message| message.message.clone()),
        detail: message.and_then(|message| message.detail.clone()),
        hint: message.and_then(|message| message.hint.clone()),
        undone_from: undone_from + 1,
    }
}
