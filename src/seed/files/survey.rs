//! The first reading of a table's files: which records are rows, how many, and the keys that other tables need.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use memchr::memchr_iter;

use crate::csv::{Block, record_end};
use crate::seed::error::SeedError;
use crate::seed::types::Kind;
use crate::units;

use super::columns::{FileColumn, Input};
use super::encode::RowEncoder;
use super::keys::{KeySet, KeyValue, Stored, key_value};
use super::pipeline::{Numbered, Results};
use super::rejects::{Reason, Reject, Rejects};

/// A key over some of the columns that are read.
#[derive(Debug, Clone)]
pub struct WatchedKey {
    /// Places among the file's columns.
    pub columns: Vec<usize>,
    pub watch: Watch,
}

#[derive(Debug, Clone)]
pub enum Watch {
    /// No two rows share it.
    Unique,
    /// It must be among these.
    Among { parents: Parents, foreign_key: String, parent: String, keep: bool },
    /// It must be a key of another row of the same table: the one that this place among the keys watches.
    Own { unique: usize },
    /// Other tables look it up.
    Referenced,
}

/// The keys that a foreign key may have.
#[derive(Debug, Clone)]
pub enum Parents {
    /// 1 to this.
    Numbered(u64),
    Set(Arc<KeySet>),
}

impl Parents {
    fn contains(&self, key: KeyValue) -> bool {
        match self {
            Parents::Numbered(rows) => (1..=u128::from(*rows)).contains(&key),
            Parents::Set(set) => set.contains(key),
        }
    }
}

/// What to read, and what to look at.
#[derive(Debug, Clone)]
pub struct Task {
    pub columns: Arc<Vec<FileColumn>>,
    pub inputs: Arc<Vec<Input>>,
    pub keys: Arc<Vec<WatchedKey>>,
    /// Columns to keep, by their place among the file's.
    pub kept: Vec<usize>,
    pub limit: Option<u64>,
    /// The share of records that may be rejected.
    pub allowed: f64,
    pub threads: usize,
}

/// Where a block's rows begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// Records of the table before it.
    pub record: u64,
    /// Rows of the table before it.
    pub row: u64,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    pub starts: Vec<Start>,
    /// Numbers of the records that are no rows, rising.
    pub rejected: Vec<u64>,
    pub records: u64,
    pub rows: u64,
    /// Per kept column.
    pub kept: Vec<Stored>,
    /// Per watched key that is unique or referenced.
    pub sets: BTreeMap<usize, KeySet>,
    /// Rows kept without their parent, by foreign key.
    pub orphans: BTreeMap<String, u64>,
    /// Per key that points into the table itself: the rows, in order.
    links: Vec<Vec<Link>>,
}

/// A row of a tree.
#[derive(Debug)]
struct Link {
    own: Option<KeyValue>,
    parent: Option<KeyValue>,
    record: u64,
}

/// Blocks between two words about how far it is.
const TELL_EVERY: u64 = 16;

/// Records after which hopeless files are given up.
const HOPELESS_AFTER: u64 = 10_000;

