//! What speaks against running the migration as it is.

use std::collections::BTreeSet;

use crate::report::model::{CheckFinding, EndpointInUse, FindingKind, HeldLock, MigrationRun, StatementError, Verdict};
use crate::units::{counted, listed, ms, ms_change, percent};

use super::Tried;

/// Everything over the limits, the worst first.
pub fn findings(tried: &Tried<'_>) -> Vec<CheckFinding> {
    let mut found = Vec::new();
    failed(tried, &mut found);
    broken(tried, &mut found);
    calls_failed(tried, &mut found);
    for place in 0..tried.script.statements.len() {
        blocked(tried, place, &mut found);
    }
    slower(tried, &mut found);
    promises(tried, &mut found);
    invalid_indexes(tried, &mut found);
    rollback(tried, &mut found);
    found.sort_by_key(|finding| finding.kind);
    found
}

fn finding(kind: FindingKind, statement: Option<usize>, endpoints: Vec<String>, sentence: String) -> CheckFinding {
    CheckFinding { kind, statement, endpoints, sentence }
}

/// Without the full stop at its end, for a sentence that goes on.
fn unstopped(message: &str) -> &str {
    message.trim_end().trim_end_matches('.')
}

/// Where and why a statement failed, and what had been done by then.
fn told(tried: &Tried<'_>, error: &StatementError) -> String {
    let detail = error.detail.as_ref().map_or(String::new(), |detail| format!("; {}", unstopped(detail)));
    let stays = match error.undone_from {
        1 => "Nothing of it stays done.".to_owned(),
        2 => "Statement 1 stays done.".to_owned(),
        from => format!("Statements 1 to {} stay done.", from - 1),
    };
    let undone = match error.undone_from < error.statement {
        true => format!(" Its transaction, from statement {} on, was rolled back.", error.undone_from),
        false => String::new(),
    };
    format!(
        "{} failed at {}:{}:{}: {} (SQLSTATE {}){detail}. {stays}{undone}",
        tried.script.described(error.statement - 1),
        error.file,
        error.line,
        error.column,
        error.message,
        error.sqlstate
    )
}

fn failed(tried: &Tried<'_>, found: &mut Vec<CheckFinding>) {
    if let Some(error) = &tried.alone.failed {
        found.push(finding(FindingKind::Failed, Some(error.statement), Vec::new(), told(tried, error)));
    } else if let Some(error) = tried.in_use.and_then(|in_use| in_use.run.failed.as_ref()) {
        let waited = waited_for(tried.run(), error.statement);
        let sentence = format!("Beside calls, {}{waited} Alone it succeeds.", told(tried, error));
        found.push(finding(FindingKind::Failed, Some(error.statement), Vec::new(), sentence));
    }
}

/// For whom a statement waited, in a sentence behind another.
fn waited_for(run: &MigrationRun, statement: usize) -> String {
    let run = run.statements.iter().find(|run| run.statement == statement && !run.waited_for.is_empty());
    run.map_or(String::new(), |run| format!(" It had waited {} for {}.", ms(run.waited_ms), listed(&run.waited_for)))
}

fn broken(tried: &Tried<'_>, found: &mut Vec<CheckFinding>) {
    for endpoint in tried.broken {
        let sentence = format!("{} does not fit the new schema: {}.", endpoint.label, endpoint.problems.join("; "));
        found.push(finding(FindingKind::Broken, None, vec![endpoint.label.clone()], sentence));
    }
}

fn calls_failed(tried: &Tried<'_>, found: &mut Vec<CheckFinding>) {
    let known: BTreeSet<&str> = tried.broken.iter().map(|endpoint| endpoint.label.as_str()).collect();
    for (label, error) in tried.failing {
        let sentence = format!("{label}, statement {}, fails after the migration: {}.", error.step, unstopped(&error.message));
        found.push(finding(FindingKind::CallsFailed, None, vec![label.clone()], sentence));
    }
    for endpoint in tried.in_use.iter().flat_map(|in_use| &in_use.endpoints).filter(|one| !known.contains(one.label.as_str())) {
        let new = endpoint.errors.iter().filter(|error| {
            !tried.failing.iter().any(|(label, known)| *label == endpoint.label && known.sqlstate == error.sqlstate)
        });
        for error in new {
            let calls = counted(error.count, "call", "calls");
            let sentence = format!(
                "{calls} of {}, statement {}, failed beside the migration or after it: {}.",
                endpoint.label,
                error.step,
                unstopped(&error.message)
            );
            found.push(finding(FindingKind::CallsFailed, None, vec![endpoint.label.clone()], sentence));
        }
    }
}

