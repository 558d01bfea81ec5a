//! What would avoid a finding. Each piece follows from something that was seen: a lock that was held, a file that was written anew, a
//! call that waited for a row.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::migrate::alternative::{Alternative, alternative, in_block};
use crate::migrate::locks::Mode;
use crate::migrate::script::Statement;
use crate::report::model::{
    AlternativeFigures, EndpointInUse, HeldLock, MigrationAdvice, MigrationInUse, StatementRun, TriedAlternative,
};
use crate::units::ms;

use super::Tried;

/// A lock that is held for less than this share of the limit is not worth another way.
const WORTH: f64 = 0.1;
/// The other way must make endpoints wait for at most this share of what they do now.
const BETTER: f64 = 0.5;
/// Of the time that a lock is held, the share that is not its own statement's when it is held for others.
const HELD_FOR_OTHERS: f64 = 0.5;

/// Statements that keep endpoints waiting and can be written another way.
pub fn worth_another_way(tried: &Tried<'_>) -> Vec<Alternative> {
    let worth = |place: &usize| {
        let held = tried.collisions(*place).map(|lock| lock.held_ms).fold(0.0, f64::max);
        held > tried.limits.max_wait_ms * WORTH
    };
    (0..tried.script.statements.len()).filter(worth).filter_map(|place| alternative(tried.script, place)).collect()
}

/// The advice on other ways that were tried: `places` are where the statements of each stand in the script that `other` ran.
pub fn tried(
    found: &Tried<'_>,
    alternatives: &[Alternative],
    places: &[Range<usize>],
    other: &MigrationInUse,
) -> Vec<MigrationAdvice> {
    let Some(written) = found.in_use else { return Vec::new() };
    let mut advice = Vec::new();
    for (one, place) in alternatives.iter().zip(places) {
        let reached = other.run.failed.as_ref().is_none_or(|error| error.statement > place.end);
        let figures = TriedAlternative {
            as_written: figures(written, &(one.statement..one.statement + 1)),
            other_way: figures(other, place),
        };
        let waits = |side: &AlternativeFigures| side.blocked_ms.max(side.longest_wait_ms);
        if !reached || waits(&figures.other_way) > waits(&figures.as_written) * BETTER {
            continue;
        }
        advice.push(MigrationAdvice {
            statement: Some(one.statement + 1),
            sentence: format!(
                "{}: endpoints wait for {} at most instead of {}; it takes {} instead of {}.",
                one.why,
                ms(waits(&figures.other_way)),
                ms(waits(&figures.as_written)),
                ms(figures.other_way.ms),
                ms(figures.as_written.ms)
            ),
            sql: one.sql.clone(),
            tried: Some(figures),
        });
    }
    advice
}

fn figures(in_use: &MigrationInUse, places: &Range<usize>) -> AlternativeFigures {
    let inside = |statement: usize| places.contains(&(statement - 1));
    let runs = || in_use.run.statements.iter().filter(|run| inside(run.statement));
    let held = runs().flat_map(|run| &run.locks).filter(|lock| !lock.endpoints.is_empty()).map(|lock| lock.held_ms);
    let waits = in_use.endpoints.iter().filter(|one| one.wait.as_ref().is_some_and(|wait| inside(wait.statement)));
    AlternativeFigures {
        ms: runs().map(|run| run.ms).sum(),
        blocked_ms: held.fold(0.0, f64::max),
        longest_wait_ms: waits.map(|one| one.longest_wait_ms).fold(0.0, f64::max),
    }
}

/// Advice that cannot be tried by itself, for the statements that another way was not found for.
pub fn advice(found: &Tried<'_>, other_ways: &[MigrationAdvice]) -> Vec<MigrationAdvice> {
    let mut advice = Vec::new();
    for (place, statement) in found.script.statements.iter().enumerate() {
        let Some(run) = found.run().statements.iter().find(|run| run.statement == place + 1) else { continue };
        let solved = other_ways.iter().any(|other| other.statement == Some(place + 1));
        let sentences = [
            rewrite(found, place, statement).filter(|_| !solved),
            held_for_others(found, place, run),
            out_of_the_block(found, place, statement),
            rows(found, place),
            statistics(found, place),
        ];
        advice.extend(sentences.into_iter().flatten().map(|sentence| MigrationAdvice {
            statement: Some(place + 1),
            sentence,
            sql: Vec::new(),
            tried: None,
        }));
    }
    advice.extend(no_timeout(found));
    advice.extend(plans_that_expired(found));
    advice
}

