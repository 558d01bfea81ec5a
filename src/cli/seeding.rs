//! The scenario's rows, made unless they are there.

use std::time::Instant;

use anyhow::{Context, bail};
use sha2::{Digest, Sha256};

use crate::db::catalog::Catalog;
use crate::db::lab::{MARK_VERSION, State};
use crate::db::{Connection, DbError, read_catalog};
use crate::report::model::{SeedRun, SeededTable};
use crate::scenario::error::Problem;
use crate::scenario::model::{Data, Schema};
use crate::seed::{self, GENERATOR_VERSION, ReadOptions, SeedEvent, SeedPlan, SeedProblem, Unread};
use crate::units;

use super::amount;
use super::args::SeedArgs;
use super::ddl;
use super::host;
use super::laboratory::Laboratory;
use super::ui::Console;

/// Leaves the lab with the rows that scenario, schema, seed and scale ask for, and says what they are. Rows that an earlier
/// command made of the same are kept.
///
/// # Errors
/// Mistakes in scenario or schema, all at once and before a row is made; a server that fails.
pub async fn ensure_seeded(laboratory: &mut Laboratory, args: &SeedArgs, console: &Console) -> anyhow::Result<SeedRun> {
    let start = Instant::now();
    if laboratory.scenario.data.is_none() {
        return copied_rows(laboratory, console).await;
    }
    let (data, schema) = sources(laboratory, args)?;
    let scale = amount::scale(args, &data, console)?;
    let content = seed::content_digest(&data).context("the files that rows come from cannot be read")?;
    let fingerprint = fingerprint(&data, &schema, scale, &content);
    if let Some(kept) = kept_rows(laboratory, &fingerprint, args.force).await? {
        console.note(format!("{} has these rows already (--force makes them anew)", laboratory.lab.database()));
        return Ok(kept);
    }
    laboratory.lab.recreate().await?;
    let stage = console.stage("seed");
    let target = laboratory.lab.target();
    let mut connection = Connection::open(&target).await?;
    create_tables(&mut connection, &schema).await?;
    let catalog = read_catalog(&mut connection).await?;
    let unprovable = seed::unprovable(&data.checks, &mut connection).await?;
    let mut tell = |event: SeedEvent| stage.at(event.share, event.what);
    let derived = seed::derived(&data, &catalog, &laboratory.scenario.source.text, &mut connection).await?;
    let (derived, wrong) = match derived {
        Ok(derived) => (derived, Vec::new()),
        Err(problems) => (Vec::new(), problems),
    };
    let others = unprovable.into_iter().chain(wrong).collect();
    let plan = SeedPlan { derived, ..plan(laboratory, &data, &catalog, scale, others, &mut tell).await? };
    let refused = seed::trial(&plan, &mut connection).await?;
    if !refused.is_empty() {
        return Err(laboratory.mistakes(refused.into_iter().map(Problem::from).collect()));
    }
    connection.close().await;
    let prepared = start.elapsed().as_secs_f64();
    let seeded = seed::load(&plan, &target, &mut tell).await;
    // A row beyond those that were tried is a mistake of the scenario all the same.
    let seeded = seeded.map_err(|error| match error.into_mistake() {
        Ok(mistake) => laboratory.mistakes(vec![mistake.into()]),
        Err(error) => error.into(),
    })?;
    let seeded = seeded.prepared_in(prepared);
    let stored = serde_json::to_value(&seeded).context("the seeding's result cannot be stored")?;
    laboratory.lab.complete(&fingerprint, stored).await?;
    Ok(seeded)
}

/// The rows of a scenario without data: those of the database that was copied for it.
async fn copied_rows(laboratory: &mut Laboratory, console: &Console) -> anyhow::Result<SeedRun> {
    let file = laboratory.scenario.source.path.display().to_string();
    match seeded_before(laboratory).await? {
        Some((_, kept)) => {
            console.note(format!("{} has the rows that were copied into it", laboratory.lab.database()));
            Ok(SeedRun { reused: true, ..kept })
        }
        None => bail!(
            "{file} has no `data:` section, so there is nothing to seed, and no copy of a database to work on; make one with \
             `perflab advise {file} --database-url URL --copy-here` (or --copy, on the server itself)"
        ),
    }
}

