//! `perflab learn`

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::cli::args::{Cli, LearnArgs};
use crate::cli::ui::Console;
use crate::cli::{Outcome, dump};
use crate::db::{Connection, Target, read_statistics};
use crate::learn::{Learned, Options, learn};
use crate::units::{count, counted};

/// Learns a scenario from a live database, and writes it with its schema.
pub async fn run(cli: &Cli, args: &LearnArgs, console: &Console) -> anyhow::Result<Outcome> {
    let Some(url) = cli.server.url() else {
        anyhow::bail!(
            "say which database to learn from: --database-url postgres://user@host/database; \
             for one of perflab's own server, --database-url \"$(perflab db url perflab_music)\""
        );
    };
    let target = Target::parse(url)?;
    let schema_out = args.schema_out.clone().or_else(|| Some(args.output.as_ref()?.with_extension("sql")));
    may_write([args.output.as_deref(), schema_out.as_deref()], args.force)?;

    let mut connection = Connection::open(&target).await?;
    let (catalog, statistics) = read_statistics(&mut connection).await.context("cannot read the planner's statistics")?;
    connection.close().await;
    let options = Options {
        name: args.name.clone().unwrap_or_else(|| scenario_name(target.database())),
        schema: schema_reference(args.output.as_deref(), schema_out.as_deref()),
        from: target.described(),
        values: args.values,
        tables: args.tables.clone(),
    };
    let learned = learn(&catalog, &statistics, &options)?;

    let schema = match &schema_out {
        Some(path) => write_schema(cli, url, path, console)?,
        None => None,
    };
    for note in &learned.notes {
        console.note(format!("note: {note}"));
    }
    match &args.output {
        None => console.result(&learned.yaml)?,
        Some(path) => {
            write(path, &learned.yaml)?;
            console.result(&summary(&learned, path, schema.as_deref()))?;
        }
    }
    console.json(&learned)?;
    Ok(Outcome::Fine)
}

/// Files are refused before anything is read.
fn may_write(files: [Option<&Path>; 2], force: bool) -> anyhow::Result<()> {
    match files.into_iter().flatten().find(|file| file.exists() && !force) {
        Some(file) => anyhow::bail!("{} exists; --force overwrites it", file.display()),
        None => Ok(()),
    }
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// The schema's file, if there is a way to have it; without one the scenario is still worth writing.
fn write_schema(cli: &Cli, url: &str, path: &Path, console: &Console) -> anyhow::Result<Option<PathBuf>> {
    match dump::schema(&cli.server, url) {
        Ok(sql) => {
            write(path, &sql)?;
            Ok(Some(path.to_owned()))
        }
        Err(why) => {
            console.note(format!("note: {} was not written: {why}", path.display()));
            Ok(None)
        }
    }
}

/// The schema's file as the scenario names it: relative to the scenario's own folder.
fn schema_reference(output: Option<&Path>, schema: Option<&Path>) -> String {
    let Some(schema) = schema else { return "schema.sql".to_owned() };
    let folder = output.and_then(Path::parent).unwrap_or(Path::new(""));
    let inside = schema.strip_prefix(folder).map(Path::to_owned);
    let path = inside.or_else(|_| std::path::absolute(schema)).unwrap_or_else(|_| schema.to_owned());
    path.display().to_string()
}

/// Lower case, digits and `_`, a letter first: what a scenario may be called.
fn scenario_name(database: &str) -> String {
    let database = database.strip_prefix("perflab_").unwrap_or(database);
    let allowed = |c: char| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '_' };
    let name: String = database.to_lowercase().chars().map(allowed).collect();
    let name = if name.starts_with(|c: char| c.is_ascii_lowercase()) { name } else { format!("db_{name}") };
    name.chars().take(40).collect()
}

fn summary(learned: &Learned, path: &Path, schema: Option<&Path>) -> String {
    let rows: u64 = learned.tables.iter().filter_map(|table| table.rows).sum();
    let described = learned.tables.iter().flat_map(|table| &table.columns).filter(|column| column.described.is_some()).count();
    let schema = schema.map_or(String::new(), |schema| format!(", their schema in {}", schema.display()));
    format!(
        "{}: {} with {} rows, {} described, {}{schema}\nnext: perflab seed {}",
        path.display(),
        counted(learned.tables.len() as u64, "table", "tables"),
        count(rows),
        counted(described as u64, "column", "columns"),
        if learned.values { "common values copied" } else { "no value copied" },
        path.display(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_gives_the_scenario_its_name() {
        assert_eq!(scenario_name("perflab_music"), "music");
        assert_eq!(scenario_name("My-Shop"), "my_shop");
        assert_eq!(scenario_name("2024"), "db_2024");
        assert_eq!(scenario_name(&"x".repeat(63)).len(), 40);
    }

    #[test]
    fn the_schema_is_named_from_the_scenarios_folder() {
        let named = |output: Option<&str>, schema: Option<&str>| schema_reference(output.map(Path::new), schema.map(Path::new));
        assert_eq!(named(Some("a/shop.yaml"), Some("a/shop.sql")), "shop.sql");
        assert_eq!(named(Some("shop.yaml"), Some("sql/shop.sql")), "sql/shop.sql");
        assert!(named(Some("a/shop.yaml"), Some("b/shop.sql")).ends_with("/b/shop.sql"));
        assert_eq!(named(None, None), "schema.sql");
    }
}