/// Reads all files once. Records in `known` (by number) are orphans within the table itself.
pub async fn survey(
    task: &Task,
    known: &BTreeSet<u64>,
    rejects: &mut Rejects,
    tell: &mut dyn FnMut(f64, String),
) -> Result<Found, SeedError> {
    let start = Instant::now();
    let mut results = Results::start(task.inputs.clone(), task.threads, || {
        let task = task.clone();
        move |numbered: Numbered| Surveyed::of(&task, numbered)
    });
    let mut found = Found::default();
    found.kept.resize_with(task.kept.len(), Stored::default);
    found.links.resize_with(task.keys.len(), Vec::new);
    for (place, key) in task.keys.iter().enumerate().filter(|(_, key)| matches!(key.watch, Watch::Unique | Watch::Referenced)) {
        found.sets.insert(place, KeySet::new(is_number(&task.columns, key)));
    }
    let of_bytes: u64 = task.inputs.iter().map(|input| input.size).sum::<u64>().max(1);
    let (mut line, mut input) = (1, 0);
    while let Some(surveyed) = results.next().await {
        let surveyed = surveyed.map_err(|unreadable| SeedError::File { path: unreadable.path, source: unreadable.source })?;
        if surveyed.input != input {
            (line, input) = (1, surveyed.input);
        }
        let path = &task.inputs[input].path;
        found.starts.push(Start { record: found.records, row: found.rows });
        for (place, row) in surveyed.rows.iter().enumerate() {
            if task.limit.is_some_and(|limit| found.records >= limit) {
                return Ok(found);
            }
            let number = found.records;
            found.records += 1;
            let fault = match &row.reject {
                Some(reject) => Some(reject.as_ref().clone()),
                None => found.fault(task, &surveyed, place, known.contains(&number)),
            };
            match fault {
                None => found.take(task, &surveyed, place),
                Some(reject) => {
                    found.rejected.push(number);
                    let record = &surveyed.block.bytes[row.start as usize..row.end as usize];
                    let written = rejects.add(path, line + u64::from(row.line), record, reject);
                    written.map_err(|source| SeedError::Rejects { source })?;
                }
            }
        }
        if found.records >= HOPELESS_AFTER && task.allowed < 0.5 && rejects.total > found.records / 2 {
            return Ok(found);
        }
        line += surveyed.lines;
        if found.starts.len() as u64 % TELL_EVERY == 1 {
            let before: u64 = task.inputs[..input].iter().map(|input| input.size).sum();
            let share = (before + surveyed.block.read) as f64 / of_bytes as f64;
            let rate = (found.records as f64 / start.elapsed().as_secs_f64().max(0.001)) as u64;
            tell(share.min(1.0), format!("{} records, {} a second", units::count(found.records), units::count(rate)));
        }
    }
    Ok(found)
}

fn is_number(columns: &[FileColumn], key: &WatchedKey) -> bool {
    matches!(key.columns.as_slice(), [one] if columns[*one].of.kind.is_integer())
}

/// The names of a key's columns.
fn names(columns: &[FileColumn], key: &WatchedKey) -> String {
    key.columns.iter().map(|column| columns[*column].name.as_str()).collect::<Vec<_>>().join(", ")
}

impl Found {
    /// Why a record that is well by itself does not go with the others.
    fn fault(&mut self, task: &Task, surveyed: &Surveyed, place: usize, orphan: bool) -> Option<Reject> {
        let fault = |reason, key: &WatchedKey, detail: &str| {
            Some(Reject { reason, column: Some(names(&task.columns, key)), detail: detail.to_owned() })
        };
        for (at, key) in task.keys.iter().enumerate() {
            let Some(value) = surveyed.keys[at][place] else { continue };
            match &key.watch {
                Watch::Unique if self.sets[&at].contains(value) => {
                    return fault(Reason::Duplicate, key, "an earlier row has the same key");
                }
                Watch::Among { parents, parent, keep: false, .. } if !parents.contains(value) => {
                    return fault(Reason::Orphan, key, &format!("`{parent}` has no such row"));
                }
                Watch::Own { .. } if orphan => return fault(Reason::Orphan, key, "the table has no such row"),
                _ => {}
            }
        }
        None
    }

    fn take(&mut self, task: &Task, surveyed: &Surveyed, place: usize) {
        for (at, key) in task.keys.iter().enumerate() {
            let value = surveyed.keys[at][place];
            match &key.watch {
                Watch::Among { parents, foreign_key, keep: true, .. } => {
                    if value.is_some_and(|value| !parents.contains(value)) {
                        *self.orphans.entry(foreign_key.clone()).or_default() += 1;
                    }
                }
                Watch::Own { unique } => {
                    let (own, record) = (surveyed.keys[*unique][place], self.records - 1);
                    self.links[at].push(Link { own, parent: value, record });
                }
                _ => {
                    if let (Some(value), Some(set)) = (value, self.sets.get_mut(&at)) {
                        set.insert(value);
                    }
                }
            }
        }
        for ((stored, column), kept) in self.kept.iter_mut().zip(&task.kept).zip(&surveyed.kept) {
            stored.push(kept.field(place), task.columns[*column].of.kind);
        }
        self.rows += 1;
    }