/// Reads what stands in files, and plans all rows.
async fn plan(
    laboratory: &Laboratory,
    data: &Data,
    catalog: &Catalog,
    scale: f64,
    others: Vec<SeedProblem>,
    tell: &mut dyn FnMut(SeedEvent),
) -> anyhow::Result<SeedPlan> {
    let options = ReadOptions { rejects: laboratory.rejects.clone(), threads: host::cores() as usize };
    let mistakes = |problems: Vec<SeedProblem>| laboratory.mistakes(problems.into_iter().map(Problem::from).collect());
    match SeedPlan::reading(data, catalog, scale, &options, tell).await {
        Ok(plan) if others.is_empty() => Ok(plan),
        Ok(_) => Err(mistakes(others)),
        Err(Unread::Mistakes(problems)) => Err(mistakes(problems.into_iter().chain(others).collect())),
        Err(Unread::Failed(error)) => Err(error.into()),
    }
}

/// The data section with the seed that was asked for, and the schema.
///
/// # Errors
/// A scenario that lacks one of them.
pub fn sources(laboratory: &Laboratory, args: &SeedArgs) -> anyhow::Result<(Data, Schema)> {
    let Some(mut data) = laboratory.scenario.data.clone() else {
        bail!("{} has no `data:` section, so there is nothing to seed", laboratory.scenario.source.path.display());
    };
    let Some(schema) = laboratory.scenario.schema.clone() else {
        bail!(
            "{} has no `schema:`, so there are no tables to seed; name the file with the DDL",
            laboratory.scenario.source.path.display()
        );
    };
    if let Some(seed) = args.seed {
        data.seed = seed;
    }
    Ok((data, schema))
}

/// The fingerprint and the outcome of a seeding that ended; `None` when there is none, or another version's.
///
/// # Errors
/// A server that fails; a database of that name that is not perflab's.
pub async fn seeded_before(laboratory: &mut Laboratory) -> anyhow::Result<Option<(String, SeedRun)>> {
    let mark = laboratory.lab.mark().await?;
    let ended = mark.filter(|mark| mark.perflab == MARK_VERSION && mark.state == State::Complete);
    // A mark that another version wrote differently is no reason to fail: the rows are made anew.
    Ok(ended.and_then(|mark| Some((mark.fingerprint, serde_json::from_value(mark.seeded).ok()?))))
}

async fn kept_rows(laboratory: &mut Laboratory, fingerprint: &str, force: bool) -> anyhow::Result<Option<SeedRun>> {
    let before = seeded_before(laboratory).await?.filter(|(mark, _)| !force && mark == fingerprint);
    Ok(before.map(|(_, kept)| SeedRun { reused: true, ..kept }))
}

/// Runs the schema file. What it sets for its session (`pg_dump` empties the search path) is set back.
async fn create_tables(connection: &mut Connection, schema: &Schema) -> anyhow::Result<()> {
    let cannot = || format!("the schema {} cannot be made", schema.path.display());
    let statements = ddl::statements(&schema.sql).map_err(|found| {
        let position = schema.sql[..found.at].chars().count() + 1;
        anyhow::anyhow!("{}{}", found.why, place_in(schema, position))
    });
    connection.batch(&statements.with_context(cannot)?).await.map_err(|error| in_schema(&error, schema)).with_context(cannot)?;
    connection.batch("RESET ALL; RESET ROLE").await?;
    Ok(())
}

/// The server's message with its position as line and column of the schema file, and what to do where that is known.
fn in_schema(error: &DbError, schema: &Schema) -> anyhow::Error {
    let Some(message) = error.server_message() else { return anyhow::anyhow!("{error}") };
    let place = message.position.map_or(String::new(), |position| place_in(schema, position));
    match next_step(&message.sqlstate, &message.message) {
        Some(next) => anyhow::anyhow!("{message}; {next}{place}"),
        None => anyhow::anyhow!("{message}{place}"),
    }
}

/// What helps where a schema asks for something that is not on this server.
fn next_step(sqlstate: &str, message: &str) -> Option<String> {
    let quoted = message.split('"').nth(1).unwrap_or_default();
    // The server names the extension, or before version 16 the file that describes it.
    let extension = quoted.rsplit('/').next().and_then(|name| name.split(".control").next()).unwrap_or_default();
    match sqlstate {
        "0A000" | "58P01" if message.contains("extension") => Some(format!(
            "the schema needs the extension `{extension}`, which is not installed beside this server: install the package that has it \
             (postgresql-contrib has those that come with PostgreSQL), or seed a server that has it with --database-url"
        )),
        "42704" if message.starts_with("role ") => Some(
            "a lab has no roles of other servers; write the schema with `pg_dump --schema-only --no-owner --no-privileges`"
                .to_owned(),
        ),
        _ => None,
    }
}

