//! A database that is there already, copied to be a scenario's lab.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, bail};
use nix::sys::statvfs::statvfs;
use sha2::{Digest, Sha256};

use crate::db::{Connection, DbError, Target};
use crate::report::model::SeedRun;
use crate::server;
use crate::sql::quote_literal;
use crate::units::bytes;

use super::args::ServerArgs;
use super::dump;
use super::host;
use super::laboratory::{self, Laboratory};
use super::ui::Console;

/// The copy itself, and the two that are measured side by side.
const COPIES: u64 = 3;

/// Copies the database beside itself, by `CREATE DATABASE … TEMPLATE`.
///
/// # Errors
/// When somebody is connected to it, when there is no room, when the server refuses.
pub async fn beside(laboratory: &mut Laboratory, source: &Target, console: &Console) -> anyhow::Result<()> {
    let started = Instant::now();
    let seen = Seen::of(source).await?;
    let free = if source.is_local() { seen.data_directory.as_deref().and_then(free_bytes) } else { None };
    seen.fits(source, free, console)?;
    let stage = console.stage("copy");
    stage.at(0.1, format!("{} of {}", bytes(seen.bytes), source.database()));
    if let Err(error) = laboratory.lab.recreate_from(source.database()).await {
        return Err(explained(error, laboratory, source).await);
    }
    complete(laboratory, source, &seen, started).await
}

/// Copies the database into the lab's server, by pg_dump.
///
/// # Errors
/// When there is no room, when pg_dump or psql fail.
pub async fn here(laboratory: &mut Laboratory, args: &ServerArgs, url: &str, console: &Console) -> anyhow::Result<()> {
    let started = Instant::now();
    let source = Target::parse(url)?;
    let seen = Seen::of(&source).await?;
    seen.fits(&source, free_bytes(&args.project), console)?;
    laboratory.lab.recreate().await?;
    let stage = console.stage("copy");
    stage.at(0.1, format!("{} of {}", bytes(seen.bytes), source.database()));
    let mut options = laboratory::options(args);
    options.overrides = None;
    let own = server::ensure(&options, &mut |event| console.note(event.to_string()))?.url(laboratory.lab.database());
    if let Err(reason) = dump::copy(args, url, &own) {
        bail!("{} cannot be copied: {reason}", source.described());
    }
    stage.at(0.9, "VACUUM (ANALYZE)");
    let mut connection = Connection::open(&laboratory.lab.target()).await?;
    connection.batch("VACUUM (ANALYZE)").await?;
    connection.close().await;
    complete(laboratory, &source, &seen, started).await
}

/// What is known of a database before it is copied.
struct Seen {
    bytes: u64,
    rows: u64,
    /// `None` for a login that may not know.
    data_directory: Option<String>,
}

impl Seen {
    async fn of(source: &Target) -> anyhow::Result<Seen> {
        let mut connection = Connection::open(source).await?;
        connection.batch("SET default_transaction_read_only = on").await?;
        let (size, rows, foreign): (i64, f64, i64) = connection
            .row(
                "SELECT pg_database_size(current_database()), \
                 (SELECT coalesce(sum(greatest(c.reltuples, 0)), 0)::float8 FROM pg_class AS c \
                  JOIN pg_namespace AS n ON n.oid = c.relnamespace \
                  WHERE c.relkind = 'r' AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'), \
                 (SELECT count(*) FROM pg_foreign_table)",
            )
            .await?;
        let directory: Result<(String,), DbError> = connection.row("SELECT current_setting('data_directory')").await;
        connection.close().await;
        if foreign > 0 {
            bail!(
                "{} has foreign tables: a copy would write to the same other database as it does. Drop them in a copy of your own, or leave \
                 --copy out for an estimate",
                source.described()
            );
        }
        let data_directory = directory.ok().map(|(directory,)| directory).filter(|directory| !directory.is_empty());
        Ok(Seen { bytes: u64::try_from(size).unwrap_or(0), rows: rows as u64, data_directory })
    }

    /// Says how much is copied, and refuses what there is no room for.
    fn fits(&self, source: &Target, free: Option<u64>, console: &Console) -> anyhow::Result<()> {
        let needed = self.bytes.saturating_mul(COPIES);
        let size = bytes(self.bytes);
        match free {
            Some(free) if free < needed => bail!(
                "{} has {size}, and measuring needs {COPIES} copies of it ({}), but only {} of the disk are free",
                source.described(),
                bytes(needed),
                bytes(free)
            ),
            Some(free) => console.note(format!("copying {} ({size}; {} of the disk are free)", source.described(), bytes(free))),
            None => console.note(format!(
                "copying {} ({size}); how much of the server's disk is free cannot be told from here, and measuring needs {}",
                source.described(),
                bytes(needed)
            )),
        }
        Ok(())
    }
}

/// Of the disk that a folder is on, for everybody; `None` where it cannot be told.
fn free_bytes(folder: impl AsRef<Path>) -> Option<u64> {
    let disk = statvfs(folder.as_ref()).ok()?;
    #[allow(clippy::unnecessary_cast, reason = "the types differ between systems")]
    let free = (disk.blocks_available() as u64).saturating_mul(disk.fragment_size() as u64);
    Some(free)
}

/// Why the server did not copy, with what to do.
async fn explained(error: DbError, laboratory: &mut Laboratory, source: &Target) -> anyhow::Error {
    if error.sqlstate() != "55006" {
        return error.into();
    }
    let sql = format!(
        "SELECT count(*), coalesce(string_agg(DISTINCT coalesce(nullif(application_name, ''), usename::text, 'unknown'), ', '), '') \
         FROM pg_stat_activity WHERE datname = {}",
        quote_literal(source.database())
    );
    let who = match laboratory.lab.maintenance().row::<(i64, String)>(&sql).await {
        Ok((sessions, names)) if sessions > 0 => format!(" ({sessions}: {names})"),
        _ => String::new(),
    };
    anyhow::anyhow!(
        "{} cannot be copied while others are connected to it{who}: the server copies a database that nobody uses. Wait until they are gone, or \
         copy it with --copy-here, which lets them work on, or leave --copy out for an estimate",
        source.described()
    )
}

async fn complete(laboratory: &mut Laboratory, source: &Target, seen: &Seen, started: Instant) -> anyhow::Result<()> {
    let described = source.described();
    // Nobody can tell whether another copy has the same rows, so each has a name of its own.
    let digest = Sha256::new().chain_update(&described).chain_update(host::now()).finalize();
    let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let copied = SeedRun {
        rows: seen.rows,
        seconds: started.elapsed().as_secs_f64(),
        bytes: seen.bytes,
        scale: 1.0,
        because: Some(format!("A copy of {described}, made at {}.", host::now())),
        hash: hash.clone(),
        ..SeedRun::default()
    };
    let stored = serde_json::to_value(&copied).context("the copy's size cannot be stored")?;
    laboratory.lab.complete(&hash, stored).await?;
    Ok(())
}
