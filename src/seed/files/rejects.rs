//! Records that are no rows of their table: why, how many, and the file that keeps them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// How many rejected records a message shows.
const EXAMPLES: usize = 3;

/// Why a record is no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    Fields,
    Quote,
    Encoding,
    Null,
    NoValue,
    TooLong,
    Check,
    Duplicate,
    Orphan,
}

impl Reason {
    /// For the outcome: `orphan`, `duplicate key`, …
    pub fn words(self) -> &'static str {
        match self {
            Reason::Fields => "wrong number of fields",
            Reason::Quote => "a quote that is not closed",
            Reason::Encoding => "not UTF-8",
            Reason::Null => "NULL in a NOT NULL column",
            Reason::NoValue => "not a value of the column's type",
            Reason::TooLong => "too long for the column",
            Reason::Check => "outside of a CHECK",
            Reason::Duplicate => "duplicate key",
            Reason::Orphan => "orphan",
        }
    }
}

/// A record that is no row.
#[derive(Debug, Clone, PartialEq)]
pub struct Reject {
    pub reason: Reason,
    /// `None`: the record as a whole. Several columns of a key are joined by commas.
    pub column: Option<String>,
    pub detail: String,
}

impl Reject {
    pub fn whole(reason: Reason, detail: impl Into<String>) -> Reject {
        Reject { reason, column: None, detail: detail.into() }
    }
}

/// Counts rejected records and writes them down.
pub struct Rejects {
    path: PathBuf,
    /// Opened by the first.
    file: Option<BufWriter<File>>,
    pub counts: BTreeMap<(Reason, Option<String>), u64>,
    pub total: u64,
    /// `reviews.csv:12: …`
    pub examples: Vec<String>,
}

impl Rejects {
    /// Into `path`; a file that stands there from another time goes.
    pub fn into_file(path: PathBuf) -> io::Result<Rejects> {
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        Ok(Rejects { path, file: None, counts: BTreeMap::new(), total: 0, examples: Vec::new() })
    }

    /// Adds a record that stands at a line of a file.
    pub fn add(&mut self, from: &Path, line: u64, record: &[u8], reject: Reject) -> io::Result<()> {
        if self.examples.len() < EXAMPLES {
            let column = reject.column.as_ref().map_or(String::new(), |column| format!(" ({column})"));
            self.examples.push(format!("{}:{line}: {}{column}", from.display(), reject.detail));
        }
        if self.file.is_none() {
            if let Some(folder) = self.path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            let mut file = BufWriter::new(File::create(&self.path)?);
            file.write_all(b"file,line,reason,column,detail,record\n")?;
            self.file = Some(file);
        }
        if let Some(file) = &mut self.file {
            let record = record.strip_suffix(b"\n").unwrap_or(record);
            let record = record.strip_suffix(b"\r").unwrap_or(record);
            put_quoted(file, from.display().to_string().as_bytes())?;
            write!(file, ",{line},{},", reject.reason.words())?;
            put_quoted(file, reject.column.as_deref().unwrap_or_default().as_bytes())?;
            file.write_all(b",")?;
            put_quoted(file, reject.detail.as_bytes())?;
            file.write_all(b",")?;
            put_quoted(file, record)?;
            file.write_all(b"\n")?;
        }
        self.total += 1;
        *self.counts.entry((reject.reason, reject.column)).or_default() += 1;
        Ok(())
    }

    /// Writes what is left; the file's path when there is one.
    pub fn finish(&mut self) -> io::Result<Option<PathBuf>> {
        let Some(mut file) = self.file.take() else { return Ok(None) };
        file.flush()?;
        Ok(Some(self.path.clone()))
    }

    /// Records rejected for one reason.
    pub fn of(&self, reason: Reason) -> u64 {
        self.counts.iter().filter(|((counted, _), _)| *counted == reason).map(|(_, count)| count).sum()
    }
}

/// In quotes where the text needs them.
fn put_quoted(out: &mut impl Write, text: &[u8]) -> io::Result<()> {
    if !text.iter().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        return out.write_all(text);
    }
    out.write_all(b"\"")?;
    for part in text.split_inclusive(|byte| *byte == b'"') {
        out.write_all(part)?;
        if part.ends_with(b"\"") {
            out.write_all(b"\"")?;
        }
    }
    out.write_all(b"\"")
}
