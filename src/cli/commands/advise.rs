//! `perflab advise`

use std::path::Path;
use std::time::Instant;

use anyhow::Context;

use crate::cli::args::{AdviseCommand, Cli};
use crate::cli::laboratory::Laboratory;
use crate::cli::ui::Console;
use crate::cli::{Outcome, seeding, stages};
use crate::explain::study::Study;
use crate::report::model::AdviceRun;
use crate::report::terminal::{advice_table, kept_table};
use crate::sql::quote_ident;

/// Chooses indexes for the slow endpoints and proves them.
pub async fn run(cli: &Cli, args: &AdviseCommand, console: &Console) -> anyhow::Result<Outcome> {
    let time = args.time.time_box();
    if let Some(file) = &args.migration {
        must_be_writable(file)?;
    }
    let mut laboratory = Laboratory::open(cli, &args.scenario.scenario, console).await?;
    laboratory.must_have_endpoints()?;
    seeding::ensure_seeded(&mut laboratory, &args.seed, console).await?;
    let bound = stages::bind(&laboratory).await?;
    let measured = stages::bench(&mut laboratory, &bound, time, console).await?;
    let trial = laboratory.lab.clone_seeded("trial").await?;
    let slow = stages::slow_endpoints(&measured);
    let plans = stages::explain(&mut laboratory, &trial, &bound, &slow, &measured.typical_calls, Study::PLANS, console).await?;
    let started = Instant::now();
    let selection = stages::choose(&mut laboratory, &trial, &bound, &measured.typical_calls, &plans, console).await?;
    let mut advised = stages::prove(&mut laboratory, &bound, selection, &measured, &slow, time, console).await?;
    advised.run.seconds = started.elapsed().as_secs_f64();
    console.result(&advice_table(&advised.run, console.screen()))?;
    console.result(&kept_table(&advised.run, console.screen()))?;
    console.json(&advised.run)?;
    if let Some(file) = &args.migration {
        write_migration(file, &advised.run)?;
        console.note(format!("wrote {}", file.display()));
    }
    laboratory.lab.close().await;
    Ok(Outcome::Fine)
}

fn write_migration(file: &Path, advice: &AdviceRun) -> anyhow::Result<()> {
    std::fs::write(file, migration(advice)).with_context(|| format!("cannot write the migration {}", file.display()))
}

/// Found out before the minutes of measuring rather than after them; what stands in the file stays until there is something better.
fn must_be_writable(file: &Path) -> anyhow::Result<()> {
    let opened = std::fs::OpenOptions::new().append(true).create(true).open(file);
    opened.map(drop).with_context(|| format!("cannot write the migration {}; name another file", file.display()))
}

/// The kept indexes as statements that a live table survives: built concurrently, giving up on a lock rather than queueing behind it.
fn migration(advice: &AdviceRun) -> String {
    let mut text = String::from(
        "-- Indexes that perflab measured. CREATE INDEX CONCURRENTLY cannot run inside a transaction block.\nSET lock_timeout = '5s';\n",
    );
    let mut extensions: Vec<&str> = advice.keep.iter().filter_map(|index| index.extension.as_deref()).collect();
    extensions.sort_unstable();
    extensions.dedup();
    for extension in extensions {
        text.push_str(&format!("CREATE EXTENSION IF NOT EXISTS {extension};\n"));
    }
    for index in &advice.keep {
        let statement = index.definition.replacen("CREATE INDEX ", "CREATE INDEX CONCURRENTLY IF NOT EXISTS ", 1);
        text.push_str(&format!("{statement};\n"));
    }
    text.push_str("\n-- To undo:\n");
    for index in &advice.keep {
        let schema = schema_of(&index.definition).map(|schema| format!("{schema}.")).unwrap_or_default();
        text.push_str(&format!("-- DROP INDEX CONCURRENTLY IF EXISTS {schema}{};\n", quote_ident(&index.name)));
    }
    text
}

/// The schema of the table in a CREATE INDEX, as SQL has it. An index lives where its table does, and only CREATE INDEX knows that by itself.
fn schema_of(definition: &str) -> Option<&str> {
    let (_, target) = definition.split_once(" ON ")?;
    let mut quoted = false;
    let end = target.find(|c: char| {
        quoted ^= c == '"';
        !quoted && (c == '.' || c.is_whitespace() || c == '(')
    })?;
    target[end..].starts_with('.').then(|| &target[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::KeptIndex;

    #[test]
    fn what_a_migration_made_in_another_schema_can_be_undone() {
        let index = |name: &str, definition: &str| KeptIndex {
            name: name.into(),
            table: String::new(),
            definition: definition.into(),
            extension: None,
            because: String::new(),
            bytes: 0,
            build_ms: 0.0,
            serves: Vec::new(),
            insert_cost: None,
        };
        let keep = vec![
            index("Ledger_idx", "CREATE INDEX \"Ledger_idx\" ON sales.\"Ledger\" (\"a.b\")"),
            index("carts_idx", "CREATE INDEX carts_idx ON \"my.shop\".carts (id)"),
            index("users_idx", "CREATE INDEX users_idx ON users (lower((name)::text))"),
        ];
        let text = migration(&AdviceRun { keep, ..AdviceRun::default() });
        let undo: Vec<&str> =
            text.lines().filter_map(|line| line.strip_prefix("-- DROP INDEX CONCURRENTLY IF EXISTS ")).collect();
        assert_eq!(undo, ["sales.\"Ledger_idx\";", "\"my.shop\".carts_idx;", "users_idx;"]);
    }
}
