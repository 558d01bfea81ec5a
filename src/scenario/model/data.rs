//! `data:`, the rows to make: tables, their counts, and where the values of each column come from.

use std::ops::RangeInclusive;

use super::Located;
use super::expect::{Claim, Expect};
use super::file::FileTable;
use super::shape::{Fanout, Pick};
use super::value::{Locale, ValueSpec};

/// `data:`, the rows to make.
#[derive(Debug, Clone)]
pub struct Data {
    /// Every row is a function of (seed, table, row number).
    pub seed: u64,
    /// The newest moment that generated times may have, in microseconds since 1970-01-01 UTC. Fixed (2026-01-01 unless
    /// `until:` says otherwise) so that the same scenario gives the same bytes on any day.
    pub until_us: i64,
    /// `locale: de`, the language of `fake` texts that do not name one.
    pub locale: Locale,
    pub because: Option<String>,
    /// `rows: 1m`, rows of all tables together: the scale when the command line says neither `--scale` nor `--rows`.
    pub rows: Option<u64>,
    /// In the order of the file.
    pub tables: Vec<TableSpec>,
    pub expect: Option<Expect>,
    /// `check:`
    pub checks: Vec<Claim>,
}

impl Data {
    /// The place among the tables of the one that a name means; `public.users` and `users` are the same.
    pub fn place_of(&self, written: &str) -> Option<usize> {
        fn bare(name: &str) -> &str {
            name.strip_prefix("public.").unwrap_or(name)
        }
        self.tables.iter().position(|table| bare(&table.name.value) == bare(written))
    }
}

/// `data.tables.<name>:`
#[derive(Debug, Clone)]
pub struct TableSpec {
    /// `table` or `schema.table`.
    pub name: Located<String>,
    pub rows: Rows,
    /// `fixed: true`: not multiplied by `--scale`.
    pub fixed: bool,
    pub because: Option<String>,
    pub order: Order,
    /// In the order of the file; columns not named here are inferred.
    pub columns: Vec<ColumnSpec>,
}

impl TableSpec {
    /// Columns whose fan-out determines by itself how many rows the table has, with the table referenced and the rows per row of it.
    /// Rows without a parent come on top of those that the fan-out lays.
    pub fn summed_fanouts(&self) -> impl Iterator<Item = (&ColumnSpec, &Reference, f64)> {
        self.columns.iter().filter_map(|column| match &column.source {
            ColumnSource::Reference(reference) => match &reference.assign {
                Assign::Fanout(fanout) if column.nulls < 1.0 => {
                    Some((column, reference, fanout.own_mean()? / (1.0 - column.nulls)))
                }
                _ => None,
            },
            _ => None,
        })
    }
}

/// `rows: 3000`, `rows: 0.3037 per playlists`, or nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum Rows {
    /// Multiplied by `--scale` unless the table is fixed.
    Exactly(u64),
    /// Rounded to the nearest whole number of rows, once, from the other table's count.
    Per { ratio: f64, table: Located<String> },
    /// Not written: the sum of the only fan-out that determines itself, see [`TableSpec::summed_fanouts`].
    Summed,
    /// `from: reviews.csv`: as many as the files have, less those that do not fit. Never scaled.
    File(Box<FileTable>),
    /// `sql: SELECT …`: as many as the statement returns, once all other tables are filled.
    Query(Located<String>),
}

impl Rows {
    /// How many, where that is known from the scenario alone.
    pub fn are_known(&self) -> bool {
        !matches!(self, Rows::File(_) | Rows::Query(_))
    }
}

/// `order:`, in which order the rows of a table stand on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Children of one parent side by side, as the first fan-out lays them.
    #[default]
    Grouped,
    /// Interleaved over the parents by a seeded permutation, as rows arrive in life.
    Shuffled,
}

/// `data.tables.<name>.columns.<name>:`
#[derive(Debug, Clone)]
pub struct ColumnSpec {
    pub name: Located<String>,
    pub source: ColumnSource,
    /// `nulls: 5%`, the share of rows without a value, 0 to 1.
    pub nulls: f64,
    /// The description in words, for whoever compares what came out: `1% 20-30, rest 1-5`.
    pub words: String,
}

/// Where the values of a column come from.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnSource {
    /// `{ref: playlists, …}`: the key of a row of another table, whether or not the schema declares the foreign key.
    Reference(Reference),
    /// `{through: [users_playlist_position.playlist_id, playlist_songs.song_id]}`
    Through(Through),
    /// A value of its own.
    Value(ValueSpec),
}

/// `{ref: table, fanout: … | pick: …, unique_per: column}`
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    pub table: Located<String>,
    pub assign: Assign,
    /// `unique_per: song_id`: rows that share that column's value never share this one. The table referenced must be
    /// small (its rows are drawn without replacement for each group).
    pub unique_per: Option<Located<String>>,
}

/// How children find their parents.
#[derive(Debug, Clone, PartialEq)]
pub enum Assign {
    /// `fanout:`, the number of children of each parent follows a distribution; the sum is the table's row count, exactly.
    Fanout(Fanout),
    /// `pick:`, each child chooses its parent by itself.
    Pick(Pick),
    /// `depth: 4`, a tree in the table itself, with this many levels; `roots: 12`, how many rows have no parent. Every level is
    /// larger than the one before by the same factor, and its rows choose parents there.
    Tree { depth: u64, roots: Option<u64> },
}

/// A foreign key that a row can reach by following others: `through: [a.x, b.y]` starts at the row of `a` that this row
/// references, or else from the value that it shares with table `a` (both reference the same table), takes `x` of that or of a
/// matching row of `a`, then `y` of a row of `b` that has the same `x`.
#[derive(Debug, Clone, PartialEq)]
pub struct Through {
    /// One or two hops, each `table.column`.
    pub hops: Vec<Located<Hop>>,
    /// `rounds: 1-7`: rows walk along everything that the first hop's row can reach, in order, this many times and then
    /// part of the way; `rounds: 1`: exactly once. This decides how many rows each row of the first hop's table gets, and with it
    /// the column that both share. `None`: each row picks one of the reachable rows by itself.
    pub rounds: Option<RangeInclusive<u64>>,
}

/// `table.column`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    pub table: String,
    pub column: String,
}
