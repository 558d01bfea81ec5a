//! A file in pieces that hold whole records.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;
use memchr::{memchr, memrchr};

use super::record::{Dialect, Fields, record_end};

/// Bytes of text in a piece: enough to be worth a trip to another thread, little enough to stay in its cache.
const BLOCK_BYTES: usize = 256 * 1024;

/// A record longer than this has a quote that nobody closed; PostgreSQL takes at most 1 GB, but no honest row comes near.
pub const LONGEST_RECORD: usize = 16 * 1024 * 1024;

/// What a gzip file starts with (RFC 1952, 2.3.1).
const GZIP: &[u8] = &[0x1f, 0x8b];

/// The mark that some programs put before UTF-8.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Some records of a file, whole.
#[derive(Debug, PartialEq, Eq)]
pub struct Block {
    pub bytes: Vec<u8>,
    /// The bytes are one line with a quote that nobody closed.
    pub broken: bool,
    /// The file's first records.
    pub first: bool,
    /// Bytes of the file (compressed, if it is) that were read up to here.
    pub read: u64,
}

/// The pieces of a file. Their borders depend on its text alone.
pub struct Blocks {
    input: Box<dyn Read + Send>,
    dialect: Dialect,
    /// Text of the next piece that was read already.
    carry: Vec<u8>,
    ended: bool,
    first: bool,
    read: Arc<AtomicU64>,
}

impl Blocks {
    /// # Errors
    /// When the file cannot be read.
    pub fn open(path: &Path, dialect: Dialect) -> io::Result<Blocks> {
        let read = Arc::new(AtomicU64::new(0));
        let file = Counted { file: File::open(path)?, read: read.clone() };
        let mut input = BufReader::with_capacity(BLOCK_BYTES, file);
        let zipped = input.fill_buf()?.starts_with(GZIP);
        let input: Box<dyn Read + Send> = if zipped { Box::new(MultiGzDecoder::new(input)) } else { Box::new(input) };
        Ok(Blocks { input, dialect, carry: Vec::new(), ended: false, first: true, read })
    }

    /// The next piece; `None` at the end of the file.
    ///
    /// # Errors
    /// When the file cannot be read any further.
    pub fn read_block(&mut self) -> io::Result<Option<Block>> {
        let mut wanted = BLOCK_BYTES;
        loop {
            self.fill(wanted)?;
            if self.carry.is_empty() {
                return Ok(None);
            }
            let end = last_end(&self.carry, self.dialect);
            match end {
                0 if !self.ended && wanted < LONGEST_RECORD => wanted *= 2,
                0 if !self.ended || is_open(&self.carry, self.dialect) => {
                    let line = memchr(b'\n', &self.carry).map_or(self.carry.len(), |at| at + 1);
                    return Ok(Some(self.cut(line, true)));
                }
                // The last line of a file may lack its newline.
                0 => return Ok(Some(self.cut(self.carry.len(), false))),
                _ => return Ok(Some(self.cut(end, false))),
            }
        }
    }

    fn fill(&mut self, wanted: usize) -> io::Result<()> {
        if self.ended || self.carry.len() >= wanted {
            return Ok(());
        }
        let missing = (wanted - self.carry.len()) as u64;
        let got = self.input.by_ref().take(missing).read_to_end(&mut self.carry)?;
        self.ended = (got as u64) < missing;
        if self.first && self.carry.starts_with(BOM) {
            self.carry.drain(..BOM.len());
        }
        Ok(())
    }

    fn cut(&mut self, end: usize, broken: bool) -> Block {
        let rest = self.carry.split_off(end);
        let bytes = std::mem::replace(&mut self.carry, rest);
        let first = std::mem::replace(&mut self.first, false);
        Block { bytes, broken, first, read: self.read.load(Ordering::Relaxed) }
    }
}

/// Where the last whole record ends; 0 when none does.
fn last_end(text: &[u8], dialect: Dialect) -> usize {
    if dialect.quote.is_none_or(|quote| memchr(quote, text).is_none()) {
        return memrchr(b'\n', text).map_or(0, |at| at + 1);
    }
    let mut at = 0;
    while let Some(end) = record_end(&text[at..], dialect) {
        at += end;
    }
    at
}

fn is_open(record: &[u8], dialect: Dialect) -> bool {
    !Fields::default().read(record, dialect)
}

/// The first record of a file: the names of its columns, or its first row. `None` when the file is empty.
///
/// # Errors
/// When the file cannot be read.
pub fn header(path: &Path, dialect: Dialect) -> io::Result<Option<Vec<String>>> {
    let Some(block) = Blocks::open(path, dialect)?.read_block()? else { return Ok(None) };
    let record = &block.bytes[..record_end(&block.bytes, dialect).unwrap_or(block.bytes.len())];
    let mut fields = Fields::default();
    if !fields.read(record, dialect) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "its first line has a quote that is not closed"));
    }
    let name = |place| fields.get(record, place).map(|(text, _)| String::from_utf8_lossy(text).trim().to_owned());
    Ok(Some((0..fields.len()).filter_map(name).collect()))
}

/// A file that counts what was read of it.
struct Counted {
    file: File,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let got = self.file.read(into)?;
        self.read.fetch_add(got as u64, Ordering::Relaxed);
        Ok(got)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(text: &str) -> Vec<Block> {
        let input = Box::new(io::Cursor::new(text.as_bytes().to_vec()));
        let read = Arc::new(AtomicU64::new(0));
        let mut blocks = Blocks { input, dialect: Dialect::default(), carry: Vec::new(), ended: false, first: true, read };
        std::iter::from_fn(|| blocks.read_block().transpose().map(Result::unwrap)).collect()
    }

    fn texts(text: &str) -> Vec<(String, bool)> {
        blocks(text).into_iter().map(|block| (String::from_utf8(block.bytes).unwrap(), block.broken)).collect()
    }

    #[test]
    fn pieces_end_with_records_and_hold_everything() {
        let long = "x".repeat(BLOCK_BYTES / 3 - 10);
        let text = format!("1,{long}\n2,\"{long}\n\"\n3,{long}\n4,{long}");
        let pieces = blocks(&text);
        assert!(pieces.len() > 1);
        assert!(pieces.iter().all(|block| !block.broken));
        assert_eq!(pieces.iter().map(|block| block.first).collect::<Vec<_>>()[..2], [true, false]);
        let back: Vec<u8> = pieces.into_iter().flat_map(|block| block.bytes).collect();
        assert_eq!(back, text.as_bytes());
    }

    #[test]
    fn a_record_may_be_longer_than_a_piece() {
        let text = format!("1,\"{}\"\n2,b\n", "y\n".repeat(BLOCK_BYTES));
        assert_eq!(blocks(&text).iter().map(|block| block.bytes.len()).sum::<usize>(), text.len());
        assert!(blocks(&text)[0].bytes.len() > BLOCK_BYTES);
    }

    #[test]
    fn after_a_quote_that_nobody_closes_reading_goes_on() {
        let kept = |text: &str| (text.to_owned(), false);
        assert_eq!(texts("1,a\n2,\"b\n3,c\n"), [kept("1,a\n"), ("2,\"b\n".to_owned(), true), kept("3,c\n")]);
        assert_eq!(texts("\u{feff}a,b\n"), [kept("a,b\n")]);
        assert_eq!(texts(""), []);
    }
}
