//! Rows made on threads of their own while the ones before are being sent.
//!
//! Chunk `n` is made by thread `n mod threads`; taking from the threads in turn puts the chunks in order, so the number of threads
//! changes no byte. Buffers go back to the thread they came from.

use std::sync::Arc;
use std::sync::mpsc as recycle;
use std::thread;

use tokio::sync::mpsc;

use super::digest::{chunk_digest, data_hash};
use super::error::SeedError;
use super::files::FileFeed;
use super::plan::{RowFailure, SeedPlan, TablePlan};
use super::values::Context;

/// Chunks that a thread may be ahead.
const AHEAD: usize = 2;

/// A piece of a table's rows.
pub struct Chunk {
    pub bytes: Vec<u8>,
    pub rows: u64,
    pub digest: [u8; 16],
    pub(super) buffers: recycle::Sender<Vec<u8>>,
}

impl Drop for Chunk {
    fn drop(&mut self) {
        // The thread may have ended; then nobody needs the buffer.
        let _ = self.buffers.send(std::mem::take(&mut self.bytes));
    }
}

/// The rows of one table, chunk by chunk.
pub enum Feed {
    Made(MadeFeed),
    Read(FileFeed),
}

/// Rows that perflab makes.
pub struct MadeFeed {
    threads: Vec<mpsc::Receiver<Result<Chunk, RowFailure>>>,
    next: usize,
}

impl Feed {
    /// Starts making rows on up to `threads` threads; fewer when there are fewer chunks. Dropping the feed ends them.
    pub fn start(table: &Arc<TablePlan>, threads: usize) -> Feed {
        if let Some(file) = &table.file {
            return Feed::Read(FileFeed::start(table, file, threads));
        }
        let threads = (threads.max(1) as u64).min(table.chunks().max(1));
        let receivers = (0..threads).map(|first| {
            let (sender, receiver) = mpsc::channel(AHEAD);
            let table = table.clone();
            thread::spawn(move || make_chunks(&table, first, threads, &sender));
            receiver
        });
        Feed::Made(MadeFeed { threads: receivers.collect(), next: 0 })
    }

    /// The next chunk; `None` after the last.
    pub async fn next(&mut self) -> Option<Result<Chunk, SeedError>> {
        match self {
            Feed::Made(feed) => {
                let chunk = feed.threads[feed.next].recv().await;
                feed.next = (feed.next + 1) % feed.threads.len();
                chunk.map(|made| made.map_err(SeedError::from))
            }
            Feed::Read(feed) => feed.next().await,
        }
    }
}

fn make_chunks(table: &TablePlan, first: u64, step: u64, sender: &mpsc::Sender<Result<Chunk, RowFailure>>) {
    let (buffers, returned) = recycle::channel::<Vec<u8>>();
    let mut context = Context::rows();
    for number in (first..table.chunks()).step_by(step as usize) {
        let mut bytes = returned.try_recv().unwrap_or_default();
        bytes.clear();
        let rows = table.chunk(number);
        let count = rows.end - rows.start;
        let made = table.write_rows(rows, &mut context, &mut bytes);
        let digest = chunk_digest(&bytes);
        table.put_element_oids(&mut bytes);
        let failed = made.is_err();
        let chunk = Chunk { bytes, rows: count, digest, buffers: buffers.clone() };
        if sender.blocking_send(made.map(|()| chunk)).is_err() || failed {
            return;
        }
    }
}

impl SeedPlan {
    /// Makes all rows, sends them nowhere, and returns their hash: the one a load of the same plan reports, unless it adds to
    /// rows that are there.
    ///
    /// # Errors
    /// The first row with a text that is no value of its column; a file that cannot be read.
    pub async fn data_hash(&self, threads: usize) -> Result<String, SeedError> {
        let mut digests = Vec::with_capacity(self.tables.len());
        for table in &self.tables {
            table.forget_counts();
            let mut digest = table.digest();
            let mut feed = Feed::start(table, threads);
            while let Some(chunk) = feed.next().await {
                digest.add(&chunk?.digest);
            }
            digests.push(digest.finish());
        }
        Ok(data_hash(&digests, None))
    }
}