/// A character of the schema file (from 1) as line and column, with the line.
fn place_in(schema: &Schema, position: usize) -> String {
    let before: String = schema.sql.chars().take(position.saturating_sub(1)).collect();
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    let text = schema.sql.lines().nth(line - 1).unwrap_or_default();
    format!("\n --> {}:{line}:{column}\n  | {text}\n  | {}^", schema.path.display(), " ".repeat(column - 1))
}

/// Equal fingerprints mean equal rows: it covers the data section without the places where its words stand, the schema, the scale and
/// the version of the generator; `content` stands for what is in the files that rows come from.
pub fn fingerprint(data: &Data, schema: &Schema, scale: f64, content: &str) -> String {
    let mut words = format!("{data:?}");
    while let Some(start) = words.find(", at: Location {") {
        let end = words[start..].find('}').map_or(words.len(), |offset| start + offset + 1);
        words.replace_range(start..end, "");
    }
    let digest = Sha256::new()
        .chain_update(words)
        .chain_update(&schema.sql)
        .chain_update(content)
        .chain_update(scale.to_be_bytes())
        .chain_update(GENERATOR_VERSION.to_be_bytes())
        .finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether every table and column got what was asked, the sums are as expected, and every claim that can be held against these rows
/// holds.
pub fn as_asked(seeded: &SeedRun) -> bool {
    let sums = seeded.expected.as_ref().is_none_or(|expected| expected.total_rows == expected.got);
    let claims = seeded.checks.iter().all(|check| check.held != Some(false));
    let table = |table: &SeededTable| table.asked == table.rows && table.columns.iter().all(|column| column.off.is_none());
    sums && claims && seeded.tables.iter().all(table)
}

/// What the scenario says of its rows and they do not show, a sentence each: counts and claims.
pub fn contradicted(seeded: &SeedRun) -> Vec<String> {
    let expected = seeded.expected.iter().filter(|expected| expected.total_rows != expected.got);
    let sums = expected.map(|expected| {
        let (asked, got) = (units::count(expected.total_rows), units::count(expected.got));
        format!("The scenario expects {asked} rows in all; there are {got}.")
    });
    let broken = seeded.checks.iter().filter(|check| check.held == Some(false));
    let claims = broken.map(|check| {
        let (expected, got) = (check.expected(), check.got_text());
        format!("The data does not show what the scenario claims, {}: expected {expected}, got {got}.", check.claim)
    });
    sums.chain(claims).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::scenario::model::Source;

    fn data(text: &str) -> Data {
        let source = Source { path: "s.yaml".into(), text: text.to_owned() };
        let none = |_: &Path| Err(std::io::Error::new(std::io::ErrorKind::NotFound, "no such file"));
        crate::scenario::parse(source, none).unwrap_or_else(|errors| panic!("{errors}")).data.expect("a data section")
    }

    #[test]
    fn the_fingerprint_sees_rows_and_not_where_they_are_written() {
        let schema = Schema { path: "schema.sql".into(), sql: "CREATE TABLE t (id int)".into() };
        let of = |text: &str, scale| fingerprint(&data(text), &schema, scale, "");
        let plain = of("name: s\ndata: {seed: 1, tables: {t: {rows: 5}}}\n", 1.0);
        assert_eq!(plain, of("name: s\n\n# moved\ndata:\n  seed: 1\n  tables:\n    t: {rows:   5}\n", 1.0));
        assert_ne!(plain, of("name: s\ndata: {seed: 1, tables: {t: {rows: 6}}}\n", 1.0), "rows");
        assert_ne!(plain, of("name: s\ndata: {seed: 2, tables: {t: {rows: 5}}}\n", 1.0), "seed");
        assert_ne!(plain, of("name: s\ndata: {seed: 1, tables: {t: {rows: 5}}}\n", 2.0), "scale");
        let other = Schema { sql: "CREATE TABLE t (id bigint)".into(), ..schema.clone() };
        assert_ne!(plain, fingerprint(&data("name: s\ndata: {seed: 1, tables: {t: {rows: 5}}}\n"), &other, 1.0, ""), "schema");
        let plainly = data("name: s\ndata: {seed: 1, tables: {t: {rows: 5}}}\n");
        assert_ne!(plain, fingerprint(&plainly, &schema, 1.0, "ab"), "content of files");
    }
}
