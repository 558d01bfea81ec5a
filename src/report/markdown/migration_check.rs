//! The page of a migration that was tried. It is a file of its own, with no pictures beside it.

use super::super::checked;
use super::super::model::{HeldLock, MigrationCheck, Verdict};
use super::super::standing::{change, interval};
use super::joined;
use super::table::{Lean, Table};
use super::text::{block, code, fold, plain, prose};
use crate::units;

/// The page, in the order a reader asks: may I run this, what else could I write, what does it lock, who waited, what stays.
pub fn migration_page(check: &MigrationCheck) -> String {
    let (word, rest) = checked::headline(check);
    let mut blocks = vec![
        format!("# {}: {}", plain(&check.scenario.title), plain(&units::listed(&check.files))),
        format!("**{word}:** {}", prose(&rest)),
        findings(check),
        advice(check),
    ];
    let sections = [
        ("Statements and their locks", statements(check)),
        ("Calls beside it", calls(check)),
        ("Every endpoint before and after", endpoints(check)),
        ("Rollback", rollback(check)),
        ("How it was measured", measured(check)),
    ];
    for (title, body) in sections {
        if !body.is_empty() {
            blocks.push(format!("## {title}"));
            blocks.push(body);
        }
    }
    joined(&blocks)
}

fn findings(check: &MigrationCheck) -> String {
    let numbered = check.findings.iter().enumerate();
    numbered.map(|(place, finding)| format!("{}. {}\n", place + 1, plain(&units::capitalized(&finding.sentence)))).collect()
}

fn advice(check: &MigrationCheck) -> String {
    if check.advice.is_empty() {
        return String::new();
    }
    let mut blocks = vec!["## What to do instead".to_owned()];
    for advice in &check.advice {
        let about = advice.statement.map_or(String::new(), |number| format!("Statement {number}: "));
        blocks.push(format!("{about}{}", plain(&advice.sentence)));
        if !advice.sql.is_empty() {
            let sql: Vec<String> = advice.sql.iter().map(|sql| format!("{sql};")).collect();
            blocks.push(block("sql", &sql.join("\n")));
        }
    }
    joined(&blocks)
}

fn statements(check: &MigrationCheck) -> String {
    let mut table = Table::new([
        ("#", Lean::Right),
        ("line", Lean::Right),
        ("statement", Lean::Left),
        ("alone ms", Lean::Right),
        ("beside calls ms", Lean::Right),
        ("its strongest lock", Lean::Left),
        ("held ms", Lean::Right),
        ("keeps waiting", Lean::Left),
        ("writes", Lean::Left),
    ]);
    for statement in &check.statements {
        let alone = checked::of(&check.alone, statement.number);
        let run = checked::of(checked::main_run(check), statement.number);
        let locks = run.map(checked::strongest).unwrap_or_default();
        let each = |told: &dyn Fn(&HeldLock) -> String| locks.iter().map(|lock| told(lock)).collect::<Vec<_>>().join("<br>");
        table.row([
            statement.number.to_string(),
            plain(&checked::line(check, statement)),
            code(&checked::short(statement)),
            alone.map_or_else(|| "not run".to_owned(), |alone| units::figure(alone.ms)),
            run.filter(|_| check.in_use.is_some()).map_or_else(String::new, |run| units::figure(run.ms)),
            each(&|lock| format!("{} on {}", lock.mode, code(&lock.relation))),
            each(&checked::held),
            each(&|lock| plain(&checked::keeps_waiting(check, lock))),
            alone.map_or_else(String::new, |alone| plain(&checked::wrote(alone))),
        ]);
    }
    let whole: Vec<String> = check.statements.iter().map(|statement| format!("{};", statement.sql)).collect();
    let whole = fold("The statements as they were run", &block("sql", &whole.join("\n")));
    joined(&[table.render(), plain(&checked::seen(check)), who_collides(check), whole])
}