    /// The records whose parents within the table are not there, or are such records themselves.
    pub fn own_orphans(&self, task: &Task) -> BTreeSet<u64> {
        let mut orphans = BTreeSet::new();
        loop {
            let before = orphans.len();
            for (at, key) in task.keys.iter().enumerate().filter(|(_, key)| matches!(key.watch, Watch::Own { .. })) {
                let mut alive = KeySet::new(is_number(&task.columns, key));
                let rows = || self.links[at].iter().filter(|link| !orphans.contains(&link.record));
                rows().filter_map(|link| link.own).for_each(|own| alive.insert(own));
                let lost = rows().filter(|link| link.parent.is_some_and(|parent| !alive.contains(parent)));
                let lost: Vec<u64> = lost.map(|link| link.record).collect();
                orphans.extend(lost);
            }
            if orphans.len() == before {
                return orphans;
            }
        }
    }
}

/// A block, looked at by itself.
struct Surveyed {
    input: usize,
    block: Block,
    lines: u64,
    rows: Vec<Row>,
    /// Per watched key and row.
    keys: Vec<Vec<Option<KeyValue>>>,
    /// Per kept column.
    kept: Vec<KeptFields>,
}

struct Row {
    start: u32,
    end: u32,
    /// Lines of the block before it.
    line: u32,
    reject: Option<Box<Reject>>,
}

#[derive(Default)]
struct KeptFields {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl KeptFields {
    fn field(&self, row: usize) -> &[u8] {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.bytes[start as usize..self.ends[row] as usize]
    }
}

impl Surveyed {
    fn of(task: &Task, numbered: Numbered) -> Surveyed {
        let input = &task.inputs[numbered.input];
        let mut encoder = RowEncoder::new(&task.columns);
        let mut surveyed = Surveyed {
            input: numbered.input,
            lines: memchr_iter(b'\n', &numbered.block.bytes).count() as u64,
            rows: Vec::new(),
            keys: vec![Vec::new(); task.keys.len()],
            kept: task.kept.iter().map(|_| KeptFields::default()).collect(),
            block: numbered.block,
        };
        let (mut line, mut counted) = (0, 0);
        for (start, end) in records(&surveyed.block, input) {
            let record = &surveyed.block.bytes[start..end];
            line += memchr_iter(b'\n', &surveyed.block.bytes[counted..start]).count() as u32;
            counted = start;
            let read = if surveyed.block.broken {
                Err(Reject::whole(Reason::Quote, "a quote is not closed"))
            } else {
                encoder.read(record, input)
            };
            for (key, values) in task.keys.iter().zip(&mut surveyed.keys) {
                let fields = key.columns.iter().map(|column| (encoder.field(*column), task.columns[*column].of.kind));
                values.push(if read.is_ok() { key_value(fields) } else { None });
            }
            for (column, kept) in task.kept.iter().zip(&mut surveyed.kept) {
                if read.is_ok() {
                    kept.bytes.extend_from_slice(encoder.field(*column));
                }
                kept.ends.push(kept.bytes.len() as u32);
            }
            surveyed.rows.push(Row { start: start as u32, end: end as u32, line, reject: read.err().map(Box::new) });
        }
        surveyed
    }
}

/// Where the records of a block stand: its header and blank lines left out.
pub fn records<'b>(block: &'b Block, input: &'b Input) -> impl Iterator<Item = (usize, usize)> + 'b {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at;
            let rest = block.bytes.get(start..).filter(|rest| !rest.is_empty())?;
            let length = if block.broken { rest.len() } else { record_end(rest, input.dialect).unwrap_or(rest.len()) };
            at = start + length;
            let named = block.first && input.header && start == 0;
            // A table of one column has rows that are blank lines.
            let blank = input.width > 1 && rest[..length].iter().all(|byte| matches!(byte, b'\n' | b'\r'));
            if !named && !blank {
                return Some((start, at));
            }
        }
    })
}

/// True when both kinds are read into equal keys where their values are equal.
pub fn comparable(one: Kind, other: Kind) -> bool {
    one == other || (one.is_integer() && other.is_integer())
}
