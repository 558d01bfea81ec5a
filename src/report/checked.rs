//! What the page and the terminal say of a migration that was tried, in the same words.

use super::model::{
    CheckVerdict, EndpointChange, EndpointInUse, HeldLock, MigrationCheck, MigrationRun, MigrationStatement, StatementRun,
};
use super::wording::{one_line, shortened};
use crate::units;

/// Characters of a statement that a table shows.
const SHOWN: usize = 60;

/// The verdict in a word, and what it rests on.
pub(super) fn headline(check: &MigrationCheck) -> (&'static str, String) {
    let statements = units::counted_in_words(check.statements.len(), "statement", "statements");
    let time = units::seconds(check.alone.ms / 1000.0);
    match check.verdict {
        CheckVerdict::Finding => {
            let findings = units::counted_in_words(check.findings.len(), "thing speaks", "things speak");
            ("Findings", format!("{findings} against running this as it is ({statements}, {time} alone)."))
        }
        CheckVerdict::Inconclusive => (
            "Inconclusive",
            format!(
                "nothing was found, and some endpoints were called too few times to say; try --time 20s ({statements}, {time} alone)."
            ),
        ),
        CheckVerdict::Fine => (
            "Fine",
            format!(
                "no call was kept waiting for more than {}, and no endpoint fails or is proven more than {} slower ({statements}, {time} alone).",
                units::limit_ms(check.limits.max_wait_ms),
                units::percent(check.limits.max_slower)
            ),
        ),
    }
}

/// The run that endpoints were called beside, else the one that was alone.
pub(super) fn main_run(check: &MigrationCheck) -> &MigrationRun {
    check.in_use.as_ref().map_or(&check.alone, |in_use| &in_use.run)
}

/// A statement as tables have it: shortened to one line.
pub(super) fn short(statement: &MigrationStatement) -> String {
    shortened(&one_line(&statement.sql), SHOWN)
}

/// `12`, or `0042.sql:12` where there are several files.
pub(super) fn line(check: &MigrationCheck, statement: &MigrationStatement) -> String {
    if check.files.len() > 1 { format!("{}:{}", statement.file, statement.line) } else { statement.line.to_string() }
}

/// What the run did with a statement; `None` when it never came to it.
pub(super) fn of(run: &MigrationRun, number: usize) -> Option<&StatementRun> {
    run.statements.iter().find(|run| run.statement == number)
}

/// One lock per relation of a statement, the strongest; those that endpoints do not wait for only where there is no other.
pub(super) fn strongest(run: &StatementRun) -> Vec<&HeldLock> {
    let weight = |lock: &HeldLock| match (lock.blocks.as_str(), lock.mode.as_str()) {
        (_, "ACCESS EXCLUSIVE") => 4,
        (_, "EXCLUSIVE") => 3,
        ("writes", _) => 2,
        (_, "SHARE UPDATE EXCLUSIVE") => 1,
        _ => 0,
    };
    let mut kept: Vec<&HeldLock> = Vec::new();
    for lock in &run.locks {
        match kept.iter_mut().find(|known| known.relation == lock.relation) {
            Some(known) if weight(known) < weight(lock) => *known = lock,
            Some(_) => {}
            None => kept.push(lock),
        }
    }
    kept.sort_by_key(|lock| std::cmp::Reverse(weight(lock)));
    let most = kept.first().map_or(0, |lock| weight(lock));
    kept.retain(|lock| weight(lock) > 0 || most == 0);
    // An index goes with its table, which says the same.
    let collides = kept.iter().any(|lock| !lock.endpoints.is_empty());
    kept.retain(|lock| !collides || !lock.endpoints.is_empty() || lock.blocks == "nothing");
    kept
}

/// Time that it was held; a sampled one may have been held a little longer.
pub(super) fn held(lock: &HeldLock) -> String {
    if !lock.exact && lock.held_ms == 0.0 && lock.waited_ms > 0.0 {
        return "never had".to_owned();
    }
    format!("{}{}", if lock.exact { "" } else { "~" }, units::figure(lock.held_ms))
}

/// `reads and writes: 4 endpoints`, or `nothing`. What each endpoint locks is asked only once the migration runs at all.
pub(super) fn keeps_waiting(check: &MigrationCheck, lock: &HeldLock) -> String {
    match lock.endpoints.len() {
        0 if lock.blocks == "nothing" || check.in_use.is_none() => lock.blocks.clone(),
        0 => format!("{} (no endpoint)", lock.blocks),
        n => format!("{}: {}", lock.blocks, units::counted(n as u64, "endpoint", "endpoints")),
    }
}

/// What a statement wrote, in words; empty when nothing worth it.
pub(super) fn wrote(alone: &StatementRun) -> String {
    let mut told = Vec::new();
    if !alone.rewritten.is_empty() {
        told.push(format!("writes {} anew", units::listed(&alone.rewritten)));
    }
    if !alone.reindexed.is_empty() {
        let indexes = units::counted(alone.reindexed.len() as u64, "index", "indexes");
        told.push(format!("builds {indexes} anew"));
    }
    match alone.bytes_change {
        Some(bytes) if bytes != 0 => {
            let sign = if bytes > 0 { "+" } else { "-" };
            told.push(format!("{sign}{}", units::bytes(bytes.unsigned_abs())));
        }
        _ => {}
    }
    if let Some(wal) = alone.wal_bytes.filter(|wal| *wal > 0) {
        told.push(format!("{} of WAL", units::bytes(wal)));
    }
    told.join(", ")
}