/// Endpoints whose longest wait was behind the statement, and was too long.
fn waiting<'t>(tried: &'t Tried<'_>, place: usize) -> Vec<&'t EndpointInUse> {
    let behind = |one: &&EndpointInUse| one.wait.as_ref().is_some_and(|wait| wait.statement == place + 1);
    let all = tried.in_use.iter().flat_map(|in_use| &in_use.endpoints);
    all.filter(behind).filter(|one| one.longest_wait_ms > tried.limits.max_wait_ms).collect()
}

fn blocked(tried: &Tried<'_>, place: usize, found: &mut Vec<CheckFinding>) {
    let limit = tried.limits.max_wait_ms;
    let held: Vec<&HeldLock> = tried.collisions(place).filter(|lock| lock.held_ms > limit).collect();
    let waited = waiting(tried, place);
    if held.is_empty() && waited.is_empty() {
        return;
    }
    let mut endpoints: BTreeSet<&String> = held.iter().flat_map(|lock| &lock.endpoints).collect();
    endpoints.extend(waited.iter().map(|one| &one.label));
    let mut sentences = Vec::new();
    let statement = tried.script.described(place);
    let worst = |a: &&&HeldLock, b: &&&HeldLock| a.held_ms.total_cmp(&b.held_ms);
    match held.iter().max_by(worst) {
        Some(lock) => sentences.push(format!(
            "{statement} holds {} on {} for {}, to {}: {} of {} wait that long at worst.",
            lock.mode,
            lock.relation,
            ms(lock.held_ms),
            lock.released_by,
            lock.blocks,
            counted(lock.endpoints.len() as u64, "endpoint", "endpoints")
        )),
        None => sentences.push(format!("{statement} keeps {} waiting.", counted(waited.len() as u64, "endpoint", "endpoints"))),
    }
    if let Some(one) = waited.iter().max_by(|a, b| a.longest_wait_ms.total_cmp(&b.longest_wait_ms)) {
        let wanted = one.wait.as_ref().map_or("", |wait| wait.wanted.as_str());
        sentences.push(format!("{} was seen waiting {} for {wanted}.", one.label, ms(one.longest_wait_ms)));
        sentences.push(waited_for(tried.run(), place + 1).trim().to_owned());
    }
    sentences.retain(|sentence| !sentence.is_empty());
    let endpoints = endpoints.into_iter().cloned().collect();
    found.push(finding(FindingKind::Blocked, Some(place + 1), endpoints, sentences.join(" ")));
}

fn slower(tried: &Tried<'_>, found: &mut Vec<CheckFinding>) {
    let limit = tried.limits.max_slower;
    let proven = tried.endpoints.iter().map(|endpoint| &endpoint.times);
    for times in proven.filter(|times| times.verdict == Verdict::Regressed && times.ratio_low > 1.0 + limit) {
        let sentence = format!(
            "{} is slower after the migration: {}, at least {} more, where {} are allowed.",
            times.label,
            ms_change(times.before_ms, times.after_ms),
            percent(times.ratio_low - 1.0),
            percent(limit)
        );
        found.push(finding(FindingKind::Slower, None, vec![times.label.clone()], sentence));
    }
}

fn promises(tried: &Tried<'_>, found: &mut Vec<CheckFinding>) {
    for (label, promise) in tried.promises {
        let measured = promise.measured.map_or(String::new(), |measured| format!(": it is {} now", ms(measured)));
        let sentence = format!("{label} breaks its promise {} after the migration{measured}.", promise.promise);
        found.push(finding(FindingKind::Promise, None, vec![label.clone()], sentence));
    }
}

fn invalid_indexes(tried: &Tried<'_>, found: &mut Vec<CheckFinding>) {
    let runs = [Some(tried.alone), tried.in_use.map(|in_use| &in_use.run)];
    let left: BTreeSet<&String> = runs.into_iter().flatten().flat_map(|run| &run.invalid_indexes).collect();
    for name in left {
        let sentence = format!(
            "The index {name} is left behind INVALID: it is written and never read. DROP INDEX CONCURRENTLY {name}; and build it again."
        );
        found.push(finding(FindingKind::InvalidIndex, None, Vec::new(), sentence));
    }
}

fn rollback(tried: &Tried<'_>, found: &mut Vec<CheckFinding>) {
    let Some(rollback) = tried.rollback else { return };
    if let Some(error) = &rollback.run.failed {
        let sentence = format!(
            "The rollback failed at {}:{}:{}: {} (SQLSTATE {}).",
            error.file, error.line, error.column, error.message, error.sqlstate
        );
        found.push(finding(FindingKind::Rollback, None, Vec::new(), sentence));
    }
    if !rollback.differences.is_empty() {
        let objects = counted(rollback.differences.len() as u64, "object is", "objects are");
        let sentence = format!("After the rollback {objects} not as before: {}.", rollback.differences.join("; "));
        found.push(finding(FindingKind::Rollback, None, Vec::new(), sentence));
    }
}
