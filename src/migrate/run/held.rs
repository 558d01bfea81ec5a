//! Which locks the open transaction has, since when, and what lets go of them.

use std::time::Instant;

use crate::db::DbError;
use crate::db::relation_locks::own_locks;
use crate::migrate::locks::Mode;
use crate::report::model::HeldLock;

use super::{Held, Runner};

impl Runner<'_> {
    /// The locks that are there now and were not before, exactly.
    pub(super) async fn read_locks(&mut self, began: Instant) -> Result<(), DbError> {
        let now = own_locks(&mut self.connection).await?;
        let now: Vec<(i64, Mode)> = now.into_iter().filter_map(|(relation, mode)| Some((relation, Mode::of(&mode)?))).collect();
        // A savepoint that was rolled back to lets go of what was taken since.
        let (kept, gone) = std::mem::take(&mut self.held).into_iter().partition(|held| now.contains(&(held.relation, held.mode)));
        self.held = gone;
        self.release("ROLLBACK TO a savepoint");
        self.held = kept;
        let by = self.runs.len() - 1;
        for (relation, mode) in &now {
            let (relation, mode) = (*relation, *mode);
            let known = self.held.iter().any(|held| (held.relation, held.mode) == (relation, mode));
            if known || !self.is_shown(relation, mode, &now) {
                continue;
            }
            let seen = self.watch.borrow().seen(relation, mode);
            let since = seen.first_granted.or(seen.last_waiting).unwrap_or(began);
            self.held.push(Held { relation, mode, by, since, waited_ms: seen.waited.as_secs_f64() * 1e3 });
        }
        let timeout = self.lock_timeout().await?;
        self.runs[by].lock_timeout = timeout;
        Ok(())
    }

    pub(super) async fn lock_timeout(&mut self) -> Result<Option<String>, DbError> {
        let (timeout,): (String,) = self.connection.row("SELECT current_setting('lock_timeout')").await?;
        Ok(Some(timeout).filter(|timeout| timeout != "0"))
    }

    /// What was sampled of a transaction that could not be asked.
    pub(super) fn sampled_locks(&mut self, released_by: &str) {
        let seen = self.watch.borrow_mut().take_seen();
        let all: Vec<(i64, Mode)> = seen.keys().copied().collect();
        let mut locks: Vec<HeldLock> = Vec::new();
        for ((relation, mode), seen) in seen {
            let asked = self.held.iter().any(|held| (held.relation, held.mode) == (relation, mode));
            if asked || !self.is_shown(relation, mode, &all) {
                continue;
            }
            let held = seen.first_granted.zip(seen.last_granted).map(|(first, last)| last - first);
            locks.push(HeldLock {
                held_ms: held.unwrap_or_default().as_secs_f64() * 1e3,
                waited_ms: seen.waited.as_secs_f64() * 1e3,
                released_by: released_by.to_owned(),
                exact: false,
                ..self.lock(relation, mode)
            });
        }
        locks.sort_by(|a, b| a.relation.cmp(&b.relation).then_with(|| a.mode.cmp(&b.mode)));
        if let Some(run) = self.runs.last_mut() {
            run.locks.extend(locks);
        }
    }

    /// The transaction has ended, and its locks with it.
    pub(super) fn release(&mut self, released_by: &str) {
        let now = Instant::now();
        for held in std::mem::take(&mut self.held) {
            let lock = HeldLock {
                held_ms: (now - held.since).as_secs_f64() * 1e3,
                waited_ms: held.waited_ms,
                released_by: released_by.to_owned(),
                exact: true,
                ..self.lock(held.relation, held.mode)
            };
            self.runs[held.by].locks.push(lock);
        }
    }

    fn lock(&self, relation: i64, mode: Mode) -> HeldLock {
        let relation = self.relations.get(&relation).map(|relation| relation.name.clone()).unwrap_or_default();
        HeldLock { relation, mode: mode.name().to_owned(), blocks: mode.blocks().to_owned(), ..HeldLock::default() }
    }

    /// Locks on what is new keep nobody waiting, and on an index only one that is stronger than that on its table.
    fn is_shown(&self, relation: i64, mode: Mode, all: &[(i64, Mode)]) -> bool {
        let on_table = |table: i64| all.iter().any(|(relation, theirs)| *relation == table && *theirs >= mode);
        self.relations.get(&relation).is_some_and(|known| match known.kind.as_str() {
            "i" | "I" => mode.keeps_waiting() && !on_table(known.table),
            "S" => mode.keeps_waiting(),
            _ => true,
        })
    }
}
