//! What there is to do, for several sessions that take the next piece whenever they are free.

use std::cell::RefCell;

use tokio::sync::Notify;

use crate::db::keys::Key;

/// A piece of work; tables by their place in the plan.
#[derive(Debug, Clone, Copy)]
pub enum Task<'p> {
    Copy(usize),
    Key(usize, &'p Key),
    /// Constraints on the indexes, sequences, VACUUM (ANALYZE): needs all keys.
    Finish(usize),
    /// All foreign keys of one table: their checks exclude each other.
    ForeignKeys(&'p [&'p Key]),
    /// Nothing waits for it: for a session that has nothing else to do.
    Count(usize),
}

/// Tasks, largest table first. Work that becomes possible is added by whoever finished what it needs.
#[derive(Default)]
pub struct Board<'p> {
    inner: RefCell<Inner<'p>>,
    changed: Notify,
}

#[derive(Default)]
struct Inner<'p> {
    /// With their weight: the rows of the table.
    ready: Vec<(u64, Task<'p>)>,
    spare: Vec<(u64, Task<'p>)>,
    /// Tasks under way that others may come from.
    running: usize,
}

impl<'p> Board<'p> {
    pub fn add(&self, weight: u64, task: Task<'p>) {
        let mut inner = self.inner.borrow_mut();
        match task {
            Task::Count(_) => inner.spare.push((weight, task)),
            _ => inner.ready.push((weight, task)),
        }
        self.changed.notify_waiters();
    }

    /// The heaviest task, waiting for one where others may still add some. Spare ones are given while there is something to wait for,
    /// and at the end with `all`. `None`: done.
    pub async fn take(&self, all: bool) -> Option<Task<'p>> {
        loop {
            if let Some(task) = self.next(all) {
                return task;
            }
            // Sessions share a thread, so nothing happens between the look and the wait.
            self.changed.notified().await;
        }
    }

    /// `None`: wait; `Some(None)`: done.
    fn next(&self, all: bool) -> Option<Option<Task<'p>>> {
        let mut inner = self.inner.borrow_mut();
        if let Some(task) = heaviest(&mut inner.ready) {
            inner.running += 1;
            return Some(Some(task));
        }
        if (all || inner.running > 0)
            && let Some(task) = heaviest(&mut inner.spare)
        {
            return Some(Some(task));
        }
        (inner.running == 0).then_some(None)
    }

    /// A task taken before is finished, and what follows from it was added.
    pub fn done(&self, task: Task<'p>) {
        if !matches!(task, Task::Count(_)) {
            self.inner.borrow_mut().running -= 1;
        }
        self.changed.notify_waiters();
    }
}

/// The first of the heaviest, so that equal ones keep their order.
fn heaviest<'p>(tasks: &mut Vec<(u64, Task<'p>)>) -> Option<Task<'p>> {
    let most = tasks.iter().map(|(weight, _)| *weight).max()?;
    let at = tasks.iter().position(|(weight, _)| *weight == most)?;
    Some(tasks.remove(at).1)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use super::*;

    fn place(task: Option<Task<'_>>) -> Option<usize> {
        match task? {
            Task::Copy(place) | Task::Key(place, _) | Task::Finish(place) | Task::Count(place) => Some(place),
            Task::ForeignKeys(_) => None,
        }
    }

    #[test]
    fn the_largest_comes_first_and_a_waiting_session_counts() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let board = Board::default();
            for (weight, place) in [(1, 0), (9, 1), (5, 2), (9, 3)] {
                board.add(weight, Task::Copy(place));
            }
            board.add(3, Task::Count(7));
            let mut taken = Vec::new();
            for _ in 0..4 {
                taken.push(place(board.take(false).await));
            }
            assert_eq!(taken, [Some(1), Some(3), Some(2), Some(0)]);
            assert_eq!(place(board.take(false).await), Some(7), "while others work");
            let followed = Cell::new(false);
            let waiter = async { followed.set(place(board.take(false).await) == Some(8)) };
            let worker = async {
                tokio::time::sleep(Duration::from_millis(1)).await;
                board.add(1, Task::Finish(8));
                board.done(Task::Copy(0));
            };
            tokio::join!(waiter, worker);
            assert!(followed.get());
            (0..4).for_each(|place| board.done(Task::Copy(place)));
            board.add(3, Task::Count(9));
            assert!(board.take(false).await.is_none(), "counting can wait for the next phase");
            assert_eq!(place(board.take(true).await), Some(9));
            assert!(board.take(true).await.is_none());
        });
    }
}