/// The endpoints behind "keeps waiting".
fn who_collides(check: &MigrationCheck) -> String {
    let mut lines = Vec::new();
    for run in &checked::main_run(check).statements {
        for lock in checked::strongest(run).into_iter().filter(|lock| !lock.endpoints.is_empty()) {
            let labels: Vec<String> = lock.endpoints.iter().map(|label| plain(label)).collect();
            let statement = run.statement;
            lines.push(format!("- Statement {statement}, {} on {}: {}\n", lock.mode, code(&lock.relation), labels.join(", ")));
        }
    }
    if lines.is_empty() { String::new() } else { fold("The endpoints that collide with each lock", &lines.concat()) }
}

fn calls(check: &MigrationCheck) -> String {
    let Some(in_use) = &check.in_use else { return String::new() };
    let mut table = Table::new([
        ("endpoint", Lean::Left),
        ("before p50 ms", Lean::Right),
        ("calls during", Lean::Right),
        ("longest ms", Lean::Right),
        ("calls waited", Lean::Right),
        ("longest wait ms", Lean::Right),
        ("after p50 ms", Lean::Right),
        ("remarks", Lean::Left),
    ]);
    for endpoint in in_use.endpoints.iter().filter(checked::called) {
        let told = |n: u64, ms: f64| if n == 0 { String::new() } else { units::figure(ms) };
        table.row([
            plain(&endpoint.label),
            told(endpoint.before.n, endpoint.before.p50_ms),
            units::count(endpoint.during.n),
            told(endpoint.during.n, endpoint.during.max_ms),
            if endpoint.calls_waited > 0 { units::count(endpoint.calls_waited) } else { String::new() },
            told(endpoint.calls_waited, endpoint.longest_wait_ms),
            told(endpoint.after.n, endpoint.after.p50_ms),
            plain(&checked::remarks(endpoint)),
        ]);
    }
    joined(&[table.render(), checked::calls(check).map(|told| plain(&told)).unwrap_or_default()])
}

fn endpoints(check: &MigrationCheck) -> String {
    let mut table = Table::new([
        ("endpoint", Lean::Left),
        ("pairs", Lean::Right),
        ("before ms", Lean::Right),
        ("after ms", Lean::Right),
        ("verdict", Lean::Left),
        ("95% interval", Lean::Left),
        ("one call", Lean::Left),
    ]);
    for endpoint in &check.endpoints {
        let times = &endpoint.times;
        let verdict = match times.verdict {
            Verdict::Improved | Verdict::Regressed => format!("**{}**", plain(&change(times))),
            Verdict::WithinNoise | Verdict::NotEnoughData => plain(&change(times)),
        };
        table.row([
            plain(&times.label),
            units::count(times.before.n.min(times.after.n)),
            if times.before.n > 0 { units::figure(times.before_ms) } else { String::new() },
            if times.after.n > 0 { units::figure(times.after_ms) } else { String::new() },
            verdict,
            plain(&interval(times).unwrap_or_else(|| "too few pairs".to_owned())),
            plain(&checked::work(endpoint)),
        ]);
    }
    table.render()
}

fn rollback(check: &MigrationCheck) -> String {
    let Some(said) = checked::rollback(check) else { return String::new() };
    let differences = check.rollback.iter().flat_map(|rollback| &rollback.differences);
    joined(&[plain(&said), differences.map(|one| format!("- {}\n", prose(one))).collect()])
}

fn measured(check: &MigrationCheck) -> String {
    let environment = &check.environment;
    let told = format!(
        "On copies of {} rows (hash {}), {}, {}, PostgreSQL {}, perflab {}, {}. A call may be kept waiting {}, and an endpoint may become {} \
         slower. The whole check took {}.",
        units::count(check.data.rows),
        code(&check.data.hash),
        plain(&environment.cpu),
        units::counted(environment.cores.into(), "core", "cores"),
        plain(&environment.server_version),
        plain(&check.perflab),
        plain(&environment.started_at),
        units::limit_ms(check.limits.max_wait_ms),
        units::percent(check.limits.max_slower),
        units::seconds(check.seconds)
    );
    let notes: Vec<String> = check.notes.iter().map(|note| plain(note)).collect();
    joined(&[told, notes.join(" ")])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_part() {
        insta::assert_snapshot!(migration_page(&checked::fixture::check()));
    }
}
