//! A second session looks at the locks while the migration runs: what it has, what it waits for, and who waits behind it.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::{Duration, Instant};

use crate::bench::statistics::median;
use crate::db::relation_locks::{LockRow, Relation, look};
use crate::db::{Connection, DbError};

use super::locks::Mode;

/// The shortest pause between two looks …
const PAUSE: Duration = Duration::from_millis(2);
/// … and how many times as long as a look it is at least, so that looking takes no more than a quarter of a processor.
const PAUSE_PER_LOOK: u32 = 3;

/// What was seen, shared by the session that looks, the one that migrates and those that call.
#[derive(Debug, Default)]
pub struct Watch {
    /// Of the session that migrates; `None` before and after.
    pid: Option<i32>,
    /// Relations by OID.
    relations: HashMap<i64, Relation>,
    /// Names of the endpoints, by place.
    labels: Vec<String>,
    /// Locks of the open transaction.
    seen: HashMap<(i64, Mode), Seen>,
    own: OwnWait,
    /// Place of the statement that runs.
    pub statement: usize,
    clients: Vec<Client>,
    last: Option<Instant>,
    gaps_ms: Vec<f64>,
    samples: u64,
}

/// When a lock was seen.
#[derive(Debug, Clone, Copy, Default)]
pub struct Seen {
    /// In the queue.
    pub waited: Duration,
    pub last_waiting: Option<Instant>,
    pub first_granted: Option<Instant>,
    pub last_granted: Option<Instant>,
}

/// The migration's own waiting.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnWait {
    pub spent: Duration,
    pub whom: BTreeSet<String>,
}

/// A session that the watch knows.
#[derive(Debug)]
struct Client {
    pid: i32,
    /// Who it is when it calls no endpoint.
    name: &'static str,
    /// The endpoint that it is calling.
    calling: Option<usize>,
    blocked: Option<Blocked>,
}

/// A call that was seen waiting behind the migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    pub waited: Duration,
    /// Place of the migration's statement when it began.
    pub statement: usize,
    /// `ACCESS SHARE on purchase`, `a row`.
    pub wanted: String,
}

impl Watch {
    pub fn new(labels: Vec<String>) -> Watch {
        Watch { labels, ..Watch::default() }
    }

    /// The migration begins in session `pid`.
    pub fn begin(&mut self, pid: i32, relations: &[Relation]) {
        self.pid = Some(pid);
        self.know(relations);
    }

    pub fn end(&mut self) {
        self.pid = None;
        self.last = None;
    }

    pub fn know(&mut self, relations: &[Relation]) {
        self.relations = relations.iter().map(|relation| (relation.oid, relation.clone())).collect();
    }

    /// A session that may be blocked or block: its number here.
    pub fn add_client(&mut self, pid: i32, name: &'static str) -> usize {
        self.clients.push(Client { pid, name, calling: None, blocked: None });
        self.clients.len() - 1
    }

    pub fn client_calls(&mut self, client: usize, place: usize) {
        let client = &mut self.clients[client];
        (client.calling, client.blocked) = (Some(place), None);
    }

    /// How the call waited, if it did.
    pub fn client_called(&mut self, client: usize) -> Option<Blocked> {
        let client = &mut self.clients[client];
        client.calling = None;
        client.blocked.take()
    }

    /// The session has another number since its connection was made again.
    pub fn client_came_back(&mut self, client: usize, pid: i32) {
        self.clients[client].pid = pid;
    }

    /// Locks seen in the transaction that has ended.
    pub fn take_seen(&mut self) -> HashMap<(i64, Mode), Seen> {
        std::mem::take(&mut self.seen)
    }

    pub fn seen(&self, relation: i64, mode: Mode) -> Seen {
        self.seen.get(&(relation, mode)).copied().unwrap_or_default()
    }

    /// What the statement that has ended waited.
    pub fn take_wait(&mut self) -> OwnWait {
        std::mem::take(&mut self.own)
    }

    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// Median time between two looks, ms; 0 when there were fewer than two.
    pub fn sampled_every_ms(&self) -> f64 {
        median(&mut self.gaps_ms.clone())
    }

    fn note(&mut self, now: Instant, rows: &[LockRow]) {
        let Some(pid) = self.pid else { return };
        self.samples += 1;
        // What was seen has lasted since the look before, on the average.
        let gap = self.last.map_or(Duration::ZERO, |last| now - last);
        if self.last.replace(now).is_some() {
            self.gaps_ms.push(gap.as_secs_f64() * 1e3);
        }
        for row in rows.iter().filter(|row| row.pid == pid) {
            self.note_own(now, gap, row);
        }
        let behind = behind(pid, rows);
        for client in &mut self.clients {
            let Some(row) = rows.iter().find(|row| !row.granted && row.pid == client.pid) else { continue };
            if client.calling.is_none() || !behind.contains(&client.pid) {
                continue;
            }
            let wanted = || wanted(row, &self.relations);
            let blocked = client.blocked.get_or_insert_with(|| Blocked {
                waited: Duration::ZERO,
                statement: self.statement,
                wanted: wanted(),
            });
            blocked.waited += gap;
        }
    }

