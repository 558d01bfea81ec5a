//! The music service's rows by perflab, beside the same rows from files: by the same client code, and by the server itself.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context;
use futures_util::future::try_join_all;
use perflab::db::catalog::TableName;
use perflab::db::keys::{Stripped, strip};
use perflab::db::{Connection, CopyIn, RowSink, Target, read_catalog};
use perflab::scenario::model::Scenario;
use perflab::seed::encode::{COPY_HEADER, COPY_TRAILER};
use perflab::seed::values::Context as RowContext;
use perflab::seed::{SeedPlan, TablePlan};

use crate::project::{Project, readable_by_all};
use crate::{median, verdict};

/// What perflab must reach of the speed of the same rows from files.
const BAR: f64 = 0.7;

/// Seconds for the music service on two cores, everything included.
const MOST_SECONDS: f64 = 3.0;

/// A table's rows in a file of PostgreSQL's binary format.
struct RowFile {
    table: TableName,
    columns: Vec<String>,
    path: PathBuf,
    bytes: u64,
}

#[derive(Clone, Copy)]
enum Way {
    Client,
    Server,
}

pub fn compare(project: &Project, rounds: usize) -> anyhow::Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/music.yaml");
    let scenario = perflab::scenario::load(&path)?;
    let first = project.seed(&path, &[])?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let files = runtime.block_on(write_files(project, &scenario))?;
    let (mut seeded, mut client, mut server) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let run = project.seed(&path, &[])?;
        // The files' clock begins at bare tables and ends before anything is counted, which two sessions share.
        seeded.push((run.seconds, run.seconds - run.phases.preparing - run.phases.counts / 2.0));
        client.push(runtime.block_on(load_files(project, &scenario, &files, Way::Client))?);
        server.push(runtime.block_on(load_files(project, &scenario, &files, Way::Server))?);
    }
    let whole = median(seeded.iter().map(|(whole, _)| *whole).collect());
    let loaded = median(seeded.iter().map(|(_, loaded)| *loaded).collect());
    println!("music: {} rows with keys, foreign keys, VACUUM (ANALYZE) and counts; median of {rounds}", first.rows);
    println!("  perflab seed                       {whole:.2} s   {}", verdict(whole < MOST_SECONDS, "3 s"));
    println!("  from bare tables to checked keys   {loaded:.2} s");
    for (name, seconds) in
        [("COPY of files by the same client     ", median(client)), ("COPY of files by the server, FREEZE ", median(server))]
    {
        let ratio = seconds / loaded;
        println!("  {name}{seconds:.2} s   perflab at {ratio:.2} of its speed, {}", verdict(ratio >= BAR, "0.7"));
    }
    println!();
    Ok(())
}

async fn write_files(project: &Project, scenario: &Scenario) -> anyhow::Result<Vec<RowFile>> {
    let data = scenario.data.as_ref().context("music has data")?;
    let mut connection = Connection::open(&Target::parse(&project.url("perflab_music")?)?).await?;
    let catalog = read_catalog(&mut connection).await?;
    connection.close().await;
    let plan = SeedPlan::new(data, &catalog, 1.0).map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
    let mut files = plan.tables.iter().map(|table| write_file(project, table)).collect::<anyhow::Result<Vec<_>>>()?;
    files.sort_by_key(|file| std::cmp::Reverse(file.bytes));
    Ok(files)
}

fn write_file(project: &Project, table: &TablePlan) -> anyhow::Result<RowFile> {
    let path = project.folder.join(format!("{}.copy", table.name));
    let mut file = std::fs::File::create(&path)?;
    let (mut bytes, mut context) = (COPY_HEADER.to_vec(), RowContext::rows());
    for chunk in 0..table.chunks() {
        table.write_rows(table.chunk(chunk), &mut context, &mut bytes)?;
        file.write_all(&bytes)?;
        bytes.clear();
    }
    file.write_all(COPY_TRAILER)?;
    readable_by_all(&path)?;
    let bytes = file.metadata()?.len();
    Ok(RowFile { table: table.name.clone(), columns: table.columns.clone(), path, bytes })
}

/// Seconds from bare tables to checked foreign keys, as `perflab seed` counts them.
async fn load_files(project: &Project, scenario: &Scenario, files: &[RowFile], way: Way) -> anyhow::Result<f64> {
    project.psql("postgres", "DROP DATABASE IF EXISTS from_files")?;
    project.psql("postgres", "CREATE DATABASE from_files")?;
    let target = Target::parse(&project.url("from_files")?)?;
    let mut sessions = [Connection::open(&target).await?, Connection::open(&target).await?];
    sessions[0].batch(&scenario.schema.as_ref().context("music has a schema")?.sql).await?;
    let start = Instant::now();
    let names: Vec<&TableName> = files.iter().map(|file| &file.table).collect();
    let stripped = strip(&mut sessions[0], &names).await?;
    let queue = RefCell::new(files.iter().collect::<VecDeque<_>>());
    let workers = sessions.iter_mut().map(|session| async {
        loop {
            let next = queue.borrow_mut().pop_front();
            let Some(file) = next else { return anyhow::Ok(()) };
            load_file(file, &stripped, session, way).await?;
        }
    });
    try_join_all(workers).await?;
    for key in &stripped.foreign_keys {
        key.declare(&mut sessions[0]).await?;
    }
    let queue = RefCell::new(files.iter().map(|file| &file.table).collect::<VecDeque<_>>());
    let workers = sessions.iter_mut().map(|session| async {
        loop {
            let next = queue.borrow_mut().pop_front();
            let Some(table) = next else { return anyhow::Ok(()) };
            for key in stripped.foreign_keys.iter().filter(|key| key.table == *table) {
                key.check(session).await?;
            }
        }
    });
    try_join_all(workers).await?;
    let seconds = start.elapsed().as_secs_f64();
    for session in sessions {
        session.close().await;
    }
    Ok(seconds)
}

async fn load_file(file: &RowFile, stripped: &Stripped, session: &mut Connection, way: Way) -> anyhow::Result<()> {
    let table = file.table.sql();
    session.batch(&format!("BEGIN; TRUNCATE {table}")).await?;
    match way {
        Way::Client => send(file, session).await?,
        Way::Server => {
            let columns: Vec<String> = file.columns.iter().map(|column| perflab::sql::quote_ident(column)).collect();
            let path = perflab::sql::quote_literal(&file.path.to_string_lossy());
            session.batch(&format!("COPY {table} ({}) FROM {path} (FORMAT binary, FREEZE)", columns.join(", "))).await?;
        }
    }
    session.batch("COMMIT").await?;
    for key in stripped.keys_of(&file.table) {
        key.build(session).await?;
        key.attach(session).await?;
    }
    session.batch(&format!("VACUUM (ANALYZE) {table}")).await?;
    Ok(())
}

async fn send(file: &RowFile, session: &mut Connection) -> anyhow::Result<()> {
    let mut sink = CopyIn::begin(session, &file.table, &file.columns, true).await?;
    let mut source = std::fs::File::open(&file.path)?;
    let mut piece = vec![0; 256 * 1024];
    loop {
        let read = source.read(&mut piece)?;
        if read == 0 {
            break;
        }
        sink.send(&piece[..read]).await?;
    }
    sink.finish().await?;
    Ok(())
}