/// What an endpoint's longest wait was for, and the errors of its calls.
pub(super) fn remarks(endpoint: &EndpointInUse) -> String {
    let wait = endpoint.wait.as_ref().map(|wait| format!("waited for {}, statement {}", wait.wanted, wait.statement));
    let errors = endpoint
        .errors
        .iter()
        .map(|error| format!("{} failed: SQLSTATE {}", units::counted(error.count, "call", "calls"), error.sqlstate));
    wait.into_iter().chain(errors).collect::<Vec<_>>().join("; ")
}

/// Rows read and plans of one call, where they differ: `40,000 → 12 rows read; Seq Scan on line → Index Scan using …`.
pub(super) fn work(endpoint: &EndpointChange) -> String {
    let Some(work) = &endpoint.work else { return String::new() };
    let mut told = Vec::new();
    let (before, after) = (units::amount(work.rows_read_before), units::amount(work.rows_read_after));
    if before != after {
        told.push(format!("{before} → {after} rows read"));
    }
    if work.blocks_before != work.blocks_after {
        told.push(format!("{} → {} blocks", units::count(work.blocks_before), units::count(work.blocks_after)));
    }
    told.extend(work.plans.iter().cloned());
    told.join("; ")
}

/// Endpoints that were called at all, or failed.
pub(super) fn called(endpoint: &&EndpointInUse) -> bool {
    endpoint.before.n + endpoint.during.n + endpoint.after.n > 0 || !endpoint.errors.is_empty()
}

/// How the calls beside it came, in a sentence.
pub(super) fn calls(check: &MigrationCheck) -> Option<String> {
    let in_use = check.in_use.as_ref()?;
    let mut told = format!(
        "{} calls per second arrived over {}; times are from when a call was due.",
        units::figure(in_use.rate_per_s),
        units::counted(in_use.connections as u64, "connection", "connections")
    );
    if let Some(reader) = in_use.long_reader_ms {
        told.push_str(&format!(" A transaction that had read every table stayed open for {}.", units::seconds(reader / 1000.0)));
    }
    let uncalled = in_use.endpoints.iter().filter(|one| !called(one)).count();
    if uncalled > 0 {
        told.push_str(&format!(
            " {} of little weight had no call; a higher --rate or a longer --around reaches them.",
            units::counted(uncalled as u64, "endpoint", "endpoints")
        ));
    }
    if in_use.calls_without_connection > 0 {
        told.push_str(&format!(
            " {} found every connection taken and waited for one first.",
            units::counted(in_use.calls_without_connection, "call", "calls")
        ));
    }
    Some(told)
}

/// How the locks were seen, in a sentence.
pub(super) fn seen(check: &MigrationCheck) -> String {
    let run = main_run(check);
    let looks = units::counted(run.samples, "look", "looks");
    let apart = if run.samples > 1 { format!(" a median of {} apart", units::ms(run.sampled_every_ms)) } else { String::new() };
    format!(
        "Which locks a transaction has is read inside of it; since when, and those with ~ altogether, is from {looks}{apart}."
    )
}

/// What came of the rollback, in a sentence.
pub(super) fn rollback(check: &MigrationCheck) -> Option<String> {
    let rollback = check.rollback.as_ref()?;
    let statements = units::counted_in_words(rollback.statements.len(), "statement", "statements");
    let time = units::seconds(rollback.run.ms / 1000.0);
    Some(match (&rollback.run.failed, rollback.differences.len()) {
        (Some(error), _) => {
            format!("{} fails in line {}: {} (SQLSTATE {}).", rollback.file, error.line, error.message, error.sqlstate)
        }
        (None, 0) => format!("{} ({statements}, {time}) leaves the schema as it was.", rollback.file),
        (None, n) => {
            let objects = units::counted(n as u64, "object", "objects");
            format!("{} ({statements}, {time}) leaves {objects} not as before:", rollback.file)
        }
    })
}

#[cfg(test)]
pub(super) mod fixture;

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(relation: &str, mode: &str, blocks: &str, endpoints: &[&str]) -> HeldLock {
        let endpoints = endpoints.iter().map(|label| (*label).to_owned()).collect();
        HeldLock { relation: relation.into(), mode: mode.into(), blocks: blocks.into(), endpoints, ..HeldLock::default() }
    }

    #[test]
    fn the_strongest_lock_on_each_relation_stands_for_the_rest() {
        let shown = |locks: Vec<HeldLock>| {
            let run = StatementRun { locks, ..StatementRun::default() };
            strongest(&run).iter().map(|lock| format!("{} {}", lock.relation, lock.mode)).collect::<Vec<_>>()
        };
        let strong = lock("t", "ACCESS EXCLUSIVE", "reads and writes", &["GET /a"]);
        let weak = lock("t", "ACCESS SHARE", "nothing", &[]);
        let other = lock("u", "ROW SHARE", "nothing", &[]);
        let index = lock("t_i", "ACCESS EXCLUSIVE", "reads and writes", &[]);
        assert_eq!(shown(vec![weak.clone(), strong, other.clone(), index]), ["t ACCESS EXCLUSIVE"]);
        assert_eq!(shown(vec![weak, other]), ["t ACCESS SHARE", "u ROW SHARE"]);
        assert_eq!(shown(vec![lock("t", "SHARE UPDATE EXCLUSIVE", "nothing", &[])]), ["t SHARE UPDATE EXCLUSIVE"]);
    }
}
