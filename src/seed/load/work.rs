//! What one session does with each task, and how long it took.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Instant;

use crate::db::counters::publish;
use crate::db::keys::{Key, Stripped};
use crate::db::{Connection, DbError};
use crate::report::model::{SeedPhases, SeededTable};
use crate::seed::digest::StepHashes;
use crate::seed::error::SeedError;
use crate::seed::plan::{SeedPlan, TablePlan};
use crate::seed::progress::Progress;
use crate::seed::seen::table_seen;
use crate::sql::quote_literal;

use super::board::{Board, Task};
use super::copy::copy;

/// The load under way, shared by its sessions.
pub struct Work<'p> {
    pub plan: &'p SeedPlan,
    pub stripped: &'p Stripped,
    pub progress: &'p Progress<'p>,
    pub board: Board<'p>,
    /// Threads that make the rows of one table.
    pub threads: usize,
    /// By the table's place in the plan.
    pub tables: Vec<TableWork>,
}

/// What is known of a table so far.
#[derive(Default)]
pub struct TableWork {
    keys_left: Cell<usize>,
    phases: Cell<SeedPhases>,
    digest: RefCell<StepHashes>,
    seen: RefCell<Option<SeededTable>>,
}

impl<'p> Work<'p> {
    pub fn new(plan: &'p SeedPlan, stripped: &'p Stripped, progress: &'p Progress<'p>, threads: usize) -> Work<'p> {
        let tables: Vec<TableWork> = plan.tables.iter().map(|_| TableWork::default()).collect();
        let work = Work { plan, stripped, progress, board: Board::default(), threads, tables };
        (0..plan.tables.len()).for_each(|place| work.add(place, Task::Copy(place)));
        work
    }

    fn add(&self, place: usize, task: Task<'p>) {
        let table = &self.plan.tables[place];
        self.board.add(table.rows.saturating_mul(table.columns.len() as u64), task);
    }

    /// Takes tasks until there are none; with `all` those that nothing waits for, too.
    ///
    /// # Errors
    /// The first failure of this session; the others are to be dropped then.
    pub async fn take_part(&self, session: &mut Connection, all: bool) -> Result<(), SeedError> {
        while let Some(task) = self.board.take(all).await {
            match task {
                Task::Copy(place) => self.copy(place, session).await?,
                Task::Key(place, key) => self.key(place, key, session).await?,
                Task::Finish(place) => self.finish(place, session).await?,
                Task::ForeignKeys(keys) => self.check(keys, session).await?,
                Task::Count(place) => self.count(place, session).await?,
            }
            self.board.done(task);
        }
        Ok(())
    }

    async fn copy(&self, place: usize, session: &mut Connection) -> Result<(), SeedError> {
        let (table, start) = (&self.plan.tables[place], Instant::now());
        let digest = copy(table, session, self.threads, self.progress).await?;
        publish(session).await?;
        self.tables[place].digest.replace(digest);
        self.spent(place, start, |phases| &mut phases.rows);
        let keys: Vec<&Key> = self.stripped.keys_of(&table.name).collect();
        self.tables[place].keys_left.set(keys.len());
        match keys.as_slice() {
            [] => self.add(place, Task::Finish(place)),
            keys => keys.iter().for_each(|key| self.add(place, Task::Key(place, key))),
        }
        Ok(())
    }

    async fn key(&self, place: usize, key: &'p Key, session: &mut Connection) -> Result<(), SeedError> {
        let (table, start) = (&self.plan.tables[place], Instant::now());
        self.progress.begins(format!("{}: {}", table.name, key.name));
        key.build(session).await?;
        self.spent(place, start, |phases| &mut phases.keys);
        let left = &self.tables[place].keys_left;
        left.set(left.get() - 1);
        if left.get() == 0 {
            self.add(place, Task::Finish(place));
        }
        Ok(())
    }

    async fn finish(&self, place: usize, session: &mut Connection) -> Result<(), SeedError> {
        let (table, start) = (&self.plan.tables[place], Instant::now());
        for key in self.stripped.keys_of(&table.name) {
            key.attach(session).await?;
        }
        self.spent(place, start, |phases| &mut phases.keys);
        self.progress.begins(format!("{}: VACUUM (ANALYZE)", table.name));
        let start = Instant::now();
        session.batch(&format!("VACUUM (ANALYZE) {}", table.name.sql())).await?;
        set_sequences(table, session).await?;
        self.spent(place, start, |phases| &mut phases.vacuum);
        self.progress.finished(table.rows);
        self.add(place, Task::Count(place));
        Ok(())
    }

    async fn check(&self, keys: &[&Key], session: &mut Connection) -> Result<(), SeedError> {
        for key in keys.iter().filter(|key| !self.plan.has_orphans(&key.table, &key.name)) {
            let start = Instant::now();
            self.progress.begins(format!("{}: foreign key {}", key.table, key.name));
            key.check(session).await?;
            self.spent_on_foreign_key(key, start);
        }
        Ok(())
    }

    async fn count(&self, place: usize, session: &mut Connection) -> Result<(), SeedError> {
        let (table, start) = (&self.plan.tables[place], Instant::now());
        self.progress.begins(format!("{}: counting", table.name));
        let seen = table_seen(table, session).await?;
        self.tables[place].seen.replace(Some(seen));
        self.spent(place, start, |phases| &mut phases.counts);
        Ok(())
    }

    fn spent(&self, place: usize, since: Instant, on: impl Fn(&mut SeedPhases) -> &mut f64) {
        let mut phases = self.tables[place].phases.get();
        *on(&mut phases) += since.elapsed().as_secs_f64();
        self.tables[place].phases.set(phases);
    }

    /// Time on a foreign key is its own table's.
    pub fn spent_on_foreign_key(&self, key: &Key, since: Instant) {
        if let Some(place) = self.plan.tables.iter().position(|table| table.name == key.table) {
            self.spent(place, since, |phases| &mut phases.foreign_keys);
        }
    }

    /// The tables as seen, with their times, and the hashes of their rows, in the order of the plan.
    pub fn into_seen(self) -> Vec<(SeededTable, StepHashes)> {
        let seen = self.tables.into_iter().map(|table| {
            let phases = table.phases.get();
            let seconds = phases.rows + phases.keys + phases.foreign_keys + phases.vacuum + phases.counts;
            (SeededTable { phases, seconds, ..table.seen.into_inner().unwrap_or_default() }, table.digest.into_inner())
        });
        seen.collect()
    }
}

/// The next value of every sequence comes after the last row.
async fn set_sequences(table: &Arc<TablePlan>, session: &mut Connection) -> Result<(), DbError> {
    for planned in &table.sequences {
        let sequence = quote_literal(&planned.sequence);
        let sql = match planned.last {
            Some(last) => format!("SELECT setval({sequence}, {last})"),
            None => {
                format!("SELECT setval({sequence}, max({})) FROM {} HAVING max({0}) > 0", planned.column_sql(), table.name.sql())
            }
        };
        session.batch(&sql).await.map_err(|error| error.during(format!("the sequence {} cannot be set", planned.sequence)))?;
    }
    Ok(())
}
