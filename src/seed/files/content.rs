//! What stands in files, as a hash.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::csv::{NoFiles, expand};
use crate::scenario::files_of;
use crate::scenario::model::{ColumnSource, Data, Rows};
use crate::seed::digest::chunk_digest;

/// Bytes that are hashed at once.
const PIECE: usize = 1024 * 1024;

/// A hash of all files that the data names, as they are on disk: 64 hexadecimal digits, empty when it names none. It reads each file
/// whole, since neither size nor time of change tells one content from another, at the speed of the disk or of memory (several GB/s).
///
/// # Errors
/// When a file is gone or cannot be read.
pub fn content_digest(data: &Data) -> io::Result<String> {
    let mut sha = Sha256::new();
    let mut any = false;
    for table in &data.tables {
        let whole = match &table.rows {
            Rows::File(from) => from.files.as_slice(),
            _ => &[],
        };
        let values = table.columns.iter().flat_map(|column| match &column.source {
            ColumnSource::Value(value) => files_of(value),
            _ => Vec::new(),
        });
        for pattern in whole.iter().map(|file| &file.value).chain(values.map(|from| &from.file.value)) {
            for path in expand(pattern).map_err(other)? {
                any = true;
                sha.update(table.name.value.as_bytes());
                add(&path, &mut sha)?;
            }
        }
    }
    Ok(if any { sha.finalize().iter().map(|byte| format!("{byte:02x}")).collect() } else { String::new() })
}

fn other(missing: NoFiles) -> io::Error {
    io::Error::other(missing.to_string())
}

fn add(path: &Path, sha: &mut Sha256) -> io::Result<()> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("`{}` could not be read: {error}", path.display()));
    let mut file = File::open(path).map_err(named)?;
    let mut piece = Vec::with_capacity(PIECE);
    loop {
        piece.clear();
        file.by_ref().take(PIECE as u64).read_to_end(&mut piece).map_err(named)?;
        sha.update(chunk_digest(&piece));
        if piece.len() < PIECE {
            return Ok(());
        }
    }
}
