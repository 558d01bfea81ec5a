//! The copies that a migration is tried on, one after the other. Each is dropped, however its part ends.

use std::cell::RefCell;
use std::time::Instant;

use crate::bench::Workload;
use crate::cli::args::MigrateCheckCommand;
use crate::cli::laboratory::Laboratory;
use crate::cli::model;
use crate::cli::ui::Console;
use crate::db::Target;
use crate::migrate::Script;
use crate::migrate::alternative::{in_block, replaced};
use crate::migrate::judge::{self, Tried};
use crate::migrate::run::{Facts, run};
use crate::migrate::script::Statement;
use crate::migrate::traffic::{Use, in_use};
use crate::migrate::uses::{Uses, add_endpoints, uses};
use crate::migrate::watch::Watch;
use crate::report::model::{
    CheckLimits, DataIdentity, Environment, FORMAT_VERSION, MigrationAdvice, MigrationCheck, MigrationInUse, MigrationRun,
    MigrationStatement, SeedRun, StatementRun,
};
use crate::version::VERSION;

use super::afterwards::{Afterwards, afterwards, rolled_back};
use super::files::Files;

/// Tries the migration on copies of the rows that were `seeded`, and judges what was seen.
///
/// # Errors
/// When the server fails.
pub async fn check(
    laboratory: &mut Laboratory,
    workload: Workload,
    files: &Files,
    args: &MigrateCheckCommand,
    (seeded, started): (&SeedRun, Instant),
    console: &Console,
) -> anyhow::Result<MigrationCheck> {
    let script = &files.migration;
    let limits = CheckLimits { max_wait_ms: args.limits.max_wait.as_secs_f64() * 1e3, max_slower: args.limits.max_slower };
    let migrated = laboratory.lab.clone_seeded("migrated").await?;
    let target = laboratory.lab.clone_target(&migrated);
    let trial = async {
        let mut alone = alone(&target, script, console).await?;
        if alone.failed.is_some() {
            return Ok((alone, Beside::default(), Afterwards::default()));
        }
        let beside = beside(laboratory, &workload, script, &mut alone, limits, args, console).await?;
        let afterwards = afterwards(laboratory, workload, &target, args, console).await?;
        Ok::<_, anyhow::Error>((alone, beside, afterwards))
    };
    let outcome = trial.await;
    laboratory.lab.drop_clone(&migrated).await?;
    let (alone, beside, afterwards) = outcome?;
    let rollback = match &files.rollback {
        Some(rollback) if alone.failed.is_none() => Some(rolled_back(laboratory, script, rollback, console).await?),
        _ => None,
    };
    let tried = Tried {
        script,
        alone: &alone,
        in_use: beside.in_use.as_ref(),
        endpoints: &afterwards.endpoints,
        broken: &afterwards.broken,
        failing: &afterwards.failing,
        promises: &afterwards.promises,
        rollback: rollback.as_ref(),
        limits,
    };
    let findings = judge::findings(&tried);
    let mut advice = beside.other_ways;
    advice.extend(judge::advice(&tried, &advice));
    Ok(MigrationCheck {
        format: FORMAT_VERSION,
        perflab: VERSION.to_owned(),
        verdict: judge::verdict(&findings, &afterwards.endpoints),
        limits,
        findings,
        advice,
        files: script.files.clone(),
        statements: statements(script),
        in_use: beside.in_use,
        endpoints: afterwards.endpoints,
        broken: afterwards.broken,
        rollback,
        notes: left_out(&alone, files)
            .into_iter()
            .chain(afterwards.notes)
            .chain(logged_less(&laboratory.environment, &alone))
            .collect(),
        alone,
        seconds: started.elapsed().as_secs_f64(),
        scenario: model::scenario_info(&laboratory.scenario),
        environment: laboratory.environment.clone(),
        data: DataIdentity { hash: seeded.hash.clone(), rows: seeded.rows },
    })
}