    fn note_own(&mut self, now: Instant, gap: Duration, row: &LockRow) {
        if !row.granted {
            self.own.spent += gap;
            let whom: Vec<String> = row.blockers.iter().map(|pid| self.name_of(*pid)).collect();
            self.own.whom.extend(whom);
        }
        let Some(mode) = Mode::of(&row.mode).filter(|_| row.kind == "relation") else { return };
        let seen = self.seen.entry((row.relation, mode)).or_default();
        match row.granted {
            true => {
                seen.first_granted.get_or_insert(now);
                seen.last_granted = Some(now);
            }
            false => {
                seen.waited += gap;
                seen.last_waiting = Some(now);
            }
        }
    }

    fn name_of(&self, pid: i32) -> String {
        let client = self.clients.iter().find(|client| client.pid == pid);
        let label = client.and_then(|client| self.labels.get(client.calling?).cloned());
        label.unwrap_or_else(|| client.map_or("another session", |client| client.name).to_owned())
    }
}

/// The sessions that wait for `pid`, or for one that does: requests queue, and one that waits stops those that come after it.
fn behind(pid: i32, rows: &[LockRow]) -> HashSet<i32> {
    let mut behind = HashSet::from([pid]);
    loop {
        let more = rows.iter().filter(|row| !row.granted && !behind.contains(&row.pid));
        let found: Vec<i32> =
            more.filter(|row| row.blockers.iter().any(|blocker| behind.contains(blocker))).map(|row| row.pid).collect();
        if found.is_empty() {
            behind.remove(&pid);
            return behind;
        }
        behind.extend(found);
    }
}

fn wanted(row: &LockRow, relations: &HashMap<i64, Relation>) -> String {
    let name = relations.get(&row.relation).map(|relation| relation.name.as_str());
    match (row.kind.as_str(), Mode::of(&row.mode), name) {
        ("relation", Some(mode), Some(name)) => format!("{} on {name}", mode.name()),
        ("transactionid" | "tuple", ..) => "a row".to_owned(),
        ("relation", Some(mode), None) => format!("{} on a relation that is new", mode.name()),
        (kind, ..) => format!("a lock of kind {kind}"),
    }
}

/// Looks until `done`.
///
/// # Errors
/// When the session that looks is lost.
pub async fn look_on(session: &mut Connection, watch: &RefCell<Watch>, done: &Cell<bool>) -> Result<(), DbError> {
    while !done.get() {
        let began = Instant::now();
        let pid = watch.borrow().pid;
        if let Some(pid) = pid {
            let rows = look(session, pid).await?;
            watch.borrow_mut().note(Instant::now(), &rows);
        }
        tokio::time::sleep(PAUSE.max(began.elapsed() * PAUSE_PER_LOOK)).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(pid: i32, mode: &str, blockers: &[i32]) -> LockRow {
        let (kind, mode) = ("relation".to_owned(), mode.to_owned());
        LockRow { pid, kind, relation: 7, mode, granted: blockers.is_empty(), blockers: blockers.to_vec() }
    }

    fn watch() -> Watch {
        let mut watch = Watch::new(vec!["GET /a".into(), "POST /b".into()]);
        let table = Relation { oid: 7, name: "t".into(), kind: "r".into(), file: 1, table: 0 };
        watch.begin(1, &[table]);
        for (client, place) in [(2, 0), (3, 1), (4, 0)] {
            let number = watch.add_client(client, "a caller");
            watch.client_calls(number, place);
        }
        watch
    }

    #[test]
    fn who_queues_behind_a_waiting_migration_waits_for_it() {
        let mut watch = watch();
        let began = Instant::now();
        let rows = [row(1, "AccessExclusiveLock", &[4]), row(2, "AccessShareLock", &[1]), row(3, "RowExclusiveLock", &[2])];
        watch.note(began, &rows);
        watch.note(began + Duration::from_millis(5), &rows);
        let blocked = watch.client_called(0).unwrap();
        assert_eq!((blocked.waited, blocked.wanted.as_str()), (Duration::from_millis(5), "ACCESS SHARE on t"));
        assert!(watch.client_called(1).is_some(), "it waits for one that waits");
        assert_eq!(watch.client_called(2), None, "it is the one that is waited for");
        let own = watch.take_wait();
        assert_eq!((own.spent, own.whom), (Duration::from_millis(5), BTreeSet::from(["GET /a".to_owned()])));
        assert!(watch.seen(7, Mode::AccessExclusive).first_granted.is_none());
    }

    #[test]
    fn a_lock_is_held_from_the_first_sample_that_shows_it() {
        let mut watch = watch();
        let began = Instant::now();
        watch.note(began, &[row(1, "ShareLock", &[2])]);
        watch.note(began + Duration::from_millis(3), &[row(1, "ShareLock", &[])]);
        watch.note(began + Duration::from_millis(9), &[row(1, "ShareLock", &[])]);
        let seen = watch.take_seen()[&(7, Mode::Share)];
        assert_eq!(seen.first_granted, Some(began + Duration::from_millis(3)));
        assert_eq!(seen.last_granted, Some(began + Duration::from_millis(9)));
        assert_eq!((watch.samples(), watch.sampled_every_ms()), (3, 4.5));
    }
}
