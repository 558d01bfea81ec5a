//! `perflab seed --export`: every seeded table as a CSV file.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::db::catalog::Catalog;
use crate::db::{Connection, copy_out, read_catalog};
use crate::report::model::SeedRun;
use crate::sql::quote_ident;
use crate::units;

use super::laboratory::Laboratory;
use super::ui::Console;

/// What makes the server write values so that they are read back as they were, whatever its own settings are.
const SPELLING: &str = "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET extra_float_digits = 1; \
     SET bytea_output = 'hex'";

/// Where tables are written.
#[derive(Debug, Clone, Copy)]
pub struct Export<'a> {
    pub folder: &'a Path,
    /// `.csv.gz` instead of `.csv`.
    pub zipped: bool,
}

/// Writes the tables of a seeding, a header line first, in the order in which their rows stand. Generated columns are left out, so that a
/// scenario with `from:` of these files makes the same rows.
///
/// # Errors
/// A file that cannot be written, or a server that fails.
pub async fn export(laboratory: &Laboratory, seeded: &SeedRun, to: Export<'_>, console: &Console) -> anyhow::Result<()> {
    std::fs::create_dir_all(to.folder).with_context(|| format!("the folder {} cannot be made", to.folder.display()))?;
    let mut connection = Connection::open(&laboratory.lab.target()).await?;
    connection.batch(SPELLING).await?;
    let catalog = read_catalog(&mut connection).await?;
    let stage = console.stage("export");
    let mut bytes = 0;
    for (done, table) in seeded.tables.iter().enumerate() {
        stage.at(done as f64 / seeded.tables.len() as f64, table.name.clone());
        let Some(statement) = statement(&catalog, &table.name) else { continue };
        let extension = if to.zipped { "csv.gz" } else { "csv" };
        // A slash in a quoted name would be a folder.
        let path = to.folder.join(format!("{}.{extension}", table.name.replace(['/', '\0'], "_")));
        bytes += write(&path, to.zipped, &statement, &mut connection).await?;
    }
    connection.close().await;
    drop(stage);
    let tables = units::counted(seeded.tables.len() as u64, "table", "tables");
    console.note(format!("exported {tables}, {} of CSV, to {}", units::bytes(bytes), to.folder.display()));
    Ok(())
}

fn statement(catalog: &Catalog, table: &str) -> Option<String> {
    let found = catalog.find(table)?;
    let columns = found.columns.iter().filter(|column| !column.generated).map(|column| quote_ident(&column.name));
    let columns = columns.collect::<Vec<_>>().join(", ");
    // A query, because COPY of a partitioned table itself is refused.
    Some(format!("COPY (SELECT {columns} FROM {}) TO STDOUT (FORMAT csv, HEADER)", found.name.sql()))
}

/// Writes what a COPY returns; the bytes of CSV.
async fn write(path: &PathBuf, zipped: bool, statement: &str, connection: &mut Connection) -> anyhow::Result<u64> {
    let unwritable = || format!("{} cannot be written", path.display());
    let file = BufWriter::new(File::create(path).with_context(unwritable)?);
    let mut out = if zipped { Out::Zipped(GzEncoder::new(file, Compression::fast())) } else { Out::Plain(file) };
    let mut bytes = 0;
    let mut take = |piece: &[u8]| {
        bytes += piece.len() as u64;
        out.write(piece)
    };
    copy_out(connection, statement, &mut take).await?.with_context(unwritable)?;
    out.finish().with_context(unwritable)?;
    Ok(bytes)
}

enum Out {
    Plain(BufWriter<File>),
    Zipped(GzEncoder<BufWriter<File>>),
}

impl Out {
    fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        match self {
            Out::Plain(file) => file.write_all(piece),
            Out::Zipped(zip) => zip.write_all(piece),
        }
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Out::Plain(mut file) => file.flush(),
            Out::Zipped(zip) => zip.finish()?.flush(),
        }
    }
}