/// What was not tried of a migration that failed.
fn left_out(alone: &MigrationRun, files: &Files) -> Option<String> {
    let rollback = if files.rollback.is_some() { " The rollback was not run." } else { "" };
    let told = || format!("The migration failed, so no endpoint was called beside it or timed after it.{rollback}");
    alone.failed.as_ref().map(|_| told())
}

/// A lab logs less than a server that somebody replicates.
fn logged_less(environment: &Environment, alone: &MigrationRun) -> Option<String> {
    let minimal = environment.settings.iter().any(|setting| setting.name == "wal_level" && setting.value == "minimal");
    let built = |run: &StatementRun| !run.rewritten.is_empty() || run.bytes_change.is_some_and(|bytes| bytes > 0);
    (minimal && alone.statements.iter().any(built)).then(|| {
        "The lab runs with wal_level = minimal, which can leave tables and indexes that are written anew out of the WAL. A server with replicas or \
         an archive writes all of it."
            .to_owned()
    })
}

async fn alone(target: &Target, script: &Script, console: &Console) -> anyhow::Result<MigrationRun> {
    let _stage = console.stage("migrate alone");
    Ok(run(target, script, &RefCell::new(Watch::default()), Facts::All).await?)
}

/// What was seen beside calls.
#[derive(Default)]
struct Beside {
    in_use: Option<MigrationInUse>,
    other_ways: Vec<MigrationAdvice>,
}

/// The migration on a copy in use; where that keeps calls waiting, another way to it on one more.
async fn beside(
    laboratory: &mut Laboratory,
    workload: &Workload,
    script: &Script,
    alone: &mut MigrationRun,
    limits: CheckLimits,
    args: &MigrateCheckCommand,
    console: &Console,
) -> anyhow::Result<Beside> {
    let how = Use {
        rate_per_s: args.calls.rate,
        connections: args.calls.connections as usize,
        around: args.calls.around,
        long_reader: args.calls.long_reader,
    };
    let stage = console.stage("beside calls");
    let (written, taken) = used(laboratory, workload, script, None, how).await?;
    add_endpoints(alone, &taken);
    let tried = Tried {
        script,
        alone,
        in_use: Some(&written),
        endpoints: &[],
        broken: &[],
        failing: &[],
        promises: &[],
        rollback: None,
        limits,
    };
    let ways = judge::worth_another_way(&tried);
    if ways.is_empty() || args.calls.no_alternatives {
        return Ok(Beside { in_use: Some(written), other_ways: Vec::new() });
    }
    drop(stage);
    let _stage = console.stage("another way");
    let (other, places) = replaced(script, &ways);
    let (seen, _) = used(laboratory, workload, &other, Some(taken), Use { rate_per_s: Some(written.rate_per_s), ..how }).await?;
    let other_ways = judge::tried(&tried, &ways, &places, &seen);
    Ok(Beside { in_use: Some(written), other_ways })
}

/// A script on a copy in use, and what each endpoint locks.
async fn used(
    laboratory: &mut Laboratory,
    workload: &Workload,
    script: &Script,
    taken: Option<Vec<Uses>>,
    how: Use,
) -> anyhow::Result<(MigrationInUse, Vec<Uses>)> {
    let clone = laboratory.lab.clone_seeded("used").await?;
    let target = laboratory.lab.clone_target(&clone);
    let outcome = async {
        let taken = match taken {
            Some(taken) => taken,
            None => uses(workload, &target).await?,
        };
        Ok::<_, anyhow::Error>((in_use(workload, &target, script, &taken, how).await?, taken))
    }
    .await;
    laboratory.lab.drop_clone(&clone).await?;
    outcome
}

/// The statements as a report lists them.
pub fn statements(script: &Script) -> Vec<MigrationStatement> {
    let all = script.statements.iter().enumerate();
    let one = |(place, statement): (usize, &Statement)| MigrationStatement {
        number: place + 1,
        file: script.files[statement.file].clone(),
        line: statement.at.line,
        sql: statement.text.clone(),
        in_block: in_block(script, place),
    };
    all.map(one).collect()
}
