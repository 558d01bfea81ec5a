//! The groups of fields that some nodes have: buffers, sorts, hashes, workers …
//!
//! Fields keep PostgreSQL's names and units (its kB are 1,024 bytes, its blocks usually 8 kB, its times milliseconds).

use serde_json::{Map, Value};

/// Blocks touched, children and all loops included. Only with BUFFERS.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Buffers {
    pub shared_hit: u64,
    pub shared_read: u64,
    pub shared_dirtied: u64,
    pub shared_written: u64,
    pub local_hit: u64,
    pub local_read: u64,
    pub local_dirtied: u64,
    pub local_written: u64,
    pub temp_read: u64,
    pub temp_written: u64,
}

/// Time spent in reads and writes, ms. Only with BUFFERS and `track_io_timing`.
///
/// PostgreSQL up to 14 knows `read` and `write` alone, 15 and 16 add the temporary files, 17 splits shared from local; fields
/// that the server did not send are `None`, which is how the text layout of each version is told apart.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct IoTimes {
    /// `I/O Read Time` (up to 16).
    pub read_ms: Option<f64>,
    /// `I/O Write Time` (up to 16).
    pub write_ms: Option<f64>,
    pub shared_read_ms: Option<f64>,
    pub shared_write_ms: Option<f64>,
    pub local_read_ms: Option<f64>,
    pub local_write_ms: Option<f64>,
    pub temp_read_ms: Option<f64>,
    pub temp_write_ms: Option<f64>,
}

/// Write-ahead log made, children included; what triggers write is not in it. Only with WAL.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Wal {
    pub records: u64,
    pub full_page_images: u64,
    pub bytes: u64,
    /// From PostgreSQL 18.
    pub buffers_full: u64,
}

/// How a sort went.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SortUse {
    /// `quicksort`, `top-N heapsort`, `external merge`, `external sort`, `still in progress`
    pub method: String,
    pub space_kb: f64,
    /// `Memory` or `Disk`
    pub space_type: String,
}

/// The groups of an incremental sort: `Full-sort Groups` or `Pre-sorted Groups`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SortGroups {
    pub count: f64,
    pub methods: Vec<String>,
    pub memory: Option<SortSpace>,
    pub disk: Option<SortSpace>,
}

/// Space of an incremental sort's groups.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct SortSpace {
    pub average_kb: f64,
    pub peak_kb: f64,
}

/// A hash join's table.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct HashUse {
    pub buckets: f64,
    pub original_buckets: f64,
    /// More than one means it went to temporary files.
    pub batches: f64,
    pub original_batches: f64,
}

/// What a Memoize node kept and lost.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct CacheUse {
    pub hits: f64,
    pub misses: f64,
    pub evictions: f64,
    pub overflows: f64,
}

/// One set of `GROUPING SETS`: its keys, hashed or sorted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GroupingSet {
    /// When the set needs its own sort.
    pub sort_key: Vec<String>,
    pub keys: KeySet,
}

/// The keys of a grouping set; an empty inner list is the grand total.
#[derive(Debug, Clone, PartialEq)]
pub enum KeySet {
    Hash(Vec<Vec<String>>),
    Group(Vec<Vec<String>>),
}

impl Default for KeySet {
    fn default() -> Self {
        KeySet::Group(Vec::new())
    }
}

/// `TABLESAMPLE`
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sampling {
    pub method: String,
    pub parameters: Vec<String>,
    pub repeatable_seed: Option<String>,
}

/// A tuple store's largest size, from PostgreSQL 18.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Storage {
    /// `Memory` or `Disk`
    pub kind: String,
    pub maximum_kb: f64,
}

/// `ON CONFLICT`
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Conflict {
    /// `NOTHING` or `UPDATE`
    pub resolution: Option<String>,
    pub arbiter_indexes: Vec<String>,
    pub filter: Option<String>,
    pub removed_by_filter: Option<f64>,
    pub conflicting: Option<f64>,
}

/// What a MERGE (`inserted` also: what an INSERT … ON CONFLICT) did, rows.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct MergeCounts {
    pub inserted: Option<f64>,
    pub updated: Option<f64>,
    pub deleted: Option<f64>,
    pub skipped: Option<f64>,
}

/// One table of an UPDATE or DELETE over several (partitions, inheritance).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TargetTable {
    pub relation: String,
    pub schema: Option<String>,
    pub alias: String,
    /// What a foreign data wrapper adds.
    pub other: Map<String, Value>,
}

/// What one parallel worker did at a node. Figures are the worker's own: times and rows per loop.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Worker {
    pub number: f64,
    pub startup_ms: Option<f64>,
    pub total_ms: Option<f64>,
    pub rows: Option<f64>,
    pub loops: Option<f64>,
    pub sort: Option<SortUse>,
    pub full_sort_groups: Option<SortGroups>,
    pub presorted_groups: Option<SortGroups>,
    pub cache: Option<CacheUse>,
    pub hashagg_batches: Option<f64>,
    pub peak_memory_kb: Option<f64>,
    pub disk_kb: Option<f64>,
    pub exact_heap_blocks: Option<f64>,
    pub lossy_heap_blocks: Option<f64>,
    pub jit: Option<Jit>,
    pub buffers: Option<Buffers>,
    pub io: Option<IoTimes>,
    pub wal: Option<Wal>,
    pub other: Map<String, Value>,
}

/// Just-in-time compilation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Jit {
    pub functions: f64,
    pub inlining: bool,
    pub optimization: bool,
    pub expressions: bool,
    pub deforming: bool,
    /// Absent without timing.
    pub total_ms: Option<f64>,
    pub generation_ms: f64,
    /// Part of the generation, from PostgreSQL 17.
    pub deform_ms: Option<f64>,
    pub inlining_ms: f64,
    pub optimization_ms: f64,
    pub emission_ms: f64,
}

/// Turning the rows into what goes over the wire: `EXPLAIN (SERIALIZE)`, from PostgreSQL 17.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Serialization {
    pub time_ms: Option<f64>,
    pub output_kb: f64,
    /// `text` or `binary`
    pub format: String,
    pub buffers: Option<Buffers>,
    pub io: Option<IoTimes>,
}
