//! Files read by one thread, their records by several, the results in the order of the files.
//!
//! Block `n` goes to thread `n mod threads`; taking from the threads in turn puts the results in order, so the number of threads
//! changes nothing. A thread is at most [`AHEAD`] blocks ahead, which bounds the memory.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use tokio::sync::mpsc;

use crate::csv::{Block, Blocks};

use super::columns::Input;

/// Blocks that a thread may be ahead.
const AHEAD: usize = 2;

/// A block, and where it is from.
pub struct Numbered {
    pub number: u64,
    /// Place of its file among the inputs.
    pub input: usize,
    pub block: Block,
}

/// A file that could not be read.
#[derive(Debug)]
pub struct Unreadable {
    pub path: PathBuf,
    pub source: io::Error,
}

/// The results of the blocks, thread by thread.
pub struct Results<T> {
    threads: Vec<mpsc::Receiver<Result<T, Unreadable>>>,
    next: usize,
}

impl<T: Send + 'static> Results<T> {
    /// Starts reading. `worker` makes what turns blocks into results, once per thread. Dropping the results ends the threads.
    pub fn start<W>(inputs: Arc<Vec<Input>>, threads: usize, mut worker: impl FnMut() -> W) -> Results<T>
    where
        W: FnMut(Numbered) -> T + Send + 'static,
    {
        let mut blocks = Vec::new();
        let mut results = Vec::new();
        for _ in 0..threads.max(1) {
            let (to_worker, from_reader) = sync_channel::<Result<Numbered, Unreadable>>(AHEAD);
            let (to_taker, result) = mpsc::channel(AHEAD);
            let mut work = worker();
            thread::spawn(move || {
                while let Ok(block) = from_reader.recv() {
                    if to_taker.blocking_send(block.map(&mut work)).is_err() {
                        return;
                    }
                }
            });
            blocks.push(to_worker);
            results.push(result);
        }
        thread::spawn(move || read(&inputs, &blocks));
        Results { threads: results, next: 0 }
    }

    /// The next result; `None` after the last.
    pub async fn next(&mut self) -> Option<Result<T, Unreadable>> {
        let result = self.threads[self.next].recv().await;
        self.next = (self.next + 1) % self.threads.len();
        result
    }
}

fn read(inputs: &[Input], workers: &[SyncSender<Result<Numbered, Unreadable>>]) {
    let mut number = 0;
    for (place, input) in inputs.iter().enumerate() {
        let mut blocks = Blocks::open(&input.path, input.dialect);
        loop {
            let next = match &mut blocks {
                Ok(blocks) => blocks.read_block(),
                Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
            };
            let sent = match next {
                Ok(None) => break,
                Ok(Some(block)) => Ok(Numbered { number, input: place, block }),
                Err(source) => Err(Unreadable { path: input.path.clone(), source }),
            };
            let failed = sent.is_err();
            if workers[(number % workers.len() as u64) as usize].send(sent).is_err() || failed {
                return;
            }
            number += 1;
        }
    }
}