fn rewrite(found: &Tried<'_>, place: usize, statement: &Statement) -> Option<String> {
    let alone = found.alone.statements.iter().find(|run| run.statement == place + 1)?;
    let table = alone.rewritten.first()?;
    let on_table = found.collisions(place).filter(|lock| lock.relation == *table);
    let lock = on_table.max_by_key(|lock| Mode::named(&lock.mode))?;
    let says = |words: &[&str]| (0..statement.tokens.len()).any(|token| statement.says(token, words));
    let instead = if says(&["TYPE"]) {
        "Add a column of the new type, keep it filled by a trigger, fill the old rows in batches, and swap the names in one short transaction."
    } else if says(&["ADD"]) {
        "Add the column without the default, set the default for new rows, fill the old ones in batches, and make it NOT NULL by a CHECK that is \
         validated first. A default that is the same for all rows (a constant, now()) needs no rewrite."
    } else {
        "Do it when nobody calls, or in a table beside it that is swapped in."
    };
    Some(format!("It writes {table} anew ({}) while it holds {} for {}. {instead}", ms(alone.ms), lock.mode, ms(lock.held_ms)))
}

/// A lock that was taken early in a block and held while others worked.
fn held_for_others(found: &Tried<'_>, place: usize, run: &StatementRun) -> Option<String> {
    let others =
        |lock: &&HeldLock| lock.held_ms > found.limits.max_wait_ms && lock.held_ms - run.ms > lock.held_ms * HELD_FOR_OTHERS;
    let lock = found.collisions(place).find(others)?;
    Some(format!(
        "It takes {}, but {} on {} is held for {} more, to {}. Commit right behind it, or move it to the end of the transaction.",
        ms(run.ms),
        lock.mode,
        lock.relation,
        ms(lock.held_ms - run.ms),
        lock.released_by
    ))
}

fn out_of_the_block(found: &Tried<'_>, place: usize, statement: &Statement) -> Option<String> {
    let builds = statement.says(0, &["CREATE", "INDEX"]) || statement.says(0, &["CREATE", "UNIQUE", "INDEX"]);
    let held = found.collisions(place).any(|lock| lock.held_ms > found.limits.max_wait_ms);
    (builds && held && in_block(found.script, place)).then(|| {
        "Outside of the transaction it could be built CONCURRENTLY, which lets writes go on; give it a file of its own."
            .to_owned()
    })
}

fn rows(found: &Tried<'_>, place: usize) -> Option<String> {
    let waits = |one: &&EndpointInUse| {
        one.wait.as_ref().is_some_and(|wait| wait.statement == place + 1 && wait.wanted == "a row")
            && one.longest_wait_ms > found.limits.max_wait_ms
    };
    let one = found.in_use?.endpoints.iter().find(waits)?;
    Some(format!(
        "{} waited {} for a row that it had changed. Change rows in batches of a few thousand, each committed by itself.",
        one.label,
        ms(one.longest_wait_ms)
    ))
}

fn statistics(found: &Tried<'_>, place: usize) -> Option<String> {
    let alone = found.alone.statements.iter().find(|run| run.statement == place + 1)?;
    let (column, table) = (alone.statistics_lost.first()?, alone.statistics_lost.first()?.rsplit_once('.')?.0);
    Some(format!(
        "The planner's statistics of {column} are gone until the next ANALYZE: write ANALYZE {table}; behind it. The times below were measured \
         with new ones."
    ))
}

/// The first strong lock that would be waited for without end.
fn no_timeout(found: &Tried<'_>) -> Option<MigrationAdvice> {
    let strong = |lock: &HeldLock| Mode::named(&lock.mode).is_some_and(|mode| mode == Mode::AccessExclusive);
    let place = (0..found.script.statements.len()).find(|place| {
        let run = found.alone.statements.iter().find(|run| run.statement == place + 1);
        run.is_some_and(|run| run.lock_timeout.is_none()) && found.collisions(*place).any(strong)
    })?;
    let lock = found.collisions(place).find(|lock| strong(lock))?;
    Some(MigrationAdvice {
        statement: Some(place + 1),
        sentence: format!(
            "Without a lock_timeout it waits for {} on {} as long as somebody's transaction is open, and every call that comes after it waits \
             behind it (see it with --long-reader 2s). Give up and try again instead:",
            lock.mode, lock.relation
        ),
        sql: vec!["SET lock_timeout = '2s'".to_owned()],
        tried: None,
    })
}

/// SQLSTATE 0A000 of a statement that was prepared before: "cached plan must not change result type".
fn plans_that_expired(found: &Tried<'_>) -> Option<MigrationAdvice> {
    let endpoints = found.in_use.iter().flat_map(|in_use| &in_use.endpoints);
    let expired: BTreeSet<&str> =
        endpoints.filter(|one| one.errors.iter().any(|error| error.sqlstate == "0A000")).map(|one| one.label.as_str()).collect();
    let label = expired.first()?;
    Some(MigrationAdvice {
        statement: None,
        sentence: format!(
            "{label} is prepared and returns other columns than when it was: name them instead of writing *, or let the service prepare again."
        ),
        sql: Vec::new(),
        tried: None,
    })
}
