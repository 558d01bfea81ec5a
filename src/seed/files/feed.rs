//! The second reading: rows on their way to the server.

use std::sync::Arc;
use std::sync::mpsc;

use crate::seed::digest::chunk_digest;
use crate::seed::error::SeedError;
use crate::seed::feed::Chunk;
use crate::seed::plan::{PlannedFile, RowFailure, TablePlan};
use crate::seed::text::NotAValue;
use crate::seed::values::{Cell, Context};

use super::FileRows;
use super::encode::RowEncoder;
use super::pipeline::{Numbered, Results};
use super::survey::records;

/// A column as the rows are written.
#[derive(Debug, Clone)]
pub enum Piece {
    /// The file's, by its place among the columns that are read.
    Read(usize),
    /// Made by perflab.
    Made(Arc<Cell>),
}

/// The rows of a table from files, chunk by chunk: one for each block of the files.
pub struct FileFeed {
    results: Results<Result<Chunk, SeedError>>,
    blocks: usize,
    taken: usize,
}

impl FileFeed {
    /// Starts reading on up to `threads` threads.
    pub fn start(table: &Arc<TablePlan>, file: &PlannedFile, threads: usize) -> FileFeed {
        let PlannedFile { rows, pieces } = file;
        let threads = threads.clamp(1, rows.starts.len().max(1));
        let results = Results::start(rows.inputs.clone(), threads, || {
            let (buffers, returned) = mpsc::channel::<Vec<u8>>();
            let (table, rows, pieces) = (table.clone(), rows.clone(), pieces.clone());
            move |numbered: Numbered| {
                let mut bytes = returned.try_recv().unwrap_or_default();
                bytes.clear();
                let count = write(&table, &rows, &pieces, &numbered, &mut bytes)?;
                let digest = chunk_digest(&bytes);
                table.put_element_oids(&mut bytes);
                Ok(Chunk { bytes, rows: count, digest, buffers: buffers.clone() })
            }
        });
        FileFeed { results, blocks: rows.starts.len(), taken: 0 }
    }

    /// The next chunk; `None` after the last.
    pub async fn next(&mut self) -> Option<Result<Chunk, SeedError>> {
        if self.taken == self.blocks {
            return None;
        }
        self.taken += 1;
        let result = self.results.next().await?;
        Some(result.unwrap_or_else(|unreadable| Err(SeedError::File { path: unreadable.path, source: unreadable.source })))
    }
}

/// Appends the rows of a block in the form that binary COPY takes, and returns how many they are.
fn write(table: &TablePlan, rows: &FileRows, pieces: &[Piece], numbered: &Numbered, out: &mut Vec<u8>) -> Result<u64, SeedError> {
    let input = &rows.inputs[numbered.input];
    let changed = || SeedError::Changed { path: input.path.clone() };
    let start = *rows.starts.get(numbered.number as usize).ok_or_else(changed)?;
    let from = rows.rejected.partition_point(|record| *record < start.record);
    let mut rejected = rows.rejected[from..].iter().copied().peekable();
    let mut encoder = RowEncoder::new(&rows.columns);
    let mut context = Context::rows();
    let (mut row, fields) = (start.row, (pieces.len() as u16).to_be_bytes());
    for (record, (start, end)) in (start.record..rows.records).zip(records(&numbered.block, input)) {
        if rejected.next_if_eq(&record).is_some() {
            continue;
        }
        encoder.read(&numbered.block.bytes[start..end], input).map_err(|_| changed())?;
        context.turn_to(row);
        out.extend_from_slice(&fields);
        for piece in pieces {
            match piece {
                Piece::Read(column) => out.extend_from_slice(encoder.field(*column)),
                Piece::Made(cell) => cell.write(&mut context, out),
            }
        }
        row += 1;
        if let Some(reason) = context.take_failure() {
            return Err(failure(table, pieces, row, reason, &mut context).into());
        }
    }
    Ok(row - start.row)
}

/// Which column made the row (from 1) fail: one that fails again.
fn failure(table: &TablePlan, pieces: &[Piece], row: u64, reason: NotAValue, context: &mut Context) -> RowFailure {
    context.turn_to(row - 1);
    let mut fails = |piece: &Piece| match piece {
        Piece::Made(cell) => {
            cell.write(context, &mut Vec::new());
            context.take_failure().is_some()
        }
        Piece::Read(_) => false,
    };
    let place = pieces.iter().position(&mut fails);
    RowFailure {
        table: table.name.to_string(),
        column: place.map_or_else(|| "*".to_owned(), |place| table.columns[place].clone()),
        at: place.map_or(table.at, |place| table.column_at[place]),
        row,
        reason: Box::new(reason),
    }
}
